"""The policy tables against the documents themselves, where those are at hand."""

import os
import re
from pathlib import Path

import pytest

from lints import policies, table_rows

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("TANHUI_SHARED", ROOT.parent / "shared"))
TABLES = sorted(path for path in (ROOT / policies.POLICIES).glob("[0-9]*.md"))
NUMERAL = "[一二三四五六七八九十]+"
CHAPTER = re.compile(rf"({NUMERAL})、")
SECTION = re.compile(rf"[（(]({NUMERAL})[）)]")
ITEM = re.compile(r"(\d+)\.")
ARTICLE = re.compile(rf"第({NUMERAL})[條条]")


def clauses(text):
    """The smallest numbered clauses of a document, as it numbers them: 四（二）, 三（一）4, 第七条."""
    chapter = section = ""
    found = []
    for line in map(str.strip, text.splitlines()):
        if article := ARTICLE.match(line):
            found.append(f"第{article[1]}条")
        elif opened := CHAPTER.match(line):
            chapter, section = opened[1], ""
            found.append(chapter)
        elif chapter and (opened := SECTION.match(line)):
            section = f"{chapter}（{opened[1]}）"
            found.append(section)
        elif section and (opened := ITEM.match(line)):
            found.append(f"{section}{opened[1]}")
    return [one for one in found if not any(other != one and smaller(other, one) for other in found)]


def smaller(clause, than):
    """``四（二）b`` lies in ``四（二）``; ``三（一）14`` does not lie in ``三（一）1``."""
    return clause.startswith(than) and not re.match(r"\d\d", clause[len(than) - 1 :])


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
class TestEveryClause:
    @pytest.fixture
    def document(self, table):
        found = list((SHARED / "policies").glob(f"{table.name[0]}-*.txt"))
        if not found:
            pytest.skip("the policy documents are not beside the checkout")
        return clauses(found[0].read_text(encoding="utf-8"))

    @pytest.fixture
    def answered(self, table):
        return [cells[0] for _number, cells in table_rows(table.read_text(encoding="utf-8"))]

    def test_of_the_document_is_in_the_table(self, document, answered):
        assert [one for one in document if not any(smaller(row, one) for row in answered)] == []

    def test_of_the_table_is_in_the_document(self, document, answered):
        assert [row for row in answered if not any(smaller(row, one) for one in document)] == []


class TestClauses:
    def test_are_the_smallest_numbered_ones_in_their_own_numbering(self):
        text = "一、A\n二、B\n（一）C\n1. D\n2.E\n(二) F（一）\n第三条 G\n"

        assert clauses(text) == ["一", "二（一）1", "二（一）2", "二（二）", "第三条"]

    def test_are_not_taken_for_their_neighbours(self):
        assert smaller("二（一）1a", "二（一）1")
        assert not smaller("二（一）14", "二（一）1")

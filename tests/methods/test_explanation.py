import io
import json

import pypdf
import pytest
from tests.methods import test_tools

from tanhui.library import papers
from tanhui.methods import demonstration
from tanhui.methods.engine import blocks, chapters, explanation

HOSTILE = '#import "/x": * | <script> [a](b) $x$ *y* \\ `z` @ref //'


@pytest.fixture(scope="module")
def bundle():
    return demonstration.forest_run(None).bundle()


@pytest.fixture(scope="module")
def printed(bundle):
    return papers.run(bundle)


def altered(bundle, **project):
    """The bundle as if its project file had said something else."""
    content = json.loads(bundle)
    content["inputs"]["project"] |= project
    return json.dumps(content).encode()


def text(pdf):
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


class TestThePaper:
    def test_of_a_tool_speaks_of_no_carbon(self):
        run = test_tools.designed()

        told = explanation.paper(run.bundle())

        assert told["figure"] == blocks.shown(run.amount)
        assert told["unit"] == run.unit
        assert "不能用于签发" in told["amount"]
        assert "吨" not in told["amount"]

    def test_is_the_same_bytes_every_time(self, bundle, printed):
        assert papers.run(bundle) == printed

    def test_has_the_number_the_demonstration_and_every_equation(self, bundle, printed):
        said = text(printed)
        content = json.loads(bundle)

        assert f"{content['result']['tonnes']:,}" in said
        assert "不具法律效力" in said
        assert all(explanation.shown(step["values"][0])[:6] in said for step in content["trace"][-5:])
        assert content["inputs_sha256"] in said.replace("\n", "").replace(" ", "")

    def test_prints_markup_in_names_literally(self, bundle):
        said = text(papers.run(altered(bundle, title_zh=HOSTILE)))

        assert '#import"/x":*' in said.replace(" ", "").replace("\n", "")
        assert "<script>" in said

    def test_refuses_a_name_that_cannot_be_printed(self, bundle):
        with pytest.raises(Exception, match="cannot print") as caught:
            papers.run(altered(bundle, title_zh="林\u0007场"))

        assert caught.value.code == "ui.glyph_missing"

    def test_speaks_english_too(self, bundle):
        assert "Chain of equations" in text(papers.run(bundle, code="en"))


class TestTheMarkdown:
    def test_gives_a_name_no_cell_and_no_tag(self, bundle):
        title = explanation.explain(altered(bundle, title_en=HOSTILE + "\n## x"), "en").splitlines()[0]

        assert "\\|" in title
        assert "\\<script>" in title
        assert title.endswith("// ## x")

    def test_is_the_same_for_the_same_bundle(self, bundle):
        assert explanation.explain(bundle, "en") == explanation.explain(bundle, "en")

    def test_warns_of_weak_evidence_outside_a_demonstration(self, bundle):
        content = json.loads(bundle) | {"purpose": "project"}

        assert "rest on evidence D only" in explanation.explain(json.dumps(content).encode(), "en")


class TestSymbols:
    @pytest.mark.parametrize(
        ("symbol", "runs"),
        [
            ("ΔC_TREE", [("ΔC", False), ("TREE", True)]),
            ("u_1, u_2", [("u", False), ("1", True), (", u", False), ("2", True)]),
            ("C_{TREE,i}", [("C", False), ("TREE,i", True)]),
            ("C_TREE,i,t", [("C", False), ("TREE,i,t", True)]),
            ("BEF", [("BEF", False)]),
        ],
    )
    def test_have_their_indices_below_the_line(self, symbol, runs):
        assert blocks.pieces(symbol) == runs

    @pytest.mark.parametrize(
        ("recorded", "read"),
        [("8104.80401406", "8,104.804"), ("0.0423177941231", "0.042317794"), ("-12345678901.5", "-12,345,678,902"),
         ("0", "0"), ("阔叶混", "阔叶混"), ("1200", "1,200")],
    )  # fmt: skip
    def test_have_values_a_reader_can_take_in(self, recorded, read):
        assert blocks.shown(recorded) == read


class TestNotes:
    def test_of_a_package_bring_their_own_words(self):
        assert chapters.note({"note": "x", "text_zh": "注", "text_en": "note"}, "zh-hans") == "注"

    def test_unknown_are_told_as_they_are(self):
        assert chapters.note({"note": "odd", "plots": ["1", "2"]}, "en") == "odd: plots 1, 2"

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import tanhui.tlog
from tanhui.kernel.refusal import Refusal
from tanhui.tlog import words

ROOM = Path(tanhui.tlog.__file__).parent
PLACES = re.compile(r"%\((\w+)\)s")
MODULES = [importlib.import_module(f"tanhui.tlog.{one.name}") for one in pkgutil.iter_modules([str(ROOM)])]
REFUSALS = {
    one
    for module in MODULES
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, Refusal) and one is not Refusal
}


def sentences():
    """Every sentence marked for translation in this room."""
    for module in MODULES:
        for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "gettext_noop":
                argument = node.args[0]
                for one in [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]:
                    yield one.value


class TestCatalogue:
    def test_has_every_sentence_in_chinese_with_the_same_facts(self, chinese):
        translated = {entry.msgid: entry.msgstr for entry in chinese}

        for sentence in sentences():
            assert translated.get(sentence), sentence
            assert set(PLACES.findall(translated[sentence])) == set(PLACES.findall(sentence)), sentence

    def test_has_nothing_else(self, chinese):
        assert {entry.msgid for entry in chinese} == set(sentences())


class TestRefusals:
    def test_each_have_a_code_of_their_own(self):
        assert len({one.code for one in REFUSALS}) == len(REFUSALS)

    @pytest.mark.parametrize("refusal", sorted(REFUSALS, key=lambda one: one.code), ids=lambda one: one.code)
    def test_speak_both_languages(self, refusal, chinese):
        made = refusal(**dict.fromkeys(PLACES.findall(refusal.sentence), 7))

        assert made.code.startswith("tlog.")
        assert made.say("zh-hans") != made.say("en")


class TestWords:
    @pytest.mark.parametrize(("value", "said"), [
        ("2026-06-05T04:04:31.000000Z", "2026-06-05 12:04:31 UTC+8"), ("soon", "soon"), (None, "–"), (7, "7"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ])  # fmt: skip
    def test_tell_a_moment_as_beijing_time(self, value, said):
        assert words.moment(value) == said

    @pytest.mark.parametrize(("key", "value", "rows"), [
        ("quantity_t", 1200, [("quantity_t", "1,200")]),
        ("serials", [[1, 1200], [1300, 1400]], [("serials", "1–1200; 1300–1400")]),
        ("parties", {"source": "A", "witness": "B"}, [("source", "A"), ("parties.witness", "B")]),
        ("statement", "", []), ("reason", None, []), ("done", True, [("done", "yes")]),
        ("purpose", "EVENT", [("purpose", "Event neutrality")]),
        ("lots", [{"batch": "B1", "quantity_t": 1000}], [("lots", "batch: B1, quantity_t: 1,000")]),
    ])  # fmt: skip
    def test_tell_a_value_in_rows(self, key, value, rows):
        assert list(words.flat(key, value, "en")) == rows

    def test_count_a_chinese_character_as_two_columns(self):
        assert (words.width("数量（tCO₂e）"), words.width("A–1")) == (13, 3)

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tanhui.tlog
from tanhui.kernel.refusal import Refusal
from tanhui.tlog import bundle, note, words

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["2026-06-05", "EVENT"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("purpose"), inner, max_size=3),
)
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
        ("serials", [[1, 1200], [1300, 1400]], [("serials", "1–1200"), ("serials", "1300–1400")]),
        ("period", ["2019-01-01", "2023-12-31"], [("period", "2019-01-01–2023-12-31")]),
        ("serials", ["CCER-1-R", "CCER-2-S"], [("serials", "CCER-1-R"), ("serials", "CCER-2-S")]),
        ("parties", {"source": "A", "witness": "B"}, [("source", "A"), ("parties.witness", "B")]),
        ("statement", "", []), ("reason", None, []), ("done", True, [("done", "yes")]),
        ("purpose", "EVENT", [("purpose", "Event neutrality")]),
        ("lots", [{"batch": "B1", "quantity_t": 1000}], [("lots", "Batch B1, Quantity (tCO₂e) 1,000")]),
    ])  # fmt: skip
    def test_tell_a_value_in_rows(self, key, value, rows):
        assert list(words.flat(key, value, "en")) == rows

    @given(st.dictionaries(st.text(), JSON), st.none() | st.dictionaries(st.text(), JSON), JSON)
    def test_can_tell_any_fact(self, fact, opening, at):
        key = note.Verifier("registry.example/log", bytes(32))
        verdict = bundle.Verdict({"kind": "x", "at": at, "fact": fact}, 0, 1, bytes(32), key.name, key, False, opening)

        for code in ("en", "zh-hans"):
            assert all(line.isprintable() for line in words.of_certificate(verdict, sealed=False, code=code))

    def test_count_a_chinese_character_as_two_columns(self):
        assert (words.width("数量（tCO₂e）"), words.width("A–1")) == (13, 3)

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

RETIRED = {
    "batches": [
        {
            "batch": "TH-15-001", "inputs_sha256": "aaaa", "trace_sha256": "bbbb", "quantity_t": 1000,
            "serials": [[1, 900], [1001, 1100]], "period": ["2021-12-01", "2026-10-31"],
            "methodology": {"version": "V01", "code": "AR-CM-001-V01"},
            "project": {
                "region": "A county", "type": "Afforestation", "owner": "A farm", "number": "000001",
                "name": "A forest",
            },
        },
        {"checked": {"by": "somebody"}, "serials": [[2001, 2200]], "batch": "TH-15-002", "quantity_t": 200},
    ],
    "beneficiary": {"code": "", "kind": "EVENT", "name": "A race"}, "certificate": "EV202600000001V",
    "purpose": "EVENT", "quantity_t": 1200, "statement": "",
}  # fmt: skip


def verdict(fact, *, kind="registry.retired", at="2026-06-05T04:04:31.000000Z", opening=None):
    key = note.Verifier("registry.example/log", bytes(32))
    return bundle.Verdict({"kind": kind, "at": at, "fact": fact}, 0, 1, bytes(32), key.name, key, False, opening)


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
        ("serials", [[1, 1200], [1300, 1400]], [
            ("serials", "0000000001–0000001200"), ("serials", "0000001300–0000001400"),
        ]),
        ("period", ["2019-01-01", "2023-12-31"], [("period", "2019-01-01–2023-12-31")]),
        ("serials", ["CCER-1-R", "CCER-2-S"], [("serials", "CCER-1-R"), ("serials", "CCER-2-S")]),
        ("parties", {"source": "A", "witness": "B"}, [("source", "A"), ("parties.witness", "B")]),
        ("crediting", ["2019-01-01", None], [("crediting", "2019-01-01")]),
        ("beneficiary", {"kind": "EVENT", "name": "A race", "code": ""}, [
            ("beneficiary.kind", "Event"), ("beneficiary.name", "A race")
        ]),
        ("statement", "", []), ("reason", None, []), ("done", True, [("done", "yes")]),
        ("demonstration", True, [("demonstration", "Yes: not a real credit, without legal effect")]),
        ("purpose", "EVENT", [("purpose", "Event neutrality")]),
        ("lots", [{"batch": "B1", "quantity_t": 1000}], [("lots", "Batch B1, Quantity (tCO₂e) 1,000")]),
    ])  # fmt: skip
    def test_tell_a_value_in_rows(self, key, value, rows):
        assert list(words.flat(key, value, "en")) == rows

    def test_tell_each_batch_on_lines_of_its_own(self):
        said = "\n".join(words.of_certificate(verdict(RETIRED), sealed=True, code="en"))

        assert said.startswith("""\
In order: the certificate is byte for byte as it was sealed, and its fact is in the log.

  Fact                 Retirement
  Time                 2026-06-05 12:04:31 UTC+8
  Certificate number   EV202600000001V
  On behalf of         A race
  Kind of beneficiary  Event
  Purpose              Event neutrality
  Quantity (tCO₂e)     1,200

  Batch 1/2 TH-15-001
    Project number       000001
    Project name         A forest
    Project type         Afforestation
    Owner                A farm
    Region               A county
    Methodology          AR-CM-001-V01
    Methodology version  V01
    Monitoring period    2021-12-01–2026-10-31
    Quantity (tCO₂e)     1,000
    Serials              0000000001–0000000900
    Serials              0000001001–0000001100
    Hash of the inputs   aaaa
    Hash of the trace    bbbb

  Batch 2/2 TH-15-002
    Quantity (tCO₂e)  200
    Serials           0000002001–0000002200
    checked.by        somebody

  Log""")

    def test_number_no_batch_that_is_alone(self):
        (_, alone) = words.facts(verdict(RETIRED | {"batches": RETIRED["batches"][1:]}), "en")

        assert alone.heading == "Batch TH-15-002"

    def test_show_no_key_or_code_of_a_retirement_in_chinese(self, chinese):
        known = RETIRED | {"batches": RETIRED["batches"][:1]}
        said = [line.strip() for line in words.of_certificate(verdict(known), sealed=True, code="zh-hans")]
        labels = {line.split("  ")[0] for line in said[1:] if "  " in line}

        assert not [label for label in labels if label.isascii()]
        assert not [line for line in said if "EVENT" in line]
        assert sum(line.startswith("受益人类型") for line in said) == 1

    @given(st.dictionaries(st.text(), JSON), st.none() | st.dictionaries(st.text(), JSON), JSON)
    def test_can_tell_any_fact(self, fact, opening, at):
        for code in ("en", "zh-hans"):
            made = verdict(fact, kind="x", at=at, opening=opening)
            assert all(line.isprintable() for line in words.of_certificate(made, sealed=False, code=code))

    def test_count_a_chinese_character_as_two_columns(self):
        assert (words.width("数量（tCO₂e）"), words.width("A–1")) == (13, 3)

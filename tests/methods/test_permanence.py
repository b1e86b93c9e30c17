"""What non-permanence takes stands in the result of a run, and wherever the run is told."""

import json

import pytest
from tests.methods import agri, land

from tanhui.kernel import canonical
from tanhui.methods import demonstration, engine
from tanhui.methods.engine import chapters, explanation, record, shelf
from tanhui.methods.engine.checking import check

BUFFER = {"kind": "buffer", "quantity": "buffer"}
DEDUCTION = {"kind": "deduction", "before": "change_certain", "after": "removal"}


def line(quantity, value, over="project"):
    return {"quantity": quantity, "over": over, "values": [value]}


@pytest.fixture(scope="module")
def tidal():
    return land.tidal().run()


@pytest.fixture(scope="module")
def forest():
    return demonstration.forest_run()


class TestTheBuffer:
    @pytest.mark.parametrize(
        ("own", "buffer", "kg", "tonnes"),
        [
            ("10.9", "1.05", 1050, 1),  # the sum is 11.95: never 10 and 2
            ("10.5", "1.5", 1500, 2),
            ("0.4", "0.3", 300, 0),
            ("-5", "2", 2000, 0),  # a loss issues nothing
            ("-1", "3", 3000, 2),
            ("7", "0", 0, 0),
            ("0.0006", "0.0006", 1, 0),
        ],
    )
    def test_and_the_project_together_get_no_more_than_there_is(self, own, buffer, kg, tonnes):
        taken = record.permanence(BUFFER, [line("buffer", buffer), line("removal", own)])

        assert taken == {"buffer_kg": kg, "buffer_tonnes": tonnes}

    def test_of_a_tidal_wetland_is_recorded(self, tidal):
        result = tidal.content["result"]
        whole = float(tidal.quantity("removal")[0]) + float(tidal.quantity("buffer")[0])

        assert tidal.buffer_tonnes == result["buffer_tonnes"] == int(whole) - tidal.tonnes > 0
        assert result["buffer_kg"] == int(whole * 1000) - tidal.verified_kg
        assert tidal.deduction_kg == 0

    @pytest.mark.parametrize(("code", "said"), [("zh-hans", "汇总缓冲账户"), ("en", "go into the pooled buffer")])
    def test_is_told_in_words_and_on_paper(self, tidal, code, said):
        bundle, tonnes = tidal.bundle(), f"{tidal.buffer_tonnes:,}"
        result = explanation.explain(bundle, code).split("## ")[1]

        assert said in result
        assert tonnes in result
        assert said in explanation.paper(bundle, code)["amount"]

    @pytest.mark.parametrize(("code", "said"), [("zh-hans", "缓冲量（存入"), ("en", "Buffer: issued into")])
    def test_is_named_among_the_rules(self, code, said):
        rules = chapters.rules(shelf.load("vm0033/v2_1"), code)

        assert any(said in text for _, text in rules)


class TestTheDeduction:
    def test_of_a_forest_is_recorded(self, forest):
        before, after = (forest.quantity(name)[0] for name in ("change_certain", "removal"))

        assert forest.deduction_kg == int(float(before) * 1000) - int(float(after) * 1000) > 0
        assert forest.buffer_tonnes == 0

    def test_takes_nothing_from_a_loss(self):
        assert record.permanence(DEDUCTION, [line("change_certain", "-8"), line("removal", "-8")]) == {
            "deduction_kg": 0
        }

    def test_is_told_in_words(self, forest):
        assert f"扣减 {forest.deduction_kg:,} 千克" in explanation.explain(forest.bundle())

    def test_of_tillage_is_that_of_its_soil(self):
        done = agri.tillage().run()
        before, after = (float(done.quantity(name)[0]) for name in ("soil_kept", "soil_certain"))

        assert done.deduction_kg == pytest.approx((before - after) * 1000, abs=2)


class TestNothing:
    @pytest.mark.parametrize("about", [{"kind": "none"}, BUFFER, DEDUCTION, {"kind": "buffer"}])
    def test_is_recorded_of_what_the_chain_lacks(self, about):
        assert record.permanence(about, [line("removal", "5")]) == {}

    def test_is_recorded_of_what_weighs_nothing(self):
        assert record.permanence(BUFFER, [line("buffer", "5"), line("plots", "5")], "plots") == {}


class TestThePackage:
    @pytest.mark.parametrize(
        "about",
        [{"kind": "buffer"}, {"kind": "buffer", "quantity": "soil_change"}, {"kind": "deduction", "before": "x"}],
    )
    def test_names_formulas_of_the_whole_project(self, about, monkeypatch):
        package = shelf.load("soc_measured/v01")
        monkeypatch.setitem(package.metadata, "permanence", about)

        assert any("names no formula of the whole project" in one for one in check("soc_measured/v01").problems)


class TestABundleOfTheFirstFormat:
    def test_is_computed_again(self, tidal):
        content = record.as_format(json.loads(tidal.bundle()), record.FIRST)

        assert content["format"] == "tanhui.run/1"
        assert set(content["result"]) == {"kg", "tonnes", "residual_kg"}
        assert engine.rerun(canonical.dumps(content)) is None

    def test_is_explained(self, tidal):
        content = record.as_format(json.loads(tidal.bundle()), record.FIRST)

        assert "汇总缓冲账户" not in explanation.explain(canonical.dumps(content)).split("## ")[1]

    def test_may_not_borrow_from_the_second(self, tidal):
        content = json.loads(tidal.bundle()) | {"format": record.FIRST}

        assert engine.rerun(canonical.dumps(content)) is not None

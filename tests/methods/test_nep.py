import pytest

from tanhui.methods import engine
from tanhui.methods.engine import cases, shelf, tables
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.predicate import NotApplicable
from tanhui.methods.engine.shelf import NeverIssues

NEP = "nep_stock_sink/v01"
ZONES = """zone,ecosystem,area,npp,rh_1,rh_2
330604-1,forest,60000,700,363,506
330604-2,cropland,45000,620,350,430
330604-3,water,8000,0,0,0
"""
FACTS = {
    "first_model": "裴志永 2009, monthly",
    "second_model": "Raich-Potter 2002 and Bond-Lamberty 2004",
    "monthly_input": True,
    "undisturbed": True,
}


def run(zones=ZONES, *, purpose="demonstration", **changes):
    project = {
        "region": "330604",
        "period": {"start": "2025-01-01", "end": "2025-12-31"},
        "units": {"area": "ha", "npp": "gC/(m2·a)", "rh_1": "gC/(m2·a)", "rh_2": "gC/(m2·a)"},
        "facts": dict(FACTS),
    } | changes
    inputs = {"zones": tables.parse(zones.encode(), file="zones.csv")}
    return engine.run(NEP, project=project, inputs=inputs, purpose=purpose)


class TestStockSink:
    @pytest.mark.parametrize("case", shelf.load(NEP).cases(), ids=lambda one: one["name"])
    def test_comes_out_as_its_cases_say(self, case):
        assert [one for one in cases.play(shelf.load(NEP), case) if not one.holds] == []

    def test_can_never_feed_an_issuance(self):
        assert not shelf.load(NEP).may_issue
        with pytest.raises(NeverIssues, match="statistical"):
            run(purpose="issuance")

    def test_is_published_with_its_spread_and_lower_bound(self):
        done = run()
        low, middle, half = (float(done.quantity(one)[0]) for one in ("lower_bound", "stock_sink", "half_spread"))

        assert done.quantity("nep_1") == ["337", "270", "0"]
        assert low == pytest.approx(middle - half)
        assert half > 0

    def test_reproduces_byte_for_byte(self):
        assert engine.rerun(run().bundle()) is None

    def test_counts_nothing_on_water(self):
        assert run(ZONES.replace("8000,0,0,0", "8000,300,100,100")).verified_kg == run().verified_kg

    def test_knows_seven_types_of_ecosystem(self):
        assert len(shelf.load(NEP).parameters["method_applies"].rows) == 7
        with pytest.raises(FaultyInput, match="unknown_code"):
            run(ZONES.replace("cropland", "glacier"))

    def test_refuses_mu_for_hectares(self):
        with pytest.raises(FaultyInput, match="unit"):
            run(units={"area": "亩", "npp": "gC/(m2·a)", "rh_1": "gC/(m2·a)", "rh_2": "gC/(m2·a)"})

    @pytest.mark.parametrize(
        ("change", "answer"),
        [
            ({}, "pass"),
            ({"second_model": FACTS["first_model"]}, "fail"),
            ({"second_model": ""}, "needs_evidence"),
        ],
    )
    def test_wants_two_models(self, change, answer):
        answers = {one["predicate"]: one["answer"] for one in run(facts=FACTS | change).content["predicates"]}

        assert answers["two_models_are_named"] == answer

    def test_of_a_project_refuses_yearly_means(self):
        with pytest.raises(NotApplicable, match="input_is_monthly"):
            run(purpose="project", facts=FACTS | {"monthly_input": False})

import csv
import datetime as dt

import numpy as np
import pytest

from tanhui.methods import engine, scenarios
from tanhui.methods.engine import cases, evidence, shelf, tables
from tanhui.methods.engine.evidence import BelowEvidenceFloor
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.predicate import NotApplicable

from .conftest import SHARED

SCENARIOS = [
    "bus",
    "carpool",
    "clean_plate",
    "cycling",
    "ev_driving",
    "green_hotel",
    "household_electricity",
    "metro",
    "no_disposable_tableware",
    "online_errands",
    "recycling",
    "reusable_packaging",
    "tree_planting",
    "walking",
]
PACKAGES = [shelf.load(f"{code}/v01") for code in SCENARIOS]
CASES = [pytest.param(one, case, id=f"{one.code}:{case['name']}") for one in PACKAGES for case in one.cases()]
BEIJING, SHANGHAI, CHENGDU = "110000", "310000", "510100"
SUMMER = dt.date(2026, 6, 30)
STATED = {"consented": True, "provider_signed": True, "credited_once": True, "overlaps_removed": True}
TRIPS = """trip,person,day,distance,minutes
r1,u1,2026-06-01,3.2,16
r2,u1,2026-06-01,14.0,60
r3,u2,2026-06-01,5.0,20
r4,u2,2026-06-02,5.0,4
"""


def project(**changes):
    return {
        "title": "骑行样例",
        "region": BEIJING,
        "period": {"start": "2026-06-01", "end": "2026-06-30"},
        "units": {"distance": "km", "minutes": "min"},
        "facts": dict(STATED),
    } | changes


def run(text=TRIPS, *, package="cycling/v01", purpose="demonstration", **changes):
    inputs = {"events": tables.parse(text.encode(), file="trips.csv")}
    return engine.run(package, project=project(**changes), inputs=inputs, purpose=purpose)


class TestEveryScenario:
    @pytest.mark.parametrize(("package", "case"), CASES)
    def test_comes_out_as_its_cases_say(self, package, case):
        outcomes = cases.play(package, case)

        assert outcomes
        assert [one for one in outcomes if not one.holds] == []

    @pytest.mark.parametrize("package", PACKAGES, ids=lambda one: one.code)
    def test_is_data_alone(self, package):
        assert [path.name for path in package.folder.rglob("*.py")] == ["__init__.py"]
        assert (package.folder / "__init__.py").read_text() == ""
        assert package.family is not None

    @pytest.mark.parametrize("package", PACKAGES, ids=lambda one: one.code)
    def test_says_what_a_person_and_an_auditor_ask(self, package):
        about = package.metadata["scenario"]

        assert about["field_zh"] in {"衣", "食", "住", "行", "用", "其他"}
        assert about["method"] in {"mean_baseline", "substitution", "own_history", "avoided"}
        for name in ("baseline", "method", "exclusions", "evidence"):
            assert about[f"{name}_zh"]
            assert about[f"{name}_en"]
        assert about["unique"]
        assert package.metadata["double_count_key"]["activities"] == [package.code]
        assert {"yearly_cap"} < set(package.parameters)
        assert package.result_unit == "g"
        assert package.cases()

    @pytest.mark.parametrize("package", PACKAGES, ids=lambda one: one.code)
    def test_is_no_better_graded_than_its_weakest_factor(self, package):
        factors = [
            row.grade
            for name, one in package.parameters.items()
            if name.endswith("factor") or name == "grid_average"
            for row in one.rows
        ]

        assert package.metadata["evidence"] == evidence.worst(factors)

    def test_is_on_the_shelf(self):
        assert {f"{code}/v01" for code in SCENARIOS} <= set(scenarios.names())


class TestRun:
    def test_ends_in_whole_grams_of_each_trip(self):
        done = run()

        assert done.quantity("grams") == ["304", "1196", "476", "0"]  # capped at 1,500 g; 75 km/h is no bicycle
        assert done.content["result"]["g"] == 1976

    def test_reproduces_byte_for_byte(self):
        assert engine.rerun(run().bundle()) is None

    def test_gives_what_the_one_call_gives(self):
        columns = tables.parse(TRIPS.encode(), file="x").columns
        scenario = scenarios.read("cycling/v01", region=BEIJING, on=SUMMER)

        grams = scenario.grams(
            person=columns["person"],
            day=columns["day"],
            distance=np.array(columns["distance"], dtype=float),
            minutes=np.array(columns["minutes"], dtype=float),
        )

        assert [str(one) for one in grams] == run().quantity("grams")

    def test_names_every_fault_with_its_row(self):
        text = TRIPS + "r4,u3,2026-06-02,5.0,30\nr5,u3,2026-07-02,5.0,30\nr6,u3,2026-06-31,-1,x\n"

        with pytest.raises(FaultyInput) as refused:
            run(text)

        found = {(one.row, one.column, one.rule) for one in refused.value.faults}
        assert (6, "trip", "duplicated_row") in found  # the provider's number occurs once, whoever rode
        assert (7, "day", "outside_period") in found
        assert {(8, "day", "bad_date"), (8, "distance", "out_of_bounds"), (8, "minutes", "not_a_number")} <= found

    def test_refuses_kilometres_posing_as_metres_without_a_unit(self):
        with pytest.raises(FaultyInput, match="unit_not_declared"):
            run(units={"minutes": "min"})

    def test_refuses_a_petrol_car_as_baseline_of_one_person_by_its_unit(self):
        own = {"parameter": "baseline_factor", "key": "", "value": "0.19567", "unit": "kg/km"}

        with pytest.raises(FaultyInput, match="unit_not_accepted"):
            run(own=[own | {"evidence": "B", "source": "CPCD, gasoline car mid-size"}])

    def test_refuses_a_petrol_car_as_baseline_of_one_person_by_its_size(self):
        own = {"parameter": "baseline_factor", "key": "", "value": "0.19567", "unit": "kgCO2e/pkm"}

        with pytest.raises(FaultyInput, match="out_of_bounds"):
            run(own=[own | {"evidence": "B", "source": "CPCD, gasoline car mid-size"}])

    def test_has_no_factor_outside_its_region(self):
        with pytest.raises(FaultyInput, match="baseline_factor"):
            run(region=SHANGHAI)

    def test_refuses_transcriptions_for_a_project(self):
        with pytest.raises(BelowEvidenceFloor, match="baseline_factor"):
            run(purpose="project")

    @pytest.mark.parametrize("fact", ["consented", "provider_signed", "credited_once", "overlaps_removed"])
    def test_of_a_project_refuses_what_is_denied(self, fact):
        with pytest.raises(NotApplicable, match=r"fail"):
            run(purpose="project", facts=STATED | {fact: False})

    def test_answers_pass_fail_and_needs_evidence(self):
        facts = {"consented": True, "provider_signed": False}
        answers = {one["predicate"]: one["answer"] for one in run(facts=facts).content["predicates"]}

        assert answers["consented"] == "pass"
        assert answers["provider_signed"] == "fail"
        assert answers["credited_once"] == answers["one_mode_at_a_time"] == "needs_evidence"

    def test_of_households_leaves_out_the_third_tier_and_rooftop_power(self):
        asked = {one.name: one.ask for one in shelf.load("household_electricity/v01").predicates}

        assert asked["below_third_tier"]({"third_tier": False}) == "pass"
        assert asked["below_third_tier"]({"third_tier": True}) == "fail"
        assert asked["without_rooftop_pv"]({"rooftop_pv": True}) == "fail"
        assert asked["without_rooftop_pv"]({}) == "needs_evidence"


class TestScenario:
    def test_does_not_travel(self):
        with pytest.raises(scenarios.ScenarioElsewhere, match="510100"):
            scenarios.read("walking/v01", region=CHENGDU, on=SUMMER)

    def test_is_not_made_of_another_methodology(self):
        with pytest.raises(scenarios.NotAScenario, match="walking/v01"):
            scenarios.read("ar_cm_001/v01", region=BEIJING, on=SUMMER)

    def test_of_trees_is_shown_and_never_counted(self):
        assert not scenarios.read("tree_planting/v01", region=SHANGHAI, on=SUMMER).counts
        assert scenarios.read("metro/v01", region=BEIJING, on=SUMMER).counts

    def test_settles_a_day_in_two_parts_as_in_one(self):
        scenario = scenarios.read("walking/v01", region=BEIJING, on=SUMMER)
        day = ["2026-06-01"] * 2
        whole = scenario.grams(person=[1, 1], day=day, distance=[2.0, 2.0], minutes=[25.0, 25.0])
        first = scenario.grams(person=[1], day=day[:1], distance=[2.0], minutes=[25.0])
        second = scenario.grams(person=[1], day=day[:1], distance=[2.0], minutes=[25.0], earned_today=first)

        assert whole.tolist() == [208, 88]
        assert [*first.tolist(), *second.tolist()] == [208, 88]

    def test_does_not_mind_the_order_of_people(self):
        scenario = scenarios.read("recycling/v01", region=SHANGHAI, on=SUMMER)
        person, item = np.array([3, 1, 2, 1]), np.array(["pet", "paper", "pet", "pet"])
        day, amount = np.array(["2026-06-01"] * 4), np.array([1.0, 2.0, 3.0, 4.0])
        back = [3, 2, 1, 0]

        forward = scenario.grams(person=person, item=item, day=day, amount=amount)
        backward = scenario.grams(person=person[back], item=item[back], day=day[back], amount=amount[back])

        assert forward.tolist() == backward[back].tolist() == [320, 439, 962, 1283]

    def test_wants_every_column_whole(self):
        scenario = scenarios.read("walking/v01", region=BEIJING, on=SUMMER)

        with pytest.raises(ValueError, match="different lengths"):
            scenario.grams(person=[1, 2], day=["2026-06-01"], distance=[1.0, 1.0], minutes=[12.0, 12.0])
        with pytest.raises(engine.formula.IncompleteChain, match="minutes"):
            scenario.grams(person=[1], day=["2026-06-01"], distance=[1.0])

    def test_gives_nothing_to_what_was_not_measured(self):
        scenario = scenarios.read("walking/v01", region=BEIJING, on=SUMMER)
        day = ["2026-06-01"] * 3

        grams = scenario.grams(person=[1, 1, 2], day=day, distance=[np.nan, 1.0, 1.0], minutes=[12.0, 12.0, np.nan])

        assert grams.tolist() == [0, 104, 0]

    def test_has_nothing_for_what_has_no_factor(self):
        scenario = scenarios.read("recycling/v01", region=SHANGHAI, on=SUMMER)

        with pytest.raises(engine.parameter.NoSuchValue, match="textile"):
            scenario.grams(person=[1], item=["textile"], day=["2026-06-01"], amount=[1.0])


def day_of(text):
    """A day of the volunteers' month (12 April to 13 May 2016), whichever of day and month a spreadsheet put first."""
    first, second, year = map(int, text.split("-"))
    month = {dt.date(year, m, d) for d, m in ((first, second), (second, first)) if m <= 12}
    return next(one for one in month if dt.date(2016, 4, 12) <= one <= dt.date(2016, 5, 13))


class TestRealDays:
    """A month of 27 volunteers' bands: 754 person-days."""

    @pytest.fixture
    def days(self):
        path = SHARED / "data/personal/fitbit_dailyActivity_merged.csv"
        if not path.is_file():
            pytest.skip(f"the published days are not at {path}")
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        return {
            "person": np.array([int(row["Id"]) for row in rows]),
            "day": np.array([day_of(row["ActivityDate"]) for row in rows], "M8[D]"),
            "distance": np.array([float(row["TotalDistance"]) for row in rows]),
            "minutes": np.array(
                [
                    sum(float(row[f"{kind}Minutes"]) for kind in ("VeryActive", "FairlyActive", "LightlyActive"))
                    for row in rows
                ]
            ),
        }

    def test_of_walking_stay_under_the_cap_and_leave_out_what_is_no_walk(self, days):
        scenario = scenarios.read("walking/v01", region=BEIJING, on=SUMMER)
        grams = scenario.grams(**days)
        speed = np.divide(days["distance"] * 60, days["minutes"], out=np.zeros(len(grams)), where=days["minutes"] > 0)
        walked = (days["distance"] >= 0.2) & (days["distance"] <= 20) & (speed >= 1.5)

        assert len(grams) == 754
        assert grams.max() == 296
        assert not grams[~walked].any()
        assert (grams[walked] > 0).all()
        assert (grams == 296).sum() > len(grams) / 3  # most who walk at all reach the cap: it binds


class TestContradictions:
    def test_between_two_shanghai_sets_ship_neither(self):
        for code in ("walking", "cycling", "metro", "bus"):
            package = shelf.load(f"{code}/v01")
            values = {
                str(row.value) for name in ("baseline_factor", "mode_factor") for row in package.parameters[name].rows
            }
            regions = {
                row.region for name in ("baseline_factor", "mode_factor") for row in package.parameters[name].rows
            }

            assert values.isdisjoint({"0.106", "0.035", "0.054", "0.009", "0.130", "0.13", "0.033", "0.064"})
            assert regions == {"11", "12", "13"}

    def test_of_low_trust_transcriptions_ship_none(self):
        sources = [row.source for package in PACKAGES for one in package.parameters.values() for row in one.rows]

        assert not [one for one in sources if "low-trust" in one or "machine-written" in one]

    def test_of_the_method_show_in_its_label(self):
        mean, substitution = 0.5155, 0.5419  # kg per metro trip in Guangzhou, Huang et al. 2017

        assert substitution / mean == pytest.approx(1.051, abs=0.001)
        assert shelf.load("metro/v01").metadata["scenario"]["method"] == "mean_baseline"
        assert shelf.load("ev_driving/v01").metadata["scenario"]["method"] == "substitution"

    def test_of_a_car_per_vehicle_and_per_person_keep_their_units_apart(self):
        for package in PACKAGES:
            if package.metadata["family"].startswith("personal_trip"):
                unit = package.parameters["baseline_factor"].unit
                assert unit == ("kgCO2e/vkm" if package.code == "ev_driving" else "kgCO2e/pkm")

import datetime as dt
import tomllib

import pytest

from tanhui.methods import engine, guards
from tanhui.methods.engine import cases, shelf, tables
from tanhui.methods.engine.evidence import BelowEvidenceFloor
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.formula import Implausible
from tanhui.methods.engine.predicate import NotApplicable
from tanhui.methods.packages.distributed_pv_sh.v01.formulas import ReadingsOverlap

PV, CHARGING = "distributed_pv_sh/v01", "ev_charging/v01"
CASES = [
    pytest.param(shelf.load(name), case, id=f"{name}:{case['name']}")
    for name in (PV, CHARGING)
    for case in shelf.load(name).cases()
]
METERS = "meter,capacity\nm1,400\nm2,250\n"
READINGS = """reading,meter,first_day,last_day,generated,certified
a,m1,2024-01-01,2024-06-30,210000,0
b,m1,2024-07-01,2024-12-31,225000,15000
c,m2,2024-01-01,2024-12-31,270000,70000
"""
YES = {"in_shanghai": True, "meters_calibrated": True, "certificates_disclosed": True}


def read(**texts):
    return {name: tables.parse(text.encode(), file=f"{name}.csv") for name, text in texts.items()}


def pv(meters=METERS, readings=READINGS, *, purpose="demonstration", **changes):
    project = {
        "region": "310115",
        "period": {"start": "2024-01-01", "end": "2024-12-31"},
        "units": {"capacity": "kW", "generated": "kWh", "certified": "kWh"},
        "facts": dict(YES),
    } | changes
    return engine.run(PV, project=project, inputs=read(meters=meters, readings=readings), purpose=purpose)


def charging(grid="华北", **changes):
    piles = "meter,power\np1,120\np2,60\n"
    readings = """reading,meter,first_day,last_day,delivered,to_drivers,excluded
a,p1,2025-01-01,2025-12-31,90000,8000,2000
b,p2,2025-01-01,2025-12-31,30000,0,0
"""
    facts = {"grid": grid, "drivers_agreed": True, "meters_calibrated": True, "credited_once": True}
    project = {
        "region": "110105",
        "period": {"start": "2025-01-01", "end": "2025-12-31"},
        "units": {"power": "kW", "delivered": "kWh", "to_drivers": "kWh", "excluded": "kWh"},
        "facts": facts,
    } | changes
    return engine.run(CHARGING, project=project, inputs=read(meters=piles, readings=readings), purpose="demonstration")


class TestCases:
    @pytest.mark.parametrize(("package", "case"), CASES)
    def test_come_out(self, package, case):
        assert [one for one in cases.play(package, case) if not one.holds] == []

    def test_m6_is_worth_what_the_article_says(self):
        tonnes, price = 462.0, 66.57

        assert round(tonnes * price) == 30755
        assert tonnes * price / 1_100_000 == pytest.approx(0.02796, abs=5e-6)


class TestPhotovoltaics:
    def test_credits_what_no_certificate_covers(self):
        done = pv()

        assert done.quantity("electricity") == ["620"]
        assert done.verified_kg == 260_400
        assert done.tonnes == 260
        assert done.residual_kg == 400

    def test_reproduces_byte_for_byte(self):
        assert engine.rerun(pv().bundle()) is None

    def test_refuses_a_kilowatt_hour_read_twice(self):
        with pytest.raises(ReadingsOverlap, match="2024-06-30"):
            pv(readings=READINGS.replace("2024-07-01", "2024-06-30"))

    @pytest.mark.parametrize("unit", ["万kWh", "GJ"])
    def test_refuses_a_unit_it_does_not_know(self, unit):
        with pytest.raises(FaultyInput, match=r"unit_not_accepted"):
            pv(units={"capacity": "kW", "generated": unit, "certified": "kWh"})

    def test_refuses_megawatts_posing_as_kilowatts(self):
        with pytest.raises(Implausible, match="full_load_hours"):
            pv(meters="meter,capacity\nm1,0.4\nm2,0.25\n")

    def test_refuses_kilowatt_hours_posing_as_megawatt_hours(self):
        with pytest.raises(FaultyInput, match="out_of_bounds"):
            pv(units={"capacity": "kW", "generated": "MWh", "certified": "kWh"})

    def test_refuses_a_reading_of_no_meter(self):
        with pytest.raises(FaultyInput) as refused:
            pv(readings=READINGS.replace("c,m2", "c,m9"))

        assert [(one.rule, one.row, one.value) for one in refused.value.faults] == [("unknown_reference", 4, "m9")]

    def test_answers_pass_fail_and_needs_evidence(self):
        answers = {one["predicate"]: one["answer"] for one in pv(facts={"in_shanghai": False}).content["predicates"]}

        assert answers == {
            "is_small": "pass",
            "is_in_shanghai": "fail",
            "meters_are_calibrated": "needs_evidence",
            "certificates_are_disclosed": "needs_evidence",
        }

    def test_refuses_a_project_above_one_megawatt(self):
        with pytest.raises(NotApplicable, match="is_small"):
            pv(
                meters=METERS.replace("400", "900"),
                readings=READINGS.replace("210000", "500000"),
                purpose="project",
            )

    def test_refuses_a_factor_of_the_press_for_a_project(self):
        with pytest.raises(BelowEvidenceFloor, match="grid_local_accounting"):
            pv(purpose="project")

    def test_claims_each_meter_once_for_a_period(self):
        package = shelf.load(PV)
        claims = [
            guards.claims(package.metadata, run.content["axes"], run.content["inputs"]["project"])
            for run in (pv(), pv())
        ]

        assert {one.thing for one, _ in guards.overlap(*claims)} == {"m1", "m2"}

    def test_does_not_take_the_average_factor(self):
        own = {"parameter": "grid_local_accounting", "key": "", "value": "0.5737", "unit": "tCO2/MWh"}

        inflated = 0.5737 / 0.42

        assert inflated == pytest.approx(1.366, abs=5e-4)
        with pytest.raises(FaultyInput, match="not_own"):
            pv(own=[own | {"evidence": "A", "source": "公告 2025 年第 47 号"}])


class TestCharging:
    def test_leaves_to_drivers_what_drivers_claim(self):
        done = charging()

        assert done.quantity("electricity") == ["110000"]
        assert done.quantity("reduction") == ["26.2922"]
        assert done.tonnes == 26

    def test_reproduces_byte_for_byte(self):
        assert engine.rerun(charging().bundle()) is None

    def test_has_no_factor_for_a_grid_whose_baseline_is_not_known(self):
        with pytest.raises(FaultyInput) as refused:
            charging(grid="华东")

        assert [(one.rule, one.column, one.value) for one in refused.value.faults] == [
            ("no_parameter_value", "grid", "华东")
        ]

    def test_shares_its_key_with_the_drivers(self):
        claimed = shelf.load(CHARGING).metadata["double_count_key"]["activities"]

        assert set(shelf.load("ev_driving/v01").metadata["double_count_key"]["activities"]) < set(claimed)


class TestGridFactors:
    KINDS = {"grid_average", "grid_life_cycle", "grid_project_baseline", "grid_local_accounting"}

    def files(self, kind):
        return sorted(shelf.HOUSE.glob(f"*/*/parameters/{kind}.toml"))

    def values(self, path):
        content = tomllib.loads(path.read_text("utf-8"))
        return content["value"] if isinstance(content["value"], list) else [content]

    def test_of_each_kind_stand_in_files_of_their_own(self):
        units = {kind: tomllib.loads(self.files(kind)[0].read_text("utf-8"))["unit"] for kind in self.KINDS}

        assert units == {
            "grid_average": "kgCO2/kWh",
            "grid_life_cycle": "kgCO2e/kWh",
            "grid_project_baseline": "tCO2/MWh",
            "grid_local_accounting": "tCO2/MWh",
        }

    def test_are_not_mixed_within_a_package(self):
        used = {
            name: self.KINDS & set(shelf.load(name).parameters)
            for name in (PV, CHARGING, "household_electricity/v01", "event_footprint/v01", "personal_footprint/v01")
        }

        assert all(len(kinds) == 1 for kinds in used.values())

    def test_of_one_kind_are_the_same_in_every_package(self):
        assert len({path.read_bytes() for path in self.files("grid_average")}) == 1

    def test_of_2021_and_2022_are_not_swapped(self):
        national = {
            row["year"]: row["value"] for row in self.values(self.files("grid_average")[0]) if row["area"] == "全国"
        }

        assert national == {2021: 0.5568, 2022: 0.5366, 2023: 0.5306}

    def test_do_not_hold_the_obsolete_factor_of_the_compliance_market(self):
        values = {row["value"] for kind in self.KINDS for path in self.files(kind) for row in self.values(path)}

        assert 0.581 not in values

    def test_are_the_last_published_before_the_period_ends(self):
        average = shelf.load("household_electricity/v01").parameters["grid_average"]

        assert [
            float(average.row("上海", on=dt.date.fromisoformat(day)).value)
            for day in ("2024-06-30", "2024-12-22", "2024-12-23", "2025-12-30", "2025-12-31", "2026-12-31")
        ] == [0.5834, 0.5834, 0.5849, 0.5849, 0.5737, 0.5737]

    def test_hold_every_province_of_each_year(self):
        rows = self.values(self.files("grid_average")[0])
        areas = {year: sorted(row["area"] for row in rows if row["year"] == year) for year in (2021, 2022, 2023)}

        assert len(areas[2023]) == 38  # the nation, seven regions, thirty provinces
        assert areas[2021] == areas[2022] == areas[2023]
        assert {row["evidence"] for row in rows if row["year"] == 2023} == {"A"}
        assert {row["evidence"] for row in rows if row["year"] != 2023} == {"B"}

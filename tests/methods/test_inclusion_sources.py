"""What the shelf says of everyday factors beside the graded tables they were taken from."""

import csv
from decimal import Decimal

import pytest

from tanhui.methods.engine import evidence, shelf

from .conftest import SHARED

FOOTPRINTS = ("event_footprint/v01", "personal_footprint/v01")
OF_THE_TABLES = {
    "event_factors": {
        "hotel_factor",
        "spending_factor",
        "supply_factor",
        "freight_factor",
        "waste_factor",
        "gas_factor",
    },
    "transport_lowcarbon": {"mode_factor", "car_factor"},
    "heat_factors": {"heat_factor"},
    "fuel_ef": {
        "net_calorific",
        "carbon_content",
        "oxidised",
        "gas_net_calorific",
        "gas_carbon_content",
        "gas_oxidised",
    },
}


@pytest.fixture(scope="module")
def tables():
    folder = SHARED / "domain/params"
    if not (folder / "grid_factors.csv").is_file():
        pytest.skip(f"the graded tables are not at {folder}")

    def read(name):
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    return read


def number(text):
    try:
        return Decimal(text)
    except ArithmeticError:
        return None


class TestGridFactors:
    def test_are_those_of_the_table_to_the_last_digit_and_grade(self, tables):
        wanted = {
            (row["area"], Decimal(row["value"]), row["evidence"])
            for row in tables("grid_factors")
            if row["level"] in {"national", "region", "province"} and row["year"] in {"2021", "2022", "2023"}
        }
        shipped = shelf.load("household_electricity/v01").parameters["grid_average"].rows

        assert {(row.key, Decimal(row.value), row.grade) for row in shipped} == wanted

    def test_of_the_life_cycle_are_those_of_the_table(self, tables):
        wanted = {
            (row["type"], Decimal(row["value"]), row["evidence"])
            for row in tables("power_footprint")
            if row["kind"] != "输配电碳足迹因子"
        }
        shipped = shelf.load("personal_footprint/v01").parameters["grid_life_cycle"].rows

        assert {(row.key, Decimal(row.value), row.grade) for row in shipped} == wanted

    def test_of_projects_are_the_one_margin_that_was_found(self, tables):
        found = [row for row in tables("grid_factors") if row["unit"] == "tCO2/MWh"]
        shipped = shelf.load("ev_charging/v01").parameters["grid_project_baseline"].rows

        assert [(row.value, row.grade) for row in shipped] == [
            (Decimal(one["value"]), one["evidence"]) for one in found
        ]


class TestFactorsOfFootprints:
    @pytest.mark.parametrize("table", OF_THE_TABLES)
    def test_stand_in_their_table_and_are_graded_no_better(self, tables, table):
        known = {}
        for row in tables(table):
            if (value := number(row["value"])) is not None:
                known.setdefault(value, []).append(row["evidence"])
        seen = 0
        for package in map(shelf.load, FOOTPRINTS):
            for name in OF_THE_TABLES[table] & set(package.parameters):
                for row in package.parameters[name].rows:
                    grades = known[Decimal(row.value)]
                    assert evidence.GRADES.index(row.grade) >= min(map(evidence.GRADES.index, grades)), (name, row)
                    seen += 1

        assert seen


class TestFactorsOfTheAir:
    def test_are_all_recalled_as_in_the_table(self, tables):
        wanted = {Decimal(row["value"]): row["evidence"] for row in tables("cobenefits")}
        package = shelf.load("cobenefits/v01")
        shipped = [row for name, one in package.parameters.items() if name != "thermal_share" for row in one.rows]

        assert {Decimal(row.value): row.grade for row in shipped} == wanted


class TestFactorsOfScenarios:
    def test_are_graded_no_better_than_their_table(self, tables):
        known = {}
        for table in ("personal_scenarios", "transport_lowcarbon", "event_factors"):
            for row in tables(table):
                if (value := number(row["value"])) is not None:
                    known.setdefault(value, []).append(row["evidence"])
        for code in ("walking", "cycling", "metro", "bus", "ev_driving", "clean_plate", "online_errands"):
            for name in {"baseline_factor", "mode_factor"} & set((package := shelf.load(f"{code}/v01")).parameters):
                for row in package.parameters[name].rows:
                    assert row.grade in known[Decimal(row.value)], (code, name, row)

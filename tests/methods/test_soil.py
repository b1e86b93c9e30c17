"""Soil carbon: stock change between equilibria, three pools at steady state, and measured cores on equal mass."""

import csv
import itertools
import os

import numpy as np
import pytest

from tanhui.methods import engine
from tanhui.methods.engine import cases, shelf
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.predicate import NotApplicable
from tanhui.methods.engine.shelf import NeverIssues
from tanhui.science import soil

from . import land
from .conftest import SHARED

TIER1, TIER2, MEASURED = "soc_tier1/v2019", "soc_tier2/v2019", "soc_measured/v01"


@pytest.fixture
def tier1():
    return land.tier1()


@pytest.fixture
def tier2():
    return land.tier2()


@pytest.fixture
def measured():
    return land.measured()


def faults(handed):
    with pytest.raises(FaultyInput) as refused:
        handed.run()
    return {(one.rule, one.file, one.row, one.column, one.value) for one in refused.value.faults}


def own(key, value):
    """A reference stock of the project's own."""
    stated = {"parameter": "soc_reference", "key": key, "value": value, "unit": "tC/ha"}
    return stated | {"evidence": "P", "source": "长期定位试验"}


def found(run, quantity):
    return [float(value) for value in run.quantity(quantity)]


@pytest.mark.parametrize("name", [TIER1, TIER2, MEASURED])
class TestCases:
    def test_come_out_as_published(self, name):
        package = shelf.load(name)
        outcomes = [outcome for case in package.cases() for outcome in cases.play(package, case)]

        assert outcomes
        assert [one for one in outcomes if not one.holds] == []


@pytest.mark.parametrize("make", [land.tier1, land.tier2, land.measured])
class TestEverySoilRun:
    def test_is_computed_again_byte_for_byte(self, make):
        assert engine.rerun(make().run().bundle()) is None

    def test_does_not_depend_on_the_order_of_rows(self, make):
        handed = make()
        before = handed.run()
        for rows in handed.sheets.values():
            rows[1:] = rows[:0:-1]

        assert handed.run().trace_sha256 == before.trace_sha256

    def test_names_every_symbol_with_its_unit_and_equation(self, make):
        trace = make().run().content["trace"]

        assert [step["quantity"] for step in trace] == [one.name for one in shelf.load(make().package).formulas]
        assert all(step["unit"] and step["equation"] for step in trace)

    def test_meets_its_conditions_or_says_which_fails(self, make):
        handed = make()
        handed.run(purpose="project", floor="D")
        for one in shelf.load(handed.package).predicates:
            assert one.ask(handed.project["facts"]) == "pass"
            assert one.ask({}) == "needs_evidence"
            wrong = {
                name: "2006" if name == "edition" else not value for name, value in handed.project["facts"].items()
            }
            assert one.ask(wrong) == "fail"


class TestStockChange:
    def test_never_issues(self, tier1):
        with pytest.raises(NeverIssues):
            tier1.run(purpose="issuance", floor="D")

    def test_moves_between_equilibria_and_adds_up_over_area(self, tier1):
        run = tier1.run()

        assert found(run, "stock") == pytest.approx([10.01, 10.01, 11.05, 31.4545, 33.460966, 35.467432])
        assert found(run, "removal")[0] == pytest.approx((1.04 * 400 + 4.012932 * 1000) * 44 / 12)

    def test_takes_the_projects_own_reference_stock(self, tier1):
        tier1.project["own"] = [own("high activity clay|cool temperate dry", "46.2")]

        assert found(tier1.run(), "equilibrium")[3] == pytest.approx(46.2 * 0.77 * 0.95)

    @pytest.mark.parametrize("edition", ["2006", "2013"])
    def test_refuses_reference_stocks_of_another_edition(self, tier1, edition):
        tier1.project["facts"]["edition"] = edition

        assert ("mixed_editions", "project", 0, "facts.edition", edition) in faults(tier1)

    def test_recognises_a_value_of_the_2006_edition_that_nobody_declared(self, tier1):
        """Contradiction 6: a public package ships the 2006 reference stocks beside the 2019 factors."""
        tier1.project["own"] = [own("high activity clay|cool temperate dry", "50.0")]

        assert ("mixed_editions", "project", 0, "own.1", "50.0") in faults(tier1)

    def test_keeps_the_editions_apart(self):
        parameters = shelf.load(TIER1).parameters
        now, before = parameters["soc_reference"], parameters["soc_reference_2006"]

        assert (now.row("high activity clay|cool temperate dry").value, before.row("sandy|boreal dry").value) == (
            43,
            10,
        )
        assert before.row("high activity clay|cool temperate dry").value == 50
        assert "soc_reference_2006" not in {name for one in shelf.load(TIER1).formulas for name in one.arguments}

    def test_marks_the_value_on_which_public_copies_disagree(self):
        row = shelf.load(TIER1).parameters["land_use_factor"].row("perennial crop|tropical moist")

        assert (float(row.value), row.grade) == (1.1, "C")

    @pytest.mark.parametrize(
        ("table", "column", "value", "rule"),
        [
            ("units", "climate_zone", "温带", "unknown_value"),
            ("units", "climate_zone", "cool temperate", "unknown_value"),
            ("units", "area", "-3", "out_of_bounds"),
            ("inventory", "year", "205", "not_a_year"),
            ("inventory", "unit", "林西", "unknown_reference"),
            ("inventory", "management", "ploughing", "unknown_value"),
        ],
    )
    def test_is_refused_by_row_column_and_value(self, tier1, table, column, value, rule):
        tier1.set(table, column, value)

        assert (rule, f"{table}.csv", 2, column, value) in faults(tier1)

    def test_is_refused_where_a_unit_lacks_a_year(self, tier1):
        del tier1.sheets["inventory"][2]

        assert faults(tier1) == {("missing_year", "units.csv", 2, "unit", "敖汉")}

    def test_is_refused_with_a_single_year(self, tier1):
        tier1.sheets["inventory"][1:] = [row for row in tier1.sheets["inventory"][1:] if row[1] == "2005"]

        assert "one_year" in {one[0] for one in faults(tier1)}

    def test_is_refused_for_a_soil_that_the_table_does_not_know_in_that_climate(self, tier1):
        tier1.set("units", "soil", "spodic")

        assert "no_parameter_value" in {one[0] for one in faults(tier1)}

    def test_is_refused_in_mu(self, tier1):
        tier1.project["units"]["area"] = "mu"

        assert ("unit_confused", "units.csv", 0, "area", "mu") in faults(tier1)


class TestThreePools:
    def test_rise_towards_the_new_steady_state(self, tier2):
        run = tier2.run()
        steady, after = found(run, "steady"), found(run, "stock_after")

        assert steady[0] < after[0] < steady[2]
        assert steady[1] < after[1] < steady[3]

    def test_stay_where_nothing_changes(self, tier2):
        for row in (1, 2):
            tier2.set("units", "tillage_after", "full", row=row)
            tier2.set("units", "carbon_after", tier2.sheets["units"][row][4], row=row)

        assert found(tier2.run(), "removal")[0] == pytest.approx(0, abs=1e-6)

    def test_hold_the_metabolic_share_at_zero_and_say_so(self, tier2):
        tier2.set("units", "lignin", "0.45")
        run = tier2.run()

        (note,) = run.notes
        assert (note["note"], note["practices"]) == ("metabolic_share_held_at_zero", ["一队/before", "一队/after"])
        assert all(value > 0 for value in found(run, "entering"))

    def test_take_the_default_litter(self, tier2):
        before = tier2.run().verified_kg
        for row in (1, 2):
            tier2.set("units", "lignin", "", row=row)
            tier2.set("units", "nitrogen", "", row=row)

        assert tier2.run().verified_kg == before

    @pytest.mark.parametrize(
        ("table", "column", "value", "rule"),
        [
            ("climate", "month", "13", "not_a_month"),
            ("climate", "temperature", "285", "out_of_bounds"),
            ("climate", "precipitation", "-1", "out_of_bounds"),
            ("climate", "irrigated", "maybe", "not_a_flag"),
            ("units", "site", "通辽", "unknown_site"),
            ("units", "sand", "45", "out_of_bounds"),
            ("units", "tillage_after", "some", "unknown_code"),
            ("units", "carbon_after", "260", "out_of_bounds"),
        ],
    )
    def test_are_refused_by_row_column_and_value(self, tier2, table, column, value, rule):
        tier2.set(table, column, value)

        assert (rule, f"{table}.csv", 2, column, value) in faults(tier2)

    def test_are_refused_with_eleven_months(self, tier2):
        del tier2.sheets["climate"][5]
        with pytest.raises(FaultyInput) as refused:
            tier2.run()

        assert "11" in refused.value.faults[0].say("zh-hans")
        assert refused.value.faults[0].rule == "not_twelve_months"

    def test_are_refused_in_kelvin(self, tier2):
        tier2.project["units"]["temperature"] = "K"

        assert ("unit_not_accepted", "climate.csv", 0, "temperature", "K") in faults(tier2)


class TestMeasured:
    def test_compares_on_the_mass_of_the_first_survey(self, measured):
        run = measured.run()
        change, by_depth = found(run, "change"), found(run, "depth_change")

        assert found(run, "reference_mass") == pytest.approx([1.30 * 30 * 0.95 * 100] * 4)
        assert all(one < other for one, other in zip(change, by_depth, strict=True))  # denser soil would look richer
        assert "change_at_equal_depth" in [note["note"] for note in run.notes]

    def test_sees_no_gain_in_soil_that_was_only_compacted(self, measured):
        """30 cm at 1.30 pressed into 25 cm at 1.56, and 5 cm more cored from below."""
        measured.sheets["layers_after"] = [measured.sheets["layers_after"][0]]
        for core, (upper, lower) in enumerate(land._BEFORE, 1):
            shrink = 1.30 / 1.56
            measured.sheets["layers_after"] += [
                [str(core), "1", "0", repr(10 * shrink), str(upper), "1.56", "0.05"],
                [str(core), "2", repr(10 * shrink), "30", str(lower), "1.56", "0.05"],
            ]
        run = measured.run()

        assert found(run, "change") == pytest.approx([0] * 4, abs=1e-9)
        assert min(found(run, "depth_change")) > 6

    def test_deducts_its_uncertainty_and_shows_deduction_and_buffer(self, measured):
        run = measured.run()
        change, deduction = found(run, "change_soil")[0], found(run, "uncertainty_deduction")[0]

        assert deduction == pytest.approx(0.4307 * found(run, "variance")[0] ** 0.5)
        assert found(run, "buffer")[0] == pytest.approx(0.15 * (change - deduction))
        assert found(run, "removal")[0] == pytest.approx(change - deduction - 20 - 0.15 * (change - deduction))

    def test_counts_a_loss_whole(self, measured):
        measured.sheets["layers_before"], measured.sheets["layers_after"] = (
            [[*row[:5], "1.30", row[6]] if row[0] != "core" else row for row in measured.sheets["layers_after"]],
            measured.sheets["layers_before"],
        )
        run = measured.run()

        assert found(run, "certain")[0] < found(run, "change_soil")[0] < 0
        assert run.tonnes == 0

    def test_sorts_ten_layers_by_depth_and_not_by_name(self, measured):
        before = measured.run()
        for name in ("layers_before", "layers_after"):
            rows = [measured.sheets[name][0]]
            for row in measured.sheets[name][1:]:
                top, bottom = float(row[2]), float(row[3])
                cuts = np.linspace(top, bottom, 7)
                rows += [
                    [row[0], f"{row[1]}{place}", repr(float(one)), repr(float(other)), *row[4:]]
                    for place, (one, other) in enumerate(itertools.pairwise(cuts), 1)
                ]
            for number, row in enumerate(rows[1:]):
                row[1] = str(number % 12 + 1)
            measured.sheets[name] = rows

        assert found(measured.run(), "removal") == pytest.approx(found(before, "removal"), rel=1e-9)

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({(2, "top"): "12"}, "layers_do_not_add_up"),
            ({(2, "top"): "8"}, "layers_do_not_add_up"),
            ({(1, "top"): "2"}, "layers_do_not_add_up"),
            ({(2, "bottom"): "25"}, "layers_miss_the_depth"),
            ({(2, "bottom"): "10"}, "layer_upside_down"),
            ({(1, "bulk_density"): "1300"}, "out_of_bounds"),
            ({(1, "bulk_density"): "0.4"}, "too_light"),
            ({(1, "carbon"): "-1"}, "out_of_bounds"),
            ({(1, "coarse"): "5"}, "out_of_bounds"),
            ({(1, "core"): "9"}, "unknown_reference"),
        ],
    )
    def test_is_refused_when_layers_do_not_add_up_or_cannot_be(self, measured, changes, rule):
        for (row, column), value in changes.items():
            measured.set("layers_after", column, value, row=row)

        assert rule in {one[0] for one in faults(measured)}

    def test_is_refused_when_a_core_leaves_the_sample(self, measured):
        measured.sheets["layers_after"] = [row for row in measured.sheets["layers_after"] if row[0] != "4"]

        assert ("core_lost", "cores.csv", 5, "core", "4") in faults(measured)

    def test_is_refused_with_too_few_cores(self, measured):
        measured.sheets["cores"] = measured.sheets["cores"][:3]
        for name in ("layers_before", "layers_after"):
            measured.sheets[name] = measured.sheets[name][:5]

        assert ("too_few_cores", "cores.csv", 2, "stratum", "1") in faults(measured)

    def test_is_refused_where_yields_fell(self, measured):
        """No credit for producing less."""
        measured.project["facts"]["yields_kept"] = False
        with pytest.raises(NotApplicable, match="yields_are_kept"):
            measured.run(purpose="project", floor="D")


class TestParameters:
    """The tables say what the shared copies say, row by row."""

    @pytest.fixture
    def shared(self):
        folder = SHARED / "domain/params"
        if not os.path.isdir(folder):
            pytest.skip(f"the shared tables are not at {folder}")
        return folder

    def test_agree_with_the_reference_stocks(self, shared):
        mine = shelf.load(TIER1).parameters["soc_reference"]
        names = {"HIGH_ACTIVITY_CLAY_SOILS": "high activity clay", "LOW_ACTIVITY_CLAY_SOILS": "low activity clay"}
        with open(shared / "ipcc_soc_ref_2019.csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            kind = names.get(row["soil_category"], row["soil_category"].removesuffix("_SOILS").lower())
            key = f"{kind}|{row['climate_zone'].lower().replace('_', ' ')}"
            assert float(mine.row(key).value) == float(row["value"]), key
        assert len(mine.rows) == len(rows)

    def test_agree_with_the_three_pool_parameters(self, shared):
        mine = shelf.load(TIER2).parameters
        with open(shared / "ipcc_tier2_soc_params.csv", encoding="utf-8") as file:
            theirs = {row["parameter"]: float(row["value"]) for row in csv.DictReader(file)}

        assert mine["decay_active"].number() == theirs["kfaca"]
        assert mine["slow_to_passive"].number() == theirs["f6"]
        assert float(mine["structural_to_active"].row("reduced").value) == theirs["f2 reduced till"]
        assert float(mine["tillage_factor"].row("reduced").value) == theirs["till reduced"]

    def test_leave_years_of_transition_to_the_science(self):
        assert soil.TRANSITION_YEARS == 20

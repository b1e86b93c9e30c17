"""The tools on the shelf: they design and estimate, and no unit is ever issued on them."""

import json
import math

import pytest

from tanhui.methods import engine
from tanhui.methods.engine import cases, shelf, tables
from tanhui.methods.engine.evidence import BelowEvidenceFloor
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.predicate import NotApplicable

DESIGN, ESTIMATE = "ar_tool_03/v2_1", "ar_tool_14/v4_2"
STRATA = "stratum,area,mean,sd\n落叶松,3400,126.8,26.2476\n杨树,900,85,15.657\n樟子松,700,102.2,8.19644\n"


def stated(value, unit, evidence="A"):
    return {"value": value, "unit": unit, "evidence": evidence, "source": "sampling plan"}


def a_design():
    return {
        "title": "赤峰抽样设计",
        "units": {"area": "ha", "mean": "t d.m./ha", "sd": "t d.m./ha"},
        "declared": {
            "plot_area": stated("0.06", "ha"),
            "precision": stated("10", "%"),
            "confidence": stated("90", "%"),
        },
        "facts": {"model_error_is_elsewhere": True},
    }


def designed(strata=STRATA, project=None, purpose="project"):
    inputs = {"strata": tables.parse(strata.encode(), file="strata.csv")}
    return engine.run(DESIGN, project=project or a_design(), inputs=inputs, purpose=purpose)


def faults(function, *args, **kwargs):
    with pytest.raises(FaultyInput) as refused:
        function(*args, **kwargs)
    return {(one.rule, one.row, one.column) for one in refused.value.faults}


@pytest.mark.parametrize("name", [DESIGN, ESTIMATE])
class TestTools:
    def test_agree_with_their_worked_examples(self, name):
        package = shelf.load(name)
        outcomes = [one for case in package.cases() for one in cases.play(package, case)]

        assert outcomes
        assert [one for one in outcomes if not one.holds] == []

    def test_never_issue(self, name):
        package = shelf.load(name)

        assert package.kind == "tool"
        assert not package.may_issue
        with pytest.raises(shelf.NeverIssues, match="of the kind tool"):
            engine.run(package, project={}, inputs={}, purpose="issuance")


class TestDesign:
    def test_counts_plots_and_no_tonnes(self):
        run = designed()

        assert run.content["result"] == {"kg": 0, "tonnes": 0, "residual_kg": 0, "plots": 19}
        assert run.quantity("plots_laid") == ["4", "4", "11"]  # by name of the stratum
        assert run.tonnes == 0

    def test_records_both_conventions(self):
        run = designed()

        assert run.quantity("t_first_published") == ["1.645"]
        assert float(run.quantity("t_first")[0]) == pytest.approx(1.644854, abs=1e-6)
        assert float(run.quantity("number_published")[0]) < float(run.quantity("total")[0])

    def test_warns_of_small_plots(self):
        assert [one["note"] for one in designed().notes] == ["small_plots"]

    def test_warns_of_plots_that_take_up_the_land(self):
        project = a_design()
        project["declared"]["plot_area"] = stated("0.5", "ha")
        run = designed("stratum,area,mean,sd\nA,20,100,30\n", project)

        assert [one["note"] for one in run.notes] == ["plots_take_up_the_land"]

    def test_is_computed_again_byte_for_byte(self):
        assert engine.rerun(designed().bundle()) is None

    def test_does_not_depend_on_the_order_of_the_strata(self):
        head, *rows = STRATA.splitlines()
        shuffled = "\n".join([head, *reversed(rows)]) + "\n"
        ours, theirs = (json.loads(designed(one).bundle()) for one in (STRATA, shuffled))

        assert ours["trace"] == theirs["trace"]

    def test_names_every_fault_of_its_table(self):
        spoilt = "stratum,area,mean,sd\nA,0,126.8,26\nB,900,-85,x\nB,700,102.2,8\n"

        assert faults(designed, spoilt) >= {
            ("out_of_bounds", 2, "area"),
            ("out_of_bounds", 3, "mean"),
            ("not_a_number", 3, "sd"),
            ("duplicated_row", 4, "stratum"),
        }

    def test_refuses_mu_for_hectares(self):
        project = a_design()
        project["units"]["area"] = "mu"

        assert ("unit_confused", 0, "area") in faults(designed, project=project)

    def test_needs_to_know_how_precise_it_must_be(self):
        project = a_design()
        del project["declared"]["precision"]

        assert ("missing_fact", 0, "declared.precision") in faults(designed, project=project)

    def test_is_impossible_where_nothing_varies(self):
        assert faults(designed, "stratum,area,mean,sd\nA,20,100,0\n") == {("nothing_varies", 2, "sd")}

    def test_asks_for_the_evidence_that_models_are_accounted_for(self):
        project = a_design()
        project["facts"] = {"model_error_is_elsewhere": False}

        with pytest.raises(NotApplicable):
            designed(project=project)


FIRST = "plot,stratum,biomass\n" + "".join(
    f"P{number},{'落叶松' if number < 6 else '杨树'},{value}\n"
    for number, value in enumerate([45, 52, 38, 49, 41, 30, 26, 33, 28], 1)
)
AREAS = "stratum,area\n落叶松,60\n杨树,40\n"


def grown(by):
    """The second survey: every plot ``by`` t heavier."""
    head, *rows = FIRST.splitlines()
    cells = [row.rsplit(",", 1) for row in rows]
    return "\n".join([head, *(f"{before},{float(value) + by}" for before, value in cells)]) + "\n"


def estimated(
    first=FIRST, second=None, strata=AREAS, scenario="project", purpose="demonstration", project=None, **declared
):
    covers = dict.fromkeys(("shrub_cover_1", "shrub_cover_2", "tree_cover"), "%")
    project = (project or {}) | {
        "units": {"area": "ha", "biomass": "t d.m./ha"} | covers,
        "declared": {"carbon_fraction": stated("0.47", "tC/t d.m.")} | declared,
        "facts": {"plots_fixed_before": True, "scenario": scenario},
    }
    given = {"first": first, "second": second or grown(30), "strata": strata}
    inputs = {name: tables.parse(text.encode(), file=f"{name}.csv") for name, text in given.items()}
    return engine.run(ESTIMATE, project=project, inputs=inputs, purpose=purpose)


def amount(run, name):
    return float(run.quantity(name)[0])


class TestEstimate:
    def test_deducts_a_share_of_the_half_width(self):
        run = estimated()

        assert amount(run, "change_tree") == pytest.approx(30 * 100 * 0.47 * 44 / 12)
        assert amount(run, "uncertainty_change") == pytest.approx(14.666, abs=1e-3)
        assert amount(run, "deduction") == pytest.approx(0.25 * amount(run, "half_width_change"))
        assert run.verified_kg == pytest.approx(1000 * (amount(run, "change_tree") - amount(run, "deduction")), abs=1)

    def test_adds_it_in_the_baseline(self):
        ours, theirs = estimated(), estimated(scenario="baseline")

        assert amount(theirs, "change") - amount(ours, "change") == pytest.approx(2 * amount(ours, "deduction"))

    def test_leaves_nothing_of_a_change_that_may_be_none(self):
        assert amount(estimated(second=grown(1)), "change") == 0
        assert amount(estimated(second=grown(0)), "uncertainty_change") == 1e6

    def test_says_beside_it_what_the_errors_of_equations_would_add(self):
        alone, shared = estimated(), estimated(model_error=stated("10", "%"), carbon_fraction_error=stated("3", "%"))
        change, half = amount(shared, "change_tree"), amount(alone, "half_width_with_models")

        assert half == pytest.approx(amount(alone, "half_width_change"), rel=0.2)  # normal where the tool takes t
        expected = math.hypot(half, 1.645 * 0.1 * change, 1.645 * 0.03 * change)
        assert amount(shared, "half_width_with_models") == pytest.approx(expected, rel=0.03)
        assert amount(shared, "deduction") == amount(alone, "deduction")

    def test_draws_the_same_for_the_same_seed(self):
        ours, again = (estimated(seed=stated("7", "-")) for _ in range(2))

        assert ours.bundle() == again.bundle()
        assert amount(ours, "half_width_with_models") != amount(estimated(), "half_width_with_models")

    def test_does_not_depend_on_the_order_of_the_plots(self):
        head, *rows = FIRST.splitlines()
        shuffled = "\n".join([head, *rows[::-1]]) + "\n"

        assert estimated().content["trace"] == estimated(first=shuffled).content["trace"]

    def test_changes_only_its_uncertainty_when_a_stratum_is_split_in_equal_halves(self):
        """Eight plots of one stratum, or four and four of its halves with the same values."""
        values = [40, 44, 48, 52]
        rows = [(f"P{number}", values[number % 4]) for number in range(8)]

        def table(of, more):
            lines = "".join(f"{plot},{of(number)},{value + more}\n" for number, (plot, value) in enumerate(rows))
            return "plot,stratum,biomass\n" + lines

        def run(of, strata):
            return estimated(table(of, 0), table(of, 60), strata)

        whole = run(lambda number: "A", "stratum,area\nA,100\n")
        halves = run(lambda number: "AB"[number // 4], "stratum,area\nA,50\nB,50\n")

        assert amount(halves, "change_tree") == pytest.approx(amount(whole, "change_tree"), rel=1e-12)
        assert amount(halves, "density_2") == pytest.approx(amount(whole, "density_2"), rel=1e-12)
        assert amount(halves, "uncertainty_2") != amount(whole, "uncertainty_2")

    def test_counts_shrubs_where_their_cover_was_measured(self):
        strata = "stratum,area,shrub_cover_1,shrub_cover_2\n落叶松,60,10,30\n杨树,40,0,20\n"
        run = estimated(strata=strata, forest_biomass=stated("60", "t d.m./ha"))

        expected = 44 / 12 * 0.47 * 1.4 * 0.1 * 60 * (60 * 0.2 + 40 * 0.2)
        assert amount(run, "change_shrub") == pytest.approx(expected)
        assert amount(run, "change") == pytest.approx(amount(run, "change_certain") + expected)

    def test_adds_the_growth_of_scattered_trees_to_the_baseline(self):
        strata = "stratum,area,tree_cover\n落叶松,60,4\n杨树,40,0\n"
        own = {"period": {"start": "2020-01-01", "end": "2024-12-30"}}
        run = estimated(strata=strata, scenario="baseline", forest_increment=stated("5", "t d.m./(ha a)"), project=own)

        years = 1826 / 365.25
        expected = 44 / 12 * 0.47 * 5 * 1.25 * 0.04 * 60 * years
        assert amount(run, "change_cover") == pytest.approx(expected)
        assert run.quantity("cover_growth")[0] == "0"  # strata stand in the order of their names
        assert amount(run, "change") == pytest.approx(amount(run, "change_certain") + expected)
        assert engine.rerun(run.bundle()) is None

    def test_estimates_no_tree_of_the_project_by_its_crown(self):
        strata = "stratum,area,tree_cover\n落叶松,60,4\n杨树,40,0\n"

        assert faults(estimated, strata=strata) == {
            ("crown_cover_in_the_project", 0, "facts.scenario"),
            ("missing_fact", 0, "declared.forest_increment"),
            ("bad_date", 0, "period.start"),
            ("bad_date", 0, "period.end"),
        }

    def test_is_computed_again_byte_for_byte(self):
        assert engine.rerun(estimated().bundle()) is None

    def test_needs_two_plots_in_every_stratum(self):
        strata = "stratum,area\n落叶松,60\n杨树,40\n樟子松,9\n"

        assert faults(estimated, strata=strata) == {("too_few_plots", 4, "stratum")}

    def test_names_a_plot_of_no_stratum(self):
        assert ("unknown_reference", 10, "stratum") in faults(estimated, first=FIRST.replace("9,杨树", "9,榆树"))

    def test_asks_for_better_evidence_than_a_secondary_copy_of_a_project(self):
        with pytest.raises(BelowEvidenceFloor, match="discount"):
            estimated(purpose="project")

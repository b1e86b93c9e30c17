import csv
import datetime as dt
import io
from decimal import Decimal

import pytest

from tanhui.methods import demonstration, engine
from tanhui.methods.engine import errorsheet, evidence, predicate, tables
from tanhui.methods.engine.faults import REASONS, FaultyInput

STOCK, DIAMETER, SPECIES = "standing_stock", "average_diameter_at_breast_height", "dominant_tree_species"


def cell(sheets, table, row, column, value):
    sheets[table][row][sheets[table][0].index(column)] = value


def stocked(sheets, table="first"):
    """Place of the first plot that carries trees."""
    species = sheets[table][0].index(SPECIES)
    return next(at for at, row in enumerate(sheets[table]) if at and row[species] != "0")


def faults_of(run):
    with pytest.raises(FaultyInput) as caught:
        run()
    return caught.value.faults


class TestOneFault:
    """File, row as an editor counts it, column, value and rule."""

    @pytest.mark.parametrize(
        ("column", "value", "rule"),
        [
            (STOCK, "-1", "out_of_bounds"),
            (STOCK, "1e9", "out_of_bounds"),
            (STOCK, "many", "not_a_number"),
            (STOCK, "", "not_a_number"),
            (STOCK, "nan", "not_a_number"),
            (DIAMETER, "0", "zero_where_trees"),
            (DIAMETER, "-5", "out_of_bounds"),
            (DIAMETER, "1250", "out_of_bounds"),
            (SPECIES, "999", "unknown_code"),
            (SPECIES, "oak", "not_a_code"),
            ("origin", "2.5", "not_a_code"),
        ],
    )
    def test_is_named_with_its_place(self, run, sheets, column, value, rule):
        row = stocked(sheets)
        cell(sheets, "first", row, column, value)

        (found,) = faults_of(run)

        assert (found.rule, found.file, found.row, found.column, found.value) == (
            rule,
            "first.csv",
            row + 1,
            column,
            value,
        )

    def test_is_a_duplicated_plot(self, run, sheets):
        sheets["first"].append(list(sheets["first"][1]))

        (found,) = faults_of(run)

        assert (found.rule, found.row, found.facts["other"]) == ("duplicated_row", 64, 2)

    def test_is_a_plot_that_left_the_sample(self, run, sheets):
        row = stocked(sheets)
        lost = sheets["second"].pop(row)
        sheets["trees_second"][1:] = [tree for tree in sheets["trees_second"][1:] if tree[0] != lost[0]]

        (found,) = faults_of(run)

        assert (found.rule, found.value) == ("plot_lost", lost[0])

    def test_is_a_tree_whose_plot_is_unknown(self, run, sheets):
        sheets["trees_first"].append(["900999999", "1", "410"])

        (found,) = faults_of(run)

        assert (found.rule, found.value, found.row) == ("tree_without_plot", "900999999", len(sheets["trees_first"]))

    def test_is_a_tree_of_an_unknown_species(self, run, sheets):
        cell(sheets, "trees_second", 3, "tree_species_code", "777")

        (found,) = faults_of(run)

        assert (found.rule, found.file, found.row) == ("unknown_code", "trees_second.csv", 4)

    def test_is_a_missing_column(self, run, sheets):
        for row in sheets["first"]:
            row.pop()

        (found,) = faults_of(run)

        assert (found.rule, found.column) == ("missing_column", STOCK)

    def test_is_a_short_row(self, run, sheets):
        sheets["second"][-1].pop()
        sheets["trees_second"][1:] = [tree for tree in sheets["trees_second"][1:] if tree[0] != sheets["second"][-1][0]]

        (found,) = faults_of(run)

        assert (found.rule, found.row) == ("ragged_row", len(sheets["second"]))


class TestUnits:
    def test_must_be_declared(self, run, project):
        project["units"] = project["units"] | {DIAMETER: "inch"}
        del project["units"]["average_tree_height"]

        rules = {(one.rule, one.column) for one in faults_of(run)}

        assert rules == {("unit_not_accepted", DIAMETER), ("unit_not_declared", "average_tree_height")}

    def test_read_as_centimetres_show_the_tenfold_means(self, run, project, sheets):
        row = stocked(sheets)
        cell(sheets, "first", row, DIAMETER, "125")
        project["units"] = project["units"] | {DIAMETER: "cm"}

        found = next(one for one in faults_of(run) if one.row == row + 1 and one.file == "first.csv")

        assert found.rule == "out_of_bounds"
        assert "read as cm this is 125 cm, outside 0 to 100 cm" in found.say()

    @pytest.mark.parametrize(
        ("name", "unit", "equal"),
        [("plot_area", "mu", "give it in ha (1 ha = 15 mu)"), ("leakage", "kgCO2e", "(1 tCO2e = 1000 kgCO2e)")],
    )
    def test_of_a_declared_value_are_never_converted(self, run, project, name, unit, equal):
        project["declared"] = project["declared"] | {name: project["declared"][name] | {"value": 1, "unit": unit}}

        (found,) = faults_of(run)

        assert (found.rule, found.value) == ("unit_confused", unit)
        assert "nothing is converted unasked" in found.say()
        assert equal in found.say()

    @pytest.mark.parametrize("unit", ["t", "acre", "公顷", 3])
    def test_of_another_kind_are_refused_by_name(self, run, project, unit):
        project["declared"] = project["declared"] | {"leakage": project["declared"]["leakage"] | {"unit": unit}}

        (found,) = faults_of(run)

        assert (found.rule, found.column, found.value) == ("unit_not_accepted", "declared.leakage", str(unit))


class TestProjectFile:
    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            (lambda project: project["declared"].pop("leakage"), "missing_fact"),
            (lambda project: project["declared"]["plot_area"].update(value=0), "not_positive"),
            (lambda project: project["declared"]["plot_area"].update(value="a mu"), "not_a_number"),
            (lambda project: project["declared"]["plot_area"].update(evidence="Z"), "not_a_grade"),
            (lambda project: project["surveys"].update(second=dt.date(2018, 1, 1)), "bad_date"),
            (lambda project: project["surveys"].update(first="spring"), "bad_date"),
            (lambda project: project["surveys"].update(second=dt.date(2040, 1, 1)), "outside_crediting_period"),
            (lambda project: project["stratum"][0].update(area_ha=-3), "not_positive"),
            (lambda project: project["stratum"][0].update(area_ha_second=Decimal(999)), "area_changed"),
            (lambda project: project["stratum"][1]["species_groups"].append("栎类"), "stratum_overlap"),
            (lambda project: project["stratum"][2].update(species_groups=["杉木"]), "no_stratum"),
            (lambda project: project["stratum"].append({"code": "fir", "species_groups": ["杉木"], "area_ha": 1}),
             "too_few_plots"),
            (lambda project: project.pop("stratum"), "missing_fact"),
            (lambda project: project["stratum"][1].update(code=project["stratum"][0]["code"]), "stratum_twice"),
            (lambda project: project.update(area_ha=Decimal("2480.01")), "areas_do_not_add_up"),
            (lambda project: project.update(area_ha="wide"), "not_a_number"),
            (lambda project: project["crediting"].update(end=dt.date(2099, 1, 1)), "crediting_too_long"),
            (lambda project: project["crediting"].update(end=dt.date(2014, 1, 1)), "bad_date"),
            (lambda project: project["facts"].update(planting_purpose="fun"), "unknown_value"),
        ],
    )  # fmt: skip
    def test_must_say_what_the_tables_do_not(self, run, project, change, rule):
        change(project)

        assert rule in {one.rule for one in faults_of(run)}

    def test_may_state_the_sum_of_its_strata(self, run, project):
        usual = run().verified_kg
        project["area_ha"] = Decimal("2480.0")

        assert run().verified_kg == usual


class TestAllFaults:
    def test_come_at_once(self, run, sheets, project):
        row = stocked(sheets)
        cell(sheets, "first", row, STOCK, "-1")
        cell(sheets, "first", row + 1, SPECIES, "999")
        cell(sheets, "second", row + 2, DIAMETER, "0")
        sheets["trees_first"].append(["900999999", "1", "410"])
        project["declared"].pop("leakage")

        assert {one.rule for one in faults_of(run)} == {
            "out_of_bounds", "unknown_code", "zero_where_trees", "tree_without_plot", "missing_fact",
        }  # fmt: skip

    def test_of_a_thousand_rows_fill_one_sheet(self, run, sheets):
        for number in range(1000):
            sheets["trees_second"].append([f"{960000000 + number}", "1", "410"])

        with pytest.raises(FaultyInput, match="The input has 1000 faults and nothing was computed") as caught:
            run()
        rows = list(csv.DictReader(io.StringIO(errorsheet.text(caught.value))))

        assert len(rows) == 1000
        assert set(rows[0]) == {"file", "row", "column", "value", "rule", "reason", "clause"}

    def test_have_reasons_with_every_fact(self, run, sheets):
        cell(sheets, "first", stocked(sheets), STOCK, "-1")

        assert all("%(" not in one.say() for one in faults_of(run))
        assert all(reason for reason in REASONS.values())


class TestEvidenceFloor:
    def test_names_every_value_below_it(self, run, project):
        project["facts"] = {
            "planting_purpose": "ecological forest", "land_was_not_forest": True, "title_is_clear": True,
            "land_is_not_wetland": True, "fires_are_accounted": True,
        }  # fmt: skip

        with pytest.raises(evidence.BelowEvidenceFloor) as caught:
            run(purpose="issuance")

        sentence = str(caught.value)
        assert "A run for issuance needs evidence A or better" in sentence
        for name in ("wood_density", "root_shoot_ratio", "risk_deduction", "plot_area", "species_group"):
            assert name in sentence
        assert "recalled, unverified" in sentence

    def test_lets_an_approved_deviation_pass(self):
        weak = [evidence.Graded("wood_density", "D", "memory"), evidence.Graded("root_shoot_ratio", "D", "memory")]

        with pytest.raises(evidence.BelowEvidenceFloor) as caught:
            evidence.demand(weak, purpose="project", floor="P", deviations={"wood_density": "decision 7"})

        assert caught.value.facts["count"] == 1
        assert "root_shoot_ratio" in caught.value.facts["offending"]

    @pytest.mark.parametrize(
        ("grade", "floor", "holds"),
        [
            ("A", "A", True),
            ("P", "A", False),
            ("B", "P", False),
            ("A", "D", True),
            ("D", "D", True),
            ("D", "C", False),
        ],
    )
    def test_orders_the_grades(self, grade, floor, holds):
        assert evidence.meets(grade, floor) is holds

    def test_is_the_operators_to_set(self, run):
        with pytest.raises(evidence.BelowEvidenceFloor, match="needs evidence C"):
            run(floor="C")

    def test_is_recorded_with_the_weakest_grade(self, run):
        done = run()

        assert done.content["floor"] == "D"
        assert done.evidence == "D"

    def test_needs_a_purpose_it_knows(self, run):
        with pytest.raises(evidence.UnknownPurpose, match="demonstration, project, issuance"):
            run(purpose="fun")


class TestApplicability:
    def test_stops_a_project_on_natural_forest(self, run, sheets, project):
        cell(sheets, "first", stocked(sheets), "origin", "11")

        with pytest.raises(predicate.NotApplicable, match=r"stands_are_planted .* fail"):
            run(purpose="project")

    def test_stops_an_issuance_that_lacks_evidence(self, run, project):
        project["facts"]["fires_are_accounted"] = True

        with pytest.raises(predicate.NotApplicable, match=r"title_is_clear .* needs_evidence"):
            run(purpose="issuance")

    def test_is_recorded_in_a_demonstration(self, run):
        answers = {one["predicate"]: one["answer"] for one in run().content["predicates"]}

        assert answers["stands_are_planted"] == "pass"
        assert answers["fires_are_accounted"] == "fail"
        assert answers["title_is_clear"] == "needs_evidence"


class TestThePublishedSurveys:
    def test_give_a_removal_that_anyone_can_compute_again(self, forest):
        done = demonstration.forest_run(forest)

        assert (done.tonnes, done.residual_kg) == (8104, 804)
        assert not done.generated
        assert done.period == (dt.date(2021, 12, 1), dt.date(2026, 10, 31))
        assert len(done.content["axes"]["plot"]) == 62
        assert engine.rerun(done.bundle()) is None

    def test_keep_the_strata_that_lost_carbon(self, forest):
        changes = {
            one["stratum"]: Decimal(one["stratum_change"]) for one in demonstration.forest_run(forest).content["strata"]
        }

        assert changes["larch"] < 0
        assert changes["mixed-conifer-broadleaf"] < 0
        assert changes["birch"] > 0

    def test_tell_what_was_left_out_and_what_is_doubtful(self, forest):
        notes = {one["note"]: one for one in demonstration.forest_run(forest).notes}

        assert notes["trees_without_plot"]["trees"] == 770
        assert len(notes["trees_without_plot"]["plots"]) == 29
        assert notes["plots_only_in_second_survey"]["plots"] == 38
        assert "700000012" in notes["odd_means"]["plots"]
        assert "change_is_uncertain" in notes

    def test_are_refused_without_the_declared_exclusion(self, forest):
        project = demonstration.project() | {"exclude": []}
        inputs = {table: tables.read(forest / name) for table, name in demonstration.FILES.items()}

        with pytest.raises(FaultyInput) as caught:
            engine.run(demonstration.PACKAGE, project=project, inputs=inputs, purpose="demonstration")

        assert {one.rule for one in caught.value.faults} == {"tree_without_plot"}
        assert len(caught.value.faults) == 770
        assert (caught.value.faults[0].row, caught.value.faults[0].value) == (2, "700000004")

    def test_are_refused_when_means_are_taken_for_centimetres(self, forest):
        project = demonstration.project()
        project["units"] |= {DIAMETER: "cm", "average_tree_height": "m"}
        inputs = {table: tables.read(forest / name) for table, name in demonstration.FILES.items()}

        with pytest.raises(FaultyInput) as caught:
            engine.run(demonstration.PACKAGE, project=project, inputs=inputs, purpose="demonstration")

        assert ("forestat_plot_1.csv", 3, DIAMETER, "125.0") in {
            (one.file, one.row, one.column, one.value) for one in caught.value.faults
        }

    def test_cannot_be_issued_as_afforestation(self, forest):
        inputs = {table: tables.read(forest / name) for table, name in demonstration.FILES.items()}

        with pytest.raises(predicate.NotApplicable, match="stands_are_planted"):
            engine.run(demonstration.PACKAGE, project=demonstration.project(), inputs=inputs, purpose="issuance")


class TestTheDemonstration:
    def test_says_that_its_input_is_generated_when_there_is_none(self, tmp_path):
        done = demonstration.forest_run(tmp_path)

        assert done.generated
        assert done.tonnes > 0
        assert done.content["files"][0]["file"].startswith("generated_")

"""AR-CM-004: grassland under a grazing plan, as far as its structure is known."""

import pytest

from tanhui.methods import engine
from tanhui.methods.engine import cases, shelf
from tanhui.methods.engine.evidence import BelowEvidenceFloor
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.predicate import NotApplicable

from . import land


@pytest.fixture
def grass():
    return land.grass()


@pytest.fixture(scope="module")
def package():
    return shelf.load("ar_cm_004/v01")


def faults(handed):
    with pytest.raises(FaultyInput) as refused:
        handed.run()
    return {(one.rule, one.file, one.row, one.column, one.value) for one in refused.value.faults}


def found(run, quantity):
    return [float(value) for value in run.quantity(quantity)]


class TestGrassland:
    def test_comes_out_as_worked_by_hand(self, package):
        outcomes = [outcome for case in package.cases() for outcome in cases.play(package, case)]

        assert outcomes
        assert [one for one in outcomes if not one.holds] == []

    def test_is_computed_from_its_tables_and_again_byte_for_byte(self, grass):
        run = grass.run()

        assert engine.rerun(run.bundle()) is None
        assert found(run, "gain") == pytest.approx([43 * 0.3, 13 * (1.14 * 1.11 - 0.9)])
        assert found(run, "removal")[0] == pytest.approx(0.9 * (found(run, "soil_removal")[0] - 15 - 60))

    def test_takes_what_was_measured_on_equal_mass(self, grass):
        grass.sheets["strata"][0].append("measured_change")
        grass.sheets["strata"][1].append("1.9")
        grass.sheets["strata"][2].append("9.9")
        grass.set("strata", "soil_basis", "measured")
        grass.project["units"]["measured_change"] = "tC/ha"
        run = grass.run()
        years = found(run, "transition_years")[0]

        assert found(run, "stratum_removal") == pytest.approx(
            [800 * 1.9 * 44 / 12, 500 * 13 * (1.14 * 1.11 - 0.9) * years / 20 * 44 / 12]
        )

    def test_does_not_credit_a_smaller_herd(self, grass):
        run = grass.run()

        assert sum(found(run, "enteric_change")) < 0
        assert found(run, "emission_change") == [15]

    def test_counts_a_larger_herd(self, grass):
        grass.set("herds", "heads_project", "300", row=2)
        run = grass.run()
        change = sum(found(run, "enteric_change"))

        assert change > 0
        assert found(run, "emission_change") == pytest.approx([change + 15])

    def test_gains_nothing_after_twenty_years(self, grass):
        grass.project["declared"] |= land.declared(elapsed=(18, "yr"))
        late = grass.run()
        grass.project["declared"] |= land.declared(elapsed=(20, "yr"))

        assert found(late, "transition_years") == [2]
        assert found(grass.run(), "soil_removal") == [0]

    def test_takes_the_projects_own_emission_factor(self, grass):
        grass.project["own"] = [
            {
                "parameter": "enteric_factor",
                "key": "sheep",
                "value": "8.2",
                "unit": "kg CH4/head/yr",
                "evidence": "P",
                "source": "呼吸室实测",
            }
        ]

        years = ((2026 - 2021) * 365 + 1) / 365.25
        assert found(grass.run(), "enteric_change")[1] == pytest.approx(-800 * 8.2 * 28 * years / 1000)

    def test_rests_on_recalled_values_and_is_not_issued(self, grass):
        assert grass.run().evidence == "D"
        with pytest.raises(BelowEvidenceFloor, match="enteric_factor"):
            grass.run(purpose="issuance")

    @pytest.mark.parametrize(
        ("fact", "name"),
        [
            ("grassland_degrades", "grassland_degrades"),
            ("grazing_plan", "grazing_is_planned"),
            ("ploughed", "land_is_not_ploughed"),
            ("herd_leakage_settled", "herds_are_not_displaced"),
            ("output_kept", "output_is_kept"),
            ("soil_is_mineral", "soil_is_mineral"),
        ],
    )
    def test_passes_fails_and_asks_for_evidence(self, grass, package, fact, name):
        condition = next(one for one in package.predicates if one.name == name)
        facts = grass.project["facts"]

        assert condition.ask(facts) == "pass"
        assert condition.ask(facts | {fact: not facts[fact]}) == "fail"
        assert condition.ask({}) == "needs_evidence"
        facts[fact] = not facts[fact]
        with pytest.raises(NotApplicable, match=name):
            grass.run(purpose="project", floor="D")

    @pytest.mark.parametrize(
        ("table", "column", "value", "rule"),
        [
            ("strata", "climate_zone", "寒温带", "unknown_value"),
            ("strata", "area", "0", "out_of_bounds"),
            ("practices", "scenario", "now", "unknown_scenario"),
            ("practices", "management", "ploughed", "unknown_value"),
            ("practices", "stratum", "9", "unknown_reference"),
            ("herds", "livestock", "alpaca", "no_parameter_value"),
            ("herds", "heads_project", "-5", "out_of_bounds"),
        ],
    )
    def test_is_refused_by_row_column_and_value(self, grass, table, column, value, rule):
        grass.set(table, column, value)

        assert (rule, f"{table}.csv", 2, column, value) in faults(grass)

    def test_is_refused_where_a_stratum_lacks_a_practice(self, grass):
        del grass.sheets["practices"][2]

        assert ("practice_missing", "strata.csv", 2, "stratum", "1") in faults(grass)

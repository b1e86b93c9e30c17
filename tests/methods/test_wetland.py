"""VM0033 v2.1 and CCER-14-002: applicability, input, computation, and what the sources contradict themselves in."""

import json
from decimal import Decimal

import pytest

from tanhui.methods import engine
from tanhui.methods.engine import cases, shelf
from tanhui.methods.engine.evidence import BelowEvidenceFloor
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.predicate import NotApplicable

from . import land

VM0033, CCER = "vm0033/v2_1", "ccer_14_002/v01"


@pytest.fixture
def tidal():
    return land.tidal()


@pytest.fixture
def mangrove():
    return land.mangrove()


def faults(handed, **options):
    with pytest.raises(FaultyInput) as refused:
        handed.run(**options)
    return {(one.rule, one.file, one.row, one.column, one.value) for one in refused.value.faults}


def found(run, quantity):
    return [float(value) for value in run.quantity(quantity)]


@pytest.mark.parametrize("name", [VM0033, CCER])
class TestCases:
    def test_come_out_as_published(self, name):
        package = shelf.load(name)
        outcomes = [outcome for case in package.cases() for outcome in cases.play(package, case)]

        assert outcomes
        assert [one for one in outcomes if not one.holds] == []


class TestTidalWetland:
    def test_is_computed_from_its_strata_and_again_byte_for_byte(self, tidal):
        run = tidal.run()

        assert engine.rerun(run.bundle()) is None
        assert run.verified_kg == 5_712_869
        assert run.evidence == "B"  # the warming potentials
        assert len(run.content["strata"]) == 2

    def test_shows_deduction_and_buffer_beside_the_units(self, tidal):
        run = tidal.run()
        units, buffer, stock = (found(run, name)[0] for name in ("removal", "buffer", "stock_net"))

        assert buffer == pytest.approx(0.12 * stock)
        assert found(run, "adjusted")[0] == pytest.approx(units + buffer)
        assert found(run, "uncertainty_deduction") == [0]
        (note,) = run.notes
        assert (note["note"], note["tonnes"]) == ("buffer_contribution", run.quantity("buffer")[0])
        assert note["text_zh"] == "本监测期有 804.184 吨应存入汇总缓冲账户，不归项目所有。"

    def test_loses_what_its_error_exceeds_the_allowance_by(self, tidal):
        tidal.set("strata", "u_soil", "95")
        tidal.set("strata", "u_biomass", "60")
        run = tidal.run()
        error, net = found(run, "error")[0], found(run, "net")[0]

        assert error > 20
        assert found(run, "uncertainty_deduction")[0] == pytest.approx(net * (error - 20) / 100)
        assert "uncertainty_above_allowance" in [note["note"] for note in run.notes]

    def test_is_allowed_thirty_percent_at_95(self, tidal):
        tidal.set("strata", "u_soil", "80")
        tidal.set("strata", "u_biomass", "50")
        at_90 = tidal.run()
        tidal.project["facts"]["confidence"] = "95"

        assert found(tidal.run(), "uncertainty_deduction")[0] < found(at_90, "uncertainty_deduction")[0]

    def test_never_gains_by_being_less_certain(self, tidal):
        units = []
        for u in ("0", "20", "40", "80", "160"):
            tidal.set("strata", "u_soil", u)
            tidal.set("strata", "u_biomass", u)
            units.append(tidal.run().verified_kg)

        assert units == sorted(units, reverse=True)
        assert units[0] > units[-1]

    def test_is_capped_by_what_stands_after_a_hundred_years(self, tidal):
        tidal.project["declared"] |= land.declared(net_at_100=(5000, "tCO2e"), claimed_before=(1200, "tCO2e"))
        run = tidal.run()

        assert found(run, "capped") == [3800]
        assert "capped_at_100_years" in [note["note"] for note in run.notes]

    def test_does_not_depend_on_the_order_of_strata(self, tidal):
        before = tidal.run()
        tidal.sheets["strata"][1:] = tidal.sheets["strata"][:0:-1]

        assert tidal.run().trace_sha256 == before.trace_sha256

    def test_weighs_the_same_when_a_stratum_is_cut_in_two(self, tidal):
        before = tidal.run()
        half = tidal.sheets["strata"][1].copy()
        half[0], half[1] = "西场二", "31.25"
        tidal.set("strata", "area", "31.25")
        tidal.sheets["strata"].append(half)

        assert found(tidal.run(), "removal") == pytest.approx(found(before, "removal"), rel=1e-11)

    def test_claims_the_baseline_soil_until_it_is_spent(self, tidal):
        for column, unit, value in (("baseline_stock", "tC/ha", "6"), ("baseline_loss", "tC/ha/yr", "3")):
            tidal.sheets["strata"][0].append(column)
            tidal.sheets["strata"][1].append(value)
            tidal.sheets["strata"][2].append("0")
            tidal.project["units"][column] = unit
        run = tidal.run()

        assert found(run, "soil_depletion") == [0, 2]
        assert found(run, "baseline_soil") == pytest.approx([0, 62.5 * 3 * 2 * 44 / 12])

    def test_takes_the_smaller_of_two_contradicting_depletion_times_and_says_so(self, tidal):
        """§5.1.2: five years for eroded soil, and none where erosion is significant."""
        added = {"eroded": "1", "erosion_share": "30", "eroded_loss": "4"}
        units = {"erosion_share": "%", "eroded_loss": "tC/ha/yr"}
        tidal.project["units"] |= units
        tidal.sheets["strata"][0] += list(added)
        tidal.sheets["strata"][1] += list(added.values())
        tidal.sheets["strata"][2] += ["1", "2", "4"]
        for row in (1, 2):
            tidal.set("strata", "depositional_environment", "normal marine", row=row)
        run = tidal.run()
        note = next(one for one in run.notes if one["note"] == "contradiction_of_the_source")

        assert found(run, "soil_depletion") == [5, 0]  # 东场 first: names are sorted
        assert note["strata"] == ["西场"]
        assert found(run, "baseline_soil")[0] == pytest.approx(40 * 4 * 0.8 * 44 / 12 * found(run, "baseline_years")[0])

    def test_counts_herbs_in_the_first_year_only(self, tidal):
        tidal.sheets["strata"][0].append("herb_cover")
        for row in (1, 2):
            tidal.sheets["strata"][row].append("50")
        tidal.project["units"]["herb_cover"] = "%"
        first = found(tidal.run(), "project_herbs")
        tidal.project["declared"] |= land.declared(elapsed=(5, "yr"))

        assert first == pytest.approx([-40 * 1.5 * 44 / 12, -62.5 * 1.5 * 44 / 12])
        assert found(tidal.run(), "project_herbs") == [0, 0]

    def test_takes_its_gases_by_salinity(self, tidal):
        tidal.set("strata", "salinity", "19.9")
        run = tidal.run()

        assert found(run, "methane") == pytest.approx([0.0056 * 28, 0.011 * 28])
        tidal.set("strata", "nitrous_basis", "excluded")
        assert found(tidal.run(), "nitrous_oxide") == pytest.approx([0.000487 * 265, 0])

    def test_measures_methane_where_the_water_is_fresh(self, tidal):
        tidal.set("strata", "salinity", "6")
        tidal.set("strata", "methane_basis", "measured")
        tidal.sheets["strata"][0].append("methane_measured")
        tidal.sheets["strata"][1].append("120")
        tidal.sheets["strata"][2].append("0")
        tidal.project["units"]["methane_measured"] = "kg CH4/ha/yr"

        assert found(tidal.run(), "methane")[1] == pytest.approx(0.12 * 28)


class TestTidalInput:
    @pytest.mark.parametrize(
        ("column", "value", "rule"),
        [
            ("accretion", "-6", "out_of_bounds"),
            ("accretion", "600", "out_of_bounds"),
            ("salinity", "350", "out_of_bounds"),
            ("salinity", "8", "too_fresh_for_default"),
            ("salinity", "咸", "not_a_number"),
            ("biomass_2", "3150", "out_of_bounds"),
            ("cover", "-1", "out_of_bounds"),
            ("area", "0", "out_of_bounds"),
            ("ecosystem", "swamp", "unknown_value"),
            ("depositional_environment", "delta", "unknown_code"),
        ],
    )
    def test_is_refused_by_row_column_and_value(self, tidal, column, value, rule):
        tidal.set("strata", column, value)

        assert (rule, "strata.csv", 2, column, value) in faults(tidal)

    @pytest.mark.parametrize(
        ("changes", "rule", "column"),
        [
            ({"ecosystem": "seagrass"}, "no_default_for_ecosystem", "soil_basis"),
            ({"ecosystem": "open water"}, "no_default_for_ecosystem", "soil_basis"),
            ({"soil_basis": "measured"}, "soil_not_measured", "bulk_density"),
            ({"allochthonous_basis": "exempt"}, "allochthonous_not_stated", "allochthonous_basis"),
            ({"allochthonous_basis": "sediment", "soil_percent": "2.5"}, "off_the_regression", "allochthonous_basis"),
        ],
    )
    def test_is_refused_where_a_default_does_not_reach(self, tidal, changes, rule, column):
        for name, value in changes.items():
            tidal.set("strata", name, value)

        assert (rule, "strata.csv", 2, column) in {one[:4] for one in faults(tidal)}

    @pytest.mark.parametrize(("column", "unit"), [("salinity", "mS/cm"), ("area", "mu"), ("accretion", "m/yr")])
    def test_is_refused_in_a_unit_that_is_not_accepted(self, tidal, column, unit):
        tidal.project["units"][column] = unit

        assert (column, unit) in {one[3:] for one in faults(tidal)}

    def test_is_refused_with_every_fault_at_once_and_its_clause(self, tidal):
        tidal.set("strata", "accretion", "-6")
        tidal.set("strata", "salinity", "8", row=2)
        del tidal.project["declared"]["buffer_percent"]
        with pytest.raises(FaultyInput) as refused:
            tidal.run()
        told = {one.rule: one for one in refused.value.faults}

        assert set(told) == {"out_of_bounds", "too_fresh_for_default", "missing_fact"}
        assert "甲烷缺省值仅适用于盐度高于 18 ppt 的区域" in told["too_fresh_for_default"].say("zh-hans")
        assert told["too_fresh_for_default"].clause == "VM0033 v2.1 §8.1.4.5.4, §8.1.4.6.4"

    def test_must_say_at_which_confidence_its_uncertainties_are(self, tidal):
        del tidal.project["facts"]["confidence"]

        assert faults(tidal) == {("missing_fact", "project", 0, "facts.confidence", "")}

    def test_needs_the_stock_of_soil_exposed_to_air(self, tidal):
        added = {"exposed_percent": ("5", "%"), "exposed_density": ("0.9", "g/cm3"), "exposed_depth": ("50", "cm")}
        for name, (value, unit) in added.items():
            tidal.sheets["strata"][0].append(name)
            tidal.sheets["strata"][1].append(value)
            tidal.sheets["strata"][2].append("0")
            tidal.project["units"][name] = unit

        assert {one[0] for one in faults(tidal)} == {"exposed_without_stock"}

    def test_needs_measured_soil_where_it_says_measured(self, tidal):
        tidal.drop("strata", "accretion")

        assert "soil_not_measured" in {one[0] for one in faults(tidal)}


WRONG_FACTS = {  # of VM0033: what makes each condition fail
    "activity_restores_tidal_wetland": {"activity": "other"},
    "no_use_is_displaced": {"former_use": "displaced"},
    "burns_are_prescribed": {"burning": True, "burning_is_prescribed": False},
    "peat_fire_claims_are_founded": {
        "claims_peat_fires": True,
        "rewetting": True,
        "fire_management": False,
        "ignition_is_anthropogenic": True,
    },
    "organic_soil_is_rewetted": {"rewetting": False, "organic_strata": 1},
    "nothing_native_was_cleared": {"native_ecosystem_cleared": True},
    "is_neither_ifm_nor_redd": {"ifm_or_redd": True},
    "baseline_has_no_commercial_forestry": {"baseline_commercial_forestry": True},
    "water_table_is_not_lowered": {"lowers_water_table": True, "open_water_or_reconnection": False},
    "neighbours_are_not_harmed": {"outside_emissions_significant": True},
    "organic_soil_is_not_burnt": {"burns_organic_soil": True},
    "no_nitrogen_is_applied": {"nitrogen_fertiliser": True},
    "excluded_gases_do_not_increase": {"gases_excluded": True, "gases_do_not_increase": False},
    "seagrass_is_measured_by_layer": {"seagrass_strata": 1, "measured_by_layer": False},
    "nitrogen_does_not_drain_in": {"nitrous_default": True, "receives_nitrogen": True},
}
# in the strata, when nothing is amiss
FOUND = {"organic_strata": 0, "seagrass_strata": 0, "gases_excluded": False, "nitrous_default": False}


class TestApplicability:
    def test_of_vm0033_has_a_test_for_every_condition(self):
        assert {one.name for one in shelf.load(VM0033).predicates} == set(WRONG_FACTS)

    @pytest.mark.parametrize("name", WRONG_FACTS)
    def test_of_vm0033_passes_fails_and_asks_for_evidence(self, name):
        condition = next(one for one in shelf.load(VM0033).predicates if one.name == name)
        good = land.TIDAL["facts"] | FOUND
        asked = {key: value for key, value in FOUND.items() if key not in WRONG_FACTS[name]}
        asked |= {key: WRONG_FACTS[name][key] for key in FOUND if key in WRONG_FACTS[name]}

        assert condition.ask(good) == "pass"
        assert condition.ask(good | WRONG_FACTS[name]) == "fail"
        assert condition.ask(asked) == "needs_evidence"

    def test_of_vm0033_is_demanded_of_a_project(self, tidal):
        tidal.run(purpose="project", floor="D")
        tidal.project["facts"]["nitrogen_fertiliser"] = True
        with pytest.raises(NotApplicable, match="no_nitrogen_is_applied"):
            tidal.run(purpose="project", floor="D")

    def test_of_vm0033_asks_for_evidence_of_gases_left_out(self, tidal):
        tidal.set("strata", "methane_basis", "excluded")
        with pytest.raises(NotApplicable, match="excluded_gases_do_not_increase"):
            tidal.run(purpose="issuance", floor="D")

    def test_of_vm0033_asks_how_seagrass_was_measured(self, tidal):
        for column, value in {
            "ecosystem": "seagrass",
            "soil_basis": "measured",
            "soil_percent": "2.1",
            "bulk_density": "1.1",
            "accretion": "2",
            "allochthonous_basis": "exempt",
        }.items():
            tidal.set("strata", column, value)
        run = tidal.run()

        assert found(run, "allochthonous_deduction")[1] == 0
        assert found(run, "nitrous_oxide")[1] == 0
        with pytest.raises(NotApplicable, match="seagrass_is_measured_by_layer"):
            tidal.run(purpose="issuance", floor="D")

    def test_of_vm0033_rests_on_evidence_below_the_floor_of_an_issuance(self, tidal):
        with pytest.raises(BelowEvidenceFloor, match="gwp_methane"):
            tidal.run(purpose="issuance")

    @pytest.mark.parametrize(
        ("fact", "value", "name"),
        [
            ("land", "farmland", "land_is_bare_flat_or_retired_pond"),
            ("land", "vegetated tidal flat", "land_is_bare_flat_or_retired_pond"),
            ("land_suits_mangrove", False, "land_suits_mangrove"),
            ("mangrove_planted", False, "mangrove_is_planted"),
            ("title_is_clear", False, "title_is_clear"),
            ("claimed_elsewhere", True, "is_claimed_once"),
            ("coastal", False, "land_lies_at_the_sea"),
        ],
    )
    def test_of_ccer_14_002_passes_fails_and_asks_for_evidence(self, fact, value, name):
        condition = next(one for one in shelf.load(CCER).predicates if one.name == name)
        good = land.MANGROVE["facts"] | {"coastal": True}

        assert condition.ask(good) == "pass"
        assert condition.ask(good | {fact: value}) == "fail"
        assert condition.ask({}) == "needs_evidence"


class TestMangrove:
    def test_is_computed_from_trees_of_both_surveys_and_again_byte_for_byte(self, mangrove):
        run = mangrove.run()

        assert engine.rerun(run.bundle()) is None
        assert found(run, "removal")[0] == pytest.approx(0.9 * found(run, "net_removal")[0])
        assert found(run, "biomass_1")[1:] == [0, 0, 0]
        assert found(run, "top")[0] == pytest.approx(10 ** (-0.511) * 4.1**2.113)

    def test_is_a_stand_in_and_says_so(self, mangrove):
        notes = [note["note"] for note in mangrove.run().notes]

        assert notes[0] == "stand_in_computation"
        assert "not CCER" in shelf.load(CCER).metadata["legal_status"]
        assert shelf.load(CCER).formulas[-1].label_zh.endswith("（替代计算，非 CCER）")

    def test_can_never_be_issued(self, mangrove):
        with pytest.raises(NotApplicable, match="computation_is_of_the_filed_text"):
            mangrove.run(purpose="issuance", floor="D")
        with pytest.raises(BelowEvidenceFloor):
            mangrove.run(purpose="project")

    @pytest.mark.parametrize("purpose", ["demonstration", "project", "issuance"])
    @pytest.mark.parametrize("county", ["150426", "150400", "330702", "469001"])
    def test_is_refused_in_an_inland_county_with_the_reason(self, mangrove, county, purpose):
        """翁牛特旗 of Chifeng, Chifeng itself, Jinhua, Wuzhishan: no coast, no tidal flat."""
        mangrove.project["region"] = county
        with pytest.raises(FaultyInput) as refused:
            mangrove.run(purpose=purpose, floor="D")
        (fault,) = refused.value.faults

        assert (fault.rule, fault.file, fault.column, fault.value) == ("inland_county", "project", "region", county)
        assert fault.clause == "CCER-14-002-V01 适用条件 (a)"
        assert "不临海" in fault.say("zh-hans")
        assert "no sea coast" in fault.say("en")

    @pytest.mark.parametrize("county", ["460107", "440823", "350623", "469005"])
    def test_is_accepted_at_the_sea(self, mangrove, county):
        mangrove.project["region"] = county

        assert mangrove.run(purpose="project", floor="D").tonnes > 0

    @pytest.mark.parametrize("county", ["", "15", "赤峰"])
    def test_is_refused_without_a_county(self, mangrove, county):
        mangrove.project["region"] = county

        assert ("no_county", "project", 0, "region", county) in faults(mangrove)

    def test_does_not_believe_a_declared_coast(self, mangrove):
        mangrove.project["region"] = "150426"
        mangrove.project["facts"]["coastal"] = True

        assert {one[0] for one in faults(mangrove)} == {"inland_county"}

    @pytest.mark.parametrize(
        ("table", "column", "value", "rule"),
        [
            ("trees", "diameter", "0", "out_of_bounds"),
            ("trees", "diameter", "-4", "out_of_bounds"),
            ("trees", "species", "杨树", "unknown_code"),
            ("trees", "plot", "99", "unknown_reference"),
            ("trees", "survey", "later", "unknown_survey"),
            ("plots", "stratum", "7", "unknown_reference"),
            ("plots", "plot_area", "0.01", "out_of_bounds"),
        ],
    )
    def test_is_refused_by_row_column_and_value(self, mangrove, table, column, value, rule):
        mangrove.set(table, column, value)

        assert (rule, f"{table}.csv", 2, column, value) in faults(mangrove)

    def test_is_refused_with_a_tree_twice(self, mangrove):
        mangrove.sheets["trees"].append(mangrove.sheets["trees"][2])

        assert "duplicated_row" in {one[0] for one in faults(mangrove)}

    def test_is_refused_with_one_plot_in_a_stratum(self, mangrove):
        del mangrove.sheets["plots"][2:]
        mangrove.sheets["trees"] = [row for row in mangrove.sheets["trees"] if row[1] in {"plot", "1"}]

        assert {one[0] for one in faults(mangrove)} == {"too_few_plots_here"}

    def test_is_sent_back_for_more_plots_when_it_is_too_uncertain(self, mangrove):
        mangrove.set("trees", "diameter", "14", row=2)
        with pytest.raises(Exception, match="Measure more plots") as refused:
            mangrove.run()

        assert refused.value.code == "methods.mangrove_too_uncertain"

    def test_screens_methane_where_the_water_is_fresh(self, mangrove):
        mangrove.set("strata", "salinity", "10")
        run = mangrove.run()

        assert found(run, "methane") == pytest.approx([10 ** (-0.56 + 1.38) * 0.01 * 28])
        assert "methane_screened" in [note["note"] for note in run.notes]

    def test_keeps_every_parameter_it_used_with_its_grade(self, mangrove):
        content = json.loads(mangrove.run().bundle())
        used = {one["name"]: one for one in content["parameters"]}

        assert {row["key"] for row in used["root_form"]["rows"]} == {"白骨壤", "秋茄", "木榄"}
        assert used["coastal_prefecture"]["rows"][0]["key"] == "4505"
        assert all(row["source"] and row["evidence"] for one in used.values() for row in one["rows"])

    def test_weighs_no_species_by_an_equation_that_is_far_too_heavy(self):
        """Left out of the table: a 1 cm 桐花树 of 4.5 kg, a 10 cm 榄李 of 286 kg."""
        species = {row.key for row in shelf.load(CCER).parameters["top_form"].rows}

        assert species == {"红树通用", "秋茄", "白骨壤", "红海榄", "木榄", "海漆", "正红树"}
        assert Decimal("4") < Decimal("2.718281828") ** Decimal("1.496") < Decimal("4.6")

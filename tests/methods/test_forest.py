import csv
import json
from decimal import Decimal

import numpy as np
import pytest
from tests.methods.conftest import SHARED

from tanhui.methods import demonstration, engine
from tanhui.methods.demonstration import chifeng
from tanhui.methods.engine import checking, errorsheet, evidence, formula, predicate, shelf, tables
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.predicate import NotApplicable
from tanhui.methods.families.forest_stock.v01.change import NothingMeasured
from tanhui.science import trees

PACKAGES = ["ccer_14_001/v01", "ar_cm_001/v02", "ar_cm_002/v01", "ar_cm_003/v01", "ar_cm_001_ex_ante/v01"]
PARTS = ("leaf", "branch", "stem", "root")
CREDITING = [name for name in PACKAGES if "ex_ante" not in name]


def table(name, header, *rows):
    return tables.parse("\n".join([header, *rows]).encode(), file=f"{name}.csv")


def spoil(surveys, name, change):
    """A table with the text of its rows changed."""
    whole = surveys[name]
    names = list(whole.columns)
    rows = [",".join(whole.columns[one][at] for one in names) for at in range(len(whole))]
    return surveys | {name: table(name, ",".join(names), *change(rows))}


def faults(project, inputs, package=chifeng.PACKAGE):
    with pytest.raises(FaultyInput) as refused:
        engine.run(package, project=project, inputs=inputs, purpose="demonstration")
    return refused.value


@pytest.fixture(scope="module")
def surveys():
    return chifeng.surveys()


@pytest.fixture
def project():
    return chifeng.project()


class TestPackage:
    @pytest.mark.parametrize("name", PACKAGES)
    def test_holds_all_its_cases_and_says_what_it_must(self, name):
        report = checking.check(name)

        assert report.problems == []
        assert report.cases >= 2

    @pytest.mark.parametrize("name", PACKAGES)
    def test_states_its_weakness(self, name):
        package = shelf.load(name)

        assert package.metadata["evidence"] == "D"
        assert package.may_issue is (name in CREDITING)
        assert {row.grade for one in package.parameters.values() for row in one.rows} <= set("APBD")

    def test_keeps_the_equations_nobody_should_use_off_the_shelf(self):
        parameters = shelf.load("ccer_14_001/v01").parameters

        for part in ("leaf_a", "leaf_b", "branch_a", "branch_b", "stem_a", "stem_b", "root_a", "root_b"):
            species = {row.key for row in parameters[part].rows}
            assert len(species) == 10
            assert not species & {"樟子松", "夏栎", "胡杨"}
        assert "樟子松" in shelf.load("ar_cm_001/v02").changes

    def test_says_what_its_tables_say(self):
        """The equations on the shelf are those of the published table."""
        file = SHARED / "domain/params/biomass_equations.csv"
        if not file.is_file():
            pytest.skip(f"the published equations are not at {file}")
        parameters = shelf.load("ccer_14_001/v01").parameters
        compared = 0
        for row in csv.DictReader(file.read_text("utf-8").splitlines()):
            name = f"{row['component']}_{row['coefficient']}"
            if name not in parameters or row["species_cn"] not in parameters["stem_a"] or "DO NOT USE" in row["note"]:
                continue
            value = parameters[name].row(row["species_cn"]).value
            logarithmic = row["form"].startswith("W=exp") and row["coefficient"] == "a"
            found = np.log(float(value)) if logarithmic else float(value)
            assert found == pytest.approx(float(row["value"]), rel=1e-6), (row["species_cn"], name)
            compared += 1

        assert compared == 80

    def test_bounds_every_parameter_by_what_is_plausible(self):
        gates = {
            "carbon_fraction": (Decimal("0.4"), Decimal("0.56")),
            "root_shoot": (Decimal("0.1"), Decimal("0.7")),
            "wood_density": (Decimal("0.25"), Decimal("0.95")),
        }
        looked_at = 0
        for one in (one for name in CREDITING for one in shelf.load(name).parameters.values()):
            gate = next((bounds for word, bounds in gates.items() if word in one.name), None)
            if gate and not one.name.startswith(("shrub", "litter")):
                assert one.bounds == gate, one.name
                looked_at += 1

        assert looked_at > 15


class TestSpecies:
    @pytest.fixture
    def weigh(self):
        """Above and below ground biomass of every species on the shelf for some diameters and a height."""
        parameters = shelf.load(chifeng.PACKAGE).parameters
        species = np.array([row.key for row in parameters["stem_a"].rows])
        pairs = [(parameters[f"{part}_a"].column(species), parameters[f"{part}_b"].column(species)) for part in PARTS]
        models = trees.powers(pairs[:3], pairs[3:])

        def at(diameter, height):
            diameters = np.repeat(np.atleast_1d(np.asarray(diameter, dtype=float)), len(species))
            model = np.tile(np.arange(len(species)), len(diameters) // len(species))
            found = trees.biomass(diameters, np.full(len(diameters), float(height)), model, models)
            return species, found.above.reshape(-1, len(species)), found.below.reshape(-1, len(species))

        return at

    def test_grows_with_the_diameter(self, weigh):
        _, above, below = weigh(np.linspace(*trees.DIAMETERS, 60), 12)

        assert (np.diff(above, axis=0) > 0).all()
        assert (np.diff(below, axis=0) > 0).all()

    def test_has_plausible_roots_at_twelve_centimetres(self, weigh):
        species, above, below = weigh(12, 9)
        low, high = trees.ROOT_SHOOT
        ratios = dict(zip(species.tolist(), (below / above)[0].tolist(), strict=True))

        assert all(low <= ratio <= high for ratio in ratios.values()), ratios
        assert ratios["榆树"] == pytest.approx(0.65, abs=0.01)  # high, as its source says


class TestRunOfAProject:
    def test_rests_on_peer_reviewed_models_and_approved_deviations(self):
        done = chifeng.run()

        assert done.tonnes > 10_000
        assert done.generated
        used = {one["name"]: one["evidence"] for one in done.content["parameters"]}
        weak = {name for name, grade in used.items() if not evidence.meets(grade, "P")}
        assert weak == {"minimum_plots", "risk_deduction", "uncertainty_deduction"}
        assert not {"wood_density", "shrub_ratio", "gwp_methane", "ipcc_bcef"} & set(used)

    def test_is_refused_without_an_approval_for_each_recalled_value(self):
        with pytest.raises(evidence.BelowEvidenceFloor) as refused:
            chifeng.run(changes={"deviation": []})

        assert refused.value.facts["count"] == 3
        for name in ("minimum_plots (D", "risk_deduction (D", "uncertainty_deduction (D"):
            assert name in refused.value.facts["offending"]

    def test_is_refused_for_an_issuance_naming_what_is_not_official(self):
        with pytest.raises(evidence.BelowEvidenceFloor) as refused:
            chifeng.run("issuance")

        assert refused.value.facts["floor"] == "A"
        assert "stem_a (P: Huang et al. 2016" in refused.value.facts["offending"]
        assert "carbon_fraction (P: Fan et al. 2016" in refused.value.facts["offending"]

    def test_comes_out_the_same_byte_for_byte(self):
        whole = chifeng.run().bundle()

        assert chifeng.run().bundle() == whole
        assert engine.rerun(whole) is None

    def test_gives_every_tree_its_weight_and_adds_up(self):
        done = chifeng.run()
        shape = {step["quantity"]: step.get("shape") for step in done.content["trace"]}

        assert shape["density"] == [2, 29]
        assert sum(map(Decimal, done.quantity("stratum_change"))) == pytest.approx(
            Decimal(done.quantity("change_tree")[0]), rel=Decimal("1e-10")
        )
        assert all(0.1 <= float(one) <= 0.7 for one in done.quantity("plot_root_shoot"))
        assert len(done.content["axes"]["tree"]) == len(done.quantity("tree_above"))

    def test_does_not_depend_on_the_order_of_rows(self, project, surveys):
        turned = spoil(surveys, "tree", lambda rows: rows[::-1])
        again = engine.run(chifeng.PACKAGE, project=project, inputs=turned, purpose="project")

        assert again.trace_sha256 == chifeng.run().trace_sha256

    def test_shrinks_when_trees_die(self, project, surveys):
        fewer = spoil(surveys, "tree", lambda rows: [row for row in rows if not row.startswith("101,1")])
        alive = [row for row in rows_of(surveys["tree"]) if row.startswith("101,1")]
        dead = spoil(
            surveys, "tree", lambda rows: [row for row in rows if row not in alive or row.split(",")[2] == "1"]
        )
        whole, felled = chifeng.run(), engine.run(chifeng.PACKAGE, project=project, inputs=dead, purpose="project")

        assert felled.verified_kg < whole.verified_kg
        assert len(fewer["tree"]) < len(dead["tree"]) < len(surveys["tree"])


def rows_of(whole):
    return [",".join(column[at] for column in whole.columns.values()) for at in range(len(whole))]


class TestBadTrees:
    def test_are_all_found_at_once_each_with_its_row(self, project, surveys):
        def change(rows):
            rows[0] = rows[0].replace("油松", "樟子松")
            rows[1] = ",".join([*rows[1].split(",")[:4], "0", "4.1"])
            rows[2] = ",".join([*rows[2].split(",")[:4], "-6.5", "4.1"])
            rows[3] = ",".join([*rows[3].split(",")[:4], "4.1", "65.0"])  # diameter and height exchanged
            rows[4] = "999" + rows[4][3:]
            rows[5] = ",".join([*rows[5].split(",")[:2], "3", *rows[5].split(",")[3:]])
            return [*rows, rows[7]]

        refused = faults(project, spoil(surveys, "tree", change))
        found = {(one.rule, one.column, one.row) for one in refused.faults}

        assert {
            ("unknown_code", "species", 2),
            ("out_of_bounds", "diameter", 3),
            ("out_of_bounds", "diameter", 4),
            ("out_of_bounds", "height", 5),
            ("unknown_reference", "plot_id", 6),
            ("unknown_value", "survey", 7),
            ("duplicated_row", "survey", len(surveys["tree"]) + 2),
        } <= found
        sheet = list(csv.DictReader(errorsheet.text(refused, "zh-hans").splitlines()))
        assert len(sheet) == len(refused.faults)
        assert all(row["reason"] and row["clause"] for row in sheet)

    def test_that_changed_their_species_are_refused(self, project, surveys):
        def change(rows):
            place = next(at for at, row in enumerate(rows) if row.split(",")[2] == "2")
            return [*rows[:place], rows[place].replace("油松", "小叶杨"), *rows[place + 1 :]]

        refused = faults(project, spoil(surveys, "tree", change))

        assert [one.rule for one in refused.faults] == ["species_changed"]
        assert "改名不是生长" in refused.faults[0].say("zh-hans")

    def test_without_a_first_survey_are_refused_unless_the_land_was_bare(self, project, surveys):
        only_second = spoil(surveys, "tree", lambda rows: [row for row in rows if row.split(",")[2] == "2"])

        assert [one.rule for one in faults(project, only_second).faults] == ["survey_missing"]
        bare = project | {"facts": project["facts"] | {"bare_at_first_survey": True}}
        done = engine.run(chifeng.PACKAGE, project=bare, inputs=only_second, purpose="project")
        assert done.verified_kg > chifeng.run().verified_kg
        assert done.quantity("uncertainty")[0] == "0"

    def test_that_grew_thinner_are_told_of(self, project, surveys):
        def change(rows):
            place = next(at for at, row in enumerate(rows) if row.split(",")[2] == "2")
            cells = rows[place].split(",")
            cells[4] = "3.0"
            return [*rows[:place], ",".join(cells), *rows[place + 1 :]]

        thinner = spoil(surveys, "tree", change)
        done = engine.run(chifeng.PACKAGE, project=project, inputs=thinner, purpose="project")

        assert [note["note"] for note in done.notes] == ["thinner_trees"]

    def test_measured_in_millimetres_and_called_centimetres_are_refused(self, project, surveys):
        millimetres = project | {"units": project["units"] | {"diameter": "m"}}

        assert [one.rule for one in faults(millimetres, surveys).faults] == ["unit_not_accepted"]

        def change(rows):
            return [
                ",".join([*row.split(",")[:4], f"{10 * float(row.split(',')[4]):.0f}", row.split(",")[5]])
                for row in rows
            ]

        tenfold = spoil(surveys, "tree", change)
        with pytest.raises((FaultyInput, formula.Implausible)):
            engine.run(chifeng.PACKAGE, project=project, inputs=tenfold, purpose="project")

    def test_below_the_range_of_their_model_are_refused_by_the_root_to_shoot_gate(self, project, surveys):
        def change(rows):
            return [",".join([*row.split(",")[:4], "4.0", "3.0"]) if row.startswith("301,") else row for row in rows]

        with pytest.raises(formula.Implausible, match="plot_root_shoot came out as"):
            engine.run(chifeng.PACKAGE, project=project, inputs=spoil(surveys, "tree", change), purpose="project")


class TestBadProject:
    def test_with_an_area_in_mu_is_refused_by_name(self, project, surveys):
        mu = project | {"units": project["units"] | {"plot.area": "mu"}}
        refused = faults(mu, surveys)

        assert [(one.rule, one.value) for one in refused.faults] == [("unit_confused", "mu")]
        assert "1 ha = 15 mu" in refused.faults[0].say("en")

    def test_whose_stratum_grew_is_refused(self, project, surveys):
        strata = [dict(one) for one in project["stratum"]]
        strata[0]["area_ha_second"] = 700

        assert [one.rule for one in faults(project | {"stratum": strata}, surveys).faults] == ["area_changed"]

    def test_with_too_few_plots_is_refused(self, project, surveys):
        few = spoil(surveys, "plot", lambda rows: [row for row in rows if not row.startswith("3") or row < "303"])
        few = spoil(few, "tree", lambda rows: [row for row in rows if not row.startswith("3") or row < "303"])

        assert [one.rule for one in faults(project, few).faults] == ["too_few_plots"]

    def test_measured_after_its_crediting_period_is_refused(self, project, surveys):
        late = project | {"period": {"start": "2020-09-01", "end": "2044-08-31"}}

        assert [one.rule for one in faults(late, surveys).faults] == ["outside_crediting_period"]

    def test_measured_again_too_soon_is_told_of(self, project, surveys):
        soon = project | {"period": {"start": "2023-09-01", "end": "2025-08-31"}}
        strata = [dict(one) | {"area_ha": 100} for one in project["stratum"]]
        done = engine.run(chifeng.PACKAGE, project=soon | {"stratum": strata}, inputs=surveys, purpose="project")

        assert [note["note"] for note in done.notes] == ["unusual_interval"]
        assert "间隔 2.0 年" in done.notes[0]["text_zh"]

    def test_of_plots_alone_is_refused(self, project, surveys):
        with pytest.raises(NothingMeasured):
            engine.run(chifeng.PACKAGE, project=project, inputs={"plot": surveys["plot"]}, purpose="project")

    def test_with_one_fact_against_it_is_not_for_this_methodology(self, project, surveys):
        wet = project | {"facts": project["facts"] | {"on_wetland": True}}

        with pytest.raises(NotApplicable, match="land_is_not_wetland"):
            engine.run(chifeng.PACKAGE, project=wet, inputs=surveys, purpose="project")


class TestPredicates:
    ANSWERS = [  # package, predicate, facts that pass, facts that fail
        ("ccer_14_001/v01", "purpose_is_eligible", {"afforestation_type": "bamboo", "planting_purpose": "timber"},
         {"afforestation_type": "trees", "planting_purpose": "economic forest"}),
        ("ccer_14_001/v01", "land_was_not_forest", {"planned_for_forest": True, "years_not_forest": 3},
         {"planned_for_forest": True, "years_not_forest": 2}),
        ("ccer_14_001/v01", "parcels_are_large_enough", {"parcel_min_m2": 400, "start_year": 2020},
         {"parcel_min_m2": 660, "start_year": 2019}),
        ("ccer_14_001/v01", "land_is_not_wetland", {"on_wetland": False}, {"on_wetland": True}),
        ("ccer_14_001/v01", "existing_plants_were_kept", {"scattered_trees_kept": True, "shrub_removed_percent": 20},
         {"scattered_trees_kept": True, "shrub_removed_percent": 21}),
        ("ccer_14_001/v01", "soil_was_left_alone", {"soil_disturbed_again": False}, {"soil_disturbed_again": True}),
        ("ccer_14_001/v01", "period_and_legality", {"legal_and_not_in_ets": True, "crediting_years": 40},
         {"legal_and_not_in_ets": True, "crediting_years": 41}),
        ("ccer_14_001/v01", "is_additional", {"annual_precipitation_mm": 400},
         {"annual_precipitation_mm": 401, "barrier_analysis": False}),
        ("ccer_14_001/v01", "is_additional", {"key_ecological_zone": True}, {"barrier_analysis": False}),
        ("ccer_14_001/v01", "is_additional", {"public_benefit_forest": True}, {"barrier_analysis": False}),
        ("ccer_14_001/v01", "fires_are_accounted", {"fires_are_accounted": True}, {"fires_are_accounted": False}),
        ("ar_cm_001/v02", "land_was_not_forest", {"land_was_not_forest": True}, {"land_was_not_forest": False}),
        ("ar_cm_003/v01", "stand_is_young_planted_forest", {"is_planted_forest": True, "stand_stage": "young"},
         {"is_planted_forest": True, "stand_stage": "mature"}),
        ("ar_cm_003/v01", "nothing_is_cut_clear", {"clear_cut": False}, {"clear_cut": True}),
        ("ar_cm_003/v01", "practice_differs", {"practice_changed": True}, {"practice_changed": False}),
        ("ar_cm_002/v01", "canopy_becomes_forest", {"bamboo_cover_percent": 20}, {"bamboo_cover_percent": 19}),
    ]  # fmt: skip

    @pytest.mark.parametrize(("package", "name", "passes", "fails"), ANSWERS)
    def test_pass_fail_or_ask_for_evidence(self, package, name, passes, fails):
        asked = next(one for one in shelf.load(package).predicates if one.name == name)

        assert asked.ask(passes) == "pass"
        assert asked.ask(fails) == "fail"
        assert asked.ask({}) == "needs_evidence"
        assert asked.clause
        assert asked.evidence_asked
        assert any("\u4e00" <= letter <= "\u9fff" for letter in asked.label_zh)

    def test_of_ccer_are_the_eight_and_additionality_and_fires(self):
        answers = predicate.ask_all(shelf.load("ccer_14_001/v01").predicates, chifeng.project()["facts"])

        assert [one["answer"] for one in answers] == ["pass"] * 10
        assert sum("(P" in one["clause"] for one in answers) == 8


class TestVolumePath:
    def test_gives_what_the_first_version_gave(self):
        self.compare(demonstration.forest_run(None))

    def test_gives_what_the_first_version_gave_on_the_published_plots(self, forest):
        self.compare(demonstration.forest_run(forest))

    def compare(self, before):
        """The same plots by v01 and v02 of AR-CM-001: one formula, one number."""
        content = json.loads(before.bundle())
        plots, stands, groups = [], [], _groups(content)
        strata = [one["code"] for one in content["inputs"]["project"]["stratum"]]
        stratum_of = {
            group: one["code"] for one in content["inputs"]["project"]["stratum"] for group in one["species_groups"]
        }
        volumes = before.quantity("volume_1"), before.quantity("volume_2")
        for place, plot in enumerate(content["axes"]["plot"]):
            code, group = groups[place]
            home = "unstocked" if code == "0" else group
            plots.append(f"{plot},{stratum_of[home]},0.0667")
            stands += [f"{plot},{survey},{group},{volumes[survey - 1][place]}" for survey in (1, 2)]
        again = engine.run(
            "ar_cm_001/v02",
            project=_like(content["inputs"]["project"]),
            inputs={
                "plot": table("plot", "plot_id,stratum,area", *plots),
                "stand": table("stand", "plot_id,survey,species_group,volume", *stands),
            },
            purpose="demonstration",
        )

        assert again.content["axes"]["stratum"] == strata
        assert float(again.quantity("change_tree")[0]) == pytest.approx(
            float(before.quantity("change_tree")[0]), rel=1e-9
        )
        assert again.tonnes == before.tonnes


def _groups(content):
    """Code and species group of each matched plot of a v01 run."""
    known = {
        row["key"]: row["value"] for p in content["parameters"] if p["name"] == "species_group" for row in p["rows"]
    }
    first, second = (content["inputs"]["tables"][name] for name in ("first", "second"))
    codes = {
        plot: (one if one != "0" else other)
        for plot, one in zip(first["plot_id"], first["dominant_tree_species"], strict=True)
        for other in [second["dominant_tree_species"][second["plot_id"].index(plot)]]
    }
    return [(codes[plot], known[codes[plot]]) for plot in content["axes"]["plot"]]


def _like(before):
    """The project file of v01 as v02 reads it."""
    return {
        "title_en": before["title_en"],
        "title_zh": before["title_zh"],
        "period": {"start": before["surveys"]["first"], "end": before["surveys"]["second"]},
        "crediting": before["crediting"],
        "units": {"plot.area": "ha", "volume": "m3/ha"},
        "declared": {name: before["declared"][name] for name in ("baseline_change", "leakage")},
        "stratum": [{"code": one["code"], "area_ha": one["area_ha"]} for one in before["stratum"]],
        "facts": {},
    }

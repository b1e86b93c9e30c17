import random

import pytest
from tests.methods.test_forest import table

from tanhui.kernel.refusal import Refusal
from tanhui.methods import engine
from tanhui.methods.engine import formula, shelf
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.predicate import NotApplicable
from tanhui.methods.families.forest_stock.v01.pools import NoBaseline

STATED = {"unit": "tCO2e", "evidence": "D", "source": "constructed"}
PROJECT = {
    "title_en": "Constructed forest",
    "title_zh": "构造林地",
    "demonstration": True,
    "generated": True,
    "period": {"start": "2020-01-01", "end": "2024-12-31"},
    "crediting": {"start": "2015-01-01", "end": "2044-12-31"},
    "units": {
        "plot.area": "ha", "volume": "m3/ha", "diameter": "cm", "age": "du", "target_density": "culms/ha",
        "shrub_cover_1": "%", "shrub_cover_2": "%", "forest_biomass": "t d.m./ha", "litter_share": "%",
        "soc_reference": "tC/ha", "soc_initial": "tC/ha", "soil_disturbed": "%", "soil_age": "a", "area_burnt": "ha",
        "burnt_biomass": "t d.m./ha", "burnt_dead": "tCO2", "product_volume": "m3", "product_age": "a",
        "baseline_area": "ha", "baseline_age": "a", "parcel.area": "ha", "parcel.age": "a",
    },
    "declared": {"baseline_change": {"value": "0", **STATED}, "leakage": {"value": "0", **STATED}},
    "stratum": [{"code": "east", "area_ha": "60"}, {"code": "west", "area_ha": "40"}],
    "facts": {},
}  # fmt: skip
PLOTS = table("plot", "plot_id,stratum,area", *(f"{at},{'east' if at < 4 else 'west'},0.06" for at in range(1, 7)))


def stands(group="落叶松", gain=15):
    rows = [f"{at},{survey},{group},{40 + at + gain * (survey - 1)}" for at in range(1, 7) for survey in (1, 2)]
    return table("stand", "plot_id,survey,species_group,volume", *rows)


def run(package, inputs, purpose="demonstration", **changes):
    return engine.run(package, project=PROJECT | changes, inputs=inputs, purpose=purpose)


def number(done, quantity):
    return float(done.quantity(quantity)[0])


EVERY_POOL = {
    "plot": PLOTS,
    "stand": stands(),
    "inventory": table(
        "inventory", "plot_id,survey,ipcc_zone,ipcc_type,volume",
        *(f"{at},{survey},temperate,hardwoods,{7 + 3 * survey}" for at in range(1, 7) for survey in (1, 2)),
    ),
    "shrub": table(
        "shrub", "stratum,shrub_type,shrub_cover_1,shrub_cover_2,forest_biomass", "west,灌木（缺省）,4,25,80"
    ),
    "dead_wood": table("dead_wood", "stratum,dead_wood_region", "east,东北/内蒙古", "west,东北/内蒙古"),
    "litter": table("litter", "stratum,litter_type,litter_share", "east,枯落物（缺省）,8"),
    "soil": table(
        "soil", "stratum,soil_rule,soc_reference,soc_initial,soil_disturbed,soil_age", "east,缺省,60,52,5,6"
    ),
    "fire": table(
        "fire", "event,date,fire_zone,vegetation,gwp_report,area_burnt,burnt_biomass,burnt_dead",
        "1,2022-04-11,温带,森林,AR5,3,40,20",
    ),
}  # fmt: skip


class TestEveryPool:
    def test_adds_up_to_the_actual_removal(self):
        done = run("ar_cm_001/v02", EVERY_POOL)
        pools = ("change_tree", "change_shrub", "change_dead_wood", "change_litter", "change_soil")

        assert all(number(done, pool) > 0 for pool in pools)
        assert number(done, "change_actual") == pytest.approx(
            sum(number(done, pool) for pool in pools) - number(done, "fire_emissions"), rel=1e-9
        )
        assert number(done, "fire_emissions") == pytest.approx(
            0.001 * 3 * 40 * 0.45 * (4.7 * 28 + 0.26 * 265) + 0.07 * 20, rel=1e-9
        )
        assert number(done, "removal") <= 0.9 * number(done, "change_net") + 1e-6
        assert engine.rerun(done.bundle()) is None

    def test_counts_nothing_where_no_table_was_handed_in(self):
        alone = run("ar_cm_001/v02", {name: EVERY_POOL[name] for name in ("plot", "stand")})
        used = {one["name"] for one in alone.content["parameters"]}

        assert alone.quantity("change_actual") == alone.quantity("change_tree")
        assert not {"dead_wood_share", "soil_cap", "gwp_methane", "shrub_ratio", "litter_carbon_fraction"} & used

    @pytest.mark.parametrize(
        ("name", "row", "rule"),
        [
            ("fire", "1,2019-04-11,温带,森林,AR5,3,40,20", "outside_period"),
            ("fire", "1,2022-04-11,温带,森林,AR9,3,40,20", "no_parameter_value"),
            ("shrub", "north,灌木（缺省）,4,25,80", "unknown_reference"),
            ("shrub", "west,灌木（缺省）,4,125,80", "out_of_bounds"),
            ("dead_wood", "east,火星", "no_parameter_value"),
            ("stand", "1,1,桫椤,40", "unknown_code"),
            ("inventory", "1,1,temperate,larch,10\n1,2,temperate,larch,12", "no_parameter_value"),
        ],
    )
    def test_refuses_a_row_it_cannot_count(self, name, row, rule):
        header = ",".join(EVERY_POOL[name].columns)
        with pytest.raises(FaultyInput) as refused:
            run("ar_cm_001/v02", EVERY_POOL | {name: table(name, header, row)})

        assert rule in {one.rule for one in refused.value.faults}

    def test_is_not_moved_by_cutting_a_stratum_in_equal_halves(self):
        twice = [*(f"{at},east,0.06" for at in (1, 2, 3)), *(f"{at},west,0.06" for at in (4, 5, 6))]
        twice += [f"{at},south,0.06" for at in (7, 8, 9)]
        rows = stands().columns
        copies = [
            f"{int(plot) + 3},{survey},{group},{volume}"
            for plot, survey, group, volume in zip(*rows.values(), strict=True)
            if int(plot) > 3
        ]
        whole = [",".join(cells) for cells in zip(*rows.values(), strict=True)]
        halves = [
            {"code": "east", "area_ha": "60"},
            {"code": "west", "area_ha": "20"},
            {"code": "south", "area_ha": "20"},
        ]
        before = run("ar_cm_001/v02", {"plot": PLOTS, "stand": stands()})
        after = run(
            "ar_cm_001/v02",
            {
                "plot": table("plot", "plot_id,stratum,area", *twice),
                "stand": table("stand", "plot_id,survey,species_group,volume", *whole, *copies),
            },
            stratum=halves,
        )

        assert number(after, "change_tree") == pytest.approx(number(before, "change_tree"), rel=1e-9)


class TestForestManagement:
    BASELINE = table(
        "baseline", "stratum,species_group,baseline_area,baseline_age", "east,落叶松,60,12", "west,落叶松,40,12"
    )
    PRODUCTS = table(
        "product", "product,species_group,product_type,product_volume,product_age", "k1,落叶松,锯材,120,2.5"
    )

    def inputs(self, **tables):
        return {"plot": PLOTS, "stand": stands(gain=70), "baseline": self.BASELINE, "product": self.PRODUCTS} | tables

    def test_credits_what_grew_beyond_the_baseline(self):
        done = run("ar_cm_003/v01", self.inputs())

        assert number(done, "baseline_change") > 0
        assert number(done, "change_net") == pytest.approx(
            number(done, "change_tree") + number(done, "change_products") - number(done, "baseline_change"), rel=1e-9
        )
        assert engine.rerun(done.bundle()) is None

    def test_refuses_a_baseline_of_other_species_models(self):
        other = table(
            "baseline", "stratum,species_group,baseline_area,baseline_age", "east,桦木,60,12", "west,落叶松,40,12"
        )
        with pytest.raises(FaultyInput) as refused:
            run("ar_cm_003/v01", self.inputs(baseline=other))

        assert [(one.rule, one.value) for one in refused.value.faults] == [("other_species_model", "桦木")]

    def test_refuses_to_go_without_a_baseline(self):
        with pytest.raises(NoBaseline):
            run("ar_cm_003/v01", {"plot": PLOTS, "stand": stands()})

    def test_earns_less_the_faster_the_baseline_grows(self):
        own = [{"parameter": "curve_rate", "key": "落叶松", "value": "0.08", **STATED, "unit": "1/a"}]

        faster = run("ar_cm_003/v01", self.inputs(), own=own)

        assert number(faster, "baseline_change") != number(run("ar_cm_003/v01", self.inputs()), "baseline_change")

    def test_is_not_for_mature_stands(self):
        with pytest.raises(NotApplicable, match="stand_is_young_planted_forest"):
            run(
                "ar_cm_003/v01",
                self.inputs(),
                purpose="project",
                facts={"is_planted_forest": True, "stand_stage": "mature"},
            )


class TestBamboo:
    def inputs(self, culms=(12, 14), target=2500):
        plots = [f"{at},{'east' if at < 4 else 'west'},0.01,{target}" for at in range(1, 7)]
        rows = [
            f"{plot},{number},{survey},毛竹,浙江临安,{8 + 0.1 * (number % 5) + 0.02 * plot:.2f},{1 + number % 3}"
            for plot in range(1, 7)
            for survey in (1, 2)
            for number in range(1, culms[survey - 1] + 1)
        ]
        header = "plot_id,culm_number,survey,bamboo_species,bamboo_site,diameter,age"
        return {
            "plot": table("plot", "plot_id,stratum,area,target_density", *plots),
            "culm": table("culm", header, *rows),
        }

    def test_gains_with_its_culms_up_to_the_target(self):
        done = run("ar_cm_002/v01", self.inputs())

        assert done.verified_kg > 0
        assert engine.rerun(done.bundle()) is None

    def test_gains_nothing_above_the_density_it_is_kept_at(self):
        kept = run("ar_cm_002/v01", self.inputs(culms=(30, 45), target=2500))

        assert abs(number(kept, "change_tree")) < 0.02 * number(kept, "stock_2_t")

    def test_needs_a_target_density_also_where_it_is_one_pool_of_several(self):
        inputs = self.inputs() | {"plot": PLOTS}
        with pytest.raises(FaultyInput) as refused:
            run("ccer_14_001/v01", inputs)

        assert [(one.rule, one.column) for one in refused.value.faults] == [("missing_column", "target_density")]


class TestExpectation:
    INPUTS = {
        "growth": table("growth", "species_group", "落叶松", "油松"),
        "parcel": table("parcel", "parcel,species_group,area,age", "p1,落叶松,40,0", "p2,油松,60,-1"),
    }
    DECLARED = {
        "horizon": {"value": "20", **STATED, "unit": "a"},
        "baseline_yearly": {"value": "1.5", **STATED, "unit": "tCO2e/a"},
    }

    def test_is_of_every_parcel_and_year(self):
        done = run("ar_cm_001_ex_ante/v01", self.INPUTS, declared=self.DECLARED)

        assert len(done.quantity("projected_stock")) == 2 * 21
        assert done.quantity("yearly_stock")[0] == "0"
        assert number(done, "expected_removal") == pytest.approx(0.9 * number(done, "expected_change"), rel=1e-9)
        assert done.tonnes > 1000
        assert engine.rerun(done.bundle()) is None

    def test_never_feeds_an_issuance(self):
        with pytest.raises(shelf.NeverIssues, match="statistical"):
            run("ar_cm_001_ex_ante/v01", self.INPUTS, purpose="issuance", declared=self.DECLARED)

    def test_names_the_species_it_has_no_curve_for(self):
        inputs = {
            "growth": table("growth", "species_group", "云杉"),
            "parcel": table("parcel", "parcel,species_group,area,age", "p1,云杉,40,0"),
        }
        with pytest.raises(FaultyInput) as refused:
            run("ar_cm_001_ex_ante/v01", inputs, declared=self.DECLARED)

        assert {one.value for one in refused.value.faults} == {"云杉"}

    def test_of_a_forest_that_grows_too_fast_is_refused(self):
        own = [{"parameter": "curve_asymptote", "key": "落叶松", "value": "1400", **STATED, "unit": "m3/ha"}]
        own += [{"parameter": "curve_rate", "key": "落叶松", "value": "0.3", **STATED, "unit": "1/a"}]

        with pytest.raises(formula.Implausible, match="yearly_growth"):
            run("ar_cm_001_ex_ante/v01", self.INPUTS, declared=self.DECLARED, own=own)


class TestPlotsOnTheMap:
    BOUNDARY = {
        "type": "Polygon",
        "coordinates": [[["118", "42"], ["119", "42"], ["119", "43"], ["118", "43"], ["118", "42"]]],
    }

    def test_lie_within_the_boundary(self):
        where = [f"{at},118.{at},42.5" for at in range(1, 7)]
        inputs = {"plot": PLOTS, "stand": stands(), "location": table("location", "plot_id,longitude,latitude", *where)}
        units = PROJECT["units"] | {"longitude": "deg", "latitude": "deg"}

        done = run("ar_cm_001/v02", inputs, boundary=self.BOUNDARY, units=units)
        assert done.verified_kg > 0

        where[3] = "4,120.4,42.5"
        inputs["location"] = table("location", "plot_id,longitude,latitude", *where)
        with pytest.raises(FaultyInput) as refused:
            run("ar_cm_001/v02", inputs, boundary=self.BOUNDARY, units=units)
        assert [(one.rule, one.row) for one in refused.value.faults] == [("outside_boundary", 5)]


class TestCountedBamboo:
    HEADER = "plot_id,survey,bamboo_age,count_site,count_species,culms"

    def inputs(self):
        plots = [f"{at},{'east' if at < 4 else 'west'},0.04,4000" for at in range(1, 7)]
        rows = [
            f"{plot},{survey},{age},湖南桃江,毛竹,{20 + 2 * plot + 10 * survey}"
            for plot in range(1, 7)
            for survey in (1, 2)
            for age in (1, 3, 5)
        ]
        return {
            "plot": table("plot", "plot_id,stratum,area,target_density", *plots),
            "count": table("count", self.HEADER, *rows),
        }

    def test_goes_by_the_mean_culms_of_its_county(self):
        done = run("ar_cm_002/v01", self.inputs(), region="430922")
        rows = next(one for one in done.content["parameters"] if one["name"] == "culm_mass_of_age")["rows"]

        assert [(row["key"], row["value"], row["evidence"], row["region"]) for row in rows] == [
            ("1", "16.204", "P", "430922"),
            ("3", "19.258", "P", "430922"),
            ("5", "23.202", "P", "430922"),
        ]
        assert done.verified_kg > 0

    def test_has_no_mean_culm_elsewhere(self):
        with pytest.raises(FaultyInput) as refused:
            run("ar_cm_002/v01", self.inputs(), region="330100")

        assert {one.rule for one in refused.value.faults} == {"no_parameter_value"}


class TestSpoiltInput:
    CELLS = ("", "nan", "inf", "-1", "0", "1e999", "油松", "3", "east", "2020-13-01", "1,5", "—", "99999999")

    def test_is_computed_or_refused_and_never_breaks(self):
        """One cell of one table replaced by something else, two hundred times."""
        dice = random.Random(29)
        refused = 0
        for _ in range(200):
            name = dice.choice(list(EVERY_POOL))
            columns = {heading: list(cells) for heading, cells in EVERY_POOL[name].columns.items()}
            cells = columns[dice.choice(list(columns))]
            cells[dice.randrange(len(cells))] = dice.choice(self.CELLS)
            rows = [",".join(f'"{cell}"' for cell in row) for row in zip(*columns.values(), strict=True)]
            try:
                run("ar_cm_001/v02", EVERY_POOL | {name: table(name, ",".join(columns), *rows)})
            except Refusal:
                refused += 1

        assert 100 < refused < 200


class TestLinearEquations:
    HEADER = "stratum,forest_type,area,volume_1,volume_2"
    BASELINE = table("linear_baseline", HEADER, "east,杉木,60,45,55", "west,杉木,40,45,55")
    UNITS = PROJECT["units"] | {"linear_baseline.area": "ha", "volume_1": "m3/ha", "volume_2": "m3/ha"}

    def inputs(self, least=40):
        rows = [f"{at},{survey},杉木,{least + at + 30 * (survey - 1)}" for at in range(1, 7) for survey in (1, 2)]
        return {
            "plot": PLOTS,
            "linear": table("linear", "plot_id,survey,forest_type,volume", *rows),
            "linear_baseline": self.BASELINE,
        }

    def test_of_zhejiang_count_what_grew_beyond_the_baseline(self):
        done = run("ar_cm_003/v01", self.inputs(), region="330782", units=self.UNITS)
        used = {one["name"]: one["evidence"] for one in done.content["parameters"]}

        assert {used[name] for name in used if name.startswith("linear")} == {"P"}
        assert "wood_density" not in used
        assert number(done, "change_tree") == pytest.approx(44 / 12 * 0.47 * 0.4652 * 30 * 100, rel=1e-9)
        assert number(done, "baseline_change") == pytest.approx(44 / 12 * 0.47 * 0.4652 * 10 * 100, rel=1e-9)
        assert engine.rerun(done.bundle()) is None

    def test_hold_nowhere_else(self):
        with pytest.raises(FaultyInput) as refused:
            run("ar_cm_003/v01", self.inputs(), region="150400", units=self.UNITS)

        assert {one.rule for one in refused.value.faults} == {"unknown_code"}

    def test_give_an_empty_plot_no_weight_of_the_intercept(self):
        with pytest.raises(FaultyInput) as refused:
            run("ar_cm_003/v01", self.inputs(least=-1), region="330782", units=self.UNITS)

        assert [(one.rule, one.value) for one in refused.value.faults] == [("out_of_bounds", "0")]

    def test_take_the_baseline_by_the_same_forest_type(self):
        other = table("linear_baseline", self.HEADER, "east,马尾松,60,45,55")
        with pytest.raises(FaultyInput) as refused:
            run("ar_cm_003/v01", self.inputs() | {"linear_baseline": other}, region="330782", units=self.UNITS)

        assert [one.rule for one in refused.value.faults] == ["other_species_model"]

import time

import numpy as np
import pytest
from tests.methods import agri

from tanhui.methods.engine import binding, formula, shelf
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.guards import YieldFell

NUMBER = pytest.approx


@pytest.fixture
def farm():
    return agri.rice()


def faults(farm):
    with pytest.raises(FaultyInput) as refused:
        farm.run()
    return [(one.rule, one.row, one.column, one.value) for one in refused.value.faults]


def numbers(done, name):
    return [float(value) for value in done.quantity(name)]


class TestRiceWater:
    def test_takes_the_regime_of_each_parcel_from_its_log(self, farm):
        done = farm.run()

        assert numbers(done, "drained_times") == [2, 1, 2]
        assert numbers(done, "water_project") == [0.55, 0.71, 0.55]
        assert numbers(done, "water_baseline") == [1.0, 1.0, 0.71]
        assert {"drainages_too_short", "flux_far_from_factor"} & {one["note"] for one in done.notes} == {
            "drainages_too_short"
        }

    def test_comes_out_as_by_hand(self, farm):
        done = farm.run()
        organic = 4**0.59  # three tonnes of fresh straw
        before = [1.32 * organic * 120 * 2.4, 1.32 * 120 * 1.6, 1.32 * 0.71 * (1 + 3 * 0.19) ** 0.59 * 120 * 3]
        now = [before[0] * 0.55, before[1] * 0.71, 1.32 * 0.55 * (1 + 4 * 0.19) ** 0.59 * 120 * 3]

        assert numbers(done, "methane_baseline") == NUMBER(before)
        assert numbers(done, "methane_project") == NUMBER(now)
        added = [240 * area * 0.002 * 44 / 28 for area in (2.4, 1.6)] + [0]
        assert np.subtract(numbers(done, "nitrous_project"), numbers(done, "nitrous_baseline")) == NUMBER(
            added, abs=1e-9
        )
        gross = (sum(before) - sum(now)) * 28 / 1000 - sum(added) * 265 / 1000
        assert float(done.quantity("reduction")[0]) == NUMBER(gross * 0.85)

    def test_nets_the_nitrous_oxide_that_drainage_adds(self, farm):
        farm.sheets["parcels"][0]["nitrogen"] = 300
        more = farm.run()

        assert more.verified_kg < agri.rice().run().verified_kg

    def test_without_a_log_takes_fields_as_flooded_and_earns_nothing(self, farm):
        del farm.sheets["drainages"]
        done = farm.run()

        assert numbers(done, "drained_times") == [0, 0, 0]
        assert done.verified_kg < 0  # the stratum that drained once before floods now
        assert done.tonnes == 0

    @pytest.mark.parametrize(("column", "value"), [("nitrogen", 100), ("harvested_on", "2026-09-27")])
    def test_pays_nothing_for_less_nitrogen_or_a_shorter_season(self, farm, column, value):
        farm.sheets["parcels"] = [row | {column: value} for row in farm.sheets["parcels"]]
        del farm.sheets["drainages"]
        farm.sheets["strata"] = [row | {"baseline_drainages": 0} for row in farm.sheets["strata"]]
        farm.sheets["organic"] = [row | {"rate": row["baseline_rate"]} for row in farm.sheets["organic"]]

        assert farm.run().verified_kg == 0

    def test_counts_more_straw_against_the_project(self, farm):
        before = farm.run().verified_kg
        farm.sheets["organic"][0]["rate"] = 6

        assert farm.run().verified_kg < before

    def test_takes_only_the_kinds_of_amendment_it_knows(self, farm):
        farm.sheets["organic"][0]["amendment"] = "seaweed"

        assert [place for _, *place in faults(farm)] == [[2, "amendment", "seaweed"]]

    def test_accepts_a_measured_factor_of_the_project(self, farm):
        before = farm.run().verified_kg
        own = agri.stated("2.0", "kgCH4/(ha*d)", "P", "three seasons of chambers on the reference fields")
        farm.project["own"] = [{"parameter": "daily_factor"} | own]

        assert farm.run().verified_kg > before

    def test_refuses_a_stratum_that_harvested_less(self, farm):
        farm.sheets["parcels"][2]["harvest"] = 8200  # 6.3 % below its reference fields

        with pytest.raises(YieldFell, match=r"wujiang fell by 6\.3 %.*tolerates 5 %"):
            farm.run()

    def test_tolerates_a_small_fall_of_the_yield(self, farm):
        farm.sheets["parcels"][2]["harvest"] = 8350

        assert farm.run().tonnes > 0

    def test_gains_nothing_from_fallow_land(self, farm):
        before = farm.run()
        farm.sheets["parcels"] = farm.sheets["parcels"][1:]
        farm.sheets["drainages"] = [row for row in farm.sheets["drainages"] if row["parcel"] != "Q01"]
        farm.sheets["organic"] = farm.sheets["organic"][1:]

        assert farm.run().verified_kg < before.verified_kg


class TestFluxes:
    def flux(self, farm, values, unit):
        farm.project["units"]["flux"] = unit
        for row, value in zip(farm.sheets["references"], values, strict=True):
            row["flux"] = value
        return farm.run()

    def test_of_methane_and_of_carbon_are_told_apart_by_their_unit(self, farm):
        by_methane = self.flux(farm, [6, 6, 6], "mgCH4/(m2*h)")
        by_carbon = self.flux(farm, [4.5, 4.5, 4.5], "mgC/(m2*h)")
        by_day = self.flux(farm, [1.44, 1.44, 1.44], "kgCH4/(ha*d)")

        assert numbers(by_methane, "flux_ratio") == NUMBER(numbers(by_carbon, "flux_ratio"))
        assert numbers(by_methane, "flux_ratio") == NUMBER(numbers(by_day, "flux_ratio"))

    def test_change_no_credit(self, farm):
        assert self.flux(farm, [6, 6, 6], "mgCH4/(m2*h)").verified_kg == agri.rice().run().verified_kg

    def test_far_from_the_factor_are_remarked_on(self, farm):
        notes = self.flux(farm, [0.5, 6, 6], "mgCH4/(m2*h)").notes

        assert [one["stratum"] for one in notes if one["note"] == "flux_far_from_factor"] == [1]

    def test_without_a_basis_are_refused(self, farm):
        with pytest.raises(FaultyInput) as refused:
            self.flux(farm, [6, 6, 6], "mg/(m2*h)")

        assert refused.value.faults[0].rule == "unit_not_accepted"


class TestBadInput:
    @pytest.mark.parametrize(
        ("table", "row", "change", "expected"),
        [
            ("parcels", 0, {"stratum": "jiashan"}, ("unknown_reference", 2, "stratum", "jiashan")),
            ("parcels", 0, {"harvested_on": "2026-06-01"}, ("season_ends_first", 2, "harvested_on", "2026-06-01")),
            ("parcels", 0, {"flooded_on": "2025-06-10"}, ("outside_period", 2, "flooded_on", "2025-06-10")),
            ("parcels", 0, {"flooded_on": "10.6.2026"}, ("bad_date", 2, "flooded_on", "10.6.2026")),
            ("parcels", 0, {"area": "0"}, ("out_of_bounds", 2, "area", "0")),
            ("parcels", 0, {"area": "-2.4"}, ("out_of_bounds", 2, "area", "-2.4")),
            ("parcels", 0, {"harvest": "570"}, ("out_of_bounds", 2, "harvest", "570")),  # kg per mu
            ("parcels", 0, {"nitrogen": "viel"}, ("not_a_number", 2, "nitrogen", "viel")),
            ("parcels", 1, {"parcel": "Q01"}, ("duplicated_row", 3, "parcel", "Q01")),
            ("drainages", 0, {"parcel": "Q09"}, ("unknown_reference", 2, "parcel", "Q09")),
            ("drainages", 0, {"reflooded_on": ""}, ("empty_cell", 2, "reflooded_on", "")),
            ("drainages", 0, {"reflooded_on": "2026-07-15"}, ("reflooded_first", 2, "reflooded_on", "2026-07-15")),
            ("drainages", 0, {"drained_on": "2026-05-15"}, ("drainage_outside_season", 2, "drained_on", "2026-05-15")),
            ("drainages", 1, {"drained_on": "2026-07-20"}, ("drainages_overlap", 3, "drained_on", "2026-07-20")),
            ("references", 0, {"stratum": "wujiang"}, ("no_reference_field", 2, "stratum", "qingpu")),
        ],
    )
    def test_is_named_by_row_and_value(self, farm, table, row, change, expected):
        farm.sheets[table][row].update(change)

        assert expected in faults(farm)

    def test_is_told_all_at_once(self, farm):
        for row in farm.sheets["parcels"]:
            row["area"] = "-1"

        assert len(faults(farm)) == 3

    def test_says_its_own_rules_in_chinese(self, farm):
        farm.sheets["drainages"][0]["drained_on"] = "2026-05-15"
        with pytest.raises(FaultyInput) as refused:
            farm.run()

        assert "生育期" in refused.value.faults[0].say("zh-hans")

    def test_of_a_yield_in_kilograms_per_mu_declared_as_such_is_refused_by_its_unit(self, farm):
        farm.project["units"]["harvest"] = "kg/mu"

        assert faults(farm)[0][0].startswith("unit_")


class TestDefaultCuts:
    def test_earn_by_drainage_and_cropping(self):
        farm = agri.default_cuts()
        farm.sheets["parcels"][2]["double_cropped"] = "yes"
        done = farm.run()

        assert numbers(done, "daily_cut") == [0.72, 0.60, 1.80]

    def test_rest_on_recalled_values(self):
        used = {one["name"]: one["evidence"] for one in agri.default_cuts().run().content["parameters"]}

        assert used["cut_single"] == used["cut_double"] == "D"

    def test_are_kept_apart_from_the_factors(self):
        assert "daily_factor" not in shelf.load("ams_iii_au/v01").parameters
        assert "cut_single" not in shelf.load("cms_017/v01").parameters


class TestPublicContradictions:
    """Copies of the tables that circulate and cannot be right."""

    def test_labels_of_rice_nitrous_oxide_are_not_those_that_were_exchanged(self):
        upper, factors = shelf.load("cms_017/v01").parameters["nitrous_factor"].scale()

        assert upper[0] == 0
        assert factors.tolist() == [0.003, 0.005]  # one package ships .004 and .006 under the two labels
        assert factors[0] < factors[1]  # air in the soil makes nitrous oxide

    def test_rice_of_one_catalogue_disagrees_with_itself(self):
        per_kilogram, per_hectare = 1.08, 13_200  # kgCO2e, both in the same product catalogue
        highest_yield = 11_000  # kg/ha; more than any province harvests

        assert per_hectare / per_kilogram > highest_yield

    def test_a_scale_is_as_monotone_as_nature(self):
        for name, falling in (("water_scaling", True), ("preseason_scaling", True), ("nitrous_factor", False)):
            values = shelf.load("cms_017/v01").parameters[name].scale()[1]
            assert (np.diff(values) < 0).all() == falling


class TestManyParcels:
    def given(self, parcels, strata=500):
        rng = np.random.default_rng(5)
        events = 2 * parcels
        start = np.datetime64("2026-06-10")
        drained = start + rng.integers(10, 90, events).astype("timedelta64[D]")
        return {
            "flooded_on": np.full(parcels, str(start)),
            "harvested_on": np.full(parcels, "2026-10-07"),
            "area": rng.uniform(0.05, 3, parcels),
            "parcel_stratum": np.arange(parcels, dtype=np.intp) % strata,
            "dry_days": rng.uniform(100, 200, parcels),
            "nitrogen": rng.uniform(150, 250, parcels),
            "harvest": rng.uniform(8000, 9000, parcels),
            "drainage_parcel": rng.integers(0, parcels, events).astype(np.intp),
            "drained_on": drained.astype(np.str_),
            "reflooded_on": (drained + np.timedelta64(6, "D")).astype(np.str_),
            "amendment_parcel": np.arange(parcels, dtype=np.intp),
            "amendment": np.where(np.arange(parcels) % 2, "straw_short", "compost"),
            "baseline_rate": rng.uniform(0, 4, parcels),
            "rate": rng.uniform(0, 4, parcels),
            "baseline_drainages": np.zeros(strata),
            "baseline_dry_days": np.full(strata, 150.0),
            "baseline_days": np.full(strata, 120.0),
            "stratum_count": strata,
            "baseline_nitrogen": np.full(strata, 220.0),
            "reference_harvest": np.full(strata, 8200.0),
            "reference_stratum": np.arange(strata, dtype=np.intp),
        }

    def reduced(self, given):
        package = shelf.load("cms_017/v01")
        bound = binding.bind(package.formulas, package.parameters, given)
        return formula.chain(package.formulas, given | bound.values)

    def test_a_hundred_thousand_take_less_than_a_second(self):
        given = self.given(100_000)
        started = time.process_time()
        computed = self.reduced(given)

        assert time.process_time() - started < 1.0
        assert computed["reduction"] > 0

    def test_split_into_two_regions_add_up(self):
        given = self.given(2_000, strata=10)
        whole = self.reduced(given)["gross"]
        parts = 0.0
        for half in (0, 1):
            mine = np.flatnonzero(given["parcel_stratum"] % 2 == half)
            place = np.full(2_000, -1)
            place[mine] = np.arange(len(mine))
            part = dict(given)
            for name in ("flooded_on", "harvested_on", "area", "parcel_stratum", "dry_days", "nitrogen", "harvest"):
                part[name] = given[name][mine]
            for axis, names in (
                ("drainage_parcel", ("drained_on", "reflooded_on")),
                ("amendment_parcel", ("amendment", "baseline_rate", "rate")),
            ):
                kept = place[given[axis]] >= 0
                part[axis] = place[given[axis][kept]]
                part |= {name: given[name][kept] for name in names}
            strata = np.arange(10) % 2 == half
            part["parcel_stratum"] = part["parcel_stratum"] // 2
            for name in ("baseline_drainages", "baseline_dry_days", "baseline_days", "baseline_nitrogen"):
                part[name] = given[name][strata]
            part["stratum_count"] = 5
            part["reference_harvest"] = given["reference_harvest"][strata]
            part["reference_stratum"] = np.arange(5, dtype=np.intp)
            parts += self.reduced(part)["gross"]

        assert parts == NUMBER(whole, rel=1e-12)

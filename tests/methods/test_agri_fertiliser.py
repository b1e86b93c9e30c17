import csv
import tomllib
from decimal import Decimal

import numpy as np
import pytest
from tests.methods import agri
from tests.methods.conftest import SHARED

from tanhui.methods.engine import shelf
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.predicate import NotApplicable
from tanhui.methods.guards import YieldFell

KEYED = ("direct_factor", "volatile_share", "deposition_factor", "leaching_share", "leaching_factor")


@pytest.fixture
def farm():
    return agri.fertiliser()


class TestFertiliser:
    def test_comes_out_as_by_hand(self, farm):
        wet = 0.15 * 0.014 + 0.24 * 0.011  # volatilised and leached, urea
        urea = (220 - 180) * 40 / 1000 * (0.016 + wet)
        manure = -15 * 40 / 1000 * (0.006 + 0.21 * 0.014 + 0.24 * 0.011)
        compound = (210 - 180) * 60 / 1000 * (0.005 + 0.11 * 0.005)
        done = farm.run()

        assert float(done.quantity("reduction")[0]) == pytest.approx((urea + manure + compound) * 44 / 28 * 273)

    def test_counts_other_nitrogen_that_took_the_place(self, farm):
        before = farm.run().verified_kg
        farm.sheets["nitrogen"][1]["nitrogen"] = 40

        assert farm.run().verified_kg < before

    def test_is_a_loss_where_more_was_applied(self, farm):
        for row in farm.sheets["nitrogen"]:
            row["baseline_nitrogen"], row["nitrogen"] = row["nitrogen"], row["baseline_nitrogen"]
        done = farm.run()

        assert done.verified_kg < 0
        assert done.tonnes == 0

    def test_refuses_a_stratum_that_harvested_less(self, farm):
        farm.sheets["parcels"][0]["harvest"] = 5800

        with pytest.raises(YieldFell, match=r"wheat fell by 6\.5 %"):
            farm.run()

    def test_refuses_nitrogen_that_does_not_reconcile(self, farm):
        farm.project["facts"]["all_nitrogen_recorded"] = False

        with pytest.raises(NotApplicable, match="no_unreported_nitrogen"):
            farm.run(purpose="project", floor="D")

    def test_refuses_two_years_of_records(self, farm):
        farm.project["facts"]["record_years"] = 2

        with pytest.raises(NotApplicable, match="history_recorded"):
            farm.run(purpose="project", floor="D")

    @pytest.mark.parametrize(
        ("row", "column", "value", "rule"),
        [
            (0, "kind", "ammonia", "no_parameter_value"),
            (0, "climate", "humid", "unknown_value"),
            (0, "parcel", "P9", "unknown_reference"),
            (0, "nitrogen", "-1", "out_of_bounds"),
            (0, "nitrogen", "18000", "out_of_bounds"),  # kg on the whole parcel
        ],
    )
    def test_names_bad_cells(self, farm, row, column, value, rule):
        farm.sheets["nitrogen"][row][column] = value
        with pytest.raises(FaultyInput) as refused:
            farm.run()

        assert (rule, column, value) in {(one.rule, one.column, one.value) for one in refused.value.faults}


class TestEditions:
    def test_are_chosen_once_for_every_factor(self, farm):
        farm.project["facts"]["edition"] = "2006"
        used = {one["name"]: one for one in farm.run().content["parameters"]}

        for name in KEYED:
            assert all(row["key"].startswith("2006") for row in used[name]["rows"])
            assert all("2019" not in row["source"] for row in used[name]["rows"])

    def test_never_share_a_source(self):
        for name in KEYED:
            for row in shelf.load("fertiliser_n2o/v01").parameters[name].rows:
                edition = row.key.partition("|")[0]
                assert edition in row.source, (name, row.key)

    def test_of_2006_are_recalled_and_say_so(self):
        for name in KEYED:
            for row in shelf.load("fertiliser_n2o/v01").parameters[name].rows:
                assert row.grade == "D" or row.key.startswith("2019")

    def test_that_do_not_exist_are_refused(self, farm):
        farm.project["facts"]["edition"] = "2013"
        with pytest.raises(FaultyInput) as refused:
            farm.run()

        assert [one.rule for one in refused.value.faults] == ["unknown_value"]

    def test_must_be_named(self, farm):
        del farm.project["facts"]["edition"]

        with pytest.raises(FaultyInput) as refused:
            farm.run()
        assert ("missing_fact", "facts.edition") in {(one.rule, one.column) for one in refused.value.faults}

    def test_give_different_answers(self, farm):
        new = farm.run().verified_kg
        farm.project["facts"]["edition"] = "2006"

        assert farm.run().verified_kg != new

    def test_cannot_be_mixed_by_a_value_of_the_projects_own(self, farm):
        own = agri.stated("0.0075", "kgN2O-N/kgN", "D", "IPCC 2006")
        farm.project["own"] = [{"parameter": "leaching_factor", "key": "2019"} | own]
        with pytest.raises(FaultyInput) as refused:
            farm.run()

        assert [one.rule for one in refused.value.faults] == ["not_own"]


class TestTables:
    """The shelf's values against the public tables they were taken from."""

    def rows(self, name):
        path = SHARED / "domain/params" / name
        if not path.is_file():
            pytest.skip(f"the public tables are not at {path.parent}")
        return list(csv.DictReader(path.read_text("utf-8").splitlines()))

    def value(self, package, name, key=""):
        return float(shelf.load(package).parameters[name].row(key).value)

    def test_of_soil_nitrogen_agree(self):
        public = {(row["parameter"], row["class"]): float(row["value"]) for row in self.rows("n2o_soils.csv")}
        fertiliser = "fertiliser_n2o/v01"

        assert self.value(fertiliser, "direct_factor", "2019|wet|urea") == public["EF1", "synthetic, wet"]
        assert self.value(fertiliser, "direct_factor", "2019|wet|organic") == public["EF1", "other N, wet"]
        assert self.value(fertiliser, "direct_factor", "2019|dry|urea") == public["EF1", "all N, dry"]
        assert self.value(fertiliser, "deposition_factor", "2019|wet") == public["EF4", "wet"]
        assert self.value(fertiliser, "leaching_factor", "2019") == public["EF5", "leaching"]
        assert self.value(fertiliser, "leaching_factor", "2006") == public["EF5", "2006 edition"]
        assert self.value("cms_017/v01", "nitrous_factor", "0") == public["EF1FR", "continuous flooding"]
        assert self.value("cms_017/v01", "nitrous_factor", "99") == public["EF1FR", "single/multiple drainage"]

    def test_of_rice_agree(self):
        public = {(row["parameter"], row["class"]): float(row["value"]) for row in self.rows("rice_ch4.csv")}
        rice = shelf.load("cms_017/v01").parameters
        regimes = ("continuously flooded", "single drainage", "multiple drainage")

        assert rice["water_scaling"].scale()[1].tolist() == [public["SFw", one] for one in regimes]
        assert sorted(rice["preseason_scaling"].scale()[1]) == sorted(
            value for (name, _), value in public.items() if name == "SFp"
        )
        assert sorted(float(row.value) for row in rice["organic_conversion"].rows) == sorted(
            value for (name, _), value in public.items() if name == "CFOA"
        )
        assert rice["daily_factor"].number() == public["EFc", "East Asia"]

    def test_of_manure_agree(self):
        public = {
            (row["class"].replace("-", "_"), {"temperate-cool": "cool", "temperate-warm": "warm"}[row["zone"]] + "_"
             + row["moisture"]): float(row["value"])
            for row in self.rows("manure_asia.csv") if row["parameter"] == "MCF"
        }  # fmt: skip
        for package in ("cms_021/v01", "cms_026/v01"):
            for name in ("baseline_conversion", "digester_conversion"):
                for row in shelf.load(package).parameters[name].rows:
                    assert float(row.value) == public[tuple(row.key.split("|"))]

    def test_of_fuel_agree(self):
        public = {(row["fuel"], row["parameter"]): row["value"] for row in self.rows("fuel_ef.csv")}
        for fuel, package, stem in (
            ("柴油 diesel", "cms_083/v01", "diesel"),
            ("烟煤 bituminous", "cms_026/v01", "coal"),
        ):
            for name, symbol in (("heat", "NCV"), ("carbon", "CC"), ("oxidation", "OF")):
                assert self.value(package, f"{stem}_{name}") == float(public[fuel, symbol])
        diesel = np.prod([self.value("cms_083/v01", f"diesel_{one}") for one in ("heat", "carbon", "oxidation")])
        assert diesel * 44 / 12 == pytest.approx(3.09591, rel=1e-6)

    def test_give_no_value_a_better_grade(self):
        public = {(row["parameter"], row["class"]): row["evidence"] for row in self.rows("n2o_soils.csv")}
        organic = shelf.load("fertiliser_n2o/v01").parameters["volatile_share"].row("2019|organic")

        assert organic.grade == public["FracGASM", "organic and grazing"] == "D"
        assert public["EF1", "synthetic, wet"] == "B"

    def test_keep_decimals_exact(self):
        path = shelf.load("fertiliser_n2o/v01").folder / "parameters/leaching_factor.toml"

        assert tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)["value"][0]["value"] == Decimal("0.011")

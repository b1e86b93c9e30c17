import math

import pytest
from tests.methods import agri

from tanhui.methods.engine import cases, shelf
from tanhui.methods.engine.faults import FaultyInput
from tanhui.methods.engine.predicate import NotApplicable
from tanhui.methods.guards import YieldFell

NUMBER = pytest.approx


@pytest.fixture
def farm():
    return agri.tillage()


def faults(farm):
    with pytest.raises(FaultyInput) as refused:
        farm.run()
    return {(one.rule, one.column, one.value) for one in refused.value.faults}


def value(done, name):
    return float(done.quantity(name)[0])


class TestTillage:
    def test_compares_points_under_both_ways_of_tilling(self, farm):
        done = farm.run()
        under = [gain * 1.2 + deep * 2.7 for gain, deep in ((1.0, 0.1), (0.9, 0), (1.1, 0.2), (1.0, 0.1))]
        tilled = [gain * 1.2 + deep * 2.7 for gain, deep in ((0, 0), (0.1, 0), (-0.1, 0), (0, 0.1))]
        gain = (sum(under) - sum(tilled)) / 4

        assert value(done, "stratum_soil") == NUMBER(gain * 100 * 44 / 12)
        assert value(done, "fuel_change") == NUMBER(-25 * 100 * 5 / 1000 * 3.09591, rel=1e-3)
        assert value(done, "soil_certain") < value(done, "soil_gain")

    def test_deducts_a_share_of_the_half_width_and_then_the_risk(self, farm):
        done = farm.run()
        gain, half, amount = (value(done, name) for name in ("soil_gain", "half_width", "uncertainty_amount"))
        share = next(rate for upper, rate in ((10, 0), (15, 0.25), (20, 0.5), (30, 0.75), (math.inf, 1)) if
                     100 * half / gain <= upper)  # fmt: skip

        assert amount == NUMBER(share * half)
        assert value(done, "soil_certain") == NUMBER((gain - amount) * 0.9)

    def test_never_gains_from_more_uncertainty(self, farm):
        before = farm.run()
        for row in farm.sheets["layers"]:
            if row["survey"] == "second" and row["core"] in {"P1", "P3"} and row["layer"] == 1:
                row["carbon"] += 1.5 if row["core"] == "P1" else -1.5
        after = farm.run()

        assert value(after, "soil_gain") == NUMBER(value(before, "soil_gain"))
        assert value(after, "soil_certain") < value(before, "soil_certain")

    def test_takes_no_gain_from_compaction(self, farm):
        for row in farm.sheets["layers"]:
            row["carbon"] = 12
            if row["survey"] == "second":
                row["carbon"] += (row["core"][0] == "P") * 1 + int(row["core"][1]) / 100
                row["bulk_density"] = round(row["bulk_density"] * 1.1, 4)
        done = farm.run()

        assert value(done, "reference_mass") == NUMBER(3900)
        assert value(done, "change_control") == NUMBER(0.025 * 3.9)  # by depth it would be 0.1 · 46.8 more
        assert value(done, "change_project") == NUMBER(1.025 * 3.9)

    def test_counts_nitrogen_where_it_rose_and_not_where_it_fell(self, farm):
        farm.sheets["strata"][0]["nitrogen"] = 120

        assert value(farm.run(), "nitrous_added") == 0

    def test_refuses_a_stratum_that_harvested_less(self, farm):
        farm.sheets["strata"][0]["harvest"] = 6900

        with pytest.raises(YieldFell, match="songshan fell by 8"):
            farm.run()

    def test_counts_straw_once(self, farm):
        farm.project["facts"]["straw_claimed_elsewhere"] = True

        with pytest.raises(NotApplicable, match="straw_counted_once"):
            farm.run(purpose="project", floor="D")

    def test_is_for_a_practice_that_is_new(self, farm):
        farm.project["facts"]["practice_years_before"] = 3

        with pytest.raises(NotApplicable, match="practice_is_new"):
            farm.run(purpose="project", floor="D")

    def test_follows_its_cases(self):
        package = shelf.load("cms_083/v01")

        assert all(one.holds for case in package.cases() for one in cases.play(package, case))


class TestBadCores:
    def test_with_a_gap_between_layers_are_named(self, farm):
        row = next(row for row in farm.sheets["layers"] if row["top"] == 10)
        row["top"] = 12

        assert ("layers_have_a_gap", "top", "12") in faults(farm)

    def test_that_do_not_begin_at_the_surface_are_named(self, farm):
        farm.sheets["layers"][0]["top"] = 5

        assert ("layers_have_a_gap", "top", "5") in faults(farm)

    def test_upside_down_are_named(self, farm):
        farm.sheets["layers"][1]["bottom"] = 10

        assert ("layers_have_a_gap", "top", "10") in faults(farm)

    def test_sampled_once_are_named(self, farm):
        farm.sheets["layers"] = [
            row for row in farm.sheets["layers"] if not (row["core"] == "P2" and row["survey"] == "second")
        ]

        assert ("core_sampled_once", "core", "P2") in faults(farm)

    def test_of_another_survey_are_named(self, farm):
        farm.sheets["layers"][0]["survey"] = "third"

        assert ("unknown_survey", "survey", "third") in faults(farm)

    def test_too_few_are_named_by_stratum(self, farm):
        farm.sheets["cores"] = [row for row in farm.sheets["cores"] if row["core"] not in {"C3", "C4"}]
        farm.sheets["layers"] = [row for row in farm.sheets["layers"] if row["core"] not in {"C3", "C4"}]

        assert ("too_few_points", "stratum", "songshan") in faults(farm)

    def test_in_organic_matter_are_not_read_as_carbon(self, farm):
        farm.project["units"]["carbon"] = "g SOM/kg"

        assert ("unit_not_accepted", "carbon", "g SOM/kg") in faults(farm)

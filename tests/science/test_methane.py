import csv
import os
from pathlib import Path

import numpy as np
import pytest

from tanhui.science import methane

CHECKOUT = Path(__file__).resolve().parents[2]
LITERATURE = (
    Path(os.environ.get("TANHUI_SHARED", CHECKOUT.parent / "shared")) / "data/agri/rice_ch4_flux_literature.csv"
)
EAST_ASIA = 1.32  # kg CH4/ha/d, IPCC 2019 Table 5.11
PLAUSIBLE = (EAST_ASIA * 0.41, EAST_ASIA * (1 + 6) ** 0.59)  # well drained .. flooded with six tonnes of fresh straw


def day(*texts):
    return methane.dates(np.array(texts))


class TestMethaneOfRice:
    def test_follows_worked_example_m4(self):
        found = methane.rice(np.array([1.22]), np.array([100.0]), np.array([1.0]))

        assert found == pytest.approx([122.0], rel=1e-15)

    def test_grows_with_fresh_straw_but_less_than_in_proportion(self):
        found = methane.organic_scaling(np.array([0.0, 1.0, 5.0]), 0.59)

        assert found == pytest.approx([1.0, 1.5052467, 2.8781223], rel=1e-6)

    def test_counts_both_days_of_a_season(self):
        assert methane.season_days(day("2026-06-10"), day("2026-06-10")) == [1.0]
        assert methane.season_days(day("2026-06-10"), day("2026-10-07")) == [120.0]

    def test_refuses_what_is_no_date(self):
        with pytest.raises(ValueError, match="2026-13-01"):
            day("2026-13-01")


class TestDrainages:
    def count(self, *events, parcels=2, longer_than=3):
        parcel = np.array([one[0] for one in events], dtype=np.intp)
        drained, flooded = (day(*(one[at] for one in events)) for at in (1, 2))
        return methane.drainages(parcel, drained, flooded, parcels, longer_than=longer_than).tolist()

    def test_are_counted_by_field(self):
        events = [(0, "2026-07-01", "2026-07-08"), (1, "2026-07-01", "2026-07-06"), (0, "2026-08-01", "2026-08-06")]

        assert self.count(*events, parcels=3) == [2, 1, 0]

    def test_must_last_longer_than_three_days(self):
        assert self.count((0, "2026-07-01", "2026-07-04")) == [0, 0]
        assert self.count((0, "2026-07-01", "2026-07-05")) == [1, 0]

    def test_leave_out_the_one_before_harvest(self):
        assert self.count((0, "2026-09-25", "")) == [0, 0]

    def test_may_be_none_at_all(self):
        nowhere, undated = np.zeros(0, dtype=np.intp), methane.dates(np.zeros(0, dtype=np.str_))

        assert methane.drainages(nowhere, undated, undated, 3, longer_than=3).tolist() == [0, 0, 0]


class TestMeasuredFlux:
    def test_becomes_kilograms_per_hectare_and_day(self):
        assert methane.daily_flux(np.array([1.0]), of_carbon=False) == pytest.approx([0.24], rel=1e-15)

    def test_of_carbon_is_a_third_more_methane(self):
        as_methane, as_carbon = (methane.daily_flux(np.array([3.0]), of_carbon=one) for one in (False, True))

        assert as_carbon / as_methane == pytest.approx([4 / 3], rel=1e-15)


class TestPublishedFluxes:
    @pytest.fixture
    def rows(self):
        if not LITERATURE.is_file():
            pytest.skip(f"the published fluxes are not at {LITERATURE}")
        return list(csv.DictReader(LITERATURE.read_text("utf-8").splitlines()))

    def daily(self, row):
        assert row["unit"] == "mg m-2 h-1"
        flux = np.array([float(row["mean_flux"])])
        return float(methane.daily_flux(flux, of_carbon=row["basis"] == "C")[0])

    def test_name_their_basis(self, rows):
        assert {row["basis"] for row in rows} == {"C", "CH4"}
        assert all(row["basis"] == "C" for row in rows if row["province"] == "四川")

    def test_lie_in_the_range_of_the_factors(self, rows):
        seasons = [self.daily(row) for row in rows if row["season"] != "whole year"]
        low, high = PLAUSIBLE

        assert len(seasons) == 6
        assert [round(one, 2) for one in seasons if not low <= one <= high] == [7.2]  # the upper end of a survey
        assert 0.5 < np.median(seasons) / EAST_ASIA < 1.5

    def test_of_winter_flooded_fields_show_what_a_rice_plant_adds(self, rows):
        planted, bare, unfertilised = (self.daily(row) for row in rows if row["season"] == "whole year")

        assert [planted, bare, unfertilised] == pytest.approx([3.2704, 1.36, 4.528])
        assert planted > 2 * bare

    def test_read_as_methane_would_lose_a_quarter_of_sichuan(self, rows):
        row = next(row for row in rows if row["province"] == "四川")

        assert self.daily(row | {"basis": "CH4"}) / self.daily(row) == pytest.approx(0.75)


class TestBurntStraw:
    def test_gives_grams_of_gas_for_kilograms_burnt(self):
        found = methane.burnt(np.array([100.0]), np.array([0.5]), 0.8, 2.7)

        assert found == pytest.approx([0.108], rel=1e-12)

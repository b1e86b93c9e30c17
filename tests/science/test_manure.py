import numpy as np
import pytest

from tanhui.science import crops, manure


class TestManure:
    def test_of_ten_thousand_swine_follows_case_c4(self):
        solids = manure.volatile_solids(np.array([58.0]), np.array([5.8]))
        potential = manure.potential(np.array([10_000.0]), solids, np.array([0.29]), 0.67)
        emitted = manure.emitted(potential, np.array([0.73])) * 0.94

        assert solids == pytest.approx([122.786], rel=1e-12)
        assert emitted * 28 / 1000 == pytest.approx([4583.85], rel=1e-6)

    def test_excretes_by_the_days_it_is_there(self):
        whole, half = (manure.volatile_solids(np.array([58.0]), np.array([5.8]), days) for days in (365.0, 182.5))

        assert half == pytest.approx(whole / 2, rel=1e-15)

    def test_is_avoided_only_where_it_was_caught(self):
        assert manure.capped(np.array([100.0, 100.0]), np.array([80.0, 120.0])).tolist() == [80.0, 100.0]

    def test_is_caught_as_the_meters_saw_it(self):
        assert manure.captured(np.array([200_000.0]), np.array([0.6]), 0.67) == pytest.approx([80_400.0])


class TestHarvest:
    def test_of_a_stratum_is_weighted_by_area(self):
        found = crops.weighted(np.array([8000.0, 6000.0, 5000.0]), np.array([3.0, 1.0, 2.0]), np.array([0, 0, 1]), 2)

        assert found.tolist() == [7500.0, 5000.0]

    def test_falls_and_rises_in_percent(self):
        assert crops.change(np.array([6300.0, 7700.0]), np.array([7000.0, 7000.0])) == pytest.approx([-10.0, 10.0])

    def test_of_no_rows_is_zero_and_a_float(self):
        found = crops.totals(np.zeros(0), np.zeros(0, dtype=np.intp), 2)

        assert found.tolist() == [0.0, 0.0]
        assert found.dtype == np.float64

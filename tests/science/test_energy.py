import numpy as np
import pytest

from tanhui.science import energy


class TestMeter:
    def test_adds_up_by_place(self):
        assert energy.at(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 0]), 3).tolist() == [5.0, 0.0, 2.0]

    def test_m6_ran_1100_hours(self):
        assert energy.full_load_hours(np.array([1_100_000.0]), np.array([1000.0]), 1.0).tolist() == [1100.0]

    def test_of_a_charger_runs_a_share_of_the_time(self):
        assert energy.utilisation(np.array([87_660.0]), np.array([100.0]), 1.0) == pytest.approx(0.1)

    def test_charges_for_a_distance(self):
        assert energy.distance(100.0, 0.9, 0.15) == pytest.approx(600.0)


class TestOverlap:
    def test_of_readings_is_found_in_any_order_of_rows(self):
        meter = np.array([1, 0, 0, 0])
        first = np.array(["2026-01-01", "2026-02-01", "2026-01-01", "2026-02-28"])
        last = np.array(["2026-12-31", "2026-02-28", "2026-01-31", "2026-03-31"])

        assert energy.overlapping(meter, first, last).tolist() == [False, False, False, True]

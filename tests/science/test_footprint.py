import numpy as np
import pytest

from tanhui.science import footprint


class TestFuels:
    @pytest.mark.parametrize(
        ("net_calorific", "carbon", "oxidised", "expected"),
        [
            (43.07, 0.0189, 0.98, 2.925056),
            (42.652, 0.0202, 0.98, 3.095910),
            (389.31, 0.0153, 0.99, 21.621888),
        ],
    )
    def test_m8_petrol_diesel_and_natural_gas(self, net_calorific, carbon, oxidised, expected):
        assert footprint.fuel_factor(net_calorific, carbon, oxidised) == pytest.approx(expected, abs=5e-7)


class TestReported:
    def test_is_the_quantity_unless_too_much_of_it_is_missing(self):
        assert footprint.reported(100.0, 130.0, 0.10, 0.10) == 100.0
        assert footprint.reported(100.0, 130.0, 0.11, 0.10) == 130.0
        assert footprint.reported(100.0, 80.0, 0.50, 0.10) == 100.0


class TestSpending:
    def test_is_converted_by_tonnes_per_ten_thousand_yuan(self):
        assert footprint.of_spending(np.array([5000.0]), 2.036).tolist() == [1018.0]

    def test_without_quantities_is_a_share(self):
        assert footprint.unknown_share(np.array([900.0, 100.0]), np.array([1, 0])) == 0.1
        assert footprint.unknown_share(np.array([]), np.array([])) == 0


class TestStockSink:
    def test_of_a_thousand_square_kilometres(self):
        assert footprint.stock_sink(np.array([250.0]), np.array([100_000.0]))[0] == pytest.approx(916_666.67, abs=0.01)

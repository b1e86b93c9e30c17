import numpy as np
import pytest

from tanhui.science import soil

# IPCC 2019 V4 §5.2.3.3 as restated by public code; monthly means of the worked climate to five decimals (M15)
MONTHS = [22.71129, 20.31071, 19.47903, 14.99333, 11.20645, 9.055, 8.00806, 11.25484, 11.27667, 14.14839, 19.98]
TEMPERATURES = np.array([*MONTHS, 16.37258])
BASE = soil.Pools(np.array(7.4), np.array(0.209), np.array(0.00689))


def transfers(structural_to_active):
    return soil.Transfers(0.378, structural_to_active, 0.455, 0.0855, 0.0504, 0.42, 0.45)


class TestLayers:
    def test_hold_carbon_and_fine_earth(self):
        stock = soil.layer_stock(np.array([20.0]), np.array([1.2]), np.array([10.0]), np.array([0.1]))
        mass = soil.layer_mass(np.array([1.2]), np.array([10.0]), np.array([0.1]))

        assert stock == pytest.approx([21.6])
        assert mass == pytest.approx([1080.0])
        assert stock / mass == pytest.approx([0.020])  # 20 g/kg

    def test_break_at_a_gap_an_overlap_and_a_late_start(self):
        top = np.array([0.0, 10, 20, 0, 10, 5, 10])
        bottom = np.array([10.0, 20, 30, 12, 20, 10, 30])
        core = np.array([0, 0, 0, 1, 1, 2, 2])

        assert soil.breaks(top, bottom, core).tolist() == [False, False, False, False, True, True, False]
        assert soil.breaks(top[:0], bottom[:0], core[:0]).tolist() == []


class TestEquivalentMass:
    CORE = np.array([0, 0, 1, 1])

    def stock(self, carbon, density, reference, thickness=(10.0, 20.0, 10.0, 20.0)):
        return soil.equivalent_mass_stock(
            np.array(carbon),
            np.array(density),
            np.array(thickness),
            np.zeros(4),
            self.CORE,
            np.array(reference),
        )

    def test_counts_the_whole_core_when_it_weighs_the_reference(self):
        found = self.stock([20.0, 10.0, 20.0, 10.0], [1.0, 1.0, 1.2, 1.2], [3000.0, 3600.0])

        assert found == pytest.approx([40.0, 48.0])

    def test_sees_no_gain_in_soil_that_was_only_compacted(self):
        """The same soil pressed from 30 cm into 25 cm: by depth it would have gained, by mass it has not."""
        loose = self.stock([20.0, 10.0] * 2, [1.0] * 4, [3000.0] * 2)
        pressed = self.stock([20.0, 10.0] * 2, [1.2] * 4, [3000.0] * 2, thickness=(10 / 1.2, 20 / 1.2 + 5) * 2)

        assert pressed == pytest.approx(loose, rel=1e-12)

    def test_cuts_within_the_layer_where_the_mass_ends(self):
        assert self.stock([20.0, 10.0] * 2, [1.0] * 4, [1500.0, 500.0]) == pytest.approx([25.0, 10.0])

    def test_has_no_answer_for_a_core_that_is_too_light(self):
        found = self.stock([20.0, 10.0] * 2, [1.0] * 4, [3001.0, 3000.0])

        assert np.isnan(found).tolist() == [True, False]

    def test_does_not_depend_on_the_order_of_cores(self):
        carbon, density = np.array([20.0, 10.0, 30.0, 5.0]), np.array([1.0, 1.1, 0.9, 1.3])
        straight = self.stock(carbon, density, [2500.0, 2000.0])
        crossed = self.stock(carbon[[2, 3, 0, 1]], density[[2, 3, 0, 1]], [2000.0, 2500.0])

        assert crossed[::-1] == pytest.approx(straight, rel=1e-12)


class TestTransition:
    """M14: test data of the IPCC 2019 stock-change method, three units over seven inventories."""

    YEARS = np.arange(1990, 2025, 5, dtype=np.float64)
    HIGH, LOW, MIDDLE = 80.85, 70.84, 77.0

    def found(self):
        equilibria = np.array(
            [
                [self.MIDDLE] + [self.LOW] * 6,
                [self.MIDDLE] + [self.LOW] * 3 + [self.HIGH] * 3,
                [self.HIGH] + [self.LOW] * 4 + [self.HIGH] * 2,
            ]
        )
        return soil.transition(equilibria, self.YEARS)

    def test_moves_in_a_straight_line_and_stays_at_the_new_equilibrium(self):
        assert self.found()[0] == pytest.approx([77, 75.46, 73.92, 72.38, 70.84, 70.84, 70.84], abs=5e-4)

    def test_restarts_from_the_stock_reached_when_the_regime_changes_on_the_way(self):
        assert self.found()[1] == pytest.approx([77, 75.46, 73.92, 72.38, 74.498, 76.615, 78.733], abs=6e-4)

    def test_loses_and_regains(self):
        assert self.found()[2] == pytest.approx([80.85, 78.348, 75.845, 73.343, 70.84, 73.343, 75.845], abs=6e-4)

    def test_takes_units_in_any_order(self):
        equilibria = np.array([[50.0, 40, 40], [60.0, 60, 80]])
        years = np.array([2000.0, 2010, 2030])

        assert soil.transition(equilibria[::-1], years)[::-1].tolist() == soil.transition(equilibria, years).tolist()


class TestThreePools:
    def test_decompose_by_temperature(self):
        """M15."""
        found = soil.temperature_factor(TEMPERATURES, 45, 33.69)
        ends = soil.temperature_factor(np.array([0, 33.69, 50]), 45, 33.69)

        assert found.mean() == pytest.approx(0.4904241436937, abs=1e-7)
        assert ends == pytest.approx([0.0803555, 1, 0], abs=5e-8)

    def test_decompose_by_water(self):
        found = soil.water_factor(
            np.array([50.0, 500.0, 10.0, 30.0]), np.array([100.0, 100.0, 0.0, 100.0]), np.array([0, 0, 0, 1]), 1.331
        )
        wet = 0.2129 + 1.331 * 1.25 - 0.2413 * 1.25**2

        assert found == pytest.approx([0.2129 + 1.331 * 0.5 - 0.2413 * 0.25, wet, wet, 0.775])

    @pytest.mark.parametrize(
        ("tillage", "structural", "pools"),
        [
            (3.036, 0.455, (0.35851, 3.68476, 66.82803, 70.87129)),
            (2.075, 0.477, (0.53164, 5.45620, 67.70568, 73.69352)),
            (1.0, 0.5, (1.11852, 11.46245, 68.62324, 81.20420)),
        ],
    )
    def test_stand_still_at_the_steady_state(self, tillage, structural, pools):
        """C6."""
        sand = np.array([0.33])
        rates = soil.decay(BASE, np.array([0.4904241437 * 0.80]), np.array([tillage]), sand)
        f = transfers(np.array([structural]))
        carbon, lignin = np.array([3.0]), np.array([0.073])
        alpha = soil.entering_active(carbon, lignin, np.array([0.0083]), sand, f)
        slow = soil.slow_pool(carbon * lignin * f.structural_to_slow, alpha, sand, f.active_to_passive, rates.slow)
        passive = soil.passive_pool(alpha, slow * rates.slow, f.active_to_passive, f.slow_to_passive, rates.passive)
        found = soil.Pools(alpha / rates.active, slow, passive)

        assert [float(one[0]) for one in found] == pytest.approx(pools[:3], abs=6e-6)
        assert found.total == pytest.approx([pools[3]], abs=6e-6)
        assert soil.approach(found, found, rates, 20).total == pytest.approx(found.total, rel=1e-14)

    def test_approach_as_step_after_step_would(self):
        start, goal = (soil.Pools(*np.array(values)) for values in ([0.5, 4.0, 60.0], [1.0, 12.0, 70.0]))
        rates = soil.Pools(np.array(1.7), np.array(0.08), np.array(0.003))
        stepped = [float(one) for one in start]
        for _ in range(7):
            stepped = [y + (float(to) - y) * min(1.0, float(k)) for y, to, k in zip(stepped, goal, rates, strict=True)]

        assert [float(one) for one in soil.approach(start, goal, rates, 7)] == pytest.approx(stepped, rel=1e-12)

    def test_take_nothing_from_the_structural_part_at_high_lignin(self):
        found = soil.metabolic_input(np.array([3.0, 3.0]), np.array([0.073, 0.5]), np.array([0.0083, 0.004]))

        assert found[0] == pytest.approx(3 * (0.85 - 0.018 * 0.073 / 0.0083))
        assert found[1] == 0

import numpy as np
import pytest

from tanhui.science import pools


class TestShrub:
    def test_below_the_threshold_is_nothing(self):
        cover = np.array([0.0, 4.9, 5, 40])

        assert pools.shrub_biomass(cover, 80.0, 0.1, 5) == pytest.approx([0, 0, 0.4, 3.2])
        assert pools.with_roots(np.array([3.2]), 0.4) == pytest.approx([4.48])


class TestDeadWoodAndLitter:
    def test_follow_the_living_trees(self):
        assert pools.dead_wood(np.array([7746.34]), 3.51) == pytest.approx([271.896534])
        assert pools.litter(np.array([30.0]), 8.0, 0.37) == pytest.approx([44 / 12 * 30 * 0.08 * 0.37])


class TestSoil:
    def test_comes_nearer_to_its_reference_over_twenty_years(self):
        assert pools.soil_rate(60.0, 52.0, 0.0, 10, 0.8, 20) == pytest.approx(0.4)

    def test_gains_no_more_than_the_cap(self):
        assert pools.soil_rate(90.0, 30.0, 0.0, 10, 0.8, 20) == 0.8

    def test_loses_a_tenth_where_more_than_a_tenth_was_turned(self):
        assert pools.soil_rate(60.0, 52.0, np.array([10.0, 10.1]), 10, 0.8, 20) == pytest.approx([0.4, 0.66])

    def test_that_is_richer_than_its_reference_loses(self):
        assert pools.soil_rate(50.0, 60.0, 0.0, 10, 0.8, 20) == pytest.approx(-0.5)


class TestFire:
    def test_emits_methane_and_nitrous_oxide(self):
        found = pools.fire(12.0, 40.0, 0.45, 4.7, 0.26, 28, 265)

        assert found == pytest.approx(0.001 * 12 * 40 * 0.45 * (4.7 * 28 + 0.26 * 265))
        assert pools.fire_of_dead_matter(np.array(100.0), 0.07) == pytest.approx(7)


class TestWoodProducts:
    def test_keep_what_has_not_decayed(self):
        lost = pools.first_order_loss(35.0, 35.0)

        assert lost == pytest.approx(0.5)
        assert pools.wood_products(1000.0, 0.307, 0.52, lost) == pytest.approx(44 / 12 * 1000 * 0.307 * 0.52 / 2)

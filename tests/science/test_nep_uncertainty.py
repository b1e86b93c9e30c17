import numpy as np
import pytest

from tanhui.science import monte_carlo, nep_uncertainty, respiration
from tanhui.science.monte_carlo import Normal

# Olofsson et al. 2014, section 5: deforestation, forest gain, stable forest, stable non-forest
MATRIX = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
MAPPED = np.array([0.020, 0.015, 0.320, 0.645]) * 10_000_000


class TestComponents:
    def shaoxing(self, **changes):
        return nep_uncertainty.components([700.0], [[363.0], [506.0]], **changes)

    def test_take_the_spread_of_the_models_as_one_error_for_all(self):
        found = self.shaoxing()

        assert found.rh_model == pytest.approx([143 / 2**0.5])
        assert found.npp_model == pytest.approx([140])
        assert found.weather == pytest.approx([434.5 * nep_uncertainty.weather_share()])

    def test_of_a_thousandfold_area_are_a_thousandfold(self):
        small, large = self.shaoxing(), nep_uncertainty.components([7e5], [[363e3], [506e3]])

        assert large.sigma == pytest.approx(1000 * small.sigma)

    def test_give_a_model_that_stands_alone_a_third_of_itself(self):
        assert nep_uncertainty.components([700.0], [[363.0]]).rh_model == pytest.approx([0.35 * 363])

    def test_need_a_model(self):
        with pytest.raises(ValueError, match="at least one"):
            nep_uncertainty.components([700.0], [])

    def test_take_a_tenth_for_land_cover_unless_a_matrix_says_better(self):
        assert self.shaoxing().land_cover == pytest.approx([26.55])
        assert self.shaoxing(land_cover=[3.0]).land_cover == pytest.approx([3])

    def test_change_their_unit_together(self):
        assert self.shaoxing().times(44 / 12).sigma == pytest.approx(self.shaoxing().sigma * 44 / 12)


class TestWeather:
    @pytest.mark.parametrize("model", ["pei", "raich_potter_bond_lamberty"])
    def test_moves_respiration_about_as_much_as_assumed(self, model):
        """A year like Shaoxing's, a degree warmer and a tenth wetter."""
        t = np.array([5, 7, 11, 16.5, 21.5, 25, 29, 28.5, 24.5, 19, 13, 7])
        p = np.array([80, 85, 140, 120, 125, 230, 150, 170, 120, 70, 75, 60], dtype=float)

        def year(t_c, p_mm):
            if model == "pei":
                return float(respiration.pei(t_c, p_mm).sum())
            return float(respiration.bond_lamberty(respiration.raich_potter(t_c, p_mm / 10, 30.0).sum()))

        warmer = year(t + 0.5, p) / year(t - 0.5, p) - 1
        wetter = (year(t, p * 1.05) / year(t, p * 0.95) - 1) / 0.10
        assert warmer == pytest.approx(nep_uncertainty.PER_DEGREE, abs=0.011)
        assert wetter == pytest.approx(nep_uncertainty.OF_RAIN, abs=0.11)


class TestInterval:
    def test_agrees_with_draws(self):
        parts = nep_uncertainty.components([700.0], [[363.0], [506.0]], pixel=[20.0])
        found = nep_uncertainty.interval([700.0], [[363.0], [506.0]], parts)
        drawn = monte_carlo.propagate(
            lambda npp, rh, rest: (npp - rh + rest)[:, 0],
            {
                "npp": Normal(700.0, float(parts.npp_model[0])),
                "rh": Normal(434.5, float(np.hypot(parts.rh_model, parts.weather)[0])),
                "rest": Normal(0.0, float(np.hypot(parts.land_cover, parts.pixel)[0])),
            },
            draws=60_000,
            seed=5,
        )
        assert (float(found.lower[0]), float(found.upper[0])) == pytest.approx(drawn.interval, abs=4)

    def test_for_use_against_emissions_starts_from_the_lowest_member(self):
        rh = [[363.0], [506.0]]
        quiet = nep_uncertainty.components([700.0], rh, npp_share=0, weather=0, land_cover=[0.0])
        found = nep_uncertainty.interval([700.0], rh, quiet)

        assert float(found.conservative[0]) <= 194
        assert (found.conservative <= found.lower).all()

    def test_holds_the_middle(self):
        rh = [np.array([363.0, 100.0]), np.array([506.0, 90.0])]
        parts = nep_uncertainty.components([700.0, 80.0], rh)
        found = nep_uncertainty.interval([700.0, 80.0], rh, parts)

        assert (found.lower + found.upper) / 2 == pytest.approx([265.5, -15])


class TestNoiseBetweenCells:
    def test_follows_from_sums_and_squares(self):
        cells = np.array([100.0, 200.0, 600.0])

        assert nep_uncertainty.cell_deviation(3, cells.sum(), (cells**2).sum()) == pytest.approx(cells.std())
        assert nep_uncertainty.cell_deviation(0, 0, 0) == 0

    def test_shrinks_with_the_number_of_patches_alone(self):
        one = nep_uncertainty.noise(100.0, 1e6, 50)
        many = nep_uncertainty.noise(100.0, 1e6, 40_000)

        assert one == pytest.approx(100_000)  # 100 gC/m2 on 1 km2, all cells erring as one
        assert many == pytest.approx(one / 20)

    def test_of_types_adds_in_quadrature(self):
        assert nep_uncertainty.independent([3.0, 4.0]) == pytest.approx(5)


class TestAreas:
    def test_meet_the_worked_example(self):
        found = nep_uncertainty.adjusted_areas(MATRIX, MAPPED)

        assert found.area[0] == pytest.approx(235_086, abs=1)
        assert 1.96 * found.error[0] == pytest.approx(68_418, rel=0.01)
        assert found.area.sum() == pytest.approx(MAPPED.sum())

    def test_stay_as_mapped_when_the_map_was_never_wrong(self):
        found = nep_uncertainty.adjusted_areas(np.diag([40, 50]), [300.0, 700.0])

        assert found.area == pytest.approx([300, 700])
        assert found.error == pytest.approx([0, 0])
        assert nep_uncertainty.area_error(np.diag([40, 50]), [300.0, 700.0], [90.0, 10.0]) == pytest.approx([0, 0])

    def test_that_are_off_weigh_by_the_flux(self):
        sigma = nep_uncertainty.area_error(MATRIX, MAPPED, [100.0, 100.0, 100.0, 100.0])

        assert sigma[0] == pytest.approx(100 * np.hypot(35_086, 34_907) / 200_000, rel=0.01)

    def test_need_two_samples_in_each_class_and_a_square_matrix(self):
        with pytest.raises(ValueError, match="two samples"):
            nep_uncertainty.adjusted_areas([[1, 0], [0, 9]], [1.0, 1.0])
        with pytest.raises(ValueError, match="one row and one column"):
            nep_uncertainty.adjusted_areas([[1, 0, 2], [0, 9, 1]], [1.0, 1.0])

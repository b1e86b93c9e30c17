import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.science import design, sampling

AREA = np.array([3400.0, 900, 700])
WEIGHT = AREA / AREA.sum()
MEAN = np.array([126.8, 85, 102.2])
SD = MEAN * np.array([0.207, 0.1842, 0.0802])
ALLOWED = design.permissible_error(MEAN, WEIGHT, 10)
POPULATION = design.population(5000, 0.25)


def needed(t):
    return design.plots_needed(t, POPULATION, ALLOWED, WEIGHT, SD)


class TestPublishedExample:
    """M3: three strata, 5,000 ha, plots of 0.25 ha, 10 % at 95 %."""

    def test_has_its_population_and_error(self):
        assert POPULATION == 20_000
        assert design.permissible_error(MEAN, WEIGHT, 10) == pytest.approx(11.5832, rel=1e-12)

    def test_needs_its_plots_under_the_published_convention(self):
        first = needed(design.PUBLISHED.normal(95))
        t = design.PUBLISHED.student(95, first)
        plots = needed(t)

        assert first == pytest.approx(13.61, abs=5e-3)
        assert (design.PUBLISHED.freedom(first), t) == (12, 2.179)
        assert plots == pytest.approx(16.8241, abs=5e-5)
        assert list(design.PUBLISHED.plots(design.allocated(plots, WEIGHT, SD))) == [14, 2, 1]

    def test_needs_more_plots_under_the_convention_of_the_house(self):
        first = needed(design.HOUSE.normal(95))
        plots = needed(design.HOUSE.student(95, first))
        whole = design.HOUSE.plots(design.allocated(plots, WEIGHT, SD))

        assert design.HOUSE.freedom(first) == 13
        assert plots == pytest.approx(16.54, abs=5e-3)
        assert list(whole) == [14, 3, 3]
        assert list(design.HOUSE.with_reserve(whole)) == [16, 4, 4]

    def test_reaches_its_precision_and_the_house_a_better_one(self):
        each = AREA / 0.25

        def reached(plots):
            t = sampling.student_t(95, int(sum(plots)) - 3)
            return design.precision_reached(np.array(plots), each, MEAN, WEIGHT, SD, t)

        assert reached([14.0, 2, 1]) == pytest.approx(9.8008, abs=5e-5)
        assert reached([14.0, 3, 3]) < reached([14.0, 2, 1])
        assert reached([11.0, 2, 1]) > 10  # the first pass, without Student's t, would have fallen short


class TestNumberOfPlots:
    def test_takes_the_normal_quantile_from_thirty_plots_on(self):
        assert design.HOUSE.student(90, 30) == design.HOUSE.normal(90) == pytest.approx(1.644854, abs=1e-6)
        assert design.HOUSE.student(90, 29.2) == sampling.student_t(90, 29)
        assert design.PUBLISHED.normal(95) == 1.96
        assert design.PUBLISHED.normal(90) == 1.645

    def test_always_has_a_degree_of_freedom(self):
        assert design.PUBLISHED.freedom(0.4) == design.HOUSE.freedom(0.4) == 1

    def test_of_few_plots_agrees_with_the_whole_equation_on_a_large_area(self):
        assert design.plots_needed_if_few(1.96, ALLOWED, WEIGHT, SD) == pytest.approx(
            design.plots_needed(1.96, 1e12, ALLOWED, WEIGHT, SD), rel=1e-9
        )

    def test_is_adjusted_where_plots_take_up_the_land(self):
        assert design.adjusted(10, 1000) == 10
        assert design.adjusted(50, 1000) == pytest.approx(50 / 1.05)

    def test_of_one_stratum_is_the_same_with_and_without_the_approximation(self):
        """S1 is S3 of S2 where there is one stratum: both are the finite population correction."""
        one, sd = np.ones(1), np.array([30.0])
        few = design.plots_needed_if_few(1.96, 10, one, sd)

        assert design.adjusted(few, 200) == pytest.approx(design.plots_needed(1.96, 200, 10, one, sd), rel=1e-12)

    def test_is_not_rounded_up_for_the_last_bit(self):
        assert list(design.rounded_up(np.array([3.0000000000004, 3.01, 0.1 * 30]))) == [3, 4, 3]
        assert list(design.nearest(np.array([2.5, 3.49, 2.4999999999999]))) == [3, 3, 3]

    def test_expects_nothing_of_a_stratum_without_plots(self):
        reached = design.precision_reached(np.array([14.0, 0, 1]), AREA / 0.25, MEAN, WEIGHT, SD, 2)

        assert reached == math.inf


strata = st.lists(
    st.tuples(st.floats(1, 1e5), st.floats(1, 500), st.floats(0.01, 200)), min_size=1, max_size=12
)  # area, mean, sd


@given(strata, st.floats(1, 3))
def test_a_narrower_error_and_a_larger_spread_never_ask_for_fewer_plots(rows, factor):
    area, mean, sd = (np.array(column) for column in zip(*rows, strict=True))
    weight, population = sampling.weights(area), design.population(area.sum(), 0.06)
    error = design.permissible_error(mean, weight, 10)
    plots = design.plots_needed(1.645, population, error, weight, sd)

    assert design.plots_needed(1.645, population, error / factor, weight, sd) >= plots * (1 - 1e-12)
    assert design.plots_needed_if_few(1.645, error, weight, sd * factor) >= plots * (1 - 1e-9)
    assert plots <= population * (1 + 1e-9)
    assert design.allocated(plots, weight, sd).sum() == pytest.approx(plots)


@given(strata)
def test_the_house_never_asks_for_fewer_plots_than_the_equation(rows):
    area, mean, sd = (np.array(column) for column in zip(*rows, strict=True))
    weight = sampling.weights(area)
    error = design.permissible_error(mean, weight, 10)
    share = design.allocated(design.plots_needed_if_few(1.645, error, weight, sd), weight, sd)
    whole = design.HOUSE.plots(share)

    assert (whole >= share - 1e-6 * share - 1e-6).all()
    assert (whole >= 3).all()
    assert (design.HOUSE.with_reserve(whole) > whole).all()


@given(strata)
def test_two_equal_halves_of_a_stratum_need_the_plots_of_the_whole(rows):
    area, mean, sd = (np.array(column) for column in zip(*rows, strict=True))
    halves = [np.concatenate([[column[0] / size], column]) for column, size in ((area, 2), (mean, 1), (sd, 1))]
    halves[0][1] /= 2

    def plots(area, mean, sd):
        weight = sampling.weights(area)
        error = design.permissible_error(mean, weight, 10)
        return design.plots_needed(1.645, design.population(area.sum(), 0.06), error, weight, sd)

    assert plots(*halves) == pytest.approx(plots(area, mean, sd), rel=1e-9)

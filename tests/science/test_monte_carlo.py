import math
import tracemalloc

import numpy as np
import pytest

from tanhui.science import monte_carlo
from tanhui.science.monte_carlo import Empirical, Lognormal, Normal, Triangular, Uniform

STRATA = 40
VOLUME = np.linspace(40.0, 200.0, STRATA)
SPECIES = np.arange(STRATA) % 3
DENSITY = np.array([0.31, 0.42, 0.55])
MADE = {
    "volume": Normal(VOLUME, 0.1 * VOLUME, low=0),
    "density": Normal(DENSITY, 0.1 * DENSITY, low=0.2, high=0.8, over=SPECIES),
    "expansion": Lognormal(1.5, 0.2),
    "roots": Triangular(0.2, 0.25, 0.3),
}


def biomass(volume, density, expansion, roots):
    return (volume * density * expansion * (1 + roots)).sum(axis=1)


def drawn(distribution, draws=20_000, seed=5):
    """The draws themselves."""
    return monte_carlo.propagate(lambda x: x, {"x": distribution}, draws=draws, seed=seed).values


class TestPropagation:
    def test_gives_the_same_draws_for_the_same_seed_whoever_works(self):
        alone, again, together = (
            monte_carlo.propagate(biomass, MADE, draws=20_000, seed=11, workers=workers) for workers in (1, 1, 3)
        )

        assert alone.values.tobytes() == again.values.tobytes() == together.values.tobytes()
        assert alone.draws > alone.block  # or the workers had one block to share

    def test_gives_other_draws_for_another_seed(self):
        one, other = (monte_carlo.propagate(biomass, MADE, draws=200, seed=seed) for seed in (1, 2))

        assert not np.array_equal(one.values, other.values)

    def test_gives_a_quantity_the_same_draws_in_whatever_order_it_is_named(self):
        one = monte_carlo.propagate(biomass, MADE, draws=200, seed=1)
        other = monte_carlo.propagate(biomass, dict(reversed(MADE.items())), draws=200, seed=1)

        assert one.values.tobytes() == other.values.tobytes()

    def test_begins_a_longer_run_with_the_draws_of_a_shorter_one(self):
        """Streams belong to whole blocks, so full blocks stay as they were."""
        short = monte_carlo.propagate(biomass, MADE, draws=10_000, seed=1)
        long = monte_carlo.propagate(biomass, MADE, draws=30_000, seed=1)

        assert np.array_equal(long.values[: short.block], short.values[: short.block])

    def test_agrees_with_the_propagation_of_errors_where_that_is_exact(self):
        sigma = np.full(STRATA, 4.0)
        found = monte_carlo.propagate(
            lambda x: x.sum(axis=1), {"x": Normal(VOLUME, sigma)}, draws=40_000, seed=3, confidence=90
        )

        assert found.mean == pytest.approx(VOLUME.sum(), rel=1e-3)
        assert found.sd == pytest.approx(4 * math.sqrt(STRATA), rel=0.02)
        assert found.half_width == pytest.approx(1.644854 * 4 * math.sqrt(STRATA), rel=0.02)

    def test_lets_a_shared_error_count_whole_and_independent_errors_cancel(self):
        def total(x):
            return np.broadcast_to(x, (len(x), STRATA)).mean(axis=1)

        shared = monte_carlo.propagate(total, {"x": Normal(10.0, 1.0)}, draws=20_000, seed=3)
        grouped = monte_carlo.propagate(total, {"x": Normal(np.full(3, 10.0), 1.0, over=SPECIES)}, draws=20_000, seed=3)
        alone = monte_carlo.propagate(total, {"x": Normal(np.full(STRATA, 10.0), 1.0)}, draws=20_000, seed=3)

        assert shared.sd == pytest.approx(1, rel=0.02)
        assert grouped.sd == pytest.approx(1 / math.sqrt(3), rel=0.02)
        assert alone.sd == pytest.approx(1 / math.sqrt(STRATA), rel=0.02)

    def test_shows_the_skew_that_first_order_rules_miss(self):
        found = monte_carlo.propagate(lambda x: np.exp(x[:, 0]), {"x": Normal(0.0, 1.0)}, draws=50_000, seed=3)
        low, high = found.interval

        assert found.mean == pytest.approx(math.exp(0.5), rel=0.03)
        assert high - found.percentile(50) > 3 * (found.percentile(50) - low)

    def test_answers_with_percentiles_that_were_drawn(self):
        found = monte_carlo.propagate(biomass, MADE, draws=999, seed=1)
        low, high = found.interval

        assert {low, high} <= set(found.values)
        assert (found.values <= low).mean() >= 0.05 > (found.values < low).mean()
        assert found.record()["half_width"] == (high - low) / 2

    def test_takes_a_row_of_answers(self):
        found = monte_carlo.propagate(lambda x: x * [1.0, 2.0], {"x": Uniform(0.0, 1.0)}, draws=1000, seed=1)

        assert found.mean[1] == pytest.approx(2 * found.mean[0])
        assert found.half_width.shape == (2,)

    def test_needs_memory_for_its_blocks_and_not_for_all_draws(self):
        strata, draws = 2000, 20_000
        tracemalloc.start()
        monte_carlo.propagate(lambda x: x.sum(axis=1), {"x": Normal(np.ones(strata), 0.1)}, draws=draws, seed=1)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

        assert peak < strata * draws * 8 / 20

    def test_is_stopped_by_an_answer_that_is_no_number(self):
        with pytest.raises(ValueError, match="not finite"):
            monte_carlo.propagate(lambda x: np.log(x[:, 0]), {"x": Uniform(0.0, 0.0)}, draws=100, seed=1)
        with pytest.raises(ValueError, match=r"answered \(\)"):
            monte_carlo.propagate(lambda x: x.sum(), {"x": Uniform(0.0, 1.0)}, draws=100, seed=1)

    def test_needs_draws_and_a_seed(self):
        with pytest.raises(ValueError, match="100 draws"):
            monte_carlo.propagate(biomass, MADE, draws=99, seed=1)
        with pytest.raises(ValueError, match="a seed"):
            monte_carlo.propagate(biomass, MADE, draws=100, seed=-1)

    def test_draws_what_it_drew_when_bundles_were_published(self):
        """A NumPy that draws otherwise fails here, and published runs name the NumPy that they were drawn with."""
        found = monte_carlo.propagate(biomass, MADE, draws=2000, seed=20261121)

        assert found.mean == pytest.approx(GOLDEN[0], rel=1e-12)
        assert found.interval == pytest.approx(GOLDEN[1:], rel=1e-12)


GOLDEN = (3823.497334327503, 2945.5911758021357, 4779.930907135731)


class TestDistributions:
    def test_have_the_moments_they_are_given(self):
        for distribution, mean, sd in (
            (Normal(5.0, 2.0), 5, 2),
            (Lognormal(5.0, 2.0), 5, 2),
            (Uniform(2.0, 8.0), 5, 6 / math.sqrt(12)),
            (Triangular(0.0, 3.0, 6.0), 3, math.sqrt(1.5)),
            (Triangular(0.0, 6.0, 6.0), 4, math.sqrt(2)),
            (Empirical(np.array([1.0, 2, 3, 4])), 2.5, math.sqrt(1.25)),
        ):
            found = drawn(distribution)
            assert found.mean() == pytest.approx(mean, rel=0.03)
            assert found.std() == pytest.approx(sd, rel=0.03)

    def test_stay_within_their_bounds(self):
        for low, high in ((0.0, math.inf), (-math.inf, 1.2), (0.9, 1.3)):
            found = drawn(Normal(1.0, 1.0, low=low, high=high))
            assert low <= found.min()
            assert found.max() <= high
        assert drawn(Lognormal(1.0, 3.0)).min() > 0

    def test_are_truncated_and_not_clipped(self):
        found = drawn(Normal(0.0, 1.0, low=0))

        assert found.mean() == pytest.approx(math.sqrt(2 / math.pi), rel=0.03)
        assert np.count_nonzero(found == 0) == 0

    def test_bound_each_stratum_by_itself(self):
        found = drawn(
            Normal(np.array([0.0, 10.0]), 5.0, low=np.array([-1.0, -math.inf]), high=np.array([1.0, math.inf]))
        )

        assert np.abs(found[:, 0]).max() <= 1
        assert found[:, 1].max() > 15

    def test_of_observed_values_hold_nothing_else(self):
        assert set(drawn(Empirical(np.array([1.0, 2, 7]), count=3)).ravel()) == {1, 2, 7}

    def test_without_a_spread_are_constant(self):
        for constant in (Normal(3.0, 0.0), Lognormal(3.0, 0.0), Uniform(3.0, 3.0), Triangular(3.0, 3.0, 3.0)):
            assert drawn(constant) == pytest.approx(3, rel=1e-12)

    @pytest.mark.parametrize(
        ("make", "sentence"),
        [
            (lambda: Normal(1.0, -1.0), "not negative"),
            (lambda: Normal(math.nan, 1.0), "finite mean"),
            (lambda: Normal(2.0, 1.0, high=1.0), "within its bounds"),
            (lambda: Lognormal(0.0, 1.0), "positive"),
            (lambda: Uniform(2.0, 1.0), "from low up to high"),
            (lambda: Triangular(0.0, 4.0, 3.0), "low ≤ mode ≤ high"),
            (lambda: Empirical(np.array([])), "observed values"),
            (lambda: Empirical(np.array([1.0, math.inf])), "finite"),
            (lambda: drawn(Normal(0.0, 1.0, low=0.0, high=1e-9)), "cut off nearly all"),
            (lambda: drawn(Normal(np.ones((2, 2)), 1.0)), "one dimension"),
        ],
    )
    def test_refuse_what_describes_nothing(self, make, sentence):
        with pytest.raises(ValueError, match=sentence):
            make()

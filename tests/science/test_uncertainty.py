import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.science import uncertainty

TOOL14 = (np.array([10.0, 15, 20, 30, math.inf]), np.array([0.0, 25, 50, 75, 100]))
AR_CM = (np.array([10.0, 20, 30]), np.array([0.0, 6, 11]))

stocks = st.floats(-1e7, 1e7)
widths = st.floats(0, 1e7)


class TestUncertainty:
    def test_travels_through_sums_and_products(self):
        assert uncertainty.of_sum([3.0, 4.0]) == pytest.approx(5)
        assert uncertainty.of_product([6.0, 8.0]) == pytest.approx(10)

    def test_of_a_difference_of_two_stocks_is_that_of_the_worked_example(self):
        """C3."""
        assert uncertainty.of_difference([6000, 9000], [8, 9]) == pytest.approx(31.3847, abs=5e-5)

    def test_of_no_difference_is_infinite(self):
        assert uncertainty.of_difference([6000, 6000], [8, 9]) == math.inf

    def test_of_a_number_known_exactly_is_none_even_if_that_is_zero(self):
        assert uncertainty.relative(0.0, 0.0) == 0
        assert uncertainty.relative(0.0, 1.0) == math.inf

    def test_is_within_a_precision_or_not(self):
        assert list(uncertainty.is_within(np.array([100.0, 100]), np.array([10.0, 10.1]), 10)) == [True, False]


class TestShareOfHalfWidth:
    def test_takes_a_share_of_the_half_width_and_not_of_the_stock(self):
        """C3: 31.3847 % lies in the last class, 100 % of u·ΔC."""
        half = float(uncertainty.of_sum([0.08 * 6000, 0.09 * 9000]))
        taken = uncertainty.share_of_half_width(3000.0, half, TOOL14)

        assert taken == pytest.approx(941.541, abs=5e-4)
        assert uncertainty.conservative(3000.0, taken) == pytest.approx(2058.459, abs=5e-4)

    @pytest.mark.parametrize(("u", "share"), [(10, 0), (10.001, 25), (15, 25), (20, 50), (30, 75), (30.001, 100)])
    def test_counts_the_upper_bound_to_its_class(self, u, share):
        assert uncertainty.share_of_half_width(100.0, float(u), TOOL14) == pytest.approx(share / 100 * u)

    def test_does_not_divide_by_the_stock_twice_when_it_chooses_the_class(self):
        stock, half = 3000.0, 941.541
        wrong = uncertainty.class_value(uncertainty.relative(stock, half) / stock, TOOL14)

        assert wrong == 0  # what the public implementation would deduct from a change known to ±31 %
        assert uncertainty.share_of_half_width(stock, half, TOOL14) == pytest.approx(half)

    def test_takes_the_whole_half_width_of_nothing(self):
        assert uncertainty.share_of_half_width(0.0, 5.0, TOOL14) == 5


class TestShareOfEstimate:
    @pytest.mark.parametrize(("half", "taken"), [(10.0, 0), (10.1, 6), (20.0, 6), (29.0, 11)])
    def test_takes_the_rate_of_the_class(self, half, taken):
        assert uncertainty.share_of_estimate(100.0, half, AR_CM) == pytest.approx(taken)

    def test_asks_for_more_plots_above_the_last_class(self):
        with pytest.raises(uncertainty.TooUncertain, match=r"30\.1 % lies above the last class, 30 %"):
            uncertainty.share_of_estimate(100.0, 30.1, AR_CM)

    def test_asks_for_more_plots_when_nothing_is_known(self):
        with pytest.raises(uncertainty.TooUncertain):
            uncertainty.share_of_estimate(np.array([100.0, 0.0]), np.array([1.0, math.nan]), AR_CM)


class TestExcess:
    @pytest.mark.parametrize(
        ("half", "allowance", "taken"), [(20.0, 20, 0), (26.0, 20, 6), (26.0, 30, 0), (36.0, 30, 6)]
    )
    def test_takes_what_exceeds_the_allowance(self, half, allowance, taken):
        assert uncertainty.excess(100.0, half, allowance) == pytest.approx(taken)


class TestOneSided:
    def test_takes_a_share_of_the_standard_error(self):
        assert uncertainty.one_sided(200.0, 400.0, 0.4307) == pytest.approx(8.614)

    def test_takes_no_more_than_there_is(self):
        assert uncertainty.one_sided(2.0, 400.0, 0.4307) == 2


class TestConservative:
    def test_takes_from_a_project_and_adds_to_a_baseline(self):
        assert uncertainty.conservative(100.0, 7.0) == 93
        assert uncertainty.conservative(100.0, 7.0, "baseline") == 107

    def test_leaves_nothing_of_an_unproven_gain_and_deepens_a_loss(self):
        assert uncertainty.conservative(100.0, 170.0) == 0
        assert uncertainty.conservative(-100.0, 7.0) == -107

    def test_refuses_a_deduction_that_adds(self):
        with pytest.raises(ValueError, match="no negative number"):
            uncertainty.conservative(100.0, -1.0)


@given(stock=stocks, half=widths, more=widths)
def test_raising_the_uncertainty_never_raises_credits(stock, half, more):
    rules = (
        lambda h: uncertainty.share_of_half_width(stock, h, TOOL14),
        lambda h: uncertainty.excess(stock, h, 20),
        lambda h: uncertainty.one_sided(stock, h * h, 0.4307),
    )
    for rule in rules:
        # one part in 10^12 for the rounding of two sums
        room = 1e-12 * (abs(stock) + half + more)
        left, less = (uncertainty.conservative(stock, rule(h)) for h in (half, half + more))
        assert less <= left + room
        assert uncertainty.conservative(stock, rule(half), "baseline") >= stock
        assert left <= stock


@given(stock=st.floats(1, 1e7), u=st.floats(0, 30), more=st.floats(0, 30))
def test_raising_the_uncertainty_never_raises_credits_until_more_plots_are_asked_for(stock, u, more):
    left = uncertainty.conservative(stock, uncertainty.share_of_estimate(stock, u / 100 * stock, AR_CM))
    try:
        less = uncertainty.share_of_estimate(stock, (u + more) / 100 * stock, AR_CM)
    except uncertainty.TooUncertain:
        return
    assert uncertainty.conservative(stock, less) <= left

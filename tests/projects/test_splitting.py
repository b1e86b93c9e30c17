"""Sharing out to the last fen: whatever the sale, the terms and the roll, nothing is lost and nobody is wronged."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanhui.projects import splitting
from tanhui.projects.splitting import Holding, Terms

KEYS = st.text("abcdef0123456789", min_size=1, max_size=4)
FEN = st.integers(-(10**13), 10**13)
WEIGHTS = st.dictionaries(KEYS, st.integers(0, 10**9), min_size=1, max_size=12).filter(lambda one: sum(one.values()))
TERMS = st.builds(
    Terms, city=st.integers(0, 100), county=st.integers(1, 100), county_keeps=st.integers(0, 10_000),
    village_keeps=st.integers(0, 10_000),
)  # fmt: skip
ROLLS = st.lists(
    st.builds(Holding, st.sampled_from("甲乙丙"), KEYS, st.integers(0, 10**8)),
    min_size=1, max_size=20, unique_by=lambda one: (one.village, one.key),
).filter(lambda roll: any(one.weight for one in roll))  # fmt: skip
CHIFENG = Terms(city=3, county=7)


class TestLargestRemainder:
    @given(FEN, WEIGHTS)
    def test_adds_up_exactly(self, whole, weights):
        assert sum(splitting.largest_remainder(whole, weights).values()) == whole

    @given(FEN, WEIGHTS)
    def test_stays_within_one_of_the_quota(self, whole, weights):
        total = sum(weights.values())
        for key, given_ in splitting.largest_remainder(whole, weights).items():
            assert abs(given_ - Fraction(whole * weights[key], total)) < 1

    @given(FEN, WEIGHTS, st.randoms())
    def test_does_not_depend_on_the_order(self, whole, weights, chance):
        turned = list(weights.items())
        chance.shuffle(turned)
        assert splitting.largest_remainder(whole, dict(turned)) == splitting.largest_remainder(whole, weights)

    @given(st.integers(0, 10**13), WEIGHTS)
    def test_takes_back_exactly_what_it_gave(self, whole, weights):
        given_ = splitting.largest_remainder(whole, weights)
        assert splitting.largest_remainder(-whole, weights) == {key: -fen for key, fen in given_.items()}

    @given(st.integers(0, 10**13), WEIGHTS)
    def test_never_gives_the_larger_weight_less(self, whole, weights):
        given_ = splitting.largest_remainder(whole, weights)
        ordered = sorted(weights, key=lambda key: weights[key])
        for lower, higher in itertools.pairwise(ordered):
            assert given_[lower] <= given_[higher] or weights[lower] == weights[higher]

    def test_breaks_ties_by_key(self):
        assert splitting.largest_remainder(2, {"c": 1, "a": 1, "b": 1}) == {"a": 1, "b": 1, "c": 0}

    @pytest.mark.parametrize("weights", [{"a": 0}, {"a": -1, "b": 2}])
    def test_divides_by_nothing_only_with_an_error(self, weights):
        with pytest.raises(ValueError, match="natural numbers"):
            splitting.largest_remainder(1, weights)


class TestShareOut:
    @given(FEN, TERMS, ROLLS)
    @settings(max_examples=150)
    def test_adds_up_exactly(self, fen, terms, roll):
        assert sum(one.fen for one in splitting.share_out(fen, terms, roll)) == fen

    @given(st.integers(0, 10**13), TERMS, ROLLS)
    @settings(max_examples=150)
    def test_takes_nothing_from_anybody(self, fen, terms, roll):
        assert all(one.fen >= 0 for one in splitting.share_out(fen, terms, roll))

    @given(FEN, TERMS, ROLLS, st.randoms())
    @settings(max_examples=60)
    def test_does_not_depend_on_the_order_of_the_roll(self, fen, terms, roll, chance):
        turned = list(roll)
        chance.shuffle(turned)
        assert splitting.share_out(fen, terms, turned) == splitting.share_out(fen, terms, roll)

    @given(st.integers(0, 10**13), TERMS, ROLLS)
    @settings(max_examples=100)
    def test_gives_every_household_what_its_tenure_says_within_four_fen(self, fen, terms, roll):
        whole = sum(one.weight for one in roll)
        passed = Fraction(terms.county, terms.city + terms.county) * (1 - Fraction(terms.county_keeps, 10_000))
        passed *= 1 - Fraction(terms.village_keeps, 10_000)
        weight = {(one.village, one.key): one.weight for one in roll}
        for one in splitting.share_out(fen, terms, roll):
            if one.tier == "HOUSEHOLD":
                assert abs(one.fen - fen * passed * weight[one.village, one.key] / whole) < 4

    def test_of_one_million_yuan_is_three_to_seven(self):
        roll = [Holding("甲", "1", 600), Holding("甲", "2", 300), Holding("乙", "1", 100)]
        lines = splitting.share_out(100_000_000, CHIFENG, roll)
        assert splitting.totals(lines) == {
            "CITY": 30_000_000, "COUNTY": 0, "VILLAGE": 0, "HOUSEHOLD": 70_000_000
        }  # fmt: skip
        assert [one.fen for one in lines if one.tier == "HOUSEHOLD"] == [7_000_000, 42_000_000, 21_000_000]

    def test_of_one_fen_gives_it_to_the_larger_part(self):
        lines = splitting.share_out(1, CHIFENG, [Holding("甲", "1", 1), Holding("甲", "2", 1)])
        assert [(one.tier, one.key) for one in lines if one.fen] == [("HOUSEHOLD", "1")]

    def test_lets_county_and_village_keep_their_part(self):
        terms = Terms(city=3, county=7, county_keeps=2000, village_keeps=1000)
        lines = splitting.share_out(1_000_000, terms, [Holding("甲", "1", 1)])
        assert splitting.totals(lines) == {
            "CITY": 300_000, "COUNTY": 140_000, "VILLAGE": 56_000, "HOUSEHOLD": 504_000
        }  # fmt: skip

    def test_needs_no_roll_where_the_county_keeps_all(self):
        lines = splitting.share_out(10, Terms(city=3, county=7, county_keeps=10_000), [])
        assert [(one.tier, one.fen) for one in lines] == [("CITY", 3), ("COUNTY", 7)]

    def test_refuses_a_roll_without_tenure(self):
        with pytest.raises(splitting.NobodyToShareWith):
            splitting.share_out(10, CHIFENG, [Holding("甲", "1", 0)])

    def test_refuses_a_holder_who_stands_there_twice(self):
        with pytest.raises(splitting.HolderTwice):
            splitting.share_out(10, CHIFENG, [Holding("甲", "1", 1), Holding("甲", "1", 2)])

    @pytest.mark.parametrize(
        "terms",
        [
            Terms(city=0, county=0), Terms(city=-1, county=7), Terms(city=3, county=10**7),
            Terms(city=3, county=7, county_keeps=10_001), Terms(city=3, county=7, village_keeps=-1),
        ],
    )  # fmt: skip
    def test_refuses_terms_out_of_bounds(self, terms):
        with pytest.raises(splitting.RuleUnusable):
            splitting.share_out(10, terms, [Holding("甲", "1", 1)])

    def test_refuses_a_tenure_below_zero(self):
        with pytest.raises(splitting.RuleUnusable):
            splitting.share_out(10, CHIFENG, [Holding("甲", "1", -1)])


class TestChange:
    def test_counts_who_is_new_and_who_is_gone(self):
        before = splitting.share_out(100, CHIFENG, [Holding("甲", "1", 1)])
        after = splitting.share_out(100, CHIFENG, [Holding("甲", "2", 1)])
        assert splitting.change(before, after) == {("甲", "1"): -70, ("甲", "2"): 70}

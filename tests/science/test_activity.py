import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanhui.science import activity

NO_CAP = 10**12


def grams(micrograms, person, day, *, daily=NO_CAP, yearly=NO_CAP, **earned):
    day = np.asarray(day)
    return activity.grams(
        np.asarray(micrograms, dtype=np.int64),
        np.asarray(person),
        np.zeros(len(day), dtype=np.int64),
        day,
        daily_grams=daily,
        yearly_grams=yearly,
        year=day // 365,
        **earned,
    ).tolist()


class TestPublicExamples:
    def test_m7_walking_12_km_on_the_basis_of_one_app(self):
        micrograms = activity.micrograms(np.array([12.0]), 0.19567)

        assert micrograms.tolist() == [2_348_040_000]
        assert grams(micrograms, [1], [1]) == [2348]
        assert round(round(2348.04 / 1000, 2) * 100) == 235  # points of kilograms rounded first
        assert int(2348.04 / 1000 * 100) == 234  # points floored from the unrounded: the order of rounding is a rule

    @pytest.mark.parametrize(
        ("baseline", "own", "expected"),
        [(1.4929, 1.1721, 0.3208), (0.19567, 0.04314, 0.15253), (0.19567, 0.17, 0.02567)],
    )
    def test_m10_reductions_of_recycled_bottles_metro_and_electric_car(self, baseline, own, expected):
        assert activity.reduction_factor(baseline, own) == pytest.approx(expected, abs=1e-12)

    def test_a_vehicle_per_head_nears_the_mean_baseline(self):
        assert pytest.approx(1.88, abs=0.01) == 0.19567 / 0.104  # overstated when the car is laid on one person
        assert activity.per_head(0.19567, 2) < 0.104


class TestReduction:
    def test_is_never_negative(self):
        assert activity.reduction_factor(0.104, 0.25) == 0

    def test_of_a_saving_is_never_negative_either(self):
        assert activity.saving(np.array([200.0, 100.0]), np.array([150.0, 180.0])).tolist() == [50.0, 0.0]

    def test_of_a_saving_follows_the_weather(self):
        assert activity.saving(np.array([200.0]), np.array([150.0]), np.array([0.8])).tolist() == [10.0]


class TestSpeed:
    def test_must_be_within_bounds_and_known(self):
        distance = np.array([5.0, 5.0, 5.0, 5.0, np.nan])
        minutes = np.array([60.0, 5.0, 0.0, np.nan, 60.0])

        assert activity.moved(distance, minutes, 2, 8).tolist() == [True, False, False, False, False]


class TestGrams:
    def test_floor_the_day_and_not_each_event(self):
        assert grams([600_000, 600_000, 900_000], [1, 1, 1], [1, 1, 1]) == [0, 1, 1]
        assert grams([600_000, 600_000, 900_000], [1, 1, 1], [1, 2, 3]) == [0, 0, 0]

    def test_do_not_lose_one_to_binary_fractions(self):
        assert grams(activity.micrograms(np.array([100.0]), 0.00029), [1], [1]) == [29]

    def test_stop_at_the_cap_of_the_day(self):
        kg = activity.MICROGRAMS_PER_KG
        assert grams([kg // 5, kg // 5, kg // 5, kg // 5], [1, 1, 1, 2], [7, 7, 8, 8], daily=296) == [200, 96, 200, 200]

    def test_stop_at_the_cap_of_the_year_and_begin_anew_in_the_next(self):
        kg = activity.MICROGRAMS_PER_KG
        assert grams([kg] * 4, [1] * 4, [10, 20, 30, 400], yearly=2500) == [1000, 1000, 500, 1000]

    def test_count_what_was_earned_before(self):
        kg = activity.MICROGRAMS_PER_KG
        assert grams([kg], [1], [1], daily=1200, earned_today=700) == [500]
        assert grams([kg], [1], [1], yearly=1200, earned_this_year=np.array([1500])) == [0]

    def test_of_one_day_and_of_many_are_weighed_alike(self):
        rows = {"person": np.array([1, 1, 2]), "micrograms": np.array([400, 900, 700]) * 10**6}
        one_day, two_days = np.array(["2026-06-01"] * 3), np.array(["2026-06-01", "2026-06-01", "2026-06-02"])

        for daily, yearly, expected in ((1.0, 9.0, [400, 600, 700]), (9.0, 0.5, [400, 100, 500])):
            for day in (one_day, two_days):
                assert activity.grams_by_day(day=day, daily_cap=daily, yearly_cap=yearly, **rows).tolist() == expected

    def test_of_nothing_are_nothing(self):
        assert grams([], [], []) == []

    def test_refuse_events_that_are_not_sorted(self):
        with pytest.raises(ValueError, match="not sorted"):
            grams([1, 1, 1], [1, 2, 1], [1, 1, 1])
        with pytest.raises(ValueError, match="not sorted"):
            grams([1, 1], [1, 1], [2, 1])

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3_000_000)), max_size=30),
        st.integers(0, 6),
    )
    def test_are_what_a_loop_over_each_day_gives(self, events, cap):
        events.sort(key=lambda one: one[:2])
        person, day, micrograms = ([one[at] for one in events] for at in range(3))
        total: dict[tuple[int, int], int] = {}
        for who, when, much in events:
            total[who, when] = total.get((who, when), 0) + much
        expected = sum(min(much // activity.MICROGRAMS_PER_GRAM, cap) for much in total.values())

        found = grams(micrograms, person, day, daily=cap)

        assert sum(found) == expected
        assert all(one >= 0 for one in found)

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.integers(0, 5_000_000), min_size=1, max_size=10), st.integers(0, 5_000_000))
    def test_of_a_day_do_not_change_when_an_event_is_cut_in_two(self, whole, first):
        part = min(first, whole[0])
        cut = [part, whole[0] - part, *whole[1:]]

        assert sum(grams(whole, [1] * len(whole), [1] * len(whole))) == sum(grams(cut, [1] * len(cut), [1] * len(cut)))


class TestCount:
    def test_admits_the_first_of_each_day(self):
        starts = activity.starts(np.array([1, 1, 1, 2]))
        admitted = np.array([True, False, True, True])

        assert activity.first_of(admitted, starts, 1).tolist() == [True, False, False, True]
        assert activity.first_of(admitted, starts, 2).tolist() == [True, False, True, True]


class TestOrder:
    def test_is_none_when_there_is_nothing_to_do(self):
        assert activity.order(np.array(["a", "a", "b"]), np.array([1, 2, 1])) is None

    def test_leaves_equal_ones_as_they_stand(self):
        assert activity.order(np.array([2, 1, 2, 1])).tolist() == [1, 3, 0, 2]


class TestOverlap:
    def test_is_found_across_modes_and_behind_a_short_event(self):
        person = np.array([1, 1, 1, 1, 2])
        begin = np.array([0, 10, 50, 100, 0])
        end = np.array([100, 20, 60, 120, 500])

        assert activity.overlapping(person, begin, end).tolist() == [False, True, True, False, False]

    def test_refuses_events_that_are_not_sorted(self):
        with pytest.raises(ValueError, match="not sorted"):
            activity.overlapping(np.array([1, 1]), np.array([5, 1]), np.array([6, 2]))
        with pytest.raises(ValueError, match="not sorted"):
            activity.overlapping(np.array([2, 1]), np.array([5, 1]), np.array([6, 2]))

    def test_of_nothing_is_nothing(self):
        none = np.array([], dtype=np.int64)
        assert activity.overlapping(none, none, none).tolist() == []

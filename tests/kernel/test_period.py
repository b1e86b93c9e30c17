import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.kernel import period
from tanhui.kernel.period import Period

SPRING = dt.date(2020, 1, 1)
near = st.integers(0, 40).map(lambda days: SPRING + dt.timedelta(days))


@st.composite
def periods(draw):
    start = draw(near)
    return Period(start, draw(st.none() | st.integers(1, 20).map(lambda days: start + dt.timedelta(days))))


def days(span):
    """The days of a period within the window the drawn periods lie in, 70 days."""
    return {day for day in (SPRING + dt.timedelta(n) for n in range(70)) if day in span}


class TestPeriod:
    def test_ends_before_its_end(self):
        year = Period(dt.date(2024, 1, 1), dt.date(2025, 1, 1))

        assert dt.date(2024, 12, 31) in year
        assert dt.date(2025, 1, 1) not in year
        assert year.days == 366

    def test_is_printed_with_both_days(self):
        assert str(Period(dt.date(2024, 1, 1), dt.date(2025, 1, 1))) == "2024-01-01/2024-12-31"
        assert str(Period(dt.date(2024, 1, 1))) == "2024-01-01/.."
        assert Period.inclusive(dt.date(2024, 1, 1), dt.date(2024, 1, 1)).days == 1
        assert Period.inclusive(dt.date(2024, 1, 1), None).last is None

    def test_refuses_to_run_backwards(self):
        with pytest.raises(period.PeriodBackwards):
            Period(dt.date(2024, 1, 1), dt.date(2024, 1, 1))

    def test_refuses_a_last_day_that_none_follows(self):
        with pytest.raises(period.PeriodEndless):
            Period.inclusive(SPRING, dt.date.max)

    def test_refuses_to_count_without_an_end(self):
        with pytest.raises(period.PeriodOpen):
            _ = Period(SPRING).days
        with pytest.raises(period.PeriodOpen):
            Period(SPRING).by_year()

    @given(periods(), periods())
    def test_meets_another_in_their_common_days(self, one, other):
        common = days(one) & days(other)
        both = one.intersect(other)

        assert one.overlaps(other) == bool(common)
        assert (days(both) if both else set()) == common
        assert one.covers(other) == (days(other) <= days(one) and (one.end is None or other.end is not None))

    def test_is_split_at_new_year(self):
        assert [str(part) for part in Period(dt.date(2023, 11, 5), dt.date(2026, 1, 1)).by_year()] == [
            "2023-11-05/2023-12-31",
            "2024-01-01/2024-12-31",
            "2025-01-01/2025-12-31",
        ]

    @given(near, st.integers(1, 1500))
    def test_is_the_sum_of_its_years(self, start, length):
        whole = Period(start, start + dt.timedelta(length))
        parts = whole.by_year()

        assert sum(part.days for part in parts) == length
        assert all(part.start.year == part.last.year for part in parts)
        assert all(before.end == after.start for before, after in itertools.pairwise(parts))

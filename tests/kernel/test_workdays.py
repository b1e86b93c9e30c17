import datetime as dt
import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.kernel import clock, workdays
from tanhui.kernel.workdays import Calendar

from . import shared

day = dt.date
REAL = functools.cache(shared.announced)
PLAIN = Calendar(years=frozenset(range(1990, 2041)))
any_day = st.dates(day(2005, 1, 1), day(2025, 6, 30))


@shared.needs_lists
class TestAnnouncedCalendar:
    @pytest.mark.parametrize(
        ("start", "count", "end"),
        [(day(2025, 1, 20), 20, day(2025, 2, 21)), (day(2025, 9, 22), 20, day(2025, 10, 24)),
         (day(2025, 9, 22), 15, day(2025, 10, 17))],
    )  # fmt: skip
    def test_gives_the_worked_examples(self, start, count, end):
        assert REAL().add(start, count).settled().day == end
        assert REAL().count(start, end).settled() == count

    def test_works_the_sundays_given_in_exchange(self):
        assert REAL().is_workday(day(2025, 1, 26))
        assert not REAL().is_workday(day(2025, 1, 28))

    @given(any_day, st.integers(1, 60))
    def test_counts_back_what_it_counted_forth(self, start, count):
        end = REAL().add(start, count).day

        assert REAL().count(start, end).workdays == count
        assert REAL().is_workday(end)
        if REAL().is_workday(start):
            assert REAL().subtract(end, count).day == start

    @given(any_day, st.integers(1, 40), st.integers(1, 40))
    def test_adds_in_steps_as_at_once(self, start, one, other):
        assert REAL().add(REAL().add(start, one).day, other).day == REAL().add(start, one + other).day

    @given(any_day, st.integers(1, 400))
    def test_never_ends_on_a_day_of_rest(self, start, count):
        end = REAL().days_after(start, count).day

        assert REAL().is_workday(end)
        assert REAL().count(start + dt.timedelta(count), end).workdays == (end != start + dt.timedelta(count))


class TestDeadline:
    def test_does_not_count_the_starting_day(self):
        assert PLAIN.add(day(2024, 1, 1), 1).day == day(2024, 1, 2)

    def test_is_carried_over_a_weekend(self):
        assert PLAIN.days_after(day(2024, 6, 1), 7).day == day(2024, 6, 10)  # 8 June is a Saturday

    def test_ends_at_midnight_in_shanghai(self):
        deadline = PLAIN.add(day(2024, 1, 1), 1)
        midnight = dt.datetime(2024, 1, 3, tzinfo=clock.SHANGHAI)

        assert deadline.end == midnight
        assert deadline.kept(midnight - dt.timedelta(microseconds=1))
        assert not deadline.kept(midnight)

    @pytest.mark.parametrize(
        ("start", "months", "end"),
        [(day(2024, 1, 31), 1, day(2024, 2, 29)), (day(2023, 1, 31), 1, day(2023, 2, 28)),
         (day(2024, 2, 29), 12, day(2025, 2, 28)), (day(2024, 2, 29), 48, day(2028, 2, 29)),
         (day(2024, 3, 15), -60, day(2019, 3, 15)), (day(2024, 11, 30), 3, day(2025, 2, 28)),
         (day(2024, 12, 5), 1, day(2025, 1, 5)), (day(2024, 1, 5), -1, day(2023, 12, 5))],
    )  # fmt: skip
    def test_by_months_falls_on_the_corresponding_day(self, start, months, end):
        assert workdays.corresponding_day(start, months) == end

    def test_by_months_is_carried_too(self):
        assert PLAIN.months_after(day(2024, 5, 8), 1).day == day(2024, 6, 10)

    def test_needs_at_least_a_day(self):
        for wrong in (0, -1):
            with pytest.raises(ValueError, match="at least one day"):
                PLAIN.add(day(2024, 1, 1), wrong)


class TestUnannouncedYear:
    calendar = Calendar(years=frozenset({2026}))

    def test_makes_a_deadline_provisional_and_is_named(self):
        deadline = self.calendar.add(day(2026, 12, 20), 15)

        assert deadline.provisional
        assert deadline.missing == (2027,)
        with pytest.raises(workdays.CalendarNotAnnounced, match="2027"):
            deadline.settled()
        with pytest.raises(workdays.CalendarNotAnnounced):
            deadline.kept(dt.datetime(2026, 12, 21, tzinfo=dt.UTC))

    def test_makes_a_count_provisional(self):
        count = self.calendar.count(day(2026, 12, 1), day(2027, 1, 10))
        assert count.provisional
        with pytest.raises(workdays.CalendarNotAnnounced):
            count.settled()

    def test_decides_the_last_days_of_the_year_before(self):
        assert self.calendar.add(day(2026, 12, 25), 1).settled().day == day(2026, 12, 28)
        assert self.calendar.add(day(2026, 12, 28), 1).missing == (2027,)

    def test_counts_again_once_announced(self):
        holiday = [day(2027, 1, 1), day(2026, 12, 31)]
        calendar = self.calendar.with_year(2027, holidays=holiday, makeup=[day(2027, 1, 3)])

        assert calendar.add(day(2026, 12, 30), 1).settled().day == day(2027, 1, 3)
        assert calendar.count(day(2026, 12, 30), day(2027, 1, 4)).settled() == 2


class TestContradiction:
    def test_between_rest_and_work_is_refused(self):
        with pytest.raises(workdays.OffAndWorked, match="2027-01-02"):
            PLAIN.with_year(2027, holidays=[day(2027, 1, 2)], makeup=[day(2027, 1, 2)])

    def test_of_an_exchange_for_an_ordinary_weekday_is_refused(self):
        with pytest.raises(workdays.ExchangedOnWeekday, match="2027-01-04"):
            PLAIN.with_year(2027, holidays=[], makeup=[day(2027, 1, 4)])

    def test_with_the_announced_years_is_refused(self):
        with pytest.raises(workdays.DayOutsideCalendar, match="2050-05-01"):
            PLAIN.with_year(2027, holidays=[day(2050, 5, 1)], makeup=[])

"""When a time limit ends: the day arithmetic of the Civil Code over the working days the State Council announces.

The algorithm, its sources and its examples are in docs/algorithms/working-days.md. The calendar of a year is announced
in the autumn before. Until then a deadline in it is *provisional*: counted as if that year had only plain weekends, and
said to be so. Nothing that decides may rest on it; ``settled`` refuses.
"""

import calendar as months
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

DAY = timedelta(days=1)
SATURDAY = 5
NEW_YEAR_REACHES_BACK_TO = (12, 29)  # the announcement for a year has moved days as early as this in the year before


class CalendarNotAnnounced(Refusal):
    code = "kernel.calendar_not_announced"
    sentence = gettext_noop(
        "The working days of %(years)s have not been announced or not been loaded, so this date is provisional. "
        "Load the State Council's holiday notice for %(years)s first."
    )
    clause = "《全国年节及纪念日放假办法》；《民法典》第二百零三条"


class OffAndWorked(Refusal):
    code = "kernel.day_off_and_worked"
    sentence = gettext_noop("%(day)s is given as a day off and as a working day. Compare it with the holiday notice.")
    clause = "《全国年节及纪念日放假办法》"
    status = 422


class ExchangedOnWeekday(Refusal):
    code = "kernel.exchanged_on_weekday"
    sentence = gettext_noop(
        "%(day)s is given as a working day in exchange for a day off, but it is no Saturday or Sunday. Compare it with "
        "the holiday notice."
    )
    clause = "《全国年节及纪念日放假办法》"
    status = 422


class DayOutsideCalendar(Refusal):
    code = "kernel.day_outside_calendar"
    sentence = gettext_noop("%(day)s belongs to none of the announced years. Load the notice of its year as a whole.")
    clause = "《全国年节及纪念日放假办法》"
    status = 422


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a time limit; ``missing`` names the years whose calendar it would have needed."""

    day: date
    missing: tuple[int, ...] = ()

    @property
    def provisional(self) -> bool:
        return bool(self.missing)

    @property
    def end(self) -> datetime:
        """24:00 of the last day in Shanghai: the first instant that is too late."""
        return clock.midnight_after(self.day)

    def kept(self, at: datetime) -> bool:
        """Whether an act at this instant is in time. ``CalendarNotAnnounced`` while the deadline is provisional."""
        return clock.aware(at) < self.settled().end

    def settled(self) -> "Deadline":
        """The deadline itself. ``CalendarNotAnnounced`` while it is provisional."""
        refuse_if(self.missing)
        return self


@dataclass(frozen=True, slots=True)
class Count:
    """A number of working days; ``missing`` names the years whose calendar it would have needed."""

    workdays: int
    missing: tuple[int, ...] = ()

    @property
    def provisional(self) -> bool:
        return bool(self.missing)

    def settled(self) -> int:
        """The number itself. ``CalendarNotAnnounced`` while it is provisional."""
        refuse_if(self.missing)
        return self.workdays


def refuse_if(missing: tuple[int, ...]) -> None:
    if missing:
        raise CalendarNotAnnounced(years=", ".join(map(str, missing)))


@dataclass(frozen=True, slots=True)
class Calendar:
    """What has been announced: for which years, the days off, and the Saturdays and Sundays worked in exchange."""

    years: frozenset[int] = frozenset()
    holidays: frozenset[date] = frozenset()
    makeup: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        for day in sorted(self.holidays | self.makeup):
            if day in self.holidays and day in self.makeup:
                raise OffAndWorked(day=day.isoformat())
            if day in self.makeup and day.weekday() < SATURDAY:
                raise ExchangedOnWeekday(day=day.isoformat())
            if not needed(day) & self.years:
                raise DayOutsideCalendar(day=day.isoformat())

    def with_year(self, year: int, *, holidays: Iterable[date], makeup: Iterable[date]) -> "Calendar":
        """This calendar and one more announced year; refuses days that do not fit together."""
        return Calendar(self.years | {year}, self.holidays | set(holidays), self.makeup | set(makeup))

    def is_workday(self, day: date) -> bool:
        """Whether work is done; a year that is not announced counts as having plain weekends."""
        return day in self.makeup or (day.weekday() < SATURDAY and day not in self.holidays)

    def missing(self, days: Iterable[date]) -> tuple[int, ...]:
        """The years not announced that decide whether these days are worked."""
        return tuple(sorted({year for day in days for year in needed(day)} - self.years))

    def add(self, start: date, workdays: int) -> Deadline:
        """The last of so many working days. The starting day is not counted (article 201). ``workdays`` is at least 1.

        ``add(date(2025, 1, 20), 20).day == date(2025, 2, 21)``
        """
        return self._walk(start, workdays, DAY)

    def subtract(self, day: date, workdays: int) -> Deadline:
        """The day that lies so many working days before ``day``, which itself is not counted."""
        return self._walk(day, workdays, -DAY)

    def _walk(self, start: date, workdays: int, step: timedelta) -> Deadline:
        if workdays < 1:
            raise ValueError(f"a time limit has at least one day, not {workdays}")
        day, counted = start, 0
        while counted < workdays:
            day += step
            counted += self.is_workday(day)
        return Deadline(day, self.missing(between(start, day)))

    def count(self, start: date, end: date) -> Count:
        """Working days after ``start`` up to and with ``end``; 0 when ``end`` is not after ``start``."""
        days = list(between(start, end)) if start < end else []
        return Count(sum(map(self.is_workday, days)), self.missing(days))

    def days_after(self, start: date, days: int) -> Deadline:
        """So many calendar days, the starting day not counted, carried to a working day (articles 201 and 203)."""
        if days < 1:
            raise ValueError(f"a time limit has at least one day, not {days}")
        return self.carried(start + days * DAY)

    def months_after(self, start: date, count: int) -> Deadline:
        """So many months (twelve for a year), carried to a working day (articles 202 and 203)."""
        return self.carried(corresponding_day(start, count))

    def carried(self, last: date) -> Deadline:
        """The last day itself, or the next working day when it is a day of rest (article 203)."""
        day = last
        while not self.is_workday(day):
            day += DAY
        return Deadline(day, self.missing(between(last - DAY, day)))


def corresponding_day(start: date, count: int) -> date:
    """The same day so many months later (or earlier), or the last of that month when it has none (article 202)."""
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    return date(year, month + 1, min(start.day, months.monthrange(year, month + 1)[1]))


def needed(day: date) -> set[int]:
    """The years whose announcements decide this day: its own, and in the last days of December the next one too."""
    return {day.year, day.year + 1} if (day.month, day.day) >= NEW_YEAR_REACHES_BACK_TO else {day.year}


def between(start: date, end: date) -> Iterator[date]:
    """The days from one to the other, without ``start`` and with ``end``, in the direction of ``end``."""
    step = DAY if end >= start else -DAY
    while start != end:
        start += step
        yield start

"""Spans of days. Kept half-open, so that one ends on the day the next begins; printed with both days included."""

from dataclasses import dataclass
from datetime import date, timedelta

from tanhui.kernel.refusal import Refusal, gettext_noop

DAY = timedelta(days=1)


class PeriodBackwards(Refusal):
    code = "kernel.period_backwards"
    sentence = gettext_noop(
        "The period would begin on %(start)s and be over before %(end)s. Let it end after it begins."
    )
    clause = "ARCHITECTURE.md §5"
    status = 422


class PeriodOpen(Refusal):
    code = "kernel.period_open"
    sentence = gettext_noop("The period that begins on %(start)s has no end yet. Give its last day first.")
    clause = "ARCHITECTURE.md §5"
    status = 422


class PeriodEndless(Refusal):
    code = "kernel.period_endless"
    sentence = gettext_noop("No calendar has a day after %(last)s. Give a last day before it, or none.")
    clause = "ARCHITECTURE.md §5"
    status = 422


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``start`` up to but not including ``end``; ``None`` while nobody knows when it ends.

    Refuses with ``PeriodBackwards`` when no day would be in it.
    """

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise PeriodBackwards(start=self.start.isoformat(), end=self.end.isoformat())

    @classmethod
    def inclusive(cls, first: date, last: date | None) -> "Period":
        """From the first and the last day, the way people and documents write a period.

        Refuses with ``PeriodEndless`` the last day there is, which has none after it.
        """
        if last == date.max:
            raise PeriodEndless(last=last.isoformat())
        return cls(first, None if last is None else last + DAY)

    @property
    def last(self) -> date | None:
        """The last day in it, or ``None`` while it is open."""
        return None if self.end is None else self.end - DAY

    @property
    def days(self) -> int:
        """How many days it has. ``PeriodOpen`` while it has no end."""
        return (self.closed() - self.start).days

    def closed(self) -> date:
        """The day after the last. ``PeriodOpen`` while it has no end."""
        if self.end is None:
            raise PeriodOpen(start=self.start.isoformat())
        return self.end

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def covers(self, other: "Period") -> bool:
        ends_later = self.end is None or (other.end is not None and other.end <= self.end)
        return self.start <= other.start and ends_later

    def overlaps(self, other: "Period") -> bool:
        return (other.end is None or self.start < other.end) and (self.end is None or other.start < self.end)

    def intersect(self, other: "Period") -> "Period | None":
        if not self.overlaps(other):
            return None
        ends = [end for end in (self.end, other.end) if end is not None]
        return Period(max(self.start, other.start), min(ends) if ends else None)

    def by_year(self) -> list["Period"]:
        """The parts that fall into each calendar year, in order. ``PeriodOpen`` while it has no end."""
        end = self.closed()
        starts = [self.start, *(date(year, 1, 1) for year in range(self.start.year + 1, (end - DAY).year + 1))]
        return [Period(start, then) for start, then in zip(starts, [*starts[1:], end], strict=True)]

    def __str__(self) -> str:
        """First and last day in ISO 8601: ``2024-01-01/2024-12-31``, and ``2024-01-01/..`` while it is open."""
        return f"{self.start.isoformat()}/{'..' if self.last is None else self.last.isoformat()}"

"""Monthly evidence (月度存证): which months of a development are due to be stamped, by when, and which are overdue."""

from dataclasses import dataclass
from datetime import date

from tanhui.kernel import clock
from tanhui.kernel.workdays import DAY, Deadline, corresponding_day
from tanhui.projects import numbers
from tanhui.projects.models import Development, Evidence

KEY = "monthly_evidence"


@dataclass(frozen=True, slots=True)
class Month:
    """One month of monitoring data: its first day, the last day to stamp it, and the stamp once there is one."""

    first: date
    due: Deadline
    stamp: Evidence | None

    @property
    def end(self) -> date:
        """The first day after it."""
        return corresponding_day(self.first, 1)

    def overdue(self, today: date) -> bool:
        return self.stamp is None and today > self.due.day


def days(held: Development) -> int | None:
    """How many days after a month's end its data are to be stamped; nothing where no pack asks for it."""
    found = numbers.value(held, KEY)
    return found if type(found) is int else None


def due(first: date, within: int) -> Deadline:
    """The last day to stamp a month: so many calendar days after its last (I-07), not carried over rest days, for what
    is stamped is sent by a machine."""
    return Deadline(corresponding_day(first, 1) - DAY + within * DAY)


def months(held: Development, start: date, end: date) -> list[Month]:
    """The months from ``start`` up to but not including ``end``, with their stamps."""
    within = days(held)
    if within is None or start >= end:
        return []
    stamps: dict[date, Evidence] = {}
    for one in held.evidence.order_by("at", "pk"):
        stamps[one.month] = one
    found, first = [], start.replace(day=1)
    while first < end:
        found.append(Month(first, due(first, within), stamps.get(first)))
        first = corresponding_day(first, 1)
    return found


def missing(held: Development, start: date, end: date) -> list[date]:
    """The months of a span that nobody stamped."""
    return [one.first for one in months(held, start, end) if one.stamp is None]


def under_way(held: Development, *, today: date) -> list[Month]:
    """The months of a registered development that have ended, since monitoring began; the latest twelve."""
    crediting = held.crediting
    if held.registered is None or crediting is None:
        return []
    began = max(crediting.lower, clock.day(held.registered.registered_at).replace(day=1))
    begun = held.evidence.order_by("month").values_list("month", flat=True).first()
    start = min(began, begun) if begun else began
    end = min(today.replace(day=1), crediting.upper or today)
    return months(held, max(start, corresponding_day(end, -12)), end)[-12:]

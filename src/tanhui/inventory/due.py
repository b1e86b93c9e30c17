"""When the stock sink of an area is to be published anew (article 9), and how near that is."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from tanhui.inventory.models import AccountingYear, Cycle, Publication, Reminder
from tanhui.kernel import clock

SOON, NEAR = timedelta(days=90), timedelta(days=14)  # before the day it is due
Stage = Reminder.Stage


@dataclass(frozen=True, slots=True)
class Due:
    """What an area's cycle asks for: published anew on the day ``on`` at the latest, after it last was on ``last``."""

    cycle: Cycle
    last: date | None
    on: date
    today: date

    @property
    def days(self) -> int:
        """Days left; negative when overdue."""
        return (self.on - self.today).days

    @property
    def overdue_by(self) -> int:
        return max(0, -self.days)

    @property
    def stage(self) -> str:
        """Which reminder is in place today; empty while there is time."""
        if self.today > self.on:
            return Stage.OVERDUE.value
        if self.today >= self.on - NEAR:
            return Stage.NEAR.value
        return Stage.SOON.value if self.today >= self.on - SOON else ""


def after(day: date, months: int) -> date:
    """The same day some months later, or the last of a month that is too short."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def cycles(organisations: Iterable[int] | None = None) -> list[Cycle]:
    """The cycle in force of each area; of these authorities, or of all."""
    found = Cycle.objects.select_related("organisation").order_by("organisation", "division_code", "-at", "-pk")
    if organisations is not None:
        found = found.filter(organisation__in=list(organisations))
    return list(found.distinct("organisation", "division_code"))


def due(cycle: Cycle, *, today: date) -> Due:
    """When the area is due. A publication counts from the day the cycle was set; one before it does where it leaves the
    first due day behind."""
    published = Publication.objects.filter(
        accounting_year__organisation=cycle.organisation_id, accounting_year__division_code=cycle.division_code
    )
    at = published.order_by("-at").values_list("at", flat=True).first()
    last = clock.day(at) if at else None
    on = cycle.first_due
    if last is not None and (last >= clock.day(cycle.at) or after(last, cycle.months) > on):
        on = after(last, cycle.months)
    return Due(cycle, last, on, today)


def of_area(year: AccountingYear, *, today: date) -> Due | None:
    """When the area of a year is due again; none while its authority has set no cycle."""
    same = Cycle.objects.filter(organisation=year.organisation_id, division_code=year.division_code)
    found = same.select_related("organisation").order_by("-at", "-pk").first()
    return due(found, today=today) if found else None

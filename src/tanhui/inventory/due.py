"""When the stock sink of an area is to be published anew (article 9), and how near that is."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, DateField, DurationField, F, Func, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Cast, TruncDate

from tanhui.inventory.models import AccountingYear, Cycle, Publication, Reminder
from tanhui.kernel import clock

SOON, NEAR = timedelta(days=90), timedelta(days=14)  # before the day it is due
MONTHS = "make_interval(months => %(expressions)s)"  # the same day so many months later, or the last of a short one
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


def cycles(organisations: Iterable[int] | None = None) -> QuerySet[Cycle]:
    """The cycle in force of each area, of these authorities or of all, with ``last``, the day the area was last
    published, and ``due_on``, when it is due. A publication counts from the day the cycle was set; one before it does
    where it leaves the first due day behind."""
    newest = Cycle.objects.order_by("organisation", "division_code", "-at", "-pk")
    if organisations is not None:
        newest = newest.filter(organisation__in=list(organisations))
    published = Publication.objects.filter(
        accounting_year__organisation=OuterRef("organisation"), accounting_year__division_code=OuterRef("division_code")
    )
    again = Cast(F("last") + Func(F("months"), template=MONTHS, output_field=DurationField()), DateField())
    counts = Q(last__gte=TruncDate("at", tzinfo=clock.SHANGHAI)) | Q(again__gt=F("first_due"))
    found = Cycle.objects.filter(pk__in=newest.distinct("organisation", "division_code").values("pk"))
    return (
        found.select_related("organisation")
        .annotate(last=TruncDate(Subquery(published.order_by("-at").values("at")[:1]), tzinfo=clock.SHANGHAI))
        .annotate(again=again)
        .annotate(due_on=Case(When(counts, then=F("again")), default=F("first_due")))
        .order_by("organisation", "division_code")
    )


def coming(organisations: Iterable[int], *, today: date) -> QuerySet[Cycle]:
    """Those of which a reminder is in place."""
    return cycles(organisations).filter(due_on__lte=today + SOON)  # type: ignore[misc]  # an annotation of cycles()


def due(cycle: Any, *, today: date) -> Due:
    """When the area of a cycle is due, which is one that ``cycles`` gave."""
    return Due(cycle, cycle.last, cycle.due_on, today)


def of_area(year: AccountingYear, *, today: date) -> Due | None:
    """When the area of a year is due again; none while its authority has set no cycle."""
    found = cycles([year.organisation_id]).filter(division_code=year.division_code).first()
    return due(found, today=today) if found else None

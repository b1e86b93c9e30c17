"""What a verifier looks at behind the quantity of a period: its corrections, its stamped months, its devices."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from tanhui.kernel.period import Period
from tanhui.kernel.workdays import DAY
from tanhui.projects import evidence
from tanhui.projects.models import Certificate, Correction, Device, Monitoring, ReadingSheet, Series


@dataclass(frozen=True, slots=True)
class Measured:
    """A device over a period: readings taken and refused, how many there should be, sheets of late readings, and the
    days of the period no certificate covers."""

    device: Device
    rows: int
    refused: int
    expected: int
    sheets: int
    uncovered: int

    @property
    def percent(self) -> str:
        """Readings taken of those expected, in hundredths to one decimal."""
        return f"{100 * min(1.0, self.rows / self.expected):.1f}" if self.expected else "—"


@dataclass(frozen=True, slots=True)
class Behind:
    """Corrections in their order, months with their stamps, devices by their codes."""

    corrections: list[Correction]
    months: list[evidence.Month]
    devices: list[Measured]


def behind(held: Monitoring) -> Behind:
    """All of it for a period, in a constant number of statements."""
    span = Period(held.span.lower, held.span.upper)
    return Behind(
        list(held.corrections.select_related("by").order_by("number")),
        evidence.months(held.development, held.span.lower, held.span.upper),
        devices(held, span),
    )


def devices(held: Monitoring, span: Period) -> list[Measured]:
    """The devices of the period's project; readings are counted on the days of the period alone."""
    assert span.end is not None
    days = (span.end - span.start).days
    within = Series.objects.filter(device=OuterRef("pk"), day__gte=span.start, day__lt=span.end).values("device")
    sheets = ReadingSheet.objects.filter(device=OuterRef("pk")).values("device")
    rows = Device.objects.filter(development=held.development_id).annotate(
        rows=Coalesce(Subquery(within.annotate(sum=Sum("rows")).values("sum")), 0),
        refused=Coalesce(Subquery(within.annotate(sum=Sum("refused")).values("sum")), 0),
        late=Coalesce(Subquery(sheets.annotate(many=Count("pk")).values("many")), 0),
    )
    certificates: dict[object, list[Certificate]] = {}
    for one in Certificate.objects.filter(device__development=held.development_id).order_by("since"):
        certificates.setdefault(one.device_id, []).append(one)
    return [
        Measured(
            one, one.rows, one.refused, int(timedelta(days=days).total_seconds()) // one.interval_s, one.late,
            uncovered([(each.since, each.until) for each in certificates.get(one.pk, [])], span),
        )
        for one in rows.order_by("code")
    ]  # fmt: skip


def uncovered(certificates: list[tuple[date, date]], span: Period) -> int:
    """How many days of a span lie in none of these certificates. They are in the order of their first days; their last
    days are included."""
    assert span.end is not None
    at, missing = span.start, 0
    for since, until in certificates:
        missing += max(0, (min(since, span.end) - at).days)
        at = max(at, min(until + DAY, span.end))
    return missing + (span.end - at).days

"""What was measured in the field: series of devices and their hashes, certificates due, visits of plots.

``series`` and ``hashes`` are what monitoring runs and the monthly stamp take.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth

from tanhui.files import store
from tanhui.kernel import canonical, clock
from tanhui.kernel.period import Period
from tanhui.projects import drift, numbers, parquet
from tanhui.projects.models import (
    Certificate,
    Choice,
    Development,
    Device,
    EarlierSeries,
    Evidence,
    Plot,
    ReadingSheet,
    Series,
    Visit,
)
from tanhui.rulepacks import packs
from tanhui.rulepacks import queries as rules

Due = Literal["", "NONE", "SOON", "OVER"]
SOON = timedelta(days=60)
COLUMNS = (
    parquet.Column("at", "instant"), parquet.Column("value", "number"),
    parquet.Column("received_at", "instant"), parquet.Column("source", "integer"),
)  # fmt: skip


@dataclass(frozen=True)
class Readings:
    """``at``: int64 microseconds since 1970, rising; ``value``: float64; ``files``: day → SHA-256 of what was read."""

    at: npt.NDArray[Any]
    value: npt.NDArray[Any]
    files: Mapping[date, str]

    def __len__(self) -> int:
        return len(self.at)


def series(development: Development | None, device: Device, span: Period) -> Readings:
    """The readings of a device on the days of a span. Empty where the device belongs to another development.

    Raises ``store.Damaged`` when a file is no longer the one its hash names.
    """
    rows = within(device, span).filter(rows__gt=0).order_by("day")
    if development is not None and device.development_id != development.pk:
        rows = rows.none()
    parts, files = [], {}
    for row in rows:
        parts.append(contents(row))
        files[row.day] = row.sha256
    empty = np.array([], dtype="<i8")
    return Readings(
        np.concatenate([one["at"] for one in parts]) if parts else empty,
        np.concatenate([one["value"] for one in parts]) if parts else empty.astype("<f8"),
        files,
    )


def within(device: Device, span: Period) -> QuerySet[Series]:
    """The days of a device that lie in a span."""
    rows = device.series.filter(day__gte=span.start)
    return rows.filter(day__lt=span.end) if span.end else rows


def contents(row: Series) -> dict[str, npt.NDArray[Any]]:
    """The columns of a day's file, its hash checked."""
    if not row.sha256:
        return {column.name: np.array([], "<f8" if column.kind == "number" else "<i8") for column in COLUMNS}
    return parquet.read(store.read(row.sha256, row.size_bytes))[0]


def hashes(development: Development, month: date) -> list[dict[str, Any]]:
    """What the stamp of a month names: every file of every device, by device and day. Canonical JSON values."""
    first, after = month.replace(day=1), (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    rows = Series.objects.filter(device__development=development, day__gte=first, day__lt=after, rows__gt=0)
    found = rows.order_by("device__code", "day").values_list("device__code", "day", "rows", "sha256")
    return [
        {"device": code, "day": day.isoformat(), "rows": many, "sha256": sha256} for code, day, many, sha256 in found
    ]


def stamped_months(development: Development | UUID | None) -> set[date]:
    """First days of the months whose evidence is in the log."""
    return (
        set(Evidence.objects.filter(development=development).values_list("month", flat=True)) if development else set()
    )


def sheets(device: Device) -> QuerySet[ReadingSheet]:
    """Sheets of late readings, the latest first."""
    return ReadingSheet.objects.filter(device=device).select_related("by").defer("report").order_by("-at")


def kept_beside(sheet: ReadingSheet) -> QuerySet[EarlierSeries]:
    """The stamped files a sheet joined readings to, as they were."""
    return EarlierSeries.objects.filter(sheet=sheet).order_by("day")


def devices() -> QuerySet[Device]:
    """Devices with the end of their latest certificate as ``calibrated_until``, and today's tallies left out."""
    latest = Certificate.objects.filter(device=OuterRef("pk")).order_by("-until")
    return Device.objects.select_related("organisation", "development", "reference").annotate(
        calibrated_until=Subquery(latest.values("until")[:1])
    )


def calibration(until: date | None, today: date) -> Due:
    """``NONE`` without a certificate, ``OVER`` past its last day, ``SOON`` within sixty days of it."""
    if until is None:
        return "NONE"
    return "OVER" if until < today else "SOON" if until <= today + SOON else ""


class Reminding:
    """What the rule packs of a day say about reminders, asked once for each development; what none says is not done."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.said: dict[tuple[UUID | None, str], packs.Value | None] = {}

    def value(self, device: Device, key: str) -> packs.Value | None:
        """By the packs of the device's development, else by the defaults of the platform."""
        asked = (device.development_id, key)
        if asked not in self.said:
            if device.development is not None:
                self.said[asked] = numbers.value(device.development, key)
            else:
                held = rules.in_force(numbers.DEFAULTS, self.today)
                found = packs.load(held.pack.content, numbers.DEFAULTS).params.get(key) if held else None
                self.said[asked] = found.value if found else None
        return self.said[asked]

    def ahead(self, device: Device) -> list[int]:
        """How many days before a certificate ends it is said."""
        found = self.value(device, "device_calibration_alerts_before")
        return [int(one) for one in found] if isinstance(found, tuple) else []

    def silent(self, device: Device, at: datetime) -> bool:
        """Whether nothing was heard for longer than the pack allows, and than two readings lie apart."""
        days = self.value(device, "device_silent_after")
        if type(days) is not int or device.state != Device.State.ACTIVE:
            return False
        allowed = max(timedelta(days=days), 2 * timedelta(seconds=device.interval_s))
        return at - (device.heard_at or device.at) > allowed


@dataclass(frozen=True)
class Look:
    """What the page of a device shows of a span: daily medians, gaps, coverage, verdict and what it was judged by."""

    days: list[tuple[date, float, int]]
    gaps: list[drift.Gap]
    coverage: float
    count: int
    drift: drift.Drift | None
    against: Device | None
    stuck: list[tuple[float, float, int]]
    backwards: list[float]
    refused: dict[str, int]


def look(device: Device, span: Period, *, until: float) -> Look:
    """Look at a device. ``until``: seconds since 1970; nothing is missing after it."""
    found = series(device.development, device, span) if device.development else series(None, device, span)
    at, values = found.at / 1e6, found.value
    start, end = seconds(span.start), min(seconds(span.end), until) if span.end else until
    if not len(at) and device.heard_at is None:
        start = end
    days, levels = drift.daily(at, values)
    counts = np.unique(np.floor((at + 8 * 3600) / drift.DAY), return_counts=True)[1]
    refused: dict[str, int] = {}
    for reasons in within(device, span).values_list("reasons", flat=True):
        for code, many in reasons.items():
            refused[code] = refused.get(code, 0) + many
    verdict, against = judged(device, span, at, values)
    return Look(
        [(date(1970, 1, 1) + timedelta(days=int(day)), float(level), int(many))
         for day, level, many in zip(days, levels, counts, strict=True)],
        drift.gaps(at, device.interval_s, start, end) if end > start else [],
        drift.coverage(len(at), device.interval_s, start, end) if end > start else 0.0,
        len(at), verdict, against,
        [] if device.counter else drift.stuck(at, values, max(12, 86_400 // device.interval_s)),
        drift.backwards(at, values) if device.counter else [], refused,
    )  # fmt: skip


def judged(device: Device, span: Period, at: Any, values: Any) -> tuple[drift.Drift | None, Device | None]:
    """Drift against the reference beside the device, else against itself; none for a counter or without certificate."""
    certificate = device.certificates.order_by("-until", "-pk").first()
    if certificate is None or device.counter or not len(at):
        return None, None
    against = device.reference
    if against is not None:
        beside = series(None, against, span)
        both, mine, theirs = np.intersect1d((at * 1e6).round().astype("i8"), beside.at, return_indices=True)
        at, values = both / 1e6, values[mine] - beside.value[theirs]
    days, levels = drift.daily(at, values)
    day = (certificate.since - date(1970, 1, 1)).days
    return drift.drift(days, levels, permissible=float(certificate.permissible), calibrated=day), against


def seconds(day: date) -> float:
    """The first instant of a civil day in Shanghai."""
    return (clock.midnight_after(day - timedelta(days=1))).timestamp()


# -- plots -------------------------------------------------------------------------------------------------------------


def plots(development: Development) -> QuerySet[Plot]:
    """Plots by code, with how many visits each has and when the last was."""
    return development.plots.annotate(visited=Count("visits"), last=Max("visits__measured_on")).order_by("code")


def visits(development: Development, round: int | None = None) -> QuerySet[Visit]:
    rows = Visit.objects.filter(plot__development=development).select_related("plot", "by")
    rows = rows.annotate(trees_count=Count("trees", distinct=True), photos_count=Count("photos", distinct=True))
    return rows.filter(**({"round": round} if round else {})).order_by("plot__code", "-round", "at")


@dataclass(frozen=True)
class Conflict:
    """A plot measured more than once in a round, and the visit that was chosen, if one was."""

    plot: Plot
    round: int
    visits: list[Visit]
    choice: Choice | None


def conflicts(development: Development) -> list[Conflict]:
    """Plots that were measured more than once in a round, decided or not."""
    groups: dict[tuple[int, int], list[Visit]] = {}
    for one in visits(development).prefetch_related("trees"):
        groups.setdefault((one.plot_id, one.round), []).append(one)
    chosen = choices(development)
    return [
        Conflict(found[0].plot, found[0].round, found, chosen.get(key))
        for key, found in groups.items()
        if len(found) > 1
    ]


def choices(development: Development) -> dict[tuple[int, int], Choice]:
    """The choice that stands for a plot and round."""
    rows = (
        Choice.objects.filter(visit__plot__development=development).select_related("visit", "by").order_by("at", "pk")
    )
    return {(one.visit.plot_id, one.visit.round): one for one in rows}


def counting(development: Development, round: int) -> tuple[list[Visit], list[Plot]]:
    """The visits a run takes, one a plot; and the plots it cannot take, because several visits wait for a choice."""
    groups: dict[int, list[Visit]] = {}
    for one in visits(development, round).prefetch_related("trees"):
        groups.setdefault(one.plot_id, []).append(one)
    chosen, taken, open_ = choices(development), [], []
    for plot, found in groups.items():
        choice = chosen.get((plot, round))
        if len(found) == 1:
            taken.append(found[0])
        elif choice is not None:
            taken += [one for one in found if one.pk == choice.visit_id]
        else:
            open_.append(found[0].plot)
    return taken, open_


def tables(development: Development, round: int) -> dict[str, list[dict[str, Any]]]:
    """Plots and trees of a round as the tables a monitoring run takes: ``plots`` and ``trees``, one row each."""
    taken, _ = counting(development, round)
    return {
        "plots": [
            {"plot": one.plot.code, "stratum": one.plot.stratum, "area_m2": one.plot.area_m2,
             "measured_on": one.measured_on.isoformat()}
            for one in taken
        ],
        "trees": [
            {"plot": one.plot.code, "tree": tree.number, "species": tree.species, "dbh_mm": tree.dbh_mm,
             "height_dm": tree.height_dm}
            for one in taken
            for tree in sorted(one.trees.all(), key=lambda each: each.number)
        ],
    }  # fmt: skip


def of_people(organisations: Any) -> Q:
    """Developments whose field work these organisations see: owner, authorities, validator and verifiers."""
    return (
        Q(owner__in=organisations) | Q(county__in=organisations) | Q(city__in=organisations)
        | Q(validator__in=organisations) | Q(monitorings__verifier__in=organisations)
    )  # fmt: skip


SOURCES = {"HTTP": 0, "MQTT": 1, "SHEET": 2}


def with_counts(developments: QuerySet[Development]) -> QuerySet[Development]:
    """Developments with how many devices and plots they have, and how many visits."""
    return developments.annotate(
        devices_count=Count("devices", distinct=True),
        plots_count=Count("plots", distinct=True),
        visits_count=Count("plots__visits", distinct=True),
    ).order_by("-changed_at")


def plot_codes(development: Development) -> set[str]:
    return set(development.plots.values_list("code", flat=True))


def measured_again(visit: Visit) -> bool:
    """Whether its plot was measured more than once in its round."""
    return Visit.objects.filter(plot=visit.plot_id, round=visit.round).exclude(pk=visit.pk).exists()


def manifest(development: Development, month: date) -> bytes:
    """What is stamped of a month's readings: ``hashes`` as canonical JSON, so that anyone with the files recomputes "
    "it."""
    said = {"development": development.code, "month": f"{month:%Y-%m}", "series": hashes(development, month)}
    return canonical.dumps(said)


@dataclass(frozen=True)
class Month:
    """Readings of a month: first day, files, rows, the SHA-256 of its manifest, and the stamp that names it."""

    first: date
    files: int
    rows: int
    sha256: str
    stamp: Evidence | None


def months(development: Development) -> list[Month]:
    """The months with readings, the latest first."""
    rows = Series.objects.filter(device__development=development, rows__gt=0)
    found = rows.annotate(first=TruncMonth("day")).values("first").annotate(files=Count("pk"), many=Sum("rows"))
    stamps = {(one.month, one.sha256): one for one in development.evidence.all()}
    made = []
    for each in found.order_by("-first"):
        sha256 = hashlib.sha256(manifest(development, each["first"])).hexdigest()
        made.append(Month(each["first"], each["files"], each["many"], sha256, stamps.get((each["first"], sha256))))
    return made

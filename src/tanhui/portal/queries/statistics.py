"""Figures of the whole register at the end of any day, read from a handful of rows; today's by adding the tail."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Max

from tanhui.journal.models import Checkpoint
from tanhui.kernel import clock
from tanhui.portal.models import BatchDay, Check, Mark, Standing

POSTINGS = "postings"
DIMENSIONS = ("scheme", "methodology", "vintage", "province", "purpose")
NAMES = ("issued", "held", "buffer", "retired", "cancelled", "transferred")

# Where a posting counts. ``account``, ``place``, ``posting`` and ``moved`` are as the statements around it name them.
SPLIT = """
    CASE WHEN account.code IN ('issued', 'imported') THEN -posting.quantity ELSE 0 END AS issued_t,
    CASE WHEN NOT account.is_boundary AND place.purpose IS DISTINCT FROM 'BUFFER' THEN posting.quantity ELSE 0 END
        AS held_t,
    CASE WHEN NOT account.is_boundary AND place.purpose = 'BUFFER' THEN posting.quantity ELSE 0 END AS buffer_t,
    CASE WHEN account.code LIKE 'retired:%%' THEN posting.quantity ELSE 0 END AS retired_t,
    CASE WHEN account.code LIKE 'cancelled:%%' THEN posting.quantity ELSE 0 END AS cancelled_t,
    CASE WHEN moved.kind = ANY(%(moved)s) AND posting.quantity > 0 THEN posting.quantity ELSE 0 END AS transferred_t,
    CASE WHEN account.code LIKE 'retired:%%' THEN substr(account.code, 9) END AS purpose
"""
MOVED = ["registry.transferred", "registry.settled"]
SUMS = ", ".join(f"coalesce(sum({name}_t), 0)" for name in NAMES)
POSTED = """
    ledger_posting AS posting
    JOIN ledger_movement AS moved ON moved.id = posting.movement_id
    JOIN ledger_account AS account ON account.id = posting.account_id
    JOIN registry_batch AS batch ON batch.asset_id = posting.asset_id
    LEFT JOIN registry_subaccount AS place ON place.ledger_account_id = account.id
    WHERE posting.movement_id > %(after)s AND posting.movement_id <= %(until)s
"""
TAIL = f"SELECT {SUMS} FROM (SELECT {SPLIT} FROM {POSTED}) AS split"  # noqa: S608 - words of our own
DONE = "coalesce((SELECT done FROM portal_mark WHERE name = 'postings'), 0)"
NEWEST = (
    f"SELECT {', '.join(f'{name}_t' for name in NAMES)} FROM portal_standing"  # noqa: S608 - as above
    " WHERE dimension = '' AND value = '' ORDER BY day DESC LIMIT 1"
)
COLUMNS = ", ".join(f"{name}_t" for name in NAMES)
NOW = f"""
    SELECT {SUMS} FROM (({NEWEST}) UNION ALL ({TAIL.replace("%(after)s", DONE)})) AS parts ({COLUMNS})
"""  # noqa: S608 - as above
PURPOSES = f"""
    SELECT purpose, sum(retired_t), sum(movements) FROM (
        SELECT value AS purpose, retired_t, movements FROM portal_standing
        WHERE dimension = 'purpose' AND day = (SELECT max(day) FROM portal_standing)
        UNION ALL
        SELECT purpose, sum(retired_t), count(DISTINCT movement_id) FROM (
            SELECT posting.movement_id, {SPLIT} FROM {POSTED.replace("%(after)s", DONE)}
        ) AS split WHERE purpose IS NOT NULL GROUP BY purpose
    ) AS parts GROUP BY purpose ORDER BY 2 DESC, 1
"""  # noqa: S608 - as above
NEVER_ENDS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Figures:
    """Whole tonnes: ``issued`` = ``held`` + ``buffer`` + ``retired`` + ``cancelled``. ``transferred`` is a turnover."""

    issued: int = 0
    held: int = 0
    buffer: int = 0
    retired: int = 0
    cancelled: int = 0
    transferred: int = 0

    @property
    def balances(self) -> bool:
        return self.issued == self.held + self.buffer + self.retired + self.cancelled


@dataclass(frozen=True, slots=True)
class Value:
    """The figures of one value of a dimension; ``movements`` counts the retirements of a purpose."""

    dimension: str
    value: str
    figures: Figures
    movements: int


@dataclass(frozen=True, slots=True)
class Day:
    """The register at the end of a day: the whole, and by dimension. ``day`` is the last day anything moved."""

    day: dt.date | None
    whole: Figures
    values: dict[str, list[Value]]


def now() -> Figures:
    """The whole register up to the last posting committed: the newest line and what came after it, in one look."""
    with connection.cursor() as cursor:
        cursor.execute(NOW, {"until": NEVER_ENDS, "moved": MOVED})
        return Figures(*(int(number) for number in cursor.fetchone()))


def at_end_of(day: dt.date) -> Day:
    """The register at the end of a day, from the lines of the last day on which anything moved."""
    last = Standing.objects.filter(day__lte=day).aggregate(last=Max("day"))["last"]
    found: dict[str, list[Value]] = {name: [] for name in DIMENSIONS}
    whole = Figures()
    for row in Standing.objects.filter(day=last).order_by("dimension", "value"):
        if row.dimension:
            found[row.dimension].append(Value(row.dimension, row.value, of(row), row.movements))
        else:
            whole = of(row)
    return Day(last, whole, found)


def log_at_end_of(day: dt.date) -> int | None:
    """How many facts the log had been signed for at the end of a day; nothing before its first checkpoint."""
    found = Checkpoint.objects.filter(at__lt=clock.midnight_after(day)).order_by("-size")
    return found.values_list("size", flat=True).first()


def series(until: dt.date, months: int = 24) -> list[tuple[dt.date, Figures]]:
    """The end of each month up to a day, oldest first, from the first month anything moved."""
    ends = [until, *month_ends(until, months - 1)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asked.day, standing.* FROM unnest(%s::date[]) AS asked(day) CROSS JOIN LATERAL ("
            " SELECT issued_t, held_t, buffer_t, retired_t, cancelled_t, transferred_t FROM portal_standing"
            " WHERE dimension = '' AND value = '' AND day <= asked.day ORDER BY day DESC LIMIT 1) AS standing"
            " ORDER BY asked.day",
            [ends],
        )
        return [(day, Figures(*numbers)) for day, *numbers in cursor.fetchall()]


def month_ends(until: dt.date, count: int) -> Iterable[dt.date]:
    first = until.replace(day=1)
    for _ in range(count):
        yield first - dt.timedelta(days=1)
        first = (first - dt.timedelta(days=1)).replace(day=1)


def of_batches(assets: Iterable[int]) -> dict[int, Figures]:
    """Where the units of batches are now, batch by batch."""
    rows = BatchDay.objects.filter(asset__in=list(assets)).order_by("asset", "-day").distinct("asset")
    return {row.asset_id: of(row) for row in rows}


def purposes() -> list[Value]:
    """Retirements by purpose up to the last posting committed, the largest first."""
    with connection.cursor() as cursor:
        cursor.execute(PURPOSES, {"until": NEVER_ENDS, "moved": MOVED})
        rows = cursor.fetchall()
    return [Value("purpose", name, Figures(retired=int(tonnes)), int(many)) for name, tonnes, many in rows]


def of(row: Any) -> Figures:
    return Figures(*(getattr(row, f"{name}_t") for name in NAMES))


def summed(after: int, until: int) -> Figures:
    with connection.cursor() as cursor:
        cursor.execute(TAIL, {"after": after, "until": until, "moved": MOVED})
        return Figures(*(int(number) for number in cursor.fetchone()))


def mark() -> int:
    """The last movement the lines have."""
    return Mark.objects.filter(name=POSTINGS).values_list("done", flat=True).first() or 0


def stated() -> dict[str, int]:
    """The whole as the newest line states it."""
    newest = Standing.objects.filter(dimension="").order_by("-day").first()
    return {name: getattr(of(newest) if newest else Figures(), name) for name in NAMES}


def recomputed(until: int) -> dict[str, int]:
    """The whole, every posting up to a movement summed again."""
    found = summed(0, until)
    return {name: getattr(found, name) for name in NAMES}


def last_check() -> Check | None:
    return Check.objects.order_by("-pk").first()


def told(on: dt.date, found: Day, place: int | None) -> dict[str, Any]:
    """The figures of a day as JSON has them."""
    return {
        "as_of": on.isoformat(), "last_movement_on": found.day.isoformat() if found.day else None, "log_size": place,
        "whole": tonnes(found.whole),
        **{
            f"by_{name}": [{"value": one.value} | tonnes(one.figures) for one in values]
            for name, values in found.values.items()
        },
    }  # fmt: skip


def tonnes(one: Figures) -> dict[str, int]:
    return {f"{name}_t": getattr(one, name) for name in NAMES}

"""What a device sends: JSON lines, each one reading; and the rules a reading meets before the series is asked.

``{"at": "2026-06-05T12:00:00+08:00", "value": 12.5, "unit": "kWh"}``. Pure; the time comes in as ``now``.
"""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

HOUSE = "docs/algorithms/field.md §1"
SKEW = timedelta(minutes=2)  # a device's clock may be ahead of ours by this much
OLDEST = timedelta(days=400)
MOST_LINES = 5_000
MOST_BYTES = 1 << 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)


class ReadingUnreadable(Refusal):
    code = "projects.reading_unreadable"
    sentence = gettext_noop(
        "Line %(line)s is no reading: %(reason)s. Send one JSON object a line, with at, value and unit."
    )
    clause = HOUSE
    status = 422


class ReadingWithoutZone(Refusal):
    code = "projects.reading_without_zone"
    sentence = gettext_noop(
        "The time %(given)s says no time zone. Send RFC 3339 with an offset, e.g. 2026-06-05T12:00:00+08:00."
    )
    clause = "RFC 3339 §5.6"
    status = 422


class ReadingInFuture(Refusal):
    code = "projects.reading_in_future"
    sentence = gettext_noop(
        "The reading of %(given)s lies %(seconds)s s ahead of this server's clock. Set the device's clock."
    )
    clause = HOUSE
    status = 422


class ReadingTooOld(Refusal):
    code = "projects.reading_too_old"
    sentence = gettext_noop(
        "The reading of %(given)s is more than %(days)s days old and is not taken from a device. Have the owner hand "
        "it in as a sheet of late readings, with where it comes from."
    )
    clause = HOUSE
    status = 422


class UnitMissing(Refusal):
    code = "projects.unit_missing"
    sentence = gettext_noop("The reading names no unit. This device measures in %(unit)s; send it with every reading.")
    clause = HOUSE
    status = 422


class UnitDiffers(Refusal):
    code = "projects.unit_differs"
    sentence = gettext_noop("The reading is in %(given)s; this device measures in %(unit)s. Nothing is converted here.")
    clause = HOUSE
    status = 422


class ReadingOutOfRange(Refusal):
    code = "projects.reading_out_of_range"
    sentence = gettext_noop(
        "%(given)s lies outside what this device can show, %(low)s to %(high)s %(unit)s. Check the device, or its "
        "entry."
    )
    clause = HOUSE
    status = 422


class ReadingContradicts(Refusal):
    code = "projects.reading_contradicts"
    sentence = gettext_noop(
        "%(kept)s was kept for %(at)s already, and now %(given)s is sent. The first reading stands; look for two "
        "devices "
        "with one code."
    )
    clause = HOUSE


class MonthStamped(Refusal):
    code = "projects.month_stamped"
    sentence = gettext_noop(
        "The readings of %(month)s were stamped into the log and take no more. Hand this one in as a sheet of late "
        "readings, with where it comes from; it counts as a gap until then."
    )
    clause = "国家碳市场月度存证要求（rules I-07）"


class BatchTooLarge(Refusal):
    code = "projects.batch_too_large"
    sentence = gettext_noop(
        "A batch has at most %(lines)s readings and %(kilobytes)s kB. Send the rest in another one."
    )
    clause = HOUSE
    status = 413


@dataclass(frozen=True, slots=True)
class Reading:
    """``at``: microseconds since 1970, UTC."""

    line: int
    at: int
    value: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What the device can send."""

    unit: str
    low: float
    high: float


def parse(body: bytes, limits: Limits, *, now: datetime) -> tuple[list[Reading], list[tuple[int, int | None, Refusal]]]:
    """Readings in the order sent, and what was refused: line (from 1), its instant where it was read, and why.

    Empty lines are passed over. Refuses the whole with ``BatchTooLarge``.
    """
    lines = body.split(b"\n")
    if len(body) > MOST_BYTES or sum(1 for line in lines if line.strip()) > MOST_LINES:
        raise BatchTooLarge(lines=MOST_LINES, kilobytes=MOST_BYTES // 1024)
    taken: list[Reading] = []
    refused: list[tuple[int, int | None, Refusal]] = []
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        at: int | None = None
        try:
            row = readable(number, raw)
            when = instant(number, row.get("at"), now)
            at = micros(when)
            taken.append(Reading(number, at, measured(number, row, limits)))
        except Refusal as refusal:
            refused.append((number, at, refusal))
    return taken, refused


def readable(line: int, raw: bytes) -> dict[str, Any]:
    try:
        row = json.loads(raw.decode(), parse_constant=float)
    except (ValueError, RecursionError) as fault:
        raise ReadingUnreadable(line=line, reason=f"JSON, {str(fault)[:60]}") from fault
    if not isinstance(row, dict):
        raise ReadingUnreadable(line=line, reason="no object")
    return row


def instant(line: int, given: object, now: datetime) -> datetime:
    if not isinstance(given, str) or len(given) > 40:
        raise ReadingUnreadable(line=line, reason="at")
    try:
        when = datetime.fromisoformat(given)
    except ValueError as fault:
        raise ReadingUnreadable(line=line, reason="at") from fault
    if when.tzinfo is None:
        raise ReadingWithoutZone(given=given)
    try:
        when = when.astimezone(UTC)
    except OverflowError as fault:
        raise ReadingUnreadable(line=line, reason="at") from fault
    if when > now + SKEW:
        raise ReadingInFuture(given=given, seconds=round((when - now).total_seconds()))
    if when < now - OLDEST:
        raise ReadingTooOld(given=given, days=OLDEST.days)
    return when


def measured(line: int, row: dict[str, Any], limits: Limits) -> float:
    unit, value = row.get("unit"), row.get("value")
    if not unit:
        raise UnitMissing(unit=limits.unit)
    if unit != limits.unit:
        raise UnitDiffers(given=str(unit)[:16], unit=limits.unit)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ReadingUnreadable(line=line, reason="value")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not limits.low <= found <= limits.high:
        raise ReadingOutOfRange(given=str(found), low=limits.low, high=limits.high, unit=limits.unit)
    return found


def micros(when: datetime) -> int:
    return (when - EPOCH) // MICRO


def moment(at: int) -> datetime:
    return EPOCH + at * MICRO


def day(at: int) -> Any:
    """The civil day in Shanghai of an instant in microseconds."""
    return clock.day(moment(at))

"""Taking what devices send into their series: row by row, each row once, a day's file replaced whole."""

import hashlib
import hmac
import re
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial

import numpy as np
from django.db import transaction

from tanhui.files import store
from tanhui.files.acts import receiving
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import parquet, readings
from tanhui.projects.acts import devices
from tanhui.projects.models import Device, Series
from tanhui.projects.queries import field as queries
from tanhui.projects.readings import HOUSE, MonthStamped, Reading, ReadingContradicts

CLOCK_OFF = timedelta(minutes=5)  # between a device's clock when it signs, and ours


class DeviceUnknown(Refusal):
    code = "projects.device_unknown"
    sentence = gettext_noop(
        "No device is known by this token or signature. Check the code, and the token given at its entry."
    )
    clause = "RFC 6750 §3"
    status = 401


class DeviceStopped(Refusal):
    code = "projects.device_is_stopped"
    sentence = gettext_noop("Device %(code)s is stopped and nothing of it is taken. Its organisation can let it go on.")
    clause = HOUSE


class ClockOff(Refusal):
    code = "projects.device_clock_off"
    sentence = gettext_noop(
        "The device's clock is %(seconds)s s off. Nothing was taken: set the clock, then send the batch again."
    )
    clause = HOUSE
    status = 422


@dataclass
class Receipt:
    """What became of a batch: rows new, rows known already, and rows refused with their line and reason.

    ``earlier``: files that were replaced and kept: day, rows, SHA-256, bytes.
    """

    accepted: int = 0
    repeated: int = 0
    refused: list[tuple[int, Refusal]] = field(default_factory=list)
    earlier: list[tuple[date, int, str, int]] = field(default_factory=list)


Closed = Callable[[date], Refusal | None]  # why a day takes no more readings


def by_token(token: str) -> Device:
    """The device that holds a token. Refuses with ``DeviceUnknown``."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    for found in Device.objects.filter(token_sha256=digest):
        return found
    raise DeviceUnknown


def by_signature(code: str, sent: str, signature: str, body: bytes, *, at: datetime) -> Device:
    """The device whose key signed ``sent``, a full stop and the body; ``sent``: its clock, seconds since 1970.

    Refuses with ``DeviceUnknown`` or ``ClockOff``: an old batch cannot be played back later.
    """
    for found in Device.objects.filter(code=code.replace("\x00", "")).exclude(public_key=""):
        if devices.signed_by(found.public_key, signature, sent.encode() + b"." + body):
            off = (
                abs(int(sent) - at.timestamp()) if re.fullmatch(r"[0-9]{1,11}", sent) else CLOCK_OFF.total_seconds() + 1
            )
            if off > CLOCK_OFF.total_seconds():
                raise ClockOff(seconds=round(off))
            return found
    raise DeviceUnknown


def is_of(device: Device, code: str) -> bool:
    """Whether a batch sent under a code is the device's own, told without saying how much of it was right."""
    return hmac.compare_digest(device.code.encode(), code.encode())


def take(*, device: Device, body: bytes, at: datetime, source: str) -> Receipt:
    """Take a batch of JSON lines (``readings.parse``) in one transaction; what is wrong is refused row by row.

    ``source``: HTTP or MQTT. The same batch again repeats every row and writes nothing. Refuses the whole with
    ``DeviceStopped`` or ``readings.BatchTooLarge``.
    """
    rows, wrong = readings.parse(body, limits(device), now=at)
    with transaction.atomic():
        device = Device.objects.select_for_update().get(pk=device.pk)
        if device.state != Device.State.ACTIVE:
            raise DeviceStopped(code=device.code)
        device.heard_at = at
        device.save(update_fields=["heard_at"])
        return merge(device, rows, wrong, at=at, source=source, closed=of_stamped_months(device))


def limits(device: Device) -> readings.Limits:
    return readings.Limits(device.unit, float(device.low), float(device.high))


def of_stamped_months(device: Device) -> Closed:
    """Days of months whose evidence is in the log take no more readings from a device."""
    stamped = queries.stamped_months(device.development_id)
    return lambda day: MonthStamped(month=f"{day:%Y-%m}") if day.replace(day=1) in stamped else None


def merge(
    device: Device, rows: list[Reading], wrong: Sequence[tuple[int, int | None, Refusal]], *, at: datetime, source: str,
    closed: Closed, stays: Callable[[Series], bool] = lambda day: False,
) -> Receipt:  # fmt: skip
    """Join rows to the files of their days, the device being held. ``closed`` says why a day takes none; ``stays``
    whether the file of a day that is replaced is kept (and remembered)."""
    receipt = Receipt()
    told: dict[date, Counter[str]] = defaultdict(Counter)
    for line, when, refusal in wrong:
        receipt.refused.append((line, refusal))
        told[readings.day(when) if when is not None else clock.day(at)][refusal.code] += 1
    by_day: dict[date, list[Reading]] = defaultdict(list)
    why = cache(closed)
    for row in rows:
        day = readings.day(row.at)
        if (refusal_of_day := why(day)) is not None:
            receipt.refused.append((row.line, refusal_of_day))
            told[day][refusal_of_day.code] += 1
        else:
            by_day[day].append(row)
    days = {*by_day, *told}
    known = {one.day: one for one in device.series.filter(day__in=days)}
    for day in sorted(days):
        row_of_day = known.get(day) or Series(device=device, day=day, changed_at=at)
        keep = bool(row_of_day.sha256) and stays(row_of_day)
        add(row_of_day, by_day.get(day, []), told[day], receipt, at=at, source=queries.SOURCES[source], keep=keep)
    receipt.refused.sort(key=lambda one: one[0])
    return receipt


def add(
    day: Series, rows: list[Reading], told: Counter[str], receipt: Receipt, *, at: datetime, source: int, keep: bool
) -> None:  # fmt: skip
    """Merge rows into a day's file and save its row."""
    before = queries.contents(day)
    kept = dict(zip(before["at"].tolist(), before["value"].tolist(), strict=True))
    fresh: dict[int, float] = {}
    for row in rows:
        value = kept.get(row.at, fresh.get(row.at))
        if value is None:
            fresh[row.at] = row.value
        elif value == row.value:
            receipt.repeated += 1
        else:
            when = readings.moment(row.at).astimezone(clock.SHANGHAI).isoformat()
            receipt.refused.append((row.line, ReadingContradicts(kept=str(value), at=when, given=str(row.value))))
            told[ReadingContradicts.code] += 1
    receipt.accepted += len(fresh)
    if not fresh and not told:
        return
    if fresh:
        if keep:
            receipt.earlier.append((day.day, day.rows, day.sha256, day.size_bytes))
        write(day, before, fresh, at=at, source=source, keep=keep)
    day.refused += sum(told.values())
    day.reasons = dict(Counter(day.reasons) + told)
    day.changed_at = at
    day.save()


def write(
    day: Series, before: dict[str, np.ndarray], fresh: dict[int, float], *, at: datetime, source: int, keep: bool
) -> None:  # fmt: skip
    """Lay the new file beside the old one; the old one goes once the transaction that names the new one is done, unless
    it is to be kept."""
    many = len(fresh)
    new = {
        "at": np.fromiter(fresh.keys(), "<i8", many), "value": np.fromiter(fresh.values(), "<f8", many),
        "received_at": np.full(many, readings.micros(at.astimezone(UTC)), "<i8"),
        "source": np.full(many, source, "<i8"),
    }  # fmt: skip
    joined = {name: np.concatenate([before[name], values]) for name, values in new.items()}
    order = np.argsort(joined["at"], kind="stable")
    about = {"device": day.device.code, "unit": day.device.unit, "day": day.day.isoformat()}
    raw = parquet.write({column: joined[column.name][order] for column in queries.COLUMNS}, about)
    sha256, old = hashlib.sha256(raw).hexdigest(), day.sha256
    draft = store.draft_path(uuid.uuid4())
    try:
        draft.write_bytes(raw)
        receiving.lock(sha256)
        store.store().keep(draft, sha256)
    finally:
        draft.unlink(missing_ok=True)
    day.sha256, day.size_bytes, day.rows = sha256, len(raw), len(order)
    if old and old != sha256 and not keep:
        transaction.on_commit(partial(forget, old))


@transaction.atomic
def forget(sha256: str) -> None:
    """Drop a file that no day names any more."""
    receiving.lock(sha256)
    receiving.drop_unheld(sha256)

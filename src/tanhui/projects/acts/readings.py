"""Taking what devices send into their series: row by row, each row once, a day's file replaced whole."""

import hashlib
import hmac
import re
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial

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
    """What became of a batch: rows new, rows known already, and rows refused with their line and reason."""

    accepted: int = 0
    repeated: int = 0
    refused: list[tuple[int, Refusal]] = field(default_factory=list)


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

    ``source``: HTTP, MQTT or SHEET. The same batch again repeats every row and writes nothing. Refuses the whole with
    ``DeviceStopped`` or ``readings.BatchTooLarge``.
    """
    limits = readings.Limits(device.unit, float(device.low), float(device.high))
    rows, wrong = readings.parse(body, limits, now=at)
    with transaction.atomic():
        device = Device.objects.select_for_update().get(pk=device.pk)
        if device.state != Device.State.ACTIVE:
            raise DeviceStopped(code=device.code)
        device.heard_at = at
        device.save(update_fields=["heard_at"])
        receipt = Receipt()
        told: dict[date, Counter[str]] = defaultdict(Counter)
        for line, when, refusal in wrong:
            receipt.refused.append((line, refusal))
            told[readings.day(when) if when is not None else clock.day(at)][refusal.code] += 1
        by_day: dict[date, list[Reading]] = defaultdict(list)
        stamped = queries.stamped_months(device.development_id)
        for row in rows:
            day = readings.day(row.at)
            if day.replace(day=1) in stamped:
                receipt.refused.append((row.line, MonthStamped(month=f"{day:%Y-%m}")))
                told[day][MonthStamped.code] += 1
            else:
                by_day[day].append(row)
        known = {one.day: one for one in device.series.filter(day__in={*by_day, *told})}
        for day in sorted({*by_day, *told}):
            row_of_day = known.get(day) or Series(device=device, day=day, changed_at=at)
            add(row_of_day, by_day.get(day, []), told[day], receipt, at=at, source=queries.SOURCES[source])
    receipt.refused.sort(key=lambda one: one[0])
    return receipt


def add(day: Series, rows: list[Reading], told: Counter[str], receipt: Receipt, *, at: datetime, source: int) -> None:
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
        write(day, before, fresh, at=at, source=source)
    day.refused += sum(told.values())
    day.reasons = dict(Counter(day.reasons) + told)
    day.changed_at = at
    day.save()


def write(day: Series, before: dict[str, np.ndarray], fresh: dict[int, float], *, at: datetime, source: int) -> None:
    """Lay the new file beside the old one; the old one goes once the transaction that names the new one is done."""
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
    if old and old != sha256:
        transaction.on_commit(partial(forget, old))


@transaction.atomic
def forget(sha256: str) -> None:
    """Drop a file that no day names any more."""
    receiving.lock(sha256)
    receiving.drop_unheld(sha256)

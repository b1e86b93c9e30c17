"""Reminders about devices: a certificate that ends, a device that has gone silent; each said once."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.projects.models import Device, DeviceNudge
from tanhui.projects.queries import field as queries

What = DeviceNudge.What
PASSED = -1


def remind(*, at: datetime) -> int:
    """Remind of what has become due since: of each certificate at the distances the rule pack gives and once it has
    passed, of each silence once; how many were sent. Devices out of use are left alone."""
    today, rules, sent = clock.day(at), queries.Reminding(clock.day(at)), 0
    said = set(DeviceNudge.objects.values_list("device", "what", "on", "ahead"))
    for one in queries.devices().filter(state=Device.State.ACTIVE).order_by("code"):
        for due in (calibration(one, rules, today), silence(one, rules, at)):
            if due is not None and (one.pk, *due) not in said:
                sent += nudge(one, *due, at=at)
    return sent


Due = tuple[str, date, int]


def calibration(device: Device, rules: queries.Reminding, today: date) -> Due | None:
    """The nearest distance that is reached to the last day of the latest certificate."""
    until: date | None = device.calibrated_until  # type: ignore[attr-defined]  # an annotation of queries.devices
    if until is None:
        return None
    if until < today:
        return What.CALIBRATION.value, until, PASSED
    reached = [one for one in rules.ahead(device) if until <= today + timedelta(days=one)]
    return (What.CALIBRATION.value, until, min(reached)) if reached else None


def silence(device: Device, rules: queries.Reminding, at: datetime) -> Due | None:
    """Since when it is silent: the day it was last heard of, and the day it was entered where it never was."""
    if not rules.silent(device, at):
        return None
    return What.SILENCE.value, clock.day(device.heard_at or device.at), 0


def nudge(device: Device, what: str, on: date, ahead: int, *, at: datetime) -> int:
    kind = "projects.device_calibration_due" if what == What.CALIBRATION else "projects.device_silent"
    fact = {"device": device.code, "until" if what == What.CALIBRATION else "since": on.isoformat()}
    private = {"device": str(device.pk), "organisation": device.organisation.uscc, "ahead": ahead}
    try:
        with transaction.atomic():
            DeviceNudge.objects.create(device=device, what=what, on=on, ahead=ahead, at=at)
            record(kind=kind, fact=fact, private=private, at=at, by=None)
    except IntegrityError:  # another worker was here first
        return 0
    return 1

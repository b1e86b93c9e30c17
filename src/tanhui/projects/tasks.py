"""What the worker does for land and projects. Each noun adds its jobs and what it looks after."""

import uuid

from django.utils import timezone

from tanhui.projects.acts import land, lapsing, nudging, timing, yearly


def survey(key: str) -> None:
    """Read, check and store one survey of land."""
    land.carry_out(key=uuid.UUID(key), at=timezone.now(), told=timezone.now)


JOBS = {land.JOB: survey}


def end_notices() -> None:
    """Public notices that are over end, and provisional deadlines are counted anew once a calendar is announced."""
    now = timezone.now()
    timing.settle(at=now)
    timing.recount(at=now)


def remind_of_deadlines() -> None:
    """Whose turn it is is told when a deadline is near, on its day, and once it has passed; claims that nothing came of
    lapse, and bodies are asked for the reports of their year."""
    now = timezone.now()
    timing.remind(at=now)
    lapsing.lapse(at=now)
    yearly.owe(at=now)
    yearly.remind(at=now)


def remind_of_devices() -> None:
    """Who keeps a device is told when its certificate ends, and when nothing was heard of it."""
    nudging.remind(at=timezone.now())


PERIODIC = [(60, end_notices), (3600, remind_of_deadlines), (3600, remind_of_devices)]

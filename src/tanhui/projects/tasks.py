"""What the worker does for land and projects. Each noun adds its jobs and what it looks after."""

import uuid

from django.utils import timezone

from tanhui.projects.acts import land, timing


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
    """Whose turn it is is told when a deadline is near, on its day, and once it has passed."""
    timing.remind(at=timezone.now())


PERIODIC = [(60, end_notices), (3600, remind_of_deadlines)]

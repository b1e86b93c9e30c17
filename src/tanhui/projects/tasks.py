"""What the worker does for land and projects. Each noun adds its jobs and what it looks after."""

import uuid

from django.utils import timezone

from tanhui.projects.acts import land


def survey(key: str) -> None:
    """Read, check and store one survey of land."""
    land.carry_out(key=uuid.UUID(key), at=timezone.now(), told=timezone.now)


JOBS = {land.JOB: survey}

"""Jobs: what a transaction asks for and the worker does once it is committed; never, when it is rolled back.

A room lists what can be asked for in its ``tasks.py``: ``JOBS = {"files.export": export}``. The queue is
procrastinate's, in tables of this database (docs/decisions/0008-procrastinate-carries-jobs.md). A job is done at least
once: what it does must bear being done again, for a worker may be killed between doing and saying so.
"""

from datetime import datetime

from django.db.models import Count, Max
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

Argument = str | int | bool | None
WAITING, RUNNING, FAILED = "todo", "doing", "failed"


def defer(name: str, *, at: datetime | None = None, **arguments: Argument) -> int:
    """Ask for a job by its name (``room.verb``) inside the caller's transaction; returns the job's number.

    The function is called with the arguments by name, after ``at`` if that is given. Name rows by their keys: the job
    reads them anew.
    """
    return app.configure_task(name, allow_unknown=True, schedule_at=at).defer(**arguments)


def counts() -> dict[str, int]:
    """How many jobs wait (``todo``), run (``doing``) and failed for good (``failed``); done ones are not kept."""
    return dict(ProcrastinateJob.objects.order_by().values_list("status").annotate(number=Count("pk")))


def heartbeat() -> datetime | None:
    """When a worker last said it lives; ``None`` when none runs."""
    found: datetime | None = ProcrastinateWorker.objects.aggregate(last=Max("last_heartbeat"))["last"]
    return found

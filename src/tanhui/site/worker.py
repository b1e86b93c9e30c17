"""The worker: does what the rooms' ``tasks.py`` ask for, whatever happens to the database.

A room asks with ``PERIODIC = [(seconds, function), …]`` for what recurs, each in its own rhythm: a function that fails
is logged and called again in its next turn; the others go on. It offers with ``JOBS = {"room.verb": function}`` what
``journal.jobs.defer`` may ask for; those run beside, in threads of their own (``queue``), so that a slow one delays
nothing.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tanhui.site import queue

log = logging.getLogger("tanhui.worker")


@dataclass(slots=True, kw_only=True)
class Task:
    """One function and its rhythm. ``due`` is on the monotonic clock."""

    name: str
    seconds: float
    act: Callable[[], None]
    due: float = 0.0
    failed: bool = False


def tasks() -> list[Task]:
    """What every room asks for."""
    from django.conf import settings

    found = [Task(name="site.rescue", seconds=queue.BEAT, act=queue.rescue)]
    for room in reversed(settings.ROOMS):
        for seconds, act in queue.asked(room, "PERIODIC", []):
            found.append(Task(name=f"{room}.{act.__name__}", seconds=seconds, act=act))
    return found


def work(ended: threading.Event, given: list[Task] | None = None) -> None:
    """Do the tasks until the event is set; the one under way is finished."""
    todo = tasks() if given is None else given
    log.info("tasks=%s", ",".join(task.name for task in todo))
    while not ended.is_set():
        for task in todo:
            if not ended.is_set() and task.due <= time.monotonic():
                attempt(task)
        next_due = min((task.due for task in todo), default=time.monotonic() + 60)
        ended.wait(max(0.0, next_due - time.monotonic()))


def attempt(task: Task) -> None:
    """Do one task once. The first failure is told with its trace, further ones in a line, and so is recovery."""
    from django.db import close_old_connections

    close_old_connections()
    try:
        task.act()
    except Exception as fault:  # whatever it is, the other tasks must go on
        log.error("task=%s failed: %s", task.name, str(fault).strip(), exc_info=not task.failed)
        task.failed = True
    else:
        if task.failed:
            log.info("task=%s works again", task.name)
        task.failed = False
    close_old_connections()
    task.due = time.monotonic() + task.seconds


def run() -> int:
    """Until SIGINT or SIGTERM."""
    import django

    ended = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: ended.set())
    django.setup()
    beside = threading.Thread(target=queue.carry_out, args=(ended,), name="jobs", daemon=True)
    beside.start()
    work(ended)
    beside.join(queue.ENDING)
    return 0


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanhui.site.settings")
    run()

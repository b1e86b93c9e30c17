"""The worker: does what the rooms' ``tasks.py`` ask for, whatever happens to the database.

A room asks with ``PERIODIC = [(seconds, function), …]`` for what recurs, each in its own rhythm: a function that fails
is logged and called again in its next turn; the others go on. It offers with ``JOBS = {"room.verb": function}`` what
``journal.jobs.defer`` may ask for; those run beside, in threads of their own, so that a slow one delays nothing.
"""

import asyncio
import contextlib
import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

log = logging.getLogger("tanhui.worker")
AT_ONCE = 4  # jobs
TRIES = 5  # of a job that fails or whose worker is killed under it
BEAT = 5.0  # seconds between a worker's signs of life
STALLED = 30.0  # seconds without one after which its jobs are given to another
ENDING = 8.0  # seconds a job has to end when the worker is asked to


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

    found = [Task(name="site.rescue", seconds=BEAT, act=rescue)]
    for room in reversed(settings.ROOMS):
        for seconds, act in asked(room, "PERIODIC", []):
            found.append(Task(name=f"{room}.{act.__name__}", seconds=seconds, act=act))
    return found


def jobs() -> dict[str, Callable[..., None]]:
    """What every room offers, by name."""
    from django.conf import settings

    return {name: act for room in settings.ROOMS for name, act in asked(room, "JOBS", {}).items()}


def asked(room: str, what: str, otherwise: Any) -> Any:
    return (
        getattr(import_module(f"tanhui.{room}.tasks"), what, otherwise)
        if find_spec(f"tanhui.{room}.tasks")
        else otherwise
    )


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


# -- jobs --------------------------------------------------------------------------------------------------------------


def carry_out(ended: threading.Event) -> None:
    """Do the jobs until the event is set; when the database goes away, begin again once it is back."""
    while not ended.is_set():
        try:
            asyncio.run(one_queue(ended))
        except Exception as fault:  # whatever it is, jobs must be done again afterwards
            log.error("jobs failed: %s", str(fault).strip())
            ended.wait(2)


async def one_queue(ended: threading.Event, *, wait: bool = True) -> None:
    """Fetch and do jobs; without ``wait`` only those there are."""
    from procrastinate import RetryStrategy
    from procrastinate.contrib.django import DjangoApp, utils
    from procrastinate.psycopg_connector import PsycopgConnector

    app = DjangoApp(connector=PsycopgConnector(kwargs=utils.connector_params(), min_size=1, max_size=AT_ONCE))
    again = RetryStrategy(max_attempts=TRIES, exponential_wait=4)
    for name, act in jobs().items():
        app.task(name=name, retry=again)(act)
    async with app.open_async():
        queue = app.run_worker_async(
            concurrency=AT_ONCE,
            wait=wait,
            listen_notify=wait,
            install_signal_handlers=False,
            delete_jobs="successful",
            shutdown_graceful_timeout=ENDING,
            update_heartbeat_interval=BEAT,
            stalled_worker_timeout=STALLED,
        )
        running = asyncio.create_task(queue)
        while not ended.is_set() and not running.done():
            await asyncio.wait([running], timeout=0.2)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def rescue() -> None:
    """Give the jobs of a worker that was killed to another, but not for ever."""
    from asgiref.sync import async_to_sync

    async_to_sync(give_again)()


async def give_again() -> None:
    from procrastinate.contrib.django import app
    from procrastinate.jobs import Status

    await app.job_manager.prune_stalled_workers(STALLED)
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
        log.warning("job=%s name=%s was left by its worker", job.id, job.task_name)
        if job.attempts + 1 < TRIES:
            await app.job_manager.retry_job(job)
        else:
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)


def run() -> int:
    """Until SIGINT or SIGTERM."""
    import django

    ended = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: ended.set())
    django.setup()
    beside = threading.Thread(target=carry_out, args=(ended,), name="jobs", daemon=True)
    beside.start()
    work(ended)
    beside.join(ENDING)
    return 0


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tanhui.site.settings")
    run()

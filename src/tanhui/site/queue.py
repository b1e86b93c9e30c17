"""The queue's side of the worker: jobs that a transaction asked for, done at least once (decision 8)."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

log = logging.getLogger("tanhui.worker")
AT_ONCE = 4  # jobs
TRIES = 5  # of a job that fails or whose worker is killed under it
BEAT = 5.0  # seconds between a worker's signs of life
STALLED = 30.0  # seconds without one after which its jobs are given to another
ENDING = 8.0  # seconds a job has to end when the worker is asked to


def jobs() -> dict[str, Callable[..., None]]:
    """What every room offers, by name."""
    from django.conf import settings

    return {name: act for room in settings.ROOMS for name, act in asked(room, "JOBS", {}).items()}


def asked(room: str, what: str, otherwise: Any) -> Any:
    """What a room's ``tasks.py`` says under a name, if it has one."""
    if not find_spec(f"tanhui.{room}.tasks"):
        return otherwise
    return getattr(import_module(f"tanhui.{room}.tasks"), what, otherwise)


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

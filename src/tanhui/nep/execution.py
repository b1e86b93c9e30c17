"""Carries plain functions of plain values out: here, in a pool of processes, or on a cluster of ``dask.distributed``.

The same function with the same value in each case; what comes back does not depend on where it was done.
"""

import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any, Generic, TypeVar

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.nep import refusals
from tanhui.nep.wording import why

A = TypeVar("A")
B = TypeVar("B")
CACHE_MB = 16  # blocks are read once and in order: a larger cache only keeps what nobody asks for again
SINGLE = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "GDAL_NUM_THREADS": "1", "GDAL_CACHEMAX": str(CACHE_MB),
    # blocks come and go a thousand times: glibc is to keep their memory instead of handing it back each time
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}  # fmt: skip
RETRIES = 3  # of a task whose worker was lost
CONNECTED = 20.0  # seconds to wait for a cluster, and then for its first worker


@dataclass(frozen=True)
class Refused:
    """A refusal on its way from another process."""

    module: str
    name: str
    facts: Mapping[str, Any]

    @property
    def refusal(self) -> Refusal:
        made: Refusal = getattr(importlib.import_module(self.module), self.name)(**self.facts)
        return made


@dataclass(frozen=True)
class Attempt(Generic[A, B]):
    """A function that answers with its refusal instead of raising it."""

    function: Callable[[A], B]

    def __call__(self, value: A) -> B | Refused:
        try:
            return self.function(value)
        except Refusal as refusal:
            facts = {key: fact if isinstance(fact, int | float) else str(fact) for key, fact in refusal.facts.items()}
            return Refused(type(refusal).__module__, type(refusal).__qualname__, facts)


Chains = Sequence[Sequence[A]]


def chained(
    function: Callable[[A], B], chains: Chains[A], *, workers: int | None = None, scheduler: str | None = None
) -> Iterator[tuple[A, B | Refused]]:
    """Each value with its answer as soon as there is one. Values of a chain are done one after the other.

    ``workers`` processes here (1: this process; None: one for each core), or those of the cluster at ``scheduler``
    (``local`` starts one here). Whoever stops listening stops what has not begun. A worker that dies takes its value
    with it here (``WorkerLost``); on a cluster it is tried again elsewhere.
    """
    chains = [chain for chain in chains if chain]
    attempt = Attempt(function)
    if scheduler:
        return on_cluster(attempt, chains, scheduler, workers or cores())
    if (workers or cores()) == 1:
        return here(attempt, chains)
    return in_pool(attempt, chains, workers or cores())


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


LOST = gettext_noop("a worker process ended before its time, perhaps for want of memory")


class WorkerLost(Exception):
    """A process ended in the middle of its work; ``values`` were under way."""

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = values
        super().__init__(LOST)


def here(attempt: Attempt[A, B], chains: Chains[A]) -> Iterator[tuple[A, B | Refused]]:
    import rasterio

    with rasterio.Env(GDAL_CACHEMAX=CACHE_MB, GDAL_NUM_THREADS=1):
        for chain in chains:
            for value in chain:
                yield value, attempt(value)


def in_pool(attempt: Attempt[A, B], chains: Chains[A], workers: int) -> Iterator[tuple[A, B | Refused]]:
    waiting = [iter(chain) for chain in chains]
    with single_threaded():
        pool = ProcessPoolExecutor(
            min(workers, len(waiting) or 1), mp_context=multiprocessing.get_context("spawn"), initializer=start_worker
        )
        under_way: dict[Future[B | Refused], tuple[A, Iterator[A]]] = {}

        def begin(chain: Iterator[A]) -> None:
            for value in chain:
                under_way[pool.submit(attempt, value)] = value, chain
                return

        try:
            # a few more than there are workers: a run of a million tiles is not queued at once
            ahead = iter(waiting)
            for chain in take(ahead, workers * 4):
                begin(chain)
            while under_way:
                ready, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in ready:
                    value, chain = under_way.pop(future)
                    answer = future.result()
                    before = len(under_way)
                    begin(chain)
                    for another in take(ahead, 1) if len(under_way) == before else ():
                        begin(another)
                    yield value, answer
        except BrokenProcessPool as lost:
            raise WorkerLost([value for value, _ in under_way.values()]) from lost
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def take(chains: Iterator[Iterator[A]], count: int) -> Iterator[Iterator[A]]:
    for _ in range(count):
        chain = next(chains, None)
        if chain is None:
            return
        yield chain


def start_worker() -> None:
    """Ctrl-C is for the one who gives out the work; when that one is gone, however it went, there is no more work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    giver = multiprocessing.parent_process()
    if giver is not None:
        threading.Thread(target=leave_after, args=(giver.sentinel,), daemon=True).start()


def leave_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


@contextmanager
def single_threaded() -> Iterator[None]:
    """New processes find an environment in which libraries start no threads and keep a small cache."""
    before = {name: os.environ.get(name) for name in SINGLE}
    os.environ.update(SINGLE)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


# -- a cluster ---------------------------------------------------------------------------------------------------------


def on_cluster(
    attempt: Attempt[A, B], chains: Chains[A], address: str, workers: int
) -> Iterator[tuple[A, B | Refused]]:
    """The same on ``dask.distributed``; the folder must be the same for all its workers."""
    from distributed import KilledWorker, as_completed

    with cluster(address, workers) as client:
        waiting = iter([iter(chain) for chain in chains])
        under_way: dict[Any, tuple[A, Iterator[A]]] = {}
        listening = as_completed()  # type: ignore[no-untyped-call]

        def begin(chain: Iterator[A]) -> None:
            for value in chain:
                future = client.submit(attempt, value, pure=False, retries=RETRIES)
                under_way[future] = value, chain
                listening.add(future)  # type: ignore[no-untyped-call]
                return

        threads = sum(client.nthreads().values()) or 1
        for chain in take(waiting, threads * 4):
            begin(chain)
        for future in listening:
            value, chain = under_way.pop(future)
            try:
                answer = future.result()
            except KilledWorker as lost:
                raise WorkerLost([value]) from lost
            future.release()
            before = len(under_way)
            begin(chain)
            for another in take(waiting, 1) if len(under_way) == before else ():
                begin(another)
            yield value, answer


@contextmanager
def local_cluster(workers: int) -> Iterator[Any]:
    """A cluster of processes here, with the environment of ``SINGLE``.

    ``distributed`` has memory handed back at once; for blocks that come and go that is half as much work again.
    """
    import dask
    from distributed import LocalCluster

    with (
        single_threaded(),
        dask.config.set({"distributed.nanny.pre-spawn-environ": SINGLE}),
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as made,  # type: ignore[no-untyped-call]
    ):
        yield made


@contextmanager
def cluster(address: str, workers: int) -> Iterator[Any]:
    """A client of the cluster at an address; ``local`` starts one of ``workers`` processes here."""
    from distributed import Client

    if address == "local":
        with local_cluster(workers) as made, Client(made) as client:  # type: ignore[no-untyped-call]
            yield client
        return
    with ExitStack() as stack:
        try:
            client = stack.enter_context(Client(address, timeout=CONNECTED))  # type: ignore[no-untyped-call]
            client.wait_for_workers(1, timeout=CONNECTED)  # a scheduler alone would keep everything waiting for ever
        except (OSError, ValueError, TimeoutError) as problem:
            raise refusals.SchedulerAway(address=address, problem=why(problem)) from problem
        yield client

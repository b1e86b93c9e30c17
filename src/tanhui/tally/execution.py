"""Who computes: this process, a pool of processes, or a cluster of ``dask.distributed``; the same functions of the same
values in each, behind the interface of ``concurrent.futures``."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection
from typing import Any, TypeVar

from tanhui.tally import refusals

A = TypeVar("A")
B = TypeVar("B")
SINGLE = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1",
    # columns come and go by the dozen: glibc is to keep their memory instead of handing it back each time
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20), "MALLOC_TRIM_THRESHOLD_": str(128 << 20),
}  # fmt: skip
RETRIES = 2  # of a task whose worker on a cluster was lost
CONNECTED = 20.0


class Here(Executor):
    """Does it at once, in this process."""

    def submit(self, function: Callable[..., B], /, *args: Any, **kwargs: Any) -> "Future[B]":
        future: Future[B] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except BaseException as problem:
            future.set_exception(problem)
        return future


@contextmanager
def executor(workers: int, scheduler: str | None) -> Iterator[Executor]:
    """``workers`` processes here (1: this one), or the cluster at ``scheduler`` (``local`` starts one here)."""
    if scheduler:
        with client(scheduler, workers) as connected:
            yield connected.get_executor(pure=False, retries=RETRIES)
    elif workers <= 1:
        yield Here()
    else:
        with pool(workers) as made:
            yield made


@contextmanager
def pool(workers: int) -> Iterator[Executor]:
    """Processes that start with single-threaded libraries and leave when this one is gone, however it went."""
    before = {name: os.environ.get(name) for name in SINGLE}
    os.environ.update(SINGLE)
    made = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=start_worker)
    try:
        for _ in range(workers):  # all are started now: one started while another is lost would never be joined
            made.submit(os.getpid)
        yield made
    finally:
        made.shutdown(wait=True, cancel_futures=True)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    giver = multiprocessing.parent_process()
    if giver is not None:
        threading.Thread(target=leave_after, args=(giver.sentinel,), daemon=True).start()


def leave_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


@contextmanager
def client(address: str, workers: int) -> Iterator[Any]:
    import dask
    from distributed import Client, LocalCluster

    if address == "local":
        with (
            dask.config.set({"distributed.nanny.pre-spawn-environ": SINGLE}),
            LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,  # type: ignore[no-untyped-call]
            Client(cluster) as connected,  # type: ignore[no-untyped-call]
        ):
            yield connected
        return
    try:
        connected = Client(address, timeout=CONNECTED)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as problem:
        raise refusals.SchedulerAway(address=address, problem=str(problem).splitlines()[0]) from problem
    with connected:
        yield connected


def each(
    by: Executor,
    function: Callable[[A], B],
    values: Sequence[A],
    *,
    day: Any,
    meanwhile: Callable[[], object] = lambda: None,
    done: Callable[[B], object] = lambda _: None,
) -> list[B]:
    """The answers in the order of the values. ``meanwhile`` is what the caller does while others work, ``done`` what it
    does with each answer as it comes. Refuses with ``WorkerLost`` when a process ended in the middle."""
    futures: list[Future[B]] = []
    try:
        for value in values:
            futures.append(_submitted(by, function, value))
        meanwhile()
        for future in as_completed(futures):
            done(future.result())  # the first problem ends it
    except BrokenProcessPool as lost:
        raise refusals.WorkerLost(day=day) from lost
    finally:
        for future in futures:
            future.cancel()
    return [future.result() for future in futures]


def _submitted(by: Executor, function: Callable[[A], B], value: A) -> "Future[B]":
    try:
        return by.submit(function, value)
    except OSError as closed:  # the pool is just ending for a worker that was lost, and its pipes are closed
        raise BrokenProcessPool from closed

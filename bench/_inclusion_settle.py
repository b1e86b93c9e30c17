"""Sections of bench/inclusion.py about settlement: settle, dask, resettle."""

import contextlib
import math
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import _base as base
import _inclusion as made

os.environ.setdefault("OMP_NUM_THREADS", "1")

from tanhui.tally import execution, run, shape
from tanhui.tally import lake as lakes
from tanhui.tally.given import Given
from tanhui.tally.lake import Lake

if TYPE_CHECKING:
    from inclusion import World

A = TypeVar("A")
COLUMNS = [one.name for one in shape.COUNTED if one.name != "baseline"]


def lake_of(world: "World") -> tuple[Lake, Given]:
    if "lake" not in world.kept:
        world.kept["lake"] = made.city(
            world.folder / "lake", events=world.events, people=world.people, buckets=buckets(world.events)
        )
        world.kept["given"] = made.given(world.people)
    return world.kept["lake"], world.kept["given"]  # type: ignore[return-value]


def buckets(events: int) -> int:
    """Partitions of the same size whatever the size of the city: 64 for 50 million events."""
    return max(4, 1 << round(math.log2(events / 50_000_000 * 64)))


def timed(work: Callable[[], A]) -> tuple[float, A]:
    begun = time.perf_counter()
    answer = work()
    return time.perf_counter() - begun, answer


def scan(lake: Lake) -> float:
    """Seconds to read every value of the columns that settlement reads, with two threads, by DuckDB: one aggregate
    a column."""
    import duckdb

    pattern = str(lake.folder / "events" / f"day={made.DAY}" / "*" / "*.parquet")
    asked = ", ".join(f"max({name})" for name in COLUMNS)
    with duckdb.connect(config={"threads": execution_workers(), "memory_limit": "1GB"}) as engine:
        took, _ = timed(lambda: engine.sql(f"select {asked} from read_parquet('{pattern}')").to_arrow_table())
    return took


def execution_workers() -> int:
    return 2


def forget(lake: Lake) -> None:
    for name in ("settled", "warm"):
        shutil.rmtree(lake.folder / name, ignore_errors=True)


def settle(world: "World") -> list[base.Line]:
    lake, given = lake_of(world)
    scans, times, peaks, sums, work = [], [], [], set(), []
    with execution.pool(2) as two:
        list(two.map(warm_up, range(4)))
        for _ in range(max(base.ROUNDS, world.rounds)):
            os.sync()
            begun = processor()
            scans.append(scan(lake))
            scanned = processor() - begun
            forget(lake)
            begun = processor()
            with Memory() as memory:
                took, done = timed(
                    lambda: run.settle(lake.folder, made.DAY, number=1, rules=made.RULES, given=given, by=two)
                )
            times.append(took)
            peaks.append(memory.peak)
            sums.add(done.sha256)
            work.append((processor() - begun) / scanned)
            print(f"  {took:.1f} s, scan {scans[-1]:.1f} s, {memory.peak:.0f} MB; {done.counts}", flush=True)
    forget(lake)
    alone, one = timed(lambda: run.settle(lake.folder, made.DAY, number=1, rules=made.RULES, given=given, workers=1))
    sums.add(one.sha256)
    print(f"  one worker: {alone:.2f} s", flush=True)
    return [
        base.Line("settle a day, s over scanning it", base.median(times), "s", base.median(scans), 8.0, "less"),
        base.Line("the same in processor time, times a scan's", base.median(work), "x", 1.0, 8.0, "less"),
        base.Line("settle a day, peak MB of all processes", max(peaks), "MB", 1500, 1.0, "less"),
        base.Line("results that differ between one worker and two", len(sums) - 1, "", 1, 0.0, "less"),
    ]


def dask(world: "World") -> list[base.Line]:
    lake, given = lake_of(world)
    times: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(base.ROUNDS):
        for workers in times:
            with execution.executor(workers, "local") as carrier:
                list(carrier.map(warm_up, range(workers * 2)))
                forget(lake)
                os.sync()
                took, _ = timed(
                    lambda by=carrier: run.settle(lake.folder, made.DAY, number=1, rules=made.RULES, given=given, by=by)
                )
            times[workers].append(took)
        print(f"  one {times[1][-1]:.1f} s, two {times[2][-1]:.1f} s", flush=True)
    return [base.Line("two workers of a cluster over one", base.median(times[1]), "s", base.median(times[2]), 1.6)]


def resettle(world: "World") -> list[base.Line]:
    lake, given = lake_of(world)
    times, fulls = [], []
    with execution.pool(2) as two:
        list(two.map(warm_up, range(4)))
        for turn in range(max(base.ROUNDS, world.rounds)):
            forget(lake)
            os.sync()
            begun = processor()
            full, _ = timed(lambda: run.settle(lake.folder, made.DAY, number=1, rules=made.RULES, given=given, by=two))
            whole = processor() - begun
            laid, _ = timed(lambda: run.keep_warm(lake.folder, made.DAY, 1, by=two))
            table, touched = made.corrections(lake, 0.001, seed=11 + turn)
            late = lakes.append(lake, table, batch="late")
            told = some(given, touched)
            os.sync()  # what was just laid down is not waited for
            begun = processor()
            took, done = timed(
                lambda of=touched, told=told: run.resettle(
                    lake.folder, made.DAY, of, number=2, rules=made.RULES, given=told, by=two
                )
            )
            again = processor() - begun
            times.append(took)
            fulls.append(full)
            print(
                f"  {took:.2f} s, whole day {full:.2f} s, working columns {laid:.2f} s; {len(table)} corrected of "
                f"{len(touched)} people, {done.changes} changed; processor time {again / whole:.3f} of the whole day's",
                flush=True,
            )
            for one in late:
                (lake.folder / one.path).unlink()
    name = "settle 0.1 % corrected anew, s over the whole day"
    return [base.Line(name, base.median(times), "s", base.median(fulls), 0.05, "less")]


def some(given: Given, touched: object) -> Given:
    """What a caller gives with a correction: the touched people's alone."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array(touched)
    return Given(
        consents=given.consents.filter(pc.is_in(given.consents["account"], value_set=wanted)),
        earned=given.earned.filter(pc.is_in(given.earned["account"], value_set=wanted)),
    )


def warm_up(_: int) -> int:
    """A worker imports what it needs before the clock runs, as one in service has."""
    import numpy as np

    from tanhui.tally import evidence, settle

    evidence.digests(np.zeros(1, np.int64), np.ones(1, np.int64))
    time.sleep(0.3)  # busy for a moment, so that the next call goes to the next worker and none stays cold
    return settle.FORMAT


def processor() -> float:
    """Seconds of processor that this process and its children have had: waits for other people's work are not in it."""
    total = 0
    for process in [os.getpid(), *children(os.getpid())]:
        with contextlib.suppress(OSError):
            after = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            total += int(after[11]) + int(after[12])
    return total / os.sysconf("SC_CLK_TCK")


class Memory:
    """The most memory that this process and its children held together, sampled; what they share counts once."""

    def __enter__(self) -> "Memory":
        self.peak, self.over = 0.0, threading.Event()
        self.before = self._held()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def _watch(self) -> None:
        while not self.over.wait(0.05):
            self.peak = max(self.peak, self._held())

    @staticmethod
    def _held() -> float:
        total = 0
        for process in [os.getpid(), *children(os.getpid())]:
            try:
                text = Path(f"/proc/{process}/smaps_rollup").read_text()
            except OSError:
                continue
            total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
        return total / 1024


def children(process: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *children(child)]
    return found


SECTIONS = {"settle": settle, "dask": dask, "resettle": resettle}

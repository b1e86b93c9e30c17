"""What the benches of the database share: a server of their own, a world of accounts, clients, and ratio lines.

Every line prints a figure, the limit measured in the same run, their ratio and what is asked. Medians of ``ROUNDS``,
with the limit and the measured taken turn about, so that a machine's mood hits both.
"""

import contextlib
import json
import multiprocessing
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 3
CLIENTS = 8
ACCOUNTS = 400


@dataclass(frozen=True, slots=True)
class Line:
    """One result. ``better`` says whether more or less is."""

    name: str
    figure: float
    unit: str
    limit: float
    asked: float
    better: str = "more"

    @property
    def ratio(self) -> float:
        return self.figure / self.limit

    @property
    def met(self) -> bool:
        return self.ratio >= self.asked if self.better == "more" else self.ratio <= self.asked

    def show(self) -> str:
        sign = "≥" if self.better == "more" else "≤"
        return (
            f"{'✓' if self.met else '✗'} {self.name:<56} {self.figure:>10,.1f} {self.unit:<3} limit {self.limit:>9,.1f}"
            f"  ratio {self.ratio:.3f}  asked {sign} {self.asked}"
        )


def tell(lines: list[Line], *, as_json: bool) -> int:
    """Print the lines; 1 when one is not met."""
    for line in lines:
        print(json.dumps(asdict(line) | {"ratio": line.ratio, "met": line.met}) if as_json else line.show(), flush=True)
    return 0 if all(line.met for line in lines) else 1


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A PostgreSQL of our own with the product's tables; yields the web role's URL. Durable commits, as in service."""
    folder = Path(tempfile.mkdtemp(prefix="tanhui-bench-"))
    os.environ |= {
        "TANHUI_VAR": str(folder),
        "TANHUI_MODE": "demonstration",
        "DJANGO_SETTINGS_MODULE": "tanhui.site.settings",
    }
    from tanhui.site import postgres

    try:
        with postgres.using(folder) as url:
            import django

            django.setup()
            from tanhui.site import preparation

            preparation.migrate(verbosity=0)
            yield url
    finally:
        postgres.remove(folder)
        shutil.rmtree(folder, ignore_errors=True)


def owner_url() -> str:
    from tanhui.site import environment

    return environment.owner_url()


def pgbench(script: str, *, seconds: float = 4, clients: int = CLIENTS) -> float:
    """Transactions a second of a script by PostgreSQL's own load driver: a client at C speed."""
    from tanhui.site import postgres

    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        command = [
            str(postgres.packaged_binaries() / "pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2",
            "-T", str(seconds), "-f", file.name, owner_url(),
        ]  # fmt: skip
        said = subprocess.run(
            command, capture_output=True, text=True, check=True, env=os.environ | library_path()
        ).stdout
    found = re.search(r"tps = ([0-9.]+)", said)
    if found is None:
        raise RuntimeError(said)
    return float(found.group(1))


def library_path() -> dict[str, str]:
    from tanhui.site import postgres

    return {"LD_LIBRARY_PATH": str(postgres.libraries(postgres.packaged_binaries()))}


def together(
    work: Callable[[int, float], list[float]], *, seconds: float = 4, clients: int = CLIENTS
) -> tuple[float, list[float]]:
    """Run ``work(client, until)`` in as many processes; it returns the duration of each thing it did, in seconds.

    Each client warms up for a second first: connections are opened and functions compiled once in a server's life.
    Returns things done a second in all, and every duration.
    """
    context = multiprocessing.get_context("fork")
    from django.db import connections

    connections.close_all()
    ready, start = context.Barrier(clients + 1), context.Event()
    answers: multiprocessing.Queue[list[float]] = context.Queue()

    def client(number: int) -> None:
        try:
            work(number, time.monotonic() + 1)
        except BaseException:
            ready.abort()  # or everybody would wait for this one
            raise
        ready.wait()
        start.wait()
        answers.put(work(number, time.monotonic() + seconds))

    processes = [context.Process(target=client, args=(number,)) for number in range(clients)]
    for process in processes:
        process.start()
    ready.wait()
    begun = time.monotonic()
    start.set()
    durations = [one for _ in processes for one in answers.get()]
    took = time.monotonic() - begun
    for process in processes:
        process.join()
    return len(durations) / took, durations


def median(values: list[float]) -> float:
    return statistics.median(values)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

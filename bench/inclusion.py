"""Everyday behaviour at the size of a city: ``python bench/inclusion.py [--json] [--quick] [--only settle,…]``.

A made-up day of 50 million events of 2 million people in 12 scenarios (``--quick``: a tenth). Sections:

* **settle**: a day into grams, by two workers, over scanning the same columns with two threads of a columnar engine;
  peak memory of all processes; the same result for one worker and two
* **dask**: two workers of a cluster over one
* **resettle**: 0.1 % of the events corrected, over the whole day
* **points**: points for every person over a bare binary COPY of the same rows; an account's page among them all, and
  its statements with a year of history over a day's
* **rewards**: 8 clients redeeming one hot offer over fifty, and what a sold-out offer gave too many

Every line says what it asks; times are medians of ``--rounds``, turn about, and of three at least.
"""

import argparse
import importlib
import multiprocessing
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import _base as base

# Each section's module has ``SECTIONS``: name → function(world) → lines.
MODULES = ("_inclusion_settle", "_inclusion_points", "_inclusion_rewards")
ALONE = ("points", "rewards")  # in a process each: what a process knows of its database is settled once
Section = Callable[["World"], list[base.Line]]


class World:
    """Sizes, and a folder that is removed afterwards; the lake is made when a section first asks for it."""

    def __init__(self, *, events: int, people: int, rounds: int, folder: Path) -> None:
        self.events, self.people, self.rounds, self.folder = events, people, rounds, folder
        self.kept: dict[str, object] = {}


def sections() -> dict[str, Section]:
    found: dict[str, Section] = {}
    for name in MODULES:
        if (Path(__file__).parent / f"{name}.py").exists():
            found |= importlib.import_module(name).SECTIONS
    return found


def alone(name: str, world: World) -> list[base.Line]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as one:
        return one.submit(section, name, world.events, world.people, world.rounds).result()


def section(name: str, events: int, people: int, rounds: int) -> list[base.Line]:
    with tempfile.TemporaryDirectory() as folder:
        return sections()[name](World(events=events, people=people, rounds=rounds, folder=Path(folder)))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--only", default="")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--events", type=int, default=0)
    given = parser.parse_args(arguments)
    events = given.events or (5_000_000 if given.quick else 50_000_000)
    known = sections()
    chosen = [name for name in given.only.split(",") if name] or list(known)
    folder, failed = Path(tempfile.mkdtemp(prefix="tanhui-bench-")), 0
    try:
        world = World(events=events, people=events // 25, rounds=given.rounds, folder=folder)
        for name in chosen:
            lines = alone(name, world) if name in ALONE else known[name](world)
            failed |= base.tell(lines, as_json=given.json)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A city's day of everyday activities against bare NumPy: ``python bench/scenarios.py [--json] [--quick]``.

Five million rides of a million people in one call, sorted by person as the settlement hands them over. The limit is the
same arithmetic as one would type it into NumPy with every factor and cap looked up beforehand, taken turn about in this
run. The same rides in no order are timed beside NumPy's own sort of them.
"""

import argparse
import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

import _base as base
from tanhui.methods import scenarios
from tanhui.science.activity import Whole
from tanhui.science.biomass import Values

EVENTS, PEOPLE, SEED = 5_000_000, 1_000_000, 20261121
ASKED = 3.0
DAY = np.datetime64("2026-06-01")
FACTOR, SHORTEST, LONGEST, SLOWEST, FASTEST = 0.104 - 0.0087, 0.3, 50.0, 3.0, 35.0
MOST, DAILY, YEARLY = 20, 1500, 150_000


class City:
    """Rides of one day: some too long, some too fast, some people above their cap."""

    def __init__(self, share: int) -> None:
        dice = np.random.default_rng(SEED)
        count = EVENTS // share
        self.person = np.sort(dice.integers(0, PEOPLE // share, count))
        self.day = np.full(count, DAY)
        self.distance = dice.uniform(0.1, 60, count)
        self.minutes = self.distance / dice.uniform(2, 45, count) * 60
        self.scenario = scenarios.read("cycling/v01", region="110000", on=dt.date(2026, 6, 30))

    def ours(self) -> Whole:
        return self.scenario.grams(person=self.person, day=self.day, distance=self.distance, minutes=self.minutes)

    def bare(self) -> Whole:
        """The day of one scenario by hand: everyone's rides stand together, and the day is the year so far."""
        near = (self.distance >= SHORTEST) & (self.distance <= LONGEST) & (self.minutes > 0)
        there = self.distance * 60
        near &= (there >= SLOWEST * self.minutes) & (there <= FASTEST * self.minutes)
        new = np.ones(len(self.person), dtype=np.bool_)
        new[1:] = self.person[1:] != self.person[:-1]
        first = np.flatnonzero(new)
        many = np.diff(np.append(first, len(new)))
        nth = np.cumsum(near, dtype=np.int64)
        nth -= np.repeat(nth[first] - near[first], many)
        near &= nth <= MOST
        micrograms = np.rint(np.where(near, self.distance, 0.0) * FACTOR * 1e9).astype(np.int64)
        total = np.cumsum(micrograms)
        total -= np.repeat(total[first] - micrograms[first], many)
        reached = np.minimum(np.minimum(total // 1_000_000, DAILY), YEARLY)
        grams = np.diff(reached, prepend=np.int64(0))
        grams[new] = reached[new]
        return grams


def shuffled(city: City) -> City:
    order = np.random.default_rng(SEED).permutation(len(city.person))
    for name in ("person", "distance", "minutes"):
        setattr(city, name, getattr(city, name)[order])
    return city


def turn_about(ours: Callable[[], object], bare: Callable[[], object]) -> tuple[float, float]:
    """Medians in ms of both, taken in turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(base.ROUNDS):
        for kept, work in zip(taken, (ours, bare), strict=True):
            begun = time.perf_counter()
            work()
            kept.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


def by_person(city: City) -> tuple[Whole, Values]:
    order = np.argsort(city.person, kind="stable")
    return city.person[order], city.distance[order]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a fiftieth of the rides")
    args = parser.parse_args()
    share = 50 if args.quick else 1
    city = City(share)
    if not np.array_equal(city.ours(), city.bare()):
        raise RuntimeError("the scenario and the bare arithmetic differ")
    size = f"{EVENTS // share:,} rides of {PEOPLE // share:,} people"
    figure, limit = turn_about(city.ours, city.bare)
    lines = [base.Line(f"{size}, sorted", figure, "ms", limit, ASKED, "less")]
    mixed = shuffled(city)

    def sorted_by_hand() -> None:
        by_person(mixed)
        mixed.bare()

    figure, limit = turn_about(mixed.ours, sorted_by_hand)
    lines.append(base.Line(f"{size}, in no order", figure, "ms", limit, ASKED, "less"))
    return base.tell(lines, as_json=args.json)


if __name__ == "__main__":
    sys.exit(main())

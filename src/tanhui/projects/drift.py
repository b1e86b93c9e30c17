"""Whether a series of readings has gaps, and whether the device that sent it drifts (``docs/algorithms/field.md``).

Pure functions over arrays; they warn and change nothing.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]
Verdict = Literal["STEADY", "DRIFTING", "SHIFTED", "UNKNOWN"]
JITTER = 1.5  # intervals two neighbours may lie apart
FEWEST_DAYS = 14
FEWEST_SIDE = 7  # days on either side of a step
STEP_Z = 6.0
NORMAL_95 = 1.959964
MAD, MEDIAN_PRICE = 1.4826, 1.2533  # consistent with a normal distribution; √(π/2)
DAY = 86_400


@dataclass(frozen=True)
class Gap:
    """From the last reading before to the first after it, seconds since 1970, and how many readings are missing."""

    start: float
    end: float
    missing: int


@dataclass(frozen=True)
class Trend:
    """Change per day with its 95 % interval, in the unit of the readings."""

    per_day: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Step:
    """A change of level: the first day after it (a place in the array), its size, and how far it stands out."""

    place: int
    size: float
    score: float


@dataclass(frozen=True)
class Drift:
    verdict: Verdict
    days: int
    trend: Trend | None = None
    step: Step | None = None


def gaps(at: Numbers, interval: float, start: float, end: float) -> list[Gap]:
    """Where readings are missing. ``at``: sorted seconds; ``interval``: expected distance in seconds; ``start`` and
    ``end``: the span that was to be covered."""
    marks = [start - interval, *at.tolist(), end]
    found = []
    for before, after in pairwise(marks):
        if after - before > JITTER * interval:
            missing = round((after - before) / interval) - 1
            if missing > 0:
                found.append(Gap(max(before, start), after, missing))
    return found


def coverage(count: int, interval: float, start: float, end: float) -> float:
    """Readings as a part of those expected, at most 1."""
    expected = max(1, round((end - start) / interval))
    return min(1.0, count / expected)


def daily(at: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
    """Medians by civil day of UTC+8: day numbers since 1970, and one median for each day with readings."""
    if not len(at):
        return np.array([]), np.array([])
    days = np.floor((at + 8 * 3600) / DAY).astype(int)
    firsts = np.flatnonzero(np.r_[True, np.diff(days) > 0])
    return days[firsts].astype(float), np.array([np.median(part) for part in np.split(values, firsts[1:])])


def trend(days: Numbers, levels: Numbers) -> Trend:
    """Theil–Sen slope with Sen's 95 % interval; at least two days."""
    first, second = np.triu_indices(len(days), 1)
    slopes = np.sort((levels[second] - levels[first]) / (days[second] - days[first]))
    n, many = len(days), len(slopes)
    width = NORMAL_95 * (n * (n - 1) * (2 * n + 5) / 18) ** 0.5
    low, high = int((many - width) / 2), int((many + width) / 2)
    return Trend(float(np.median(slopes)), float(slopes[max(low, 0)]), float(slopes[min(high, many - 1)]))


def step(levels: Numbers) -> Step | None:
    """The cut from which two medians explain the levels best; none where either side would be too short."""
    cuts = range(FEWEST_SIDE, len(levels) - FEWEST_SIDE + 1)
    if not cuts:
        return None
    place = min(
        cuts, key=lambda cut: float(sum(np.abs(part - np.median(part)).sum() for part in np.split(levels, [cut])))
    )
    before, after = levels[:place], levels[place:]
    size = float(np.median(after) - np.median(before))
    rest = np.r_[before - np.median(before), after - np.median(after)]
    error = MEDIAN_PRICE * MAD * float(np.median(np.abs(rest))) * (1 / len(before) + 1 / len(after)) ** 0.5
    return Step(place, size, abs(size) / error if error > 0 else (float("inf") if size else 0.0))


def drift(days: Numbers, levels: Numbers, *, permissible: float, calibrated: float) -> Drift:
    """Whether a device left its permissible error. ``levels``: daily medians, of reading − reference where one is;
    ``permissible``: the certificate's error, in the unit of the readings; ``calibrated``: its day number."""
    if len(days) < FEWEST_DAYS:
        return Drift("UNKNOWN", len(days))
    plain, found = trend(days, levels), step(levels)
    if found is not None and found.score >= STEP_Z and abs(found.size) > permissible:
        # A slope has a best cut too: it is a step only if two levels explain the days better than one slope does.
        stepped = levels - np.where(np.arange(len(levels)) >= found.place, found.size, 0.0)
        if spread(stepped) < spread(levels - plain.per_day * days):
            return Drift("SHIFTED", len(days), trend(days, stepped), found)
    if plain.certain and abs(plain.per_day) * (days[-1] - calibrated) > permissible:
        return Drift("DRIFTING", len(days), plain)
    return Drift("STEADY", len(days), plain)


def spread(values: Numbers) -> float:
    return float(np.abs(values - np.median(values)).sum())


def stuck(at: Numbers, values: Numbers, fewest: int) -> list[tuple[float, float, int]]:
    """Runs of at least ``fewest`` equal readings: from, to (seconds), how many. Zero is a value like any other."""
    if not len(values):
        return []
    firsts = np.flatnonzero(np.r_[True, np.diff(values) != 0])
    ends = np.r_[firsts[1:], len(values)]
    return [(float(at[a]), float(at[b - 1]), int(b - a)) for a, b in zip(firsts, ends, strict=True) if b - a >= fewest]


def backwards(at: Numbers, values: Numbers) -> list[float]:
    """When a counter showed less than before, in seconds."""
    return [float(at[place + 1]) for place in np.flatnonzero(np.diff(values) < 0)]

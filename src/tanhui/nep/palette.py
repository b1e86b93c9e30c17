"""Colours of maps: told apart by people who see red and green alike, and on a grey print by their order.

The eight land-cover colours and both ramps were chosen so that any two classes of one legend stay apart under simulated
protanopia and deuteranopia (Machado, Oliveira & Fernandes 2009); `tests/nep/test_drawing.py` measures it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Codes of `science.ecosystems`, 1..8: forest shrub grass wetland crop urban water other.
TYPES: dict[int, str] = {
    1: "#0b5d3b",
    2: "#8f7fd1",
    3: "#a8d56a",
    4: "#2fb4b4",
    5: "#f2d64b",
    6: "#c2264b",
    7: "#1d5fa8",
    8: "#cfc6bb",
}
ELSEWHERE = "#d5cfdb"  # other ecosystem types on the map of one
UNSUITED = "#a797b8"  # water and built-up land, which get no CASA NEP
CLEAR = "#ffffff"

# From carbon source (brown) over nearly nothing (pale) to sink (green), ColorBrewer's order of lightness kept.
SOURCES = ("#6b3200", "#bd731f", "#f2c078")
DEEP_SOURCES = ("#4d2300", "#8a4a0c", "#bd731f", "#e0a050", "#f7d6a5")  # where sources are the rule
SOURCE_BAR, SINK_BAR = "#bd731f", "#3a98a0"  # of a chart: what gave off carbon, what took it up
SINKS = ("#f3f8e2", "#b0dec9", "#74c0b3", "#3a98a0", "#176b80", "#0c3b52")
LOSSES = ("#8c1d40", "#cf5c78", "#efabb6")
GAINS = ("#d6e6a6", "#8dbb4c", "#3f7a1d")
WIDTHS = ("#fff3c9", "#fdd07c", "#f9a34b", "#e2693c", "#b3364b", "#6d1f5c")
FLAGS = {
    0: "#e9e9e6",
    1: "#d98200",
    2: "#6a3d9a",
    4: "#3aa3d8",
    7: "#1c1c1c",
}  # none, Rh high, implausible, jump, several


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes of a legend: ``colours[i]`` for values from ``breaks[i-1]`` up to ``breaks[i]``, open at both ends."""

    breaks: tuple[float, ...]
    colours: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.colours) != len(self.breaks) + 1 or list(self.breaks) != sorted(set(self.breaks)):
            raise ValueError(f"{len(self.colours)} colours do not go with the breaks {self.breaks}")


def step(span: float, most: int) -> float:
    """The smallest of 1, 2, 2.5, 5 × 10ⁿ of which at most ``most`` cover ``span``; 0 for no span."""
    if not span > 0 or not math.isfinite(span):
        return 0.0
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10, 20) if power * factor * most >= span * (1 - 1e-9))


def diverging(
    low: float, high: float, *, sources: Sequence[str] = DEEP_SOURCES, sinks: Sequence[str] = SINKS
) -> Classes:
    """Classes for values that mostly lie between ``low`` and ``high``: zero is a break, and the steps fall where the
    values are; both ends are open."""
    up, down = (max(low, 0.0), high), (low, min(high, 0.0))
    width = max(step(up[1] - up[0], len(sinks)), step(down[1] - down[0], len(sources))) if low < high else 1.0
    above = within(up, width)[: len(sinks) - 1]
    below = within(down, width)[1 - len(sources) :]
    breaks = (*below, 0.0, *above)
    return Classes(breaks, (*thinned(sources, len(below) + 1), *thinned(sinks, len(above) + 1)))


def within(span: tuple[float, float], width: float) -> list[float]:
    """Multiples of ``width`` strictly between the ends, zero left out."""
    low, high = span
    if low >= high:
        return []
    first, last = math.floor(low / width + 1e-9) + 1, math.ceil(high / width - 1e-9) - 1
    return [round(number * width, 9) for number in range(first, last + 1) if number]


def rising(low: float, high: float, colours: Sequence[str] = WIDTHS) -> Classes:
    """Classes for values from zero on that mostly lie between ``low`` and ``high``; both ends are open."""
    low = max(low, 0.0)
    width = step(high - low, len(colours)) or step(high, len(colours)) or 1.0
    breaks = within((low, high), width)[: len(colours) - 1] or [round(width * max(1, round(high / width)), 9)]
    return Classes(tuple(breaks), thinned(colours, len(breaks) + 1))


def thinned(colours: Sequence[str], count: int) -> tuple[str, ...]:
    """``count`` of the colours, evenly spread, both ends kept."""
    if count == 1:
        return (colours[len(colours) // 2],)
    last = len(colours) - 1
    return tuple(colours[round(number * last / (count - 1))] for number in range(count))


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)

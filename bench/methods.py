"""What methodologies compute, against bare NumPy: ``python bench/methods.py [--json] [--quick] [--grow]``.

Each limit is the same arithmetic as one would type it into NumPy with every parameter looked up beforehand, and the
same generator where there is chance, taken turn about in this run. Five million trees, 100,000 parcels over 20 years,
10,000 draws over 500 strata (``--quick``: a fiftieth). Then the processor time in which a fresh Python has the engine
and one methodology. With ``--grow`` everything is also timed at a tenth of the size, which says how cost grows with it.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import _base as base
import _trees
from tanhui.science import monte_carlo
from tanhui.science.biomass import CO2_PER_CARBON, Values

DRAWS, STRATA, SPECIES = 10_000, 500, 30
SEED = 20261121
IMPORT_MS, FRESH = 300, 7
TEN, GROWTH = 10, 1.5  # beside bare NumPy, what is ten times as large may cost half as much again: caches end somewhere
IMPORT = """
import sys, time
begun = time.process_time()
from tanhui.methods import engine
from tanhui.methods.engine import shelf
shelf.load("ar_cm_001/v01")
print(time.process_time() - begun, *sorted({"django", "xarray", "pandas"} & sys.modules.keys()))
"""


class Stands:
    """Strata of mixed species: volume known with a tenth, density and carbon fraction by species, factors shared."""

    def __init__(self, strata: int) -> None:
        dice = np.random.default_rng(SEED)
        self.area, self.volume = dice.uniform(1, 50, strata), dice.uniform(50, 200, strata)
        self.species = dice.integers(0, SPECIES, strata)
        self.density, self.fraction = dice.uniform(0.3, 0.6, SPECIES), dice.uniform(0.45, 0.52, SPECIES)
        self.expansion, self.roots = (1.5, 0.2), (0.2, 0.25, 0.3)

    def removal(self, volume: Values, density: Values, expansion: Values, roots: Values, fraction: Values) -> Values:
        """tCO₂ of all strata for each draw."""
        stock: Values = (self.area * volume * density * expansion * (1 + roots) * fraction).sum(axis=1)
        return stock * CO2_PER_CARBON

    def ours(self, draws: int) -> tuple[float, float]:
        quantities = {
            "volume": monte_carlo.Normal(self.volume, 0.1 * self.volume, low=0),
            "density": monte_carlo.Normal(self.density, 0.1 * self.density, over=self.species),
            "expansion": monte_carlo.Lognormal(*self.expansion),
            "roots": monte_carlo.Triangular(*self.roots),
            "fraction": monte_carlo.Normal(self.fraction, 0.02 * self.fraction, over=self.species),
        }
        low, high = monte_carlo.propagate(self.removal, quantities, draws=draws, seed=SEED).interval
        return float(low), float(high)

    def bare(self, draws: int) -> tuple[float, float]:
        dice = np.random.Generator(np.random.PCG64(SEED))
        volume = np.maximum(dice.normal(self.volume, 0.1 * self.volume, (draws, len(self.volume))), 0)
        density = dice.normal(self.density, 0.1 * self.density, (draws, SPECIES))[:, self.species]
        mean, sd = self.expansion
        spread = np.log1p((sd / mean) ** 2)
        expansion = dice.lognormal(np.log(mean) - spread / 2, np.sqrt(spread), (draws, 1))
        roots = dice.triangular(*self.roots, (draws, 1))
        fraction = dice.normal(self.fraction, 0.02 * self.fraction, (draws, SPECIES))[:, self.species]
        low, high = np.percentile(self.removal(volume, density, expansion, roots, fraction), [5, 95])
        return float(low), float(high)


def turn_about(*functions: Callable[[], Any]) -> list[float]:
    """The fastest of some rounds of each, in seconds."""
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(base.ROUNDS):
        for function, took in zip(functions, times, strict=True):
            begun = time.perf_counter()
            function()
            took.append(time.perf_counter() - begun)
    return [min(took) for took in times]


def chance(strata: int) -> tuple[float, float]:
    """Seconds of ours and of bare NumPy, which must agree on the interval to what chance leaves open."""
    stands = Stands(strata)
    if not np.allclose(stands.ours(DRAWS), stands.bare(DRAWS), rtol=0.03):
        raise AssertionError("the two do not describe the same")
    ours, bare = turn_about(lambda: stands.ours(DRAWS), lambda: stands.bare(DRAWS))
    return ours, bare


def importing() -> float:
    """Processor seconds until a fresh Python has the engine and one methodology, at best. Neither Django nor a data
    frame may come along."""
    took = []
    for _ in range(FRESH):
        said = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True).stdout.split()
        if said[1:]:
            raise AssertionError(f"the engine brings along {', '.join(said[1:])}")
        took.append(float(said[0]))
    return min(took)


def measure(share: int) -> dict[str, tuple[base.Line, str]]:
    """The lines at a size divided by ``share``, each with how large that was."""
    found = {}
    for one in _trees.lines(count=_trees.TREES // share, parcels=_trees.PARCELS // share):
        unit, factor = ("MB", 1) if "MB" in one.name else ("ms", 1000)
        name = one.name.removesuffix(" (MB)")
        found[name] = base.Line(name, one.measured * factor, unit, one.bare * factor, one.limit, "less"), one.note
    ours, bare = (1000 * seconds for seconds in chance(STRATA // share))
    line = base.Line("Monte Carlo", ours, "ms", bare, 3.0, "less")
    return found | {line.name: (line, f"{DRAWS:,} draws, {STRATA // share} strata")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a fiftieth of every size")
    parser.add_argument("--grow", action="store_true", help="a tenth of the size too, and what ten times as much costs")
    args = parser.parse_args()
    share = 50 if args.quick else 1
    small = measure(share * TEN) if args.grow else {}
    measured = measure(share)
    lines = []
    for name, (line, size) in measured.items():
        lines.append(replace(line, name=f"{name}: {size}"))
        if small:
            limit = small[name][0].ratio * line.limit
            lines.append(base.Line(f"{name}, ten times as much", line.figure, line.unit, limit, GROWTH, "less"))
    lines.append(base.Line("engine and one methodology imported", importing() * 1000, "ms", IMPORT_MS, 1.0, "less"))
    return base.tell(lines, as_json=args.json)


if __name__ == "__main__":
    sys.exit(main())

"""Trees and projections against bare NumPy: the same arithmetic with the parameters already looked up for every row."""

import time
import tracemalloc
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tanhui.science import growth, trees
from tanhui.science.biomass import CO2_PER_CARBON, Values

TREES, PLOTS, PARCELS, YEARS = 5_000_000, 50_000, 100_000, 20
ROUNDS = 3
ALLOMETRIC = {  # a and b of a·(D²H)^b for leaf, branch, stem and root: Huang et al. 2016, appendix 1
    "白桦": ((0.01175, 0.636), (0.02938, 0.663), (0.04152, 0.923), (0.02993, 0.767)),
    "油松": ((0.0134, 0.8539), (0.0017, 1.1515), (0.0475, 0.8539), (0.0027, 1.0917)),
    "小叶杨": ((0.012, 0.685), (0.001, 1.157), (0.006, 1.098), (0.083, 0.636)),
    "华北落叶松": ((0.0441, 0.5844), (0.0386, 0.7492), (0.0462, 0.8647), (0.0142, 0.889)),
}
BY_VOLUME = {"杉木": (0.307, 1.634, 0.246), "马尾松": (0.38, 1.472, 0.187)}  # density, expansion factor, root to shoot
PARTS = ("leaf", "branch", "stem", "root")
CURVES = np.array([[172.2, 0.015, 1.1], [240.0, 0.06, 2.1], [180.0, 0.09, 1.8], [320.0, 0.05, 2.4]])


class Result(NamedTuple):
    """``name``, what ours took, what the bare expression took, the ratio asked for (at most), and a remark."""

    name: str
    measured: float
    bare: float
    limit: float
    note: str


def lines(*, count: int = TREES, parcels: int = PARCELS) -> list[Result]:
    """Every line, measured now. The memory line counts bytes instead of seconds."""
    return [*_trees(count), _projection(parcels)]


def equations() -> trees.Models:
    """Four species by allometry and two by stem volume."""
    allometric = {
        name: {part: trees.of_diameter_and_height(a, b) for part, (a, b) in zip(PARTS, pairs, strict=True)}
        for name, pairs in ALLOMETRIC.items()
    }
    return trees.models(allometric, BY_VOLUME)


def _trees(count: int) -> list[Result]:
    dice = np.random.default_rng(20160)
    models = equations()
    diameter, height = dice.uniform(5, 45, count), dice.uniform(3, 28, count)
    volume = 0.4 * diameter**2 * height * 1e-4
    model = dice.integers(0, len(models.names), count)
    coefficients = [
        (constant.take(model), power.take(model))
        for constant, power in zip(models.constant, models.height, strict=True)
    ]
    stem = np.where(models.by_volume[model], volume, 1.0)
    plot, area = dice.integers(0, PLOTS, count), np.full(PLOTS, 0.06)

    def bare() -> Values:
        # one power of D²H serves every component: cheaper than each equation on its own
        log = np.log(diameter * diameter * height)
        leaf, branch, trunk, root = (np.exp(constant + power * log) for constant, power in coefficients)
        return np.stack(
            [
                np.bincount(plot, weights=kg, minlength=PLOTS) / 1000 / area
                for kg in ((leaf + branch + trunk) * stem, root * stem)
            ]
        )

    def ours() -> Values:
        found = trees.biomass(diameter, height, model, models, volume)
        return np.stack([trees.density(kg, plot, area) for kg in found])

    ours_seconds, bare_seconds = _turn_about(ours, bare)
    if not np.allclose(ours(), bare(), rtol=1e-12):
        raise AssertionError("the two do not compute the same")
    tracemalloc.start()
    ours()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    columns = sum(column.nbytes for column in (diameter, height, volume, model, plot))
    size = f"{count / 1e6:g} million trees, {len(models.names)} species, 4 by allometry and 2 by volume"
    return [
        Result("biomass of plots from their trees", ours_seconds, bare_seconds, 3.0, size),
        Result("memory beside the input columns (MB)", peak / 1e6, columns / 1e6, 4.0, "with the result"),
    ]


def _projection(parcels: int) -> Result:
    dice = np.random.default_rng(20161)
    age, area = dice.integers(-3, 25, parcels).astype(np.float64), dice.uniform(0.04, 40, parcels)
    curve = dice.integers(0, len(CURVES), parcels)
    carbon = np.array([0.32, 0.28, 0.21, 0.35])
    asymptote, rate, shape = (CURVES[:, place][curve, None] for place in range(3))
    ahead, per_volume = np.arange(YEARS + 1.0), carbon[curve]

    def bare() -> Values:
        years = np.maximum(age[:, None] + ahead, 0)
        stock: Values = (area * per_volume * CO2_PER_CARBON)[:, None] * asymptote * (1 - np.exp(-rate * years)) ** shape
        return stock

    def ours() -> Values:
        return growth.projection(age, area, curve, CURVES, carbon, YEARS)

    seconds = _turn_about(ours, bare)
    if not np.allclose(ours(), bare(), rtol=1e-12):
        raise AssertionError("the two do not compute the same")
    return Result("ex-ante projection", *seconds, 3.0, f"{parcels:,} parcels, {YEARS} years")


def _turn_about(ours: Callable[[], Any], bare: Callable[[], Any]) -> tuple[float, float]:
    """Fastest of some rounds each, taken turn about, in seconds."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for function, list_of_times in ((ours, times[0]), (bare, times[1])):
            begun = time.perf_counter()
            function()
            list_of_times.append(time.perf_counter() - begun)
    return min(times[0]), min(times[1])

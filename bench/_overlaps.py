"""The section ``overlap`` of ``bench/projects.py``: polygons against polygons, no database.

Two kinds of land. ``dealt``: one clean survey, whose parcels share their borders point by point, is dealt out at
random to two parties, and every twentieth parcel of the second was drawn anew over its neighbours: many touch, some
overlap. ``redrawn``: two surveys of the same land that agree in no border, so that each parcel overlaps four others:
the worst there is. The limit is shapely's STRtree asked, in the same run by one thread, which of them intersect.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import _base as base

SECONDS = 30.0  # for 100,000 against 100,000
RATIO = 3.0
CELL, WEST, SOUTH = 0.002, 116.0, 41.0  # degrees
BENDS = 5  # corners along each border: polygons of 24 corners


def survey(number: int, *, seed: int) -> Any:
    """Valid polygons over a jittered grid, neighbours sharing every corner of their border."""
    import shapely

    draw = np.random.default_rng(seed)
    side = int(np.ceil(number**0.5))
    corners = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1)), -1) * CELL + (WEST, SOUTH)
    corners = corners + draw.uniform(-CELL / 4, CELL / 4, corners.shape)
    along = (np.arange(BENDS + 1) / (BENDS + 1))[:, None]

    def borders(start: Any, end: Any) -> Any:
        points = start[:, :, None] * (1 - along) + end[:, :, None] * along
        points[:, :, 1:] += draw.normal(0, CELL / 60, points[:, :, 1:].shape)
        return points

    across, up = borders(corners[:, :-1], corners[:, 1:]), borders(corners[:-1], corners[1:])
    row, column = np.divmod(np.arange(number), side)
    north = np.concatenate([corners[row + 1, column + 1][:, None], across[row + 1, column][:, :0:-1]], 1)
    west = np.concatenate([corners[row + 1, column][:, None], up[row, column][:, :0:-1]], 1)
    found = shapely.polygons(np.concatenate([across[row, column], up[row, column + 1], north, west], 1))
    return found[shapely.is_valid(found)]


def dealt(number: int) -> tuple[Any, Any]:
    """A clean survey among two parties, a twentieth of the second drawn anew."""
    import shapely

    whole = survey(2 * number, seed=1)
    order = np.random.default_rng(2).permutation(len(whole))
    first, second = whole[order[: len(whole) // 2]], whole[order[len(whole) // 2 :]].copy()
    anew = len(second) // 20
    second[:anew] = shapely.transform(second[:anew], lambda points: points + np.array([CELL * 0.45, CELL * 0.2]))
    return first, second


def redrawn(number: int) -> tuple[Any, Any]:
    import shapely

    moved = shapely.transform(survey(number, seed=4), lambda points: points + CELL * 0.35)
    return survey(number, seed=3), moved


def timed(what: Callable[[], object]) -> float:
    begun = time.monotonic()
    what()
    return time.monotonic() - begun


def overlaps(number: int) -> list[base.Line]:
    """Both kinds of land; the first is asked to keep both limits, the second the seconds."""
    import shapely

    from tanhui.projects import overlap

    tolerance = overlap.Tolerance(2, 10, 5)
    lines = []
    for name, (first, second) in (("clean survey", dealt(number)), ("land surveyed twice", redrawn(number))):

        def bare(first: Any = first, second: Any = second) -> None:
            shapely.STRtree(second).query(first, predicate="intersects")

        limits, figures, found = [], [], None
        for _ in range(base.ROUNDS):  # turn about, so that a machine's mood hits both
            limits.append(timed(bare))
            begun = time.monotonic()
            found = overlap.find(first, second, tolerance)
            figures.append(time.monotonic() - begun)
        limit, figure = base.median(limits), base.median(figures)
        assert found is not None
        print(f"  {name}: {len(found):,} overlaps, {int(found.sliver.sum()):,} of them slivers")
        size = f"{number:,} × {number:,} of a {name}"
        asked = RATIO if name == "clean survey" else SECONDS * number / 100_000 / limit
        lines.append(base.Line(f"{size}: against the bare tree", figure, "s", limit, asked, "less"))
        lines.append(base.Line(f"{size}: in seconds", figure, "s", SECONDS * number / 100_000, 1.0, "less"))
    return lines

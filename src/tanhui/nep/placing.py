"""How an input lies to the run's grid: the same cells or others, where, and which part of it a window needs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.windows import Window

from tanhui.nep import refusals, store
from tanhui.nep.grid import Grid, Tile, system
from tanhui.nep.sources import Source

Array = NDArray[Any]
MARGIN = 3  # cells of the source around what a window needs: a bilinear cell looks one further
SAME = 1e-6  # of a cell: how far two grids may lie apart and still be one


def fits(one: Grid, other: Grid) -> bool:
    """Whether two grids are the same cells."""
    if (one.width, one.height) != (other.width, other.height):
        return False
    near = all(
        abs(a - b) <= SAME * abs(one.transform[0] or one.transform[1])
        for a, b in zip(one.transform, other.transform, strict=True)
    )
    return near and system(one.crs).equals(system(other.crs), ignore_axis_order=True)


def words(grid: Grid) -> str:
    return f"{grid.width} × {grid.height}, {grid.transform[0]:.8g}, {system(grid.crs).name}"


def degrees(grid: Grid) -> tuple[float, float, float, float]:
    """West, south, east, north of a grid in degrees."""
    with_bounds = Transformer.from_crs(system(grid.crs), "EPSG:4326", always_xy=True)
    west, south, east, north = with_bounds.transform_bounds(*grid.bounds)
    return west, south, east, north


def touches(source: Source, grid: Grid) -> None:
    there, here = degrees(source.grid), degrees(grid)
    if not all(np.isfinite((*there, *here))) or not (
        there[0] < here[2] and here[0] < there[2] and there[1] < here[3] and here[1] < there[3]
    ):
        shown = [", ".join(f"{one:.3f}" for one in bounds) for bounds in (there, here)]
        raise refusals.OutsideGrid(file=source.files[0].name, there=shown[0], here=shown[1])


def method(source: Source, quantity: str, grid: Grid) -> str:
    """How to resample: as the plan says; else classes by nearest or, from finer cells, by majority; numbers bilinear or
    by average."""
    if source.layer.resampling:
        return source.layer.resampling
    finer = cell_m(source.grid) < cell_m(grid) / 2
    if store.QUANTITIES[quantity].classes:
        return "mode" if finer else "nearest"
    return "average" if finer else "bilinear"


def cell_m(grid: Grid) -> float:
    """Side of the middle cell, m."""
    middle = Tile(0, 0, grid.height // 2, grid.width // 2, 1, 1)
    return float(np.sqrt(grid.areas_m2(middle)[0, 0]))


def needed(source: Grid, grid: Grid, tile: Tile) -> Window | None:
    """The part of the source under a window of the grid, or None."""
    back = Transformer.from_crs(system(grid.crs), system(source.crs), always_xy=True)
    steps = np.linspace(0, 1, 21)
    across, down = np.meshgrid(tile.left + steps * tile.width, tile.top + steps * tile.height)
    x, y = back.transform(*placed(grid.affine, across, down))
    columns, rows = placed(~source.affine, np.asarray(x), np.asarray(y))
    seen = np.isfinite(columns) & np.isfinite(rows)
    if not seen.any():
        return None
    left, right = int(np.floor(columns[seen].min())) - MARGIN, int(np.ceil(columns[seen].max())) + MARGIN
    top, bottom = int(np.floor(rows[seen].min())) - MARGIN, int(np.ceil(rows[seen].max())) + MARGIN
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, source.width), min(bottom, source.height)
    return Window(left, top, right - left, bottom - top) if right > left and bottom > top else None


def placed(affine: Any, first: Array, second: Array) -> tuple[Array, Array]:
    """Points through an affine transform: its own product is typed for numbers alone."""
    a, b, c, d, e, f = tuple(affine)[:6]
    return a * first + b * second + c, d * first + e * second + f

"""Exact coverage of cells by zones: what the centre rule of the burnt raster misjudges at the borders, as a table.

The raster gives each cell whole to the zone its centre lies in. Where a border cuts a cell the table says, zone by
zone, how much to add to that or take from it; the shares of one cell add up to nothing, so that zones and outside
together still hold every cell once. Its size grows with the length of the borders, not with the area.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray
from rasterio.windows import Window

from tanhui.nep.grid import Grid

STEP = 1024  # cells of a side cut at once
NOTHING = 1e-6  # of a cell; the fractions come in float32
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Coverage:
    """Three columns in the order of ``cell`` (row · width + column of the grid), then ``number`` (0 is outside).
    ``share``, of a cell: to add to what the raster's whole cells give that zone; its sum over a cell is 0."""

    cell: NDArray[np.int64]
    number: NDArray[np.uint32]
    share: NDArray[np.float64]
    width: int

    def within(
        self, top: int, left: int, height: int, width: int
    ) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float64]]:
        """The rows of a window, their cells counted row · width + column within the window."""
        first, last = np.searchsorted(self.cell, [top * self.width, (top + height) * self.width])
        row, column = np.divmod(self.cell[first:last], self.width)
        inside = (column >= left) & (column < left + width)
        local = (row[inside] - top) * width + column[inside] - left
        return local, self.number[first:last][inside], self.share[first:last][inside]

    def sums(self, values: NDArray[Any], zones: int, window: tuple[int, int, int, int]) -> NDArray[np.float64]:
        """What to add to the zones' sums over a window (top, left, height, width) of ``values`` (height, width): shape
        (zones + 1,), the first for outside. NaN counts as nothing."""
        local, number, share = self.within(*window)
        taken = np.nan_to_num(values.reshape(-1)[local].astype(np.float64), nan=0.0)
        return np.bincount(number, weights=taken * share, minlength=zones + 1).astype(np.float64)


def table(cells: NDArray[np.object_], grid: Grid, raster: Any) -> Coverage:
    """Cut polygons given in cells (``zones.in_cells``) against the grid; ``raster`` is the open file of burnt numbers.

    A cell that slivers give to several zones at once is shared in proportion. Memory: one square of 1,024 cells.
    """
    tree = shapely.STRtree(cells)
    found = [
        square(cells, tree, grid, raster, top, left)
        for top in range(0, grid.height, STEP)
        for left in range(0, grid.width, STEP)
    ]
    cell = np.concatenate([one[0] for one in found])
    number = np.concatenate([one[1] for one in found])
    share = np.concatenate([one[2] for one in found])
    order = np.lexsort((number, cell))
    return Coverage(cell[order], number[order].astype(np.uint32), share[order], grid.width)


def square(
    cells: NDArray[np.object_], tree: shapely.STRtree, grid: Grid, raster: Any, top: int, left: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The corrections within one square."""
    height, width = min(STEP, grid.height - top), min(STEP, grid.width - left)
    frame = shapely.box(left, top, left + width, top + height)
    pieces = [fractions(one, cells, frame) for one in np.sort(tree.query(frame, predicate="intersects")).tolist()]
    centre = raster.read(1, window=Window(left, top, width, height)).reshape(-1).astype(np.int64)
    covered = np.zeros(height * width)
    unsettled = np.zeros(height * width, bool)  # cells that are not whole the zone's their centre lies in
    for number, cell, part in pieces:
        covered[cell] += part
        unsettled[cell] |= (part < 1 - NOTHING) | (centre[cell] != number)
    full = covered > 1 - NOTHING
    unsettled |= (covered > 1 + NOTHING) | ((centre > 0) & ~full)
    open_cells = np.flatnonzero(unsettled)
    if not len(open_cells):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    at, who, share = [open_cells], [centre[open_cells]], [-np.ones(len(open_cells))]
    for number, cell, part in pieces:
        mine = unsettled[cell]
        own = cell[mine]
        at.append(own)
        who.append(np.full(len(own), number))
        share.append(np.where(full[own], part[mine] / np.maximum(covered[own], NOTHING), part[mine]))
    rest = open_cells[~full[open_cells]]
    at, who, share = [*at, rest], [*who, np.zeros(len(rest), np.int64)], [*share, 1 - covered[rest]]
    keys = np.concatenate(who) * (height * width) + np.concatenate(at)
    pair, place = np.unique(keys, return_inverse=True)
    added = np.bincount(place, weights=np.concatenate(share))
    keep = np.abs(added) > ROUNDING
    zone, at_cell = np.divmod(pair[keep], height * width)
    row, column = np.divmod(at_cell, width)
    return (row + top) * grid.width + column + left, zone, added[keep].astype(np.float64)


def fractions(one: int, cells: NDArray[np.object_], frame: Any) -> tuple[int, NDArray[np.int64], NDArray[np.float64]]:
    """The zone's number, cells of the frame (row · width + column), each once, and the fraction of each it covers."""
    clipped = shapely.intersection(cells[one], frame)
    west, north, east, south = (int(side) for side in frame.bounds)
    local = shapely.transform(clipped, lambda x, y: (x - west, south - y), interleaved=False)
    blank = np.broadcast_to(np.zeros((), np.uint8), (south - north, east - west))
    feature = {"type": "Feature", "properties": {}, "geometry": local.__geo_interface__}
    if shapely.area(local) <= 0:
        return one + 1, np.empty(0, np.int64), np.empty(0)
    found = exact_extract(NumPyRasterSource(blank), [feature], ["cell_id", "coverage"])[0]["properties"]
    return one + 1, np.asarray(found["cell_id"], np.int64), np.asarray(found["coverage"], np.float64)


def encoded(found: Coverage) -> bytes:
    """The table as an .npz, the same bytes for the same table."""
    out = io.BytesIO()
    np.savez_compressed(out, cell=found.cell, number=found.number, share=found.share, width=np.int64(found.width))
    return out.getvalue()


def read(path: Path) -> Coverage:
    """A level's table from its ``.npz``."""
    with np.load(path, allow_pickle=False) as said:
        return Coverage(said["cell"], said["number"], said["share"], int(said["width"]))

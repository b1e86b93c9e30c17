"""Sums that exact coverage adds to those by cell centres: the cells on borders are computed once more, and only those.

The tiles sum whole cells by the burnt raster. Here each cell that a border cuts is computed again by the same kernel
from the same aligned inputs, and its fluxes are moved between zones by the shares of ``coverage``. The cost grows with
the length of the borders; so zones can also be asked for after a run is finished.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tanhui.nep import store, tiles
from tanhui.nep.coverage import Coverage
from tanhui.nep.grid import Tile
from tanhui.nep.kernel import Block, compute
from tanhui.nep.tiles import TileTask
from tanhui.science import plausible

Array: TypeAlias = NDArray[Any]
Sums: TypeAlias = dict[tuple[int, int], Array]  # (zone's number, type): a column for each field of ``COLUMNS``
COLUMNS = 8  # cells, valid, area_m2, valid_m2, npp, rh, nep, nep_squared; then models, then flags, as in ``tiles.Row``


def added(tasks: Sequence[TileTask], tables: Mapping[str, Coverage]) -> dict[str, Sums]:
    """What each level's table adds to its zones' sums over a year's tasks, gC a-1 and m²; nothing in all."""
    sums: dict[str, Sums] = {level: {} for level in tables}
    for task in tasks:
        if any(len(table.within(*window(task.tile))[0]) for table in tables.values()):
            tile(task, tables, sums)
    return sums


def window(tile: Tile) -> tuple[int, int, int, int]:
    return tile.top, tile.left, tile.height, tile.width


def tile(task: TileTask, tables: Mapping[str, Coverage], sums: Mapping[str, Sums]) -> None:
    """Add one tile's border cells to the sums of each level, strip by strip."""
    with tiles.Inputs(task) as inputs:
        for top, left, height, width in tiles.parts(task, inputs.bytes_per_cell):
            place = Tile(0, 0, task.tile.top + top, task.tile.left + left, height, width)
            here = {level: table.within(*window(place)) for level, table in tables.items()}
            cells = np.unique(np.concatenate([local for local, _, _ in here.values()]))
            if not len(cells):
                continue
            strip = inputs.read(top, left, height, width)
            columns, types = fields(task, strip, cells, np.broadcast_to(task.grid.areas_m2(place), (height, width)))
            for level, (local, number, share) in here.items():
                at = np.searchsorted(cells, local)
                move(sums[level], number, types[at], columns[:, at] * share)


def fields(task: TileTask, strip: tiles.Strip, cells: Array, areas: Array) -> tuple[Array, Array]:
    """Columns of some cells of a strip, (columns, cells) in float64, as the tiles add them up; and the cells' types."""
    row, column = np.divmod(cells, strip.types.shape[1])
    last = None if strip.previous is None else strip.previous[row, column][None]
    block = Block(
        layers={name: numbers[:, row, column][:, None] for name, numbers in strip.layers.items()},
        types=strip.types[row, column][None],
        classes=None if strip.classes is None else strip.classes[row, column][None],
        previous=None if last is None else store.unpack(last, store.QUANTITIES["nep"]),
    )
    found = compute(task.method, block)
    there = ~np.isnan(found.nep[0])
    area = areas[row, column]
    carbon = [
        np.nan_to_num(one[0].astype(np.float64)) * area * there
        for one in (found.npp, found.rh, found.nep, *found.members)
    ]
    flags = np.where(found.flags[0] == store.QUANTITIES["flags"].nodata, plausible.NODATA, found.flags[0])
    counts = [(flags & bit) != 0 for bit in tiles.BITS]
    columns = [np.ones(len(cells)), there, area, area * there, *carbon[:3], carbon[2] ** 2, *carbon[3:], *counts]
    return np.stack([np.asarray(one, np.float64) for one in columns]), block.types[0]


def move(sums: Sums, number: Array, types: Array, columns: Array) -> None:
    """Add columns (fields, entries) to their zone and type, in order."""
    keys = number.astype(np.int64) * tiles.TYPES + types
    places, where = np.unique(keys, return_inverse=True)
    for entry, key in enumerate(places.tolist()):
        chosen = columns[:, where == entry].sum(axis=1)
        zone = divmod(key, tiles.TYPES)
        sums[zone] = sums[zone] + chosen if zone in sums else chosen


def of_row(row: tiles.Row) -> Array:
    """A tile's row as the same columns."""
    plain: Sequence[float] = (
        row.cells,
        row.valid,
        row.area_m2,
        row.valid_m2,
        row.npp,
        row.rh,
        row.nep,
        row.nep_squared,
    )
    return np.array([*plain, *row.models, *row.flags], np.float64)


def together(rows: Sequence[tiles.Row], extra: Sums) -> Iterator[tuple[int, int, Array]]:
    """Zone, type and columns of a level, its whole cells and what its borders add."""
    sums = {(row.zone, row.type): of_row(row) for row in rows}
    for key, columns in extra.items():
        sums[key] = sums[key] + columns if key in sums else columns
    for zone, kind in sorted(sums):
        yield zone, kind, sums[zone, kind]

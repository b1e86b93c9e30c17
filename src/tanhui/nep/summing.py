"""Sums of a tile by zone and type, in float64: cells are summed in runs along a row, runs by their zone and type.

The order is that of the cells in the tile, whatever the blocks they come in.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.nep.grid import Areas
from tanhui.nep.kernel import LAST, Computed
from tanhui.science import plausible

Array = NDArray[Any]
TYPES = 9  # codes of a type, 0 among them
BITS = (plausible.RH_ABOVE_RESPIRATION, plausible.IMPLAUSIBLE, plausible.JUMP, plausible.NODATA)
COUNTED = np.array(BITS[:-1])  # cells without data are those of a type that takes NPP − Rh, less those with a value
CELLS, VALID, AREA, VALID_AREA, NPP, SQUARES, MODELS = range(7)  # columns; one for each model, then those counted


class Sums:
    """Sums of one level in a tile.

    A run lies in one row and between two lines of the lattice of areas; it is weighted with the mean area of its cells,
    which differ by less than a ten thousandth, and by nothing on a geographic grid.
    """

    def __init__(self, areas: Areas, height: int, models: int, rates: Sequence[tuple[int, float]] = ()) -> None:
        self.models, self.rates = models, rates
        self.areas = np.ascontiguousarray(areas.values, np.float64)
        self.origin, self.step = areas.left, areas.step
        rows = np.arange(height)
        self.before = rows if areas.before is None else areas.before
        self.share = np.zeros(height) if areas.share is None else areas.share
        self.zones: list[int] = []  # by slot
        self.slots = np.empty(0, np.int32)  # by zone, −1 where it was not met
        self.table = np.zeros((0, MODELS + models + len(COUNTED)))  # a row for each slot and type
        self.rooms: tuple[Array, ...] = ()

    def add(self, found: Computed, types: Array, zones: Array, top: int, left: int) -> None:
        """Add a block of the tile's rows and columns from ``top`` and ``left``."""
        from tanhui.nep import compiled  # heavy, and only for workers

        self.meet(zones)
        if not self.rooms or len(self.rooms[0]) < types.size:
            kinds = (np.bool_, np.int32, np.int32, np.int32, np.float64)
            self.rooms = tuple(np.empty(types.size, kind) for kind in kinds)
        count = compiled.runs(
            zones, types, found.hole, self.slots, self.areas, self.before, self.share, self.step, left,
            self.origin + left, top, TYPES, self.table, *self.rooms,
        )  # fmt: skip
        _, starts, ends, places, weights = self.rooms
        for column, values in ((NPP, found.npp), *enumerate(found.members, MODELS)):
            compiled.add(values.reshape(-1), starts, ends, places, weights, count, self.table, column)
        compiled.add_squares(found.nep.reshape(-1), starts, ends, places, weights, count, self.table, SQUARES)
        flags, first = found.flags.reshape(-1), MODELS + self.models
        compiled.count_flags(flags, starts, ends, places, count, self.table, COUNTED, first)

    def meet(self, zones: Array) -> None:
        """Make room for the zones of a block."""
        from tanhui.nep import compiled

        most = int(zones.max())
        if most >= len(self.slots):
            self.slots = np.append(self.slots, np.full(most + 1 - len(self.slots), -1, np.int32))
        used = compiled.number(zones, self.slots, len(self.zones))
        if used > len(self.zones):
            met = np.flatnonzero(self.slots >= len(self.zones))
            self.zones += met[np.argsort(self.slots[met])].tolist()
        if used * TYPES > len(self.table):
            more = np.zeros((max(used * TYPES, 2 * len(self.table)) - len(self.table), self.table.shape[1]))
            self.table = np.concatenate([self.table, more])

    def __iter__(self) -> Iterator[tuple[int, int, list[float]]]:
        """Zone, type and, in order: cells, valid, area, valid area, NPP, NEP, its squares, each model, flags."""
        rates = dict(self.rates)
        for slot in np.argsort(self.zones, kind="stable").tolist():
            for kind in range(TYPES):
                cells, valid, area, there, npp, squares, *rest = self.table[slot * TYPES + kind].tolist()
                if not cells:
                    continue
                rh, flags = rest[: self.models], rest[self.models :]
                if kind > LAST:  # a type counted by a rate has neither NPP nor respiration
                    npp, rh = 0.0, [0.0] * self.models
                nep = rates[kind] * there if kind in rates else npp - sum(rh) / self.models
                lacking = cells - valid if kind <= LAST else 0.0
                yield self.zones[slot], kind, [cells, valid, area, there, npp, nep, squares, *rh, *flags, lacking]

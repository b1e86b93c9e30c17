"""Sums of a tile by zone and type, in float64: cells are summed in runs along a row, runs by their zone and type."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.nep.grid import Areas
from tanhui.nep.kernel import LAST, Computed
from tanhui.science import plausible

Array = NDArray[Any]
TYPES = 9  # codes of a type, 0 among them
DENSE = 1 << 16  # keys between the least and the greatest of a strip up to which they are not sorted
BITS = (plausible.RH_ABOVE_RESPIRATION, plausible.IMPLAUSIBLE, plausible.JUMP, plausible.NODATA)
FIXED = 7  # columns before those of the models: cells, valid, area, valid area, NPP, NEP, NEP squared


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of cells of one zone and type in one row, all with an NEP or all without.

    ``starts``: the first cell of each; ``keys``: (zone · 9 + type) · 2, and 1 more where there is no NEP; ``fluxes``:
    Σ NPP, Rh of each model, NEP²; ``flagged``: cells by number of the bit, of those seen at all.
    """

    starts: Array
    keys: Array
    fluxes: Sequence[Array]
    flagged: Mapping[int, Array]


def runs(found: Computed, types: Array, zones: Mapping[str, Array], breaks: Array) -> dict[str, Runs]:
    """A block's cells by level, summed in runs that end at every one of the columns ``breaks``."""
    marks = np.left_shift(types, 1)
    np.bitwise_or(marks, found.hole.view(np.uint8), out=marks)
    apart = np.empty(types.shape, bool)  # from the cell before
    np.not_equal(marks[:, 1:], marks[:, :-1], out=apart[:, 1:])
    apart[:, 0] = True
    apart[:, breaks] = True
    fluxes = [values.ravel() for values in (found.npp, *found.members)]
    fluxes.append(np.multiply(found.nep, found.nep, dtype=np.float64).ravel())
    seen = int(np.bitwise_or.reduce(found.flags, axis=None))
    flagged = {
        number: ((found.flags & bit) != 0).ravel()
        for number, bit in enumerate(BITS)
        if seen & bit and bit != plausible.NODATA
    }
    made = {}
    for level, numbers in zones.items():
        changes = apart.copy()
        changes[:, 1:] |= numbers[:, 1:] != numbers[:, :-1]
        starts = np.flatnonzero(changes)
        keys = numbers.ravel().take(starts).astype(np.int64) * (2 * TYPES) + marks.ravel().take(starts)
        made[level] = Runs(
            starts,
            keys,
            [np.add.reduceat(values, starts, dtype=np.float64) for values in fluxes],
            {number: np.add.reduceat(cells, starts, dtype=np.float64) for number, cells in flagged.items()},
        )
    return made


class Sums:
    """Sums of one level, by zone · 9 + type."""

    def __init__(self, models: int, rates: Sequence[tuple[int, float]] = ()) -> None:
        self.models = models
        self.rates = rates
        self.by_key: dict[int, Array] = {}

    def add(
        self, blocks: Sequence[tuple[int, Runs]], areas: Areas, top: int, left: int, shape: tuple[int, int]
    ) -> None:
        """Add a strip at a place in its tile: its blocks with the number of the first row of each.

        A run is weighted with the mean area of its cells. It lies in one row and is short enough: they differ by less
        than a ten thousandth, and by nothing on a geographic grid.
        """
        height, width = shape
        starts = np.concatenate([block.starts + first * width for first, block in blocks])
        cells = np.diff(starts, append=height * width)
        row = starts // width
        column = starts - row * width + left
        area = areas.mean(row + top, column, column + cells - 1)
        keys = np.concatenate([block.keys for _, block in blocks])
        places, where = numbered(keys >> 1)
        where = where * 2 + (keys & 1)

        def by_key(values: Array) -> Array:
            """Sums with an NEP, and without."""
            return np.bincount(where, values, 2 * len(places)).reshape(-1, 2)

        def flux(number: int) -> Array:
            return np.concatenate([block.fluxes[number] for _, block in blocks])

        whole = cells * area
        counts, extents = by_key(cells), by_key(whole)
        kinds = places % TYPES
        computed = kinds <= LAST  # a type counted by a rate has neither NPP nor respiration
        npp, *rh = (np.where(computed, by_key(flux(one) * area)[:, 0], 0) for one in range(1 + self.models))
        nep = npp - sum(rh) / self.models
        squared = by_key(flux(1 + self.models) * area * area)[:, 0]
        for kind, rate in self.rates:
            here = kinds == kind
            nep[here] = rate * extents[here, 0]
        sums = np.zeros((len(places), FIXED + self.models + len(BITS)))
        columns = (counts.sum(1), counts[:, 0], extents.sum(1), extents[:, 0], npp, nep, squared, *rh)
        for number, values in enumerate(columns):
            sums[:, number] = values
        for number, bit in enumerate(BITS):
            if bit == plausible.NODATA:
                sums[computed, FIXED + self.models + number] = counts[computed, 1]
            elif any(number in block.flagged for _, block in blocks):
                flagged = [block.flagged.get(number, np.zeros(len(block.keys))) for _, block in blocks]
                sums[:, FIXED + self.models + number] = by_key(np.concatenate(flagged)).sum(1)
        for each in np.flatnonzero(sums[:, 0]).tolist():
            key = int(places[each])
            if key in self.by_key:
                self.by_key[key] += sums[each]
            else:
                self.by_key[key] = sums[each].copy()

    def __iter__(self) -> Iterator[tuple[int, int, list[float]]]:
        """Zone, type and columns, in order."""
        for key in sorted(self.by_key):
            yield *divmod(key, TYPES), self.by_key[key].tolist()


def numbered(keys: Array) -> tuple[Array, Array]:
    """Keys in order, and for each of the given ones its place among them."""
    least = int(keys.min())
    span = int(keys.max()) - least + 1
    if span <= DENSE:
        return np.arange(least, least + span), keys - least
    places, where = np.unique(keys, return_inverse=True)
    return places, where

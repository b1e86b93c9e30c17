"""Sums by zone and type: those of the cells, whatever the blocks they come in."""

import math

import numpy as np
import pytest

from tanhui.nep import kernel, summing
from tanhui.nep.grid import Grid, Tile
from tanhui.science import plausible

HEIGHT, WIDTH = 40, 90
PLACES = {
    "degrees": Grid("EPSG:4490", (0.01, 0, 120.0, 0, -0.01, 30.4), WIDTH, HEIGHT),
    "metres": Grid("EPSG:4549", (250.0, 0, 400_000.0, 0, -250.0, 3_400_000.0), WIDTH, HEIGHT),
}
RATES = ((6, 55.0),)


def found(seed=1, models=2):
    """A computed tile with holes, flags and a declared rate, and its types."""
    rng = np.random.default_rng(seed)
    shape = (HEIGHT, WIDTH)
    types = np.repeat(np.repeat(rng.integers(0, 9, (10, 30)), 4, 0), 3, 1).astype(np.uint8)
    hole = (rng.random(shape) < 0.05) | (types < 1) | (types > 6)
    members = tuple(rng.normal(300, 80, shape).astype(np.float32) for _ in range(models))
    npp = rng.normal(600, 90, shape).astype(np.float32)
    nep = np.where(types == 6, np.float32(55), npp - np.mean(members, axis=0, dtype=np.float32)).astype(np.float32)
    nep[hole] = np.nan
    flags = np.where(rng.random(shape) < 0.1, rng.integers(0, 8, shape), 0).astype(np.uint8) * ~hole
    flags = np.where(hole & (types <= kernel.LAST), plausible.NODATA, flags).astype(np.uint8)
    return kernel.Computed(npp, members[0], nep, members[0], members, flags, hole, RATES), types


def zones(dtype=np.uint16, most=7, seed=5):
    return np.repeat(np.random.default_rng(seed).integers(0, most, (HEIGHT, WIDTH // 5)), 5, 1).astype(dtype)


def part(one, rows):
    fields = ("npp", "rh", "nep", "spread", "flags", "hole")
    cut = {name: np.ascontiguousarray(getattr(one, name)[rows]) for name in fields}
    return kernel.Computed(**cut, members=tuple(np.ascontiguousarray(each[rows]) for each in one.members))


def summed(grid, one, types, numbers, rows=HEIGHT, columns=WIDTH):
    areas = grid.areas(Tile(0, 0, 0, 0, HEIGHT, WIDTH))
    sums = summing.Sums(areas, HEIGHT, len(one.members), RATES)
    for top in range(0, HEIGHT, rows):
        cut = slice(top, top + rows)
        sums.add(part(one, cut), types[cut], numbers[cut], top, 0)
    return {(zone, kind): columns for zone, kind, columns in sums}


def by_hand(grid, one, types, numbers):
    """Each column from the cells of a zone and type, with the area of each cell."""
    areas = np.broadcast_to(grid.areas_m2(Tile(0, 0, 0, 0, HEIGHT, WIDTH)), types.shape)
    rates, made = dict(RATES), {}
    for zone in np.unique(numbers).tolist():
        for kind in np.unique(types).tolist():
            here = (numbers == zone) & (types == kind)
            if not here.any():
                continue
            valid = here & ~one.hole
            area = math.fsum(areas[valid])
            fluxes = [math.fsum(values[valid].astype(float) * areas[valid]) for values in (one.npp, *one.members)]
            if kind > kernel.LAST:
                fluxes = [0.0] * len(fluxes)
            nep = rates[kind] * area if kind in rates else fluxes[0] - np.mean(fluxes[1:])
            squares = math.fsum((one.nep[valid].astype(float) * areas[valid]) ** 2)
            counts = [int((one.flags[here] & bit != 0).sum()) for bit in summing.BITS]
            made[zone, kind] = [
                here.sum(), valid.sum(), math.fsum(areas[here]), area, fluxes[0], nep, squares, *fluxes[1:], *counts
            ]  # fmt: skip
    return made


class TestSums:
    @pytest.mark.parametrize("place", PLACES)
    @pytest.mark.parametrize("models", [1, 2, 3])
    def test_are_those_of_the_cells(self, place, models):
        one, types = found(models=models)
        expected = by_hand(PLACES[place], one, types, zones())
        got = summed(PLACES[place], one, types, zones())
        assert got.keys() == expected.keys()
        for key, columns in got.items():
            assert columns == pytest.approx(expected[key], rel=1e-6), key

    def test_come_in_the_order_of_zones_and_types(self):
        one, types = found()
        keys = list(summed(PLACES["metres"], one, types, zones()))
        assert keys == sorted(keys)
        assert len(keys) > 40

    @pytest.mark.parametrize("rows", [1, 7, 16])
    def test_do_not_change_by_a_bit_with_the_blocks(self, rows):
        one, types = found()
        assert summed(PLACES["metres"], one, types, zones(), rows) == summed(PLACES["metres"], one, types, zones())

    @pytest.mark.parametrize("dtype", [np.uint8, np.uint32])
    def test_do_not_change_with_how_zones_are_stored(self, dtype):
        one, types = found()
        assert summed(PLACES["degrees"], one, types, zones(dtype)) == summed(PLACES["degrees"], one, types, zones())

    def test_hold_zones_far_apart(self):
        one, types = found()
        few, many = zones(np.uint32), zones(np.uint32) * 70_001
        expected = {
            (zone * 70_001, kind): row for (zone, kind), row in summed(PLACES["degrees"], one, types, few).items()
        }
        assert summed(PLACES["degrees"], one, types, many, 4) == expected

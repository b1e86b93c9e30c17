"""Loops over the cells of a block, compiled: each goes through its cells once, where arrays would go through them many
times. Formulas are those of ``tanhui.science``; results are those of ``kernel`` to the last bit.

Only workers import this (``compiling``). Nothing is reassociated or fused (no ``fastmath``), so that a cell's number
depends on the cell alone.
"""

from functools import partial
from typing import Any

import numpy as np

from tanhui.nep.kernel import FIRST, LAST
from tanhui.science import casa, compiling, evapotranspiration, plausible
from tanhui.science.compiling import inlined

WHOLE = ("int16[::1]", "uint16[::1]", "uint8[::1]")
SOURCES = (__file__, casa.__file__, evapotranspiration.__file__, plausible.__file__)  # decide the code
KEPT = compiling.kept(__name__, SOURCES, f"{FIRST} {LAST}")
compiled = partial(compiling.compiled, KEPT)

power_of = inlined(evapotranspiration.power_of)
radiation_of = inlined(evapotranspiration.radiation_of)
actual_of = inlined(evapotranspiration.actual_of)
water_of = inlined(evapotranspiration.water_of)
product = inlined(casa.product)
beyond = inlined(plausible.beyond)
jumps = inlined(plausible.jumps)
F4 = np.float32


# -- holes, respiration ------------------------------------------------------------------------------------------------


@compiled(*(f"void({one}, int64, boolean[::1])" for one in WHOLE))
def lose(numbers: Any, nodata: Any, gone: Any) -> None:
    """Mark where there is no data."""
    for i in range(numbers.size):
        gone[i] |= numbers[i] == nodata


@compiled("void(int16[::1], uint16[::1], float32[::1], float32[::1], float32, boolean, boolean, float32[::1])")
def respire(t: Any, p: Any, warm: Any, wet: Any, factor: Any, times: Any, more: Any, total: Any) -> None:
    """A month of a model from tables of its terms, put into ``total`` or (``more``) added."""
    for i in range(t.size):
        one, other = warm[np.uint16(t[i])], wet[p[i]]
        month = (one * other if times else one + other) * factor
        total[i] = total[i] + month if more else month


@compiled("void(int16[::1], uint16[::1], float32[::1], float32[::1], float32[::1], float32, boolean, float32[::1])")
def respire_from_soil(t: Any, p: Any, warm: Any, wet: Any, soil: Any, factor: Any, more: Any, total: Any) -> None:
    """The same of a product of three terms."""
    for i in range(t.size):
        month = warm[np.uint16(t[i])] * wet[p[i]] * soil[i] * factor
        total[i] = total[i] + month if more else month


# -- assimilation ------------------------------------------------------------------------------------------------------


@compiled("void(int16[::1], int16[::1], float32[::1], boolean, float32[::1], int16[::1], int16[::1])")
def warm(t: Any, ndvi: Any, heat: Any, more: Any, index: Any, greenest: Any, optimum: Any) -> None:
    """Add a month to the heat index and to what is known of the greenest month."""
    for i in range(t.size):
        share = heat[np.uint16(t[i])]
        index[i] = index[i] + share if more else share
        greener = ndvi[i] > greenest[i] or not more
        greenest[i] = ndvi[i] if greener else greenest[i]
        optimum[i] = t[i] if greener else optimum[i]


@compiled("void(int16[::1], float32[::1], float32[::1], float32[::1], float32[::1])")
def power(t: Any, logarithm: Any, log_index: Any, exponent: Any, out: Any) -> None:
    """The logarithm of a month's share of potential evapotranspiration."""
    for i in range(t.size):
        out[i] = power_of(logarithm[np.uint16(t[i])], log_index[i], exponent[i])


@compiled("void(uint16[::1], float32, float32[::1], float32[::1])")
def wet(p: Any, mm: Any, share: Any, out: Any) -> None:
    """A month's water scalar from rain and the ``share`` of potential evapotranspiration."""
    for i in range(p.size):
        rain, potential = F4(p[i]) * mm, share[i] * F4(16)
        out[i] = water_of(actual_of(rain, radiation_of(potential, rain, F4), F4), potential, F4)


@compiled("void(int16[::1], int32[::1], float32[::1], float32[::1])")
def absorb(ndvi: Any, zero: Any, table: Any, out: Any) -> None:
    """FPAR, by NDVI, in the row of the cell's class."""
    last = np.int32(table.size - 1)
    for i in range(ndvi.size):
        out[i] = table[min(max(zero[i] + np.int32(ndvi[i]), np.int32(0)), last)]


@compiled("void(int16[::1], int16[::1], float32[::1], float32[::1])")
def moderate(t: Any, optimum: Any, table: Any, out: Any) -> None:
    """T2, by how far a month is from the optimum."""
    middle = np.int32(table.size // 2)
    for i in range(t.size):
        place = np.int32(t[i]) - np.int32(optimum[i]) + middle
        out[i] = table[min(max(place, np.int32(0)), np.int32(2 * middle))]


@compiled(
    "void(int16[::1], float32, uint16[::1], float32, float32[::1], float32[::1], float32[::1], float32[::1],"
    " float32[::1], float32[::1])"
)
def grow(
    t: Any, degree: Any, sol: Any, joule: Any, absorbed: Any, eps_max: Any, t_1: Any, w: Any, t_2: Any, total: Any
) -> None:
    """Add a month's NPP."""
    for i in range(t.size):
        month = product(absorbed[i], F4(sol[i]) * joule, eps_max[i], t_1[i], w[i], t_2[i], F4)
        frozen = F4(t[i]) * degree <= F4(casa.FROZEN) and month == month
        total[i] += F4(0) if frozen else month


# -- NEP, flags and numbers to be stored -------------------------------------------------------------------------------


@compiled(
    "void(float32[::1], float32[::1], uint8[::1], float32[::1], float32[::1], boolean[::1], float32[::1], uint8[::1])"
)
def conclude(npp: Any, rh: Any, types: Any, gpp: Any, previous: Any, hole: Any, nep: Any, flags: Any) -> None:
    """NEP and flags; a hole where either is missing or no NEP is due. ``gpp`` and ``previous`` may be empty."""
    for i in range(npp.size):
        net = npp[i] - rh[i]
        gone = hole[i] or net != net or types[i] < FIRST or types[i] > LAST
        most = gpp[i] if gpp.size else npp[i] * F4(plausible.GPP_OF_NPP)
        bits = plausible.RH_ABOVE_RESPIRATION if rh[i] > most else 0
        bits |= plausible.IMPLAUSIBLE if beyond(net) else 0
        if previous.size:
            bits |= plausible.JUMP if jumps(net, previous[i], F4) else 0
        lacking = plausible.NODATA if types[i] <= LAST else 0
        flags[i] = lacking if gone else bits
        nep[i] = F4(np.nan) if gone else net
        hole[i] = gone


@compiled(*(f"void(float32[::1], float32, float32, float32, int64, boolean[::1], {one})" for one in WHOLE[:2]))
def pack(values: Any, times: Any, low: Any, high: Any, nodata: Any, hole: Any, out: Any) -> None:
    """Numbers to be stored, rounded half to even and cut to their limits; nodata in the holes."""
    for i in range(values.size):
        value = F4(0) if hole[i] else values[i] * times
        number = np.int32(min(max(np.rint(value), low), high))
        out[i] = nodata if hole[i] else number


@compiled("void(int16[::1], int64, boolean[::1], int16[::1])")
def carry(numbers: Any, nodata: Any, hole: Any, out: Any) -> None:
    """Numbers as they were stored; nodata in the holes."""
    for i in range(numbers.size):
        out[i] = nodata if hole[i] else numbers[i]


# -- sums --------------------------------------------------------------------------------------------------------------

ZONES = ("uint8[:, ::1]", "uint16[:, ::1]", "uint32[:, ::1]")


@compiled(*(f"int64({one}, int32[::1], int64)" for one in ZONES))
def number(zones: Any, slots: Any, used: Any) -> Any:
    """Give a slot to each zone that has none (−1); how many are used."""
    for row in range(zones.shape[0]):
        for column in range(zones.shape[1]):
            zone = zones[row, column]
            if slots[zone] < 0:
                slots[zone] = used
                used += 1
    return used


@compiled(
    *(
        f"int64({one}, uint8[:, ::1], boolean[:, ::1], int32[::1], float64[:, ::1], int64[::1], float64[::1], int64,"
        " int64, int64, int64, int64, float64[:, ::1], boolean[::1], int32[::1], int32[::1], int32[::1], float64[::1])"
        for one in ZONES
    )
)
def runs(
    zones: Any, types: Any, hole: Any, slots: Any, areas: Any, before: Any, share: Any, step: Any, left: Any,
    offset: Any, top: Any, kinds: Any, table: Any, parted: Any, starts: Any, ends: Any, places: Any, weights: Any,
) -> Any:  # fmt: skip
    """Runs of cells of one zone and type in one row, all with an NEP or all without, none across a line of the lattice
    of areas. Adds cells and areas to the table and notes those with an NEP: start, end, row of the table and mean area
    of a cell. How many there are.

    ``top`` and ``left`` are the first row and column of ``areas``, which is as in ``grid.Areas``; ``offset`` is the
    first column's distance from a line; ``parted`` is room for a row.
    """
    count = 0
    height, width = types.shape
    across = areas.shape[1]
    for row in range(height):
        line, part = before[top + row], share[top + row]
        zone, kind, empty = zones[row], types[row], hole[row]
        for i in range(1, width):  # without a branch: many cells at once
            parted[i] = (zone[i] != zone[i - 1]) | (kind[i] != kind[i - 1]) | (empty[i] != empty[i - 1])
        start, stop = 0, min(width, step - offset % step)
        for end in range(1, width + 1):
            if end < stop and not parted[end]:
                continue
            if across == 1:
                area = areas[line, 0]
            else:
                first, last = left + start, left + end - 1
                one = areas[line, first] * (1 - part) + areas[line + 1, first] * part
                other = areas[line, last] * (1 - part) + areas[line + 1, last] * part
                area = (one + other) / 2
            place = slots[zone[start]] * kinds + kind[start]
            cells = end - start
            table[place, 0] += cells
            table[place, 2] += cells * area
            if not empty[start]:
                table[place, 1] += cells
                table[place, 3] += cells * area
                starts[count], ends[count] = row * width + start, row * width + end
                places[count], weights[count] = place, area
                count += 1
            start = end
            if end == stop:
                stop = min(width, end + step - (end + offset) % step)
    return count


RUNS = "int32[::1], int32[::1], int32[::1], float64[::1], int64, float64[:, ::1], int64"


@compiled(f"void(float32[::1], {RUNS})")
def add(values: Any, starts: Any, ends: Any, places: Any, weights: Any, count: Any, table: Any, column: Any) -> None:
    """Add the cells of the runs, times their area, to a column of the table."""
    for run in range(count):
        total = 0.0
        for value in values[starts[run] : ends[run]]:
            total += value
        table[places[run], column] += total * weights[run]


@compiled(f"void(float32[::1], {RUNS})")
def add_squares(
    values: Any, starts: Any, ends: Any, places: Any, weights: Any, count: Any, table: Any, column: Any
) -> None:
    """Add the squares of cells times their area."""
    for run in range(count):
        total = 0.0
        for value in values[starts[run] : ends[run]]:
            total += np.float64(value) * np.float64(value)
        table[places[run], column] += total * weights[run] * weights[run]


@compiled("void(uint8[::1], int32[::1], int32[::1], int32[::1], int64, float64[:, ::1], int64[::1], int64)")
def count_flags(
    flags: Any, starts: Any, ends: Any, places: Any, count: Any, table: Any, bits: Any, column: Any
) -> None:
    """Count the cells of each bit, in columns one after the other."""
    for run in range(count):
        for said in flags[starts[run] : ends[run]]:
            if said:
                for number in range(bits.size):
                    if said & bits[number]:
                        table[places[run], column + number] += 1

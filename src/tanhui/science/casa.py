"""Net primary production by the improved CASA (朱文泉), month by month: light absorbed times the efficiency of its use.

    NPP = SOL · 0.5 · FPAR · T1 · T2 · W · eps_max

as written out in 潘竞虎 et al. 2017 (生态学报 37(6), ChinaXiv 201704.00147), with the sign of T2's second bracket as in
public code: the printed minus would make T2 grow beyond the optimum. Sources of each coefficient and where they
disagree: docs/algorithms/nep-science.md. **CASA's efficiency is for NPP in gC; MOD17's is for GPP in kgC: never mix.**

A year of a block: ``warm`` sums the heat index and finds the optimum, then ``month`` for each month.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tanhui.science import evapotranspiration, units
from tanhui.science.evapotranspiration import actual_of, radiation_of, water_of
from tanhui.science.units import Block, Floats, unchecked

Scratch: TypeAlias = tuple[Floats, Floats]

PAR_OF_SOLAR = 0.5  # share of solar radiation that plants can use
LOWEST_FPAR, HIGHEST_FPAR = 0.001, 0.95
OPTIMUM_T2 = 1.184 / (1 + np.exp(-2.0)) / (1 + np.exp(-3.0))  # T2 at the optimum, 0.993405
FROZEN = -10.0  # degC: no growth
ABOVE, BELOW = 10.0, 13.0  # degC from the optimum, beyond which T2 is half of its best


@dataclass(frozen=True)
class Class:
    """Efficiency of light use (gC MJ-1) and the bounds of NDVI and of the simple ratio of one class of land cover."""

    eps_max: float
    ndvi_min: float = 0.023
    ndvi_max: float = 0.634
    sr_min: float = 1.05
    sr_max: float = 4.46


# By IGBP class. Zhu et al. 2006/2007 as public code has them (grade B). Sources disagree on 5 (0.475, 0.728, 0.768),
# 6 (0.429, 0.494) and on 13, 16, 17, for which no NEP is computed.
ZHU_2007: Mapping[int, Class] = {
    1: Class(0.389, ndvi_max=0.647, sr_max=4.67),
    2: Class(0.985, ndvi_max=0.676, sr_max=5.17),
    3: Class(0.485, ndvi_max=0.738, sr_max=6.63),
    4: Class(0.692, ndvi_max=0.747, sr_max=6.91),
    5: Class(0.728, ndvi_max=0.702, sr_max=5.845),
    6: Class(0.429, ndvi_max=0.636, sr_max=4.49),
    7: Class(0.429),
    8: Class(0.542),
    9: Class(0.542),
    10: Class(0.542),
    11: Class(0.542),
    12: Class(0.542),
    13: Class(0.196),
    14: Class(0.542),
    16: Class(0.217),
    17: Class(0.296),
}
# The set of BIOME-BGC that the same paper uses instead: up to 2.6 times as large.
_BIOME_BGC_EPS = {
    **dict.fromkeys([1, 3], 1.008),
    **dict.fromkeys([2, 4, 5], 1.044),
    **dict.fromkeys([6, 7], 0.768),
    **dict.fromkeys([8, 9, 10, 11], 0.608),
    **dict.fromkeys([12, 14], 0.604),
    16: 0.389,
}
BIOME_BGC: Mapping[int, Class] = {
    code: Class(eps, ZHU_2007[code].ndvi_min, ZHU_2007[code].ndvi_max, ZHU_2007[code].sr_min, ZHU_2007[code].sr_max)
    for code, eps in _BIOME_BGC_EPS.items()
}
TABLES: Mapping[str, Mapping[int, Class]] = {"zhu2007": ZHU_2007, "biome_bgc": BIOME_BGC}

# The IGBP class that stands for a type of ecosystem where land cover knows no more than the type.
TYPE_CLASS: Mapping[int, int] = {1: 5, 2: 6, 3: 10, 4: 11, 5: 12}


@dataclass(frozen=True)
class Light:
    """Coefficients of each cell of a block, gathered once for the year; float32."""

    eps_max: Floats
    ndvi_min: Floats
    ndvi_max: Floats
    sr_min: Floats
    sr_max: Floats


@dataclass(frozen=True)
class Lookup:
    """A table of classes as one row of 256 values for each coefficient; not a number where there is no class."""

    rows: NDArray[np.float32]

    def take(self, classes: NDArray[np.integer[Any]]) -> Light:
        """Coefficients of a block of class codes (uint8)."""
        return Light(*(row[classes] for row in self.rows))


def lookup(table: Mapping[int, Class] = ZHU_2007, *, types: bool = False) -> Lookup:
    """Coefficients by IGBP class, or (``types``) by type of ecosystem 1 to 5 through ``TYPE_CLASS``."""
    chosen = {kind: table[code] for kind, code in TYPE_CLASS.items()} if types else table
    rows = np.full((5, 256), np.nan, dtype=np.float32)
    for code, one in chosen.items():
        rows[:, code] = (one.eps_max, one.ndvi_min, one.ndvi_max, one.sr_min, one.sr_max)
    return Lookup(rows)


def _scaled(x: Block, low: Block, high: Block, out: Floats, scratch: Floats) -> None:
    np.subtract(x, low, out=out)
    np.subtract(high, low, out=scratch)
    np.divide(out, scratch, out=out)
    np.multiply(out, HIGHEST_FPAR - LOWEST_FPAR, out=out)
    np.add(out, LOWEST_FPAR, out=out)
    np.clip(out, LOWEST_FPAR, HIGHEST_FPAR, out=out)


@units.of(ndvi="NDVI", returns="fraction")
def fpar(
    ndvi: Block, light: Light | Class, out: Floats | None = None, scratch: Scratch | None = None, share: float = 0.5
) -> Floats:
    """Fraction of usable light absorbed: ``share`` by NDVI, the rest by the simple ratio (1 + NDVI)/(1 − NDVI), each
    scaled from its 5 % to its 95 % quantile of the class onto 0.001 to 0.95 and clamped."""
    out = units.room(ndvi, light.ndvi_max, out=out)
    other, ratio = scratch or (np.empty_like(out), np.empty_like(out))
    _scaled(ndvi, light.ndvi_min, light.ndvi_max, out, other)
    np.minimum(ndvi, 0.999, out=ratio)
    np.subtract(1, ratio, out=other)
    np.add(ratio, 1, out=ratio)
    np.divide(ratio, other, out=ratio)
    _scaled(ratio, light.sr_min, light.sr_max, ratio, other)
    np.multiply(out, share, out=out)
    np.multiply(ratio, 1 - share, out=ratio)
    np.add(out, ratio, out=out)
    return out


@units.of(optimum="degC", returns="fraction")
def t1(optimum: Block, out: Floats | None = None) -> Floats:
    """T1 = 0.8 + 0.02·Topt − 0.0005·Topt²: plants of cold and of hot places grow less well at their best."""
    out = units.room(optimum, out=out)
    np.multiply(optimum, -0.0005, out=out)
    np.add(out, 0.02, out=out)
    np.multiply(out, optimum, out=out)
    np.add(out, 0.8, out=out)
    return out


@units.of(t_c="degC", optimum="degC", returns="fraction")
def t2(t_c: Block, optimum: Block, out: Floats | None = None, scratch: Scratch | None = None) -> Floats:
    """T2 = 1.184 / {1 + exp[0.2·(Topt − 10 − T)]} / {1 + exp[0.3·(−Topt − 10 + T)]}; half of its value at the optimum
    where T lies more than 10 above or 13 below Topt. degC; T2(Topt) = 0.9934."""
    out = units.room(t_c, optimum, out=out)
    away, other = scratch or (np.empty_like(out), np.empty_like(out))
    np.subtract(t_c, optimum, out=away)
    np.add(away, 10, out=out)
    np.multiply(out, -0.2, out=out)
    np.exp(out, out=out)
    np.add(out, 1, out=out)
    np.subtract(away, 10, out=other)
    np.multiply(other, 0.3, out=other)
    np.exp(other, out=other)
    np.add(other, 1, out=other)
    np.multiply(out, other, out=out)
    np.divide(1.184, out, out=out)
    np.copyto(out, OPTIMUM_T2 / 2, where=(away > ABOVE) | (away < -BELOW))
    return out


def epsilon(t_1: Block, t_2: Block, w: Block, eps_max: Block, out: Floats | None = None) -> Floats:
    """eps = T1·T2·W·eps_max, gC MJ-1."""
    out = np.multiply(t_1, t_2, out=units.room(t_1, t_2, w, eps_max, out=out))
    np.multiply(out, w, out=out)
    return np.multiply(out, eps_max, out=out)


@units.of(sol="MJ m-2 month-1", absorbed="fraction", eps="gC MJ-1", returns="gC m-2 month-1")
def npp(sol: Block, absorbed: Block, eps: Block, out: Floats | None = None) -> Floats:
    """NPP = SOL·0.5·FPAR·eps: solar radiation (MJ m-2 month-1), fraction and gC MJ-1 give gC m-2 month-1."""
    out = np.multiply(sol, absorbed, out=units.room(sol, absorbed, eps, out=out))
    np.multiply(out, eps, out=out)
    return np.multiply(out, PAR_OF_SOLAR, out=out)


@dataclass(frozen=True)
class Warmth:
    """What a year's temperatures say before its months are computed: heat index, exponent, optimum, T1."""

    index: Floats
    exponent: Floats
    optimum: Floats
    t1: Floats


def warm(temperatures: Sequence[Floats], greenness: Sequence[NDArray[Any]]) -> Warmth:
    """Heat index and the optimum (mean temperature of the month with the highest NDVI; of the first such month) of each
    cell. Twelve months of temperature (degC) and NDVI, scaled or not, in one order. ``ValueError`` for another number
    of months. Units are looked at by ``month``, which is given the same."""
    if len(temperatures) != 12 or len(greenness) != 12:
        raise ValueError("a year of CASA has twelve months of temperature and of NDVI")
    return warmth(warm_index(temperatures), best(temperatures, greenness))


def warm_index(temperatures: Sequence[Floats]) -> Floats:
    """The year's heat index from the temperatures (degC) of its months."""
    heat = unchecked(evapotranspiration.heat)
    index = heat(temperatures[0])
    share = np.empty_like(index)
    for t_c in temperatures[1:]:
        np.add(index, heat(t_c, share), out=index)
    return index


def best(temperatures: Sequence[NDArray[Any]], greenness: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Temperature of the month with the highest NDVI, of the first such month; both scaled or not."""
    greenest, optimum = np.array(greenness[0]), np.array(temperatures[0])
    greener = np.empty(optimum.shape, bool)
    for t_c, ndvi in zip(temperatures[1:], greenness[1:], strict=True):
        np.copyto(optimum, t_c, where=np.greater(ndvi, greenest, out=greener))
        np.maximum(greenest, ndvi, out=greenest)
    return optimum


def warmth(index: Floats, optimum: Floats) -> Warmth:
    """What follows from the heat index and the optimum (degC)."""
    return Warmth(index, evapotranspiration.exponent(index), optimum, unchecked(t1)(optimum))


def rooms(like: Floats) -> tuple[Floats, ...]:
    """Four arrays for ``month`` to work in, to be used again for the next block."""
    return tuple(np.empty_like(like) for _ in range(4))


@units.of(ndvi="NDVI", t_c="degC", p_mm="mm month-1", sol="MJ m-2 month-1", returns="gC m-2 month-1")
def month(
    ndvi: Floats,
    t_c: Floats,
    p_mm: Floats,
    sol: Floats,
    *,
    light: Light,
    warmth: Warmth,
    out: Floats | None = None,
    scratch: Sequence[Floats] | None = None,
) -> Floats:
    """NPP of one month (gC m-2 month-1) of a block: NDVI, mean temperature (degC), precipitation (mm month-1) and solar
    radiation (MJ m-2 month-1), all of one shape. 0 at or below −10 degC; not a number where any input or the class is.

    ``scratch``: four arrays of that shape, from ``rooms``, which halve the time of small blocks.
    """
    out = units.room(ndvi, t_c, p_mm, sol, out=out)
    scratch = scratch or rooms(out)
    unchecked(fpar)(ndvi, light, out, (scratch[0], scratch[1]))
    return unchecked(grown)(out, t_c, p_mm, sol, eps_max=light.eps_max, warmth=warmth, out=out, scratch=scratch)


@units.of(absorbed="fraction", t_c="degC", p_mm="mm month-1", sol="MJ m-2 month-1", returns="gC m-2 month-1")
def grown(
    absorbed: Floats,
    t_c: Floats,
    p_mm: Floats,
    sol: Floats,
    *,
    eps_max: Floats,
    warmth: Warmth,
    t_2: Floats | None = None,
    out: Floats | None = None,
    scratch: Sequence[Floats] | None = None,
) -> Floats:
    """``month`` from the fraction of light absorbed (``fpar``) instead of NDVI, and from T2 where it is at hand;
    ``out`` may be ``absorbed``."""
    out = units.room(absorbed, t_c, p_mm, sol, out=out)
    potential, other, *pair = scratch or rooms(out)
    unchecked(evapotranspiration.thornthwaite)(t_c, warmth.index, warmth.exponent, potential, other)
    moderated = unchecked(t2)(t_c, warmth.optimum, other, (pair[0], pair[1])) if t_2 is None else t_2
    watered = wetted(p_mm, potential, out.dtype.type)
    np.copyto(out, product(absorbed, sol, eps_max, warmth.t1, watered, moderated, out.dtype.type))
    frozen = np.less_equal(t_c, FROZEN)
    if frozen.any():
        np.copyto(out, 0, where=frozen & ~np.isnan(out))
    return out


def wetted(p_mm: Any, potential: Any, kind: Any) -> Any:
    """The water scalar from precipitation and potential evapotranspiration, of a number or an array."""
    actual = actual_of(p_mm, radiation_of(potential, p_mm, kind), kind)
    return water_of(actual, potential, kind)


def product(absorbed: Any, sol: Any, eps_max: Any, t_1: Any, w: Any, t_2: Any, kind: Any) -> Any:
    """NPP = SOL·0.5·FPAR·eps_max·T1·W·T2, of a number or an array."""
    return absorbed * sol * eps_max * t_1 * w * t_2 * kind(PAR_OF_SOLAR)

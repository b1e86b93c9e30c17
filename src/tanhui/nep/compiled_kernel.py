"""What ``kernel.compute`` computes, to the last bit, by compiled loops over tables.

What is stored are whole numbers of 16 bits: each term of a formula that depends on one of them has 65,536 values at
most. They are computed once by ``tanhui.science``, for every number that can be stored, and looked up.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.nep import compiled, kernel, store
from tanhui.nep.kernel import FIRST, LAST, MONTHS, SPARSE, Block, Climate, Computed, Method
from tanhui.science import casa, evapotranspiration, plausible, respiration
from tanhui.science.units import unchecked

Array = NDArray[Any]
NONE = np.empty(0, np.float32)


def compute(method: Method, block: Block) -> Computed:
    """A year of a block, as ``kernel.compute``, which computes the ways without NPP; arrays are of one piece."""
    if method.direct:
        return kernel.compute(method, block)
    due = np.subtract(block.types, np.uint8(FIRST)) <= LAST - FIRST
    if method.periods > 1 and np.count_nonzero(due) < SPARSE * due.size:
        cells = np.flatnonzero(due)
        found = kernel.spread_out(every(method, block.only(cells)), cells, block.types.shape)
        missing = np.logical_and(found.hole, block.types <= LAST)
        np.bitwise_or(found.flags, np.multiply(missing, np.uint8(plausible.NODATA)), out=found.flags)
        np.copyto(found.nep, np.nan, where=found.hole)
    else:
        found = every(method, block)
    return kernel.rated(method, block, found)


def every(method: Method, block: Block) -> Computed:
    """A year of cells of one piece; those of a type without NPP − Rh are holes."""
    shape = block.types.shape
    hole = np.zeros(block.types.size, bool)
    for name in method.reads:
        for numbers in block.layers[name]:
            compiled.lose(numbers.reshape(-1), store.QUANTITIES[name].nodata, hole)
    with np.errstate(all="ignore"):
        produced = production(method, block)
        members = tuple(respired(model, method, block, produced) for model in method.models)
        rh, spread = kernel.between(members)
    nep, flags = np.empty_like(produced), np.empty(produced.shape, np.uint8)
    gpp = block.marked("gpp").reshape(-1) if "gpp" in block.layers else NONE
    previous = NONE if block.previous is None else block.previous.reshape(-1)
    compiled.conclude(produced, rh, block.types.reshape(-1), gpp, previous, hole, nep, flags)
    each = tuple(one.reshape(shape) for one in members)
    return Computed(
        produced.reshape(shape), rh.reshape(shape), nep.reshape(shape), spread.reshape(shape), each,
        flags.reshape(shape), hole.reshape(shape), method.rates,
    )  # fmt: skip


def production(method: Method, block: Block) -> Array:
    """NPP, gC m-2 a-1, in one row."""
    if method.npp == "casa":
        return assimilated(method, block)
    bare = Climate(block, method) if method.npp == "miami" else None
    return kernel.production(method, block, bare).reshape(-1)


def pack(values: Array, encoding: store.Encoding, hole: Array) -> Array:
    """Numbers to be stored, as ``store.pack`` has them, or (``values`` of their type) as they were; ``hole`` says where
    there are none."""
    numbers = np.empty(values.shape, encoding.dtype)
    given, gone, out = values.reshape(-1), hole.reshape(-1), numbers.reshape(-1)
    if values.dtype == numbers.dtype:
        compiled.carry(given, encoding.nodata, gone, out)
    else:
        low, high = map(np.float32, encoding.limits)
        compiled.pack(given, np.float32(1 / encoding.scale), low, high, encoding.nodata, gone, out)
    return numbers


# -- respiration -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def temperatures() -> Array:
    """degC of every stored number, in the order of its bits without a sign."""
    return kernel.degrees(np.arange(1 << 16, dtype=np.uint16).view(np.int16))


@lru_cache(maxsize=8)
def terms(model: str, periods: int, q10: tuple[float, float]) -> tuple[Array, Array]:
    """What a model makes of each temperature and of each precipitation that can be stored."""
    warm, wet = np.empty(1 << 16, np.float32), np.ones(1 << 16, np.float32)
    rain = np.multiply(np.arange(1 << 16), np.float32(store.QUANTITIES["precipitation"].scale), dtype=np.float32)
    if periods == 1:
        rain /= MONTHS
    with np.errstate(all="ignore"):
        if model == "q10":
            return unchecked(respiration.q10)(temperatures(), *q10, 1.0, out=warm), wet
        said = respiration.TERMS[model]
        return said.warm(temperatures(), warm), said.wet(rain if said.mm else rain / 10, wet)


def respired(model: str, method: Method, block: Block, produced: Array) -> Array:
    """Rh of a year by one model, gC m-2 a-1, in one row."""
    if model in ("raster", kernel.RATIO):
        shaped = produced.reshape(block.types.shape)
        return kernel.respired(model, method, block, None, shaped).reshape(-1)
    warm, wet = terms(model, method.periods, method.q10)
    said = respiration.TERMS.get(model)
    total = np.empty(block.types.size, np.float32)
    soil = NONE
    if said is not None and said.soil is not None:
        soil = said.soil(block.values("soc").reshape(-1), np.empty_like(total))
    pairs = zip(block.layers["temperature"], block.layers["precipitation"], strict=True)
    for period, ((t, p), days) in enumerate(zip(pairs, kernel.days(method, model), strict=True)):
        factor = np.float32(days if said is None else said.factor(days))
        if soil.size:
            compiled.respire_from_soil(t.reshape(-1), p.reshape(-1), warm, wet, soil, factor, period > 0, total)
        else:
            times = said is None or said.times
            compiled.respire(t.reshape(-1), p.reshape(-1), warm, wet, factor, times, period > 0, total)
    if said is not None and said.annual:
        unchecked(respiration.bond_lamberty)(total, out=total)
    return total


# -- assimilation ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def tables() -> tuple[Array, Array]:
    """Share in the heat index, and ln(10·T), of every temperature that can be stored."""
    return unchecked(evapotranspiration.heat)(temperatures()), evapotranspiration.logarithm(
        temperatures(), np.empty(1 << 16, np.float32)
    )


def assimilated(method: Method, block: Block) -> Array:
    """NPP by CASA, the sum of twelve months, in one row."""
    layers: Mapping[str, list[Array]] = {
        name: [one.reshape(-1) for one in block.layers[name]]
        for name in ("ndvi", "temperature", "precipitation", "solar")
    }
    kinds = kernel.classes(method, block).reshape(-1)
    eps_max = kernel.coefficients(method.casa, method.by_type).rows[0].take(kinds)
    absorbed, zeros = kernel.absorption(method.casa, method.by_type)
    zero = zeros.astype(np.int32).take(kinds)
    heat, logarithm = tables()
    index = np.empty(kinds.shape, np.float32)
    greenest, best = np.empty(kinds.shape, np.int16), np.empty(kinds.shape, np.int16)
    for period, (ndvi, t) in enumerate(zip(layers["ndvi"], layers["temperature"], strict=True)):
        compiled.warm(t, ndvi, heat, period > 0, index, greenest, best)
    warmth = casa.warmth(index, kernel.degrees(best))
    log_index = evapotranspiration.log_index(index)
    total, share, w, fpar, t_2 = (np.zeros_like(index) for _ in range(5))
    degree, mm, joule = (np.float32(store.QUANTITIES[one].scale) for one in ("temperature", "precipitation", "solar"))
    for ndvi, t, p, sol in zip(*layers.values(), strict=True):
        compiled.power(t, logarithm, log_index, warmth.exponent, share)
        np.exp(share, out=share)
        compiled.wet(p, mm, share, w)
        compiled.absorb(ndvi, zero, absorbed, fpar)
        compiled.moderate(t, best, kernel.moderation(), t_2)
        compiled.grow(t, degree, sol, joule, fpar, eps_max, warmth.t1, w, t_2, total)
    return total

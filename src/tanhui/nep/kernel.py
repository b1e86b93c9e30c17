"""NPP, respiration and NEP of a block of cells: a pure function of stored numbers, in float32, in place.

A block is a few dozen rows of a tile, so that a year's months stay in the processor's cache.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.nep import store, units
from tanhui.science import casa, ecosystems, nep, npp, plausible, respiration
from tanhui.science.units import unchecked  # what is stored was checked when it was aligned

Array = NDArray[Any]
MONTHS = 12
RATIO = "ratio"  # the model by which respiration is what a ratio of NEP to NPP leaves of NPP
DIRECT = ("rate", "biomass")  # ways without NPP and respiration
OTHER_WAYS = ("way", "coefficients")  # fields that NPP − Rh does without
SURVEYS = ("biomass_before", "biomass_after")
SPARSE = 0.9  # share of the cells due below which those of a year of months are computed by themselves
COLDER = 15_000  # as numbers of a stored temperature: no month is further from another
FIRST, LAST = ecosystems.FOREST, ecosystems.CROP  # codes of the types that get NPP − Rh
if list(np.flatnonzero(ecosystems.COMPUTED)) != list(range(FIRST, LAST + 1)):
    raise AssertionError("the types with an NEP are no longer one after the other")


@dataclass(frozen=True, slots=True)
class Method:
    """How a year is computed: plain values, part of a task's digest.

    ``table`` names the coefficients by class: pairs of code and CUE, or the name of CASA's table; ``by_type`` says that
    a class is a type of ecosystem (1 to 8). ``rates`` are gC m-2 a-1 by type; ``q10`` is R10 (gC m-2 d-1) and Q10.

    ``way`` is the norm's method, ``coefficients`` what it takes by type: NEP/NPP (``nep_ratio``), gC m-2 a-1
    (``rate``), or gC m-2 a-1 for each t ha-1 that biomass grew between two surveys (``biomass``).
    """

    npp: str
    models: tuple[str, ...]
    year: int
    periods: int = MONTHS
    cue: tuple[tuple[int, float], ...] = ()
    casa: str = "zhu2007"
    by_type: bool = False
    rates: tuple[tuple[int, float], ...] = ()
    q10: tuple[float, float] = (0.0, 0.0)
    way: str = "nep"
    coefficients: tuple[tuple[int, float], ...] = ()

    @property
    def said(self) -> dict[str, Any]:
        """Its values by name; those of another way than NPP − Rh only where it is one."""
        values = asdict(self)
        return values if self.way != "nep" else {key: values[key] for key in values if key not in OTHER_WAYS}

    @property
    def direct(self) -> bool:
        """Whether there is neither NPP nor respiration."""
        return self.way in DIRECT

    @property
    def reads(self) -> tuple[str, ...]:
        """The layers a block needs, besides land cover."""
        if self.direct:
            return SURVEYS if self.way == "biomass" else ()
        layers = {"raster": ("npp",), "mod17": ("npp",), "gpp_cue": ("gpp",), "miami": ("temperature", "precipitation"),
                  "casa": ("ndvi", "solar", "temperature", "precipitation")}[self.npp]  # fmt: skip
        by_model = {"raster": ("rh",), "gsmsr": ("temperature", "precipitation", "soc"), RATIO: ()}
        every = [
            *layers,
            *(one for model in self.models for one in by_model.get(model, ("temperature", "precipitation"))),
        ]
        return tuple(dict.fromkeys(every))


@dataclass(slots=True)
class Block:
    """Stored numbers of a few rows: each layer by period (rows, columns), types (rows, columns), classes where used."""

    layers: Mapping[str, Sequence[Array] | Array]
    types: Array
    classes: Array | None = None
    previous: Array | None = None

    def values(self, name: str, period: int = 0) -> Array:
        """One period of a layer as float32; what stands for missing data stays a number, and is in ``lost``."""
        numbers, encoding = self.layers[name][period], store.QUANTITIES[name]
        values: Array = np.multiply(numbers, np.float32(encoding.scale), dtype=np.float32)
        return values

    def marked(self, name: str, period: int = 0) -> Array:
        """The same with NaN for missing data, for formulas that look at their units."""
        return store.unpack(self.layers[name][period], store.QUANTITIES[name])

    def only(self, cells: Array) -> "Block":
        """Some of the cells by their number, in one row."""

        def taken(numbers: Array) -> Array:
            return numbers.reshape(-1).take(cells)

        return Block(
            {name: [taken(one) for one in numbers] for name, numbers in self.layers.items()},
            taken(self.types),
            None if self.classes is None else taken(self.classes),
            None if self.previous is None else taken(self.previous),
        )

    def lost(self, names: Sequence[str]) -> Array:
        """Where any period of any of the layers has no data."""
        gone = np.zeros(self.types.shape, bool)
        here = np.empty_like(gone)
        for name in names:
            nodata = store.QUANTITIES[name].nodata
            for numbers in self.layers[name]:
                np.logical_or(gone, np.equal(numbers, nodata, out=here), out=gone)
        return gone


@dataclass(slots=True)
class Computed:
    """gC m-2 a-1, float32, and flags. Where ``hole`` is true there is no NEP and the other values mean nothing;
    ``members`` are the ensemble's, in the order of the method's models."""

    npp: Array
    rh: Array
    nep: Array
    spread: Array
    members: tuple[Array, ...]
    flags: Array
    hole: Array
    rates: tuple[tuple[int, float], ...] = ()


def compute(method: Method, block: Block) -> Computed:
    """A year of a block. Water, built-up and other land get no NEP; a type with a declared rate gets that rate."""
    # the types that get NPP − Rh follow one another, and 0 - 1 is 255
    due = np.subtract(block.types, np.uint8(FIRST)) <= LAST - FIRST
    if method.direct:
        found = counted(method, block, due)
    elif method.periods > 1 and np.count_nonzero(due) < SPARSE * due.size:  # months are dear: compute only what is due
        cells = np.flatnonzero(due)
        found = spread_out(every(method, block.only(cells)), cells, block.types.shape)
    else:
        found = every(method, block)
        np.logical_or(found.hole, ~due, out=found.hole)
    np.copyto(found.nep, np.nan, where=found.hole)
    flags = found.flags
    np.multiply(flags, ~found.hole, out=flags)  # in short runs a mask costs more than arithmetic
    missing = np.logical_and(found.hole, block.types <= LAST)
    np.bitwise_or(flags, np.multiply(missing, np.uint8(plausible.NODATA)), out=flags)
    return rated(method, block, found)


def rated(method: Method, block: Block, found: Computed) -> Computed:
    """The same with the declared rates in their places."""
    for kind, rate in method.rates:
        here = block.types == kind
        np.copyto(found.nep, np.float32(rate), where=here)
        np.copyto(found.hole, False, where=here)
    return found


def every(method: Method, block: Block) -> Computed:
    """A year of cells, whatever their type."""
    hole = block.lost(method.reads)
    with np.errstate(all="ignore"):  # missing data is computed with as if it were a number, and then left out
        climate = Climate(block, method)
        produced = production(method, block, climate)
        members = tuple(respired(model, method, block, climate, produced) for model in method.models)
        rh, spread = between(members)
        net = nep.net(produced, rh)
        np.logical_or(hole, np.isnan(net), out=hole)
        gpp = block.marked("gpp") if "gpp" in block.layers else None
        flags = plausible.flags(produced, rh, net, gpp=gpp, previous=block.previous)
    return Computed(produced, rh, net, spread, members, flags, hole, method.rates)


def counted(method: Method, block: Block, due: Array) -> Computed:
    """A year of cells by a rate of their type, or by biomass at two surveys: what stands for production and respiration
    is the rate and nothing, or what stood at the later survey and at the earlier; neither is written as such."""
    share = fractions(method.coefficients)[block.types]
    hole = ~due | np.isnan(share) | block.lost(method.reads)
    zero = np.zeros_like(share)
    after = block.values(SURVEYS[1]) * share if method.reads else share
    before = block.values(SURVEYS[0]) * share if method.reads else zero
    np.copyto(after, 0, where=hole)
    np.copyto(before, 0, where=hole)
    net = nep.net(after, before)
    flags = plausible.flags(net, zero, net, previous=block.previous) & np.uint8(plausible.IMPLAUSIBLE | plausible.JUMP)
    return Computed(after, before, net, zero, (before,), flags, hole, method.rates)


def spread_out(found: Computed, cells: Array, shape: tuple[int, ...]) -> Computed:
    """What was computed for some cells of a block, in their places; a hole everywhere else."""

    def placed(values: Array, elsewhere: float = 0) -> Array:
        whole = np.full(shape, elsewhere, values.dtype)
        whole.reshape(-1)[cells] = values
        return whole

    members = tuple(placed(one) for one in found.members)
    rh = members[0] if len(members) == 1 else placed(found.rh)
    npp_, net, spread, flags = (placed(one) for one in (found.npp, found.nep, found.spread, found.flags))
    return Computed(npp_, rh, net, spread, members, flags, placed(found.hole, True), found.rates)


def between(members: Sequence[Array]) -> tuple[Array, Array]:
    """Mean and standard deviation of the members, as ``nep.ensemble`` has them, without its extremes."""
    if len(members) > 2:
        ensemble = nep.ensemble(members)
        return ensemble.mean, ensemble.spread
    if len(members) == 1:
        return members[0], np.zeros_like(members[0])
    mean, spread = np.add(*members), np.subtract(*members)
    np.divide(mean, 2, out=mean)
    np.abs(spread, out=spread)
    np.multiply(spread, 0.5**0.5, out=spread)
    return mean, spread


class Climate:
    """Temperature and precipitation of a block's periods, unpacked once and used by every model."""

    def __init__(self, block: Block, method: Method) -> None:
        self.method = method
        needed = {"temperature", "precipitation"} <= block.layers.keys()
        periods = range(method.periods) if needed else range(0)
        self.temperature = [block.values("temperature", period) for period in periods]
        self.rain = [block.values("precipitation", period) for period in periods]
        if method.periods == 1:
            for one in self.rain:
                one /= MONTHS  # the models take a month's rain: the mean month stands for twelve

    def annual(self) -> tuple[Array, Array]:
        """Mean temperature (degC) and precipitation (mm a-1) of the year."""
        warmth = self.temperature[0].copy()
        rain = self.rain[0].copy()
        for t_c, p_mm in zip(self.temperature[1:], self.rain[1:], strict=True):
            warmth += t_c
            rain += p_mm
        warmth /= self.method.periods
        rain *= MONTHS // self.method.periods
        return warmth, rain


# -- production --------------------------------------------------------------------------------------------------------


def production(method: Method, block: Block, climate: Climate | None) -> Array:
    """NPP, gC m-2 a-1; from the climate where it follows from that."""
    if method.npp in ("raster", "mod17") or (climate is None and method.npp != "gpp_cue"):
        return block.values("npp")
    if method.npp == "gpp_cue":
        gpp = block.values("gpp")
        return unchecked(npp.from_gpp)(gpp, fractions(method.cue)[classes(method, block)], out=gpp)
    assert climate is not None, "every other way follows from the climate"
    if method.npp == "miami":
        return unchecked(npp.miami)(*climate.annual()).astype(np.float32)
    return assimilated(method, block, climate)


def classes(method: Method, block: Block) -> Array:
    return block.types if method.by_type or block.classes is None else block.classes


@lru_cache(maxsize=8)
def fractions(cue: tuple[tuple[int, float], ...]) -> Array:
    """CUE of every class in one row of 256; NaN for those without."""
    row = np.full(256, np.nan, np.float32)
    for code, value in cue:
        row[code] = value
    return row


@lru_cache(maxsize=8)
def coefficients(table: str, by_type: bool) -> casa.Lookup:
    return casa.lookup(casa.TABLES[table], types=by_type)


@lru_cache(maxsize=8)
def absorption(table: str, by_type: bool) -> tuple[Array, Array]:
    """FPAR of every NDVI that can be stored, a row of them for each class; and where among all of them the NDVI of 0 of
    each class stands. Looked up, since it takes a dozen steps to compute and there are twelve months."""
    lookup, encoding = coefficients(table, by_type), store.QUANTITIES["ndvi"]
    numbers = np.arange(round(encoding.low / encoding.scale), round(encoding.high / encoding.scale) + 1, dtype=np.int16)
    ndvi = np.multiply(numbers, np.float32(encoding.scale), dtype=np.float32)
    known = np.flatnonzero(~np.isnan(lookup.rows[0]))
    rows = [unchecked(casa.fpar)(ndvi, lookup.take(np.full(ndvi.shape, code, np.uint8))) for code in known]
    zeros = np.zeros(256, np.intp)
    zeros[known] = np.arange(len(known)) * len(ndvi) - int(numbers[0])
    return np.concatenate(rows), zeros


@lru_cache(maxsize=1)
def moderation() -> Array:
    """T2 of every difference between two stored temperatures, the month's less the optimum, from −150 to 150 degrees:
    exact where a difference of rounded degrees is not, at the edges of its steps."""
    return unchecked(casa.t2)(degrees(np.arange(-COLDER, COLDER + 1)), 0.0)


def degrees(numbers: Array) -> Array:
    """Stored temperatures as degC."""
    return np.multiply(numbers, np.float32(store.QUANTITIES["temperature"].scale), dtype=np.float32)


def assimilated(method: Method, block: Block, climate: Climate) -> Array:
    """NPP by CASA, the sum of twelve months."""
    kinds = classes(method, block)
    eps_max = coefficients(method.casa, method.by_type).rows[0].take(kinds)
    absorbed, zeros = absorption(method.casa, method.by_type)
    zero = zeros.take(kinds)
    place = np.empty_like(zero)
    green, warmth = list(block.layers["ndvi"]), list(block.layers["temperature"])
    best = casa.best(warmth, green).astype(np.int32)
    said = casa.warmth(casa.warm_index(climate.temperature), degrees(best))
    total = np.zeros(block.types.shape, np.float32)
    month, scratch = np.empty_like(total), casa.rooms(total)
    for period in range(MONTHS):
        np.add(zero, green[period], out=place)
        absorbed.take(place, out=month, mode="clip")  # missing data finds anything
        unchecked(casa.grown)(
            month, climate.temperature[period], climate.rain[period], block.values("solar", period),
            eps_max=eps_max, warmth=said, t_2=moderation().take(warmth[period] - best + COLDER, mode="clip"),
            out=month, scratch=scratch,
        )  # fmt: skip
        total += month
    return total


# -- respiration -------------------------------------------------------------------------------------------------------


def days(method: Method, model: str) -> list[float]:
    """Days of each period as a model counts them."""
    if model == "pei":
        return [respiration.MONTH * (MONTHS // method.periods)] * method.periods
    return [float(one) for one in units.days(method.year, method.periods)]


def respired(model: str, method: Method, block: Block, climate: Climate | None, produced: Array) -> Array:
    """Rh of a year by one model, gC m-2 a-1."""
    if model == "raster":
        return block.values("rh")
    if climate is None or model == RATIO:
        rest: Array = produced * (1 - fractions(method.coefficients)[block.types])
        return rest
    total, month, scratch = (np.empty(block.types.shape, np.float32) for _ in range(3))
    soc = block.values("soc") if model == "gsmsr" else scratch
    each = zip(climate.temperature, climate.rain, days(method, model), strict=True)
    for period, (t_c, p_mm, length) in enumerate(each):
        one = month if period else total
        if model == "pei":
            unchecked(respiration.pei)(t_c, p_mm, length, out=one, scratch=scratch)
        elif model == "q10":
            unchecked(respiration.q10)(t_c, *method.q10, length, out=one)
        elif model == "gsmsr":
            unchecked(respiration.gsmsr)(t_c, p_mm / 10, soc, length, out=one, scratch=scratch)
        else:
            unchecked(respiration.raich_potter)(t_c, p_mm / 10, length, out=one, scratch=scratch)
        if period:
            total += month
    if model in ("gsmsr", "raich_potter_bond_lamberty"):
        unchecked(respiration.bond_lamberty)(total, out=total)
    return total

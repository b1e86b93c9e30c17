"""NPP, respiration and NEP of a block of cells: a pure function of stored numbers, in float32, in place.

A block is a few dozen rows of a tile, so that a year's months stay in the processor's cache.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.nep import store, units
from tanhui.science import casa, ecosystems, nep, npp, plausible, respiration

Array = NDArray[Any]
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Method:
    """How a year is computed: plain values, part of a task's digest.

    ``table`` names the coefficients by class: pairs of code and CUE, or the name of CASA's table; ``by_type`` says that
    a class is a type of ecosystem (1 to 8). ``rates`` are gC m-2 a-1 by type; ``q10`` is R10 (gC m-2 d-1) and Q10.
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

    @property
    def reads(self) -> tuple[str, ...]:
        """The layers a block needs, besides land cover."""
        layers = {"raster": ("npp",), "mod17": ("npp",), "gpp_cue": ("gpp",), "miami": ("temperature", "precipitation"),
                  "casa": ("ndvi", "solar", "temperature", "precipitation")}[self.npp]  # fmt: skip
        by_model = {"raster": ("rh",), "gsmsr": ("temperature", "precipitation", "soc")}
        every = [
            *layers,
            *(one for model in self.models for one in by_model.get(model, ("temperature", "precipitation"))),
        ]
        return tuple(dict.fromkeys(every))


@dataclass(slots=True)
class Block:
    """Stored numbers of a few rows: each layer (periods, rows, columns), types (rows, columns), classes where used."""

    layers: Mapping[str, Array]
    types: Array
    classes: Array | None = None
    previous: Array | None = None

    def values(self, name: str, period: int = 0) -> Array:
        """One period of a layer as float32; nodata is NaN."""
        return store.unpack(self.layers[name][period], store.QUANTITIES[name])


@dataclass(slots=True)
class Computed:
    """gC m-2 a-1, float32, NaN where nothing is computed; the members of the ensemble by model; flags."""

    npp: Array
    rh: Array
    nep: Array
    spread: Array
    members: tuple[Array, ...]
    flags: Array


def compute(method: Method, block: Block) -> Computed:
    """A year of a block. Water, built-up and other land get no NEP; a type with a declared rate gets that rate."""
    climate = Climate(block, method)
    produced = production(method, block, climate)
    members = tuple(respired(model, method, block, climate) for model in method.models)
    ensemble = nep.ensemble(members)
    rh, spread = ensemble.mean, ensemble.spread
    counted = ecosystems.COMPUTED[block.types]
    lost = np.isnan(produced) | np.isnan(rh)
    np.logical_or(lost, ~counted, out=lost)
    for one in (produced, rh, spread, *members):
        np.copyto(one, np.nan, where=lost)
    net = nep.net(produced, rh)
    gpp = block.values("gpp") if "gpp" in block.layers else None
    flags = plausible.flags(produced, rh, net, gpp=gpp, previous=block.previous)
    rated(method, block, net, flags)
    return Computed(produced, rh, net, spread, members, flags)


def rated(method: Method, block: Block, net: Array, flags: Array) -> None:
    """Types counted by a rate; and no flag where no value is expected, 255 where the land cover ends."""
    for kind, rate in method.rates:
        here = block.types == kind
        np.copyto(net, np.float32(rate), where=here)
        np.copyto(flags, 0, where=here)
    np.copyto(flags, 0, where=~ecosystems.COMPUTED[block.types])
    np.copyto(flags, store.QUANTITIES["flags"].nodata, where=block.types == ecosystems.NODATA)


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
        self.days = [float(one) for one in units.days(method.year, method.periods)]
        self.repeat = MONTHS // method.periods

    def annual(self) -> tuple[Array, Array]:
        """Mean temperature (degC) and precipitation (mm a-1) of the year."""
        warmth = self.temperature[0].copy()
        rain = self.rain[0].copy()
        for t_c, p_mm in zip(self.temperature[1:], self.rain[1:], strict=True):
            warmth += t_c
            rain += p_mm
        warmth /= self.method.periods
        rain *= self.repeat
        return warmth, rain


# -- production --------------------------------------------------------------------------------------------------------


def production(method: Method, block: Block, climate: Climate) -> Array:
    """NPP, gC m-2 a-1."""
    if method.npp in ("raster", "mod17"):
        return block.values("npp")
    if method.npp == "gpp_cue":
        gpp = block.values("gpp")
        return npp.from_gpp(gpp, fractions(method.cue)[classes(method, block)], out=gpp)
    if method.npp == "miami":
        return npp.miami(*climate.annual())
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


def assimilated(method: Method, block: Block, climate: Climate) -> Array:
    """NPP by CASA, the sum of twelve months."""
    light = coefficients(method.casa, method.by_type).take(classes(method, block))
    green = [block.values("ndvi", period) for period in range(MONTHS)]
    warmth = casa.warm(climate.temperature, green)
    total = np.zeros(block.types.shape, np.float32)
    month = np.empty_like(total)
    for period in range(MONTHS):
        casa.month(
            green[period], climate.temperature[period], climate.rain[period], block.values("solar", period),
            light=light, warmth=warmth, out=month,
        )  # fmt: skip
        total += month
    return total


# -- respiration -------------------------------------------------------------------------------------------------------


def respired(model: str, method: Method, block: Block, climate: Climate) -> Array:
    """Rh of a year by one model, gC m-2 a-1."""
    if model == "raster":
        return block.values("rh")
    total = np.zeros(block.types.shape, np.float32)
    one, scratch = np.empty_like(total), np.empty_like(total)
    soc = block.values("soc") if model == "gsmsr" else None
    for t_c, p_mm, days in zip(climate.temperature, climate.rain, climate.days, strict=True):
        if model == "pei":
            respiration.pei(t_c, p_mm, respiration.MONTH * climate.repeat, out=one, scratch=scratch)
        elif model == "q10":
            respiration.q10(t_c, *method.q10, days, out=one)
        elif model == "gsmsr":
            respiration.gsmsr(t_c, p_mm / 10, soc, days, out=one, scratch=scratch)
        else:
            respiration.raich_potter(t_c, p_mm / 10, days, out=one, scratch=scratch)
        total += one
    if model in ("gsmsr", "raich_potter_bond_lamberty"):
        respiration.bond_lamberty(total, out=total)
    return total

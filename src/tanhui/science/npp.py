"""Net primary production from products, from GPP, from climate alone, and from a raster in whatever unit it came.

Sources: docs/algorithms/nep-science.md. Default order for a county: MOD17A3HGF, then ``casa`` with local NDVI, then a
raster of the user's own with its provenance; ``miami`` is an independent check, never a result.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.science import units
from tanhui.science.biomass import Values
from tanhui.science.units import Block, Floats

MOD17_SCALE = 0.1  # gC m-2 a-1 for each count: 0.0001 kgC
NPP_FILLS = (32761, 32767)  # of int16
GPP_FILLS = (65529, 65535)  # of uint16; 65533 (barren) is often left undeclared and makes 154 a mean of 2,442

DRY_TO_CARBON = 72 / 162  # carbon of cellulose; for dry matter only
MIAMI_CARBON = 0.45  # carbon of dry matter

# CUE = NPP/GPP by IGBP class, from the biome means of MOD17's table C5.1 (2000-2006); wetland and snow assumed.
CUE: Mapping[int, float] = {
    1: 478.49 / 877.10,
    2: 1175.45 / 2702.62,
    3: 343.55 / 727.21,
    4: 622.79 / 1339.93,
    5: 604.82 / 1133.22,
    6: 381.50 / 812.04,
    7: 160.14 / 308.83,
    8: 673.06 / 1368.90,
    9: 594.73 / 1208.90,
    10: 205.86 / 393.25,
    11: 0.5,
    12: 486.46 / 884.11,
    14: 486.46 / 884.11,
    15: 0.5,
}
IGBP_CODES: Mapping[str, int] = {
    name: code
    for code, name in enumerate(
        ("ENF", "EBF", "DNF", "DBF", "MF", "CSH", "OSH", "WSA", "SAV", "GRA", "WET", "CRO", "URB", "CVM", "SNO", "BSV"),
        1,
    )
}

# Units a raster of NPP may come in, as gC m-2 a-1.
CARBON_UNITS: Mapping[str, float] = {
    "gC m-2 a-1": 1,
    "kgC m-2 a-1": 1000,
    "tC ha-1 a-1": 100,
    "MgC ha-1 a-1": 100,
    "tC km-2 a-1": 1,
    "kgC ha-1 a-1": 0.1,
}
DRY_UNITS: Mapping[str, float] = {
    "gDM m-2 a-1": 1,
    "kgDM m-2 a-1": 1000,
    "tDM ha-1 a-1": 100,
}


class NotCarbon(ValueError):
    """The unit is unknown, or says dry matter where carbon is asked for (or the reverse). ``unit``, ``wanted``."""

    def __init__(self, unit: str, wanted: str) -> None:
        self.unit, self.wanted = unit, wanted
        super().__init__(f"the unit {unit} is not one of {wanted}")


def from_mod17(dn: NDArray[np.integer[Any]], fills: tuple[int, int] | None = None, out: Floats | None = None) -> Floats:
    """Counts of MOD17A3HGF as gC m-2 a-1, float32; every fill value is not a number, declared or not.

    int16 is NPP (fills 32761 to 32767), uint16 is GPP (65529 to 65535). ``ValueError`` for another type without
    ``fills``, the first and last fill value: a file saved anew does not say which product it was.
    """
    if fills is None:
        known = {"int16": NPP_FILLS, "uint16": GPP_FILLS}
        if (fills := known.get(str(dn.dtype))) is None:
            raise ValueError(f"MOD17 is int16 (NPP) or uint16 (GPP), not {dn.dtype}: say its fill values")
    if out is None:
        out = np.empty(np.shape(dn), dtype=np.float32)
    np.multiply(dn, np.float32(MOD17_SCALE), out=out, casting="unsafe")
    np.copyto(out, np.nan, where=(dn >= fills[0]) & (dn <= fills[1]))
    return out


@units.of(gpp="gC m-2 a-1", cue="fraction", returns="gC m-2 a-1")
def from_gpp(gpp: Block, cue: Block, out: Floats | None = None) -> Floats:
    """NPP = GPP·CUE: what the plants do not respire themselves. ``cue`` a fraction, 0.44 to 0.55 in ``CUE``."""
    return np.multiply(gpp, cue, out=units.room(gpp, cue, out=out))


def cue_lookup() -> NDArray[np.float32]:
    """CUE by IGBP class in one row of 256; not a number where the class has no plants."""
    row = np.full(256, np.nan, dtype=np.float32)
    for code, value in CUE.items():
        row[code] = value
    return row


@units.of(t_annual="degC", p_annual="mm a-1", returns="gC m-2 a-1")
def miami(t_annual: Block, p_annual: Block, out: Floats | None = None) -> Floats:
    """The lesser of 3000/[1 + exp(1.315 − 0.119·T)] and 3000·[1 − exp(−0.000664·P)] in g of dry matter, times 0.45.
    Lieth 1973, 1975.

    ``t_annual`` mean of the year (degC), ``p_annual`` its precipitation (mm a-1); gC m-2 a-1. Climate alone, potential
    vegetation: a check on the size of an NPP, nothing more.
    """
    out = units.room(t_annual, p_annual, out=out)
    warm = 3000 / (1 + np.exp(1.315 - 0.119 * np.asarray(t_annual)))
    wet = 3000 * (1 - np.exp(-0.000664 * np.asarray(p_annual)))
    np.minimum(warm, wet, out=out)
    return np.multiply(out, MIAMI_CARBON, out=out)


def factor(unit: str) -> float:
    """What makes an NPP in ``unit`` gC m-2 a-1. ``NotCarbon`` for dry matter, which needs a norm that says how it
    becomes carbon, and for any unit not listed."""
    if (found := CARBON_UNITS.get(unit)) is None:
        raise NotCarbon(unit, ", ".join(CARBON_UNITS))
    return found


def dry_factor(unit: str) -> float:
    """What makes an NPP in ``unit`` grams of dry matter m-2 a-1. ``NotCarbon`` for a unit of carbon: 72/162 applied to
    what is carbon already loses a factor of 2.25."""
    if (found := DRY_UNITS.get(unit)) is None:
        raise NotCarbon(unit, ", ".join(DRY_UNITS))
    return found


def alpha_nep(npp_dry: Block, alpha: Block) -> Values:
    """NEP = alpha·NPP·72/162: NPP in g of **dry matter** m-2 a-1 and a province's ratio of NEP to NPP; gC m-2 a-1. The
    ratio method of the guides to gross ecosystem product; ask ``dry_factor`` for the unit first."""
    return np.asarray(npp_dry, dtype=np.float64) * alpha * DRY_TO_CARBON

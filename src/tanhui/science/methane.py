"""Methane of flooded rice and of burnt straw. Pure functions over arrays: no input, no output, no rounding.

Equations as in docs/algorithms/agriculture.md; masses are of CH₄ unless a name says carbon.
"""

import numpy as np
from numpy.typing import NDArray

from tanhui.science.biomass import Values

Index = NDArray[np.intp]
Days = NDArray[np.datetime64]

CH4_PER_CARBON = 16 / 12  # molar masses
MG_PER_M2_HOUR = 24 * 1e4 / 1e6  # mg m⁻² h⁻¹ to kg ha⁻¹ d⁻¹: 24 hours, 10 000 m², 10⁶ mg


def daily_flux(flux: Values, *, of_carbon: bool) -> Values:
    """A measured flux (mg m⁻² h⁻¹) as kg CH₄ ha⁻¹ d⁻¹.

    Papers give it as mass of CH₄ or as mass of carbon, and the second read as the first loses a quarter: whoever calls
    must know which.
    """
    return flux * MG_PER_M2_HOUR * (CH4_PER_CARBON if of_carbon else 1.0)


def dates(texts: NDArray[np.str_]) -> Days:
    """ISO dates as days; an empty text is "not a time". ``ValueError`` when a text is no date."""
    return np.asarray(np.where(np.asarray(texts) == "", "NaT", texts), dtype="datetime64[D]")


def season_days(flooded: Days, harvested: Days) -> Values:
    """t of R1: days from flooding to harvest, both included."""
    return (harvested - flooded).astype(np.float64) + 1


def drainages(parcel: Index, drained: Days, reflooded: Days, parcels: int, *, longer_than: float) -> Values:
    """Drainages of each of ``parcels`` fields within the season; ``parcel`` gives the place of each event's field.

    A drainage counts when the field lay aerated for more than ``longer_than`` days and was flooded again; the drainage
    before harvest, which has no reflooding ("not a time"), does not. IPCC 2006 V4 5.5, water regimes.
    """
    lasted = reflooded - drained
    counts = ~np.isnat(lasted) & (lasted > np.timedelta64(int(longer_than), "D"))
    return np.bincount(parcel[counts], minlength=parcels).astype(np.float64)


def organic_scaling(effective: Values, exponent: float) -> Values:
    """SFo = (1 + Σ ROA·CFOA)^0.59 from the effective organic amendment Σ ROA·CFOA (t/ha; straw as dry matter, all else
    as fresh weight). IPCC 2019 V4 eq 5.3."""
    return (1 + effective) ** exponent


def rice(factor: Values, days: Values, area: Values) -> Values:
    """R1 for each field: daily factor EF = EFc·SFw·SFp·SFo (kg CH₄ ha⁻¹ d⁻¹), days and area (ha) give kg CH₄.
    IPCC 2019 V4 eq 5.1."""
    return factor * days * area


def burnt(dry_matter: Values, share: Values, combustion: float, factor: float) -> Values:
    """R3: straw (t d.m.), share of it set alight, combustion factor Cf and emission factor (g gas per kg d.m. burnt)
    give t of the gas. IPCC 2006 V4 eq 2.27."""
    return dry_matter * share * combustion * factor / 1000

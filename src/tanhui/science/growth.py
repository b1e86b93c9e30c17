"""Growth of stands: curves by age, projections before anything is measured, and what two surveys say apart from area.

A projection is an expectation. It never stands in for a measured plot.
"""

from collections.abc import Iterator

import numpy as np

from tanhui.science.biomass import CO2_PER_CARBON, Values
from tanhui.science.trees import Index

CHUNK = 1 << 11  # parcels worked on at a time: a few years' columns of them stay in the processor's cache
SQUARE_CENTIMETRES = 40_000.0  # πD²/4 of a diameter in cm to m² of basal area
STANDARD_DIAMETER, STAND_DENSITY_POWER = 20.0, 1.605  # cm and Reineke's slope


def richards(age: Values, asymptote: Values, rate: Values, shape: Values) -> Values:
    """y = a·(1 − e^(−b·AGE))^c: volume (m³/ha) or height (m) at ``age`` in years; zero before planting. AR-CM-001, F9.

    ``asymptote`` in the unit of the result, ``rate`` per year, ``shape`` dimensionless; all broadcast.
    """
    reached: Values = asymptote * (-np.expm1(-rate * np.maximum(age, 0.0))) ** shape
    return reached


def projection(
    age: Values, area: Values, curve: Index, curves: Values, carbon_per_volume: Values, years: int
) -> Values:
    """Expected tree carbon of parcels over the coming years, tCO₂, shape ``(parcels, years + 1)``, first column now.

    ``age`` of the stand in years (negative: still to be planted), ``area`` in ha, ``curve`` the place of each parcel's
    row in ``curves``, whose columns are asymptote (m³/ha), rate (1/year) and shape of its volume curve;
    ``carbon_per_volume`` tC/m³ of each curve's species (D·BEF·(1+R)·CF).
    """
    stock = np.empty((len(age), years + 1))
    ahead = np.arange(years + 1, dtype=np.float64)
    for part in _chunks(len(age)):
        at = curve[part]
        asymptote, rate, shape = (curves[:, place][at, None] for place in range(3))
        largest = asymptote * (area[part] * carbon_per_volume[at] * CO2_PER_CARBON)[:, None]
        stock[part] = richards(age[part, None] + ahead, largest, rate, shape)
    return stock


def _chunks(length: int) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, length, CHUNK))


def by_density(area_1: Values, density_1: Values, density_2: Values) -> Values:
    """What grew: A₁·(d₂ − d₁), the change of the stock on land that was there at both surveys."""
    return area_1 * (density_2 - density_1)


def by_area(area_1: Values, area_2: Values, density_2: Values) -> Values:
    """What was only added: (A₂ − A₁)·d₂, land that came in between. It is never growth and earns nothing."""
    return (area_2 - area_1) * density_2


def published_rate(stock_1: Values, stock_2: Values, area_1: Values, area_2: Values, years: int) -> Values:
    """ΔS / [n·A₁ + Σⱼ j·ΔA], t/(ha·a), with ΔA the yearly increase of the area. Fan et al. 2016.

    It counts growing area as growth: kept to recognise such rates in published tables, never to credit them.
    """
    yearly = (area_2 - area_1) / years
    return (stock_2 - stock_1) / (years * area_1 + years * (years + 1) / 2 * yearly)


def basal_area(stems: Values, diameter: Values) -> Values:
    """G = π/40000·N·D², m²/ha from stems per ha and quadratic mean diameter in cm."""
    return np.pi / SQUARE_CENTIMETRES * stems * diameter**2


def stand_density_index(stems: Values, diameter: Values) -> Values:
    """SDI = N·(D/20)^1.605, stems per ha of 20 cm as crowded as N stems of D cm. Reineke; exponent of the Chinese
    Academy of Forestry."""
    return stems * (diameter / STANDARD_DIAMETER) ** STAND_DENSITY_POWER

"""Emissions of activities: amount times factor, fuels by their carbon, and which of two estimates is reported."""

import numpy as np

from tanhui.science import nep
from tanhui.science.biomass import CO2_PER_CARBON, Values

TEN_THOUSAND = 10_000
KG_PER_T = 1000
SQUARE_METRES_PER_HA = 10_000


def fuel_factor(
    net_calorific: Values | float, carbon_content: Values | float, oxidised: Values | float
) -> Values | float:
    """EF = NCV·CC·OF·44/12: GJ per t (or per 10⁴ Nm³), tC/GJ and a fraction give tCO₂ per t (or per 10⁴ Nm³)."""
    return net_calorific * carbon_content * oxidised * CO2_PER_CARBON


def reported(by_quantity: float, by_spending: float, gap: float, tolerated: float) -> float:
    """Quantity before spending; where more than ``tolerated`` of the activity (both as shares) has no quantity, the
    larger of the two totals."""
    return max(by_quantity, by_spending) if gap > tolerated else by_quantity


def of_spending(yuan: Values, factor: Values | float) -> Values:
    """CNY times a factor in tCO2e per 10⁴ CNY: kgCO2e."""
    return yuan / TEN_THOUSAND * factor * KG_PER_T


def unknown_share(spending: Values, measured: Values) -> float:
    """Share of the spending whose quantities were not measured (``measured`` is 1 or 0); 0 when nothing was spent."""
    whole = float(np.sum(spending))
    return float(np.sum(spending * (1 - measured))) / whole if whole > 0 else 0.0


def stock_sink(flux: Values, area: Values) -> Values:
    """A flux in gC/(m²·a) over an area in ha: tCO₂/a. 250 gC/(m²·a) on 1,000 km² are 916,667 tCO₂/a."""
    return nep.tonnes_co2(flux, area * SQUARE_METRES_PER_HA)

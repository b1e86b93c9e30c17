"""Nitrous oxide of nitrogen brought to soils, direct and indirect. Pure functions over arrays.

Nitrogen and N₂O-N have the unit of the nitrogen given (kg or t); N₂O is N₂O-N times 44/28.
IPCC 2019 Refinement V4 chapter 11, equations 11.1, 11.9 and 11.10.
"""

from tanhui.science.biomass import Values

N2O_PER_NITROGEN = 44 / 28  # molar masses


def direct(nitrogen: Values, factor: Values) -> Values:
    """N·EF1·44/28: mass of N₂O from nitrogen applied, at kg N₂O-N per kg N. Also for flooded rice, with EF1FR."""
    return nitrogen * factor * N2O_PER_NITROGEN


def volatilised(nitrogen: Values, share: Values, factor: Values) -> Values:
    """N·Frac_GAS·EF4·44/28: mass of N₂O from the nitrogen that volatilises and is deposited elsewhere."""
    return nitrogen * share * factor * N2O_PER_NITROGEN


def leached(nitrogen: Values, share: Values, factor: Values) -> Values:
    """N·Frac_LEACH·EF5·44/28: mass of N₂O from the nitrogen that leaches or runs off. The share is 0 where water does
    not drain, in dry climates without irrigation."""
    return nitrogen * share * factor * N2O_PER_NITROGEN

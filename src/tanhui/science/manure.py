"""Methane of manure, and what a digester recovers of it. Pure functions over arrays.

IPCC 2019 Refinement V4 chapter 10, equations 10.22A and 10.23; the structure of AMS-III.D and AMS-III.R.
"""

import numpy as np

from tanhui.science.biomass import Values

DAYS = 365.0


def volatile_solids(weight: Values, rate: Values, days: Values | float = DAYS) -> Values:
    """VS of one animal: body mass (kg), rate (kg VS per 1 000 kg body mass and day) and days present give kg VS."""
    return weight * rate / 1000 * days


def potential(heads: Values, solids: Values, capacity: Values, density: float) -> Values:
    """The most methane the manure can give, in kg: animals, kg VS per animal, B0 (m³ CH₄ per kg VS) and the density of
    methane (kg/m³)."""
    return heads * solids * capacity * density


def emitted(potential: Values, conversion: Values) -> Values:
    """kg CH₄ that a manure system lets go: potential of the manure it gets (kg) times its conversion factor MCF."""
    return potential * conversion


def captured(biogas: Values, methane_share: Values, density: float) -> Values:
    """kg CH₄ in metered biogas (m³ at normal conditions) of the methane share measured in it."""
    return biogas * methane_share * density


def capped(baseline: Values, caught: Values) -> Values:
    """The baseline, never more than what was measured and caught: what was not caught was not avoided."""
    return np.minimum(baseline, caught)

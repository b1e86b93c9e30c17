"""Tree biomass and its carbon. Pure functions over arrays: no input, no output, no rounding.

Every argument may be a scalar or an array; arrays broadcast as in numpy.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.float64]
CO2_PER_CARBON = 44 / 12  # molar masses; 3.67 would bias every credit by 0.09 %


def per_hectare(stock: Values, plot_area: float) -> Values:
    """Stock of a plot (m³) over its area (ha): m³/ha."""
    return stock / plot_area


def from_volume(volume: Values, density: Values, expansion: Values, root_shoot: Values) -> Values:
    """B = V·D·BEF·(1+R): stem volume (m³/ha), basic wood density (t d.m./m³), biomass expansion factor (stem to above
    ground, dimensionless), root to shoot ratio (dimensionless) give total tree biomass (t d.m./ha).
    AR-CM-001-V01, volume path."""
    return volume * density * expansion * (1 + root_shoot)


def from_volume_linear(volume: Values, slope: Values, intercept: Values) -> Values:
    """B = a·V + b: stem volume (m³/ha), a (t/m³), b (t/ha) give total stand biomass (t d.m./ha). Fang et al. 2001.

    The intercept stands for young trees below the callipering limit; it makes an empty plot weigh b, so it does not
    suit land that was bare at the first survey.
    """
    return slope * volume + intercept


def from_growing_stock(volume: Values, factor: Values, root_shoot: Values) -> Values:
    """B = V·BCEF·(1+R): stem volume (m³/ha), biomass conversion and expansion factor (t d.m./m³ above ground) and root
    to shoot ratio give total tree biomass (t d.m./ha). IPCC 2006 V4 eq 2.8; both factors by class of the stand."""
    return volume * factor * (1 + root_shoot)


def carbon(biomass: Values, fraction: Values) -> Values:
    """Biomass (t d.m.) times carbon fraction (tC/t d.m.): tC."""
    return biomass * fraction


def carbon_dioxide(carbon: Values) -> Values:
    """tC to tCO₂ by the exact ratio of molar masses, 44/12."""
    return carbon * CO2_PER_CARBON

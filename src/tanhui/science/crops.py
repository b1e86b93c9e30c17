"""Harvests, and whether one was kept up. Pure functions over arrays."""

import numpy as np
from numpy.typing import NDArray

from tanhui.science.biomass import Values

Index = NDArray[np.intp]


def weighted(values: Values, weight: Values, place: Index, places: int) -> Values:
    """Mean of ``values`` at each of ``places`` places, weighted: the yield of a stratum (kg/ha) from the yields of its
    parcels and their areas (ha)."""
    return totals(values * weight, place, places) / totals(weight, place, places)


def change(now: Values, before: Values) -> Values:
    """How far a yield lies above (+) or below (−) the one it is held against, in %."""
    return 100 * (now / before - 1)


def totals(values: Values, place: Index, places: int) -> Values:
    """The sum of ``values`` at each of ``places`` places; ``place`` says where each value belongs. Sums run in the
    given order, so equal input gives equal bits."""
    return np.bincount(place, weights=values, minlength=places).astype(np.float64)

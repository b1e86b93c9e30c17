"""Metered electricity: what of it may be credited, whether a meter can be believed, and what charging replaces."""

import numpy as np

from tanhui.science import activity
from tanhui.science.activity import Keys, Mask
from tanhui.science.biomass import Values
from tanhui.science.sampling import Index

HOURS_PER_YEAR = 8766  # of 365.25 days


def at(values: Values, place: Index, places: int) -> Values:
    """Sum of the values at each of ``places`` places."""
    return np.bincount(place, weights=values, minlength=places).astype(np.float64)


def full_load_hours(energy: Values, capacity: Values, years: float) -> Values:
    """Hours a year at full capacity: kWh over kW and years."""
    return energy / capacity / years


def utilisation(energy: Values, power: Values, years: float) -> Values:
    """Share of the time a charger would have to run at full power: kWh over kW and the hours of the period."""
    return energy / (power * years * HOURS_PER_YEAR)


def distance(energy: Values | float, efficiency: float, consumption: float) -> Values | float:
    """km driven on kWh taken from the grid, by the charging efficiency and the consumption in kWh/km: Q·η/SEC."""
    return energy * efficiency / consumption


def overlapping(meter: Index, first: Keys, last: Keys) -> Mask:
    """Readings that begin before another reading of their meter has ended. Dates as datetime64[D] or ISO text, both
    days included; rows in any order."""
    begin = first.astype("datetime64[D]").astype(np.int64)
    end = last.astype("datetime64[D]").astype(np.int64) + 1
    order = np.lexsort((begin, meter))
    clash = np.zeros(len(meter), dtype=np.bool_)
    clash[order] = activity.overlapping(meter[order].astype(np.int64), begin[order], end[order])
    return clash

"""A trip by a low-carbon mode against the mean of all passenger transport: distance times the difference of two factors
per person-kilometre. Equations (1), (2) of DB11/T 3043-2024, for one event; docs/algorithms/personal-scenarios.md.

``person`` and ``day`` may be text, numbers or dates. The functions take arrays of millions of events.
"""

import math

import numpy as np

from tanhui.methods.engine.formula import formula
from tanhui.science import activity
from tanhui.science.activity import Keys, Limit, Mask, Whole
from tanhui.science.biomass import Values


@formula(
    symbol="ΔEF",
    unit="kgCO2e/pkm",
    over="event",
    equation="DB11/T 3043-2024 (1), (2): ΔEF = max(0, EF_base − EF_mode)",
    bounds=(0, 0.13),  # above lies a whole car laid on one person: see docs/algorithms/personal-scenarios.md
    en="Reduction per person-kilometre",
    zh="每人公里减排因子",
)
def reduction_factor(baseline_factor: Values | float, mode_factor: Values | float, distance: Values) -> Values:
    return np.broadcast_to(activity.reduction_factor(baseline_factor, mode_factor), distance.shape)


@formula(
    symbol="a",
    unit="0/1",
    over="event",
    equation="a: d_min ≤ D ≤ d_max, v_min ≤ D/t ≤ v_max",
    bounds=(0, 1),
    en="Plausible for this mode of transport",
    zh="是否符合该出行方式的距离与速度",
)
def plausible(
    distance: Values, minutes: Values, shortest: float, longest: float, slowest: float, fastest: float
) -> Mask:
    near: Mask = activity.between(distance, shortest, longest) & activity.moved(distance, minutes, slowest, fastest)
    return near


@formula(
    symbol="c",
    unit="0/1",
    over="event",
    equation="c = a, n ≤ n_day",
    bounds=(0, 1),
    en="Within the number of trips that count in a day",
    zh="是否在每日可计次数以内",
)
def counted(person: Keys, day: Keys, plausible: Mask, daily_events: float) -> Mask:
    return activity.first_in_day(person, day, plausible, daily_events)


@formula(
    symbol="er",
    unit="µg",
    over="event",
    equation="er = c·D·ΔEF·10⁹",
    bounds=(0, 1e15),
    en="Reduction of the trip before caps",
    zh="单次出行减排量（未计上限）",
)
def micrograms(distance: Values, reduction_factor: Values, counted: Mask) -> Whole:
    return activity.micrograms(np.where(counted, distance, 0.0), reduction_factor)


@formula(
    symbol="g",
    unit="gCO2e",
    over="event",
    equation="Σ_day g = min(⌊Σ_day er/10⁶⌋, g_day), Σ_year g ≤ g_year",
    bounds=(0, 1e9),
    en="Grams credited to the trip",
    zh="单次计入减排量（克）",
)
def grams(
    person: Keys,
    day: Keys,
    micrograms: Whole,
    daily_cap: float,
    yearly_cap: float,
    earned_today: Limit = 0,
    earned_this_year: Limit = 0,
) -> Whole:
    return activity.grams_by_day(
        person, day, micrograms, daily_cap, yearly_cap, earned_today=earned_today, earned_this_year=earned_this_year
    )


@formula(
    symbol="ER",
    unit="gCO2e",
    over="project",
    equation="ER = Σ g",
    bounds=(0, math.inf),
    en="Reduction of all trips",
    zh="减排量合计（克）",
)
def total(grams: Whole) -> float:
    return float(np.sum(grams, dtype=np.int64))

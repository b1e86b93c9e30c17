"""A good or service used or avoided: amount times the difference of two factors, by kind of thing (``item``).

ER = m·(EF_virgin − EF_recycled) for recycling, the avoided good's whole factor where nothing takes its place;
docs/algorithms/personal-scenarios.md. ``person``, ``item`` and ``day`` may be text, numbers or dates; the functions
take arrays of millions of events. Factors and caps may differ by item and then arrive as one value per event.
"""

import math

import numpy as np

from tanhui.methods.engine.formula import formula
from tanhui.science import activity
from tanhui.science.activity import Keys, Limit, Mask, Whole
from tanhui.science.biomass import Values


@formula(
    symbol="ΔEF",
    unit="kgCO2e/单位",
    over="event",
    equation="ΔEF = max(0, EF_base − EF_own)",
    bounds=(0, 20),
    en="Reduction per unit of the activity",
    zh="单位活动减排因子",
)
def reduction_factor(baseline_factor: Values, own_factor: Values, amount: Values) -> Values:
    return np.broadcast_to(activity.reduction_factor(baseline_factor, own_factor), amount.shape)


@formula(
    symbol="a",
    unit="0/1",
    over="event",
    equation="a: m_min ≤ m ≤ m_max",
    bounds=(0, 1),
    en="Plausible amount for one event",
    zh="单次数量是否合理",
)
def plausible(amount: Values, smallest: Values | float, largest: Values | float) -> Mask:
    return activity.between(amount, smallest, largest)


@formula(
    symbol="c",
    unit="0/1",
    over="event",
    equation="c = a, n ≤ n_day, n ≤ n_month",
    bounds=(0, 1),
    en="Within the number of events that count in a day and a month",
    zh="是否在每日、每月可计次数以内",
)
def counted(
    person: Keys,
    item: Keys,
    day: Keys,
    plausible: Mask,
    daily_events: Values | float,
    monthly_events: Values | float,
) -> Mask:
    today = activity.first_in_day(person, day, plausible, daily_events, item=item)
    return activity.first_in_month(person, day, today, monthly_events, item=item)


@formula(
    symbol="er",
    unit="µg",
    over="event",
    equation="er = c·m·ΔEF·10⁹",
    bounds=(0, 1e15),
    en="Reduction of the event before caps",
    zh="单次减排量（未计上限）",
)
def micrograms(amount: Values, reduction_factor: Values, counted: Mask) -> Whole:
    return activity.micrograms(np.where(counted, amount, 0.0), reduction_factor)


@formula(
    symbol="g",
    unit="gCO2e",
    over="event",
    equation="Σ_day g = min(⌊Σ_day er/10⁶⌋, g_day), Σ_year g ≤ g_year",
    bounds=(0, 1e9),
    en="Grams credited to the event",
    zh="单次计入减排量（克）",
)
def grams(
    person: Keys,
    item: Keys,
    day: Keys,
    micrograms: Whole,
    daily_cap: Values | float,
    yearly_cap: Values | float,
    earned_today: Limit = 0,
    earned_this_year: Limit = 0,
) -> Whole:
    return activity.grams_by_day(
        person,
        day,
        micrograms,
        daily_cap,
        yearly_cap,
        item=item,
        earned_today=earned_today,
        earned_this_year=earned_this_year,
    )


@formula(
    symbol="ER",
    unit="gCO2e",
    over="project",
    equation="ER = Σ g",
    bounds=(0, math.inf),
    en="Reduction of all events",
    zh="减排量合计（克）",
)
def total(grams: Whole) -> float:
    return float(np.sum(grams, dtype=np.int64))

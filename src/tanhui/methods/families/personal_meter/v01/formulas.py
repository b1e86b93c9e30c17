"""Household energy saved against the household's own history, month by month and by the weather of both years.

ER = ΔQ·EF with ΔQ = max(0, history × degree days now / degree days then − used); docs/algorithms/personal-scenarios.md.
``person`` is the household's meter, ``day`` any day of the month that was read; a month is read once.
"""

import math

import numpy as np

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine.formula import formula
from tanhui.science import activity
from tanhui.science.activity import Keys, Limit, Whole
from tanhui.science.biomass import Values


class ReadTwice(Refusal):
    code = "methods.meter_read_twice"
    sentence = gettext_noop(
        "Meter %(meter)s has more than one reading in %(month)s, and a month counts once. "
        "Keep one reading of the month."
    )
    clause = "唯一性：一表一户，每月一读"
    status = 422


@formula(
    symbol="w",
    unit="-",
    over="reading",
    equation="w = DD / DD_history, 1/w_max ≤ w ≤ w_max",
    bounds=(0, 10),
    en="Weather of the month over the weather of the history",
    zh="气象修正系数",
)
def weather(degree_days: Values, history_degree_days: Values, weather_limit: float) -> Values:
    known = history_degree_days > 0
    ratio = np.divide(degree_days, history_degree_days, out=np.ones_like(degree_days), where=known)
    return np.clip(ratio, 1 / weather_limit, weather_limit)


@formula(
    symbol="ΔQ",
    unit="kWh",
    over="reading",
    equation="ΔQ = min(max(0, Q_history·w − Q), s_max·Q_history·w)",
    bounds=(0, 1e5),
    en="Electricity saved",
    zh="节电量",
)
def saved(person: Keys, day: Keys, history: Values, used: Values, weather: Values, largest_saving: float) -> Values:
    once = activity.first_in_month(person, day, np.ones(len(person), dtype=np.bool_), 1)
    if not once.all():
        again = np.flatnonzero(~once)[0]
        raise ReadTwice(meter=str(person[again]), month=str(day[again])[:7])
    # A flat that stands empty has not saved its electricity.
    return np.minimum(activity.saving(history, used, weather), history * weather * largest_saving)


@formula(
    symbol="er",
    unit="µg",
    over="reading",
    equation="er = ΔQ·EF_grid·10⁹",
    bounds=(0, 1e15),
    en="Reduction of the month before the cap",
    zh="当月减排量（未计上限）",
)
def micrograms(saved: Values, grid_average: Values) -> Whole:
    return activity.micrograms(saved, grid_average)


@formula(
    symbol="g",
    unit="gCO2e",
    over="reading",
    equation="g = min(⌊er/10⁶⌋, g_month), Σ_year g ≤ g_year",
    bounds=(0, 1e9),
    en="Grams credited to the month",
    zh="当月计入减排量（克）",
)
def grams(
    person: Keys, day: Keys, micrograms: Whole, monthly_cap: float, yearly_cap: float, earned_this_year: Limit = 0
) -> Whole:
    return activity.grams_by_day(person, day, micrograms, monthly_cap, yearly_cap, earned_this_year=earned_this_year)


@formula(
    symbol="ER",
    unit="gCO2e",
    over="project",
    equation="ER = Σ g",
    bounds=(0, math.inf),
    en="Reduction of all households",
    zh="减排量合计（克）",
)
def total(grams: Whole) -> float:
    return float(np.sum(grams, dtype=np.int64))

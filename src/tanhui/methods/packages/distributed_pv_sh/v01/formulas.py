"""Distributed photovoltaics: the kilowatt-hours of the meter, less those that another scheme counts, times the factor
that the method fixes; docs/algorithms/personal-scenarios.md, section on metered electricity."""

import math

import numpy as np

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine.formula import formula
from tanhui.science import energy
from tanhui.science.activity import Keys
from tanhui.science.biomass import Values
from tanhui.science.sampling import Index

KWH_PER_MWH = 1000


class ReadingsOverlap(Refusal):
    code = "methods.readings_overlap"
    sentence = gettext_noop(
        "%(count)s meter readings begin before another reading of their meter has ended, the first of them on "
        "%(day)s. A kilowatt-hour is read once: correct the days, or leave out the double reading."
    )
    clause = "唯一性：（活动、电表、时段）不重复"
    status = 422


@formula(
    symbol="EG_j − EG_c",
    unit="kWh",
    over="reading",
    equation="EG_j − EG_c",
    bounds=(0, 1e7),
    en="Electricity that may be credited",
    zh="可计入电量",
)
def creditable(generated: Values, certified: Values, meter: Index, first_day: Keys, last_day: Keys) -> Values:
    clash = np.flatnonzero(energy.overlapping(meter, first_day, last_day))
    if len(clash):
        raise ReadingsOverlap(count=len(clash), day=str(first_day[clash[0]]))
    return generated - certified


@formula(
    symbol="h",
    unit="h/a",
    over="meter",
    equation="h = Σ EG / (P·years)",
    bounds=(0, 2000),  # the sunniest roofs of the country reach some 1,800
    en="Full-load hours a year",
    zh="年等效满负荷小时数",
)
def full_load_hours(generated: Values, meter: Index, capacity: Values, years: float) -> Values:
    return energy.full_load_hours(energy.at(generated, meter, len(capacity)), capacity, years)


@formula(
    symbol="EG_m",
    unit="kWh",
    over="meter",
    equation="EG_m = Σ_j (EG_j − EG_c)",
    en="Creditable electricity by meter",
    zh="各电表可计入电量",
)
def metered(creditable: Values, meter: Index, capacity: Values, full_load_hours: Values) -> Values:
    return energy.at(creditable, meter, len(capacity))


@formula(
    symbol="EG",
    unit="MWh",
    over="project",
    equation="EG = Σ_m EG_m",
    en="Creditable electricity",
    zh="可计入电量合计",
)
def electricity(metered: Values) -> float:
    return math.fsum(metered) / KWH_PER_MWH


@formula(
    symbol="ER",
    unit="tCO2e",
    over="project",
    equation="ER = EG·EF",
    bounds=(0, math.inf),
    en="Emission reduction",
    zh="减排量",
)
def reduction(electricity: float, grid_local_accounting: float) -> float:
    return electricity * grid_local_accounting

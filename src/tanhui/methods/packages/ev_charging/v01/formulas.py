"""Charging of electric cars: the petrol car replaced over the distance that the electricity carries, less the emission
of that electricity by the baseline factor of the grid."""

import math

import numpy as np

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine.formula import formula
from tanhui.science import energy
from tanhui.science.activity import Keys
from tanhui.science.biomass import Values
from tanhui.science.sampling import Index

KWH_PER_MWH = 1000
KG_PER_T = 1000


class ChargesOverlap(Refusal):
    code = "methods.charges_overlap"
    sentence = gettext_noop(
        "%(count)s readings begin before another reading of their charging pile has ended, the first of them on "
        "%(day)s. A kilowatt-hour is read once: correct the days, or leave out the double reading."
    )
    clause = "唯一性：（活动、电表、时段）不重复"
    status = 422


@formula(
    symbol="Q_j",
    unit="kWh",
    over="reading",
    equation="Q_j = Q_all − Q_d − Q_x",
    bounds=(0, 1e7),
    en="Electricity that may be credited to the operator",
    zh="运营方可计入充电量",
)
def creditable(
    delivered: Values, to_drivers: Values, excluded: Values, meter: Index, first_day: Keys, last_day: Keys
) -> Values:
    clash = np.flatnonzero(energy.overlapping(meter, first_day, last_day))
    if len(clash):
        raise ChargesOverlap(count=len(clash), day=str(first_day[clash[0]]))
    return delivered - to_drivers - excluded


@formula(
    symbol="f",
    unit="-",
    over="meter",
    equation="f = Σ Q_all / (P·8766·years)",
    bounds=(0, 1),
    en="Share of the time at full power",
    zh="满功率时间占比",
)
def utilisation(delivered: Values, meter: Index, power: Values, years: float) -> Values:
    return energy.utilisation(energy.at(delivered, meter, len(power)), power, years)


@formula(symbol="Q", unit="kWh", over="project", equation="Q = Σ_j Q_j", en="Electricity credited", zh="计入充电量合计")
def electricity(creditable: Values, utilisation: Values) -> float:
    return math.fsum(creditable)


@formula(symbol="D", unit="km", over="project", equation="D = Q·η/SEC", en="Distance driven on it", zh="折算行驶里程")
def distance(electricity: float, efficiency: float, consumption: float) -> float:
    return float(energy.distance(electricity, efficiency, consumption))


@formula(
    symbol="BE",
    unit="tCO2e",
    over="project",
    equation="BE = D·EF_petrol",
    en="Baseline emission: petrol cars",
    zh="基线排放（燃油车）",
)
def baseline_emission(distance: float, petrol_factor: float) -> float:
    return distance * petrol_factor / KG_PER_T


@formula(
    symbol="PE",
    unit="tCO2e",
    over="project",
    equation="PE = Q·EF_OM",
    en="Project emission: electricity",
    zh="项目排放（电力）",
)
def project_emission(electricity: float, grid_project_baseline: Values) -> float:
    return electricity / KWH_PER_MWH * float(np.squeeze(grid_project_baseline))


@formula(symbol="ER", unit="tCO2e", over="project", equation="ER = BE − PE", en="Emission reduction", zh="减排量")
def reduction(baseline_emission: float, project_emission: float) -> float:
    return baseline_emission - project_emission

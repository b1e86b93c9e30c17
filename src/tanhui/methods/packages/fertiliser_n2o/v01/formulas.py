"""Nitrous oxide of nitrogen brought to fields, before the project and now. Equations N1 to N3 (direct, volatilised,
leached) as in docs/algorithms/agriculture.md. One edition of factors serves the whole run.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tanhui.methods import guards
from tanhui.methods.engine.formula import formula
from tanhui.science import crops, nitrous
from tanhui.science.biomass import Values
from tanhui.science.crops import Index

Texts = NDArray[np.str_]
KG_PER_T = 1000
UNNAMED = np.zeros(0, dtype=np.str_)


@formula(
    symbol="N_BL",
    unit="tN",
    over="input",
    equation="N·A/1000",
    en="Nitrogen applied before the project",
    zh="基准线施氮量",
)
def applied_baseline(baseline_nitrogen: Values, area: Values, input_parcel: Index) -> Values:
    return baseline_nitrogen * area[input_parcel] / KG_PER_T


@formula(
    symbol="N2O_d,BL",
    unit="tN2O",
    over="input",
    equation="N1: N·EF1·44/28",
    en="Direct nitrous oxide before the project",
    zh="基准线直接排放",
)
def direct_baseline(applied_baseline: Values, direct_factor: Values) -> Values:
    return nitrous.direct(applied_baseline, direct_factor)


@formula(
    symbol="N2O_v,BL",
    unit="tN2O",
    over="input",
    equation="N2: N·Frac_GAS·EF4·44/28",
    en="Nitrous oxide of volatilised nitrogen before the project",
    zh="基准线挥发沉降间接排放",
)
def volatilised_baseline(applied_baseline: Values, volatile_share: Values, deposition_factor: Values) -> Values:
    return nitrous.volatilised(applied_baseline, volatile_share, deposition_factor)


@formula(
    symbol="N2O_l,BL",
    unit="tN2O",
    over="input",
    equation="N3: (N − N_CR)·Frac_LEACH·EF5·44/28",
    en="Nitrous oxide of leached nitrogen before the project",
    zh="基准线淋溶间接排放",
)
def leached_baseline(applied_baseline: Values, leaching_share: Values, leaching_factor: float, kind: Texts) -> Values:
    nitrogen = np.where(kind == "residue", 0.0, applied_baseline)
    return nitrous.leached(nitrogen, leaching_share, np.asarray(leaching_factor))


@formula(
    symbol="BE_p",
    unit="tCO2e",
    over="parcel",
    equation="GWP·Σ(N1 + N2 + N3)",
    en="Emissions of the parcel before the project",
    zh="基准线地块排放量",
)
def emissions_baseline(
    direct_baseline: Values,
    volatilised_baseline: Values,
    leached_baseline: Values,
    input_parcel: Index,
    area: Values,
    gwp_nitrous: float,
) -> Values:
    whole = (direct_baseline + volatilised_baseline + leached_baseline) * gwp_nitrous
    return crops.totals(whole, input_parcel, len(area))


@formula(
    symbol="N_PJ",
    unit="tN",
    over="input",
    equation="N·A/1000",
    en="Nitrogen applied of the project",
    zh="项目施氮量",
)
def applied_project(nitrogen: Values, area: Values, input_parcel: Index) -> Values:
    return nitrogen * area[input_parcel] / KG_PER_T


@formula(
    symbol="N2O_d,PJ",
    unit="tN2O",
    over="input",
    equation="N1: N·EF1·44/28",
    en="Direct nitrous oxide of the project",
    zh="项目直接排放",
)
def direct_project(applied_project: Values, direct_factor: Values) -> Values:
    return nitrous.direct(applied_project, direct_factor)


@formula(
    symbol="N2O_v,PJ",
    unit="tN2O",
    over="input",
    equation="N2: N·Frac_GAS·EF4·44/28",
    en="Nitrous oxide of volatilised nitrogen of the project",
    zh="项目挥发沉降间接排放",
)
def volatilised_project(applied_project: Values, volatile_share: Values, deposition_factor: Values) -> Values:
    return nitrous.volatilised(applied_project, volatile_share, deposition_factor)


@formula(
    symbol="N2O_l,PJ",
    unit="tN2O",
    over="input",
    equation="N3: (N − N_CR)·Frac_LEACH·EF5·44/28",
    en="Nitrous oxide of leached nitrogen of the project",
    zh="项目淋溶间接排放",
)
def leached_project(applied_project: Values, leaching_share: Values, leaching_factor: float, kind: Texts) -> Values:
    nitrogen = np.where(kind == "residue", 0.0, applied_project)
    return nitrous.leached(nitrogen, leaching_share, np.asarray(leaching_factor))


@formula(
    symbol="PE_p",
    unit="tCO2e",
    over="parcel",
    equation="GWP·Σ(N1 + N2 + N3)",
    en="Emissions of the parcel of the project",
    zh="项目地块排放量",
)
def emissions_project(
    direct_project: Values,
    volatilised_project: Values,
    leached_project: Values,
    input_parcel: Index,
    area: Values,
    gwp_nitrous: float,
) -> Values:
    whole = (direct_project + volatilised_project + leached_project) * gwp_nitrous
    return crops.totals(whole, input_parcel, len(area))


@formula(
    symbol="A_s",
    unit="ha",
    over="stratum",
    equation="Σ_p A_p",
    en="Area of the stratum",
    zh="层面积",
)
def stratum_area(area: Values, parcel_stratum: Index, baseline_harvest: Values) -> Values:
    return crops.totals(area, parcel_stratum, len(baseline_harvest))


@formula(
    symbol="Y_PJ",
    unit="kg/ha",
    over="stratum",
    equation="Σ_p Y·A / Σ_p A",
    en="Yield of the parcels",
    zh="项目单产",
)
def yield_project(harvest: Values, area: Values, parcel_stratum: Index, baseline_harvest: Values) -> Values:
    return crops.weighted(harvest, area, parcel_stratum, len(baseline_harvest))


@formula(
    symbol="δ",
    unit="%",
    over="stratum",
    equation="Y_PJ / Y_BL − 1 ≥ −δ_Y",
    en="Change of the yield",
    zh="单产变化",
)
def yield_change(
    yield_project: Values, baseline_harvest: Values, yield_tolerance: float, stratum: Texts = UNNAMED
) -> Values:
    return guards.keep_yield(crops.change(yield_project, baseline_harvest), yield_tolerance, stratum)


@formula(
    symbol="BE_s",
    unit="tCO2e",
    over="stratum",
    equation="Σ_p BE_p",
    en="Baseline emissions of the stratum",
    zh="层基准线排放量",
)
def stratum_baseline(emissions_baseline: Values, parcel_stratum: Index, baseline_harvest: Values) -> Values:
    return crops.totals(emissions_baseline, parcel_stratum, len(baseline_harvest))


@formula(
    symbol="PE_s",
    unit="tCO2e",
    over="stratum",
    equation="Σ_p PE_p",
    en="Project emissions of the stratum",
    zh="层项目排放量",
)
def stratum_project(emissions_project: Values, parcel_stratum: Index, baseline_harvest: Values) -> Values:
    return crops.totals(emissions_project, parcel_stratum, len(baseline_harvest))


@formula(
    symbol="(BE_s − PE_s)/A_s",
    unit="tCO2e/ha",
    over="stratum",
    equation="(BE_s − PE_s)/A_s",
    bounds=(-20, 10),
    en="Reduction per hectare and year",
    zh="每公顷减排量",
)
def reduction_per_hectare(stratum_baseline: Values, stratum_project: Values, stratum_area: Values) -> Values:
    return (stratum_baseline - stratum_project) / stratum_area


@formula(
    symbol="BE",
    unit="tCO2e",
    over="project",
    equation="Σ_s BE_s",
    en="Baseline emissions",
    zh="基准线排放量",
)
def baseline_emissions(stratum_baseline: Values) -> float:
    return math.fsum(stratum_baseline)


@formula(
    symbol="PE",
    unit="tCO2e",
    over="project",
    equation="Σ_s PE_s",
    en="Project emissions",
    zh="项目排放量",
)
def project_emissions(stratum_project: Values) -> float:
    return math.fsum(stratum_project)


@formula(
    symbol="ER",
    unit="tCO2e",
    over="project",
    equation="BE − PE",
    en="Emission reduction",
    zh="项目减排量",
)
def reduction(baseline_emissions: float, project_emissions: float) -> float:
    return baseline_emissions - project_emissions

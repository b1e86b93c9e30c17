"""CMS-017: methane of rice fields that are drained, by the factors of the IPCC. Equations R1, R2 and R4 as in
docs/algorithms/agriculture.md.

Only the water regime earns. What else the project changes counts where it emits more and never where it emits less: a
shorter season, less straw or less nitrogen would be paid for elsewhere, or not at all.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tanhui.methods import guards
from tanhui.methods.engine.formula import formula
from tanhui.science import crops, methane, nitrous, uncertainty
from tanhui.science.biomass import Values
from tanhui.science.methane import Index
from tanhui.science.uncertainty import Scale

Texts = NDArray[np.str_]
KG_PER_T = 1000
NONE = np.zeros(0)
NOWHERE = np.zeros(0, dtype=np.intp)
UNNAMED = np.zeros(0, dtype=np.str_)


@formula(
    symbol="t",
    unit="d",
    over="parcel",
    equation="R1: t",
    bounds=(60, 220),
    en="Days from flooding to harvest",
    zh="生育期天数（灌水至收获）",
)
def season_days(flooded_on: Texts, harvested_on: Texts) -> Values:
    return methane.season_days(methane.dates(flooded_on), methane.dates(harvested_on))


@formula(
    symbol="n_d",
    unit="times",
    over="parcel",
    equation="R1: n_d = #(d > d_min)",
    en="Drainages that count",
    zh="有效排水次数",
)
def drained_times(
    area: Values,
    shortest_drainage: float,
    drainage_parcel: Index = NOWHERE,
    drained_on: Texts = UNNAMED,
    reflooded_on: Texts = UNNAMED,
) -> Values:
    drained, reflooded = methane.dates(drained_on), methane.dates(reflooded_on)
    return methane.drainages(drainage_parcel, drained, reflooded, len(area), longer_than=shortest_drainage)


@formula(
    symbol="t_BL",
    unit="d",
    over="parcel",
    equation="R1: min(t_BL, t)",
    en="Days of the season in the baseline",
    zh="基准线生育期天数（不长于项目）",
)
def credited_days(season_days: Values, baseline_days: Values, parcel_stratum: Index) -> Values:
    return np.minimum(baseline_days[parcel_stratum], season_days)


@formula(
    symbol="SF_w,BL",
    unit="-",
    over="parcel",
    equation="R1: SFw",
    en="Water scaling of the baseline",
    zh="基准线水分管理系数",
)
def water_baseline(baseline_drainages: Values, parcel_stratum: Index, water_scaling: Scale) -> Values:
    return uncertainty.class_value(baseline_drainages, water_scaling)[parcel_stratum]


@formula(
    symbol="SF_w,PJ",
    unit="-",
    over="parcel",
    equation="R1: SFw",
    en="Water scaling of the project",
    zh="项目水分管理系数",
)
def water_project(drained_times: Values, water_scaling: Scale) -> Values:
    return uncertainty.class_value(drained_times, water_scaling)


@formula(
    symbol="SF_p,BL",
    unit="-",
    over="parcel",
    equation="R1: SFp",
    en="Scaling for the water before the season, baseline",
    zh="基准线季前水分系数",
)
def preseason_baseline(baseline_dry_days: Values, parcel_stratum: Index, preseason_scaling: Scale) -> Values:
    return uncertainty.class_value(baseline_dry_days, preseason_scaling)[parcel_stratum]


@formula(
    symbol="SF_p,PJ",
    unit="-",
    over="parcel",
    equation="R1: SFp",
    en="Scaling for the water before the season, project",
    zh="项目季前水分系数",
)
def preseason_project(dry_days: Values, preseason_scaling: Scale) -> Values:
    return uncertainty.class_value(dry_days, preseason_scaling)


@formula(
    symbol="ROA_PJ",
    unit="t/ha",
    over="parcel",
    equation="R1: SFo",
    en="Effective organic amendment of the project",
    zh="项目有效有机物料量",
)
def organic_project(
    area: Values, rate: Values = NONE, organic_conversion: Values = NONE, amendment_parcel: Index = NOWHERE
) -> Values:
    return crops.totals(rate * organic_conversion, amendment_parcel, len(area))


@formula(
    symbol="ROA_BL",
    unit="t/ha",
    over="parcel",
    equation="R1: min(Σ ROA·CFOA, ROA_PJ)",
    en="Effective organic amendment of the baseline",
    zh="基准线有效有机物料量（不多于项目）",
)
def organic_baseline(
    area: Values,
    organic_project: Values,
    baseline_rate: Values = NONE,
    organic_conversion: Values = NONE,
    amendment_parcel: Index = NOWHERE,
) -> Values:
    return np.minimum(crops.totals(baseline_rate * organic_conversion, amendment_parcel, len(area)), organic_project)


@formula(
    symbol="EF_BL",
    unit="kgCH4/(ha·d)",
    over="parcel",
    equation="R1: EF = EFc·SFw·SFp·SFo",
    bounds=(0, 20),
    en="Daily methane factor of the baseline",
    zh="基准线甲烷日排放因子",
)
def factor_baseline(
    daily_factor: float,
    water_baseline: Values,
    preseason_baseline: Values,
    organic_baseline: Values,
    organic_exponent: float,
) -> Values:
    organic = methane.organic_scaling(organic_baseline, organic_exponent)
    return daily_factor * water_baseline * preseason_baseline * organic


@formula(
    symbol="EF_PJ",
    unit="kgCH4/(ha·d)",
    over="parcel",
    equation="R1: EF = EFc·SFw·SFp·SFo",
    bounds=(0, 20),
    en="Daily methane factor of the project",
    zh="项目甲烷日排放因子",
)
def factor_project(
    daily_factor: float,
    water_project: Values,
    preseason_project: Values,
    organic_project: Values,
    organic_exponent: float,
) -> Values:
    organic = methane.organic_scaling(organic_project, organic_exponent)
    return daily_factor * water_project * preseason_project * organic


@formula(
    symbol="CH4_BL",
    unit="kgCH4",
    over="parcel",
    equation="R1: EF·t·A",
    en="Methane in the baseline",
    zh="基准线甲烷排放",
)
def methane_baseline(factor_baseline: Values, credited_days: Values, area: Values) -> Values:
    return methane.rice(factor_baseline, credited_days, area)


@formula(
    symbol="CH4_PJ",
    unit="kgCH4",
    over="parcel",
    equation="R1: EF·t·A",
    en="Methane in the project",
    zh="项目甲烷排放",
)
def methane_project(factor_project: Values, season_days: Values, area: Values) -> Values:
    return methane.rice(factor_project, season_days, area)


@formula(
    symbol="N2O_BL",
    unit="kgN2O",
    over="parcel",
    equation="R2: min(N_BL, N)·EF1FR·44/28",
    en="Nitrous oxide in the baseline",
    zh="基准线氧化亚氮排放（施氮量不高于项目）",
)
def nitrous_baseline(
    baseline_nitrogen: Values,
    baseline_drainages: Values,
    nitrogen: Values,
    parcel_stratum: Index,
    area: Values,
    nitrous_factor: Scale,
) -> Values:
    applied = np.minimum(baseline_nitrogen[parcel_stratum], nitrogen)
    return nitrous.direct(applied * area, uncertainty.class_value(baseline_drainages, nitrous_factor)[parcel_stratum])


@formula(
    symbol="N2O_PJ",
    unit="kgN2O",
    over="parcel",
    equation="R2: N·EF1FR·44/28",
    en="Nitrous oxide in the project",
    zh="项目氧化亚氮排放",
)
def nitrous_project(nitrogen: Values, drained_times: Values, area: Values, nitrous_factor: Scale) -> Values:
    return nitrous.direct(nitrogen * area, uncertainty.class_value(drained_times, nitrous_factor))


@formula(symbol="BE_p", unit="tCO2e", over="parcel", equation="R4: BE", en="Baseline emissions", zh="基准线排放量")
def emissions_baseline(
    methane_baseline: Values, nitrous_baseline: Values, gwp_methane: float, gwp_nitrous: float
) -> Values:
    return (methane_baseline * gwp_methane + nitrous_baseline * gwp_nitrous) / KG_PER_T


@formula(symbol="PE_p", unit="tCO2e", over="parcel", equation="R4: PE", en="Project emissions", zh="项目排放量")
def emissions_project(
    methane_project: Values, nitrous_project: Values, gwp_methane: float, gwp_nitrous: float
) -> Values:
    return (methane_project * gwp_methane + nitrous_project * gwp_nitrous) / KG_PER_T


@formula(symbol="A_s", unit="ha", over="stratum", equation="Σ_p A_p", en="Area of the stratum", zh="层面积")
def stratum_area(area: Values, parcel_stratum: Index, baseline_days: Values) -> Values:
    return crops.totals(area, parcel_stratum, len(baseline_days))


@formula(
    symbol="Y_PJ",
    unit="kg/ha",
    over="stratum",
    equation="Σ_p Y·A / Σ_p A",
    en="Yield of the project's parcels",
    zh="项目地块单产",
)
def yield_project(harvest: Values, area: Values, parcel_stratum: Index, baseline_days: Values) -> Values:
    return crops.weighted(harvest, area, parcel_stratum, len(baseline_days))


@formula(
    symbol="Y_REF",
    unit="kg/ha",
    over="stratum",
    equation="Σ Y / n",
    en="Yield of the reference fields",
    zh="参照田单产",
)
def yield_reference(reference_harvest: Values, reference_stratum: Index, baseline_days: Values) -> Values:
    alike = np.ones(len(reference_harvest))
    return crops.weighted(reference_harvest, alike, reference_stratum, len(baseline_days))


@formula(
    symbol="f_REF/EF_BL",
    unit="-",
    over="stratum",
    equation="f_REF / EF_BL",
    en="Measured flux over the baseline factor",
    zh="参照田实测通量与基准线因子之比",
)
def flux_ratio(
    reference_flux: Values,
    reference_stratum: Index,
    factor_baseline: Values,
    area: Values,
    parcel_stratum: Index,
    stratum_area: Values,
) -> Values:
    strata = len(stratum_area)
    measured = crops.weighted(reference_flux, np.ones(len(reference_flux)), reference_stratum, strata)
    return measured * stratum_area / crops.totals(factor_baseline * area, parcel_stratum, strata)


@formula(
    symbol="δ",
    unit="%",
    over="stratum",
    equation="Y_PJ / Y_REF − 1 ≥ −δ_Y",
    en="Change of the yield",
    zh="单产变化",
)
def yield_change(
    yield_project: Values, yield_reference: Values, yield_tolerance: float, stratum: Texts = UNNAMED
) -> Values:
    return guards.keep_yield(crops.change(yield_project, yield_reference), yield_tolerance, stratum)


@formula(
    symbol="BE_s",
    unit="tCO2e",
    over="stratum",
    equation="Σ_p BE_p",
    en="Baseline emissions of the stratum",
    zh="层基准线排放量",
)
def stratum_baseline(emissions_baseline: Values, parcel_stratum: Index, baseline_days: Values) -> Values:
    return crops.totals(emissions_baseline, parcel_stratum, len(baseline_days))


@formula(
    symbol="PE_s",
    unit="tCO2e",
    over="stratum",
    equation="Σ_p PE_p",
    en="Project emissions of the stratum",
    zh="层项目排放量",
)
def stratum_project(emissions_project: Values, parcel_stratum: Index, baseline_days: Values) -> Values:
    return crops.totals(emissions_project, parcel_stratum, len(baseline_days))


@formula(
    symbol="PE_s/(Y·A)",
    unit="kgCO2e/kg",
    over="stratum",
    equation="1000·PE_s / (Y_PJ·A_s)",
    bounds=(0, 20),
    en="Emissions per kg of grain",
    zh="每千克稻谷排放量",
)
def intensity(stratum_project: Values, yield_project: Values, stratum_area: Values) -> Values:
    return stratum_project * KG_PER_T / (yield_project * stratum_area)


@formula(
    symbol="BE_s − PE_s",
    unit="tCO2e",
    over="stratum",
    equation="R4",
    en="Reduction of the stratum",
    zh="层减排量",
)
def stratum_reduction(stratum_baseline: Values, stratum_project: Values) -> Values:
    return stratum_baseline - stratum_project


@formula(
    symbol="(BE_s − PE_s)/A_s",
    unit="tCO2e/ha",
    over="stratum",
    equation="(BE_s − PE_s)/A_s",
    bounds=(-60, 25),
    en="Reduction per hectare and season",
    zh="每公顷每季减排量",
)
def reduction_per_hectare(stratum_reduction: Values, stratum_area: Values) -> Values:
    return stratum_reduction / stratum_area


@formula(
    symbol="BE − PE",
    unit="tCO2e",
    over="project",
    equation="R4: Σ_s",
    en="Reduction before the uncertainty deduction",
    zh="扣减前减排量",
)
def gross(stratum_reduction: Values) -> float:
    return math.fsum(stratum_reduction)


@formula(
    symbol="ER",
    unit="tCO2e",
    over="project",
    equation="R4: (BE − PE)·(1 − UNC) (BE > PE)",
    en="Emission reduction",
    zh="项目减排量",
)
def reduction(gross: float, uncertainty_deduction: float) -> float:
    return gross * (1 - uncertainty_deduction / 100) if gross > 0 else gross

"""CMS-017: methane of rice fields that are drained, by the factors of the IPCC. Equations R1, R2 and R4 as in
docs/algorithms/agriculture.md.

Only the water regime earns. What else the project changes counts where it emits more and never where it emits less: a
shorter season, less straw or less nitrogen would be paid for elsewhere, or not at all.
"""

import numpy as np

from tanhui.methods.engine.formula import formula
from tanhui.methods.families.rice_water.v01 import field
from tanhui.science import crops, methane, nitrous, uncertainty
from tanhui.science.biomass import Values
from tanhui.science.methane import Index
from tanhui.science.uncertainty import Scale

KG_PER_T = 1000
NONE = np.zeros(0)
NOWHERE = np.zeros(0, dtype=np.intp)


season_days = field.season_days
drained_times = field.drained_times


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


stratum_area = field.stratum_area
yield_project = field.yield_project
yield_reference = field.yield_reference


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


yield_change = field.yield_change


@formula(
    symbol="BE_s",
    unit="tCO2e",
    over="stratum",
    equation="Σ_p BE_p",
    en="Baseline emissions of the stratum",
    zh="层基准线排放量",
)
def stratum_baseline(emissions_baseline: Values, parcel_stratum: Index, stratum_count: int) -> Values:
    return crops.totals(emissions_baseline, parcel_stratum, stratum_count)


@formula(
    symbol="PE_s",
    unit="tCO2e",
    over="stratum",
    equation="Σ_p PE_p",
    en="Project emissions of the stratum",
    zh="层项目排放量",
)
def stratum_project(emissions_project: Values, parcel_stratum: Index, stratum_count: int) -> Values:
    return crops.totals(emissions_project, parcel_stratum, stratum_count)


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


reduction_per_hectare = field.reduction_per_hectare
gross = field.gross
reduction = field.reduction

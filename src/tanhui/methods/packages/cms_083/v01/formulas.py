"""CMS-083: soil carbon of conservation tillage against conventionally tilled points, less what its nitrogen and fuel
emit. Equations T1 to T4 as in docs/algorithms/agriculture.md.

Straw that stays on the field shows in the soil that is measured, and nowhere else. Nitrogen counts where it rose.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tanhui.methods import guards
from tanhui.methods.engine.formula import formula
from tanhui.science import biomass, crops, nitrous, sampling, soil, uncertainty
from tanhui.science.biomass import Values
from tanhui.science.crops import Index
from tanhui.science.uncertainty import Scale

Texts = NDArray[np.str_]
Flags = NDArray[np.bool_]
CONFIDENCE = 90  # %, two-sided; AR-TOOL14
KG_PER_T = 1000
UNNAMED = np.zeros(0, dtype=np.str_)


@formula(symbol="A_s", unit="ha", over="stratum", equation="Σ_p A_p", en="Area of the stratum", zh="层面积")
def stratum_area(area: Values, parcel_stratum: Index, harvest: Values) -> Values:
    return crops.totals(area, parcel_stratum, len(harvest))


@formula(
    symbol="δ",
    unit="%",
    over="stratum",
    equation="Y_PJ / Y_control − 1 ≥ −δ_Y",
    en="Change of the yield",
    zh="单产变化",
)
def yield_change(harvest: Values, control_harvest: Values, yield_tolerance: float, stratum: Texts = UNNAMED) -> Values:
    return guards.keep_yield(crops.change(harvest, control_harvest), yield_tolerance, stratum)


@formula(
    symbol="M",
    unit="t/ha",
    over="core",
    equation="T1: M = min(M_1, M_2)",
    bounds=(300, 40000),
    en="Mass of fine earth compared",
    zh="比较所用等质量细土量",
)
def reference_mass(
    bulk_density: Values, top: Values, bottom: Values, coarse: Values, layer_core: Index, survey: Texts, control: Flags
) -> Values:
    mass = soil.layer_mass(bulk_density, bottom - top, coarse)
    second = survey == "second"
    return np.minimum(*(soil.per_core(mass[one], layer_core[one], len(control)) for one in (~second, second)))


@formula(
    symbol="SOC_1",
    unit="tC/ha",
    over="core",
    equation="T1: Σ C·BD·d·(1 − coarse)/10 down to M",
    bounds=(0, 600),
    en="Soil carbon, first survey",
    zh="第一次调查土壤有机碳",
)
def soil_1(
    carbon: Values,
    bulk_density: Values,
    top: Values,
    bottom: Values,
    coarse: Values,
    layer_core: Index,
    survey: Texts,
    reference_mass: Values,
) -> Values:
    one = survey == "first"
    return soil.equivalent_mass_stock(
        carbon[one], bulk_density[one], (bottom - top)[one], coarse[one], layer_core[one], reference_mass
    )


@formula(
    symbol="SOC_2",
    unit="tC/ha",
    over="core",
    equation="T1: Σ C·BD·d·(1 − coarse)/10 down to M",
    bounds=(0, 600),
    en="Soil carbon, second survey",
    zh="第二次调查土壤有机碳",
)
def soil_2(
    carbon: Values,
    bulk_density: Values,
    top: Values,
    bottom: Values,
    coarse: Values,
    layer_core: Index,
    survey: Texts,
    reference_mass: Values,
) -> Values:
    one = survey == "second"
    return soil.equivalent_mass_stock(
        carbon[one], bulk_density[one], (bottom - top)[one], coarse[one], layer_core[one], reference_mass
    )


@formula(
    symbol="ΔSOC",
    unit="tC/ha",
    over="core",
    equation="T1: SOC_2 − SOC_1",
    en="Change of soil carbon at the point",
    zh="采样点土壤有机碳变化",
)
def core_change(soil_1: Values, soil_2: Values) -> Values:
    return soil_2 - soil_1


@formula(
    symbol="ΔSOC_PJ",
    unit="tC/ha",
    over="stratum",
    equation="T2: Σ ΔSOC / n_PJ",
    en="Mean change under the practice",
    zh="项目采样点平均变化",
)
def change_project(core_change: Values, core_stratum: Index, control: Flags, harvest: Values) -> Values:
    return sampling.means(core_change[~control], core_stratum[~control], len(harvest))


@formula(
    symbol="ΔSOC_BL",
    unit="tC/ha",
    over="stratum",
    equation="T2: Σ ΔSOC / n_BL",
    en="Mean change under conventional tillage",
    zh="对照采样点平均变化",
)
def change_control(core_change: Values, core_stratum: Index, control: Flags, harvest: Values) -> Values:
    return sampling.means(core_change[control], core_stratum[control], len(harvest))


@formula(
    symbol="SE²",
    unit="(tC/ha)²",
    over="stratum",
    equation="T2: s²_PJ/n_PJ + s²_BL/n_BL",
    en="Variance of the difference of means",
    zh="均值之差的方差",
)
def difference_variance(core_change: Values, core_stratum: Index, control: Flags, harvest: Values) -> Values:
    parts = []
    for one in (~control, control):
        values, stratum, strata = core_change[one], core_stratum[one], len(harvest)
        parts.append(sampling.variances(values, stratum, strata) / sampling.counts(stratum, strata))
    return parts[0] + parts[1]


@formula(
    symbol="ΔC_s",
    unit="tCO2",
    over="stratum",
    equation="T2: 44/12·A·(ΔSOC_PJ − ΔSOC_BL)",
    en="Soil carbon gained by the practice",
    zh="层土壤碳增量",
)
def stratum_soil(change_project: Values, change_control: Values, stratum_area: Values) -> Values:
    return biomass.carbon_dioxide((change_project - change_control) * stratum_area)


@formula(
    symbol="ΔC_s/(A·T)",
    unit="tCO2/(ha·a)",
    over="stratum",
    equation="ΔC_s/(A·T)",
    bounds=(-20, 10),
    en="Yearly gain per hectare",
    zh="年均每公顷增量",
)
def yearly_gain(stratum_soil: Values, stratum_area: Values, years: float) -> Values:
    return stratum_soil / stratum_area / years


@formula(symbol="ΔC", unit="tCO2", over="project", equation="T2: Σ_s ΔC_s", en="Soil carbon gained", zh="土壤碳增量")
def soil_gain(stratum_soil: Values) -> float:
    return math.fsum(stratum_soil)


@formula(
    symbol="h",
    unit="tCO2",
    over="project",
    equation="U2: t·44/12·√Σ A²·SE²",
    en="Half-width of the gain, 90 %",
    zh="增量置信半宽（90%）",
)
def half_width(difference_variance: Values, stratum_area: Values, core_change: Values) -> float:
    t = sampling.student_t(CONFIDENCE, len(core_change) - 2 * len(stratum_area))
    return t * biomass.CO2_PER_CARBON * math.sqrt(math.fsum(stratum_area * stratum_area * difference_variance))


@formula(
    symbol="D_u",
    unit="tCO2",
    over="project",
    equation="AR-TOOL14: d(u)·h",
    en="Deduction for uncertainty",
    zh="不确定性扣减量",
)
def uncertainty_amount(soil_gain: float, half_width: float, uncertainty_discount: Scale) -> float:
    return float(uncertainty.share_of_half_width(soil_gain, half_width, uncertainty_discount))


@formula(
    symbol="ΔC_u",
    unit="tCO2",
    over="project",
    equation="T3: ΔC − D_u",
    en="Soil carbon after the deduction for uncertainty",
    zh="扣减不确定性后的土壤碳增量",
)
def soil_kept(soil_gain: float, uncertainty_amount: float) -> float:
    return float(uncertainty.conservative(soil_gain, uncertainty_amount))


@formula(
    symbol="ΔC·",
    unit="tCO2",
    over="project",
    equation="T3: ΔC_u·(1 − K_RISK) (ΔC_u > 0)",
    en="Soil carbon after both deductions",
    zh="两项扣减后的土壤碳增量",
)
def soil_certain(soil_kept: float, risk_deduction: float) -> float:
    return soil_kept * (1 - risk_deduction / 100) if soil_kept > 0 else soil_kept


@formula(
    symbol="ΔN_s",
    unit="tN",
    over="stratum",
    equation="T4: max(N − N_BL, 0)·A·T",
    en="Nitrogen added by the project",
    zh="项目增加的施氮量",
)
def nitrogen_added(nitrogen: Values, baseline_nitrogen: Values, stratum_area: Values, years: float) -> Values:
    return np.maximum(nitrogen - baseline_nitrogen, 0) * stratum_area * years / KG_PER_T


@formula(
    symbol="ΔN2O_s",
    unit="tCO2e",
    over="stratum",
    equation="T4: GWP·(N1 + N2 + N3)",
    en="Nitrous oxide of the nitrogen added",
    zh="增施氮素的氧化亚氮排放",
)
def nitrous_added(
    nitrogen_added: Values,
    direct_factor: Values,
    volatile_share: float,
    deposition_factor: Values,
    leaching_share: Values,
    leaching_factor: float,
    gwp_nitrous: float,
) -> Values:
    direct = nitrous.direct(nitrogen_added, direct_factor)
    volatilised = nitrous.volatilised(nitrogen_added, np.asarray(volatile_share), deposition_factor)
    leached = nitrous.leached(nitrogen_added, leaching_share, np.asarray(leaching_factor))
    return (direct + volatilised + leached) * gwp_nitrous


@formula(
    symbol="ΔF_s",
    unit="tCO2",
    over="stratum",
    equation="T4: Δdiesel·NCV·CC·OF·44/12",
    en="Diesel burnt beyond the baseline",
    zh="耕作柴油排放变化",
)
def fuel_change(
    fuel: Values,
    baseline_fuel: Values,
    stratum_area: Values,
    years: float,
    diesel_heat: float,
    diesel_carbon: float,
    diesel_oxidation: float,
) -> Values:
    burnt = (fuel - baseline_fuel) * stratum_area * years / KG_PER_T
    return biomass.carbon_dioxide(burnt * diesel_heat * diesel_carbon * diesel_oxidation)


@formula(
    symbol="ER",
    unit="tCO2e",
    over="project",
    equation="T4: ΔC· − ΔN2O − ΔF − LK",
    en="Net removal and reduction",
    zh="项目减排增汇量",
)
def removal(soil_certain: float, nitrous_added: Values, fuel_change: Values, leakage: float) -> float:
    return math.fsum([soil_certain, -math.fsum(nitrous_added), -math.fsum(fuel_change), -leakage])

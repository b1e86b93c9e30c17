"""AR-CM-001-V01, volume path, ex post from re-measured plots. Equation numbers F1 to F4 as in docs/algorithms."""

import math

import numpy as np

from tanhui.methods.engine.formula import formula
from tanhui.methods.precision import MorePlotsNeeded
from tanhui.science import biomass, sampling
from tanhui.science.biomass import Values
from tanhui.science.sampling import Index

CONFIDENCE = 90  # %, two-sided; AR-TOOL14 and the precision section of AR-CM-001


@formula(
    symbol="V_1",
    unit="m3/ha",
    over="plot",
    equation="unit step",
    bounds=(0, 1500),
    en="Stem volume per hectare, first survey",
    zh="第一次调查每公顷蓄积量",
)
def volume_1(stock_1: Values, plot_area: float) -> Values:
    return biomass.per_hectare(stock_1, plot_area)


@formula(
    symbol="V_2",
    unit="m3/ha",
    over="plot",
    equation="unit step",
    bounds=(0, 1500),
    en="Stem volume per hectare, second survey",
    zh="第二次调查每公顷蓄积量",
)
def volume_2(stock_2: Values, plot_area: float) -> Values:
    return biomass.per_hectare(stock_2, plot_area)


@formula(
    symbol="B_1",
    unit="t d.m./ha",
    over="plot",
    equation="F4a: B = V·D·BEF·(1+R)",
    bounds=(0, 1000),
    en="Tree biomass per hectare, first survey",
    zh="第一次调查每公顷林木生物量",
)
def biomass_1(volume_1: Values, wood_density: Values, expansion_factor: Values, root_shoot_ratio: Values) -> Values:
    return biomass.from_volume(volume_1, wood_density, expansion_factor, root_shoot_ratio)


@formula(
    symbol="B_2",
    unit="t d.m./ha",
    over="plot",
    equation="F4a: B = V·D·BEF·(1+R)",
    bounds=(0, 1000),
    en="Tree biomass per hectare, second survey",
    zh="第二次调查每公顷林木生物量",
)
def biomass_2(volume_2: Values, wood_density: Values, expansion_factor: Values, root_shoot_ratio: Values) -> Values:
    return biomass.from_volume(volume_2, wood_density, expansion_factor, root_shoot_ratio)


@formula(
    symbol="c_1",
    unit="tCO2/ha",
    over="plot",
    equation="F3: c = 44/12·CF·B",
    en="Tree carbon stock per hectare, first survey",
    zh="第一次调查每公顷林木碳储量",
)
def density_1(biomass_1: Values, carbon_fraction: Values) -> Values:
    return biomass.carbon_dioxide(biomass.carbon(biomass_1, carbon_fraction))


@formula(
    symbol="c_2",
    unit="tCO2/ha",
    over="plot",
    equation="F3: c = 44/12·CF·B",
    en="Tree carbon stock per hectare, second survey",
    zh="第二次调查每公顷林木碳储量",
)
def density_2(biomass_2: Values, carbon_fraction: Values) -> Values:
    return biomass.carbon_dioxide(biomass.carbon(biomass_2, carbon_fraction))


@formula(
    symbol="Δc",
    unit="tCO2/ha",
    over="plot",
    equation="F3: Δc = c_2 − c_1",
    en="Change of the stock per hectare",
    zh="每公顷碳储量变化",
)
def density_change(density_1: Values, density_2: Values) -> Values:
    return density_2 - density_1


@formula(symbol="n_i", unit="plots", over="stratum", equation="U1", en="Plots in the stratum", zh="层内样地数")
def plots(stratum: Index, stratum_area: Values) -> Values:
    return sampling.counts(stratum, len(stratum_area))


@formula(symbol="w_i", unit="-", over="stratum", equation="U1: w_i = A_i / A", en="Share of the area", zh="面积权重")
def weight(stratum_area: Values) -> Values:
    return sampling.weights(stratum_area)


@formula(
    symbol="c̄_1i",
    unit="tCO2/ha",
    over="stratum",
    equation="U1",
    en="Mean stock, first survey",
    zh="第一次调查层平均碳储量",
)
def mean_1(density_1: Values, stratum: Index, stratum_area: Values) -> Values:
    return sampling.means(density_1, stratum, len(stratum_area))


@formula(
    symbol="c̄_2i",
    unit="tCO2/ha",
    over="stratum",
    equation="U1",
    en="Mean stock, second survey",
    zh="第二次调查层平均碳储量",
)
def mean_2(density_2: Values, stratum: Index, stratum_area: Values) -> Values:
    return sampling.means(density_2, stratum, len(stratum_area))


@formula(
    symbol="s²_1i",
    unit="(tCO2/ha)²",
    over="stratum",
    equation="U1",
    en="Variance, first survey",
    zh="第一次调查层内方差",
)
def variance_1(density_1: Values, stratum: Index, stratum_area: Values) -> Values:
    return sampling.variances(density_1, stratum, len(stratum_area))


@formula(
    symbol="s²_2i",
    unit="(tCO2/ha)²",
    over="stratum",
    equation="U1",
    en="Variance, second survey",
    zh="第二次调查层内方差",
)
def variance_2(density_2: Values, stratum: Index, stratum_area: Values) -> Values:
    return sampling.variances(density_2, stratum, len(stratum_area))


@formula(
    symbol="s²_Δi", unit="(tCO2/ha)²", over="stratum", equation="U1", en="Variance of the change", zh="变化量层内方差"
)
def variance_change(density_change: Values, stratum: Index, stratum_area: Values) -> Values:
    return sampling.variances(density_change, stratum, len(stratum_area))


@formula(
    symbol="C_1i",
    unit="tCO2",
    over="stratum",
    equation="F3: C = A·c̄",
    en="Stock, first survey",
    zh="第一次调查层碳储量",
)
def stock_1_t(mean_1: Values, stratum_area: Values) -> Values:
    return mean_1 * stratum_area


@formula(
    symbol="C_2i",
    unit="tCO2",
    over="stratum",
    equation="F3: C = A·c̄",
    en="Stock, second survey",
    zh="第二次调查层碳储量",
)
def stock_2_t(mean_2: Values, stratum_area: Values) -> Values:
    return mean_2 * stratum_area


@formula(
    symbol="ΔC_i",
    unit="tCO2",
    over="stratum",
    equation="F3: ΔC = C_2 − C_1",
    en="Change of the stock in the stratum",
    zh="层碳储量变化",
)
def stratum_change(stock_1_t: Values, stock_2_t: Values) -> Values:
    return stock_2_t - stock_1_t


@formula(
    symbol="ΔC_i/(A_i·T)",
    unit="tCO2/(ha·a)",
    over="stratum",
    equation="F3",
    bounds=(-np.inf, 30),
    en="Yearly change per hectare",
    zh="层年均每公顷变化",
)
def yearly_change(stratum_change: Values, stratum_area: Values, years: float) -> Values:
    return stratum_change / stratum_area / years


@formula(
    symbol="u_1",
    unit="%",
    over="project",
    equation="U2: u = t·√Σw²s²/n / c̄",
    en="Uncertainty of the stock, first survey, 90 %",
    zh="第一次调查碳储量不确定性（90%）",
)
def uncertainty_1(mean_1: Values, variance_1: Values, plots: Values, weight: Values) -> float:
    # Bare land has no stock to be uncertain about; the second survey then decides the class.
    return sampling.relative_half_width(mean_1, variance_1, plots, weight, CONFIDENCE) if mean_1.any() else 0.0


@formula(
    symbol="u_2",
    unit="%",
    over="project",
    equation="U2: u = t·√Σw²s²/n / c̄",
    en="Uncertainty of the stock, second survey, 90 %",
    zh="第二次调查碳储量不确定性（90%）",
)
def uncertainty_2(mean_2: Values, variance_2: Values, plots: Values, weight: Values) -> float:
    return sampling.relative_half_width(mean_2, variance_2, plots, weight, CONFIDENCE) if mean_2.any() else 0.0


@formula(
    symbol="h_Δ",
    unit="tCO2",
    over="project",
    equation="U2 on paired plots",
    en="Half-width of the change, 90 %",
    zh="变化量置信半宽（90%）",
)
def half_width_change(variance_change: Values, plots: Values, weight: Values, stratum_area: Values) -> float:
    t = sampling.student_t(CONFIDENCE, int(math.fsum(plots)) - len(plots))
    return math.fsum(stratum_area) * t * math.sqrt(math.fsum(weight * weight * variance_change / plots))


@formula(
    symbol="ΔC_TREE",
    unit="tCO2",
    over="project",
    equation="F3: ΔC = Σ_i ΔC_i",
    en="Change of the tree stock",
    zh="林木碳储量变化量",
)
def change_tree(stratum_change: Values) -> float:
    return math.fsum(stratum_change)


@formula(
    symbol="ΔC_ACTUAL",
    unit="tCO2e",
    over="project",
    equation="F2: ΔC_TREE + ΔC_SHRUB + ΔC_DW + ΔC_LI + ΔSOC − GHG_FIRE",
    en="Actual net removal",
    zh="项目碳汇量",
)
def change_actual(
    change_tree: float,
    change_shrub: float,
    change_dead_wood: float,
    change_litter: float,
    change_soil: float,
    fire_emissions: float,
) -> float:
    return math.fsum([change_tree, change_shrub, change_dead_wood, change_litter, change_soil, -fire_emissions])


@formula(
    symbol="ΔC_NET",
    unit="tCO2e",
    over="project",
    equation="F1: ΔC_ACTUAL − ΔC_BSL − LK",
    en="Net removal before deductions",
    zh="扣减前净碳汇量",
)
def change_net(change_actual: float, baseline_change: float, leakage: float) -> float:
    return math.fsum([change_actual, -baseline_change, -leakage])


@formula(
    symbol="DR",
    unit="%",
    over="project",
    equation="class of the larger of u_1, u_2",
    en="Uncertainty deduction",
    zh="不确定性扣减率",
)
def deduction(uncertainty_1: float, uncertainty_2: float, uncertainty_deduction: tuple[Values, Values]) -> float:
    upper, rates = uncertainty_deduction
    widest = max(uncertainty_1, uncertainty_2)
    place = int(np.searchsorted(upper, widest))  # a class includes its upper bound
    if place == len(rates):
        raise MorePlotsNeeded(uncertainty=f"{widest:.1f}", limit=f"{upper[-1]:g}")
    return float(rates[place])


@formula(
    symbol="ΔC_NET·(1−DR)",
    unit="tCO2e",
    over="project",
    equation="deduction from a gain only",
    en="Net removal after the uncertainty deduction",
    zh="不确定性扣减后净碳汇量",
)
def change_certain(change_net: float, deduction: float) -> float:
    return change_net * (1 - deduction / 100) if change_net > 0 else change_net


@formula(
    symbol="CDR",
    unit="tCO2e",
    over="project",
    equation="CCER-14-001: (ΔC_PROJ − ΔC_BSL − LK)·(1 − K_RISK)",
    en="Removal after the non-permanence deduction",
    zh="项目减排量（扣除非持久性风险后）",
)
def removal(change_certain: float, risk_deduction: float) -> float:
    return change_certain * (1 - risk_deduction / 100) if change_certain > 0 else change_certain

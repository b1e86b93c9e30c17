"""AR-TOOL14: stratified estimate of a stock and of its change, by plots at two surveys. U1 to U5 as in the docs."""

import math

import numpy as np

from tanhui.methods.engine.formula import formula
from tanhui.science import biomass, monte_carlo, pools, sampling, uncertainty
from tanhui.science.biomass import Values
from tanhui.science.monte_carlo import Normal
from tanhui.science.sampling import Index
from tanhui.science.uncertainty import Scale, Scenario

CONFIDENCE = 90  # %, two-sided
DRAWS = 10_000
CAP = 1e6  # %: u of a change of nothing is recorded as this


def _shrub(cover: Values, area: Values, forest: float, ratio: float, root_shoot: float, fraction: float) -> Values:
    """U5 for each stratum: tCO₂ of shrubs that cover ``cover`` % of ``area`` ha."""
    above = pools.shrub_biomass(cover, np.asarray(forest), np.asarray(ratio), np.zeros(()))
    whole = pools.with_roots(above, np.asarray(root_shoot)) * area
    return biomass.carbon_dioxide(biomass.carbon(whole, np.asarray(fraction)))


@formula(symbol="w_i", unit="-", over="stratum", equation="U1: w_i = A_i / A", en="Share of the area", zh="面积权重")
def weight(stratum_area: Values) -> Values:
    return sampling.weights(stratum_area)


@formula(symbol="n_1i", unit="plots", over="stratum", equation="U1", en="Plots, first survey", zh="第一次调查样地数")
def plots_1(stratum_of_first: Index, stratum_area: Values) -> Values:
    return sampling.counts(stratum_of_first, len(stratum_area))


@formula(symbol="n_2i", unit="plots", over="stratum", equation="U1", en="Plots, second survey", zh="第二次调查样地数")
def plots_2(stratum_of_second: Index, stratum_area: Values) -> Values:
    return sampling.counts(stratum_of_second, len(stratum_area))


@formula(
    symbol="b̄_1i",
    unit="t d.m./ha",
    over="stratum",
    equation="U1: b̄_i = Σ b / n_i",
    en="Mean of the stratum, first survey",
    zh="第一次调查层平均生物量",
)
def mean_1(biomass_1: Values, stratum_of_first: Index, stratum_area: Values) -> Values:
    return sampling.means(biomass_1, stratum_of_first, len(stratum_area))


@formula(
    symbol="b̄_2i",
    unit="t d.m./ha",
    over="stratum",
    equation="U1: b̄_i = Σ b / n_i",
    en="Mean of the stratum, second survey",
    zh="第二次调查层平均生物量",
)
def mean_2(biomass_2: Values, stratum_of_second: Index, stratum_area: Values) -> Values:
    return sampling.means(biomass_2, stratum_of_second, len(stratum_area))


@formula(
    symbol="s²_1i",
    unit="(t d.m./ha)²",
    over="stratum",
    equation="U1: s_i² = [n Σb² − (Σb)²] / [n (n − 1)]",
    en="Variance in the stratum, first survey",
    zh="第一次调查层内方差",
)
def variance_1(biomass_1: Values, stratum_of_first: Index, stratum_area: Values) -> Values:
    return sampling.variances(biomass_1, stratum_of_first, len(stratum_area))


@formula(
    symbol="s²_2i",
    unit="(t d.m./ha)²",
    over="stratum",
    equation="U1: s_i² = [n Σb² − (Σb)²] / [n (n − 1)]",
    en="Variance in the stratum, second survey",
    zh="第二次调查层内方差",
)
def variance_2(biomass_2: Values, stratum_of_second: Index, stratum_area: Values) -> Values:
    return sampling.variances(biomass_2, stratum_of_second, len(stratum_area))


@formula(
    symbol="b̄_1",
    unit="t d.m./ha",
    over="project",
    equation="U1: b̄ = Σ w_i b̄_i",
    en="Mean, first survey",
    zh="第一次调查加权平均生物量",
)
def density_1(mean_1: Values, weight: Values) -> float:
    return sampling.weighted_mean(mean_1, weight)


@formula(
    symbol="b̄_2",
    unit="t d.m./ha",
    over="project",
    equation="U1: b̄ = Σ w_i b̄_i",
    en="Mean, second survey",
    zh="第二次调查加权平均生物量",
)
def density_2(mean_2: Values, weight: Values) -> float:
    return sampling.weighted_mean(mean_2, weight)


@formula(
    symbol="u_1",
    unit="%",
    over="project",
    equation="U2: u = t(n − M, 90 %)·√(Σ w_i² s_i²/n_i) / b̄",
    en="Half-width in % of the stock, first survey",
    zh="第一次调查碳储量相对半宽（90%）",
)
def uncertainty_1(mean_1: Values, variance_1: Values, plots_1: Values, weight: Values) -> float:
    # Bare land has no stock to be uncertain about; the second survey then decides.
    return sampling.relative_half_width(mean_1, variance_1, plots_1, weight, CONFIDENCE) if mean_1.any() else 0.0


@formula(
    symbol="u_2",
    unit="%",
    over="project",
    equation="U2: u = t(n − M, 90 %)·√(Σ w_i² s_i²/n_i) / b̄",
    en="Half-width in % of the stock, second survey",
    zh="第二次调查碳储量相对半宽（90%）",
)
def uncertainty_2(mean_2: Values, variance_2: Values, plots_2: Values, weight: Values) -> float:
    return sampling.relative_half_width(mean_2, variance_2, plots_2, weight, CONFIDENCE) if mean_2.any() else 0.0


@formula(
    symbol="C_1",
    unit="tCO2e",
    over="project",
    equation="U3: C = 44/12·CF·A·b̄",
    en="Stock, first survey",
    zh="第一次调查碳储量",
)
def stock_1(density_1: float, stratum_area: Values, carbon_fraction: float) -> float:
    return density_1 * math.fsum(stratum_area) * carbon_fraction * biomass.CO2_PER_CARBON


@formula(
    symbol="C_2",
    unit="tCO2e",
    over="project",
    equation="U3: C = 44/12·CF·A·b̄",
    en="Stock, second survey",
    zh="第二次调查碳储量",
)
def stock_2(density_2: float, stratum_area: Values, carbon_fraction: float) -> float:
    return density_2 * math.fsum(stratum_area) * carbon_fraction * biomass.CO2_PER_CARBON


@formula(
    symbol="ΔC_TREE",
    unit="tCO2e",
    over="project",
    equation="ΔC = C_2 − C_1",
    en="Change of the tree stock",
    zh="林木碳储量变化量",
)
def change_tree(stock_1: float, stock_2: float) -> float:
    return stock_2 - stock_1


@formula(
    symbol="h_ΔC",
    unit="tCO2e",
    over="project",
    equation="U4: h = √[(u_1 C_1)² + (u_2 C_2)²]",
    en="Half-width of the change",
    zh="变化量置信半宽（90%）",
)
def half_width_change(stock_1: float, stock_2: float, uncertainty_1: float, uncertainty_2: float) -> float:
    return float(uncertainty.of_sum(np.array([uncertainty_1 / 100 * stock_1, uncertainty_2 / 100 * stock_2])))


@formula(
    symbol="h_MC",
    unit="tCO2e",
    over="project",
    equation="Monte Carlo, 10000 draws: half of the 5th to 95th percentile of 44/12·CF·(1+ε)·Σ A_i(b̄_2i − b̄_1i)",
    en="Half-width of the change with the errors of equations and carbon fraction, which both surveys share",
    zh="计入方程与含碳率误差的变化量置信半宽（蒙特卡洛，两次调查共用同一误差）",
)
def half_width_with_models(
    mean_1: Values,
    mean_2: Values,
    variance_1: Values,
    variance_2: Values,
    plots_1: Values,
    plots_2: Values,
    stratum_area: Values,
    carbon_fraction: float,
    model_error: float,
    carbon_fraction_error: float,
    seed: float,
) -> float:
    def change(first: Values, second: Values, model: Values, fraction: Values) -> Values:
        grown: Values = ((second - first) * stratum_area).sum(axis=1)
        return grown * (1 + model[:, 0]) * fraction[:, 0] * biomass.CO2_PER_CARBON

    quantities = {
        "first": Normal(mean_1, np.sqrt(variance_1 / plots_1)),
        "second": Normal(mean_2, np.sqrt(variance_2 / plots_2)),
        "model": Normal(0.0, model_error / 100, low=-1.0),
        "fraction": Normal(carbon_fraction, carbon_fraction * carbon_fraction_error / 100, low=0.0),
    }
    found = monte_carlo.propagate(change, quantities, draws=DRAWS, seed=int(seed), confidence=CONFIDENCE)
    return float(found.half_width)


@formula(
    symbol="u_ΔC",
    unit="%",
    over="project",
    equation="U4: u = h / |ΔC|",
    en="Half-width in % of the change",
    zh="变化量相对半宽",
)
def uncertainty_change(change_tree: float, half_width_change: float) -> float:
    return min(float(uncertainty.relative(change_tree, half_width_change)), CAP)


@formula(
    symbol="DISC",
    unit="tCO2e",
    over="project",
    equation="d(u_ΔC)·h",
    en="Deduction for uncertainty",
    zh="不确定性扣减量",
)
def deduction(change_tree: float, half_width_change: float, discount: Scale) -> float:
    return float(uncertainty.share_of_half_width(change_tree, half_width_change, discount))


@formula(
    symbol="ΔC_TREE,disc",
    unit="tCO2e",
    over="project",
    equation="ΔC − DISC in the project, ΔC + DISC in the baseline",
    en="Change of the tree stock after the deduction",
    zh="扣减后林木碳储量变化量",
)
def change_certain(change_tree: float, deduction: float, scenario: Scenario = "project") -> float:
    return float(uncertainty.conservative(change_tree, deduction, scenario))


@formula(
    symbol="C_SHRUB,1i",
    unit="tCO2e",
    over="stratum",
    equation="U5: C = 44/12·CF_s·(1+R_s)·A·BDR_SF·b_FOREST·CC",
    en="Shrub stock, first survey",
    zh="第一次调查灌木碳储量",
)
def shrub_1(
    shrub_cover_1: Values,
    stratum_area: Values,
    forest_biomass: float,
    shrub_ratio: float,
    shrub_root_shoot: float,
    shrub_carbon_fraction: float,
) -> Values:
    return _shrub(shrub_cover_1, stratum_area, forest_biomass, shrub_ratio, shrub_root_shoot, shrub_carbon_fraction)


@formula(
    symbol="C_SHRUB,2i",
    unit="tCO2e",
    over="stratum",
    equation="U5: C = 44/12·CF_s·(1+R_s)·A·BDR_SF·b_FOREST·CC",
    en="Shrub stock, second survey",
    zh="第二次调查灌木碳储量",
)
def shrub_2(
    shrub_cover_2: Values,
    stratum_area: Values,
    forest_biomass: float,
    shrub_ratio: float,
    shrub_root_shoot: float,
    shrub_carbon_fraction: float,
) -> Values:
    return _shrub(shrub_cover_2, stratum_area, forest_biomass, shrub_ratio, shrub_root_shoot, shrub_carbon_fraction)


@formula(
    symbol="ΔC_SHRUB",
    unit="tCO2e",
    over="project",
    equation="Σ_i (C_SHRUB,2i − C_SHRUB,1i)",
    en="Change of the shrub stock",
    zh="灌木碳储量变化量",
)
def change_shrub(shrub_1: Values, shrub_2: Values) -> float:
    return math.fsum(shrub_2) - math.fsum(shrub_1)


@formula(
    symbol="ΔC_CC,i",
    unit="tCO2e",
    over="stratum",
    equation="U5: ΔC = 44/12·CF·Δb_FOREST·(1+R)·CC·A·T",
    en="Growth of trees by crown cover",
    zh="按盖度估算的乔木碳储量增长",
)
def cover_growth(
    tree_cover: Values,
    stratum_area: Values,
    forest_increment: float,
    tree_root_shoot: float,
    carbon_fraction: float,
    cover_years: float,
) -> Values:
    grown = pools.with_roots(forest_increment * tree_cover / 100, np.asarray(tree_root_shoot)) * stratum_area
    return biomass.carbon_dioxide(biomass.carbon(grown * cover_years, np.asarray(carbon_fraction)))


@formula(
    symbol="ΔC_CC",
    unit="tCO2e",
    over="project",
    equation="Σ_i ΔC_CC,i",
    en="Growth of trees by crown cover, all strata",
    zh="按盖度估算的乔木碳储量增长合计",
)
def change_cover(cover_growth: Values) -> float:
    return math.fsum(cover_growth)


@formula(
    symbol="ΔC",
    unit="tCO2e",
    over="project",
    equation="ΔC_TREE,disc + ΔC_SHRUB + ΔC_CC",
    en="Change of the stock of trees and shrubs",
    zh="乔木与灌木碳储量变化量",
)
def change(change_certain: float, change_shrub: float = 0.0, change_cover: float = 0.0) -> float:
    return change_certain + change_shrub + change_cover

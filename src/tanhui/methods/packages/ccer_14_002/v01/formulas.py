"""A stand-in for the computation of CCER-14-002-V01, which was not at hand: biomass from re-measured plots (AR-TOOL14),
soil and gases by the defaults of VM0033 v2.1. Not CCER."""

import math

import numpy as np

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine.formula import formula
from tanhui.science import biomass, sampling, uncertainty, wetland
from tanhui.science.biomass import Values
from tanhui.science.sampling import Index
from tanhui.science.wetland import Texts

CONFIDENCE = 90  # %, two-sided


class MangroveTooUncertain(Refusal):
    code = "methods.mangrove_too_uncertain"
    sentence = gettext_noop(
        "The stock is known to ±%(uncertainty)s %% only, and the methodology deducts up to ±%(limit)s %%. "
        "Measure more plots, or stratify better."
    )
    clause = "CCER-14-001-V01, precision control"
    status = 422


@formula(
    symbol="W_top",
    unit="kg",
    over="tree",
    equation="W = f(D, ρ)",
    bounds=(0, 20000),
    en="Mass of the tree above ground",
    zh="单株地上生物量",
)
def top(top_form: Texts, top_a: Values, top_b: Values, diameter: Values, wood_density: Values) -> Values:
    return wetland.tree_biomass(top_form, top_a, top_b, diameter, wood_density)


@formula(
    symbol="W_root",
    unit="kg",
    over="tree",
    equation="W = f(D, ρ) | R·W_top",
    bounds=(0, 20000),
    en="Mass of the tree below ground",
    zh="单株地下生物量",
)
def root(
    root_form: Texts, root_a: Values, root_b: Values, diameter: Values, wood_density: Values, top: Values
) -> Values:
    own = wetland.tree_biomass(root_form, root_a, root_b, diameter, wood_density)
    return np.where(root_form == "ratio", root_a * top, own)


@formula(
    symbol="b_1",
    unit="t d.m./ha",
    over="plot",
    equation="b = Σ W / A_p",
    bounds=(0, 700),
    en="Biomass per hectare, before",
    zh="前期每公顷生物量",
)
def biomass_1(top: Values, root: Values, plot: Index, measured_after: Values, plot_area: Values) -> Values:
    return wetland.per_hectare((top + root) * (1 - measured_after), plot, plot_area)


@formula(
    symbol="b_2",
    unit="t d.m./ha",
    over="plot",
    equation="b = Σ W / A_p",
    bounds=(0, 700),
    en="Biomass per hectare, after",
    zh="后期每公顷生物量",
)
def biomass_2(top: Values, root: Values, plot: Index, measured_after: Values, plot_area: Values) -> Values:
    return wetland.per_hectare((top + root) * measured_after, plot, plot_area)


@formula(
    symbol="Δc",
    unit="tCO2/ha",
    over="plot",
    equation="U3: 44/12·CF·(b_2 − b_1)",
    en="Change of the stock per hectare",
    zh="每公顷碳储量变化",
)
def density_change(biomass_1: Values, biomass_2: Values, carbon_fraction: float) -> Values:
    return biomass.carbon_dioxide((biomass_2 - biomass_1) * carbon_fraction)


@formula(symbol="n_i", unit="plots", over="stratum", equation="U1", en="Plots in the stratum", zh="层内样地数")
def plots(stratum: Index, area: Values) -> Values:
    return sampling.counts(stratum, len(area))


@formula(symbol="w_i", unit="-", over="stratum", equation="U1: w_i = A_i / A", en="Share of the area", zh="面积权重")
def weight(area: Values) -> Values:
    return sampling.weights(area)


@formula(symbol="Δc̄_i", unit="tCO2/ha", over="stratum", equation="U1", en="Mean change of the stratum", zh="层平均变化")
def mean_change(density_change: Values, stratum: Index, area: Values) -> Values:
    return sampling.means(density_change, stratum, len(area))


@formula(
    symbol="s²_i",
    unit="(tCO2/ha)²",
    over="stratum",
    equation="U1",
    en="Variance of the change",
    zh="变化量层内方差",
)
def variance_change(density_change: Values, stratum: Index, area: Values) -> Values:
    return sampling.variances(density_change, stratum, len(area))


@formula(
    symbol="ΔC_i",
    unit="tCO2e",
    over="stratum",
    equation="U3: A_i·Δc̄_i",
    en="Biomass change of the stratum",
    zh="层生物质碳变化量",
)
def stratum_change(mean_change: Values, area: Values) -> Values:
    return mean_change * area


@formula(
    symbol="ΔC_BIO",
    unit="tCO2e",
    over="project",
    equation="Σ ΔC_i",
    en="Change of biomass carbon",
    zh="生物质碳变化量",
)
def change_biomass(stratum_change: Values) -> float:
    return math.fsum(stratum_change)


@formula(
    symbol="u",
    unit="%",
    over="project",
    equation="U2: t(n − M)·√Σ(w²s²/n) / |Δc̄|",
    en="Uncertainty of the change",
    zh="变化量不确定性",
)
def relative_uncertainty(mean_change: Values, variance_change: Values, plots: Values, weight: Values) -> float:
    if not np.any(mean_change):
        return 0.0
    return sampling.relative_half_width(mean_change, variance_change, plots, weight, CONFIDENCE)


@formula(
    symbol="DR",
    unit="%",
    over="project",
    equation="DR(u)",
    bounds=(0, 100),
    en="Deduction for uncertainty",
    zh="不确定性扣减率",
)
def deduction(relative_uncertainty: float, uncertainty_deduction: tuple[Values, Values]) -> float:
    try:
        return float(uncertainty.class_value(relative_uncertainty, uncertainty_deduction))
    except uncertainty.TooUncertain as problem:
        raise MangroveTooUncertain(uncertainty=f"{problem.u:.1f}", limit=f"{problem.limit:g}") from problem


@formula(
    symbol="ΔC_BIO·(1−DR)",
    unit="tCO2e",
    over="project",
    equation="ΔC·(1 − DR), ΔC > 0",
    en="Change of biomass carbon after the deduction",
    zh="扣减后生物质碳变化量",
)
def certain_biomass(change_biomass: float, deduction: float) -> float:
    return change_biomass * (1 - deduction / 100) if change_biomass > 0 else change_biomass


@formula(
    symbol="C_soil",
    unit="tC/ha/yr",
    over="stratum",
    equation="VM0033 (33): 1.46·min[1, max(0, (cover − 15)/35)]",
    en="Carbon laid down in the soil",
    zh="土壤碳年积累量",
)
def soil_gain(cover: Values, soil_accumulation: float) -> Values:
    return wetland.default_accumulation(cover, soil_accumulation)


@formula(
    symbol="GHG_soil-CO2",
    unit="tCO2e/ha/yr",
    over="stratum",
    equation="VM0033 (36): −44/12·C",
    en="Carbon dioxide from the soil",
    zh="土壤二氧化碳排放（负为清除）",
)
def soil_carbon_dioxide(soil_gain: Values) -> Values:
    return wetland.accumulation_emission(soil_gain)


@formula(
    symbol="Deduction_alloch",
    unit="tCO2e/ha/yr",
    over="stratum",
    equation="VM0033 (38)",
    en="Deduction for carbon from elsewhere",
    zh="外源碳扣减",
)
def allochthonous_deduction(soil_carbon_dioxide: Values, allochthonous_share: Values) -> Values:
    exempt = np.zeros(len(soil_carbon_dioxide))
    return wetland.allochthonous_deduction(soil_carbon_dioxide, allochthonous_share, exempt)


@formula(
    symbol="GHG_soil-CH4",
    unit="tCO2e/ha/yr",
    over="stratum",
    equation="VM0033 (60), (61): EF·GWP; S ≤ 18: 10^(−0.056·S + 1.38 − 2)·GWP",
    bounds=(0, 100),
    en="Methane from the soil",
    zh="土壤甲烷排放",
)
def methane(salinity: Values, methane_factor: Values, gwp_methane: float) -> Values:
    return np.where(salinity > 18, methane_factor, wetland.methane_screen(salinity)) * gwp_methane


@formula(
    symbol="GHG_soil-N2O",
    unit="tCO2e/ha/yr",
    over="stratum",
    equation="VM0033 (66)–(68)",
    bounds=(0, 100),
    en="Nitrous oxide from the soil",
    zh="土壤氧化亚氮排放",
)
def nitrous_oxide(nitrous_factor: Values, gwp_nitrous_oxide: float) -> Values:
    return nitrous_factor * gwp_nitrous_oxide


@formula(
    symbol="ΔC_SOIL",
    unit="tCO2e",
    over="stratum",
    equation="VM0033 (79): −A·(CO2 − Deduction + CH4 + N2O)·T",
    en="Net removal of the soil",
    zh="土壤净清除量",
)
def soil_removal(
    area: Values,
    soil_carbon_dioxide: Values,
    allochthonous_deduction: Values,
    methane: Values,
    nitrous_oxide: Values,
    years: float,
) -> Values:
    return -area * (soil_carbon_dioxide - allochthonous_deduction + methane + nitrous_oxide) * years


@formula(
    symbol="ΔC_NET",
    unit="tCO2e",
    over="project",
    equation="ΔC_BIO·(1 − DR) + ΔC_SOIL − ΔE_fuel − LK",
    en="Net removal before the deduction for risk",
    zh="风险扣减前净清除量",
)
def net_removal(certain_biomass: float, soil_removal: Values, fuel_emissions: float, leakage: float) -> float:
    return certain_biomass + math.fsum(soil_removal) - fuel_emissions - leakage


@formula(
    symbol="CDR",
    unit="tCO2e",
    over="project",
    equation="ΔC_NET·(1 − K_RISK)",
    en="Removal after the deduction for risk (stand-in, not CCER)",
    zh="风险扣减后清除量（替代计算，非 CCER）",
)
def removal(net_removal: float, risk_deduction: float) -> float:
    return net_removal * (1 - risk_deduction / 100) if net_removal > 0 else net_removal

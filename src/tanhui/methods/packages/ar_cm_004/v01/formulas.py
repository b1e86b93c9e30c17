"""AR-CM-004 structure (recalled): soil carbon by the IPCC default path, herds, other emissions and leakage."""

import math

import numpy as np

from tanhui.methods.engine.formula import formula
from tanhui.science import biomass, soil
from tanhui.science.biomass import Values
from tanhui.science.sampling import Index
from tanhui.science.wetland import Texts


@formula(
    symbol="SOC_eq",
    unit="tC/ha",
    over="practice",
    equation="IPCC 2.25: SOC_REF·F_MG·F_I, F_LU = 1",
    bounds=(0, 500),
    en="Equilibrium stock of the practice",
    zh="该管理方式的平衡储量",
)
def equilibrium(soc_reference: Values, management_factor: Values, input_factor: Values) -> Values:
    return soil.equilibrium(soc_reference, np.ones(len(soc_reference)), management_factor, input_factor)


@formula(
    symbol="ΔSOC_eq",
    unit="tC/ha",
    over="stratum",
    equation="SOC_project − SOC_baseline",
    bounds=(-200, 200),
    en="Gain at the new equilibrium",
    zh="达到新平衡时的增量",
)
def gain(equilibrium: Values, in_project: Values, stratum: Index, area: Values) -> Values:
    return soil.per_core(equilibrium * in_project, stratum, len(area))


@formula(
    symbol="T",
    unit="yr",
    over="project",
    equation="T = min(t_2, 20) − t_1",
    bounds=(0, 20),
    en="Years of transition in the period",
    zh="监测期内仍处于转变期的年数",
)
def transition_years(elapsed: float, years: float) -> float:
    return max(min(elapsed + years, soil.TRANSITION_YEARS) - elapsed, 0.0)


@formula(
    symbol="ΔSOC_i",
    unit="tCO2e",
    over="stratum",
    equation="44/12·A·(ΔSOC_eq·T/20 | ΔSOC_measured)",
    en="Removal of the stratum",
    zh="层土壤碳清除量",
)
def stratum_removal(
    gain: Values, area: Values, transition_years: float, soil_basis: Texts, measured_change: Values
) -> Values:
    default = gain * transition_years / soil.TRANSITION_YEARS
    return biomass.carbon_dioxide(area * np.where(soil_basis == "measured", measured_change, default))


@formula(
    symbol="ΔSOC",
    unit="tCO2e",
    over="project",
    equation="Σ ΔSOC_i",
    en="Removal of the soil",
    zh="土壤碳清除量",
)
def soil_removal(stratum_removal: Values) -> float:
    return math.fsum(stratum_removal)


@formula(
    symbol="ΔE_enteric",
    unit="tCO2e",
    over="herd",
    equation="(heads_project − heads_baseline)·EF·GWP·T/1000",
    en="Change of enteric methane",
    zh="肠道发酵甲烷排放变化",
)
def enteric_change(
    heads_baseline: Values, heads_project: Values, enteric_factor: Values, gwp_methane: float, years: float
) -> Values:
    return (heads_project - heads_baseline) * enteric_factor * gwp_methane * years / 1000


@formula(
    symbol="ΔE",
    unit="tCO2e",
    over="project",
    equation="ΔE = max(Σ ΔE_enteric, 0) + ΔE_other",
    en="Increase of emissions",
    zh="排放增量",
)
def emission_change(enteric_change: Values, other_emissions: float) -> float:
    return max(math.fsum(enteric_change), 0.0) + other_emissions


@formula(
    symbol="ΔC_NET",
    unit="tCO2e",
    over="project",
    equation="ΔSOC − ΔE − LK",
    en="Net removal",
    zh="净清除量",
)
def net(soil_removal: float, emission_change: float, leakage: float) -> float:
    return soil_removal - emission_change - leakage


@formula(
    symbol="CDR",
    unit="tCO2e",
    over="project",
    equation="ΔC_NET·(1 − r)",
    en="Removal after the deduction for risk",
    zh="风险扣减后清除量",
)
def removal(net: float, risk_percent: float) -> float:
    return net * (1 - risk_percent / 100) if net > 0 else net

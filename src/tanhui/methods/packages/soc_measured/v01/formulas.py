"""Measured soil carbon, VM0042 style: the same cores at two surveys, compared on the mass of the first."""

import math

import numpy as np

from tanhui.methods.engine.formula import formula
from tanhui.science import biomass, sampling, soil, uncertainty
from tanhui.science.biomass import Values
from tanhui.science.sampling import Index


@formula(
    symbol="M_ref",
    unit="t/ha",
    over="core",
    equation="M_ref = Σ BD_1·d_1·(1 − coarse_1)·100",
    bounds=(0, 70000),
    en="Fine earth of the core, first survey: the mass of comparison",
    zh="第一次采样细土质量（比较基准）",
)
def reference_mass(
    density_before: Values, thickness_before: Values, coarse_before: Values, core_before: Index, core_count: int
) -> Values:
    mass = soil.layer_mass(density_before, thickness_before, coarse_before)
    return soil.per_core(mass, core_before, core_count)


@formula(
    symbol="SOC_1",
    unit="tC/ha",
    over="core",
    equation="SOC_1 = Σ C_1·BD_1·d_1·(1 − coarse_1)/10",
    bounds=(0, 3000),
    en="Stock of the core, first survey",
    zh="第一次采样储量",
)
def stock_before(
    carbon_before: Values,
    density_before: Values,
    thickness_before: Values,
    coarse_before: Values,
    core_before: Index,
    core_count: int,
) -> Values:
    layers = soil.layer_stock(carbon_before, density_before, thickness_before, coarse_before)
    return soil.per_core(layers, core_before, core_count)


@formula(
    symbol="SOC_2",
    unit="tC/ha",
    over="core",
    equation="SOC_2 = Σ C_2·BD_2·d_2·(1 − coarse_2)/10, Σ M_2 ≤ M_ref",
    bounds=(0, 3000),
    en="Stock of the core on the same mass, second survey",
    zh="第二次采样等质量储量",
)
def stock_after(
    carbon_after: Values,
    density_after: Values,
    thickness_after: Values,
    coarse_after: Values,
    core_after: Index,
    reference_mass: Values,
) -> Values:
    return soil.equivalent_mass_stock(
        carbon_after, density_after, thickness_after, coarse_after, core_after, reference_mass
    )


@formula(
    symbol="ΔSOC_depth",
    unit="tC/ha",
    over="core",
    equation="Σ C_2·BD_2·d_2·(1 − coarse_2)/10 − SOC_1",
    en="Change at equal depth (not used)",
    zh="等深度变化量（不采用，供比较）",
)
def depth_change(
    stock_before: Values,
    carbon_after: Values,
    density_after: Values,
    thickness_after: Values,
    coarse_after: Values,
    core_after: Index,
) -> Values:
    layers = soil.layer_stock(carbon_after, density_after, thickness_after, coarse_after)
    return soil.per_core(layers, core_after, len(stock_before)) - stock_before


@formula(
    symbol="ΔSOC",
    unit="tC/ha",
    over="core",
    equation="SOC_2 − SOC_1",
    bounds=(-200, 200),
    en="Change of the core",
    zh="采样点储量变化",
)
def change(stock_before: Values, stock_after: Values) -> Values:
    return stock_after - stock_before


@formula(symbol="n_i", unit="plots", over="stratum", equation="U1", en="Cores in the stratum", zh="层内采样点数")
def cores(stratum: Index, area: Values) -> Values:
    return sampling.counts(stratum, len(area))


@formula(symbol="w_i", unit="-", over="stratum", equation="U1: w_i = A_i / A", en="Share of the area", zh="面积权重")
def weight(area: Values) -> Values:
    return sampling.weights(area)


@formula(symbol="Δ̄_i", unit="tC/ha", over="stratum", equation="U1", en="Mean change of the stratum", zh="层平均变化")
def mean_change(change: Values, stratum: Index, area: Values) -> Values:
    return sampling.means(change, stratum, len(area))


@formula(
    symbol="s²_i", unit="(tC/ha)²", over="stratum", equation="U1", en="Variance of the change", zh="变化量层内方差"
)
def variance_change(change: Values, stratum: Index, area: Values) -> Values:
    return sampling.variances(change, stratum, len(area))


@formula(
    symbol="ΔCO2_i",
    unit="tCO2e",
    over="stratum",
    equation="44/12·A·(Δ̄_i − Δ_BSL·T)",
    en="Change of the stratum beyond the baseline",
    zh="超出基准线的层变化量",
)
def stratum_change(mean_change: Values, area: Values, baseline_change: float, years: float) -> Values:
    return biomass.carbon_dioxide(area * (mean_change - baseline_change * years))


@formula(
    symbol="ΔCO2",
    unit="tCO2e",
    over="project",
    equation="Σ ΔCO2_i",
    en="Change of soil carbon beyond the baseline",
    zh="超出基准线的土壤碳变化量",
)
def change_soil(stratum_change: Values) -> float:
    return math.fsum(stratum_change)


@formula(
    symbol="var",
    unit="(tCO2e)²",
    over="project",
    equation="(44/12·A)²·Σ w²s²/n",
    bounds=(0, np.inf),
    en="Variance of the estimate",
    zh="估计量方差",
)
def variance(variance_change: Values, cores: Values, weight: Values, area: Values) -> float:
    of_mean = math.fsum(weight * weight * variance_change / cores)
    return (biomass.CO2_PER_CARBON * math.fsum(area)) ** 2 * of_mean


@formula(
    symbol="UNC",
    unit="tCO2e",
    over="project",
    equation="min(t_0.667·√var, |ΔCO2|)",
    bounds=(0, np.inf),
    en="Deduction for uncertainty: never exists as units",
    zh="不确定性扣减量（不形成减排量单位）",
)
def uncertainty_deduction(change_soil: float, variance: float, half_width: float) -> float:
    return float(uncertainty.one_sided(change_soil, variance, half_width))


@formula(
    symbol="ΔCO2−UNC",
    unit="tCO2e",
    over="project",
    equation="ΔCO2 − UNC",
    en="Change after the deduction",
    zh="扣减后变化量",
)
def certain(change_soil: float, uncertainty_deduction: float) -> float:
    return float(uncertainty.conservative(change_soil, uncertainty_deduction))


@formula(
    symbol="NER",
    unit="tCO2e",
    over="project",
    equation="ΔCO2 − UNC − ΔE − LK",
    en="Net removal",
    zh="净清除量",
)
def net(certain: float, emission_change: float, leakage: float) -> float:
    return certain - emission_change - leakage


@formula(
    symbol="Buffer",
    unit="tCO2e",
    over="project",
    equation="max(ΔCO2 − UNC, 0)·Buffer%",
    bounds=(0, np.inf),
    en="Buffer: issued into the pooled account, not to the project",
    zh="缓冲量（存入汇总缓冲账户，不归项目所有）",
)
def buffer(certain: float, buffer_percent: float) -> float:
    return max(certain, 0.0) * buffer_percent / 100


@formula(
    symbol="VCU",
    unit="tCO2e",
    over="project",
    equation="NER − Buffer",
    en="Removal that may be credited to the project",
    zh="可计入项目的清除量",
)
def removal(net: float, buffer: float) -> float:
    return net - buffer

"""Pools beside trees and bamboo, fires, wood products, and the growth that would have come anyway. F5 to F8."""

import math

import numpy as np

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine.formula import formula
from tanhui.methods.families.forest_stock.v01.woody import Texts, on_plots
from tanhui.science import biomass, growth, pools, sampling
from tanhui.science.biomass import CO2_PER_CARBON, Values
from tanhui.science.trees import Index

SOIL_YEARS = 20  # until the soil has come to its new stock


class NoBaseline(Refusal):
    code = "methods.no_baseline"
    sentence = gettext_noop(
        "No table says what would have grown without the project. "
        "Hand in the baseline, by growth curve or by stem volume, for the strata of the project."
    )
    clause = "AR-CM-003-V01, baseline scenario (recalled)"
    status = 422


@formula(
    symbol="ΔC_SHRUB,i",
    unit="tCO2",
    over="shrub",
    equation="F5: ΔC = 44/12·CF_s·(1+R_s)·BDR·b_FOREST·ΔCC·A",
    en="Change of the shrub stock",
    zh="灌木碳储量变化",
)
def shrub_change(
    shrub_cover_1: Values,
    shrub_cover_2: Values,
    forest_biomass: Values,
    shrub_stratum: Index,
    shrub_ratio: Values,
    shrub_threshold: Values,
    shrub_root_shoot: Values,
    shrub_carbon_fraction: Values,
    stratum_area: Values,
) -> Values:
    first, second = (
        pools.shrub_biomass(cover, forest_biomass, shrub_ratio, shrub_threshold)
        for cover in (shrub_cover_1, shrub_cover_2)
    )
    grown = pools.with_roots(second - first, shrub_root_shoot)
    return biomass.carbon_dioxide(biomass.carbon(grown, shrub_carbon_fraction)) * stratum_area[shrub_stratum]


@formula(
    symbol="ΔC_SHRUB",
    unit="tCO2",
    over="project",
    equation="F2: Σ_i",
    en="Change of the shrub stock",
    zh="灌木碳储量变化量",
)
def change_shrub(shrub_change: Values) -> float:
    return math.fsum(shrub_change)


@formula(
    symbol="ΔC_DW,i",
    unit="tCO2",
    over="dead_wood",
    equation="F6: C_DW = C_TREE·DF_DW",
    en="Change of the dead wood",
    zh="枯死木碳储量变化",
)
def dead_wood_change(stratum_change: Values, dead_wood_stratum: Index, dead_wood_share: Values) -> Values:
    return pools.dead_wood(stratum_change[dead_wood_stratum], dead_wood_share)


@formula(
    symbol="ΔC_DW", unit="tCO2", over="project", equation="F2: Σ", en="Change of the dead wood", zh="枯死木碳储量变化量"
)
def change_dead_wood(dead_wood_change: Values) -> float:
    return math.fsum(dead_wood_change)


@formula(
    symbol="b̄_AB,i",
    unit="t d.m./ha",
    over="survey|litter",
    equation="U1: b̄ = Σ_p b_AB,p / n",
    en="Mean above-ground biomass of the trees above the litter",
    zh="层平均地上生物量",
)
def litter_above(
    litter_stratum: Index,
    stratum: Index,
    stratum_area: Values,
    plot_area: Values,
    plot_above: Values | None = None,
    stand_above: Values | None = None,
    stand_survey: Texts | None = None,
    stand_plot: Index | None = None,
) -> Values:
    whole = np.zeros((2, len(plot_area))) if plot_above is None else plot_above
    if stand_above is not None and stand_survey is not None and stand_plot is not None:
        whole = whole + on_plots(stand_above, stand_survey, stand_plot, len(plot_area))
    return np.stack([sampling.means(one, stratum, len(stratum_area))[litter_stratum] for one in whole])


@formula(
    symbol="ΔC_LI,i",
    unit="tCO2",
    over="litter",
    equation="F6: C_LI = 44/12·DF_LI·B·CF_LI·A",
    en="Change of the litter",
    zh="枯落物碳储量变化",
)
def litter_change(
    litter_above: Values,
    litter_stratum: Index,
    litter_share: Values,
    litter_carbon_fraction: Values,
    stratum_area: Values,
) -> Values:
    gained = pools.litter(litter_above[1] - litter_above[0], litter_share, litter_carbon_fraction)
    return gained * stratum_area[litter_stratum]


@formula(
    symbol="ΔC_LI", unit="tCO2", over="project", equation="F2: Σ", en="Change of the litter", zh="枯落物碳储量变化量"
)
def change_litter(litter_change: Values) -> float:
    return math.fsum(litter_change)


@formula(
    symbol="dSOC_i",
    unit="tC/(ha·a)",
    over="soil",
    equation="F7: min[0.8, (SOC_REF − (SOC_INIT − SOC_LOSS))/20]",
    en="Yearly change of the soil carbon",
    zh="土壤有机碳年变化",
)
def soil_rate(
    soc_reference: Values, soc_initial: Values, soil_disturbed: Values, soil_loss: Values, soil_cap: Values
) -> Values:
    return pools.soil_rate(soc_reference, soc_initial, soil_disturbed, soil_loss, soil_cap, SOIL_YEARS)


@formula(
    symbol="ΔSOC",
    unit="tCO2",
    over="project",
    equation="F7: 44/12·Σ A_i·dSOC_i·min(T, 20 − t)",
    en="Change of the soil carbon",
    zh="土壤有机碳变化量",
)
def change_soil(soil_rate: Values, soil_stratum: Index, soil_age: Values, stratum_area: Values, years: float) -> float:
    counted = np.clip(SOIL_YEARS - soil_age, 0, years)  # years of the period before the soil has come to rest
    return math.fsum(CO2_PER_CARBON * stratum_area[soil_stratum] * soil_rate * counted)


@formula(
    symbol="GHG_FIRE,e",
    unit="tCO2e",
    over="fire",
    equation="F8: 0.001·A·b·COMF·(EF_CH4·GWP_CH4 + EF_N2O·GWP_N2O) + f·C_DOM",
    bounds=(0, np.inf),
    en="Emissions of the fire",
    zh="单次火灾排放",
)
def fire_emission(
    area_burnt: Values,
    burnt_biomass: Values,
    burnt_dead: Values,
    combustion_factor: Values,
    fire_methane: Values,
    fire_nitrous: Values,
    dead_matter_factor: Values,
    gwp_methane: Values,
    gwp_nitrous: Values,
) -> Values:
    living = pools.fire(
        area_burnt, burnt_biomass, combustion_factor, fire_methane, fire_nitrous, gwp_methane, gwp_nitrous
    )
    return living + pools.fire_of_dead_matter(burnt_dead, dead_matter_factor)


@formula(
    symbol="GHG_FIRE",
    unit="tCO2e",
    over="project",
    equation="F2: Σ",
    en="Emissions of fires",
    zh="火灾引起的温室气体排放",
)
def fire_emissions(fire_emission: Values) -> float:
    return math.fsum(fire_emission)


@formula(
    symbol="C_HWP,k",
    unit="tCO2",
    over="product",
    equation="C_HWP = 44/12·H·D·CF·(1 − decay), decay = 1 − 2^(−t/HL)",
    en="Carbon still in the products",
    zh="木产品中仍储存的碳",
)
def product_carbon(
    product_volume: Values,
    product_age: Values,
    product_group: Index,
    half_life: Values,
    wood_density: Values,
    group_carbon_fraction: Values,
) -> Values:
    lost = pools.first_order_loss(half_life, product_age)
    return pools.wood_products(product_volume, wood_density[product_group], group_carbon_fraction[product_group], lost)


@formula(
    symbol="ΔC_HWP",
    unit="tCO2",
    over="project",
    equation="Σ_k C_HWP,k",
    en="Change of the wood products",
    zh="木产品碳储量变化量",
)
def change_products(product_carbon: Values) -> float:
    return math.fsum(product_carbon)


@formula(
    symbol="V_BSL",
    unit="m3/ha",
    over="survey|baseline",
    equation="F9: V = a·(1 − e^(−b·AGE))^c, AGE and AGE + T",
    bounds=(0, 1500),
    en="Stem volume the stand would have had without the project",
    zh="基准线情景每公顷蓄积量",
)
def baseline_volume(
    baseline_age: Values,
    baseline_group: Index,
    curve_asymptote: Values,
    curve_rate: Values,
    curve_shape: Values,
    years: float,
) -> Values:
    curve = (one[baseline_group] for one in (curve_asymptote, curve_rate, curve_shape))
    return growth.richards(np.stack([baseline_age, baseline_age + years]), *curve)


@formula(
    symbol="ΔC_BSL,i",
    unit="tCO2",
    over="baseline",
    equation="F4a, F3: 44/12·A·CF·D·BEF·(1+R)·ΔV",
    en="Growth of the baseline",
    zh="基准线碳储量变化",
)
def baseline_stock_change(
    baseline_volume: Values,
    baseline_area: Values,
    baseline_group: Index,
    wood_density: Values,
    expansion_factor: Values,
    root_shoot_ratio: Values,
    group_carbon_fraction: Values,
) -> Values:
    factors = [one[baseline_group] for one in (wood_density, expansion_factor, root_shoot_ratio)]
    grown = biomass.from_volume(baseline_volume[1] - baseline_volume[0], *factors)
    fraction = group_carbon_fraction[baseline_group]
    return biomass.carbon_dioxide(biomass.carbon(grown, fraction)) * baseline_area


@formula(
    symbol="ΔC_BSL,F",
    unit="tCO2",
    over="linear_baseline",
    equation="F3: 44/12·A·CF·a·(V_2 − V_1)",
    en="Growth of the baseline, by the line of the forest type",
    zh="基准线碳储量变化（线性方程法）",
)
def linear_baseline_change(
    linear_baseline_volume_1: Values,
    linear_baseline_volume_2: Values,
    linear_baseline_area: Values,
    linear_baseline_forest_type: Index,
    linear_slope: Values,
    linear_carbon_fraction: Values,
) -> Values:
    grown = linear_slope[linear_baseline_forest_type] * (linear_baseline_volume_2 - linear_baseline_volume_1)
    fraction = linear_carbon_fraction[linear_baseline_forest_type]
    return biomass.carbon_dioxide(biomass.carbon(grown, fraction)) * linear_baseline_area


@formula(
    symbol="ΔC_BSL",
    unit="tCO2",
    over="project",
    equation="Σ_i ΔC_BSL,i + Σ ΔC_BSL,F",
    en="Change of the stock in the baseline",
    zh="基准线碳储量变化量",
)
def baseline_change(
    years: float, baseline_stock_change: Values | None = None, linear_baseline_change: Values | None = None
) -> float:
    grown = [one for one in (baseline_stock_change, linear_baseline_change) if one is not None]
    if not grown:
        raise NoBaseline
    return math.fsum(np.concatenate(grown))

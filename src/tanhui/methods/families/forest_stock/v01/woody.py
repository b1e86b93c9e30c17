"""Trees and bamboo on plots: by allometric models of single trees, by stem volume, by the factors of the IPCC."""

import numpy as np
from numpy.typing import NDArray

from tanhui.methods.engine.formula import formula
from tanhui.science import bamboo, biomass, trees
from tanhui.science.biomass import CO2_PER_CARBON, Values
from tanhui.science.trees import Index

Texts = NDArray[np.str_]
SURVEYS = 2


def on_plots(values: Values, survey: Texts, plot: Index, plots: int) -> Values:
    """Sums of rows by survey ("1" or "2") and plot, shape ``(2, plots)``."""
    at = np.where(survey == "2", plots, 0) + plot
    sums = np.bincount(at, weights=values, minlength=SURVEYS * plots).astype(np.float64)
    return sums.reshape(SURVEYS, plots)


@formula(
    symbol="B_AB,k",
    unit="kg d.m.",
    over="tree",
    equation="F4b: W = a_L·(D²H)^b_L + a_B·(D²H)^b_B + a_S·(D²H)^b_S",
    bounds=(0, 60_000),
    en="Above-ground biomass of the tree",
    zh="单株地上生物量",
)
def tree_above(
    diameter: Values,
    height: Values,
    tree_species: Index,
    leaf_a: Values,
    leaf_b: Values,
    branch_a: Values,
    branch_b: Values,
    stem_a: Values,
    stem_b: Values,
) -> Values:
    models = trees.powers([(leaf_a, leaf_b), (branch_a, branch_b), (stem_a, stem_b)], [])
    return trees.biomass(diameter, height, tree_species, models).above


@formula(
    symbol="B_BB,k",
    unit="kg d.m.",
    over="tree",
    equation="F4b: W = a_R·(D²H)^b_R",
    bounds=(0, 30_000),
    en="Below-ground biomass of the tree",
    zh="单株地下生物量",
)
def tree_below(diameter: Values, height: Values, tree_species: Index, root_a: Values, root_b: Values) -> Values:
    return trees.biomass(diameter, height, tree_species, trees.powers([], [(root_a, root_b)])).below


@formula(
    symbol="C_k",
    unit="kg C",
    over="tree",
    equation="F3: C = CF·(B_AB + B_BB)",
    en="Carbon of the tree",
    zh="单株碳量",
)
def tree_carbon(tree_above: Values, tree_below: Values, tree_species: Index, carbon_fraction: Values) -> Values:
    return biomass.carbon(tree_above + tree_below, carbon_fraction[tree_species])


@formula(
    symbol="b_AB,p",
    unit="t d.m./ha",
    over="survey|plot",
    equation="F4b: Σ_k B_AB,k / A_p",
    bounds=trees.ABOVE_GROUND,
    en="Above-ground biomass per hectare of the measured trees",
    zh="实测样木每公顷地上生物量",
)
def plot_above(tree_above: Values, tree_survey: Texts, tree_plot: Index, plot_area: Values) -> Values:
    return on_plots(tree_above, tree_survey, tree_plot, len(plot_area)) / trees.KILOGRAMS / plot_area


@formula(
    symbol="R_p",
    unit="-",
    over="survey of a plot with trees",
    equation="Σ_k B_BB,k / Σ_k B_AB,k",
    bounds=trees.ROOT_SHOOT,
    en="Root to shoot ratio of the plot (a check: what lies outside has a wrong model or diameters outside its range)",
    zh="样地根茎比（检查项：超出范围说明模型有误或径阶超出模型适用范围）",
)
def plot_root_shoot(
    tree_above: Values, tree_below: Values, tree_survey: Texts, tree_plot: Index, plot_area: Values
) -> Values:
    above, below = (on_plots(part, tree_survey, tree_plot, len(plot_area)) for part in (tree_above, tree_below))
    return below[above > 0] / above[above > 0]


@formula(
    symbol="c_TREE,p",
    unit="tCO2/ha",
    over="survey|plot",
    equation="F3: c = 44/12·Σ_k C_k / A_p",
    en="Carbon stock per hectare of the measured trees",
    zh="实测样木每公顷碳储量",
)
def density_trees(tree_carbon: Values, tree_survey: Texts, tree_plot: Index, plot_area: Values) -> Values:
    kilograms = on_plots(biomass.carbon_dioxide(tree_carbon), tree_survey, tree_plot, len(plot_area))
    return kilograms / trees.KILOGRAMS / plot_area


@formula(
    symbol="b_AB,j",
    unit="t d.m./ha",
    over="stand",
    equation="F4a: V·D·BEF",
    bounds=trees.ABOVE_GROUND,
    en="Above-ground biomass per hectare, by stem volume",
    zh="蓄积量法每公顷地上生物量",
)
def stand_above(volume: Values, stand_group: Index, wood_density: Values, expansion_factor: Values) -> Values:
    return volume * (wood_density * expansion_factor)[stand_group]


@formula(
    symbol="b_j",
    unit="t d.m./ha",
    over="stand",
    equation="F4a: B = V·D·BEF·(1+R)",
    en="Tree biomass per hectare, by stem volume",
    zh="蓄积量法每公顷林木生物量",
)
def stand_biomass(
    volume: Values, stand_group: Index, wood_density: Values, expansion_factor: Values, root_shoot_ratio: Values
) -> Values:
    factors = (one[stand_group] for one in (wood_density, expansion_factor, root_shoot_ratio))
    return biomass.from_volume(volume, *factors)


@formula(
    symbol="c_V,p",
    unit="tCO2/ha",
    over="survey|plot",
    equation="F3: c = 44/12·Σ_j CF_j·b_j",
    en="Carbon stock per hectare, by stem volume",
    zh="蓄积量法每公顷碳储量",
)
def density_stands(
    stand_biomass: Values,
    stand_survey: Texts,
    stand_plot: Index,
    stand_group: Index,
    group_carbon_fraction: Values,
    plot_area: Values,
) -> Values:
    carbon = biomass.carbon(stand_biomass, group_carbon_fraction[stand_group])
    return on_plots(biomass.carbon_dioxide(carbon), stand_survey, stand_plot, len(plot_area))


@formula(
    symbol="b_F",
    unit="t d.m./ha",
    over="linear",
    equation="b = a·V + b_0, roots included",
    bounds=(0, 900),
    en="Tree biomass per hectare, by the line of the forest type",
    zh="线性方程法每公顷林木生物量",
)
def linear_biomass(
    linear_volume: Values, linear_forest_type: Index, linear_slope: Values, linear_intercept: Values
) -> Values:
    slope, intercept = (one[linear_forest_type] for one in (linear_slope, linear_intercept))
    return biomass.from_volume_linear(linear_volume, slope, intercept)


@formula(
    symbol="c_F,p",
    unit="tCO2/ha",
    over="survey|plot",
    equation="F3: c = 44/12·Σ CF·b_F",
    en="Carbon stock per hectare, by the line of the forest type",
    zh="线性方程法每公顷碳储量",
)
def density_linear(
    linear_biomass: Values,
    linear_survey: Texts,
    linear_plot: Index,
    linear_forest_type: Index,
    linear_carbon_fraction: Values,
    plot_area: Values,
) -> Values:
    carbon = biomass.carbon(linear_biomass, linear_carbon_fraction[linear_forest_type])
    return on_plots(biomass.carbon_dioxide(carbon), linear_survey, linear_plot, len(plot_area))


@formula(
    symbol="b_AB,I",
    unit="t d.m./ha",
    over="inventory",
    equation="F4b: V·BCEF",
    bounds=trees.ABOVE_GROUND,
    en="Above-ground biomass per hectare, by BCEF",
    zh="BCEF 法每公顷地上生物量",
)
def inventory_above(inventory_volume: Values, ipcc_bcef: Values) -> Values:
    return inventory_volume * ipcc_bcef


@formula(
    symbol="b_I",
    unit="t d.m./ha",
    over="inventory",
    equation="F4b: B = V·BCEF·(1+R)",
    en="Tree biomass per hectare, by BCEF",
    zh="BCEF 法每公顷林木生物量",
)
def inventory_biomass(inventory_volume: Values, ipcc_bcef: Values, ipcc_root_shoot: Values) -> Values:
    return biomass.from_growing_stock(inventory_volume, ipcc_bcef, ipcc_root_shoot)


@formula(
    symbol="c_I,p",
    unit="tCO2/ha",
    over="survey|plot",
    equation="F3: c = 44/12·Σ CF·b",
    en="Carbon stock per hectare, by BCEF",
    zh="BCEF 法每公顷碳储量",
)
def density_inventory(
    inventory_biomass: Values,
    inventory_survey: Texts,
    inventory_plot: Index,
    ipcc_carbon_fraction: Values,
    plot_area: Values,
) -> Values:
    carbon = biomass.carbon(inventory_biomass, ipcc_carbon_fraction)
    return on_plots(biomass.carbon_dioxide(carbon), inventory_survey, inventory_plot, len(plot_area))


@formula(
    symbol="M",
    unit="kg d.m.",
    over="culm",
    equation="M = 747.787·D^2.771·[0.148·A/(0.028+A)]^5.555 + 3.772",
    bounds=(3.7, 120),
    en="Above-ground biomass of the moso culm",
    zh="毛竹单株地上生物量",
)
def culm_mass(culm_diameter: Values, culm_age: Values) -> Values:
    return bamboo.moso_culm(culm_diameter, culm_age)


@formula(
    symbol="c_BAMBOO,p",
    unit="tCO2/ha",
    over="survey|plot",
    equation="c = 44/12·CF·min(N, N*)·M̄·(1+R)",
    en="Carbon stock per hectare of the bamboo",
    zh="每公顷竹林碳储量",
)
def density_bamboo(
    culm_mass: Values,
    culm_survey: Texts,
    culm_plot: Index,
    bamboo_root_shoot: Values,
    bamboo_carbon_fraction: Values,
    plot_area: Values,
    target_density: Values,
) -> Values:
    count = on_plots(np.ones(len(culm_mass)), culm_survey, culm_plot, len(plot_area))
    carbon = culm_mass * (1 + bamboo_root_shoot) * bamboo_carbon_fraction * CO2_PER_CARBON
    stock = on_plots(carbon, culm_survey, culm_plot, len(plot_area)) / trees.KILOGRAMS / plot_area
    culms = count / plot_area
    counted: Values = bamboo.creditable(culms, target_density) / np.maximum(culms, 1 / plot_area)
    return stock * counted


@formula(
    symbol="b_N",
    unit="t d.m./ha",
    over="count",
    equation="N·M̄",
    bounds=(0, 300),
    en="Above-ground biomass per hectare of the counted culms",
    zh="分龄级计数竹株每公顷地上生物量",
)
def counted_mass(culms: Values, count_plot: Index, culm_mass_of_age: Values, plot_area: Values) -> Values:
    return bamboo.stand(culms / plot_area[count_plot], culm_mass_of_age)


@formula(
    symbol="c_N,p",
    unit="tCO2/ha",
    over="survey|plot",
    equation="c = 44/12·CF·min(N, N*)·M̄·(1+R)",
    en="Carbon stock per hectare of the counted culms",
    zh="分龄级计数竹林每公顷碳储量",
)
def density_counted(
    counted_mass: Values,
    culms: Values,
    count_survey: Texts,
    count_plot: Index,
    count_root_shoot: Values,
    count_carbon_fraction: Values,
    plot_area: Values,
    target_density: Values,
) -> Values:
    carbon = counted_mass * (1 + count_root_shoot) * count_carbon_fraction * CO2_PER_CARBON
    stock = on_plots(carbon, count_survey, count_plot, len(plot_area))
    standing = on_plots(culms, count_survey, count_plot, len(plot_area)) / plot_area
    counted: Values = bamboo.creditable(standing, target_density) / np.maximum(standing, 1 / plot_area)
    return stock * counted

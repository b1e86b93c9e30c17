"""CCER-14-001-V01, ex post from re-measured plots: trees, shrubs and bamboo. The order is that of the chain."""

from tanhui.methods.engine.formula import formula
from tanhui.methods.families.forest_stock.v01 import change, pools, result, woody
from tanhui.science.biomass import Values

tree_above = woody.tree_above
tree_below = woody.tree_below
tree_carbon = woody.tree_carbon
plot_above = woody.plot_above
plot_root_shoot = woody.plot_root_shoot
density_trees = woody.density_trees
stand_above = woody.stand_above
stand_biomass = woody.stand_biomass
density_stands = woody.density_stands
culm_mass = woody.culm_mass
density_bamboo = woody.density_bamboo


@formula(
    symbol="c_p",
    unit="tCO2/ha",
    over="survey|plot",
    equation="F3: c = c_TREE + c_V + c_BAMBOO",
    en="Carbon stock per hectare of the plot",
    zh="样地每公顷碳储量",
)
def density(
    plot_area: Values,
    density_trees: Values | None = None,
    density_stands: Values | None = None,
    density_bamboo: Values | None = None,
) -> Values:
    return change.sum_of(plot_area, density_trees, density_stands, density_bamboo)


density_change = change.density_change
plots = change.plots
weight = change.weight
mean = change.mean
variance = change.variance
variance_change = change.variance_change
stock_1_t = change.stock_1_t
stock_2_t = change.stock_2_t
stratum_change = change.stratum_change
yearly_change = change.yearly_change
uncertainty = change.uncertainty
half_width_change = change.half_width_change
change_tree = change.change_tree
shrub_change = pools.shrub_change
change_shrub = pools.change_shrub
fire_emission = pools.fire_emission
fire_emissions = pools.fire_emissions


@formula(
    symbol="ΔC_ACTUAL",
    unit="tCO2e",
    over="project",
    equation="F2: ΔC_TREE + ΔC_SHRUB − GHG_FIRE",
    en="Actual net removal",
    zh="项目碳汇量",
)
def change_actual(
    change_tree: float,
    change_shrub: float = 0.0,
    fire_emissions: float = 0.0,
) -> float:
    return result.net_of([change_tree, change_shrub], fire_emissions)


change_net = result.change_net
deduction = result.deduction
change_certain = result.change_certain
removal = result.removal

"""AR-CM-002-V01, ex post from re-measured culms. The order is that of the chain."""

from tanhui.methods.engine.formula import formula
from tanhui.methods.families.forest_stock.v01 import change, pools, result, woody
from tanhui.science.biomass import Values

culm_mass = woody.culm_mass
density_bamboo = woody.density_bamboo
counted_mass = woody.counted_mass
density_counted = woody.density_counted


@formula(
    symbol="c_p",
    unit="tCO2/ha",
    over="survey|plot",
    equation="F3: c = c_BAMBOO + c_N",
    en="Carbon stock per hectare of the plot",
    zh="样地每公顷碳储量",
)
def density(
    plot_area: Values,
    density_bamboo: Values | None = None,
    density_counted: Values | None = None,
) -> Values:
    return change.sum_of(plot_area, density_bamboo, density_counted)


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
fire_emission = pools.fire_emission
fire_emissions = pools.fire_emissions


@formula(
    symbol="ΔC_ACTUAL",
    unit="tCO2e",
    over="project",
    equation="F2: ΔC_TREE − GHG_FIRE",
    en="Actual net removal",
    zh="项目碳汇量",
)
def change_actual(
    change_tree: float,
    fire_emissions: float = 0.0,
) -> float:
    return result.net_of([change_tree], fire_emissions)


change_net = result.change_net
deduction = result.deduction
change_certain = result.change_certain
removal = result.removal

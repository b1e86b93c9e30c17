"""AR-CM-003-V01, ex post from re-measured plots against a growing baseline. The order is that of the chain."""

from tanhui.methods.engine.formula import formula
from tanhui.methods.families.forest_stock.v01 import change, pools, result, woody
from tanhui.science.biomass import Values

stand_above = woody.stand_above
stand_biomass = woody.stand_biomass
density_stands = woody.density_stands
linear_biomass = woody.linear_biomass
density_linear = woody.density_linear


@formula(
    symbol="c_p",
    unit="tCO2/ha",
    over="survey|plot",
    equation="F3: c = c_V + c_F",
    en="Carbon stock per hectare of the plot",
    zh="样地每公顷碳储量",
)
def density(
    plot_area: Values,
    density_stands: Values | None = None,
    density_linear: Values | None = None,
) -> Values:
    return change.sum_of(plot_area, density_stands, density_linear)


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
product_carbon = pools.product_carbon
change_products = pools.change_products
baseline_volume = pools.baseline_volume
baseline_stock_change = pools.baseline_stock_change
linear_baseline_change = pools.linear_baseline_change
baseline_change = pools.baseline_change


@formula(
    symbol="ΔC_ACTUAL",
    unit="tCO2e",
    over="project",
    equation="F2: ΔC_TREE + ΔC_HWP − GHG_FIRE",
    en="Actual net removal",
    zh="项目碳汇量",
)
def change_actual(
    change_tree: float,
    change_products: float = 0.0,
    fire_emissions: float = 0.0,
) -> float:
    return result.net_of([change_tree, change_products], fire_emissions)


change_net = result.change_net
deduction = result.deduction
change_certain = result.change_certain
removal = result.removal

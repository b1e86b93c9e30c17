"""IPCC 2019, Volume 4: mineral soils, Tier 1. Records stand unit after unit, each with its years ascending."""

import math

from tanhui.methods.engine.formula import formula
from tanhui.science import biomass, soil
from tanhui.science.biomass import Values


@formula(
    symbol="SOC_eq",
    unit="tC/ha",
    over="record",
    equation="2.25: SOC_REF·F_LU·F_MG·F_I",
    bounds=(0, 500),
    en="Equilibrium stock of the use and management",
    zh="该利用与管理方式的平衡储量",
)
def equilibrium(
    soc_reference: Values, land_use_factor: Values, management_factor: Values, input_factor: Values
) -> Values:
    return soil.equilibrium(soc_reference, land_use_factor, management_factor, input_factor)


@formula(
    symbol="SOC_t",
    unit="tC/ha",
    over="record",
    equation="§5.3.3: S_a + (SOC_eq − S_a)·min[(t − t_a)/20, 1]",
    bounds=(0, 500),
    en="Stock at each inventory",
    zh="各清查年份储量",
)
def stock(equilibrium: Values, inventory_years: Values) -> Values:
    return soil.transition(equilibrium.reshape(-1, len(inventory_years)), inventory_years).ravel()


@formula(
    symbol="SOC_first",
    unit="tC/ha",
    over="unit",
    equation="SOC(t_first)",
    en="Stock at the first inventory",
    zh="首次清查储量",
)
def stock_first(stock: Values, inventory_years: Values) -> Values:
    return stock.reshape(-1, len(inventory_years))[:, 0]


@formula(
    symbol="SOC_last",
    unit="tC/ha",
    over="unit",
    equation="SOC(t_last)",
    en="Stock at the last inventory",
    zh="末次清查储量",
)
def stock_last(stock: Values, inventory_years: Values) -> Values:
    return stock.reshape(-1, len(inventory_years))[:, -1]


@formula(
    symbol="ΔC",
    unit="tC/ha/yr",
    over="unit",
    equation="2.25: (SOC_last − SOC_first)/D",
    bounds=(-10, 10),
    en="Yearly change of the stock",
    zh="储量年变化",
)
def yearly_change(stock_first: Values, stock_last: Values, inventory_years: Values) -> Values:
    return (stock_last - stock_first) / float(inventory_years[-1] - inventory_years[0])


@formula(
    symbol="ΔCO2",
    unit="tCO2/ha/yr",
    over="unit",
    equation="44/12·ΔC",
    en="Yearly removal",
    zh="年清除量",
)
def yearly_removal(yearly_change: Values) -> Values:
    return biomass.carbon_dioxide(yearly_change)


@formula(
    symbol="ΔC_soil",
    unit="tCO2e",
    over="project",
    equation="44/12·Σ A·(SOC_last − SOC_first)",
    en="Removal between the first and the last inventory (statistics)",
    zh="首末次清查间净清除量（统计量）",
)
def removal(stock_first: Values, stock_last: Values, area: Values) -> float:
    return math.fsum(biomass.carbon_dioxide((stock_last - stock_first) * area))

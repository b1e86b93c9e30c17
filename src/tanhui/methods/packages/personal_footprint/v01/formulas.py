"""Footprint of a person or household in a year: what was metered, travelled, bought and thrown away, times its factor.
A table that is left out adds nothing; docs/algorithms/personal-scenarios.md, section on footprints."""

import math

import numpy as np

from tanhui.methods.engine.formula import formula
from tanhui.science import footprint
from tanhui.science.biomass import Values

NONE = np.zeros(0)
KG_PER_T = 1000


@formula(
    symbol="E_kWh",
    unit="kgCO2e",
    over="supply_point",
    equation="E = kWh·EF_LCA",
    bounds=(0, 1e9),
    en="Electricity",
    zh="用电排放",
)
def powered(consumed: Values, grid_life_cycle: Values) -> Values:
    return consumed * grid_life_cycle


@formula(
    symbol="EF_fuel",
    unit="tCO2/t",
    over="fill",
    equation="EF = NCV·CC·OF·44/12",
    bounds=(1, 4),
    en="Factor of the fuel",
    zh="燃料排放因子",
)
def fuel_factor(net_calorific: Values, carbon_content: Values, oxidised: Values) -> Values | float:
    return footprint.fuel_factor(net_calorific, carbon_content, oxidised)


@formula(
    symbol="EF_gas",
    unit="tCO2/10^4 Nm3",
    over="project",
    equation="EF = NCV·CC·OF·44/12",
    bounds=(15, 25),
    en="Factor of natural gas",
    zh="天然气排放因子",
)
def gas_factor(gas_net_calorific: float, gas_carbon_content: float, gas_oxidised: float) -> float:
    return float(footprint.fuel_factor(gas_net_calorific, gas_carbon_content, gas_oxidised))


@formula(
    symbol="E_fuel",
    unit="kgCO2e",
    over="fill",
    equation="E = t·EF·1000",
    bounds=(0, 1e9),
    en="Fuels",
    zh="燃料排放",
)
def burnt(burnt_mass: Values, fuel_factor: Values) -> Values:
    return burnt_mass * fuel_factor * KG_PER_T


@formula(
    symbol="E_gas",
    unit="kgCO2e",
    over="gas_bill",
    equation="E = 10⁴ Nm³·EF·1000",
    bounds=(0, 1e9),
    en="Natural gas",
    zh="天然气排放",
)
def gas_burnt(gas_volume: Values, gas_factor: float) -> Values:
    return gas_volume * gas_factor * KG_PER_T


@formula(
    symbol="E_GJ",
    unit="kgCO2e",
    over="heat_bill",
    equation="E = GJ·EF_heat",
    bounds=(0, 1e9),
    en="Heat",
    zh="用热排放",
)
def heated(heat: Values, heat_factor: Values) -> Values:
    return heat * heat_factor


@formula(
    symbol="E_leg",
    unit="kgCO2e",
    over="leg",
    equation="E = km·EF_mode",
    bounds=(0, 1e9),
    en="Journeys",
    zh="出行排放",
)
def journeys(distance: Values, mode_factor: Values) -> Values:
    return distance * mode_factor


@formula(
    symbol="E_ride",
    unit="kgCO2e",
    over="ride",
    equation="E = km·EF_car / people",
    bounds=(0, 1e9),
    en="Own car",
    zh="自驾排放",
)
def rides(driven: Values, car_factor: Values, aboard: Values) -> Values:
    return driven * car_factor / aboard


@formula(
    symbol="E_piece",
    unit="kgCO2e",
    over="line",
    equation="E = pieces·EF_piece",
    bounds=(0, 1e9),
    en="Meals, drinks and goods",
    zh="餐饮与用品排放",
)
def supplied(pieces: Values, supply_factor: Values) -> Values:
    return pieces * supply_factor


@formula(
    symbol="E_waste",
    unit="kgCO2e",
    over="batch",
    equation="E = kg·EF_waste",
    bounds=(0, 1e9),
    en="Waste",
    zh="垃圾排放",
)
def disposed(mass: Values, waste_factor: Values) -> Values:
    return mass * waste_factor


@formula(
    symbol="E",
    unit="kgCO2e",
    over="project",
    equation="E = E_kWh + E_fuel + E_gas + E_GJ + E_leg + E_ride + E_piece + E_waste",
    bounds=(0, 1e7),
    en="Footprint of what was handed in",
    zh="碳足迹（所填报部分）",
)
def emission(
    powered: Values = NONE,
    burnt: Values = NONE,
    gas_burnt: Values = NONE,
    heated: Values = NONE,
    journeys: Values = NONE,
    rides: Values = NONE,
    supplied: Values = NONE,
    disposed: Values = NONE,
) -> float:
    return math.fsum(np.concatenate([powered, burnt, gas_burnt, heated, journeys, rides, supplied, disposed]))

"""Footprint of an event: every source of the guideline by quantity, bills where quantities are missing, and both totals
kept. A table that is left out adds nothing; docs/algorithms/personal-scenarios.md, section on footprints."""

import math

import numpy as np

from tanhui.methods.engine.formula import formula
from tanhui.science import footprint
from tanhui.science.biomass import Values

NONE = np.zeros(0)


@formula(
    symbol="E_leg",
    unit="kgCO2e",
    over="leg",
    equation="E = p·km·EF_mode",
    bounds=(0, 1e9),
    en="Journeys",
    zh="人员交通排放",
)
def journeys(persons: Values, distance: Values, mode_factor: Values) -> Values:
    return persons * distance * mode_factor


@formula(
    symbol="E_ride",
    unit="kgCO2e",
    over="ride",
    equation="E = vkm·EF_car",
    bounds=(0, 1e9),
    en="Cars",
    zh="小客车排放",
)
def rides(driven: Values, car_factor: Values) -> Values:
    return driven * car_factor


@formula(
    symbol="E_stay",
    unit="kgCO2e",
    over="stay",
    equation="E = nights·EF_night",
    bounds=(0, 1e9),
    en="Hotel nights",
    zh="住宿排放",
)
def stays(nights: Values, hotel_factor: float) -> Values:
    return nights * hotel_factor


@formula(
    symbol="E_kWh",
    unit="kgCO2e",
    over="supply_point",
    equation="E = kWh·EF_grid",
    bounds=(0, 1e9),
    en="Electricity",
    zh="用电排放",
)
def powered(consumed: Values, grid_average: Values) -> Values:
    return consumed * grid_average


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
    symbol="E_gas",
    unit="kgCO2e",
    over="gas_bill",
    equation="E = m³·EF_gas",
    bounds=(0, 1e9),
    en="Natural gas",
    zh="天然气排放",
)
def burnt(gas_volume: Values, gas_factor: float) -> Values:
    return gas_volume * gas_factor


@formula(
    symbol="E_piece",
    unit="kgCO2e",
    over="line",
    equation="E = pieces·EF_piece",
    bounds=(0, 1e9),
    en="Meals, drinks and materials",
    zh="餐饮与物资排放",
)
def supplied(pieces: Values, supply_factor: Values) -> Values:
    return pieces * supply_factor


@formula(
    symbol="E_tkm",
    unit="kgCO2e",
    over="shipment",
    equation="E = t·km·EF_tkm",
    bounds=(0, 1e9),
    en="Freight",
    zh="货运排放",
)
def shipped(load: Values, haul: Values, freight_factor: Values) -> Values:
    return load * haul * freight_factor


@formula(
    symbol="E_waste",
    unit="kgCO2e",
    over="batch",
    equation="E = kg·EF_waste",
    bounds=(0, 1e9),
    en="Waste",
    zh="废弃物排放",
)
def disposed(mass: Values, waste_factor: Values) -> Values:
    return mass * waste_factor


@formula(
    symbol="E_bill",
    unit="kgCO2e",
    over="bill",
    equation="E = CNY/10⁴·EF_CNY·1000",
    bounds=(0, 1e9),
    en="By spending",
    zh="金额法排放",
)
def billed(spent: Values, spending_factor: Values) -> Values:
    return footprint.of_spending(spent, spending_factor)


@formula(
    symbol="E_other",
    unit="kgCO2e",
    over="project",
    equation="E_other = Σ E_ride + E_kWh + E_GJ + E_gas + E_piece + E_tkm + E_waste + (1 − b)·E_leg",
    bounds=(0, 1e10),
    en="Sources counted by quantity in either way",
    zh="仅有数量法的排放",
)
def by_quantity_only(
    rides: Values = NONE,
    powered: Values = NONE,
    heated: Values = NONE,
    burnt: Values = NONE,
    supplied: Values = NONE,
    shipped: Values = NONE,
    disposed: Values = NONE,
    journeys: Values = NONE,
    mode_is_billed: Values = NONE,
) -> float:
    unbilled = journeys * (1 - mode_is_billed)
    return math.fsum(np.concatenate([rides, powered, heated, burnt, supplied, shipped, disposed, unbilled]))


@formula(
    symbol="E_q",
    unit="kgCO2e",
    over="project",
    equation="E_q = E_other + Σ b·E_leg + Σ E_stay + Σ (1 − m)·E_bill",
    bounds=(0, 1e10),
    en="Footprint by quantities",
    zh="数量法碳排放",
)
def by_quantity(
    by_quantity_only: float,
    journeys: Values = NONE,
    mode_is_billed: Values = NONE,
    stays: Values = NONE,
    billed: Values = NONE,
    measured: Values = NONE,
) -> float:
    return math.fsum([by_quantity_only, *(journeys * mode_is_billed), *stays, *(billed * (1 - measured))])


@formula(
    symbol="E_CNY",
    unit="kgCO2e",
    over="project",
    equation="E_CNY = E_other + Σ E_bill",
    bounds=(0, 1e10),
    en="Footprint by spending",
    zh="金额法碳排放",
)
def by_spending(by_quantity_only: float, billed: Values = NONE) -> float:
    return math.fsum([by_quantity_only, *billed])


@formula(
    symbol="gap",
    unit="-",
    over="project",
    equation="gap = Σ (1 − m)·CNY / Σ CNY",
    bounds=(0, 1),
    en="Share of the spending without quantities",
    zh="数据缺口（无数量数据的费用占比）",
)
def gap(by_quantity_only: float, spent: Values = NONE, measured: Values = NONE) -> float:
    return footprint.unknown_share(spent, measured)


@formula(
    symbol="E",
    unit="kgCO2e",
    over="project",
    equation="gap ≤ gap_max: E = E_q; gap > gap_max: E = max(E_q, E_CNY)",
    bounds=(0, 1e10),
    en="Footprint reported",
    zh="报告碳排放量",
)
def emission(by_quantity: float, by_spending: float, gap: float, tolerated_gap: float) -> float:
    return footprint.reported(by_quantity, by_spending, gap, tolerated_gap)

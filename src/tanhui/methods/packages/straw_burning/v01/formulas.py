"""Methane and nitrous oxide of straw that is no longer burnt in the field. Equation R3 as in
docs/algorithms/agriculture.md."""

import math

import numpy as np
from numpy.typing import NDArray

from tanhui.methods.engine.formula import formula
from tanhui.science import biomass, methane
from tanhui.science.biomass import Values

Texts = NDArray[np.str_]


@formula(symbol="M_B", unit="t", over="parcel", equation="R3: A·M_B", en="Straw grown", zh="秸秆产量")
def grown(area: Values, straw: Values) -> Values:
    return area * straw


@formula(
    symbol="M_C",
    unit="t",
    over="parcel",
    equation="φ·min(M_W, M_B)",
    en="Straw that may earn",
    zh="可计入的秸秆量",
)
def credited(grown: Values, weighed: Values, fate_credited: Values) -> Values:
    earning: Values = np.minimum(weighed, grown)
    return fate_credited * earning


@formula(
    symbol="g",
    unit="tCO2e/t",
    over="project",
    equation="R3: Cf·(G_CH4·GWP_CH4 + G_N2O·GWP_N2O)/1000",
    bounds=(0, 1),
    en="Emissions of a tonne of straw set alight",
    zh="每吨秸秆露天焚烧排放量",
)
def fire_factor(
    combustion: float, burning_methane: float, burning_nitrous: float, gwp_methane: float, gwp_nitrous: float
) -> float:
    one = np.asarray(1.0)
    ch4 = float(methane.burnt(one, one, combustion, burning_methane))
    n2o = float(methane.burnt(one, one, combustion, burning_nitrous))
    return ch4 * gwp_methane + n2o * gwp_nitrous


@formula(
    symbol="BE_p",
    unit="tCO2e",
    over="parcel",
    equation="R3: f_B·M_C·g",
    en="Burning avoided",
    zh="避免焚烧排放量",
)
def emissions_baseline(credited: Values, burnt_share: float, fire_factor: float) -> Values:
    return credited * burnt_share * fire_factor


@formula(
    symbol="PE_p",
    unit="tCO2e",
    over="parcel",
    equation="R3: (1 − f_B)·M_B·g",
    en="Burning in the project",
    zh="项目焚烧排放量",
)
def emissions_project(grown: Values, fate: Texts, burnt_share: float, fire_factor: float) -> Values:
    return np.where(fate == "burnt", grown * (1 - burnt_share) * fire_factor, 0.0)


@formula(
    symbol="PE_F",
    unit="tCO2",
    over="project",
    equation="diesel·NCV·CC·OF·44/12",
    en="Diesel of baling and transport",
    zh="打捆与运输柴油排放",
)
def emissions_diesel(diesel: float, diesel_heat: float, diesel_carbon: float, diesel_oxidation: float) -> float:
    return float(biomass.carbon_dioxide(np.asarray(diesel * diesel_heat * diesel_carbon * diesel_oxidation)))


@formula(
    symbol="ER",
    unit="tCO2e",
    over="project",
    equation="Σ_p (BE_p − PE_p) − PE_F − LK",
    en="Emission reduction",
    zh="项目减排量",
)
def reduction(emissions_baseline: Values, emissions_project: Values, emissions_diesel: float, leakage: float) -> float:
    return math.fsum([*emissions_baseline, *-emissions_project, -emissions_diesel, -leakage])

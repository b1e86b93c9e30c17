"""CMS-026: household and small-farm digesters, with the coal their gas displaces. Equations M1 to M5 as in
docs/algorithms/agriculture.md. Everything is per household until the digesters in operation are counted.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine.formula import formula
from tanhui.science import biomass, manure
from tanhui.science.biomass import Values

KG_PER_T = 1000


class LargerThanHousehold(Refusal):
    code = "methods.larger_than_household"
    sentence = gettext_noop(
        "A digester of group %(group)s would earn %(earned)s t a year, and this methodology is for at most "
        "%(limit)s t. Correct the group, or meter the gas and use the methodology for farms."
    )
    clause = "CMS-026 (AMS-III.R), applicability"
    status = 422


@formula(
    symbol="VS",
    unit="kg",
    over="group",
    equation="M1: W·VS_rate·days/1000",
    bounds=(0, 10000),
    en="Volatile solids of one animal in the period",
    zh="单头（只）挥发性固体排泄量",
)
def solids(weight: Values, solids_rate: Values, days: Values) -> Values:
    return manure.volatile_solids(weight, solids_rate, days)


@formula(
    symbol="P",
    unit="kgCH4",
    over="group",
    equation="M1: N·VS·B_0·D_CH4·MS",
    en="Most methane the manure treated can give",
    zh="入池粪便最大产甲烷量",
)
def potential(heads: Values, solids: Values, methane_capacity: Values, methane_density: float, share: Values) -> Values:
    return manure.potential(heads, solids, methane_capacity, methane_density) * share


@formula(
    symbol="CH4_BL",
    unit="kgCH4",
    over="group",
    equation="M2: UF_b·MCF_BL·P",
    en="Methane the former system would have let go",
    zh="基准线甲烷排放",
)
def herd_methane(potential: Values, baseline_conversion: Values, model_correction: float) -> Values:
    return manure.emitted(potential, baseline_conversion) * model_correction


@formula(
    symbol="L",
    unit="kgCH4",
    over="group",
    equation="M3: MCF_D·P",
    en="Methane the digester lets go",
    zh="沼气池泄漏甲烷",
)
def herd_leak(potential: Values, digester_conversion: Values) -> Values:
    return manure.emitted(potential, digester_conversion)


@formula(
    symbol="BE_max",
    unit="tCO2e",
    over="group",
    equation="M2: GWP·CH4_BL",
    en="Baseline of one household before the cap",
    zh="封顶前单户基准线排放量",
)
def possible(herd_methane: Values, gwp_methane: float) -> Values:
    return herd_methane * gwp_methane / KG_PER_T


@formula(
    symbol="CH4_M",
    unit="kgCH4",
    over="group",
    equation="M4: V·x·D_CH4",
    en="Methane of one household, mean of the metered sample",
    zh="单户甲烷量（抽样计量平均）",
)
def metered(biogas: Values, methane_share: Values, methane_density: float) -> Values:
    return manure.captured(biogas, methane_share, methane_density)


@formula(
    symbol="BE",
    unit="tCO2e",
    over="group",
    equation="M4: min(BE_max, GWP·CH4_M)",
    en="Baseline of one household",
    zh="单户基准线排放量（以计量甲烷封顶）",
)
def emissions_baseline(possible: Values, metered: Values, gwp_methane: float) -> Values:
    return manure.capped(possible, metered * gwp_methane / KG_PER_T)


@formula(
    symbol="PE_L",
    unit="tCO2e",
    over="group",
    equation="M3: GWP·L",
    en="Leakage of one digester",
    zh="单池泄漏排放",
)
def emissions_leak(herd_leak: Values, gwp_methane: float) -> Values:
    return herd_leak * gwp_methane / KG_PER_T


@formula(
    symbol="ΔCO2",
    unit="tCO2",
    over="group",
    equation="M5: Δq·NCV·CC·OF·44/12",
    en="Coal displaced in one household",
    zh="单户替代燃煤减排量",
)
def coal_displaced(
    baseline_coal: Values, coal: Values, coal_heat: float, coal_carbon: float, coal_oxidation: float
) -> Values:
    return biomass.carbon_dioxide((baseline_coal - coal) * coal_heat * coal_carbon * coal_oxidation)


@formula(
    symbol="er",
    unit="tCO2e",
    over="group",
    equation="M5: BE − PE_L + ΔCO2",
    en="Reduction of one household",
    zh="单户减排量",
)
def household_reduction(emissions_baseline: Values, emissions_leak: Values, coal_displaced: Values) -> Values:
    return emissions_baseline - emissions_leak + coal_displaced


@formula(
    symbol="er/T",
    unit="tCO2e/a",
    over="group",
    equation="er/T ≤ ER_max",
    en="Reduction of one household and year",
    zh="单户年减排量",
)
def yearly(
    household_reduction: Values, years: float, household_limit: float, group: NDArray[np.str_] | None = None
) -> Values:
    found = household_reduction / years
    over = np.flatnonzero(found > household_limit)
    if over.size:
        name = str(group[over[0]]) if group is not None else str(over[0] + 1)
        raise LargerThanHousehold(group=name, earned=f"{found[over[0]]:.2f}", limit=f"{household_limit:g}")
    return found


@formula(
    symbol="n",
    unit="count",
    over="group",
    equation="N·r",
    en="Digesters in operation",
    zh="正常运行的沼气池数",
)
def operating(digesters: Values, operating_share: Values) -> Values:
    return digesters * operating_share


@formula(
    symbol="ER_g",
    unit="tCO2e",
    over="group",
    equation="n·er",
    en="Reduction of the group",
    zh="分组减排量",
)
def group_reduction(household_reduction: Values, yearly: Values, operating: Values) -> Values:
    return household_reduction * operating


@formula(
    symbol="ER",
    unit="tCO2e",
    over="project",
    equation="Σ_g ER_g",
    en="Emission reduction",
    zh="项目减排量",
)
def reduction(group_reduction: Values) -> float:
    return math.fsum(group_reduction)

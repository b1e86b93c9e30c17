"""CMS-021: methane of manure recovered on farms. Equations M1 to M4 as in docs/algorithms/agriculture.md.

What was not caught was not avoided: the baseline never counts for more than the methane that the meters saw.
"""

import math

from tanhui.methods.engine.formula import formula
from tanhui.science import crops, manure
from tanhui.science.biomass import Values
from tanhui.science.crops import Index

KG_PER_T = 1000


@formula(
    symbol="VS",
    unit="kg",
    over="herd",
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
    over="herd",
    equation="M1: N·VS·B_0·D_CH4·MS",
    en="Most methane the manure treated can give",
    zh="入池粪便最大产甲烷量",
)
def potential(heads: Values, solids: Values, methane_capacity: Values, methane_density: float, share: Values) -> Values:
    return manure.potential(heads, solids, methane_capacity, methane_density) * share


@formula(
    symbol="CH4_BL",
    unit="kgCH4",
    over="herd",
    equation="M2: UF_b·MCF_BL·P",
    en="Methane the former system would have let go",
    zh="基准线甲烷排放",
)
def herd_methane(potential: Values, baseline_conversion: Values, model_correction: float) -> Values:
    return manure.emitted(potential, baseline_conversion) * model_correction


@formula(
    symbol="L",
    unit="kgCH4",
    over="herd",
    equation="M3: MCF_D·P",
    en="Methane the digester lets go",
    zh="沼气池泄漏甲烷",
)
def herd_leak(potential: Values, digester_conversion: Values) -> Values:
    return manure.emitted(potential, digester_conversion)


@formula(
    symbol="BE_max",
    unit="tCO2e",
    over="digester",
    equation="M2: GWP·Σ_h CH4_BL",
    en="Baseline emissions before the cap",
    zh="封顶前基准线排放量",
)
def possible(herd_methane: Values, herd_digester: Index, biogas: Values, gwp_methane: float) -> Values:
    return crops.totals(herd_methane, herd_digester, len(biogas)) * gwp_methane / KG_PER_T


@formula(
    symbol="CH4_M",
    unit="kgCH4",
    over="digester",
    equation="M4: V·x·D_CH4",
    en="Methane that the meters saw",
    zh="计量的沼气甲烷量",
)
def metered(biogas: Values, methane_share: Values, methane_density: float) -> Values:
    return manure.captured(biogas, methane_share, methane_density)


@formula(
    symbol="BE",
    unit="tCO2e",
    over="digester",
    equation="M4: min(BE_max, GWP·CH4_M)",
    en="Baseline emissions",
    zh="基准线排放量（以计量甲烷封顶）",
)
def emissions_baseline(possible: Values, metered: Values, gwp_methane: float) -> Values:
    return manure.capped(possible, metered * gwp_methane / KG_PER_T)


@formula(
    symbol="PE_L",
    unit="tCO2e",
    over="digester",
    equation="M3: GWP·Σ_h L",
    en="Leakage of the digester",
    zh="沼气池泄漏排放",
)
def emissions_leak(herd_leak: Values, herd_digester: Index, biogas: Values, gwp_methane: float) -> Values:
    return crops.totals(herd_leak, herd_digester, len(biogas)) * gwp_methane / KG_PER_T


@formula(
    symbol="PE_S",
    unit="tCO2e",
    over="digester",
    equation="M3: GWP·CH4_M·(1 − η)",
    en="Methane that slips through flare or engine",
    zh="火炬或发动机未燃甲烷",
)
def emissions_slip(metered: Values, destroyed_share: Values, gwp_methane: float) -> Values:
    return metered * (1 - destroyed_share) * gwp_methane / KG_PER_T


@formula(
    symbol="PE_E",
    unit="tCO2e",
    over="digester",
    equation="M3: EL·EF_EL",
    en="Electricity used",
    zh="用电排放",
)
def emissions_electricity(electricity: Values, grid_factor: float) -> Values:
    return electricity * grid_factor


@formula(
    symbol="ER_d",
    unit="tCO2e",
    over="digester",
    equation="M4: BE − PE_L − PE_S − PE_E",
    en="Reduction of the digester",
    zh="单池减排量",
)
def digester_reduction(
    emissions_baseline: Values, emissions_leak: Values, emissions_slip: Values, emissions_electricity: Values
) -> Values:
    return emissions_baseline - emissions_leak - emissions_slip - emissions_electricity


@formula(
    symbol="ER",
    unit="tCO2e",
    over="project",
    equation="Σ_d ER_d − LK",
    en="Emission reduction",
    zh="项目减排量",
)
def reduction(digester_reduction: Values, leakage: float) -> float:
    return math.fsum([*digester_reduction, -leakage])

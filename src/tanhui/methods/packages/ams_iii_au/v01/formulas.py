"""AMS-III.AU with its default cuts: so many kg of methane a day for a field that was drained. Equations as in
docs/algorithms/agriculture.md; nitrous oxide is netted as in CMS-017, and only a rise of it counts.
"""

import numpy as np
from numpy.typing import NDArray

from tanhui.methods.engine.formula import formula
from tanhui.methods.families.rice_water.v01 import field
from tanhui.science import crops, methane, nitrous, uncertainty
from tanhui.science.biomass import Values
from tanhui.science.methane import Index
from tanhui.science.uncertainty import Scale

KG_PER_T = 1000


season_days = field.season_days
drained_times = field.drained_times


@formula(
    symbol="EF_ER",
    unit="kgCH4/(ha·d)",
    over="parcel",
    equation="EF_ER(n_d)",
    bounds=(0, 3),
    en="Daily cut of methane",
    zh="甲烷日减排量缺省值",
)
def daily_cut(drained_times: Values, double_cropped: NDArray[np.bool_], cut_single: Scale, cut_double: Scale) -> Values:
    single, double = (uncertainty.class_value(drained_times, scale) for scale in (cut_single, cut_double))
    return np.where(double_cropped, double, single)


@formula(
    symbol="ΔCH4",
    unit="kgCH4",
    over="parcel",
    equation="EF_ER·t·A",
    en="Methane avoided",
    zh="甲烷减排量",
)
def methane_avoided(daily_cut: Values, season_days: Values, area: Values) -> Values:
    return methane.rice(daily_cut, season_days, area)


@formula(
    symbol="ΔN2O",
    unit="kgN2O",
    over="parcel",
    equation="R2: N·(EF1FR,PJ − EF1FR,flooded)·44/28",
    bounds=(0, np.inf),
    en="Nitrous oxide that the drainage adds",
    zh="排水增加的氧化亚氮排放",
)
def nitrous_added(nitrogen: Values, drained_times: Values, area: Values, nitrous_factor: Scale) -> Values:
    drained, flooded = (uncertainty.class_value(count, nitrous_factor) for count in (drained_times, 0))
    return nitrous.direct(nitrogen * area, drained - flooded)


@formula(symbol="ER_p", unit="tCO2e", over="parcel", equation="R4", en="Reduction of the parcel", zh="地块减排量")
def parcel_reduction(methane_avoided: Values, nitrous_added: Values, gwp_methane: float, gwp_nitrous: float) -> Values:
    return (methane_avoided * gwp_methane - nitrous_added * gwp_nitrous) / KG_PER_T


stratum_area = field.stratum_area
yield_project = field.yield_project
yield_reference = field.yield_reference
yield_change = field.yield_change


@formula(
    symbol="ER_s",
    unit="tCO2e",
    over="stratum",
    equation="Σ_p ER_p",
    en="Reduction of the stratum",
    zh="层减排量",
)
def stratum_reduction(parcel_reduction: Values, parcel_stratum: Index, stratum_count: int) -> Values:
    return crops.totals(parcel_reduction, parcel_stratum, stratum_count)


reduction_per_hectare = field.reduction_per_hectare
gross = field.gross
reduction = field.reduction

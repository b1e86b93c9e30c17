"""What the methodologies of drained rice fields have in common: seasons and drainages of a field, areas and yields of a
stratum, and the way from the reductions of strata to the project's. R1 and R4 of docs/algorithms/agriculture.md.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tanhui.methods import guards
from tanhui.methods.engine.formula import formula
from tanhui.science import crops, methane
from tanhui.science.biomass import Values
from tanhui.science.methane import Index

Texts = NDArray[np.str_]
NOWHERE = np.zeros(0, dtype=np.intp)
UNNAMED = np.zeros(0, dtype=np.str_)


@formula(
    symbol="t",
    unit="d",
    over="parcel",
    equation="R1: t",
    bounds=(60, 220),
    en="Days from flooding to harvest",
    zh="生育期天数（灌水至收获）",
)
def season_days(flooded_on: Texts, harvested_on: Texts) -> Values:
    return methane.season_days(methane.dates(flooded_on), methane.dates(harvested_on))


@formula(
    symbol="n_d",
    unit="times",
    over="parcel",
    equation="R1: n_d = #(d > d_min)",
    en="Drainages that count",
    zh="有效排水次数",
)
def drained_times(
    area: Values,
    shortest_drainage: float,
    drainage_parcel: Index = NOWHERE,
    drained_on: Texts = UNNAMED,
    reflooded_on: Texts = UNNAMED,
) -> Values:
    drained, reflooded = methane.dates(drained_on), methane.dates(reflooded_on)
    return methane.drainages(drainage_parcel, drained, reflooded, len(area), longer_than=shortest_drainage)


@formula(symbol="A_s", unit="ha", over="stratum", equation="Σ_p A_p", en="Area of the stratum", zh="层面积")
def stratum_area(area: Values, parcel_stratum: Index, stratum_count: int) -> Values:
    return crops.totals(area, parcel_stratum, stratum_count)


@formula(
    symbol="Y_PJ",
    unit="kg/ha",
    over="stratum",
    equation="Σ_p Y·A / Σ_p A",
    en="Yield of the project's parcels",
    zh="项目地块单产",
)
def yield_project(harvest: Values, area: Values, parcel_stratum: Index, stratum_count: int) -> Values:
    return crops.weighted(harvest, area, parcel_stratum, stratum_count)


@formula(
    symbol="Y_REF",
    unit="kg/ha",
    over="stratum",
    equation="Σ Y / n",
    en="Yield of the reference fields",
    zh="参照田单产",
)
def yield_reference(reference_harvest: Values, reference_stratum: Index, stratum_count: int) -> Values:
    alike = np.ones(len(reference_harvest))
    return crops.weighted(reference_harvest, alike, reference_stratum, stratum_count)


@formula(
    symbol="δ",
    unit="%",
    over="stratum",
    equation="Y_PJ / Y_REF − 1 ≥ −δ_Y",
    en="Change of the yield",
    zh="单产变化",
)
def yield_change(
    yield_project: Values, yield_reference: Values, yield_tolerance: float, stratum: Texts = UNNAMED
) -> Values:
    return guards.keep_yield(crops.change(yield_project, yield_reference), yield_tolerance, stratum)


@formula(
    symbol="(BE_s − PE_s)/A_s",
    unit="tCO2e/ha",
    over="stratum",
    equation="(BE_s − PE_s)/A_s",
    bounds=(-60, 25),
    en="Reduction per hectare and season",
    zh="每公顷每季减排量",
)
def reduction_per_hectare(stratum_reduction: Values, stratum_area: Values) -> Values:
    return stratum_reduction / stratum_area


@formula(
    symbol="BE − PE",
    unit="tCO2e",
    over="project",
    equation="R4: Σ_s",
    en="Reduction before the uncertainty deduction",
    zh="扣减前减排量",
)
def gross(stratum_reduction: Values) -> float:
    return math.fsum(stratum_reduction)


@formula(
    symbol="ER",
    unit="tCO2e",
    over="project",
    equation="R4: (BE − PE)·(1 − UNC) (BE > PE)",
    en="Emission reduction",
    zh="项目减排量",
)
def reduction(gross: float, uncertainty_deduction: float) -> float:
    return gross * (1 - uncertainty_deduction / 100) if gross > 0 else gross

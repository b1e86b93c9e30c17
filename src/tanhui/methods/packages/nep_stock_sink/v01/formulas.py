"""Stock sink of a region: NEP = NPP − Rh over zones, by two models of heterotrophic respiration; the middle, its spread
and the lower bound. A statistic: nothing here can be issued."""

import math

import numpy as np

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine.formula import formula
from tanhui.science import footprint
from tanhui.science.biomass import Values


class ImplausibleFlux(Refusal):
    code = "methods.implausible_flux"
    sentence = gettext_noop(
        "%(count)s zones have a flux outside %(low)s to %(high)s gC/(m2·a), the first of them %(value)s. "
        "Look for dry matter taken for carbon, months taken for years, or a scale factor left out."
    )
    clause = "上虞区生态系统存量碳汇核算及使用管理办法 第六条（准确性）"
    status = 422


def _flux(npp: Values, rh: Values, applies: Values, low: float, high: float) -> Values:
    flux = (npp - rh) * applies
    outside = np.flatnonzero((flux < low) | (flux > high))
    if len(outside):
        raise ImplausibleFlux(count=len(outside), low=f"{low:g}", high=f"{high:g}", value=f"{flux[outside[0]]:.6g}")
    return flux


@formula(
    symbol="NEP_1",
    unit="gC/(m2·a)",
    over="zone",
    equation="NEP_1 = NPP − Rh_1",
    en="Net ecosystem production, first model",
    zh="净生态系统生产力（模型一）",
)
def nep_1(npp: Values, rh_1: Values, method_applies: Values, lowest_flux: float, highest_flux: float) -> Values:
    return _flux(npp, rh_1, method_applies, lowest_flux, highest_flux)


@formula(
    symbol="NEP_2",
    unit="gC/(m2·a)",
    over="zone",
    equation="NEP_2 = NPP − Rh_2",
    en="Net ecosystem production, second model",
    zh="净生态系统生产力（模型二）",
)
def nep_2(npp: Values, rh_2: Values, method_applies: Values, lowest_flux: float, highest_flux: float) -> Values:
    return _flux(npp, rh_2, method_applies, lowest_flux, highest_flux)


@formula(
    symbol="S_1",
    unit="tCO2/a",
    over="project",
    equation="S_1 = Σ NEP_1·A·44/12",
    en="Stock sink, first model",
    zh="存量碳汇（模型一）",
)
def sink_1(nep_1: Values, area: Values) -> float:
    return math.fsum(footprint.stock_sink(nep_1, area))


@formula(
    symbol="S_2",
    unit="tCO2/a",
    over="project",
    equation="S_2 = Σ NEP_2·A·44/12",
    en="Stock sink, second model",
    zh="存量碳汇（模型二）",
)
def sink_2(nep_2: Values, area: Values) -> float:
    return math.fsum(footprint.stock_sink(nep_2, area))


@formula(
    symbol="±",
    unit="tCO2/a",
    over="project",
    equation="± = |S_1 − S_2| / 2",
    en="Spread of the models, half",
    zh="模型差异（半幅）",
)
def half_spread(sink_1: float, sink_2: float) -> float:
    return abs(sink_1 - sink_2) / 2


@formula(
    symbol="S_low",
    unit="tCO2/a",
    over="project",
    equation="S_low = min(S_1, S_2)",
    en="Lower bound: for any use against emissions",
    zh="下限值（用于与排放相抵的任何场合）",
)
def lower_bound(sink_1: float, sink_2: float) -> float:
    return min(sink_1, sink_2)


@formula(
    symbol="S",
    unit="tCO2/a",
    over="project",
    equation="S = (S_1 + S_2) / 2",
    en="Stock sink, middle of the models",
    zh="存量碳汇（模型均值）",
)
def stock_sink(sink_1: float, sink_2: float, half_spread: float, lower_bound: float) -> float:
    return (sink_1 + sink_2) / 2

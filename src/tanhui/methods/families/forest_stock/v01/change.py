"""From stocks on plots to the change of the stock of the project, with its uncertainty. U1 and U2 of AR-TOOL14."""

import math

import numpy as np

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine.formula import formula
from tanhui.science import sampling
from tanhui.science.biomass import Values
from tanhui.science.trees import Index

CONFIDENCE = 90  # %, two-sided; AR-TOOL14 and the precision section of AR-CM-001
PLAUSIBLE = 30  # tCO2/(ha·a) that a stand can gain


class NothingMeasured(Refusal):
    code = "methods.nothing_measured"
    sentence = gettext_noop(
        "No table says what grows on the plots. "
        "Hand in the measured trees, the stem volumes or the culms of both surveys."
    )
    clause = "AR-CM-001-V01, monitoring of the tree stock"
    status = 422


def sum_of(plot_area: Values, *parts: Values | None) -> Values:
    """Stocks of the ways in which plots were measured, shape ``(2, plots)``. Refuses with ``NothingMeasured``."""
    found = [one for one in parts if one is not None]
    if not found:
        raise NothingMeasured
    return np.zeros((2, len(plot_area))) + sum(found)


@formula(
    symbol="Δc_p",
    unit="tCO2/ha",
    over="plot",
    equation="F3: Δc = c_2 − c_1",
    en="Change of the stock per hectare",
    zh="样地每公顷碳储量变化",
)
def density_change(density: Values) -> Values:
    change: Values = density[1] - density[0]
    return change


@formula(symbol="n_i", unit="plots", over="stratum", equation="U1: n_i", en="Plots in the stratum", zh="层内样地数")
def plots(stratum: Index, stratum_area: Values) -> Values:
    return sampling.counts(stratum, len(stratum_area))


@formula(symbol="w_i", unit="-", over="stratum", equation="U1: w_i = A_i / A", en="Share of the area", zh="面积权重")
def weight(stratum_area: Values) -> Values:
    return sampling.weights(stratum_area)


@formula(
    symbol="c̄_i",
    unit="tCO2/ha",
    over="survey|stratum",
    equation="U1: c̄ = Σ c_p / n",
    en="Mean stock of each survey",
    zh="层平均碳储量",
)
def mean(density: Values, stratum: Index, stratum_area: Values) -> Values:
    return np.stack([sampling.means(one, stratum, len(stratum_area)) for one in density])


@formula(
    symbol="s²_i",
    unit="(tCO2/ha)²",
    over="survey|stratum",
    equation="U1: s² = [nΣc² − (Σc)²] / [n(n − 1)]",
    en="Variance of each survey",
    zh="层内方差",
)
def variance(density: Values, stratum: Index, stratum_area: Values) -> Values:
    return np.stack([sampling.variances(one, stratum, len(stratum_area)) for one in density])


@formula(
    symbol="s²_Δi",
    unit="(tCO2/ha)²",
    over="stratum",
    equation="U1: s²_Δ = Σ(Δc − Δc̄)² / (n − 1)",
    en="Variance of the change",
    zh="变化量层内方差",
)
def variance_change(density_change: Values, stratum: Index, stratum_area: Values) -> Values:
    return sampling.variances(density_change, stratum, len(stratum_area))


@formula(
    symbol="C_1i",
    unit="tCO2",
    over="stratum",
    equation="F3: C = A·c̄",
    en="Stock, first survey",
    zh="第一次调查层碳储量",
)
def stock_1_t(mean: Values, stratum_area: Values) -> Values:
    stock: Values = mean[0] * stratum_area
    return stock


@formula(
    symbol="C_2i",
    unit="tCO2",
    over="stratum",
    equation="F3: C = A·c̄",
    en="Stock, second survey",
    zh="第二次调查层碳储量",
)
def stock_2_t(mean: Values, stratum_area: Values) -> Values:
    stock: Values = mean[1] * stratum_area
    return stock


@formula(
    symbol="ΔC_i",
    unit="tCO2",
    over="stratum",
    equation="F3: ΔC = C_2 − C_1",
    en="Change of the stock in the stratum",
    zh="层碳储量变化",
)
def stratum_change(stock_1_t: Values, stock_2_t: Values) -> Values:
    return stock_2_t - stock_1_t


@formula(
    symbol="ΔC_i/(A_i·T)",
    unit="tCO2/(ha·a)",
    over="stratum",
    equation="F3: ΔC_i / (A_i·T)",
    bounds=(-np.inf, PLAUSIBLE),
    en="Yearly change per hectare",
    zh="层年均每公顷变化",
)
def yearly_change(stratum_change: Values, stratum_area: Values, years: float) -> Values:
    return stratum_change / stratum_area / years


@formula(
    symbol="u",
    unit="%",
    over="survey",
    equation="U2: u = t·√Σw²s²/n / c̄",
    en="Uncertainty of the stock of each survey, 90 %",
    zh="各次调查碳储量不确定性（90%）",
)
def uncertainty(mean: Values, variance: Values, plots: Values, weight: Values) -> Values:
    # Bare land has no stock to be uncertain about; the second survey then decides the class.
    return np.array(
        [
            sampling.relative_half_width(one, spread, plots, weight, CONFIDENCE) if one.any() else 0.0
            for one, spread in zip(mean, variance, strict=True)
        ]
    )


@formula(
    symbol="h_Δ",
    unit="tCO2",
    over="project",
    equation="U2: h = t·A·√Σw²s²_Δ/n",
    en="Half-width of the change, 90 %",
    zh="变化量置信半宽（90%）",
)
def half_width_change(variance_change: Values, plots: Values, weight: Values, stratum_area: Values) -> float:
    t = sampling.student_t(CONFIDENCE, int(math.fsum(plots)) - len(plots))
    return math.fsum(stratum_area) * t * math.sqrt(math.fsum(weight * weight * variance_change / plots))


@formula(
    symbol="ΔC_TREE",
    unit="tCO2",
    over="project",
    equation="F3: ΔC = Σ_i ΔC_i",
    en="Change of the stock of trees and bamboo",
    zh="林木（竹）碳储量变化量",
)
def change_tree(stratum_change: Values) -> float:
    return math.fsum(stratum_change)

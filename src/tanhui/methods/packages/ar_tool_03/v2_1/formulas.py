"""AR-TOOL03 v2.1.0, S1 to S4: first pass with the normal quantile, second with Student's t, both conventions."""

import math

from tanhui.methods.engine.formula import formula
from tanhui.science import design, sampling
from tanhui.science.biomass import Values
from tanhui.science.design import HOUSE, PUBLISHED


@formula(symbol="A", unit="ha", over="project", equation="A = Σ A_i", en="Area", zh="总面积")
def total_area(area: Values) -> float:
    return math.fsum(area)


@formula(symbol="A_i", unit="ha", over="stratum", equation="measured", en="Area of the stratum", zh="层面积")
def areas(area: Values) -> Values:
    return area


@formula(symbol="AP", unit="ha", over="project", equation="declared", en="Area of a plot", zh="样地面积")
def plot_size(plot_area: float) -> float:
    return plot_area


@formula(symbol="w_i", unit="-", over="stratum", equation="w_i = A_i / A", en="Share of the area", zh="面积权重")
def weight(area: Values) -> Values:
    return sampling.weights(area)


@formula(
    symbol="N",
    unit="plots",
    over="project",
    equation="N = A / AP",
    bounds=(2, math.inf),
    en="Plots that would cover the area",
    zh="可能的样地总数",
)
def population(total_area: float, plot_area: float) -> float:
    return design.population(total_area, plot_area)


@formula(symbol="b̄", unit="t d.m./ha", over="project", equation="b̄ = Σ w_i b̄_i", en="Mean", zh="加权均值")
def mean(weight: Values, stratum_mean: Values) -> float:
    return sampling.weighted_mean(stratum_mean, weight)


@formula(
    symbol="E",
    unit="t d.m./ha",
    over="project",
    equation="E = p·b̄",
    en="Half-width aimed at",
    zh="允许误差（置信半宽）",
)
def error(stratum_mean: Values, weight: Values, precision: float) -> float:
    return design.permissible_error(stratum_mean, weight, precision)


# --- published convention ---


@formula(
    symbol="t_∞*",
    unit="-",
    over="project",
    equation="normal quantile, three decimals",
    en="t of the first pass, published convention",
    zh="第一轮 t 值（已发表算例约定）",
)
def t_first_published(confidence: float) -> float:
    return PUBLISHED.normal(confidence)


@formula(
    symbol="n_0*",
    unit="plots",
    over="project",
    equation="S1: n = N·t²·(Σ w_i s_i)² / (N·E² + t²·Σ w_i s_i²)",
    en="Plots by the first pass, published convention",
    zh="第一轮样地数（已发表算例约定）",
)
def first_published(t_first_published: float, population: float, error: float, weight: Values, sd: Values) -> float:
    return design.plots_needed(t_first_published, population, error, weight, sd)


@formula(
    symbol="df*",
    unit="-",
    over="project",
    equation="floor(n_0*) − 1",
    en="Degrees of freedom, published convention",
    zh="自由度（已发表算例约定）",
)
def freedom_published(first_published: float) -> float:
    return float(PUBLISHED.freedom(first_published))


@formula(
    symbol="t*",
    unit="-",
    over="project",
    equation="t(df*), three decimals; t_∞* from 30 plots on",
    en="t of the second pass, published convention",
    zh="第二轮 t 值（已发表算例约定）",
)
def t_published(confidence: float, first_published: float) -> float:
    return PUBLISHED.student(confidence, first_published)


@formula(
    symbol="n*",
    unit="plots",
    over="project",
    equation="S1 with t*",
    en="Plots by the second pass, published convention",
    zh="第二轮样地数（已发表算例约定）",
)
def number_published(t_published: float, population: float, error: float, weight: Values, sd: Values) -> float:
    return design.plots_needed(t_published, population, error, weight, sd)


@formula(
    symbol="n_i*",
    unit="plots",
    over="stratum",
    equation="S4: n_i = n·w_i s_i / Σ w_i s_i, nearest whole number",
    en="Plots in the stratum, published convention",
    zh="各层样地数（已发表算例约定）",
)
def plots_published(number_published: float, weight: Values, sd: Values) -> Values:
    return PUBLISHED.plots(design.allocated(number_published, weight, sd))


@formula(
    symbol="Σ n_i*",
    unit="plots",
    over="project",
    equation="Σ n_i*",
    en="Plots, published convention",
    zh="样地总数（已发表算例约定）",
)
def total_published(plots_published: Values) -> float:
    return math.fsum(plots_published)


# --- our convention ---


@formula(symbol="t_∞", unit="-", over="project", equation="normal quantile", en="t of the first pass", zh="第一轮 t 值")
def t_first(confidence: float) -> float:
    return HOUSE.normal(confidence)


@formula(
    symbol="n_0",
    unit="plots",
    over="project",
    equation="S1: n = N·t²·(Σ w_i s_i)² / (N·E² + t²·Σ w_i s_i²)",
    en="Plots by the first pass",
    zh="第一轮样地数",
)
def first(t_first: float, population: float, error: float, weight: Values, sd: Values) -> float:
    return design.plots_needed(t_first, population, error, weight, sd)


@formula(
    symbol="n_0,S2",
    unit="plots",
    over="project",
    equation="S2: n = (t/E)²·(Σ w_i s_i)²",
    en="The same if plots were few",
    zh="第一轮样地数（不计有限总体修正）",
)
def few(t_first: float, error: float, weight: Values, sd: Values) -> float:
    return design.plots_needed_if_few(t_first, error, weight, sd)


@formula(
    symbol="n_0,S3",
    unit="plots",
    over="project",
    equation="S3: n_a = n / (1 + n/N) from 5 % of the area on",
    en="The same, adjusted for the land that plots take up",
    zh="第一轮样地数（按占地比例修正）",
)
def adjusted(few: float, population: float) -> float:
    return design.adjusted(few, population)


@formula(
    symbol="df",
    unit="-",
    over="project",
    equation="max(ceil(n_0) − 1, 1)",
    en="Degrees of freedom",
    zh="自由度",
)
def freedom(first: float) -> float:
    return float(HOUSE.freedom(first))


@formula(
    symbol="t",
    unit="-",
    over="project",
    equation="t(df); t_∞ from 30 plots on",
    en="t of the second pass",
    zh="第二轮 t 值",
)
def t(confidence: float, first: float) -> float:
    return HOUSE.student(confidence, first)


@formula(
    symbol="n", unit="plots", over="project", equation="S1 with t", en="Plots by the second pass", zh="第二轮样地数"
)
def number(t: float, population: float, error: float, weight: Values, sd: Values) -> float:
    return design.plots_needed(t, population, error, weight, sd)


@formula(
    symbol="n_i",
    unit="plots",
    over="stratum",
    equation="S4: n_i = max(ceil(n·w_i s_i / Σ w_i s_i), 3)",
    en="Plots to be measured in the stratum",
    zh="各层应测样地数",
)
def plots(number: float, weight: Values, sd: Values) -> Values:
    return HOUSE.plots(design.allocated(number, weight, sd))


@formula(
    symbol="r_i",
    unit="plots",
    over="stratum",
    equation="r_i = ceil(10 %·n_i)",
    en="Plots in reserve in the stratum",
    zh="各层备用样地数",
)
def reserve(plots: Values) -> Values:
    return HOUSE.with_reserve(plots) - plots


@formula(
    symbol="n_i + r_i",
    unit="plots",
    over="stratum",
    equation="n_i + r_i",
    en="Plots to be laid in the stratum",
    zh="各层布设样地数",
)
def plots_laid(plots: Values, reserve: Values) -> Values:
    return plots + reserve


@formula(
    symbol="a",
    unit="%",
    over="project",
    equation="a = 100·AP·Σ n_i / A",
    en="Share of the area under plots",
    zh="样地占总面积的比例",
)
def plot_share(plots: Values, plot_area: float, total_area: float) -> float:
    return 100 * plot_area * math.fsum(plots) / total_area


@formula(
    symbol="u",
    unit="%",
    over="project",
    equation="u = t(Σ n_i − M)·√(Σ w_i² s_i²/n_i·(1 − n_i/N_i)) / b̄",
    en="Half-width to expect of these plots",
    zh="取整后预期可达到的相对半宽",
)
def precision_expected(
    plots: Values, area: Values, plot_area: float, stratum_mean: Values, weight: Values, sd: Values, confidence: float
) -> float:
    student = sampling.student_t(confidence, int(math.fsum(plots)) - len(plots))
    return design.precision_reached(plots, area / plot_area, stratum_mean, weight, sd, student)


@formula(
    symbol="Σ (n_i + r_i)",
    unit="plots",
    over="project",
    equation="Σ (n_i + r_i)",
    en="Plots to be laid",
    zh="布设样地总数",
)
def total(plots_laid: Values) -> float:
    return math.fsum(plots_laid)

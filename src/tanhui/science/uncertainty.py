"""Uncertainty of an estimate, how it travels through arithmetic, and what the schemes deduct for it.

An estimate comes with its half-width: half the length of its confidence interval, in the estimate's own unit. ``u`` is
the half-width in % of the absolute estimate. Arguments broadcast as in numpy. A deduction never adds to a credit: the
higher u, the less is left of a project's estimate and the more is added to a baseline's.

A scale is (upper bounds, values): a class includes its upper bound, and the first bound not below u decides.
"""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tanhui.science.biomass import Values

Number: TypeAlias = float | Values
Scale: TypeAlias = tuple[Values, Values]
Scenario = Literal["project", "baseline"]


class TooUncertain(ValueError):
    """u lies above the last class of a scale: the scheme asks for more samples instead of a larger deduction."""

    def __init__(self, u: float, limit: float) -> None:
        self.u, self.limit = u, limit
        super().__init__(f"an uncertainty of {u:g} % lies above the last class, {limit:g} %")


def relative(estimate: Number, half_width: Number) -> Values:
    """u = 100·half-width/|estimate| in %; infinite where the estimate is zero and the half-width is not."""
    size, half = np.abs(np.asarray(estimate, dtype=np.float64)), np.asarray(half_width, dtype=np.float64)
    known = half == 0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(known, 0.0, 100 * half / size)


def of_sum(half_widths: Number, axis: int = -1) -> Values:
    """Half-width of a sum or difference of independent terms: √Σhᵢ², all in one unit. IPCC 2006 V1 equation 3.2,
    AR-TOOL14's U4, VM0033 equations 87 to 91."""
    half = np.asarray(half_widths, dtype=np.float64)
    return np.asarray(np.sqrt(np.sum(half * half, axis=axis)))


def of_product(relative_half_widths: Number, axis: int = -1) -> Values:
    """u of a product or quotient of independent factors: √Σuᵢ², in %. IPCC 2006 V1 equation 3.1, first order: above
    about 30 % let ``monte_carlo.propagate`` do it."""
    return of_sum(relative_half_widths, axis=axis)


def of_difference(estimates: Number, relative_half_widths: Number) -> float:
    """u of the difference of two stocks, in %: √[(u₁C₁)² + (u₂C₂)²] / |ΔC|. AR-TOOL14, U4. Infinite for ΔC = 0.

    Shapes: two stocks in one unit, their two u in %.
    """
    first, second = np.asarray(estimates, dtype=np.float64)
    half = of_sum(np.asarray(relative_half_widths) / 100 * np.array([first, second]))
    return float(relative(second - first, half))


def class_value(u: Number, scale: Scale) -> Values:
    """The value of each u's class. ``TooUncertain`` above the last bound, naming the largest."""
    upper, values = scale
    asked = np.asarray(u, dtype=np.float64)
    place = np.searchsorted(upper, asked)
    if np.any(place == len(values)) or np.any(np.isnan(asked)):
        raise TooUncertain(float(np.max(asked)), float(upper[-1]))
    return np.asarray(values)[place]


def share_of_half_width(estimate: Number, half_width: Number, scale: Scale) -> Values:
    """Amount to deduct, in the estimate's unit: d(u) % **of the half-width**. AR-TOOL14.

    Only the class looks at u = half-width/|estimate|. Dividing by the estimate again when choosing it, as one public
    implementation does, turns every project of more than a few tonnes into class one.
    """
    half = np.asarray(half_width, dtype=np.float64)
    return class_value(relative(estimate, half), scale) / 100 * half


def share_of_estimate(estimate: Number, half_width: Number, scale: Scale) -> Values:
    """Amount to deduct, in the estimate's unit: rate(u) % **of the estimate**. CCER-14-001, AR-CM-001.
    ``TooUncertain`` above the last class."""
    size: Values = np.abs(np.asarray(estimate, dtype=np.float64))
    return class_value(relative(estimate, half_width), scale) / 100 * size


def excess(estimate: Number, half_width: Number, allowance: float) -> Values:
    """Amount to deduct, in the estimate's unit: what the half-width exceeds its allowance by,
    |estimate|·max(0, u − allowance). VM0033 v2.1 equation 92: the allowance is 20 % at 90 % confidence or 30 % at
    95 %."""
    size: Values = np.abs(np.asarray(estimate, dtype=np.float64))
    return np.maximum(np.asarray(half_width, dtype=np.float64) - allowance / 100 * size, 0.0)


def one_sided(estimate: Number, variance: Number, t: float) -> Values:
    """Amount to deduct, in the estimate's unit: t·√variance, no more than the estimate. VM0042 v2.1: UNC = min(100,
    max(0, 100·√var/mean·t)) with t = 0.4307, the point that a standard normal stays below with probability 2/3.

    ``variance`` is that of the estimate (its standard error squared), in the estimate's unit squared.
    """
    size: Values = np.abs(np.asarray(estimate, dtype=np.float64))
    return np.minimum(t * np.sqrt(np.asarray(variance, dtype=np.float64)), size)


def conservative(estimate: Number, deduction: Number, scenario: Scenario = "project") -> Values:
    """The estimate after its deduction: less in the project scenario, more in the baseline. AR-TOOL14.

    A gain of the project falls to zero at most: uncertainty makes a gain unproven, never a loss. A loss is deepened.
    """
    value, amount = np.asarray(estimate, dtype=np.float64), np.asarray(deduction, dtype=np.float64)
    if np.any(amount < 0) or np.any(np.isnan(amount)):
        raise ValueError("a deduction is no negative number")
    if scenario == "baseline":
        return value + amount
    return np.where(value > 0, np.maximum(value - amount, 0.0), value - amount)


def is_within(estimate: Number, half_width: Number, precision: float) -> NDArray[np.bool_]:
    """Whether u meets the targeted precision (%)."""
    return relative(estimate, half_width) <= precision

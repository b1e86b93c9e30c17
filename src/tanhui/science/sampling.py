"""Stratified sampling: means, variances and the half-width of an estimate.

Sums over plots are sequential in the given order and sums over strata exact, so equal input gives equal bits.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tanhui.science.biomass import Values

Index = NDArray[np.intp]


def counts(stratum: Index, strata: int) -> Values:
    """Number of plots in each of ``strata`` strata; ``stratum`` gives each plot's place."""
    return np.bincount(stratum, minlength=strata).astype(np.float64)


def means(values: Values, stratum: Index, strata: int) -> Values:
    """Mean of the plots of each stratum, in the unit of ``values``."""
    return np.bincount(stratum, weights=values, minlength=strata) / counts(stratum, strata)


def variances(values: Values, stratum: Index, strata: int) -> Values:
    """Sample variance (n − 1) within each stratum, by the two-pass form of AR-TOOL14's s² (equal to
    [nΣb² − (Σb)²] / [n(n − 1)] without its cancellation)."""
    deviation = values - means(values, stratum, strata)[stratum]
    return np.bincount(stratum, weights=deviation * deviation, minlength=strata) / (counts(stratum, strata) - 1)


def weights(area: Values) -> Values:
    """Share of each stratum in the total area."""
    return area / math.fsum(area)


def weighted_mean(mean: Values, weight: Values) -> float:
    """Σ wᵢ x̄ᵢ, exact in the sum."""
    return math.fsum(weight * mean)


def relative_half_width(mean: Values, variance: Values, plots: Values, weight: Values, confidence: float) -> float:
    """u = t(n − M)·√(Σ wᵢ² sᵢ²/nᵢ) / x̄ in %, two-sided at ``confidence`` %; infinite for a mean of zero. AR-TOOL14."""
    centre = abs(weighted_mean(mean, weight))
    freedom = int(math.fsum(plots)) - len(plots)
    half = student_t(confidence, freedom) * math.sqrt(math.fsum(weight * weight * variance / plots))
    return 100 * half / centre if centre else math.inf


def normal_t(confidence: float) -> float:
    """The t with ``confidence`` % of the normal distribution between −t and t."""
    from statistics import NormalDist  # brings random and fractions along, and few runs ask for it

    return NormalDist().inv_cdf(0.5 + confidence / 200)


@cache
def student_t(confidence: float, freedom: int) -> float:
    """The t with ``confidence`` % of Student's distribution between −t and t.

    The finite series for whole degrees of freedom (Abramowitz & Stegun 26.7.3, 26.7.4) by bisection; above 2,000
    degrees the expansion around the normal quantile (26.7.5), whose next term is below 1e-12. ``ValueError`` below 1.
    """
    if freedom < 1:
        raise ValueError(f"{freedom} degrees of freedom give no t")
    if freedom > 2000:
        return _near_normal(normal_t(confidence), freedom)
    low, high = 0.0, 1.0
    while _within(high, freedom) < confidence / 100:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        if _within(middle, freedom) < confidence / 100:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """Probability of |T| ≤ t."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine, odd = math.cos(angle), freedom % 2
    term, total = (cosine if odd else 1.0), 0.0
    for k in range(1 + odd, freedom, 2):
        total += term
        term *= cosine * cosine * k / (k + 1)
    total *= math.sin(angle)
    return (angle + total) * 2 / math.pi if odd else total


def _near_normal(z: float, freedom: int) -> float:
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3

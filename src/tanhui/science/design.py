"""How many sample plots, and how many of them where. AR-TOOL03 v2.1.0; S1 to S4 are its equations.

Stratum arrays have one value per stratum: ``weight`` is the share of the area, ``sd`` the standard deviation of the
plot values in the unit of the mean (usually t d.m./ha). Numbers of plots stay fractions until ``rounded_up`` or
``nearest``: which integer is meant changes the result, so each step that makes one is a function with a name.

The tool does not say which whole number of plots gives Student's t its degrees of freedom, nor how a stratum's share
becomes whole plots. ``PUBLISHED`` reads it as a published worked example does; ``HOUSE`` never rounds towards fewer
plots.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tanhui.science import sampling
from tanhui.science.biomass import Values

FIRST_PASS_IS_ENOUGH = 30  # plots from which the normal quantile stands for Student's t
NOT_SMALL = 0.05  # share of the area from which plots are no longer few: S3 instead of S2


@dataclass(frozen=True)
class Convention:
    """What the tool leaves open.

    Decimals kept of t (``None``: all), the whole number of plots that gives the degrees of freedom, the rounding of a
    stratum's share, the fewest plots a stratum gets, and the reserve for plots that will be lost, in % of each
    stratum's plots.
    """

    t_decimals: int | None
    whole: Callable[[float], int]
    share: Callable[[Values], Values]
    fewest: int
    reserve: float

    def normal(self, confidence: float) -> float:
        """The two-sided normal quantile (``confidence`` in %), as the convention prints it: t of the first pass."""
        return self._printed(sampling.normal_t(confidence))

    def freedom(self, plots: float) -> int:
        """Degrees of freedom of the second pass, at least one."""
        return max(self.whole(plots) - 1, 1)

    def student(self, confidence: float, plots: float) -> float:
        """t of the second pass: Student's for what the first pass found, normal from 30 plots on."""
        if plots >= FIRST_PASS_IS_ENOUGH:
            return self.normal(confidence)
        return self._printed(sampling.student_t(confidence, self.freedom(plots)))

    def _printed(self, t: float) -> float:
        return t if self.t_decimals is None else round(t, self.t_decimals)

    def plots(self, allocated: Values) -> Values:
        """Whole plots per stratum, without the reserve."""
        return np.maximum(self.share(allocated), self.fewest)

    def with_reserve(self, plots: Values) -> Values:
        """Whole plots per stratum, with the reserve. A stratum replaces its lost plots from its own."""
        return plots + rounded_up(plots * (self.reserve / 100))


def rounded_up(values: Values) -> Values:
    """The next whole number; what is whole but for the last bits stays."""
    return np.ceil(np.round(values, 9))


def nearest(values: Values) -> Values:
    """The nearest whole number, a half upwards."""
    return np.floor(np.round(values, 9) + 0.5)


PUBLISHED = Convention(t_decimals=3, whole=math.floor, share=nearest, fewest=0, reserve=0)
HOUSE = Convention(t_decimals=None, whole=math.ceil, share=rounded_up, fewest=3, reserve=10)


def population(area: float, plot_area: float) -> float:
    """N = A/AP: plots that would cover the area (both in ha)."""
    return area / plot_area


def permissible_error(mean: Values, weight: Values, precision: float) -> float:
    """E = p·Σ wᵢ x̄ᵢ: the half-width aimed at, in the unit of the mean; ``precision`` in %."""
    return precision / 100 * abs(sampling.weighted_mean(mean, weight))


def spread(weight: Values, sd: Values) -> float:
    """Σ wᵢ sᵢ, in the unit of ``sd``."""
    return math.fsum(weight * sd)


def plots_needed(t: float, population: float, error: float, weight: Values, sd: Values) -> float:
    """S1: n = N·t²·(Σ wᵢ sᵢ)² / (N·E² + t²·Σ wᵢ sᵢ²), drawn without replacement."""
    numerator = population * t**2 * spread(weight, sd) ** 2
    return numerator / (population * error**2 + t**2 * math.fsum(weight * sd * sd))


def plots_needed_if_few(t: float, error: float, weight: Values, sd: Values) -> float:
    """S2: n = (t/E)²·(Σ wᵢ sᵢ)², for plots that occupy less than 5 % of the area."""
    return (t / error * spread(weight, sd)) ** 2


def adjusted(plots: float, population: float) -> float:
    """S3: n_a = n / (1 + n/N), for plots that occupy 5 % of the area or more; S2's n otherwise."""
    return plots / (1 + plots / population) if plots / population >= NOT_SMALL else plots


def allocated(plots: float, weight: Values, sd: Values) -> Values:
    """S4: nᵢ = n·wᵢ sᵢ / Σ wᵢ sᵢ, the optimum allocation of Neyman. Fractions that add up to n."""
    return plots * weight * sd / spread(weight, sd)


def precision_reached(plots: Values, population: Values, mean: Values, weight: Values, sd: Values, t: float) -> float:
    """Half-width in % that whole plots per stratum lead one to expect: t·√(Σ wᵢ² sᵢ²/nᵢ·(1 − nᵢ/Nᵢ)) / x̄. Checks a
    design after rounding; ``population`` is Nᵢ per stratum. Infinite where a stratum that varies has no plot."""
    remaining = np.maximum(1 - plots / population, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(sd > 0, weight**2 * sd**2 / plots * remaining, 0.0)
    return 100 * t * math.sqrt(math.fsum(parts)) / abs(sampling.weighted_mean(mean, weight))

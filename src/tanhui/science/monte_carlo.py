"""Monte Carlo propagation, for formulas that are not linear.

    outcome = propagate(removal, {"volume": Normal(mean, sd, low=0), "density": Normal(d, s, over=species)},
                        draws=10_000, seed=20261121)

``removal`` is called with one array for each distribution, draws down, strata across, and answers one number for each
draw (or a row of numbers). It may be called several times, on blocks of draws.

**Reproducible.** Every block of draws and every distribution has its own PCG64 stream, spawned from the seed by block
and by the name's place in the alphabet. The block's length follows from the width of the distributions alone, so
neither the number of workers nor the memory at hand changes a bit of the result. A block holds draws, not strata: the
function sees all strata of a draw at once and may take shares, sums and maxima over them.

**Correlated or independent.** A distribution of one value is one draw for all strata: an error of a model or of a
factor that everybody shares. A distribution with one value per stratum errs in each by itself. With ``over`` (for each
stratum the place of its group) there is one draw per group: a species' density is equally wrong wherever it grows.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence
from numpy.typing import NDArray

from tanhui.science.biomass import Values

Number: TypeAlias = float | Values

GENERATOR = "PCG64"
BLOCK = 2**18  # values of one distribution in a block, 2 MiB: fits a processor's cache
ATTEMPTS = 200  # at truncation; bounds that let pass less than a few in a hundred are no truncated normal


@dataclass(frozen=True)
class Distribution(ABC):
    """What one quantity may be. Parameters are numbers or one-dimensional arrays that broadcast."""

    @property
    @abstractmethod
    def parameters(self) -> tuple[Number, ...]: ...

    @property
    def over(self) -> NDArray[np.intp] | None:
        return None

    @cached_property
    def size(self) -> int:
        """Values in one draw, before they are laid over the strata."""
        shapes = np.broadcast_shapes(*(np.shape(one) for one in self.parameters))
        if len(shapes) > 1:
            raise ValueError("the parameters of a distribution have one dimension at most")
        return shapes[0] if shapes else 1

    @property
    def width(self) -> int:
        """Values in one draw as the function sees them."""
        return self.size if self.over is None else len(self.over)

    @abstractmethod
    def sample(self, generator: Generator, draws: int) -> Values:
        """``draws`` rows of ``size`` values."""

    def values(self, generator: Generator, draws: int) -> Values:
        """``draws`` rows of ``width`` values."""
        found = self.sample(generator, draws)
        return found if self.over is None else np.take(found, self.over, axis=1)


def _demand(holds: Any, sentence: str) -> None:
    if not np.all(holds):
        raise ValueError(sentence)


@dataclass(frozen=True)
class Normal(Distribution):
    """Mean and standard deviation; truncated to [low, high] where bounds are given, by drawing again."""

    mean: Number
    sd: Number
    low: Number = -math.inf
    high: Number = math.inf
    over: NDArray[np.intp] | None = None

    def __post_init__(self) -> None:
        _demand(np.isfinite(self.mean) & np.isfinite(self.sd), "a normal distribution has a finite mean and deviation")
        _demand(np.asarray(self.sd) >= 0, "a standard deviation is not negative")
        inside = (np.asarray(self.low) <= self.mean) & (np.asarray(self.mean) <= self.high)
        _demand(inside, "the mean of a truncated normal distribution lies within its bounds")

    @property
    def parameters(self) -> tuple[Number, ...]:
        return self.mean, self.sd, self.low, self.high

    def sample(self, generator: Generator, draws: int) -> Values:
        found = generator.standard_normal((draws, self.size))
        found *= self.sd
        found += self.mean
        if np.all(np.isneginf(self.low)) and np.all(np.isposinf(self.high)):
            return found
        mean, sd, low, high = (np.broadcast_to(np.asarray(one, dtype=np.float64), self.size) for one in self.parameters)
        for _ in range(ATTEMPTS):
            row, place = np.nonzero((found < low) | (found > high))
            if not len(row):
                return found
            found[row, place] = mean[place] + sd[place] * generator.standard_normal(len(row))
        raise ValueError("the bounds cut off nearly all of a normal distribution: describe it as a uniform one")


@dataclass(frozen=True)
class Lognormal(Distribution):
    """Mean and standard deviation **of the quantity**, not of its logarithm."""

    mean: Number
    sd: Number
    over: NDArray[np.intp] | None = None

    def __post_init__(self) -> None:
        _demand(np.isfinite(self.mean) & (np.asarray(self.mean) > 0), "a lognormal distribution has a positive mean")
        _demand(np.isfinite(self.sd) & (np.asarray(self.sd) >= 0), "a standard deviation is not negative")

    @property
    def parameters(self) -> tuple[Number, ...]:
        return self.mean, self.sd

    def sample(self, generator: Generator, draws: int) -> Values:
        mean, sd = np.asarray(self.mean, dtype=np.float64), np.asarray(self.sd, dtype=np.float64)
        spread = np.log1p((sd / mean) ** 2)
        found = generator.standard_normal((draws, self.size))
        found *= np.sqrt(spread)
        found += np.log(mean) - spread / 2
        return np.exp(found, out=found)


@dataclass(frozen=True)
class Uniform(Distribution):
    """Anything from low to high, equally likely."""

    low: Number
    high: Number
    over: NDArray[np.intp] | None = None

    def __post_init__(self) -> None:
        finite = np.isfinite(self.low) & np.isfinite(self.high)
        _demand(finite & (np.asarray(self.low) <= self.high), "a uniform distribution runs from low up to high")

    @property
    def parameters(self) -> tuple[Number, ...]:
        return self.low, self.high

    def sample(self, generator: Generator, draws: int) -> Values:
        found = generator.random((draws, self.size))
        found *= np.asarray(self.high, dtype=np.float64) - self.low
        found += self.low
        return found


@dataclass(frozen=True)
class Triangular(Distribution):
    """From low to high, most likely mode: an expert's judgement."""

    low: Number
    mode: Number
    high: Number
    over: NDArray[np.intp] | None = None

    def __post_init__(self) -> None:
        low, mode, high = (np.asarray(one, dtype=np.float64) for one in self.parameters)
        finite = np.isfinite(low) & np.isfinite(high)
        _demand(finite & (low <= mode) & (mode <= high), "a triangular distribution has low ≤ mode ≤ high")

    @property
    def parameters(self) -> tuple[Number, ...]:
        return self.low, self.mode, self.high

    def sample(self, generator: Generator, draws: int) -> Values:
        low, mode, high = (np.asarray(one, dtype=np.float64) for one in self.parameters)
        chance = generator.random((draws, self.size))
        rising = chance * (high - low) < mode - low  # by the inverse of the distribution function
        up = low + np.sqrt(chance * ((high - low) * (mode - low)))
        down = high - np.sqrt((1 - chance) * ((high - low) * (high - mode)))
        return np.where(rising, up, down)


@dataclass(frozen=True)
class Empirical(Distribution):
    """Observed values, drawn with replacement: ``count`` of them in each draw (one, unless each stratum errs by
    itself)."""

    observed: Number
    count: int = 1
    over: NDArray[np.intp] | None = None

    def __post_init__(self) -> None:
        observed = np.asarray(self.observed, dtype=np.float64)
        _demand(observed.ndim == 1 and len(observed) > 0, "an empirical distribution is a list of observed values")
        _demand(np.isfinite(observed), "observed values are finite")
        _demand(self.count >= 1, "an empirical distribution draws at least one value")

    @property
    def parameters(self) -> tuple[Number, ...]:
        return (np.empty(self.count),)

    def sample(self, generator: Generator, draws: int) -> Values:
        observed = np.asarray(self.observed, dtype=np.float64)
        return observed[generator.integers(0, len(observed), (draws, self.size))]


@dataclass(frozen=True)
class Outcome:
    """What came out: one number (or a row of numbers) for each draw, in the order of the draws.

    Percentiles are order statistics, the smallest value that at least p % of the draws do not exceed: a number that was
    drawn, not one between two. Nothing is rounded here; the record keeps twelve significant digits.
    """

    values: Values
    seed: int
    block: int
    confidence: float

    @property
    def draws(self) -> int:
        return len(self.values)

    @cached_property
    def mean(self) -> Any:
        return self.values.mean(axis=0)

    @cached_property
    def sd(self) -> Any:
        return self.values.std(axis=0, ddof=1)

    def percentile(self, p: float) -> Any:
        return np.percentile(self.values, p, axis=0, method="inverted_cdf")

    @cached_property
    def interval(self) -> tuple[Any, Any]:
        """The central interval of the confidence: the 5th and 95th percentile at 90 %."""
        tail = (100 - self.confidence) / 2
        low, high = np.percentile(self.values, [tail, 100 - tail], axis=0, method="inverted_cdf")
        return low, high

    @property
    def half_width(self) -> Any:
        """Half the length of the interval. An uneven interval reaches further on one side: see ``interval``."""
        low, high = self.interval
        return (high - low) / 2

    @property
    def relative_half_width(self) -> Any:
        """u in % of the absolute mean; infinite for a mean of zero."""
        with np.errstate(divide="ignore"):
            return 100 * self.half_width / np.abs(self.mean)

    def record(self) -> dict[str, Any]:
        """All that a reader needs to draw the same again, and what came out. Numbers are not rounded."""
        low, high = self.interval
        return {
            "generator": GENERATOR,
            "numpy": np.__version__,
            "seed": self.seed,
            "draws": self.draws,
            "block": self.block,
            "confidence": self.confidence,
            "percentiles": "order statistics, no interpolation",
            "mean": self.mean,
            "sd": self.sd,
            "low": low,
            "high": high,
            "half_width": self.half_width,
            "relative_half_width": self.relative_half_width,
        }


def propagate(
    function: Callable[..., Values],
    distributions: Mapping[str, Distribution],
    *,
    draws: int = 10_000,
    seed: int,
    confidence: float = 90,
    workers: int = 1,
) -> Outcome:
    """Draw every quantity ``draws`` times and put the draws through ``function(**quantities)``.

    The function gets arrays of shape (block of draws, strata) or (block of draws, 1) and answers (block of draws,) or
    (block of draws, k). ``workers`` threads share the blocks; the result does not depend on them. ``ValueError`` for
    fewer than 100 draws, for a negative seed, or for an answer of another shape or that is not finite.
    """
    if draws < 100 or not distributions:
        raise ValueError("100 draws of one quantity are the least")
    if seed < 0:
        raise ValueError("a seed is not negative")
    names = sorted(distributions)
    block = max(1, BLOCK // max(one.width for one in distributions.values()))
    starts = range(0, draws, block)

    def compute(start: int) -> Values:
        number, count = start // block, min(block, draws - start)
        given = {
            name: distributions[name].values(_stream(seed, number, place), count) for place, name in enumerate(names)
        }
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = np.asarray(function(**given), dtype=np.float64)
        if found.ndim not in (1, 2) or len(found) != count:
            raise ValueError(f"the function answered {found.shape} to {count} draws")
        if not np.isfinite(found).all():
            raise ValueError("the function gave a number that is not finite: bound its distributions")
        return found

    if workers == 1:
        parts = [compute(start) for start in starts]
    else:
        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(compute, starts))
    return Outcome(np.concatenate(parts), seed, block, confidence)


def _stream(seed: int, block: int, place: int) -> Generator:
    return Generator(PCG64(SeedSequence(seed, spawn_key=(block, place))))

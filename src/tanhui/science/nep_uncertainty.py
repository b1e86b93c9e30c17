"""Uncertainty of a zone's NEP: five components, a 90 % interval, and the bound for any use against emissions.

Arguments are sums of zones in kgC a-1, one number for each row (zone and type), float64. NEP = NPP − Rh is linear, so
the components add in quadrature exactly and no draws are needed.

The errors of a model are the same everywhere: **they do not shrink with area**. Only noise between cells does. IPCC
2006 V1 ch. 3, approach 1; area adjustment after Olofsson et al. 2014.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tanhui.science.biomass import Values

LEVEL = 0.90
Z = 1.6448536269514722  # of a standard normal, for a two-sided interval of 90 %

NPP_MODEL = 0.20  # one sigma; published comparisons with towers run from 15 to 25 %
ONE_MODEL = 0.35  # of Rh, when one model stands alone: how far the common one lies from Chinese measurements
LAND_COVER = 0.10  # of a type's NEP, where no confusion matrix is known
PER_DEGREE, OF_RAIN = 0.05, 0.20  # d ln Rh per degC, and d ln Rh / d ln P, in a humid subtropical year
DEGREES, RAIN = 1.0, 0.10  # one sigma of gridded temperature (degC) and precipitation (share)
PATCH = 100  # neighbouring cells that err as one


@dataclass(frozen=True)
class Components:
    """One sigma of each component, in the unit of the sums; arrays of one shape."""

    npp_model: Values
    rh_model: Values
    weather: Values
    land_cover: Values
    pixel: Values

    @property
    def sigma(self) -> Values:
        """All together: √Σσ²."""
        return _together(astuple(self))

    @property
    def besides_respiration(self) -> Values:
        """All but the choice of the model of Rh."""
        return _together([self.npp_model, self.weather, self.land_cover, self.pixel])

    def times(self, factor: float) -> "Components":
        """In another unit: 44/12 makes kilograms of carbon kilograms of CO₂."""
        return Components(*(factor * one for one in astuple(self)))


NAMES = tuple(field.name for field in fields(Components))


@dataclass(frozen=True)
class Interval:
    """What is published with each number: the interval, and the lowest that may be used against emissions."""

    lower: Values
    upper: Values
    conservative: Values


def _together(sigmas: Sequence[ArrayLike]) -> Values:
    return np.asarray(np.sqrt(sum(np.square(np.asarray(one, dtype=np.float64)) for one in sigmas)))


def weather_share(degrees: float = DEGREES, rain: float = RAIN) -> float:
    """One sigma of Rh, as a share, from errors of gridded temperature (degC) and precipitation (share)."""
    return float(np.hypot(PER_DEGREE * degrees, OF_RAIN * rain))


def cell_deviation(cells: ArrayLike, nep: ArrayLike, nep_squared: ArrayLike) -> Values:
    """Standard deviation of NEP between the cells of a zone, from their count, sum and sum of squares (gC m-2 a-1)."""
    n = np.maximum(np.asarray(cells, dtype=np.float64), 1)
    mean = np.asarray(nep, dtype=np.float64) / n
    return np.asarray(np.sqrt(np.maximum(np.asarray(nep_squared, dtype=np.float64) / n - mean * mean, 0)))


def noise(deviation: ArrayLike, area_m2: ArrayLike, cells: ArrayLike, patch: float = PATCH) -> Values:
    """One sigma of a zone's sum (kgC a-1) from noise between cells: s·A/√n_eff, n_eff = max(1, n/patch).

    ``deviation`` between cells (gC m-2 a-1, from ``cell_deviation``) contains true differences too, so this errs on the
    safe side. ``patch``: neighbouring cells that err together.
    """
    effective = np.maximum(np.asarray(cells, dtype=np.float64) / patch, 1)
    return np.asarray(np.asarray(deviation) * np.asarray(area_m2, dtype=np.float64) / 1000 / np.sqrt(effective))


def components(
    npp: ArrayLike,
    rh: Sequence[ArrayLike],
    *,
    npp_share: float = NPP_MODEL,
    weather: float | None = None,
    land_cover: ArrayLike | None = None,
    pixel: ArrayLike = 0.0,
) -> Components:
    """Five components of each row's NEP, one sigma, in the unit of the sums (kgC a-1).

    ``npp`` one sum for each row, ``rh`` such a row for each model. ``npp_share`` and ``weather`` (default
    ``weather_share()``) are shares of NPP and of Rh. ``land_cover`` and ``pixel`` are sums' sigmas themselves, from
    ``area_error`` and ``noise``; without a confusion matrix land cover takes 10 % of |NEP|. One model alone errs by
    35 % of its Rh. ``ValueError`` without a model.

    For a total over types give the total's own ``npp`` and ``rh``, and ``land_cover`` and ``pixel`` by ``independent``.
    """
    if not len(rh):
        raise ValueError("respiration has at least one model")
    grown = np.asarray(npp, dtype=np.float64)
    models = np.asarray([np.asarray(one, dtype=np.float64) for one in rh])
    mean = models.mean(axis=0)
    spread = models.std(axis=0, ddof=1) if len(models) > 1 else ONE_MODEL * np.abs(mean)
    cover = LAND_COVER * np.abs(grown - mean) if land_cover is None else np.asarray(land_cover, dtype=np.float64)
    return Components(
        npp_model=npp_share * np.abs(grown),
        rh_model=np.asarray(spread),
        weather=np.asarray((weather_share() if weather is None else weather) * np.abs(mean)),
        land_cover=np.asarray(np.broadcast_to(cover, grown.shape)),
        pixel=np.asarray(np.broadcast_to(np.asarray(pixel, dtype=np.float64), grown.shape)),
    )


def independent(sigmas: ArrayLike, axis: int = 0) -> Values:
    """Sigma of a sum of parts that err independently, as types do in land cover and cells in noise: √Σσ²."""
    return np.asarray(np.sqrt(np.sum(np.square(np.asarray(sigmas, dtype=np.float64)), axis=axis)))


def interval(npp: ArrayLike, rh: Sequence[ArrayLike], parts: Components) -> Interval:
    """The 90 % interval about NPP − mean Rh, and the conservative bound: the lowest member of the ensemble less 1.645
    sigma of all other components. Never above the lower end of the interval. Units as the sums."""
    grown = np.asarray(npp, dtype=np.float64)
    models = np.asarray([np.asarray(one, dtype=np.float64) for one in rh])
    middle = grown - models.mean(axis=0)
    lower = middle - Z * parts.sigma
    lowest = grown - models.max(axis=0) - Z * parts.besides_respiration
    return Interval(lower=lower, upper=middle + Z * parts.sigma, conservative=np.minimum(lowest, lower))


@dataclass(frozen=True)
class Areas:
    """Areas of classes after adjustment, and their standard errors, in the unit of the mapped areas."""

    area: Values
    error: Values


def adjusted_areas(matrix: ArrayLike, mapped: ArrayLike) -> Areas:
    """Areas of classes corrected for the map's mistakes. Olofsson et al. 2014, eqs 9 to 11.

    ``matrix``: sample counts, rows the class on the map, columns the class on the ground; ``mapped``: area of each
    class on the map. ``ValueError`` when a mapped class has fewer than two samples, or the shapes differ.
    """
    counts, area = np.asarray(matrix, dtype=np.float64), np.asarray(mapped, dtype=np.float64)
    if counts.shape != (len(area), len(area)) or np.any(counts < 0):
        raise ValueError("a confusion matrix has one row and one column of counts for each class")
    sampled = counts.sum(axis=1)
    if np.any((area > 0) & (sampled < 2)):
        raise ValueError("each class on the map needs two samples at least")
    whole = area.sum()
    weight = area / whole if whole > 0 else area
    share = weight[:, None] * counts / np.maximum(sampled, 1)[:, None]
    variance = np.sum((weight[:, None] * share - share**2) / np.maximum(sampled - 1, 1)[:, None], axis=0)
    return Areas(area=whole * share.sum(axis=0), error=whole * np.sqrt(np.maximum(variance, 0)))


def area_error(matrix: ArrayLike, mapped: ArrayLike, nep: ArrayLike) -> Values:
    """One sigma of each type's NEP from mistakes of the map: its flux times the root mean square of the area's bias and
    standard error. ``mapped`` and ``nep`` in the order of the matrix; the result in the unit of ``nep``."""
    found, area = adjusted_areas(matrix, mapped), np.asarray(mapped, dtype=np.float64)
    off = np.hypot(found.area - area, found.error)
    return np.asarray(
        np.abs(np.asarray(nep, dtype=np.float64)) * np.divide(off, area, out=_zeros(area), where=area > 0)
    )


def _zeros(like: NDArray[Any]) -> Values:
    return np.zeros(np.shape(like), dtype=np.float64)

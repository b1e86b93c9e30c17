"""A year's carbon sink by the methods that guides to gross ecosystem product admit beside NPP − Rh: a ratio to NPP, a
rate by area, a change of biomass. All give tC a-1; times 44/12 it is tCO₂.

Structure recalled from the guides (《陆地生态系统生产总值核算技术指南》2020 and provincial ones); the coefficients are
tables that whoever holds the norm loads (``nep.norms``). Arguments broadcast; no rounding.
"""

import numpy as np
from numpy.typing import ArrayLike

from tanhui.science import npp
from tanhui.science.biomass import Values

M2_PER_HA = 10_000


def _float(values: ArrayLike) -> Values:
    return np.asarray(values, dtype=np.float64)


def by_ratio(npp_dry: ArrayLike, alpha: ArrayLike, area_m2: ArrayLike) -> Values:
    """alpha·NPP·72/162: NPP in g of **dry matter** m-2 a-1, alpha a province's NEP/NPP, area in m2."""
    return npp.alpha_nep(_float(npp_dry), _float(alpha)) * _float(area_m2) / 1e6


def by_rate(rate: ArrayLike, area_m2: ArrayLike, soil: ArrayLike = 0.0) -> Values:
    """FCSR·SF·(1 + beta): tC ha-1 a-1 of plants, area in m2, soil's share beta of it. Grass counts its soil alone: give
    its rate as such."""
    return _float(rate) * (1 + _float(soil)) * _float(area_m2) / M2_PER_HA


def of_crops(
    bare: ArrayLike, fertilised: ArrayLike, returned: ArrayLike, straw: ArrayLike, area_m2: ArrayLike
) -> Values:
    """(BSS + SCSR_N + PR·SCSR_S)·SC: rates of soil without inputs, by fertiliser and by straw (tC ha-1 a-1),
    ``returned`` the share of fields to which straw returns."""
    rate = _float(bare) + _float(fertilised) + _float(returned) * _float(straw)
    return rate * _float(area_m2) / M2_PER_HA


def bare_soil(content: ArrayLike, density: ArrayLike, depth_cm: ArrayLike) -> Values:
    """BSS = NSC·BD·H·0.1: carbon gained (g kg-1 a-1), bulk density (g cm-3), depth (cm) give tC ha-1 a-1."""
    return _float(content) * _float(density) * _float(depth_cm) * 0.1


def by_biomass(
    before: ArrayLike, after: ArrayLike, years: ArrayLike, fraction: ArrayLike, area_m2: ArrayLike
) -> Values:
    """(B2 − B1)·CF/years: biomass in t of dry matter ha-1 at two surveys, carbon of dry matter, area in m2. It contains
    fire and felling, which NEP does not. ``ValueError`` when no year lies between."""
    span = _float(years)
    if np.any(span <= 0):
        raise ValueError("two surveys lie at least a part of a year apart")
    return (_float(after) - _float(before)) * _float(fraction) / span * _float(area_m2) / M2_PER_HA

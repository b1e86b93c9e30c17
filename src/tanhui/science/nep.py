"""Net ecosystem production (净生态系统生产力): NPP less heterotrophic respiration, its ensemble, carbon and CO₂.

NEP is positive to the land; the atmosphere's sign (NEE) is the other. It has no baseline and knows no fire, felling or
harvest: a statistic of an area, never a credit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tanhui.science import units
from tanhui.science.biomass import CO2_PER_CARBON, Values
from tanhui.science.units import Block, Floats

GRAMS_PER_TONNE = 1_000_000
GRAMS_PER_KG = 1000


@dataclass(frozen=True)
class Ensemble:
    """Several models of one quantity, cell by cell: mean, lowest, highest and the standard deviation between them (of a
    sample; 0 for one model alone, which says nothing about its error)."""

    mean: Floats
    low: Floats
    high: Floats
    spread: Floats


def net(npp: Block, rh: Block, out: Floats | None = None) -> Floats:
    """NEP = NPP − Rh, both in one unit (gC m-2 month-1 or a-1)."""
    return np.subtract(npp, rh, out=units.room(npp, rh, out=out))


def ensemble(members: Sequence[Floats], out: Ensemble | None = None) -> Ensemble:
    """Mean, lowest, highest and standard deviation between members of one shape. ``ValueError`` when there is none.

    ``out`` spares new arrays; its arrays must not be among the members.
    """
    if not members:
        raise ValueError("an ensemble has at least one member")
    first = members[0]
    made = out or Ensemble(*(np.empty_like(first) for _ in range(4)))
    np.copyto(made.mean, first)
    np.copyto(made.low, first)
    np.copyto(made.high, first)
    for one in members[1:]:
        np.add(made.mean, one, out=made.mean)
        np.minimum(made.low, one, out=made.low)
        np.maximum(made.high, one, out=made.high)
    count = len(members)
    np.divide(made.mean, count, out=made.mean)
    if count < 3:
        np.subtract(made.high, made.low, out=made.spread)
        np.multiply(made.spread, 0.5**0.5, out=made.spread)
        return made
    made.spread.fill(0)
    away = np.empty_like(made.mean)
    for one in members:
        np.subtract(one, made.mean, out=away)
        np.multiply(away, away, out=away)
        np.add(made.spread, away, out=made.spread)
    np.divide(made.spread, count - 1, out=made.spread)
    np.sqrt(made.spread, out=made.spread)
    return made


@units.of(flux="gC m-2 a-1", returns="1")
def tonnes_carbon(flux: Block, area_m2: Block) -> Values:
    """A flux (gC m-2 a-1) on an area (m2): tC a-1. 100 gC m-2 are 1 tC ha-1."""
    return np.asarray(flux, dtype=np.float64) * area_m2 / GRAMS_PER_TONNE


@units.of(flux="gC m-2 a-1", returns="1")
def tonnes_co2(flux: Block, area_m2: Block) -> Values:
    """A flux (gC m-2 a-1) on an area (m2): tCO₂ a-1. 250 gC m-2 a-1 on 1,000 km² are 916,667 tCO₂ a-1."""
    return tonnes_carbon(flux, area_m2) * CO2_PER_CARBON


def kg_co2(kg_carbon: Block) -> Values:
    """Kilograms of carbon as kilograms of CO₂, times 44/12, not rounded."""
    return np.asarray(kg_carbon, dtype=np.float64) * CO2_PER_CARBON

"""Biomass of single trees by allometric models: any number of trees, any mixture of species, in one call.

Every published form is a product of powers, W = exp(α)·D^β·H^γ, or a sum of such products, one for each component
(leaf, branch, stem, root). A species is therefore a row of three small tables, and mixed species cost one look-up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tanhui.science.biomass import Values

CHUNK = 1 << 15  # trees worked on at a time: their intermediate values stay in the processor's cache
BELOW = frozenset({"root", "belowground"})
DIAMETERS = (5.0, 100.0)  # cm, callipering limit to the largest tree a plantation has: where the gates look
ROOT_SHOOT = (0.1, 0.7)  # plausible ratios of a stand; a single young tree may lie outside
ABOVE_GROUND = (0.0, 700.0)  # t d.m./ha, plausible for a stand
CARBON_FRACTION = (0.40, 0.56)  # tC/t d.m., plausible
WOOD_DENSITY = (0.25, 0.95)  # t d.m./m³, plausible
KILOGRAMS = 1000.0  # in a tonne

Index = NDArray[np.intp]


class Component(NamedTuple):
    """One equation of a species: W = exp(constant)·D^diameter·H^height in kg d.m., D in cm, H in m."""

    constant: float
    diameter: float
    height: float


class Biomass(NamedTuple):
    """Dry biomass of each tree in kg, above and below ground."""

    above: Values
    below: Values

    @property
    def total(self) -> Values:
        return self.above + self.below


@dataclass(frozen=True)
class Models:
    """Equations of several species as tables of one row a species and one column a component.

    The first ``above`` columns stand above ground, the rest below. A component a species lacks has the constant −∞.
    ``by_volume`` marks species whose components are multiplied by the measured stem volume of the tree.
    """

    names: tuple[str, ...]
    constant: Values
    diameter: Values
    height: Values
    above: int
    by_volume: NDArray[np.bool_]

    def places(self, names: Sequence[str] | NDArray[np.str_]) -> Index:
        """The row of each name. ``KeyError`` names the first that is unknown."""
        distinct, back = np.unique(np.asarray(names, dtype=np.str_), return_inverse=True)
        known = {name: place for place, name in enumerate(self.names)}
        return np.array([known[str(name)] for name in distinct], dtype=np.intp)[back]


def models(
    species: Mapping[str, Mapping[str, Component]], volumetric: Mapping[str, Sequence[float]] | None = None
) -> Models:
    """The tables from equations by species and component name; what is called root or belowground lies below.

    ``volumetric`` adds species by wood density (t d.m./m³), expansion factor and root to shoot ratio, whose biomass
    follows the measured stem volume V in m³: above = 1000·V·D·BEF, below = above·R. AR-CM-001-V01, F4a.
    ``ValueError`` for a biomass that does not rise with the diameter.
    """
    volumetric = volumetric or {}
    rows = [
        (
            name,
            [one for part, one in parts.items() if part not in BELOW],
            [one for part, one in parts.items() if part in BELOW],
        )
        for name, parts in species.items()
    ]
    for name, (density, expansion, ratio) in volumetric.items():
        above = np.log(KILOGRAMS * density * expansion)
        rows.append((name, [Component(float(above), 0, 0)], [Component(float(above + np.log(ratio)), 0, 0)]))
    upper = max((len(parts) for _, parts, _ in rows), default=1)
    lower = max((len(parts) for _, _, parts in rows), default=1)
    table = np.zeros((len(rows), upper + lower, 3))
    table[:, :, 0] = -np.inf
    for place, (name, shoot, root) in enumerate(rows):
        if name not in volumetric and not all(part.diameter > 0 and part.height >= 0 for part in shoot + root):
            raise ValueError(f"the biomass of {name} does not rise with its diameter")
        table[place, : len(shoot)] = shoot or table[place, :0]
        table[place, upper : upper + len(root)] = root or table[place, :0]
    return Models(
        names=tuple(name for name, _, _ in rows),
        constant=np.ascontiguousarray(table[:, :, 0].T),
        diameter=np.ascontiguousarray(table[:, :, 1].T),
        height=np.ascontiguousarray(table[:, :, 2].T),
        above=upper,
        by_volume=np.array([name in volumetric for name, _, _ in rows], dtype=np.bool_),
    )


def powers(above: Sequence[tuple[Values, Values]], below: Sequence[tuple[Values, Values]]) -> Models:
    """The tables from columns: a and b of a·(D²H)^b for each component above and below ground, one value a species; a
    component that a species lacks has a = 0."""
    with np.errstate(divide="ignore"):
        constant = np.log(np.array([a for a, _ in (*above, *below)], dtype=np.float64))
    power = np.array([b for _, b in (*above, *below)], dtype=np.float64)
    count = constant.shape[1]
    return Models(
        names=tuple(str(place) for place in range(count)),
        constant=constant,
        diameter=2 * power,
        height=power,
        above=len(above),
        by_volume=np.zeros(count, dtype=np.bool_),
    )


def biomass(diameter: Values, height: Values, model: Index, equations: Models, volume: Values | None = None) -> Biomass:
    """Above and below ground biomass in kg d.m. of every tree, shape ``(trees,)``.

    ``diameter`` at breast height in cm and ``height`` in m, both above zero; ``model`` the place of each tree's species
    in ``equations``; ``volume`` the measured stem volume in m³, asked for where a species goes by volume and ignored
    elsewhere. Works in chunks: beside its result it needs a few hundred kilobytes whatever the number of trees.
    """
    if volume is None and equations.by_volume[model].any():
        raise ValueError("a species goes by stem volume, and no volume is given")
    result = Biomass(np.zeros(len(diameter)), np.zeros(len(diameter)))
    for start in range(0, len(diameter), CHUNK):
        part = slice(start, start + CHUNK)
        at = model[part]
        logs = np.log(diameter[part]), np.log(height[part])
        for place in range(len(equations.constant)):
            total = (result.above if place < equations.above else result.below)[part]
            total += _component(equations, place, at, *logs)
        if volume is not None:
            stem = np.where(equations.by_volume[at], volume[part], 1.0)
            for whole in result:
                whole[part] *= stem
    return result


def _component(equations: Models, column: int, at: Index, diameter: Values, height: Values) -> Values:
    """One column of the tables for the trees of a chunk, from the logarithms of their diameters and heights."""
    power: Values = equations.diameter[column].take(at)
    power *= diameter
    rising = equations.height[column].take(at)
    rising *= height
    power += rising
    power += equations.constant[column].take(at)
    np.exp(power, out=power)
    return power


def of_diameter_and_height(a: float, b: float) -> Component:
    """W = a·(D²H)^b."""
    return Component(float(np.log(a)), 2 * b, b)


def log_of_diameter_and_height(a: float, b: float) -> Component:
    """W = exp(a + b·ln(D²H))."""
    return Component(a, 2 * b, b)


def log_of_diameter(a: float, b: float) -> Component:
    """W = exp(a + b·ln D)."""
    return Component(a, b, 0)


def decimal_log_of_diameter(a: float, b: float) -> Component:
    """W = 10^(a + b·log₁₀ D). The two coefficients add, they never multiply."""
    return Component(a * float(np.log(10)), b, 0)


def power_of_diameter(a: float, b: float) -> Component:
    """W = a·D^b."""
    return Component(float(np.log(a)), b, 0)


def komiyama(density: float) -> dict[str, Component]:
    """Mangroves of any species by wood density ρ in g/cm³: above 0.251·ρ·D^2.46, below 0.199·ρ^0.899·D^2.22.
    Komiyama et al. 2005."""
    return {
        "aboveground": power_of_diameter(0.251 * density, 2.46),
        "belowground": power_of_diameter(0.199 * density**0.899, 2.22),
    }


def general(density: float) -> dict[str, Component]:
    """Above ground biomass of Chinese trees of any species by wood density ρ in g/cm³: 0.3·ρ·D^(7/3). Zeng 2018."""
    return {"aboveground": power_of_diameter(0.3 * density, 7 / 3)}


def density(kilograms: Values, plot: Index, area: Values) -> Values:
    """Trees of plots to t d.m./ha: kg of each tree, the place of its plot, and the area of each plot in ha."""
    return np.bincount(plot, weights=kilograms, minlength=len(area)) / KILOGRAMS / area

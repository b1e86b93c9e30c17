"""Carbon in soils: measured layers compared on equal mass, stock change between equilibria (IPCC Tier 1), three pools
at steady state (IPCC Tier 2). Pure functions over arrays: no input, no output, no rounding.

A soil core is a run of layers from the surface downwards. Layers of many cores stand in one column, core after core and
shallow before deep; ``core`` gives the place of the core each layer belongs to.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tanhui.science.biomass import Values
from tanhui.science.sampling import Index

TRANSITION_YEARS = 20.0  # from one equilibrium to the next; IPCC 2019 V4 §2.3.3.1, D


# Measured layers


def layer_stock(carbon: Values, bulk_density: Values, thickness: Values, coarse: Values) -> Values:
    """C·BD·d·(1 − coarse)/10: organic carbon (g/kg), bulk density (g/cm³), thickness (cm) and volume share of stones
    (0 to 1) give the carbon of each layer (tC/ha). VM0042 style."""
    return carbon * bulk_density * thickness * (1 - coarse) / 10


def layer_mass(bulk_density: Values, thickness: Values, coarse: Values) -> Values:
    """Fine earth of each layer in t/ha: 1 g/cm³ over 1 cm is 100 t/ha."""
    return bulk_density * thickness * (1 - coarse) * 100


def per_core(values: Values, core: Index, cores: int) -> Values:
    """Sum over the layers of each core, shape ``(cores,)``."""
    return np.bincount(core, weights=values, minlength=cores).astype(np.float64)


def breaks(top: Values, bottom: Values, core: Index) -> NDArray[np.bool_]:
    """Where a layer does not begin at the bottom of the one above it, or the first not at the surface: a gap counts
    soil that nobody sampled, an overlap counts soil twice. Depths in cm, compared to 1 µm."""
    if not len(core):
        return np.zeros(0, dtype=np.bool_)
    first = np.concatenate([[True], core[1:] != core[:-1]])
    above = np.where(first, 0.0, np.concatenate([[0.0], bottom[:-1]]))
    parted: NDArray[np.bool_] = np.abs(top - above) > 1e-4
    return parted


def equivalent_mass_stock(
    carbon_g_per_kg: Values,
    bulk_density_g_cm3: Values,
    thickness_cm: Values,
    coarse_fraction: Values,
    layers_of: Index,
    reference_mass_t_ha: Values,
) -> Values:
    """Carbon (tC/ha) of each core down to the same mass of fine earth instead of the same depth: soil that was
    compacted or loosened between two surveys is neither gained nor lost.

    Layer arguments have one value per layer, ``layers_of`` its core; ``reference_mass_t_ha`` one per core, shape
    ``(cores,)``, and so has the result. Within the layer in which the reference mass ends, carbon is spread evenly over
    mass (Ellert & Bettany 1995). A core with less mass than its reference gives NaN: it must be sampled deeper, not
    extrapolated. Layers are taken in the order given, shallow before deep.
    """
    mass = layer_mass(bulk_density_g_cm3, thickness_cm, coarse_fraction)
    carbon = layer_stock(carbon_g_per_kg, bulk_density_g_cm3, thickness_cm, coarse_fraction)
    cores = len(reference_mass_t_ha)
    whole = np.cumsum(mass)
    before_core = np.concatenate([[0.0], np.cumsum(per_core(mass, layers_of, cores))[:-1]])
    above = whole - mass - before_core[layers_of]  # mass of the same core above each layer
    share = np.clip((reference_mass_t_ha[layers_of] - above) / np.where(mass > 0, mass, np.inf), 0, 1)
    stock = per_core(carbon * share, layers_of, cores)
    missing = per_core(mass, layers_of, cores) < reference_mass_t_ha * (1 - 1e-9)
    return np.where(missing, np.nan, stock)


# IPCC Tier 1: equilibria and the way between them


def equilibrium(reference: Values, land_use: Values, management: Values, organic_input: Values) -> Values:
    """SOC = SOC_REF·F_LU·F_MG·F_I in tC/ha over 0 to 30 cm. IPCC 2019 V4 eq. 2.25."""
    return reference * land_use * management * organic_input


def transition(equilibria: Values, years: Values, *, duration: float = TRANSITION_YEARS) -> Values:
    """Stock (tC/ha) of each unit at each inventory date on its way between equilibria.

    ``equilibria`` has shape ``(units, dates)``, ``years`` ``(dates,)`` ascending. A unit begins at its first
    equilibrium. From the last date before a change of equilibrium it moves in a straight line for ``duration`` years;
    another change on the way restarts from the stock reached. IPCC 2019 V4 §5.3.3.
    """
    goal = np.ascontiguousarray(np.transpose(equilibria), dtype=np.float64)  # dates first: each is one run of memory
    stock = goal.copy()
    start, since = goal[0], np.full(goal.shape[1], years[0])  # of the present regime: stock and date before it
    for date in range(1, len(goal)):  # dates depend on each other; units do not
        changed = goal[date] != goal[date - 1]
        start = np.where(changed, stock[date - 1], start)
        since = np.where(changed, years[date - 1], since)
        gone = np.minimum((years[date] - since) / duration, 1)
        stock[date] = start + (goal[date] - start) * gone
    return np.ascontiguousarray(stock.T)


# IPCC Tier 2: three pools at steady state (IPCC 2019 V4 §5.2.3.3, equations 5.0A to 5.0H)


class Pools(NamedTuple):
    """Active, slow and passive carbon, tC/ha, or their rates per year."""

    active: Values
    slow: Values
    passive: Values

    @property
    def total(self) -> Values:
        return self.active + self.slow + self.passive


class Transfers(NamedTuple):
    """Shares of decomposed carbon that go on to another pool."""

    metabolic_to_active: float  # f1
    structural_to_active: Values  # f2, by tillage
    structural_to_slow: float  # f3
    active_to_passive: float  # f5
    slow_to_passive: float  # f6
    slow_to_active: float  # f7
    passive_to_active: float  # f8


def temperature_factor(temperature: Values, highest: float, best: float) -> Values:
    """Effect of monthly mean temperature (°C) on decomposition: 1 at ``best``, 0 above ``highest``. Equation 5.0E."""
    x = np.maximum((highest - np.asarray(temperature, dtype=np.float64)) / (highest - best), 0)
    return np.asarray(x**0.2 * np.exp(0.2 / 2.63 * (1 - x**2.63)), dtype=np.float64)


def water_factor(precipitation: Values, evapotranspiration: Values, irrigated: Values, slope: float) -> Values:
    """Effect of monthly water on decomposition: P and PET in mm, their ratio at most 1.25 (also where PET is zero);
    0.775 in an irrigated month. Equation 5.0F."""
    dry = np.asarray(evapotranspiration) <= 0
    ratio = np.where(dry, 1.25, np.minimum(1.25, precipitation / np.where(dry, 1.0, evapotranspiration)))
    return np.where(np.asarray(irrigated) > 0, 0.775, 0.2129 + slope * ratio - 0.2413 * ratio * ratio)


def decay(base: Pools, climate: Values, tillage: Values, sand: Values) -> Pools:
    """Yearly decay rate of each pool: ``climate`` is temperature times water factor, ``sand`` a share of 0 to 1, and
    tillage opens the active and slow pools only. Equations 5.0B to 5.0D."""
    return Pools(
        active=base.active * climate * tillage * (0.25 + 0.75 * sand),
        slow=base.slow * climate * tillage,
        passive=base.passive * climate,
    )


def metabolic_input(carbon: Values, lignin: Values, nitrogen: Values) -> Values:
    """β = C_in·(0.85 − 0.018·L/N), tC/ha/yr, but never below zero: the source is silent on L/N above 47.2, where the
    line turns negative and would take carbon out of the structural part. Equation 5.0G."""
    metabolic: Values = carbon * np.maximum(0.85 - 0.018 * lignin / nitrogen, 0)
    return metabolic


def entering_active(carbon: Values, lignin: Values, nitrogen: Values, sand: Values, f: Transfers) -> Values:
    """α: carbon that enters the active pool in a year (tC/ha/yr), directly and back from the other pools, when
    ``carbon`` (tC/ha/yr) with these lignin and nitrogen shares comes in for ever. Equation 5.0G."""
    beta = metabolic_input(carbon, lignin, nitrogen)
    f4 = active_to_slow(sand, f.active_to_passive)
    direct = beta * f.metabolic_to_active + (carbon * (1 - lignin) - beta) * f.structural_to_active
    through_slow = carbon * lignin * f.structural_to_slow * (f.slow_to_active + f.slow_to_passive * f.passive_to_active)
    back = f4 * f.slow_to_active + f.active_to_passive * f.passive_to_active
    return (direct + through_slow) / (1 - back - f4 * f.slow_to_passive * f.passive_to_active)


def active_to_slow(sand: Values, active_to_passive: float) -> Values:
    """f4: what of the active pool neither goes on to the passive one nor is respired."""
    return 1 - active_to_passive - (0.17 + 0.68 * sand)


def slow_pool(structural: Values, leaving: Values, sand: Values, active_to_passive: float, rate: Values) -> Values:
    """S* (tC/ha): fed by ``structural`` litter and by what is ``leaving`` the active pool (both tC/ha/yr)."""
    return (structural + leaving * active_to_slow(sand, active_to_passive)) / rate


def passive_pool(leaving_active: Values, leaving_slow: Values, f5: float, f6: float, rate: Values) -> Values:
    """P* (tC/ha): fed by what leaves the active and the slow pool (both tC/ha/yr)."""
    return (leaving_active * f5 + leaving_slow * f6) / rate


def approach(start: Pools, goal: Pools, rates: Pools, years: float) -> Pools:
    """Pools after whole or broken ``years`` of steps y → y + (goal − y)·min(1, k), in closed form."""
    return Pools(
        *(
            to + (now - to) * (1 - np.minimum(rate, 1)) ** years
            for now, to, rate in zip(start, goal, rates, strict=True)
        )
    )

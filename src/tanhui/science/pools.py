"""Pools beside the trees: shrubs, dead wood, litter, soil, wood products, and what fires emit. AR-CM-001 F5 to F8."""

import numpy as np

from tanhui.science.biomass import CO2_PER_CARBON, Values

GRAMS = 0.001  # kg: emission factors are printed in g/kg d.m.
DISTURBED_SHARE = 0.1  # of the area: below it, preparing the site does not count as a loss of soil carbon
PERCENT = 100.0


def shrub_biomass(cover: Values, forest: Values, ratio: Values, threshold: Values) -> Values:
    """BDR·b_FOREST·CC above ground, t d.m./ha; zero below the threshold. F5.

    ``cover`` and ``threshold`` are crown covers in %; ``forest`` is the mean above ground biomass of the region's
    forest in t d.m./ha, ``ratio`` the biomass of closed shrub over it.
    """
    return np.where(cover < threshold, 0.0, ratio * forest * cover / PERCENT)


def with_roots(above: Values, root_shoot: Values) -> Values:
    """Above ground biomass times (1 + R)."""
    return above * (1 + root_shoot)


def dead_wood(tree_stock: Values, share: Values) -> Values:
    """C_DW = C_TREE·DF_DW: stock of dead wood in the unit of ``tree_stock``; ``share`` in % of it. F6."""
    return tree_stock * share / PERCENT


def litter(above: Values, share: Values, fraction: Values) -> Values:
    """C_LI = 44/12·B·DF_LI·CF: tCO₂/ha of litter from above ground tree biomass (t d.m./ha), litter in % of it, and the
    carbon fraction of litter. F6."""
    return CO2_PER_CARBON * above * share / PERCENT * fraction


def soil_rate(
    reference: Values, initial: Values, disturbed: Values, loss: Values, cap: Values, transition: float
) -> Values:
    """min[cap, (SOC_REF − (SOC_INIT − SOC_LOSS))/transition] in tC/(ha·a). F7.

    ``reference`` and ``initial`` stocks in tC/ha; ``disturbed`` the share of the area in % whose soil was turned, and
    ``loss`` the % of the initial stock lost where that is more than a tenth; ``cap`` in tC/(ha·a), ``transition`` in
    years. A soil richer than its reference loses: the rate is then negative.
    """
    lost = np.where(disturbed > PERCENT * DISTURBED_SHARE, initial * loss / PERCENT, 0.0)
    rate: Values = np.minimum(cap, (reference - (initial - lost)) / transition)
    return rate


def fire(
    area: Values,
    biomass: Values,
    combustion: Values,
    methane: Values,
    nitrous: Values,
    gwp_methane: Values,
    gwp_nitrous: Values,
) -> Values:
    """GHG = 0.001·A·b·COMF·(EF_CH4·GWP_CH4 + EF_N2O·GWP_N2O): tCO₂e of burning, without the CO₂ that the lower stock at
    the next survey already shows. F8.

    ``area`` burnt in ha, ``biomass`` above ground before in t d.m./ha, ``combustion`` the share that burns, emission
    factors of ``methane`` and ``nitrous`` oxide in g/kg d.m.
    """
    return GRAMS * area * biomass * combustion * (methane * gwp_methane + nitrous * gwp_nitrous)


def fire_of_dead_matter(dead: Values, share: Values) -> Values:
    """Emissions from burning dead wood and litter, tCO₂e: ``share`` (0.07) of their stock before it, tCO₂. F8."""
    return dead * share


def wood_products(harvest: Values, density: Values, fraction: Values, decay: Values) -> Values:
    """C_HWP = 44/12·H·D·CF·(1 − decay): tCO₂ that stays in products. AR-CM-003.

    ``harvest`` the volume that went into products in m³, ``decay`` the share lost by the end of the period.
    """
    return CO2_PER_CARBON * harvest * density * fraction * (1 - decay)


def first_order_loss(half_life: Values, years: Values) -> Values:
    """1 − 2^(−t/half-life): the share of a product lost after ``years``."""
    lost: Values = -np.expm1(-np.log(2) * np.asarray(years) / half_life)
    return lost

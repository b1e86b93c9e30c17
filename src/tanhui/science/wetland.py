"""Carbon and gases of tidal wetlands. Pure functions over arrays: no input, no output, no rounding.

Emissions are positive and removals negative, as VM0033 v2.1 has them; its equation numbers stand in each docstring.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tanhui.science.biomass import CO2_PER_CARBON, Values
from tanhui.science.sampling import Index

Texts = NDArray[np.str_]
MANGROVE_LOWEST_CARBON = 2.8857  # %; below it the line of Kauffman et al. 2011 gives a negative organic matter
ERODED_YEARS = 5.0  # SDT of eroded soil, unnumbered equation after (1)
LONG_DRAINED_YEARS = 20.0  # drained longer before the start: no baseline soil emission is left to claim
SIGNIFICANT_EROSION = 5.0  # % of the yearly loss


# Carbon of the soil


def soil_carbon(percent: Values, bulk_density: Values, depth: Values) -> Values:
    """(29), (49), (57): organic carbon (% of mass), bulk density (kg/m³) and depth (m) give tC/ha.

    The source multiplies by 10 and calls C a percentage; tC/ha only come out when C is a share, so the share is taken.
    """
    return percent / 100 * bulk_density * depth * 10


def oxidised(carbon: Values, percent: Values) -> Values:
    """(28), (48), (56): exposed carbon (tC/ha) of which ``percent`` is oxidised in the year: tCO2/ha/yr."""
    return carbon * percent / 100 * CO2_PER_CARBON


def accumulation_emission(carbon: Values) -> Values:
    """(36): carbon laid down in a year (tC/ha/yr) as an emission, thus negative: tCO2/ha/yr."""
    return -carbon * CO2_PER_CARBON


def default_accumulation(cover: Values, full: float) -> Values:
    """(33): the default accumulation ``full`` (tC/ha/yr, positive) from 50 % plant cover on, none up to 15 %, linear
    between. For marsh and mangrove, never for seagrass. ``cover`` in %."""
    return full * np.clip((cover - 15) / 35, 0, 1)


def organic_matter(carbon: Values, soil: Texts) -> Values:
    """(41), (43), (45): % organic carbon to % organic matter, by the kind of soil of each row. Mangrove soil below
    2.8857 % carbon lies off the line (organic matter would be negative) and gives NaN."""
    marsh = (-0.4 + np.sqrt(0.16 + 4 * 0.0025 * carbon)) / (2 * 0.0025)
    mangrove = np.where(carbon >= MANGROVE_LOWEST_CARBON, (carbon - MANGROVE_LOWEST_CARBON) / 0.415, np.nan)
    return np.select([soil == "marsh", soil == "mangrove"], [marsh, mangrove], (carbon + 0.21) / 0.4)


def organic_carbon(matter: Values, soil: Texts) -> Values:
    """The inverse of ``organic_matter``: % organic matter to % organic carbon."""
    marsh = 0.4 * matter + 0.0025 * matter * matter
    return np.select([soil == "marsh", soil == "mangrove"], [marsh, 0.415 * matter + 2.8857], 0.4 * matter - 0.21)


def allochthonous_share(carbon: Values, sediment_matter: Values, soil: Texts) -> Values:
    """(39), (40): % of the soil's carbon that came from elsewhere, from its organic carbon (%) and the organic matter
    of the deposited sediment (%). Between 0 and 100; NaN where the soil lies off the line."""
    whole = organic_matter(carbon, soil)
    own = np.maximum(whole - sediment_matter, 0) / (1 - sediment_matter / 100)
    return np.clip(100 * (carbon - organic_carbon(own, soil)) / carbon, 0, 100)


def allochthonous_deduction(soil_emission: Values, share: Values, exempt: Values) -> Values:
    """(38): share (%) of a removal that is not the project's own. Zero for an emission, and where ``exempt`` (organic
    soil, or seagrass measured against the layer of the baseline). tCO2/ha/yr, negative like the removal."""
    return np.where((soil_emission < 0) & (exempt == 0), soil_emission * share / 100, 0.0)


# How long the baseline would have gone on emitting


def peat_years(depth: Values, loss: Values) -> Values:
    """(1) t_PDT: depth of organic soil above the drainage limit (m) over its yearly loss (m/yr). Without peat or loss
    there is nothing to claim: 0."""
    return np.where(loss > 0, depth / np.where(loss > 0, loss, 1.0), 0.0)


def mineral_years(carbon: Values, loss: Values, eroded: Values, erosion_share: Values, drained_years: Values) -> Values:
    """t_SDT of mineral soil: 5 years where ``eroded``, else (2): organic carbon (tC/ha) over yearly loss (tC/ha/yr).
    0 where drained for more than 20 years, or where erosion takes more than 5 % of the loss (``erosion_share``, %).

    The source thus gives 5 years and 0 for the same eroded soil; the smaller applies (``contradicted``).
    """
    years = np.where(loss > 0, carbon / np.where(loss > 0, loss, 1.0), 0.0)
    years = np.where(eroded > 0, ERODED_YEARS, years)
    nothing_left = (drained_years > LONG_DRAINED_YEARS) | (erosion_share > SIGNIFICANT_EROSION)
    return np.where(nothing_left, 0.0, years)


def contradicted(eroded: Values, erosion_share: Values) -> NDArray[np.bool_]:
    """Where VM0033 §5.1.2 gives two depletion times for one soil."""
    return (np.asarray(eroded) > 0) & (np.asarray(erosion_share) > SIGNIFICANT_EROSION)


def exposed_loss(percent: Values, residual: float, bulk_density: Values, depth: Values) -> Values:
    """(34), (35): yearly loss (tC/ha/yr) of mineral soil exposed to air, whose organic carbon (% of mass) falls in a
    straight line to ``residual`` within 20 years; bulk density kg/m³, exposed depth m. Soil below ``residual`` loses
    nothing."""
    return soil_carbon(np.maximum(percent - residual, 0), bulk_density, depth) / LONG_DRAINED_YEARS


def exposed_years(drained_years: Values) -> Values:
    """What is left of the 20 years in which exposed soil falls to its residual carbon."""
    return np.maximum(LONG_DRAINED_YEARS - drained_years, 0)


def years_within(start: float, end: float, limit: Values) -> Values:
    """Years of the period ``start`` to ``end`` (years since the project began) that lie before ``limit``."""
    return np.clip(np.minimum(end, limit) - start, 0, end - start)


# Uncertainty, (87) to (92). Uncertainties in %, half-widths of the confidence interval over the mean.


def combined(uncertainty: Values, emission: Values) -> Values:
    """(87), (89): uncertainty of a sum of pools and sources, which stand along the first axis. Below the line the
    source wants absolute values: removals do not shrink it. 0 where there is nothing."""
    total = np.abs(emission).sum(axis=0)
    error = np.sqrt(((uncertainty * emission) ** 2).sum(axis=0))
    return np.where(total > 0, error / np.where(total > 0, total, 1.0), 0.0)


def across_strata(uncertainty: Values, area: Values) -> float:
    """(88), (90): the strata together, weighted by area."""
    return math.sqrt(math.fsum((uncertainty * area) ** 2)) / math.fsum(area)


def net_error(baseline_u: float, baseline: float, project_u: float, project: float) -> float:
    """(91): error of the net reduction, in absolute values below the line; 0 when nothing is claimed."""
    total = abs(baseline) + abs(project)
    return math.hypot(baseline_u * baseline, project_u * project) / total if total else 0.0


def adjusted(net: float, error: float, allowance: float) -> float:
    """(92): what exceeds the allowance is taken off; of a loss it is taken off too, so that doubt never helps."""
    return net - abs(net) * max(error - allowance, 0.0) / 100


# Screens and allometry


def methane_screen(salinity: Values) -> Values:
    """CH4 (t/ha/yr) expected at a salinity (ppt): log10(g/m²/yr) = −0.056·S + 1.38. Poffenbarger et al. 2011."""
    return np.asarray(10.0 ** (-0.056 * salinity + 1.38) * 0.01, dtype=np.float64)


FORMS: dict[str, Callable[[Values, Values, Values, Values], Values]] = {
    "a*D^b": lambda a, b, d, rho: a * d**b,
    "a*rho*D^b": lambda a, b, d, rho: a * rho * d**b,
    "a*rho^0.899*D^b": lambda a, b, d, rho: a * rho**0.899 * d**b,
    "10^(a+b*log10 D)": lambda a, b, d, rho: 10.0**a * d**b,
    "exp(a+b*ln(D^2))": lambda a, b, d, rho: np.exp(a) * d ** (2 * b),
}


def tree_biomass(form: Texts, a: Values, b: Values, diameter: Values, density: Values) -> Values:
    """Dry mass of each tree (kg) by the form in which its equation was published; diameter cm, basic density
    g/cm³. The two coefficients of a log form are added, 10^(a + b·log10 D): one public copy multiplies them and weighs
    a tree of 40 kg at 83 g."""
    form, a, b, diameter, density = np.broadcast_arrays(form, a, b, diameter, density)
    mass = np.full(form.shape, np.nan)
    for name, weigh in FORMS.items():
        rows = form == name
        if rows.any():
            mass[rows] = weigh(a[rows], b[rows], diameter[rows], density[rows])
    return mass


def per_hectare(mass: Values, plot: Index, plot_area: Values) -> Values:
    """Dry mass of trees (kg) summed over their plots (m²): t d.m./ha for each plot, 0 for one without trees."""
    return np.bincount(plot, weights=mass, minlength=len(plot_area)) / plot_area * 10

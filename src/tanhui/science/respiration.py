"""Heterotrophic respiration Rh (异养呼吸), and total soil respiration Rs, from monthly weather.

Monthly functions take one month, so that a block can be walked through the year; all take float32 or float64 as given,
broadcast, and write into ``out`` where it is given. Coefficients are arguments nowhere: another fit is another model.
Sources and how well each stands: docs/algorithms/nep-science.md.

**Months, never annual means**: exp of a mean is not the mean of exp, and Pei's formula with annual means comes out 14 %
too low in a climate like Shaoxing's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from tanhui.science import units
from tanhui.science.units import Block, Floats

MONTH = 30.0  # days of Pei's month, as published; a calendar's months give 1.4 % more a year
HETEROTROPHIC = 0.465  # share of soil respiration in Pei's formula

FROZEN, HOTTEST = -13.3, 33.5  # degC: no soil respiration below, none more above (Raich et al. 2002)


@dataclass(frozen=True)
class Model:
    """A model of Rh: its key, what it asks for, its source and the grade of that source."""

    key: str
    en: str
    zh: str
    needs: tuple[str, ...]
    source: str
    grade: str


MODELS: Mapping[str, Model] = {
    one.key: one
    for one in (
        Model(
            "pei",
            "Pei Zhiyong",
            "裴志永模型",
            ("t_c", "p_mm"),
            "裴志永等 2009；李远航等, ChinaXiv 202209.00152 (formula read in full text)",
            "P",
        ),
        Model(
            "raich_potter_bond_lamberty",
            "Raich–Potter and Bond-Lamberty",
            "Raich–Potter 与 Bond-Lamberty 组合模型",
            ("t_c", "p_mm"),
            "Raich, Potter & Bhagawati 2002; Bond-Lamberty, Wang & Gower 2004 (seen in public code, not in the papers)",
            "B",
        ),
        Model(
            "q10",
            "Q10 with local parameters",
            "Q10 模型（本地参数）",
            ("t_c", "r10", "q10"),
            "van 't Hoff; parameters by the user",
            "D",
        ),
        Model(
            "gsmsr",
            "GSMSR and Bond-Lamberty",
            "GSMSR 与 Bond-Lamberty 组合模型",
            ("t_c", "p_mm", "soc"),
            "Yu et al. 2010, doi 10.1021/es100979s (coefficients recalled, not read)",
            "D",
        ),
    )
}


@units.of(t_c="degC", p_mm="mm month-1", days="days", returns="gC m-2 month-1")
def pei(
    t_c: Block, p_mm: Block, days: float = MONTH, out: Floats | None = None, scratch: Floats | None = None
) -> Floats:
    """Rh = 0.22·[exp(0.0912·T) + ln(0.3145·R + 1)]·days·46.5 %. 裴志永, as used in Chinese NEP papers.

    ``t_c`` mean temperature of the month (degC), ``p_mm`` its precipitation (mm month-1); gC m-2 month-1. ``days`` is
    30 as published. ``out`` and ``scratch`` (of the result's shape) spare new arrays. ``units.OutOfRange`` for kelvin.

    Known weakness: 35 % too low on 181 Chinese measurements, hence a sink too large; it knows neither soil nor land
    cover. Never publish it alone.
    """
    return _month(TERMS["pei"], t_c, p_mm, days, units.room(t_c, p_mm, out=out), scratch)


@units.of(t_c="degC", p_cm="cm month-1", days="days", returns="gC m-2 month-1")
def raich_potter(
    t_c: Block, p_cm: Block, days: float, out: Floats | None = None, scratch: Floats | None = None
) -> Floats:
    """Total soil respiration Rs = 1.250·exp(0.05452·T)·P/(4.259 + P)·days; 0 below −13.3 degC, T no higher than 33.5.
    Raich, Potter & Bhagawati 2002.

    ``t_c`` mean temperature of the month (degC), ``p_cm`` its precipitation (**cm** month-1), ``days`` of the month;
    gC m-2 month-1. The year's Rh follows from the year's sum by ``bond_lamberty``.
    """
    return _month(TERMS["raich_potter_bond_lamberty"], t_c, p_cm, days, units.room(t_c, p_cm, out=out), scratch)


@units.of(rs_annual="gC m-2 a-1", returns="gC m-2 a-1")
def bond_lamberty(rs_annual: Block, out: Floats | None = None) -> Floats:
    """Annual Rh from annual Rs: ln Rh = 1.22 + 0.73·ln Rs, both gC m-2 a-1; 0 where nothing respires.
    Bond-Lamberty, Wang & Gower 2004 (53 sites, R² 0.81)."""
    out = units.room(rs_annual, out=out)
    np.maximum(rs_annual, 0, out=out)
    np.power(out, 0.73, out=out)
    np.multiply(out, np.exp(1.22), out=out)
    return out


@units.of(t_c="degC", r10="gC m-2 d-1", days="days", returns="gC m-2 month-1")
def q10(t_c: Block, r10: Block, q10: Block, days: float = MONTH, out: Floats | None = None) -> Floats:
    """R = R10·Q10^((T − 10)/10)·days: respiration at 10 degC ``r10`` (gC m-2 d-1) and ``q10`` (dimensionless) fitted on
    site; gC m-2 month-1. Published Q10 of Chinese soils run from 1.1 to 2.4. It is Rh when R10 was fitted to Rh."""
    out = units.room(t_c, r10, q10, out=out)
    np.subtract(t_c, 10, out=out)
    np.divide(out, 10, out=out)
    np.power(q10, out, out=out)
    np.multiply(out, r10, out=out)
    np.multiply(out, days, out=out)
    return out


@units.of(t_c="degC", p_cm="cm month-1", soc="kgC m-2", days="days", returns="gC m-2 month-1")
def gsmsr(
    t_c: Block, p_cm: Block, soc: Block, days: float, out: Floats | None = None, scratch: Floats | None = None
) -> Floats:
    """Total soil respiration Rs = (0.588 + 0.118·SOC)·exp{ln[1.83·exp(−0.006·T)]·T/10}·(P + 2.972)/(P + 5.657)·days.
    GSMSR, Yu et al. 2010 (doi 10.1021/es100979s); **coefficients recalled, grade D**.

    ``t_c`` mean temperature of the month (degC), ``p_cm`` its precipitation (cm month-1), ``soc`` soil organic carbon
    of the top 20 cm (kgC m-2), ``days`` of the month; gC m-2 month-1. Rh of the year by ``bond_lamberty``.
    """
    return _month(TERMS["gsmsr"], t_c, p_cm, days, units.room(t_c, p_cm, soc, out=out), scratch, soc)


# -- terms of one variable ---------------------------------------------------------------------------------------------

Term: TypeAlias = Callable[[Block, Floats], Floats]  # of a variable, written into the second argument


def _pei_warm(t_c: Block, out: Floats) -> Floats:
    np.multiply(t_c, 0.0912, out=out)
    return np.exp(out, out=out)


def _pei_wet(p_mm: Block, out: Floats) -> Floats:
    np.multiply(p_mm, 0.3145, out=out)
    np.add(out, 1, out=out)
    return np.log(out, out=out)


def _raich_potter_warm(t_c: Block, out: Floats) -> Floats:
    np.minimum(t_c, HOTTEST, out=out)
    np.multiply(out, 0.05452, out=out)
    np.exp(out, out=out)
    np.copyto(out, 0, where=np.less(t_c, FROZEN))
    return out


def _raich_potter_wet(p_cm: Block, out: Floats) -> Floats:
    np.add(p_cm, 4.259, out=out)
    return np.divide(p_cm, out, out=out)


def _gsmsr_warm(t_c: Block, out: Floats) -> Floats:
    np.multiply(t_c, -0.006, out=out)  # ln(1.83·e^(−0.006·T)) = ln 1.83 − 0.006·T
    np.add(out, np.log(1.83), out=out)
    np.multiply(out, t_c, out=out)
    np.multiply(out, 0.1, out=out)
    return np.exp(out, out=out)


def _gsmsr_wet(p_cm: Block, out: Floats) -> Floats:
    np.add(p_cm, 5.657, out=out)
    np.divide(5.657 - 2.972, out, out=out)
    return np.subtract(1, out, out=out)  # (P + 2.972)/(P + 5.657)


def _gsmsr_soil(soc: Block, out: Floats) -> Floats:
    np.multiply(soc, 0.118, out=out)
    return np.add(out, 0.588, out=out)


@dataclass(frozen=True)
class Terms:
    """A month of a model as what depends on temperature and what depends on rain, their sum or (``times``) product,
    times what depends on soil, times a factor by the days of the month. Whoever holds a table of each term for all
    values that can be stored computes the same numbers to the last bit.

    ``mm``: rain in mm, else cm; ``annual``: gives Rs, of whose sum ``bond_lamberty`` makes Rh."""

    warm: Term
    wet: Term
    factor: Callable[[float], float]
    soil: Term | None = None
    times: bool = True
    mm: bool = False
    annual: bool = True


TERMS: Mapping[str, Terms] = {
    "pei": Terms(_pei_warm, _pei_wet, lambda days: 0.22 * days * HETEROTROPHIC, times=False, mm=True, annual=False),
    "raich_potter_bond_lamberty": Terms(_raich_potter_warm, _raich_potter_wet, lambda days: 1.250 * days),
    "gsmsr": Terms(_gsmsr_warm, _gsmsr_wet, lambda days: days, soil=_gsmsr_soil),
}


def _month(
    terms: Terms, t_c: Block, rain: Block, days: float, out: Floats, scratch: Floats | None, soc: Block = 0.0
) -> Floats:
    other = units.room(out, out=scratch)
    terms.warm(t_c, out)
    (np.multiply if terms.times else np.add)(out, terms.wet(rain, other), out=out)
    if terms.soil is not None:
        np.multiply(out, terms.soil(soc, other), out=out)
    return np.multiply(out, terms.factor(days), out=out)

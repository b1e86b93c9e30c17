"""Heterotrophic respiration Rh (异养呼吸), and total soil respiration Rs, from monthly weather.

Monthly functions take one month, so that a block can be walked through the year; all take float32 or float64 as given,
broadcast, and write into ``out`` where it is given. Coefficients are arguments nowhere: another fit is another model.
Sources and how well each stands: docs/algorithms/nep-science.md.

**Months, never annual means**: exp of a mean is not the mean of exp, and Pei's formula with annual means comes out 14 %
too low in a climate like Shaoxing's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
    out = units.room(t_c, p_mm, out=out)
    rain = units.room(out, out=scratch)
    np.multiply(t_c, 0.0912, out=out)
    np.exp(out, out=out)
    np.multiply(p_mm, 0.3145, out=rain)
    np.add(rain, 1, out=rain)
    np.log(rain, out=rain)
    np.add(out, rain, out=out)
    np.multiply(out, 0.22 * days * HETEROTROPHIC, out=out)
    return out


@units.of(t_c="degC", p_cm="cm month-1", days="days", returns="gC m-2 month-1")
def raich_potter(
    t_c: Block, p_cm: Block, days: float, out: Floats | None = None, scratch: Floats | None = None
) -> Floats:
    """Total soil respiration Rs = 1.250·exp(0.05452·T)·P/(4.259 + P)·days; 0 below −13.3 degC, T no higher than 33.5.
    Raich, Potter & Bhagawati 2002.

    ``t_c`` mean temperature of the month (degC), ``p_cm`` its precipitation (**cm** month-1), ``days`` of the month;
    gC m-2 month-1. The year's Rh follows from the year's sum by ``bond_lamberty``.
    """
    out = units.room(t_c, p_cm, out=out)
    rain = units.room(out, out=scratch)
    np.minimum(t_c, HOTTEST, out=out)
    np.multiply(out, 0.05452, out=out)
    np.exp(out, out=out)
    np.add(p_cm, 4.259, out=rain)
    np.divide(p_cm, rain, out=rain)
    np.multiply(out, rain, out=out)
    np.multiply(out, 1.250 * days, out=out)
    np.copyto(out, 0, where=np.less(t_c, FROZEN))
    return out


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
    out = units.room(t_c, p_cm, soc, out=out)
    other = units.room(out, out=scratch)
    np.multiply(t_c, -0.006, out=out)  # ln(1.83·e^(−0.006·T)) = ln 1.83 − 0.006·T
    np.add(out, np.log(1.83), out=out)
    np.multiply(out, t_c, out=out)
    np.multiply(out, 0.1, out=out)
    np.exp(out, out=out)
    np.add(p_cm, 5.657, out=other)
    np.divide(5.657 - 2.972, other, out=other)
    np.subtract(1, other, out=other)  # (P + 2.972)/(P + 5.657)
    np.multiply(out, other, out=out)
    np.multiply(soc, 0.118, out=other)
    np.add(other, 0.588, out=other)
    np.multiply(out, other, out=out)
    np.multiply(out, days, out=out)
    return out

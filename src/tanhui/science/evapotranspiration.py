"""Evapotranspiration for CASA's water scalar: potential by Thornthwaite, actual by Zhou and Zhang (周广胜、张新时).

Monthly functions take one month; float32 or float64 as given; ``out`` and ``scratch`` (of the result's shape) spare new
arrays. Sources and checks: docs/algorithms/nep-science.md.
"""

import numpy as np

from tanhui.science import units
from tanhui.science.units import Block, Floats

TINY = 1e-20  # keeps 0/0 of a frozen or rainless month at 0


@units.of(t_c="degC", returns="1")
def heat(t_c: Block, out: Floats | None = None) -> Floats:
    """A month's share of the heat index: (T/5)^1.514, 0 at or below freezing. Its sum over twelve months is I.
    Thornthwaite 1948."""
    out = units.room(t_c, out=out)
    np.maximum(t_c, 0, out=out)
    np.multiply(out, 0.2, out=out)
    np.power(out, 1.514, out=out)
    return out


def exponent(index: Block, out: Floats | None = None) -> Floats:
    """a = 0.49239 + 1.792e-2·I − 7.71e-5·I² + 6.75e-7·I³ of the year's heat index I. Thornthwaite 1948."""
    out = units.room(index, out=out)
    np.multiply(index, 6.75e-7, out=out)
    np.subtract(out, 7.71e-5, out=out)
    np.multiply(out, index, out=out)
    np.add(out, 1.792e-2, out=out)
    np.multiply(out, index, out=out)
    np.add(out, 0.49239, out=out)
    return out


@units.of(t_c="degC", returns="mm month-1")
def thornthwaite(
    t_c: Block, index: Block, a: Block, out: Floats | None = None, scratch: Floats | None = None
) -> Floats:
    """Potential evapotranspiration Ep0 = 16·(10·T/I)^a of a month of 30 days of 12 hours; 0 at or below freezing.

    ``t_c`` degC, ``index`` I and ``a`` of the year (``heat``, ``exponent``); mm month-1. CASA uses it without the
    correction for the length of day.
    """
    out = units.room(t_c, index, a, out=out)
    other = units.room(out, out=scratch)
    np.maximum(t_c, 0, out=out)
    np.multiply(out, 10, out=out)
    np.divide(out, np.add(index, TINY, out=other), out=out)
    np.power(out, a, out=out)
    np.multiply(out, 16, out=out)
    return out


@units.of(potential="mm month-1", p_mm="mm month-1", returns="mm month-1")
def net_radiation(potential: Block, p_mm: Block, out: Floats | None = None, scratch: Floats | None = None) -> Floats:
    """Net radiation as water: Rn = √(Ep0·P)·(0.369 + 0.598·√(Ep0/P)) = 0.369·√(Ep0·P) + 0.598·Ep0, in mm month-1.
    Zhou & Zhang 1996; one public script has 0.589."""
    out = units.room(potential, p_mm, out=out)
    other = units.room(out, out=scratch)
    np.multiply(potential, 0.598, out=other)
    np.multiply(potential, p_mm, out=out)
    np.sqrt(out, out=out)
    np.multiply(out, 0.369, out=out)
    np.add(out, other, out=out)
    return out


@units.of(p_mm="mm month-1", radiation="mm month-1", returns="mm month-1")
def actual(
    p_mm: Block,
    radiation: Block,
    out: Floats | None = None,
    scratch: Floats | None = None,
    more: Floats | None = None,
) -> Floats:
    """E = P·Rn·(P² + Rn² + P·Rn) / [(P + Rn)·(P² + Rn²)], mm month-1; never above P or Rn. Zhou & Zhang 1995.

    Computed as x/s·(1 + x/(s² − 2x)) with x = P·Rn and s = P + Rn. ``out`` is neither ``p_mm`` nor ``radiation``.
    """
    out = units.room(p_mm, radiation, out=out)
    other = units.room(out, out=scratch)
    np.add(p_mm, radiation, out=out)
    x = np.multiply(p_mm, radiation, out=units.room(out, out=more))
    np.multiply(out, out, out=other)
    np.subtract(other, x, out=other)
    np.subtract(other, x, out=other)
    np.add(other, TINY, out=other)
    np.divide(x, other, out=other)
    np.add(other, 1, out=other)
    np.add(out, TINY, out=out)
    np.divide(x, out, out=out)
    np.multiply(out, other, out=out)
    return out


@units.of(actual_mm="mm month-1", potential="mm month-1", returns="fraction")
def water(actual_mm: Block, potential: Block, out: Floats | None = None) -> Floats:
    """CASA's water scalar W = 0.5 + 0.5·E/Ep with Ep = (E + Ep0)/2, from 0.5 (dry, or frozen: no water moves) to 1."""
    out = units.room(actual_mm, potential, out=out)
    np.add(actual_mm, potential, out=out)
    np.add(out, TINY, out=out)
    np.divide(actual_mm, out, out=out)  # 0.5·E/Ep
    np.add(out, 0.5, out=out)
    np.minimum(out, 1, out=out)
    return out

"""Evapotranspiration for CASA's water scalar: potential by Thornthwaite, actual by Zhou and Zhang (周广胜、张新时).

Monthly functions take one month; float32 or float64 as given; ``out`` and ``scratch`` (of the result's shape) spare new
arrays. Sources and checks: docs/algorithms/nep-science.md.
"""

from typing import Any

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
    logarithm(t_c, out)
    np.copyto(out, power_of(out, log_index(index, scratch), a))
    np.exp(out, out=out)
    np.multiply(out, 16, out=out)
    return out


def logarithm(t_c: Block, out: Floats) -> Floats:
    """ln(10·T), −∞ at or below freezing."""
    np.maximum(t_c, 0, out=out)
    np.multiply(out, 10, out=out)
    with np.errstate(divide="ignore"):
        return np.log(out, out=out)


def log_index(index: Block, out: Floats | None = None) -> Floats:
    """ln I, and a number where nothing ever thaws."""
    out = units.room(index, out=out)
    np.add(index, TINY, out=out)
    return np.log(out, out=out)


@units.of(potential="mm month-1", p_mm="mm month-1", returns="mm month-1")
def net_radiation(potential: Block, p_mm: Block, out: Floats | None = None) -> Floats:
    """Net radiation as water: Rn = √(Ep0·P)·(0.369 + 0.598·√(Ep0/P)) = 0.369·√(Ep0·P) + 0.598·Ep0, in mm month-1.
    Zhou & Zhang 1996; one public script has 0.589."""
    out = units.room(potential, p_mm, out=out)
    np.copyto(out, radiation_of(potential, p_mm, out.dtype.type))
    return out


@units.of(p_mm="mm month-1", radiation="mm month-1", returns="mm month-1")
def actual(p_mm: Block, radiation: Block, out: Floats | None = None) -> Floats:
    """E = P·Rn·(P² + Rn² + P·Rn) / [(P + Rn)·(P² + Rn²)], mm month-1; never above P or Rn. Zhou & Zhang 1995.

    Computed as x/s·(1 + x/(s² − 2x)) with x = P·Rn and s = P + Rn.
    """
    out = units.room(p_mm, radiation, out=out)
    np.copyto(out, actual_of(p_mm, radiation, out.dtype.type))
    return out


@units.of(actual_mm="mm month-1", potential="mm month-1", returns="fraction")
def water(actual_mm: Block, potential: Block, out: Floats | None = None) -> Floats:
    """CASA's water scalar W = 0.5 + 0.5·E/Ep with Ep = (E + Ep0)/2, from 0.5 (dry, or frozen: no water moves) to 1."""
    out = units.room(actual_mm, potential, out=out)
    np.copyto(out, water_of(actual_mm, potential, out.dtype.type))
    return out


# -- the same of a number or an array, each constant of one kind: a compiler takes these as they stand -----------------


def power_of(logarithm: Any, log_index: Any, a: Any) -> Any:
    """ln of (10·T/I)^a."""
    return a * (logarithm - log_index)


def radiation_of(potential: Any, p_mm: Any, kind: Any) -> Any:
    return np.sqrt(potential * p_mm) * kind(0.369) + potential * kind(0.598)


def actual_of(p_mm: Any, radiation: Any, kind: Any) -> Any:
    x, s = p_mm * radiation, p_mm + radiation
    return x / (s + kind(TINY)) * (x / (s * s - x - x + kind(TINY)) + kind(1))


def water_of(actual_mm: Any, potential: Any, kind: Any) -> Any:
    return np.minimum(actual_mm / (actual_mm + potential + kind(TINY)) + kind(0.5), kind(1))  # 0.5·E/Ep and 0.5

"""How numbers are written down, so that two machines write the same text.

Arithmetic is binary64; the record keeps twelve significant digits: finer than any measurement, coarser than the last
bits in which two processors may differ. Every figure the product shows or issues derives from the recorded text.
"""

import datetime as dt
import math
from collections.abc import Iterable
from decimal import ROUND_FLOOR, Decimal
from typing import Any

SIGNIFICANT_DIGITS = 12
LONGEST = 400  # digits written out; a number beyond any binary64 keeps its exponent


def text(value: float) -> str:
    """Plain decimal text with twelve significant digits: no exponent, no trailing zeros, no negative zero.
    ``ValueError`` for a number that is not finite."""
    if not math.isfinite(value):
        raise ValueError("a number that is not finite cannot be recorded")
    plain = f"{value:.{SIGNIFICANT_DIGITS}g}"
    if "e" in plain:
        plain = format(Decimal(plain), "f")
    return "0" if plain == "-0" else plain


def texts(values: Iterable[float]) -> list[str]:
    return [text(value) for value in values]


PER_KILOGRAM = {"t": Decimal("0.001"), "kg": Decimal(1), "g": Decimal(1000)}


def kilograms(amount: str, unit: str = "t") -> int:
    """The floor in kg of a recorded amount in t, kg or g (a loss is rounded away from zero: also conservative)."""
    return whole(Decimal(amount) / PER_KILOGRAM[unit])


def total(*amounts: str) -> str:
    """The exact sum of recorded amounts."""
    return format(sum(map(Decimal, amounts), Decimal(0)), "f")


def whole(amount: str | Decimal) -> int:
    """The floor of a recorded amount in its own unit."""
    return int(Decimal(amount).to_integral_value(ROUND_FLOOR))


def plain(value: Any) -> Any:
    """TOML or JSON as canonical JSON allows it: decimals, floats (as short as they read back) and dates as text."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        whole = value.is_finite() and abs(value.adjusted()) < LONGEST
        return format(value, "f") if whole else str(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value

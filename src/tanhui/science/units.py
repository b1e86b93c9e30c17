"""Units of arguments, said once above a function and checked at each call.

    @units.of(t_c="degC", p_mm="mm month-1", returns="gC m-2 month-1")
    def pei(t_c, p_mm, days=30.0, out=None): ...

A wrong unit is wrong everywhere: kelvin for degrees, metres for millimetres, an index still scaled by ten thousand. So
a call looks at some hundred values of each argument, which costs microseconds however large the block, and refuses by
name; a single odd cell is what ``plausible`` flags. What no single month can betray (rain in metres, carbon in
kilograms) the whole layer does: ``suspect``. Values that are not numbers stand for no data and are passed over.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating[Any]]  # float32 or float64, as given
Block: TypeAlias = Floats | float

P = ParamSpec("P")
R = TypeVar("R")

SAMPLE = 256  # values looked at, about
ALONG = 16  # along each axis, where memory is not of one piece


@dataclass(frozen=True)
class Unit:
    """Range that no value on land leaves, and what one outside usually is."""

    low: float
    high: float
    hint: str = ""


UNITS: Mapping[str, Unit] = {
    "degC": Unit(-90, 60, "kelvin, degrees Fahrenheit, or a scale factor left out"),
    "mm month-1": Unit(0, 10_000, "a scale factor left out, or a fill value"),
    "cm month-1": Unit(0, 1_000, "millimetres, or a fill value"),
    "mm a-1": Unit(0, 30_000, "a scale factor left out, or a fill value"),
    "MJ m-2 month-1": Unit(0, 1_500, "joules, or watts"),
    "NDVI": Unit(-1, 1, "an index still scaled by 10 000 or 200, or a fill value"),
    "fraction": Unit(0, 1, "per cent, or a fill value"),
    "degrees north": Unit(-90, 90, "a longitude, or metres of a projection"),
    "gC m-2 month-1": Unit(-2_500, 2_500, "dry matter, a scale factor left out, or a fill value"),
    "gC m-2 a-1": Unit(-10_000, 10_000, "a scale factor left out, dry matter, or a fill value"),
    "gC m-2 d-1": Unit(-60, 60, "a month's or a year's sum"),
    "gC MJ-1": Unit(0, 5, "kilograms of carbon, or the efficiency of another product"),
    "kgC m-2": Unit(0, 500, "tonnes per hectare, or grams"),
    "days": Unit(0, 366, "hours"),
    "m2": Unit(0, 1e10, ""),
    "1": Unit(-np.inf, np.inf, ""),
}

# What only a whole layer betrays: unit of the layer, and the maximum below which it must be in another unit.
TOO_SMALL: Mapping[str, tuple[float, str]] = {
    "mm a-1": (20.0, "metres"),
    "gC m-2 a-1": (10.0, "kilograms of carbon"),
    "MJ m-2 month-1": (2.0, "gigajoules"),
    "kgC m-2": (0.05, "a fraction"),
}


class OutOfRange(ValueError):
    """An argument has values that its unit does not allow on land; probably it is in another unit."""

    def __init__(self, *, name: str, unit: str, value: float, low: float, high: float, hint: str) -> None:
        self.facts = {"name": name, "unit": unit, "value": value, "low": low, "high": high, "hint": hint}
        self.name, self.unit, self.value, self.low, self.high, self.hint = name, unit, value, low, high, hint
        perhaps = f": perhaps {hint}" if hint else ""
        super().__init__(f"{name} has {value:g} where {unit} allows {low:g} to {high:g}{perhaps}")


def check(name: str, unit: str, values: Block) -> None:
    """Look at a sample of one argument. ``OutOfRange`` when a sampled value leaves the range of its unit."""
    allowed = UNITS[unit]
    found = np.asarray(values)
    if found.size > SAMPLE:
        if found.flags.c_contiguous:
            found = found.reshape(-1)[:: (found.size // SAMPLE) | 1]  # an odd step wanders over the columns
        else:
            found = found[tuple(slice(None, None, -(-length // ALONG)) for length in found.shape)]
    if not found.size:
        return
    low, high = float(np.fmin.reduce(found, axis=None)), float(np.fmax.reduce(found, axis=None))
    if low < allowed.low or high > allowed.high:
        value = low if low < allowed.low else high
        raise OutOfRange(
            name=name, unit=unit, value=value, low=allowed.low, high=allowed.high, hint=allowed.hint
        ) from None


def suspect(unit: str, largest: float) -> str:
    """What a layer's unit must be instead, when its largest value is too small for the one stated; else empty."""
    limit, instead = TOO_SMALL.get(unit, (-np.inf, ""))
    return instead if largest < limit else ""


def of(*, returns: str, **named: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Say the units of a function's arguments and of what it returns; each call checks them by ``check``.

    Recorded as ``function.units`` and ``function.returns`` for documents.
    """

    def around(function: Callable[P, R]) -> Callable[P, R]:
        names = list(inspect.signature(function).parameters)
        if unknown := (set(named) - set(names)) | ({returns, *named.values()} - set(UNITS)):
            raise ValueError(f"{function.__name__}: no such argument or unit: {', '.join(sorted(unknown))}")
        wanted = [named.get(name) for name in names]

        @functools.wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            for name, unit, value in zip(names, wanted, args, strict=False):
                if unit is not None and value is not None:
                    check(name, unit, cast(Block, value))
            for name, value in kwargs.items():
                if (unit := named.get(name)) is not None and value is not None:
                    check(name, unit, cast(Block, value))
            return function(*args, **kwargs)

        checked.units, checked.returns = dict(named), returns  # type: ignore[attr-defined]
        return checked

    return around


def unchecked(function: Callable[P, R]) -> Callable[P, R]:
    """A function without its look at units, for values that were looked at where they came from."""
    return cast(Callable[P, R], function.__wrapped__)  # type: ignore[attr-defined]


def room(*like: Block, out: Floats | None = None) -> Floats:
    """Where a result goes: ``out``, or a new array of the arguments' common shape and floating type."""
    if out is not None:
        return out
    shape = np.broadcast_shapes(*(np.shape(one) for one in like))
    arrays = [one for one in like if isinstance(one, np.ndarray)]
    kind = np.result_type(np.float32, *arrays) if arrays else np.dtype(np.float64)
    return np.empty(shape, dtype=kind)

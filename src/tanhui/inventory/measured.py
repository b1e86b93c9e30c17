"""How the models of stock sinks fare beside measurements, as everybody reads it: what this version ships with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tanhui.nep import validation
from tanhui.nep.observations import MEAN


@dataclass(frozen=True, slots=True)
class Line:
    """One model in one table; ``alone``: none at all but the mean of the observations, which a model must beat."""

    name: str
    n: int
    observed: float
    estimated: float
    bias: float
    rmse: float
    r2: float | None
    alone: bool
    central: bool
    best: bool


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    unit: str
    places: int
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Year:
    """A year of MODIS GPP: mean, what it becomes with an undeclared fill value, change in %."""

    year: int
    gpp: float
    trapped: float
    fills: int
    npp: float | None
    rain: float | None
    change: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """``tables`` set models against each other; ``singles`` have one line each."""

    weakness: str
    tables: Sequence[Table]
    singles: Sequence[Table]
    above: float  # shares of months, in %
    above_china: float
    years: Sequence[Year]
    sources: Sequence[Mapping[str, str]]


def comparison(language: str) -> Comparison:
    """The shipped comparison in one language (``zh-hans`` or ``en``)."""
    told = "zh" if language.startswith("zh") else "en"
    found = validation.reference()
    tables = [
        Table(each[told], unit(each["unit"]), 1 if each["unit"] == validation.MONTH else 0, lines)
        for key, each in found["tables"].items()
        if (lines := read([one for one in found["scores"] if one["table"] == key], found["models"], told))
    ]
    return Comparison(
        weakness=found["weakness"][told],
        tables=[one for one in tables if len(one.lines) > 1],
        singles=[one for one in tables if len(one.lines) == 1],
        above=100 * found["excess"]["all"],
        above_china=100 * found["excess"]["china"],
        years=years(found["years"]),
        sources=found["sources"],
    )


def unit(text: str) -> str:
    return text.replace("-2", "⁻²").replace("-1", "⁻¹").replace(" ", "\N{NO-BREAK SPACE}")


def read(scores: Sequence[Mapping[str, Any]], models: Mapping[str, Mapping[str, str]], told: str) -> list[Line]:
    least = min((one["rmse"] for one in scores), default=0.0)
    return [
        Line(
            name=models[one["model"]][told],
            n=one["n"],
            observed=one["observed"],
            estimated=one["estimated"],
            bias=one["bias"],
            rmse=one["rmse"],
            r2=one["r2"],
            alone=one["model"] == validation.CONSTANT,
            central=one["model"] == MEAN,
            best=len(scores) > 1 and one["rmse"] == least,
        )
        for one in scores
    ]


def years(found: Sequence[Mapping[str, Any]]) -> list[Year]:
    before: list[float | None] = [None, *(one["gpp"] for one in found)]
    return [
        Year(
            year=one["year"],
            gpp=one["gpp"],
            trapped=one["trapped"],
            fills=one["fills"],
            npp=one["npp"],
            rain=one["rain"],
            change=None if last is None else 100 * (one["gpp"] / last - 1),
        )
        for one, last in zip(found, before, strict=False)
    ]

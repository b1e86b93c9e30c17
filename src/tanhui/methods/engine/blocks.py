"""What a chapter of a run is made of: tables, equations, parameters, text; they know neither Markdown nor paper."""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

DIGITS = 8  # significant, on paper; the bundle keeps twelve


@dataclass(frozen=True)
class Grid:
    """A table. ``numbers`` are the places of columns of figures, ``widths`` how broad each column is beside the others
    (0: as broad as it needs)."""

    head: list[str]
    rows: list[list[str]]
    numbers: list[int] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    kind: str = "grid"


@dataclass(frozen=True)
class Step:
    """One equation: its values are text (``said``) or name and value pairs."""

    number: int
    symbol: str
    label: str
    unit: str
    equation: str
    said: str
    values: list[tuple[str, str]]


@dataclass(frozen=True)
class Chain:
    steps: list[Step]
    kind: str = "chain"


@dataclass(frozen=True)
class Group:
    """A parameter and the rows used of it: key, value, grade, source."""

    label: str
    symbol: str
    unit: str
    rows: list[tuple[str, str, str, str]]


@dataclass(frozen=True)
class Parameters:
    head: list[str]
    groups: list[Group]
    kind: str = "parameters"


@dataclass(frozen=True)
class Text:
    text: str
    kind: str = "text"


@dataclass(frozen=True)
class Points:
    texts: list[str]
    kind: str = "points"


Block = Grid | Parameters | Chain | Text | Points


def pieces(text: str) -> list[tuple[str, bool]]:
    """A symbol or an equation in runs, and whether each stands below the line: ``ΔC_TREE`` is ``ΔC`` and a low
    ``TREE``."""
    return [
        (part.removeprefix("_").strip("{}"), part.startswith("_"))
        for part in re.split(r"(_\{[^}]*\}|_[^\W_]+(?:[,_*][^\W_]+)*)", text)
        if part
    ]


def shown(value: Any, digits: int = DIGITS) -> str:
    """A recorded number to some significant digits, in groups of three; what is no number as it is."""
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not exact.is_finite():
        return str(value)
    whole = max(exact.adjusted() + 1, 0) if exact else 0
    if whole >= digits:
        return f"{exact:,.0f}"
    plain = format(Decimal(f"{exact:.{digits}g}"), ",f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain

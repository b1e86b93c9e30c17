"""Tables of coefficients: each value with its source and grade, each table with a norm and a version.

A TOML file says ``norm``, ``quantity``, ``version`` and ``unit`` once and its values as ``[[row]]``; a CSV file has
them as columns: norm, quantity, version, unit, type, region, value, beta, source, grade.
"""

import csv
import hashlib
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tanhui.nep import refusals
from tanhui.science import ecosystems

HERE = Path(__file__).parent
GRADES = "APBCD"

# Units and bounds of each quantity; a value outside is a misprint or another unit.
QUANTITIES: Mapping[str, tuple[str, float, float]] = {
    "alpha": ("1", -1.0, 1.0),
    "rate": ("tC ha-1 a-1", -10.0, 20.0),
    "carbon_fraction": ("1", 0.3, 0.6),
}


@dataclass(frozen=True)
class Row:
    """A coefficient of a type, in a region (a code of an administrative division) or everywhere; ``beta`` is the soil's
    share that goes with a rate."""

    type: str
    region: str
    value: float
    beta: float
    source: str
    grade: str


@dataclass(frozen=True)
class Table:
    """Coefficients of one quantity, under a norm, in a version; ``sha256`` of the file."""

    norm: str
    quantity: str
    version: str
    unit: str
    rows: tuple[Row, ...]
    file: str
    sha256: str

    def row(self, kind: str, region: str = "") -> Row:
        """The coefficient of a type: that of the region, of the division around it, or the one for everywhere. Refuses
        a type without one."""
        here = {row.region: row for row in self.rows if row.type == kind}
        for code in (region, region[:4] + "00" if region else "", region[:2] + "0000" if region else "", ""):
            if code in here:
                return here[code]
        raise refusals.CoefficientMissing(
            quantity=self.quantity, norm=self.norm, version=self.version, type=kind, region=region or "-"
        )


def shipped() -> list[Path]:
    return sorted(HERE.glob("*.toml"))


def load(path: Path) -> Table:
    """Read one table. Refuses a file that cannot be read, an unknown quantity, unit or type, a value out of bounds, one
    without a source, and two for the same type and region."""
    try:
        content = path.read_bytes()
        given = from_csv(content) if path.suffix == ".csv" else tomllib.loads(content.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error, KeyError, ValueError) as problem:
        raise unreadable(path, str(problem) or type(problem).__name__) from problem
    for key in ("norm", "quantity", "version", "unit", "row"):
        if not given.get(key):
            raise unreadable(path, f"{key}?")
    if given["quantity"] not in QUANTITIES:
        raise unreadable(path, f"quantity = {given['quantity']}; {', '.join(QUANTITIES)}")
    unit, low, high = QUANTITIES[given["quantity"]]
    if given["unit"] != unit:
        raise unreadable(path, f"unit = {given['unit']}; {unit}")
    rows = tuple(row(path, number, one, low, high) for number, one in enumerate(given["row"], 1))
    places = [(one.type, one.region) for one in rows]
    if twice := {one for one in places if places.count(one) > 1}:
        raise unreadable(path, f"2 × {' '.join(min(twice))}")
    return Table(
        norm=str(given["norm"]),
        quantity=str(given["quantity"]),
        version=str(given["version"]),
        unit=unit,
        rows=rows,
        file=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def row(path: Path, number: int, given: Any, low: float, high: float) -> Row:
    if not isinstance(given, dict):
        raise unreadable(path, f"row {number}")
    try:
        value, beta = float(given["value"]), float(given.get("beta") or 0)
    except (KeyError, TypeError, ValueError) as problem:
        raise unreadable(path, f"row {number}: value, beta") from problem
    kind, grade = str(given.get("type", "")), str(given.get("grade", "D"))
    faults = {
        f"type = {kind}; {', '.join(ecosystems.NAMES)}": kind not in ecosystems.NAMES,
        f"value = {value:g}; {low:g} … {high:g}": not low <= value <= high,
        f"beta = {beta:g}; 0 … 5": not 0 <= beta <= 5,
        f"grade = {grade}; {', '.join(GRADES)}": grade not in GRADES or len(grade) != 1,
        "source?": not str(given.get("source", "")).strip(),
    }
    for fault, found in faults.items():
        if found:
            raise unreadable(path, f"row {number}: {fault}")
    return Row(kind, str(given.get("region", "") or ""), value, beta, str(given["source"]).strip(), grade)


def from_csv(content: bytes) -> dict[str, Any]:
    """A CSV as the TOML would read. ``ValueError`` when its rows differ in norm, quantity, version or unit."""
    rows = [
        {key: (value or "").strip() for key, value in one.items() if key}
        for one in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    ]
    head = {}
    for key in ("norm", "quantity", "version", "unit"):
        values = {one[key] for one in rows}
        if len(values) > 1:
            raise ValueError(f"{key}: {', '.join(sorted(values))}")
        head[key] = values.pop() if values else ""
    return head | {"row": rows}


def unreadable(path: Path, problem: str) -> refusals.TableUnreadable:
    return refusals.TableUnreadable(file=path.name, problem=problem)

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
from tanhui.nep.wording import Phrase, say, why
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
    except OSError as problem:
        raise unreadable(path, why(problem)) from problem
    return read(content, path)


def read(content: bytes, path: Path) -> Table:
    """The same from the bytes of a file of that name."""
    try:
        given = from_csv(content) if path.suffix.lower() == ".csv" else tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, csv.Error) as problem:
        raise unreadable(path, why(problem)) from problem
    except Differing as problem:
        said = say("one table has one %(column)s, not %(found)s", column=problem.column, found=problem.found)
        raise unreadable(path, said) from problem
    for key in ("norm", "quantity", "version", "unit", "row"):
        if not given.get(key):
            raise unreadable(path, say("it does not say %(column)s", column=key))
    if given["quantity"] not in QUANTITIES:
        known = ", ".join(QUANTITIES)
        raise unreadable(path, say("%(found)s is none of %(known)s", found=given["quantity"], known=known))
    unit, low, high = QUANTITIES[given["quantity"]]
    if given["unit"] != unit:
        raise unreadable(path, say("the unit is %(found)s and must be %(unit)s", found=given["unit"], unit=unit))
    if not isinstance(given["row"], list):
        raise unreadable(path, say("it does not say %(column)s", column="[[row]]"))
    rows = tuple(row(path, number, one, low, high) for number, one in enumerate(given["row"], 1))
    places = [(one.type, one.region) for one in rows]
    if twice := {one for one in places if places.count(one) > 1}:
        kind, region = min(twice)
        raise unreadable(path, say("%(type)s stands in it twice, region %(region)s", type=kind, region=region or "-"))
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
        given = {}
    read: dict[str, float] = {}
    for name, text in (("value", given.get("value")), ("beta", given.get("beta") or 0)):
        try:
            read[name] = float(text)
        except (TypeError, ValueError) as problem:
            said = say("row %(row)s: %(column)s is no number", row=number, column=name)
            raise unreadable(path, said) from problem
    kind, grade = str(given.get("type", "")), str(given.get("grade", "D"))
    faults = (
        ("type", kind, ", ".join(ecosystems.NAMES), kind in ecosystems.NAMES),
        ("value", f"{read['value']:g}", f"{low:g} … {high:g}", low <= read["value"] <= high),
        ("beta", f"{read['beta']:g}", "0 … 5", 0 <= read["beta"] <= 5),
        ("grade", grade, ", ".join(GRADES), grade in tuple(GRADES)),
    )
    for column, found, allowed, good in faults:
        if not good:
            said = say(
                "row %(row)s: %(column)s is %(found)s and must be %(allowed)s",
                row=number, column=column, found=found or "-", allowed=allowed,
            )  # fmt: skip
            raise unreadable(path, said)
    if not str(given.get("source", "")).strip():
        raise unreadable(path, say("row %(row)s has no source", row=number))
    region = str(given.get("region", "") or "")
    return Row(kind, region, read["value"], read["beta"], str(given["source"]).strip(), grade)


class Differing(ValueError):
    """The rows of a CSV differ in a ``column`` that a table says once; ``found`` are its values."""

    def __init__(self, column: str, found: str) -> None:
        self.column, self.found = column, found
        super().__init__(f"{column}: {found}")


def from_csv(content: bytes) -> dict[str, Any]:
    """A CSV, in UTF-8 or as a Chinese spreadsheet saves it (GB 18030), as the TOML would read. ``Differing`` when its
    rows differ in norm, quantity, version or unit."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    rows = [
        {key: (value or "").strip() for key, value in one.items() if isinstance(key, str)}
        for one in csv.DictReader(io.StringIO(text))
    ]
    head = {}
    for key in ("norm", "quantity", "version", "unit"):
        values = {one.get(key, "") for one in rows}
        if len(values) > 1:
            raise Differing(key, ", ".join(sorted(values)))
        head[key] = values.pop() if values else ""
    return head | {"row": rows}


def unreadable(path: Path, problem: Phrase) -> refusals.TableUnreadable:
    return refusals.TableUnreadable(file=path.name, problem=problem)

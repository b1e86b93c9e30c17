"""Parameters: values with a unit, a source, an evidence grade and a date by which someone looks at them again."""

import datetime as dt
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine import evidence
from tanhui.science.biomass import Values


class NoSuchValue(Refusal):
    code = "methods.no_such_value"
    sentence = gettext_noop("%(parameter)s has no value for %(key)s. Known are: %(known)s.")
    clause = "ARCHITECTURE.md §3, methods"
    status = 422


class BrokenParameter(Refusal):
    code = "methods.broken_parameter"
    sentence = gettext_noop("The parameter file %(file)s is not usable: %(problem)s. Correct the package.")
    clause = "ARCHITECTURE.md §5, house lints"
    status = 500


@dataclass(frozen=True)
class Row:
    """One value of a parameter, for one key of a table or for the whole of it (key ``""``)."""

    key: str
    value: Decimal | str
    grade: str
    source: str
    review_by: dt.date
    note: str = ""


@dataclass(frozen=True)
class Parameter:
    """A scalar (``key`` empty), a table looked up by the quantity named ``key``, or a scale of classes (``up_to``)."""

    name: str
    symbol: str
    label_en: str
    label_zh: str
    unit: str
    key: str
    bounds: tuple[Decimal, Decimal] | None
    rows: tuple[Row, ...]
    _places: dict[str, int] = field(repr=False, compare=False)

    @property
    def is_scale(self) -> bool:
        return self.key == "up_to"

    def row(self, key: str = "") -> Row:
        if key not in self._places:
            raise NoSuchValue(parameter=self.name, key=key or "-", known=", ".join(self._places))
        return self.rows[self._places[key]]

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def number(self) -> float:
        """The value of a scalar."""
        return float(self.row().value)

    def column(self, keys: Sequence[str]) -> Values:
        """One value per key, shape ``(len(keys),)``, in the parameter's unit; each distinct key is looked up once."""
        distinct, places = np.unique(np.asarray(keys), return_inverse=True)
        return np.array([float(self.row(str(key)).value) for key in distinct], dtype=np.float64)[places]

    def scale(self) -> tuple[Values, Values]:
        """Upper bounds (inclusive) and values of the classes, ascending."""
        return (
            np.array([float(row.key) for row in self.rows], dtype=np.float64),
            np.array([float(row.value) for row in self.rows], dtype=np.float64),
        )

    def used(self, keys: Iterable[str] = ("",)) -> dict[str, Any]:
        """The rows a run used, as its record keeps them."""
        chosen = self.rows if self.is_scale else [self.row(key) for key in sorted(set(keys))]
        return {
            "name": self.name,
            "symbol": self.symbol,
            "unit": self.unit,
            "key": self.key,
            "evidence": evidence.worst(row.grade for row in chosen),
            "rows": [
                {"key": row.key, "value": str(row.value), "evidence": row.grade, "source": row.source} for row in chosen
            ],
        }


def read(path: Path) -> Parameter:
    """A parameter from its file. ``BrokenParameter`` says what the file lacks or contradicts."""
    try:
        return parse(tomllib.loads(path.read_text("utf-8"), parse_float=Decimal), name=path.stem)
    except (KeyError, ValueError, TypeError) as problem:
        raise BrokenParameter(file=path.name, problem=repr(problem)) from problem


def parse(content: dict[str, Any], *, name: str) -> Parameter:
    key = content.get("key", "")
    low, high = content.get("bounds", (None, None))
    bounds = None if low is None or high is None else (Decimal(str(low)), Decimal(str(high)))
    rows = []
    for value in content["value"] if key else [{"value": content["value"]}]:
        about = content | value
        grade, source = about["evidence"], about["source"]
        if len(grade) != 1 or grade not in evidence.GRADES:
            raise ValueError(f"{grade} is not an evidence grade")
        if not source.strip():
            raise ValueError("a value has no source")
        if not isinstance(about["review_by"], dt.date):
            raise ValueError("review_by is not a date")
        amount = value["value"] if isinstance(value["value"], str) else Decimal(str(value["value"]))
        if bounds and (isinstance(amount, str) or not bounds[0] <= amount <= bounds[1]):
            raise ValueError(f"{amount} is outside the bounds")
        rows.append(
            Row(str(value[key]) if key else "", amount, grade, source, about["review_by"], about.get("note", ""))
        )
    places = {row.key: place for place, row in enumerate(rows)}
    if len(places) != len(rows):
        raise ValueError("a key is given twice")
    return Parameter(
        name=name,
        symbol=content["symbol"],
        label_en=content["label_en"],
        label_zh=content["label_zh"],
        unit=content["unit"],
        key=key,
        bounds=bounds,
        rows=tuple(rows),
        _places=places,
    )

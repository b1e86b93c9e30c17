"""Parameters: values with a unit, a source, an evidence grade and a date by which someone looks at them again.

A parameter may hold several values for one key: of different tiers (the project's own, local, national, IPCC),
regions and times. ``Parameter.resolve`` leaves the one value for each key that applies to a project.
"""

import datetime as dt
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine import evidence
from tanhui.science.biomass import Values

TIERS = ("ipcc", "national", "local", "project")  # the later wins
JOIN = "|"  # between the parts of a key
SCALE = "up_to"
WHOLE = ""  # the key of a scalar


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
    """One value of a parameter. ``key`` is ``""`` for a scalar and ``"华北|2023"`` for several lookup keys. ``region``
    is a prefix of a division code; ``valid_from`` and ``valid_to`` are inclusive, ``None`` is open."""

    key: str
    value: Decimal | str
    grade: str
    source: str
    review_by: dt.date
    note: str = ""
    tier: str = "national"
    region: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    @property
    def parts(self) -> list[str]:
        """The key by its parts."""
        return self.key.split(JOIN)

    @property
    def rank(self) -> tuple[int, int, dt.date]:
        """How specific the value is: its tier, how small its region, how new."""
        return TIERS.index(self.tier), len(self.region), self.valid_from or dt.date.min

    @property
    def dated(self) -> bool:
        return self.valid_from is not None or self.valid_to is not None

    def applies(self, region: str, on: dt.date | None) -> bool:
        """Whether the value holds in a region (a division code) on a day (``None``: on some day)."""
        here = region.startswith(self.region)
        return here and (on is None or (self.valid_from or dt.date.min) <= on <= (self.valid_to or dt.date.max))

    def recorded(self) -> dict[str, str]:
        """The value as the record of a run keeps it."""
        kept = {"key": self.key, "value": str(self.value), "evidence": self.grade, "source": self.source}
        if self.tier != "national":
            kept["tier"] = self.tier
        if self.region:
            kept["region"] = self.region
        if self.valid_from:
            kept["valid_from"] = self.valid_from.isoformat()
        if self.valid_to:
            kept["valid_to"] = self.valid_to.isoformat()
        return kept


@dataclass(frozen=True)
class Parameter:
    """A scalar (``keys`` empty), a table looked up by the quantities named ``keys``, or a scale of classes (``up_to``).
    ``own_values``: whether a project may state a value of its own."""

    name: str
    symbol: str
    label_en: str
    label_zh: str
    unit: str
    keys: tuple[str, ...]
    bounds: tuple[Decimal, Decimal] | None
    rows: tuple[Row, ...]
    own_values: bool = False
    _places: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    @property
    def key(self) -> str:
        return JOIN.join(self.keys)

    @property
    def is_scale(self) -> bool:
        return self.keys == (SCALE,)

    @property
    def is_text(self) -> bool:
        """Whether the values are names rather than numbers: a translation from one key to another."""
        return bool(self.rows) and isinstance(self.rows[0].value, str)

    @property
    def dated(self) -> bool:
        return any(row.dated for row in self.rows)

    def resolve(self, *, region: str = "", on: dt.date | None = None, own: Iterable[Row] = ()) -> "Parameter":
        """The parameter as it applies to a project: for each key the most specific value of its region and day (without
        a day: the newest). A project without a region sees no regional value."""
        best: dict[str, Row] = {}
        for row in (*self.rows, *own):
            if row.applies(region, on) and (row.key not in best or row.rank >= best[row.key].rank):
                best[row.key] = row
        kept = tuple(best.values())
        return replace(self, rows=kept, _places={row.key: place for place, row in enumerate(kept)})

    def row(self, key: str = WHOLE, *, on: dt.date | None = None, region: str = "") -> Row:
        """The value of a key, of a day and region if they are asked for. ``NoSuchValue`` names the keys there are."""
        if on is not None or region or not self._places:
            resolved = self.resolve(region=region, on=on)
            if key in resolved._places:
                return resolved.rows[resolved._places[key]]
        elif key in self._places:
            return self.rows[self._places[key]]
        known = ", ".join(dict.fromkeys(one.key for one in self.rows))
        raise NoSuchValue(parameter=self.name, key=key or "-", known=known)

    def __contains__(self, key: str) -> bool:
        return key in self._places if self._places else any(row.key == key for row in self.rows)

    def number(self) -> float:
        """The value of a scalar."""
        return float(self.row().value)

    def column(self, keys: Sequence[str] | NDArray[Any]) -> Values:
        """One value per key, in the shape of ``keys`` and the parameter's unit; each distinct key is looked up once."""
        distinct, places = np.unique(np.asarray(keys), return_inverse=True)
        return np.array([float(self.row(str(key)).value) for key in distinct], dtype=np.float64)[places]

    def names(self, keys: Sequence[str] | NDArray[Any]) -> NDArray[np.str_]:
        """As ``column``, for a parameter whose values are names."""
        distinct, places = np.unique(np.asarray(keys), return_inverse=True)
        return np.array([str(self.row(str(key)).value) for key in distinct], dtype=np.str_)[places]

    def scale(self) -> tuple[Values, Values]:
        """Upper bounds (inclusive) and values of the classes, ascending."""
        return (
            np.array([float(row.key) for row in self.rows], dtype=np.float64),
            np.array([float(row.value) for row in self.rows], dtype=np.float64),
        )

    def overdue(self, on: dt.date, keys: Iterable[str] | None = None) -> list[Row]:
        """The rows that were to be looked at again before a day; of the rows of ``keys``, or of all."""
        return [row for row in (self.rows if keys is None else self._chosen(keys)) if row.review_by < on]

    def _chosen(self, keys: Iterable[str]) -> Sequence[Row]:
        return self.rows if self.is_scale else [self.row(key) for key in sorted(set(keys))]

    def used(self, keys: Iterable[str] = (WHOLE,)) -> dict[str, Any]:
        """The rows a run used, as its record keeps them."""
        chosen = self._chosen(keys)
        return {
            "name": self.name,
            "symbol": self.symbol,
            "unit": self.unit,
            "key": self.key,
            "evidence": evidence.worst(row.grade for row in chosen),
            "rows": [row.recorded() for row in chosen],
        }


def joined(*parts: Any) -> NDArray[np.str_]:
    """The key column of a parameter with several keys, from its key quantities (text, whole numbers), broadcast."""
    columns = np.broadcast_arrays(*(_text(part) for part in parts))
    whole = columns[0]
    for column in columns[1:]:
        whole = np.char.add(np.char.add(whole, JOIN), column)
    return np.asarray(whole, dtype=np.str_)


def _text(part: Any) -> NDArray[np.str_]:
    column = np.asarray(part)
    if column.dtype.kind == "f" and np.all(column == np.floor(column)):
        column = column.astype(np.int64)  # a year is 2023, never "2023.0"
    return column.astype(np.str_)


def read(path: Path) -> Parameter:
    """A parameter from its file. ``BrokenParameter`` says what the file lacks or contradicts."""
    try:
        return parse(tomllib.loads(path.read_text("utf-8"), parse_float=Decimal), name=path.stem)
    except (KeyError, ValueError, TypeError, AttributeError) as problem:
        raise BrokenParameter(file=path.name, problem=repr(problem)) from problem


def parse(content: dict[str, Any], *, name: str) -> Parameter:
    keys = tuple(content["keys"] if "keys" in content else [content["key"]] if "key" in content else [])
    low, high = content.get("bounds", (None, None))
    bounds = None if low is None or high is None else (Decimal(str(low)), Decimal(str(high)))
    values = content["value"] if isinstance(content["value"], list) else [{"value": content["value"]}]
    if not values:
        raise ValueError("there is no value")
    rows = [_row(content | value, keys, bounds) for value in values]
    if len({isinstance(row.value, str) for row in rows}) > 1:
        raise ValueError("some values are names and some are numbers")
    _check_overlaps(rows)
    whole = Parameter(
        name=name,
        symbol=content["symbol"],
        label_en=content["label_en"],
        label_zh=content["label_zh"],
        unit=content["unit"],
        keys=keys,
        bounds=bounds,
        rows=tuple(rows),
        own_values=content.get("own_values", False),
    )
    if len({(row.key) for row in rows}) < len(rows) or any(row.region for row in rows):
        return whole  # several values for a key: which one applies is known with the project
    return whole.resolve()


def _row(about: dict[str, Any], keys: tuple[str, ...], bounds: tuple[Decimal, Decimal] | None) -> Row:
    grade, source, tier = about["evidence"], about["source"], about.get("tier")
    if len(grade) != 1 or grade not in evidence.GRADES:
        raise ValueError(f"{grade} is not an evidence grade")
    if not source.strip():
        raise ValueError("a value has no source")
    for name in ("review_by", "valid_from", "valid_to"):
        if not isinstance(about[name] if name == "review_by" else about.get(name, dt.date.min), dt.date):
            raise ValueError(f"{name} is not a date")
    region = str(about.get("region", ""))
    tier = tier or ("local" if region else "national")
    if tier not in TIERS[:-1]:
        raise ValueError(f"{tier} is not a tier of a package: {', '.join(TIERS[:-1])}")
    amount = about["value"] if isinstance(about["value"], str) else Decimal(str(about["value"]))
    if bounds and (isinstance(amount, str) or not bounds[0] <= amount <= bounds[1]):
        raise ValueError(f"{amount} is outside the bounds")
    return Row(
        key=JOIN.join(str(about[key]) for key in keys),
        value=amount,
        grade=grade,
        source=source,
        review_by=about["review_by"],
        note=about.get("note", ""),
        tier=tier,
        region=region,
        valid_from=about.get("valid_from"),
        valid_to=about.get("valid_to"),
    )


def _check_overlaps(rows: Iterable[Row]) -> None:
    """Of two values for the same key, tier and region at the same time nobody could say which holds."""
    ordered: dict[tuple[str, str, str], Row] = {}
    for row in sorted(rows, key=lambda one: (one.key, one.tier, one.region, one.valid_from or dt.date.min)):
        before = ordered.get(place := (row.key, row.tier, row.region))
        if before and (before.valid_to or dt.date.max) >= (row.valid_from or dt.date.min):
            raise ValueError(f"the key {row.key or '-'} is given twice for the same time")
        ordered[place] = row

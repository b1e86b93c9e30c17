"""A row of statistics, and all rows of a run as a file and read back; how parts are rounded so that they add up."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from tanhui.science import ecosystems

FORMAT = 1
AREA, ALL, OUTSIDE = "area", "all", ""
FLAGS = ("rh_above_respiration", "implausible", "jump", "nodata")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A year, level, zone and type. Masses in whole kilograms a year, areas in whole square metres.

    The level ``area`` has one zone, ``all``; in every other, zone ``""`` is what lies outside its zones. ``type`` is
    one of ``ecosystems.NAMES`` or ``all``, ``rule`` how it was found (``nep``, ``nep_ratio``, ``rate``, ``biomass``,
    ``not_applicable``; ``sum`` for all). ``cells`` counts cells with a value, fractions where a level is cut exactly;
    ``coverage`` is the share of the area to be computed that has one. ``change_kg_co2`` is None where there is no year
    before; ``jump``: by more than 40 %.
    """

    year: int
    level: str
    zone: str
    name: str
    type: str
    rule: str
    cells: float
    area_m2: int
    coverage: float
    npp_kg_c: int
    rh_kg_c: int
    nep_kg_c: int
    models: Mapping[str, int]
    nep_kg_co2: int
    lower_kg_co2: int
    upper_kg_co2: int
    conservative_kg_co2: int
    sigma_kg_co2: Mapping[str, int]
    flags: Mapping[str, float]
    change_kg_co2: int | None = None
    jump: bool = False

    @property
    def due(self) -> bool:
        """Whether every cell of the type ought to have a value: vegetation, by whatever method."""
        return self.rule in ("nep", "nep_ratio", "biomass") or (
            self.rule == "rate" and bool(ecosystems.COMPUTED[ecosystems.CODES[self.type]])
        )

    @property
    def computed_m2(self) -> float:
        """The part of a type's area whose cells have a NEP of their own."""
        return self.area_m2 * self.coverage if self.due else 0.0

    @property
    def key(self) -> tuple[int, str, str, str]:
        return self.year, self.level, self.zone, self.type


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something a verifier should look at. It changes no number; ``wording`` has the sentence of each ``code``."""

    code: str
    year: int
    level: str
    zone: str
    type: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """All rows of a run, in the order year, level (``area`` first), zone, type. ``basis`` is what two runs must share
    to be compared; ``uncertainty`` the assumptions behind the intervals."""

    run: str
    years: tuple[int, ...]
    models: tuple[str, ...]
    levels: Mapping[str, Mapping[str, Any]]
    basis: Mapping[str, Any]
    uncertainty: Mapping[str, Any]
    rows: tuple[Row, ...]
    remarks: tuple[Remark, ...] = ()

    @cached_property
    def known(self) -> dict[tuple[int, str, str, str], Row]:
        return {one.key: one for one in self.rows}

    def row(self, year: int, zone: str = ALL, type: str = ALL, level: str | None = None) -> Row | None:
        """One row, None where there is none. Without a level: of the whole area, or the first level with that zone."""
        if level is None:
            level = AREA if zone == ALL else next((one.level for one in self.rows if one.zone == zone), AREA)
        return self.known.get((year, level, zone, type))

    def of(self, year: int, level: str = AREA, type: str = ALL) -> list[Row]:
        """The zones of a level, in the order of their codes, outside last."""
        return [one for one in self.rows if (one.year, one.level, one.type) == (year, level, type)]

    def computed_m2(self, row: Row) -> float:
        """The part of a row's area whose cells have a NEP of their own."""
        parts = [row] if row.type != ALL else self.types(row.year, row.level, row.zone)
        return sum(one.computed_m2 for one in parts)

    def types(self, year: int, level: str = AREA, zone: str = ALL) -> list[Row]:
        """The types of a zone, without their sum."""
        return [one for one in self.rows if (one.year, one.level, one.zone) == (year, level, zone) and one.type != ALL]


def grams_per_m2(row: Row, area_m2: float) -> float:
    """Mean NEP, gC m-2 a-1, over the land that has one; 0 where none has."""
    return 1000 * row.nep_kg_c / area_m2 if area_m2 else 0.0


def encoded(found: Statistics) -> bytes:
    """The file: the same bytes for the same statistics."""
    said = {"format": FORMAT, **asdict(found)}
    head = json.dumps({**said, "rows": [], "remarks": []}, ensure_ascii=False, sort_keys=True, indent=1)
    for name in ("rows", "remarks"):
        lines = ",\n  ".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in said[name])
        if lines:
            head = head.replace(f'"{name}": []', f'"{name}": [\n  {lines}\n ]')
    return head.encode() + b"\n"


def decoded(content: bytes) -> Statistics:
    """What ``encoded`` wrote."""
    said = json.loads(content)
    said.pop("format")
    return Statistics(
        **{
            **said,
            "years": tuple(said["years"]),
            "models": tuple(said["models"]),
            "rows": tuple(Row(**one) for one in said["rows"]),
            "remarks": tuple(Remark(**one) for one in said["remarks"]),
        }
    )


def agreeing(total: float, parts: Sequence[float]) -> list[float]:
    """``parts`` so that they sum to ``total``. Where cell areas vary along a row each level weighs its own runs of
    cells with their mean area, so that levels differ in the eighth digit: what is over goes to the parts by their size.

    ``ValueError`` where more than a millionth is over: then they are not the parts of it.
    """
    size = math.fsum(map(abs, parts))
    over = total - math.fsum(parts)
    if abs(over) > 1e-6 * size + 1e-6:
        raise ValueError(f"parts that sum to {math.fsum(parts)} are not those of {total}")
    return [one + over * abs(one) / size for one in parts] if size else list(parts)


def apportioned(total: int, parts: Sequence[float]) -> list[int]:
    """Whole numbers that sum to ``total`` and lie less than one beside ``parts``, which sum to it but for rounding:
    all rounded down, then one more to the largest remainders, the first of equals."""
    whole = [math.floor(one) for one in parts]
    order = sorted(range(len(parts)), key=lambda place: (whole[place] - parts[place], place))
    missing = total - sum(whole)
    step = 1 if missing > 0 else -1
    for place in (order if missing > 0 else order[::-1])[: abs(missing)]:
        whole[place] += step
    if sum(whole) != total:
        raise ValueError(f"parts that sum to {math.fsum(parts)} are not those of {total}")
    return whole

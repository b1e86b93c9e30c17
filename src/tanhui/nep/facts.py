"""What maps and papers of a run say, gathered once from its folder: who, where, which years, by what method, from what.

Papers invent nothing: what is not in the folder and was not handed in is printed as missing.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import rasterio

from tanhui.nep import change, joining, methodology, rows, validation, words
from tanhui.nep import plan as plans
from tanhui.nep.methodology import Methodology
from tanhui.nep.rows import Row, Statistics
from tanhui.science import ecosystems

NATURAL_EARTH = "natural earth"
DEMONSTRATION = "演示"
Found: TypeAlias = Mapping[str, Any]  # what `validation.json` and `verification.json` hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """Who publishes what. ``review_number`` is the map review number (审图号), never invented; ``issued`` the day
    printed on the paper and kept in the file; ``boundaries`` where the zones' outlines come from."""

    area: str = ""
    authority: str = ""
    review_number: str = ""
    boundaries: str = ""
    issued: date | None = None
    demonstration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A layer or a level of zones that was handed in, as plan and record tell it; ``missing`` cells without data."""

    name: str
    origin: str
    agency: str
    licence: str
    unit: str
    resampling: str
    grade: str
    note: str
    files: int
    missing: int


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """An earlier run, and the parts of its basis that are not this run's."""

    folder: Path
    statistics: Statistics
    differing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A run's folder, read, and an earlier one beside it where there is one to compare with."""

    folder: Path
    imprint: Imprint
    plan: plans.Plan
    record: Mapping[str, Any]
    statistics: Statistics
    validation: Found | None
    verification: Found | None = None
    earlier: Earlier | None = None

    @property
    def measured(self) -> bool:
        """Whether the run has measurements of its own to be held against."""
        return self.validation is not None and not self.validation.get("shipped")

    # -- years, types, rows

    @property
    def years(self) -> tuple[int, ...]:
        return self.statistics.years

    @property
    def last(self) -> int:
        return self.years[-1]

    def row(self, year: int, zone: str, kind: str = rows.ALL, *, level: str) -> Row | None:
        """A row of this run, or of a comparable earlier one."""
        statistics = self.statistics if year in self.years or not self.comparable else self.earlier_statistics
        return statistics.row(year, zone, kind, level)

    @property
    def comparable(self) -> bool:
        """Whether an earlier run was given and made the same way."""
        return self.earlier is not None and not self.earlier.differing

    @property
    def earlier_statistics(self) -> Statistics:
        return self.earlier.statistics if self.earlier else self.statistics

    @property
    def compared(self) -> bool:
        """Whether the last year has a year before it that it may be compared with."""
        return self.whole(self.last - 1) is not None

    def whole(self, year: int, kind: str = rows.ALL) -> Row | None:
        """The row of the whole area; None where the type does not occur."""
        found = self.row(year, rows.ALL, kind, level=rows.AREA)
        return found if found and found.area_m2 > 0 else None

    def computed(self, kind: str) -> bool:
        """Whether the run's method gives the type a figure."""
        return self.methodology.counts(kind)

    def present(self, year: int) -> list[str]:
        """Types of the area with any land, in their order."""
        return [kind for kind in ecosystems.NAMES if self.whole(year, kind)]

    def zones_of(self, year: int, level: str, kind: str = rows.ALL) -> list[Row]:
        """A level's zones in the order of their codes, what lies outside them last."""
        return self.statistics.of(year, level, kind)

    def computed_m2(self, row: Row) -> float:
        """The part of a row's area whose cells have a value."""
        return self.statistics.computed_m2(row)

    @property
    def levels(self) -> list[str]:
        """Levels of zones, in the order they were asked for."""
        asked = [one.level for one in self.plan.zones]
        return [*asked, *(one for one in self.statistics.levels if one not in (*asked, rows.AREA))]

    # -- files

    def layer(self, year: int, name: str) -> Path:
        if name == joining.COVER:
            return joining.cover(self.folder, year)
        folder = self.folder
        if self.earlier and self.comparable and year not in self.years:
            folder = self.earlier.folder
        return folder / "layers" / str(year) / f"{name}.tif"

    def has(self, year: int, name: str) -> bool:
        return self.layer(year, name).is_file()

    @cached_property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the grid."""
        with rasterio.open(self.layer(self.last, "nep")) as layer:
            return int(layer.width), int(layer.height)

    def zones(self, level: str) -> Path:
        return self.folder / "zones" / f"{level}.tif"

    def boundaries_of(self, level: str) -> Path:
        return self.folder / "zones" / f"{level}.geojson"

    def names(self, level: str) -> dict[str, str]:
        """Names of a level's zones by code, in the order of their numbers."""
        told = json.loads((self.folder / "zones" / f"{level}.json").read_text())
        return {zone["code"]: zone["name"] for zone in told["zones"]}

    @property
    def drawn_level(self) -> str:
        """The level whose outlines and names maps show: the first that was asked for."""
        return self.levels[0] if self.levels else ""

    # -- sentences

    @property
    def moment(self) -> datetime:
        """The date inside the files: the day of issue, else the end of the last year, never the clock."""
        day = self.imprint.issued or date(self.last, 12, 31)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)

    @property
    def issued_zh(self) -> str:
        day = self.imprint.issued
        return f"{day.year}年{day.month}月{day.day}日" if day else "＿＿＿＿（编制日期未填）"

    @property
    def area(self) -> str:
        return self.imprint.area or self.plan.area or "核算区"

    @cached_property
    def methodology(self) -> Methodology:
        """How the figures were found, in words."""
        return methodology.of(self.plan, self.record)

    @property
    def models(self) -> tuple[str, ...]:
        """Keys of the respiration models in the ensemble."""
        return self.statistics.models

    @property
    def method_line(self) -> str:
        return self.methodology.line

    @property
    def source_line(self) -> str:
        return "；".join(dict.fromkeys(one.origin for one in self.sources if one.origin)) or "未注明"

    @cached_property
    def sources(self) -> list[Source]:
        """Layers in the order of the plan."""
        return [self.source(name, layer) for name, layer in self.plan.layers.items()]

    def source(self, name: str, layer: plans.Layer) -> Source:
        made = [one for one in self.record["inputs"].values() if one["quantity"] == name]
        ways = dict.fromkeys(words.RESAMPLING.get(one["resampling"], one["resampling"]) for one in made)
        return Source(
            name=words.LAYERS.get(name, name),
            origin=layer.source,
            agency=layer.agency,
            licence=layer.licence,
            unit=made[0]["said"]["unit"] if made else layer.unit,
            resampling=words.listed(one for one in ways if one),
            grade=layer.grade,
            note=layer.note,
            files=sum(len(one["sources"]) for one in made),
            missing=sum(int(one["missing"]) for one in made),
        )

    @property
    def boundaries(self) -> str:
        """Where outlines come from: as the imprint says, else as the plan does."""
        return self.imprint.boundaries or "；".join(dict.fromkeys(one.source for one in self.plan.zones if one.source))

    def absent_types(self, few: bool) -> str:
        """Which types have no map of their own, and why; ``few``: some share one because they have next to no land."""
        here = {kind for year in self.years for kind in self.present(year)}
        how = self.methodology
        never = [words.TYPES[kind][0] for kind in ecosystems.NAMES if kind in here and not how.suits(kind)]
        lost = [
            words.TYPES[kind][0] for kind in ecosystems.NAMES if kind in here and how.suits(kind) > how.counts(kind)
        ]
        none = [words.TYPES[kind][0] for kind in ecosystems.NAMES if kind not in here]
        named = "NPP − Rh 方法" if how.modelled else how.name
        said = [f"{words.listed(never)}不适用{named}，不单独成图"] if never else []
        said += [f"系数表中没有{words.listed(lost)}的系数，未予核算"] if lost else []
        said += [f"核算区内无{words.listed(none)}"] if none else []
        said += ["面积不足全区 2% 的类型合为一图"] if few else []
        return "；".join(said) + "。" if said else "各类型均单独成图。"

    def printed_imprint(self) -> dict[str, Any]:
        imprint = self.imprint
        return {
            "area": self.area,
            "authority": imprint.authority or "＿＿＿＿（编制单位未填）",
            "issued": self.issued_zh,
            "review": imprint.review_number or words.NOT_REVIEWED,
            "boundaries": self.boundaries,
            "natural_earth": NATURAL_EARTH in self.boundaries.lower(),
            "demonstration": imprint.demonstration,
        }

    # -- what stands beside a map

    def figures(self, year: int, kind: str) -> list[tuple[str, str]]:
        row = self.whole(year, kind)
        if row is None:
            return []
        sink = mass(row)
        return [
            ("面积", f"{words.square_kilometres(row.area_m2)} km²"),
            ("固碳量（折 CO₂）", f"{sink.value} {sink.unit}/年"),
            ("90% 区间", f"{sink.interval} {sink.unit}"),
            ("保守下限", f"{sink.also(row.conservative_kg_co2)} {sink.unit}"),
            ("有数据面积占比", words.percent(row.coverage)),
        ]

    def areas(self, year: int) -> list[tuple[str, str]]:
        whole = self.whole(year)
        if whole is None or not whole.area_m2:
            return []
        rows = [(kind, self.whole(year, kind)) for kind in self.present(year)]
        return [
            (
                words.TYPES[kind][0],
                f"{words.square_kilometres(row.area_m2)} km²（{words.percent(row.area_m2 / whole.area_m2)}）",
            )
            for kind, row in rows
            if row is not None
        ]

    def uncertainty(self, year: int) -> list[tuple[str, str]]:
        row = self.whole(year)
        if row is None:
            return []
        labels = self.methodology.errors
        return [(f"{labels[key]}（1σ）", kilograms(value)) for key, value in row.sigma_kg_co2.items() if key in labels]

    def flagged(self, year: int) -> list[tuple[str, str]]:
        row = self.whole(year)
        if row is None:
            return []
        cells = sum(row.flags.get(key, 0) for key in ("nodata",)) + row.cells
        return [
            (
                label[0],
                f"{words.whole(round(row.flags[key]))} 个像元（{words.percent(row.flags[key] / max(cells, 1), 2)}）",
            )
            for key, label in words.FLAGS.items()
            if key in row.flags and (self.methodology.modelled or key != "rh_above_respiration")
        ]

    def changed(self, year: int) -> list[tuple[str, str]]:
        now, before = self.whole(year), self.whole(year - 1)
        if now is None or before is None:
            return []
        sink = mass(before)
        told = [(f"{row.year}年（折 CO₂）", f"{sink.also(row.nep_kg_co2)} {sink.unit}") for row in (before, now)]
        printed, _ = changed(before, now)
        return [
            *told,
            ("变化量", f"{words.signed(printed.value)} {printed.unit}"),
            ("变化量 90% 区间", f"{printed.interval} {printed.unit}"),
        ]


def mass(row: Row) -> words.Mass:
    """A row's sink in CO₂ with its interval, as it is printed."""
    return words.mass(row.nep_kg_co2, row.lower_kg_co2, row.upper_kg_co2)


def changed(before: Row, now: Row) -> tuple[words.Mass, bool]:
    """What changed between two years with its interval, and whether the interval leaves out zero."""
    away = change.change(before, now)
    printed = words.mass(away.nep_kg_co2, away.lower_kg_co2, away.upper_kg_co2)
    return printed, away.lower_kg_co2 > 0 or away.upper_kg_co2 < 0


def kilograms(number: int) -> str:
    """A mass that has no interval of its own, to about three figures."""
    half = abs(number) // 100
    printed = words.mass(number, number - half, number + half)
    return f"{printed.value} {printed.unit}"


def read(folder: Path, *, imprint: Imprint | None = None, previous: Path | None = None) -> Facts:
    """The facts of a run's folder. What ``imprint`` leaves open is taken from ``paper.toml`` of the folder, if there is
    one; a run whose title says 演示 is a demonstration. ``previous`` is an earlier run's folder, to compare with.

    Refuses what ``plan.read`` refuses.
    """
    asked = plans.read(folder / "plan.toml")
    printed = completed(imprint or Imprint(), imprint_of(folder))
    found = rows.decoded((folder / "statistics.json").read_bytes())
    return Facts(
        folder=folder,
        imprint=replace(printed, demonstration=printed.demonstration or DEMONSTRATION in asked.title),
        plan=asked,
        record=json.loads((folder / "record.json").read_text()),
        statistics=found,
        earlier=earlier_run(previous, found) if previous else None,
        validation=validation.read(folder),
        verification=verified(folder),
    )


def verified(folder: Path) -> Found | None:
    """Who confirmed the figures and what they compared them with: ``verification.json`` of the folder, where whoever
    keeps the accounts wrote one. Its keys: verifier, signed, outcome, opinion, comparisons (with, finding, numbers,
    note)."""
    path = folder / "verification.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else None


def earlier_run(folder: Path, now: Statistics) -> Earlier:
    before = rows.decoded((folder / "statistics.json").read_bytes())
    return Earlier(folder=folder, statistics=before, differing=tuple(change.differing(before.basis, now.basis)))


def completed(given: Imprint, kept: Imprint) -> Imprint:
    """What was given, and what was kept where nothing was."""
    return Imprint(**{one.name: getattr(given, one.name) or getattr(kept, one.name) for one in fields(Imprint)})


def imprint_of(folder: Path) -> Imprint:
    """What ``paper.toml`` of the folder says; keys as the fields of ``Imprint``."""
    path = folder / "paper.toml"
    return replace(Imprint(), **tomllib.loads(path.read_text())) if path.is_file() else Imprint()

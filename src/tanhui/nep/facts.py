"""What maps and papers of a run say, gathered once from its folder: who, where, which years, by what method, from what.

Papers invent nothing: what is not in the folder and was not handed in is printed as missing.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import rasterio

from tanhui.nep import words
from tanhui.science import ecosystems, respiration

NATURAL_EARTH = "natural earth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """Who publishes what. ``review_number`` is the map review number (审图号), never invented; ``issued`` the day
    printed on the paper and kept in the file; ``boundaries`` where the zones' outlines come from."""

    area: str = "核算区"
    authority: str = ""
    review_number: str = ""
    boundaries: str = ""
    issued: date | None = None
    demonstration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of ``statistics.json``: docs/algorithms/nep.md §3."""

    year: int
    level: str
    zone: str
    type: str
    cells: float
    area_m2: float
    coverage: float
    npp_kg_c: int
    rh_kg_c: int
    nep_kg_c: int
    nep_kg_co2: int
    lower_kg_co2: int
    upper_kg_co2: int
    conservative_kg_co2: int
    models: Mapping[str, int] = field(default_factory=dict)
    sigma_kg_co2: Mapping[str, int] = field(default_factory=dict)
    flags: Mapping[str, float] = field(default_factory=dict)

    @property
    def mass(self) -> words.Mass:
        return words.mass(self.nep_kg_co2, self.lower_kg_co2, self.upper_kg_co2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A layer that was handed in, as the record tells it."""

    name: str
    zh: str
    origin: str
    licence: str
    unit: str
    resampling: str
    grade: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A run's folder, read. Rows of ``statistics.json`` stand in its order."""

    folder: Path
    imprint: Imprint
    record: Mapping[str, Any]
    rows: Sequence[Row]
    levels: Sequence[str]

    # -- years, types, rows

    @cached_property
    def years(self) -> list[int]:
        return sorted({row.year for row in self.rows})

    @cached_property
    def known(self) -> dict[tuple[int, str, str, str], Row]:
        return {(row.year, row.level, row.zone, row.type): row for row in self.rows}

    def row(self, year: int, level: str, zone: str, kind: str) -> Row | None:
        return self.known.get((year, level, zone, kind))

    def whole(self, year: int, kind: str = "all") -> Row | None:
        """The row of the whole area."""
        return self.row(year, *TOTAL, kind)

    def computed(self, kind: str) -> bool:
        """Whether NPP − Rh holds for the type."""
        return ecosystems.RULES[ecosystems.CODES[kind]].method == "nep"

    def present(self, year: int) -> list[str]:
        """Types of the area with any land, in their order."""
        return [kind for kind in ecosystems.NAMES if (row := self.whole(year, kind)) and row.area_m2 > 0]

    # -- files

    def layer(self, year: int, name: str) -> Path:
        return self.folder / "layers" / str(year) / f"{name}.tif"

    def has(self, year: int, name: str) -> bool:
        return self.layer(year, name).is_file()

    @cached_property
    def size(self) -> tuple[int, int]:
        """Columns and rows of the grid."""
        with rasterio.open(self.layer(self.years[-1], "nep")) as layer:
            return int(layer.width), int(layer.height)

    def zones(self, level: str) -> Path:
        return self.folder / "zones" / f"{level}.tif"

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
        day = self.imprint.issued or date(self.years[-1], 12, 31)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)

    @property
    def issued_zh(self) -> str:
        day = self.imprint.issued
        return f"{day.year}年{day.month}月{day.day}日" if day else "＿＿＿＿（未填）"

    @cached_property
    def digest(self) -> str:
        return str(self.record.get("digest", ""))

    @property
    def method_line(self) -> str:
        models = words.listed(self.model(key) for key in self.models)
        return f"NEP = NPP − Rh；NPP：{self.npp_source}；Rh：{models}（集合平均）；{self.norm}"

    @property
    def norm(self) -> str:
        return str(self.record["plan"].get("norm") or "未指定规范")

    @property
    def npp_source(self) -> str:
        return str(self.record["plan"].get("npp") or "未注明")

    @cached_property
    def models(self) -> list[str]:
        """Keys of the respiration models in the ensemble."""
        row = next((row for row in self.rows if row.models), None)
        return list(row.models) if row else []

    def model(self, key: str) -> str:
        return respiration.MODELS[key].zh if key in respiration.MODELS else key

    @property
    def source_line(self) -> str:
        return words.listed(dict.fromkeys(one.origin for one in self.sources if one.origin)) or "未注明"

    @cached_property
    def sources(self) -> list[Source]:
        return []

    @property
    def absent_types(self) -> str:
        """Which types have no map of their own, and why."""
        here = {kind for year in self.years for kind in self.present(year)}
        never = [words.TYPES[kind][0] for kind in ecosystems.NAMES if kind in here and not self.computed(kind)]
        none = [words.TYPES[kind][0] for kind in ecosystems.NAMES if kind not in here]
        said = [f"{words.listed(never)}不适用NPP−Rh方法，不单独成图"] if never else []
        said += [f"核算区内无{words.listed(none)}"] if none else []
        return "；".join(said) + "。" if said else "各类型均单独成图。"

    def printed_imprint(self) -> dict[str, Any]:
        imprint = self.imprint
        return {
            "area": imprint.area,
            "authority": imprint.authority,
            "issued": self.issued_zh,
            "review": imprint.review_number or words.NOT_REVIEWED,
            "boundaries": imprint.boundaries,
            "natural_earth": NATURAL_EARTH in imprint.boundaries.lower(),
            "demonstration": imprint.demonstration,
        }

    # -- what stands beside a map

    def figures(self, year: int, kind: str) -> list[tuple[str, str]]:
        row = self.whole(year, kind)
        if row is None:
            return []
        mass = row.mass
        return [
            ("面积", f"{words.square_kilometres(row.area_m2)} km²"),
            ("固碳量（折 CO₂）", f"{mass.value} {mass.unit}/年"),
            ("90% 区间", f"{mass.interval} {mass.unit}"),
            ("保守下限", f"{mass.also(row.conservative_kg_co2)} {mass.unit}"),
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
        return [(f"{words.SIGMA_SHORT[key]}（1σ）", kilograms(value)) for key, value in row.sigma_kg_co2.items()]

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
            if key in row.flags
        ]

    def changed(self, year: int) -> list[tuple[str, str]]:
        now, before = self.whole(year), self.whole(year - 1)
        if now is None or before is None:
            return []
        mass = before.mass
        told = [
            (f"{year}年（折 CO₂）", f"{mass.also(row.nep_kg_co2)} {mass.unit}")
            for year, row in ((year - 1, before), (year, now))
        ]
        return [*told, ("变化量", f"{words.signed(mass.also(now.nep_kg_co2 - before.nep_kg_co2))} {mass.unit}")]


TOTAL = ("area", "all")


def kilograms(number: int) -> str:
    """A mass that has no interval of its own, to three figures."""
    half = abs(number) // 100
    mass = words.mass(number, number - half, number + half)
    return f"{mass.value} {mass.unit}"


def read(folder: Path, *, imprint: Imprint | None = None) -> Facts:
    """The facts of a run's folder. ``imprint`` stands before ``paper.toml`` of the folder, where there is one."""
    record = json.loads((folder / "record.json").read_text())
    told = json.loads((folder / "statistics.json").read_text())["rows"]
    rows = [Row(**{key: value for key, value in row.items() if key in Row.__slots__}) for row in told]
    levels = [path.stem for path in sorted((folder / "zones").glob("*.json"))]
    return Facts(folder=folder, imprint=imprint or imprint_of(folder), record=record, rows=rows, levels=levels)


def imprint_of(folder: Path) -> Imprint:
    """What ``paper.toml`` of the folder says; keys as the fields of ``Imprint``."""
    path = folder / "paper.toml"
    return replace(Imprint(), **tomllib.loads(path.read_text())) if path.is_file() else Imprint()

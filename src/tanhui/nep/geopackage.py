"""Results on the map: a GeoPackage with a layer for each level of zones, columns of every year, and the whole table.

Layers are in CGCS2000 degrees. Columns have short names for programs and Chinese titles and descriptions after the
GeoPackage schema extension, which QGIS and GDAL show as aliases.
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import shapely

from tanhui.nep import methodology, refusals, statistics, store, words, zonefile
from tanhui.nep.rows import AREA, Row, Statistics
from tanhui.nep.wording import why
from tanhui.science import ecosystems

FILE = "zones.gpkg"
TABLE = "statistics"
WHOLE = ("nep_kg_co2", "lower_kg_co2", "upper_kg_co2", "conservative_kg_co2", "nep_kg_c", "npp_kg_c", "rh_kg_c")
RULES = (
    "；".join(f"{name}：{label}" for name, label in methodology.SHORT.items()) + "；not_applicable：不适用；sum：合计"
)
TITLES = {
    "nep_kg_co2": ("固碳量", "存量碳汇折二氧化碳，千克CO₂/年"),
    "lower_kg_co2": ("区间下限", "90%区间下限，千克CO₂/年"),
    "upper_kg_co2": ("区间上限", "90%区间上限，千克CO₂/年"),
    "conservative_kg_co2": ("保守下限", "用于抵消任何排放时只能使用的值，千克CO₂/年"),
    "nep_kg_c": ("NEP", "净生态系统生产力，千克碳/年"),
    "npp_kg_c": ("NPP", "净初级生产力，千克碳/年"),
    "rh_kg_c": ("异养呼吸", "异养呼吸，集合平均，千克碳/年"),
    "coverage": ("有数据面积占比", "应核算面积中有数据的比例，0 至 1"),
    "area_m2": ("面积", "椭球面积，平方米"),
    "change_kg_co2": ("较上年变化", "较上年变化量，千克CO₂/年"),
}
SCHEMA = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
  max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a layer: its name, Chinese title and description, and values; None is no value."""

    name: str
    title: str
    description: str
    values: Sequence[Any]


def write(folder: Path) -> Path:
    """Write ``archive/zones.gpkg`` from ``statistics.json`` and the zones' outlines; the same bytes each time."""
    found = statistics.read(folder)
    out = Path(folder) / "archive" / FILE
    try:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            store.put(out, made(Path(scratch) / FILE, Path(folder), found))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError, sqlite3.Error, OSError) as problem:
        raise refusals.CannotWrite(path=FILE, problem=why(problem)) from problem
    return out


def made(path: Path, folder: Path, found: Statistics) -> bytes:
    """The file's bytes, built at ``path``."""
    said: list[tuple[str, str, list[Column]]] = []
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{found.years[-1]}-12-31T00:00:00.000Z"})
    try:
        for level in (one for one in found.levels if one != AREA):
            outlines, columns = layer(folder, found, level)
            put(path, level, outlines, columns)
            said.append((level, words.level(level), columns))
        columns = list(table(found))
        put(path, TABLE, None, columns)
        said.append((TABLE, "统计表", columns))
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    describe(path, said)
    return path.read_bytes()


def layer(folder: Path, found: Statistics, level: str) -> tuple[Any, list[Column]]:
    """Outlines of a level's zones, and what is known of each."""
    drawn = json.loads((Path(folder) / "zones" / f"{level}.geojson").read_bytes())["features"]
    outlines = np.array([shapely.to_wkb(shapely.geometry.shape(one["geometry"])) for one in drawn], dtype=object)
    codes = [one["properties"]["code"] for one in drawn]
    columns = [
        Column("code", "区域代码", "区域代码", codes),
        Column("name", "区域名称", "区域名称", [one["properties"]["name"] for one in drawn]),
    ]
    for year in found.years:
        whole = [found.row(year, code, level=level) for code in codes]
        for name in ("area_m2", *WHOLE, "coverage", "change_kg_co2"):
            title, description = TITLES[name]
            values = [None if row is None else getattr(row, name) for row in whole]
            columns.append(Column(f"y{year}_{name}", f"{year}年{title}", f"{year}年{description}", values))
        for kind in present(found, level, year):
            rows = [found.row(year, code, kind, level) for code in codes]
            label = words.TYPES[kind][0]
            columns.append(
                Column(
                    f"y{year}_{kind}_kg_co2",
                    f"{year}年{label}固碳量",
                    f"{year}年{label}存量碳汇，千克CO₂/年",
                    [None if row is None or (row.due and not row.cells) else row.nep_kg_co2 for row in rows],
                )
            )
    return outlines, columns


def present(found: Statistics, level: str, year: int) -> list[str]:
    """Types with a sink anywhere in the level, in their order."""
    here = {row.type for row in found.rows if row.level == level and row.year == year and row.rule != "not_applicable"}
    return [kind for kind in ecosystems.NAMES if kind in here]


def table(found: Statistics) -> Iterator[Column]:
    """Every row of the statistics, a column a field; what has several values is a column each."""
    rows = found.rows

    def of(name: str, title: str, description: str = "") -> Column:
        return Column(name, title, description or title, [getattr(row, name) for row in rows])

    yield of("year", "年份")
    yield of("level", "层级", "区域层级；area 为全区")
    yield of("zone", "区域代码", "区域代码；all 为全区，空为各区域之外")
    yield of("name", "区域名称")
    yield of("type", "类型", "生态系统类型代码")
    yield Column("type_name", "类型名称", "生态系统类型", [words.TYPES[row.type][0] for row in rows])
    yield of("rule", "核算方法", RULES)
    yield Column("cells", "有效像元", "有数据的像元数；按精确占比统计时含小数", [float(row.cells) for row in rows])
    for name in ("area_m2", "coverage", *WHOLE, "change_kg_co2"):
        yield of(name, *TITLES[name])
    yield Column("jump", "是否突变", "较上年变幅超过40%：1 为是", [int(row.jump) for row in rows])
    for name, label in words.SIGMA_SHORT.items():
        yield values(
            rows, f"sigma_{name}_kg_co2", f"误差：{label}", f"{label}误差，1σ，千克CO₂/年", "sigma_kg_co2", name
        )
    for name in found.models:
        yield values(rows, f"rh_{name}_kg_c", f"Rh：{name}", f"模型 {name} 的异养呼吸，千克碳/年", "models", name)
    for name, (label, _) in words.FLAGS.items():
        yield values(rows, f"cells_{name}", f"像元：{label}", f"{label}的像元数", "flags", name)


def values(rows: Sequence[Row], name: str, title: str, description: str, field: str, key: str) -> Column:
    return Column(name, title, description, [float(getattr(row, field).get(key, 0)) for row in rows])


def put(path: Path, name: str, outlines: Any, columns: Sequence[Column]) -> None:
    """Add a layer, or a table without outlines."""
    data, masks = zip(*(array(column.values) for column in columns), strict=True)
    pyogrio.raw.write(
        path,
        outlines,
        list(data),
        [column.name for column in columns],
        field_mask=list(masks),
        layer=name,
        driver="GPKG",
        geometry_type=None if outlines is None else "MultiPolygon",
        promote_to_multi=outlines is not None,
        crs=None if outlines is None else zonefile.CGCS2000,
        append=path.exists(),
    )


def array(found: Sequence[Any]) -> tuple[Any, Any]:
    """A column as numpy has it: text, whole numbers or fractions; and where there is no value, if anywhere."""
    empty = np.array([one is None for one in found])
    if any(isinstance(one, str) for one in found):
        return np.array(list(found), dtype=object), None
    whole = all(one is None or isinstance(one, int) for one in found)
    filled = np.array([0 if one is None else one for one in found], np.int64 if whole else np.float64)
    return filled, empty if empty.any() else None


def describe(path: Path, layers: Sequence[tuple[str, str, Sequence[Column]]]) -> None:
    """Chinese titles of layers and columns, after the schema extension of GeoPackage 1.2."""
    with sqlite3.connect(path) as book:
        there = {name for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "gpkg_data_columns" not in there:
            book.executescript(SCHEMA)
        if "gpkg_extensions" not in there:
            book.execute(
                "CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, "
                "definition TEXT NOT NULL, scope TEXT NOT NULL, UNIQUE (table_name, column_name, extension_name))"
            )
        for name in ("gpkg_data_columns", "gpkg_data_column_constraints"):
            book.execute(
                "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', "
                "'http://www.geopackage.org/spec121/#extension_schema', 'read-write')",
                (name,),
            )
        for name, title, columns in layers:
            book.execute(
                "UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?",
                (title, f"{title}：生态系统存量碳汇统计", name),
            )
            book.executemany(
                "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description) "
                "VALUES (?, ?, ?, ?, ?)",
                [(name, one.name, one.title, one.title, one.description) for one in columns],
            )
    book.close()

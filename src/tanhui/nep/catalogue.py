"""The run as a STAC collection: an item for each year, the joined layers and the files of the archive as assets.

STAC 1.1 with the projection, raster and file extensions; written from the record, never from the clock. Addresses are
relative, so that the folder can be moved or served as it is.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pystac
from pyproj import Transformer

from tanhui.nep import methodology, run, statistics, store, words
from tanhui.nep import plan as plans
from tanhui.nep.grid import Grid, system
from tanhui.nep.rows import AREA, Row, Statistics

PLACE = Path("archive") / "stac"
EXTENSIONS = (
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "https://stac-extensions.github.io/raster/v2.0.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
)
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
FILES = {
    "statistics.json": ("application/json", "统计结果（程序用）"),
    "archive/statistics.xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "统计数据（工作簿）",
    ),
    "archive/statistics.csv": ("text/csv", "统计数据（CSV）"),
    "archive/zones.gpkg": ("application/geopackage+sqlite3", "区域矢量与统计（GeoPackage）"),
    "archive/atlas/atlas.pdf": ("application/pdf", "图集"),
    "archive/report.pdf": ("application/pdf", "分析评价报告"),
    "archive/bulletin.pdf": ("application/pdf", "公报"),
    "archive/special.pdf": ("application/pdf", "专报"),
    "record.json": ("application/json", "核算记录：格网、输入、方法与摘要"),
    "plan.toml": ("application/toml", "核算计划"),
}
LAYERS = {
    "nep": "净生态系统生产力 NEP",
    "npp": "净初级生产力 NPP",
    "rh": "异养呼吸 Rh（集合平均）",
    "spread": "异养呼吸模型间标准差",
    "flags": "像元标记：1 Rh 大于总呼吸，2 超出合理范围，4 较上年突变，8 无数据",
    "landcover": "生态系统类型：1 森林，2 灌丛，3 草地，4 湿地，5 农田，6 城市，7 水域，8 其他",
}


def write(folder: Path) -> Path:
    """Write ``archive/stac/collection.json`` and ``archive/stac/<year>.json``; returns the collection. Assets are the
    files that stand in the folder now, so it is written last. The same bytes each time."""
    folder = Path(folder)
    plan, record = plans.read(folder / "plan.toml"), run.read_record(folder)
    found, grid = statistics.read(folder), run.grid_of(record)
    box, how = bounds(grid), methodology.of(plan, record)
    collection = pystac.Collection(
        id=f"tanhui-nep-{found.run[:16]}",
        title=plan.title or f"{plan.area}生态系统存量碳汇",
        description=f"{plan.area}生态系统存量碳汇核算成果，{words.years(found.years)}年；{how.line}。"
        "存量碳汇为统计量，不是减排量，不得用于碳市场抵销。",
        extent=pystac.Extent(
            pystac.SpatialExtent([box]), pystac.TemporalExtent([[begin(found.years[0]), end(found.years[-1])]])
        ),
        license="other",
        keywords=["存量碳汇", *(["净生态系统生产力", "NEP"] if not how.direct else [how.name]), plan.area],
        extra_fields={
            "tanhui:run": found.run,
            "tanhui:record": record["digest"],
            "tanhui:npp_method": plan.npp["method"],
            "tanhui:rh_models": list(found.models),
            "tanhui:norm": dict(plan.norm),
            **({"tanhui:way": record["way"]} if how.told else {}),
            "tanhui:sources": [source(one) for _, one in sorted(plan.layers.items())],
        },
        stac_extensions=[EXTENSIONS[2]],
    )
    for file, (media, title) in FILES.items():
        if (folder / file).is_file():
            collection.add_asset(file.rsplit("/", 1)[-1], asset(folder, file, media, title, "metadata"))
    items = {year: item(folder, found, grid, box, year) for year in found.years}
    for year, one in items.items():
        collection.add_link(
            pystac.Link("item", f"./{year}.json", media_type=pystac.MediaType.GEOJSON, title=f"{year}年")
        )
        for rel in ("root", "parent", "collection"):
            one.add_link(pystac.Link(rel, "./collection.json", media_type=pystac.MediaType.JSON))
        one.collection_id = collection.id
        put(folder / PLACE / f"{year}.json", one.to_dict(include_self_link=False, transform_hrefs=False))
    collection.links = [one for one in collection.links if one.rel != "root"]
    collection.add_link(pystac.Link("root", "./collection.json", media_type=pystac.MediaType.JSON))
    said = collection.to_dict(include_self_link=False, transform_hrefs=False)
    put(folder / PLACE / "collection.json", said)
    return folder / PLACE / "collection.json"


def put(path: Path, said: Mapping[str, Any]) -> None:
    store.put(path, json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n")


def item(folder: Path, found: Statistics, grid: Grid, box: list[float], year: int) -> pystac.Item:
    """A year: its layers, and what the whole area came to."""
    west, south, east, north = box
    whole = found.row(year)
    made = pystac.Item(
        id=f"tanhui-nep-{found.run[:16]}-{year}",
        geometry={
            "type": "Polygon",
            "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
        },
        bbox=box,
        datetime=None,
        start_datetime=begin(year),
        end_datetime=end(year),
        properties={"title": f"{year}年", **projection(grid), **({} if whole is None else totals(whole))},
        stac_extensions=list(EXTENSIONS),
    )
    for name, title in LAYERS.items():
        file = f"layers/{year}/{name}.tif"
        if (folder / file).is_file():
            one = asset(folder, file, COG, title, "data")
            one.extra_fields["bands"] = [band(name)]
            made.add_asset(name, one)
    for level in (one for one in found.levels if one != AREA):
        file = f"zones/{level}.geojson"
        if (folder / file).is_file():
            title = words.level(level)
            made.add_asset(
                f"zones-{level}", asset(folder, file, pystac.MediaType.GEOJSON, f"区域：{title}", "metadata")
            )
    for sheet in drawn(folder):
        if sheet["year"] == year:
            file = f"archive/atlas/{sheet['page']}"
            made.add_asset(
                f"map-{sheet['name']}", asset(folder, file, pystac.MediaType.PNG, sheet["title_zh"], "overview")
            )
    return made


def drawn(folder: Path) -> list[dict[str, Any]]:
    """The sheets of the atlas, where it was drawn."""
    path = folder / "archive" / "atlas" / "index.json"
    return list(json.loads(path.read_bytes())["maps"]) if path.is_file() else []


def totals(row: Row) -> dict[str, Any]:
    """The whole area's sink, never without its interval."""
    names = ("nep_kg_co2", "lower_kg_co2", "upper_kg_co2", "conservative_kg_co2", "area_m2", "coverage")
    return {f"tanhui:{name}": getattr(row, name) for name in names}


def asset(folder: Path, file: str, media: str, title: str, role: str) -> pystac.Asset:
    """A file with its size and SHA-256 as a multihash, by a path relative to the catalogue."""
    path = folder / file
    facts = {"file:size": path.stat().st_size, "file:checksum": f"1220{store.digest(path)}"}
    return pystac.Asset(f"../../{file}", title=title, media_type=media, roles=[role], extra_fields=facts)


def band(name: str) -> dict[str, Any]:
    """How a layer keeps its numbers."""
    encoding = store.QUANTITIES[name]
    said = {"name": name, "data_type": encoding.dtype, "nodata": encoding.nodata}
    return said if encoding.classes else {**said, "unit": encoding.unit, "raster:scale": encoding.scale,
                                          "raster:offset": encoding.offset}  # fmt: skip


def projection(grid: Grid) -> dict[str, Any]:
    """The grid, after the projection extension."""
    place = {"proj:shape": [grid.height, grid.width], "proj:transform": [*grid.transform, 0.0, 0.0, 1.0]}
    place["proj:bbox"] = list(grid.bounds)
    return place | ({"proj:code": grid.crs} if grid.crs.startswith("EPSG:") else {"proj:wkt2": grid.crs})


def bounds(grid: Grid) -> list[float]:
    """West, south, east, north in degrees, as STAC asks (WGS 84; CGCS2000 agrees to centimetres)."""
    if system(grid.crs).is_geographic:
        return [round(one, 9) for one in grid.bounds]
    change = Transformer.from_crs(system(grid.crs), "EPSG:4326", always_xy=True)
    return [round(one, 9) for one in change.transform_bounds(*grid.bounds, densify_pts=21)]


def source(layer: plans.Layer) -> dict[str, str]:
    """Where an input comes from."""
    said = {"layer": layer.name, "source": layer.source, "licence": layer.licence, "agency": layer.agency}
    return {key: value for key, value in said.items() if value}


def begin(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def end(year: int) -> datetime:
    return datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)

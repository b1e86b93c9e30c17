"""A small district, made up and believable, carried out as any run is, for maps and papers."""

import json
from pathlib import Path

import numpy as np
import rasterio
import shapely
from affine import Affine
from rasterio.features import shapes
from rasterio.transform import from_origin
from shapely.geometry import mapping, shape

from tanhui.nep import plan, polygons, run, statistics
from tanhui.nep.grid import Grid

WIDTH, HEIGHT, CELL = 150, 110, 200.0
GRID = Grid("EPSG:4549", (CELL, 0.0, 560_000.0, 0.0, -CELL, 3_330_000.0), WIDTH, HEIGHT)
NPP = {0: 0, 1: 905, 2: 690, 3: 560, 4: 640, 5: 655, 6: 150, 7: 0, 8: 60}  # gC m-2 a-1 by type
TOWNS = ("青山镇", "临江街道", "云溪乡", "东湖街道", "南塘镇", "大岭镇")
CODES = tuple(f"9990011{number:02}" for number in range(1, len(TOWNS) + 1))


def waves(seed: int) -> np.ndarray:
    """A smooth field between about −1 and 1."""
    chance = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    field = np.zeros((HEIGHT, WIDTH))
    for _ in range(9):
        a, b, phase = chance.uniform(-0.09, 0.09), chance.uniform(-0.09, 0.09), chance.uniform(0, 6.28)
        field += np.sin(a * rows + b * columns + phase)
    return field / 4


def save(path: Path, data: np.ndarray, *, nodata: float, scale: float = 1.0, unit: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {
        "driver": "GTiff",
        "width": WIDTH,
        "height": HEIGHT,
        "count": 1,
        "dtype": data.dtype,
        "crs": "EPSG:4549",
        "transform": from_origin(560_000, 3_330_000, CELL, CELL),
        "nodata": nodata,
        "compress": "zstd",
    }
    with rasterio.open(path, "w", **profile) as layer:
        layer.write(data, 1)
        layer.scales = (scale,)
        layer.units = (unit,)


def towns() -> np.ndarray:
    """Zone numbers: whatever town is nearest, inside a lobed border; 0 outside."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    chance = np.random.default_rng(3)
    seats = np.column_stack([chance.uniform(20, HEIGHT - 20, len(TOWNS)), chance.uniform(25, WIDTH - 25, len(TOWNS))])
    bend = 6 * waves(8)
    far = [np.hypot(rows + bend - r, columns - bend - c) for r, c in seats]
    nearest = np.argmin(far, axis=0).astype(np.uint16) + 1
    turn = np.arctan2(rows - HEIGHT / 2, (columns - WIDTH / 2) * HEIGHT / WIDTH)
    reach = np.hypot(rows - HEIGHT / 2, (columns - WIDTH / 2) * HEIGHT / WIDTH)
    return np.where(reach < 46 + 5 * np.sin(3 * turn) + 3 * np.cos(5 * turn), nearest, 0).astype(np.uint16)


def cover() -> np.ndarray:
    field = waves(1) + 0.3 * waves(2)
    cuts = np.quantile(field, [0.04, 0.10, 0.17, 0.45, 0.52, 0.58, 0.98])
    order = np.array([7, 4, 6, 5, 3, 2, 1, 8], dtype=np.uint8)
    return order[np.digitize(field, cuts)]


def boundaries(at: Path, parcels: np.ndarray) -> None:
    """The towns as polygons, as anybody hands them in."""
    pieces = {int(number): shape(outline) for outline, number in shapes(parcels.astype(np.int32)) if number}
    order = sorted(pieces)
    place = Affine(*GRID.transform)
    smooth = shapely.coverage_simplify([pieces[number] for number in order], 1.5)
    there = [shapely.transform(one, lambda xs, ys: place * (xs, ys), interleaved=False) for one in smooth]
    degrees = polygons.moved(np.array(there), GRID.crs, "EPSG:4490")
    rows = [
        {"type": "Feature", "properties": {"XZQDM": code, "XZQMC": name}, "geometry": mapping(one)}
        for code, name, one in zip(CODES, TOWNS, degrees, strict=True)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    told = {"type": "FeatureCollection", "crs": crs, "features": rows}
    (at / "towns.geojson").write_text(json.dumps(told, ensure_ascii=False))


PLAN = """
title = "示例区生态系统存量碳汇核算"
area = "示例区"
years = {years}

[grid]
like = "npp"

[npp]
method = "raster"
reference = "MOD17A3HGF v061"
grade = "P"

[rh]
models = ["pei", "raich_potter_bond_lamberty"]

[norm]
id = "GB/T 46869-2025"

[layers.npp]
path = "npp_{{year}}.tif"
unit = "gC m-2 a-1"
source = "MOD17A3HGF v061（NASA LP DAAC）"
licence = "公开"
grade = "P"

[layers.temperature]
constants = [5, 7, 11, 16.5, 21.5, 25, 29, 28.5, 24.5, 19, 13, 7]
unit = "degC"
source = "区气象站多年平均"
licence = "共享协议"
grade = "B"

[layers.precipitation]
constants = [80, 85, 140, 120, 125, 230, 150, 170, 120, 70, 75, 60]
unit = "mm"
source = "区气象站多年平均"
licence = "共享协议"
grade = "B"

[layers.landcover]
path = "landcover_{{year}}.tif"
source = "年度国土变更调查"
licence = "内部"
grade = "A"

[[zones]]
level = "township"
path = "towns.geojson"
code = "XZQDM"
name = "XZQMC"
source = "示例行政界线"
"""


def folder(at: Path, *, years: tuple[int, ...] = (2023, 2024), asked: str = PLAN) -> Path:
    """Carry the run out in ``at``; what was handed in lies beside it."""
    given = at / "given"
    given.mkdir(parents=True)
    parcels = towns()
    types = np.where(parcels > 0, cover(), 0).astype(np.uint8)
    boundaries(given, parcels)
    for number, year in enumerate(years):
        npp = np.vectorize(NPP.get)(types) * (1 + 0.12 * waves(20 + number)) * (1 + 0.03 * number)
        gaps = waves(40 + number) > 1.15
        numbers = np.where(gaps, -32768, np.round(npp * 10)).astype(np.int16)
        save(given / f"npp_{year}.tif", numbers, nodata=-32768, scale=0.1, unit="gC m-2 a-1")
        save(given / f"landcover_{year}.tif", types, nodata=0)
    out = at / "run"
    run.prepare(plan.parse(asked.format(years=list(years)), base=given), out)
    run.carry_out(out, workers=1)
    statistics.compute(out)
    return out

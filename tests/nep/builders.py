"""Small made-up rasters and a plan over them, for whoever needs a run in a test."""

import json
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

from tanhui.nep import plan, run

WEST, NORTH, CELL = 120.5, 30.4, 0.01
ROWS, COLUMNS = 40, 60
TEMPERATURE = [5, 7, 11, 16.5, 21.5, 25, 29, 28.5, 24.5, 19, 13, 7]
RAIN = [80, 85, 140, 120, 125, 230, 150, 170, 120, 70, 75, 60]

PLAN = """
title = "上虞区生态系统存量碳汇（样例）"
area = "样例区"
years = [2023]

[grid]
like = "npp"

[npp]
method = "raster"
sigma = 0.2

[rh]
models = ["pei", "raich_potter_bond_lamberty"]

[landcover]
scheme = "igbp"

[layers.npp]
path = "npp-{year}.tif"
source = "made up for tests"
licence = "CC0"

[layers.temperature]
path = "temperature-{year}.tif"
source = "made up for tests"

[layers.precipitation]
path = "precipitation-{year}.tif"
source = "made up for tests"

[layers.landcover]
path = "landcover.tif"
source = "made up for tests"

[[zones]]
level = "town"
path = "towns.geojson"
code = "code"
name = "name"
"""


def save(
    path, values, *, unit="", scale=None, nodata=None, crs="EPSG:4490", cell=CELL, west=WEST, north=NORTH, **options
):
    """A GeoTIFF of one or more bands."""
    bands = values if values.ndim == 3 else values[None]
    with rasterio.open(
        path, "w", driver="GTiff", count=len(bands), height=bands.shape[1], width=bands.shape[2], dtype=bands.dtype,
        crs=crs, transform=from_origin(west, north, cell, cell), nodata=nodata, **options,
    ) as file:  # fmt: skip
        file.write(bands)
        if scale is not None:
            file.scales = [scale] * len(bands)
        if unit:
            file.units = [unit] * len(bands)
    return path


def npp(seed=1, rows=ROWS, columns=COLUMNS):
    """Counts of 0.1 gC m-2 a-1; one corner is missing."""
    values = np.random.default_rng(seed).normal(6000, 800, (rows, columns)).astype("int16")
    values[:3, :3] = -32768
    return values


def cover(rows=ROWS, columns=COLUMNS):
    """IGBP: forest, crop, urban, water, wetland in patches, the last row without data."""
    values = np.full((rows, columns), 4, "uint8")
    values[:, columns // 2 :] = 12
    values[rows // 2 : rows // 2 + 6, 10:30] = 13
    values[5:9, 40:50] = 17
    values[20:30, 45:55] = 11
    values[-1] = 255
    return values


def monthly(means, spread, rows=ROWS, columns=COLUMNS, seed=3):
    shape = np.random.default_rng(seed).normal(0, spread, (rows, columns))
    return np.stack([np.full((rows, columns), mean) + shape for mean in means])


def rectangle(code, name, west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"code": code, "name": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def towns(rows=ROWS, columns=COLUMNS, margin=0.02):
    """Two towns that leave a margin outside."""
    east, south = WEST + columns * CELL, NORTH - rows * CELL
    middle = WEST + columns * CELL / 2
    return {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
        "features": [
            rectangle("330604001", "百官街道", WEST + margin, south + margin, middle, NORTH - margin),
            rectangle("330604002", "曹娥街道", middle, south + margin, east - margin, NORTH - margin),
        ],
    }


def small_data(folder: Path, *, years=(2023,), rows=ROWS, columns=COLUMNS) -> Path:
    """The files of ``PLAN`` in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, year in enumerate(years):
        save(folder / f"npp-{year}.tif", npp(number + 1, rows, columns), unit="gC m-2 a-1", scale=0.1, nodata=-32768)
        save(
            folder / f"temperature-{year}.tif",
            (monthly(TEMPERATURE, 0.5, rows, columns) * 100).astype("int16"), unit="degC", scale=0.01, nodata=-32768,
        )  # fmt: skip
        save(
            folder / f"precipitation-{year}.tif",
            monthly(RAIN, 5, rows, columns, seed=4).astype("float32"), unit="mm", nodata=-9999,
        )  # fmt: skip
    save(folder / "landcover.tif", cover(rows, columns), nodata=255)
    (folder / "towns.geojson").write_text(json.dumps(towns(rows, columns), ensure_ascii=False), "utf-8")
    return folder


def changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def small_plan(data: Path, changes: dict[str, str] | None = None, *, years=(2023,)) -> plan.Plan:
    """``PLAN`` over a folder of data, with pieces of its text replaced."""
    text = changed(PLAN, {"years = [2023]": f"years = {list(years)}"} | (changes or {}))
    return plan.parse(text, base=data)


def small_run(
    tmp_path: Path, *, years=(2023,), changes: dict[str, str] | None = None, workers=1, rows=ROWS, columns=COLUMNS
) -> Path:
    """A finished run of the small plan; the run's folder."""
    data = small_data(tmp_path / "data", years=years, rows=rows, columns=columns)
    folder = tmp_path / "run"
    run.prepare(small_plan(data, changes, years=years), folder)
    run.carry_out(folder, workers=workers)
    return folder

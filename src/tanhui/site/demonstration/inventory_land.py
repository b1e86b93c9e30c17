"""A made-up district for the demonstration of stock sinks: 20 km × 20 km of hills, fields and water in cells of 100 m.

Nothing in it is measured. Forms and sizes are those of a district on the Zhejiang plain, climate that of docs/domain
(monthly means of a Shaoxing-like year), so that the sinks come out in the range that is published for the region.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import from_origin

Floats = NDArray[np.float64]
CELLS, METRES = 200, 100.0
CRS = "EPSG:4549"  # CGCS2000, 3-degree Gauss-Kruger zone at 120° E
WEST, NORTH = 575_000.0, 3_320_000.0
BOUNDS = (120.777, 29.815, 120.988, 29.998)  # west, south, east, north in degrees
TEMPERATURE = (5.0, 7.0, 11.0, 16.5, 21.5, 25.0, 29.0, 28.5, 24.5, 19.0, 13.0, 7.0)  # °C
RAIN = (80.0, 85.0, 140.0, 120.0, 125.0, 230.0, 150.0, 170.0, 120.0, 70.0, 75.0, 60.0)  # mm a month
FOREST, SHRUB, GRASS, WETLAND, CROP, URBAN, WATER = range(1, 8)
NPP = {FOREST: 790.0, SHRUB: 640.0, GRASS: 560.0, WETLAND: 610.0, CROP: 650.0, URBAN: 180.0, WATER: 0.0}  # gC m-2 a-1
LINES = [  # code and name of a part of the ecological red line, and its corners on the same plane
    (
        "HX-01", "青岚—竹苑水源涵养红线区",
        [(0.42, 0.80), (0.56, 0.70), (0.72, 0.74), (0.93, 0.70), (0.95, 0.90), (0.60, 0.95)],
    ),
    ("HX-02", "云溪水土保持红线区", [(0.06, 0.84), (0.17, 0.78), (0.28, 0.86), (0.24, 0.95), (0.08, 0.94)]),
]  # fmt: skip
TOWNS = [  # code, name, and its seed on a plane of 0 to 1 from the north-west corner
    ("330699101", "云溪镇", 0.22, 0.72), ("330699102", "青岚乡", 0.55, 0.80), ("330699103", "竹苑镇", 0.82, 0.66),
    ("330699104", "东湖街道", 0.30, 0.30), ("330699105", "稻香镇", 0.62, 0.38), ("330699106", "海涂街道", 0.74, 0.14),
]  # fmt: skip


def smooth(seed: int, metres: float) -> Floats:
    """A field of hills of about this width, with mean 0 and deviation 1: white noise without its short waves."""
    noise = np.random.default_rng(seed).standard_normal((CELLS, CELLS))
    rows, columns = np.meshgrid(np.fft.fftfreq(CELLS), np.fft.rfftfreq(CELLS), indexing="ij")
    kept = np.exp(-((rows**2 + columns**2) * (metres / METRES) ** 2) * 8)
    field: Floats = np.fft.irfft2(np.fft.rfft2(noise) * kept, s=(CELLS, CELLS))
    field -= field.mean()
    field /= field.std()
    return field


def height() -> Floats:
    """Metres above the sea: a plain in the north that rises to hills in the south."""
    southward = np.linspace(0, 1, CELLS)[:, None] ** 1.6
    return np.clip(420 * southward + 110 * southward * smooth(1, 2500), 2, None)


def cover(year: int) -> NDArray[np.uint8]:
    """Types 1 to 7; some fields of the plain are built on every year."""
    high, wet, town = height(), smooth(2, 1800), smooth(3, 1200)
    found = np.full((CELLS, CELLS), CROP, np.uint8)
    found[high > 70] = FOREST
    found[(high > 55) & (high <= 70)] = SHRUB
    found[(high > 70) & (smooth(4, 900) > 1.35)] = GRASS
    found[(high < 30) & (wet > 1.15)] = WETLAND
    found[(high < 45) & (wet > 1.55)] = WATER
    found[(high < 60) & (town > 1.2 - 0.02 * (year - 2020))] = URBAN
    return found


def write(path: Path, values: NDArray[Any], *, unit: str, scale: float = 1.0) -> Path:
    """A GeoTIFF of one or twelve bands; numbers other than types as int16 with scale, unit and missing value."""
    bands = np.atleast_3d(values) if values.ndim == 2 else np.moveaxis(values, 0, -1)
    types = values.dtype == np.uint8
    stored: NDArray[Any] = bands if types else np.round(bands / scale).astype(np.int16)
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path, "w", driver="GTiff", width=CELLS, height=CELLS, count=stored.shape[2], dtype=stored.dtype, crs=CRS,
        transform=from_origin(WEST, NORTH, METRES, METRES), nodata=0 if types else -32768, compress="deflate",
        predictor=2,
    ) as made:  # fmt: skip
        made.write(np.moveaxis(stored, -1, 0))
        if not types:
            made.scales = (scale,) * stored.shape[2]
            made.offsets = (0.0,) * stored.shape[2]
            made.units = (unit,) * stored.shape[2]
            made.update_tags(units=unit)
    return path


def lay(folder: Path, year: int) -> dict[str, Path]:
    """The data of a year in files, by the layer they serve: the same bytes each time."""
    types, high = cover(year), height()
    warm, dry = 0.25 * (year - 2024), 1 - 0.04 * (year - 2024)
    growth = 1 + 0.03 * (year - 2024)
    npp = np.vectorize(NPP.__getitem__)(types) * growth * (1 + 0.10 * smooth(5, 1500) + 0.05 * smooth(year, 300))
    lapse = -0.0055 * (high - 20)
    temperature = np.stack([month + warm + lapse for month in TEMPERATURE])
    rain = np.stack([month * dry * (1 + 0.0006 * high) for month in RAIN])
    return {
        "npp": write(folder / f"npp-{year}.tif", np.clip(npp, 0, 1500), unit="gC m-2 a-1", scale=0.1),
        "temperature": write(folder / f"temperature-{year}.tif", temperature, unit="degC", scale=0.01),
        "precipitation": write(folder / f"precipitation-{year}.tif", rain, unit="mm month-1", scale=0.1),
        "landcover": write(folder / f"landcover-{year}.tif", types, unit=""),
        "zones.township": towns(folder / "townships.geojson"),
        "zones.red_line": red_line(folder / "red-line.geojson"),
    }


def towns(path: Path) -> Path:
    """Six towns: each what lies nearest to its seed, cut from the district."""
    import shapely

    side = CELLS * METRES
    seeds = shapely.MultiPoint([(WEST + x * side, NORTH - y * side) for _c, _n, x, y in TOWNS])
    district = shapely.box(WEST + 800, NORTH - side + 800, WEST + side - 800, NORTH - 800).buffer(600)
    parts = shapely.voronoi_polygons(seeds, extend_to=district).geoms
    mine = [next(one for one in parts if one.contains(seed)).intersection(district) for seed in seeds.geoms]
    return outlines(path, [(code, name, one) for (code, name, _x, _y), one in zip(TOWNS, mine, strict=True)])


def red_line(path: Path) -> Path:
    """The parts of the ecological red line, in the hills; they end where the district does."""
    import shapely

    side = CELLS * METRES
    district = shapely.box(WEST + 800, NORTH - side + 800, WEST + side - 800, NORTH - 800).buffer(600)
    rows = []
    for code, name, corners in LINES:
        drawn = shapely.Polygon([(WEST + x * side, NORTH - y * side) for x, y in corners])
        rows.append((code, name, drawn.buffer(400).buffer(-400).intersection(district)))
    return outlines(path, rows)


def outlines(path: Path, rows: list[tuple[str, str, Any]]) -> Path:
    """Code, name and outline of zones as GeoJSON in degrees."""
    from pyproj import Transformer

    degrees = Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)
    features = []
    for code, name, one in rows:
        ring = [[round(part, 7) for part in degrees.transform(x, y)] for x, y in one.exterior.coords]
        features.append({
            "type": "Feature", "properties": {"code": code, "name": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        })  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), "utf-8")
    return path

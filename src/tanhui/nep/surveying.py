"""What makes a picture a map: a scale true at its centre, north, the lines of longitude and latitude, outlines.

Positions are millimetres on paper from the upper left corner of the map.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
import shapely
from numpy.typing import NDArray

from tanhui.nep import drawing, polygons, zonefile

STEPS = (
    60,
    30,
    20,
    10,
    5,
    2,
    1,
    1 / 2,
    1 / 3,
    1 / 4,
    1 / 6,
    1 / 12,
    1 / 20,
    1 / 30,
    1 / 60,
    1 / 120,
    1 / 360,
    1 / 3600,
)
BAR = 0.28  # share of the map's width that a scale bar may take


@dataclass(frozen=True, slots=True)
class Survey:
    """A view of a grid laid on paper: ``width`` and ``height`` in mm, metres a cell at the centre across and down."""

    view: drawing.View
    crs: pyproj.CRS
    transform: Any  # affine.Affine of the grid
    width: float
    height: float
    across: float
    down: float

    @property
    def frame(self) -> shapely.Geometry:
        return shapely.box(0, 0, self.width, self.height)

    def geographic(self) -> pyproj.Transformer:
        """From the grid to longitude and latitude on its own ellipsoid."""
        return pyproj.Transformer.from_crs(self.crs, self.crs.geodetic_crs, always_xy=True)

    def paper(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Grid coordinates as an array of positions (n, 2)."""
        columns, rows = ~self.transform * (np.asarray(x), np.asarray(y))
        return np.column_stack(
            [
                (columns - self.view.column) * self.width / self.view.width,
                (rows - self.view.row) * self.height / self.view.height,
            ]
        )


def lay(path: Path, seen: drawing.View, *, width: float, height: float) -> Survey:
    """The view of the raster at ``path`` as large as fits into ``width`` × ``height`` mm without being stretched."""
    with rasterio.open(path) as layer:
        crs, transform = pyproj.CRS.from_wkt(layer.crs.to_wkt()), layer.transform
    across, down = cell(crs, transform, seen.column + seen.width / 2, seen.row + seen.height / 2)
    ratio = (seen.width * across) / (seen.height * down)
    size = (width, width / ratio) if width / ratio <= height else (height * ratio, height)
    return Survey(seen, crs, transform, *size, across, down)


def cell(crs: pyproj.CRS, transform: Any, column: float, row: float) -> tuple[float, float]:
    """Metres along one cell across and down at a place of the grid, on the ellipsoid."""
    ends = [(column - 0.5, row), (column + 0.5, row), (column, row - 0.5), (column, row + 0.5)]
    xs, ys = zip(*(transform * end for end in ends), strict=True)
    lon, lat = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(xs, ys)
    geod = crs.get_geod() or pyproj.Geod(ellps="WGS84")
    return geod.inv(lon[0], lat[0], lon[1], lat[1])[2], geod.inv(lon[2], lat[2], lon[3], lat[3])[2]


def scale_bar(survey: Survey) -> tuple[float, float]:
    """Length of the bar in km, one of 1, 2, 5 × 10ⁿ, and in mm: true along a row at the centre of the map."""
    kilometres = survey.view.width * survey.across / 1000
    wish = kilometres * BAR
    power = 10.0 ** math.floor(math.log10(wish))
    length = next(power * factor for factor in (5, 2, 1) if power * factor <= wish)
    return length, length / kilometres * survey.width


def denominator(survey: Survey) -> int:
    """The number behind 1: in the map's scale, to two figures."""
    exact = survey.view.width * survey.across * 1000 / survey.width
    power = 10 ** (math.floor(math.log10(exact)) - 1)
    return int(round(exact / power) * power)


def projection(crs: pyproj.CRS) -> str:
    """The reference system's name and code, as far as it has them."""
    if code := crs.to_epsg():
        return f"{crs.name}（EPSG:{code}）"
    method = crs.coordinate_operation.method_name if crs.coordinate_operation else ""
    return f"自定义投影（{method}）" if method else "自定义坐标系"


def north(survey: Survey) -> float:
    """Degrees clockwise by which true north at the centre turns away from the top of the sheet."""
    seen = survey.view
    x, y = survey.transform * (seen.column + seen.width / 2, seen.row + seen.height / 2)
    there = survey.geographic()
    lon, lat = there.transform(x, y)
    x2, y2 = there.transform(lon, lat + 0.01, direction=pyproj.enums.TransformDirection.INVERSE)
    (here, above) = survey.paper(np.array([x, x2]), np.array([y, y2]))
    return math.degrees(math.atan2(above[0] - here[0], here[1] - above[1]))


@dataclass(frozen=True, slots=True)
class Meridian:
    """A line of the graticule: positions along it, its name, and the side and place where it meets the frame."""

    points: list[tuple[float, float]]
    label: str
    side: str  # "bottom" or "left"
    place: float


def graticule(survey: Survey, *, lines: int = 5) -> list[Meridian]:
    """Lines of longitude and latitude inside the frame, about ``lines`` of each."""
    seen, there = survey.view, survey.geographic()
    edge = np.linspace(0, 1, 33)
    columns = np.concatenate([edge, edge, np.zeros(33), np.ones(33)]) * seen.width + seen.column
    rows = np.concatenate([np.zeros(33), np.ones(33), edge, edge]) * seen.height + seen.row
    lon, lat = there.transform(*(survey.transform * (columns, rows)))
    ranges = (float(np.min(lon)), float(np.max(lon))), (float(np.min(lat)), float(np.max(lat)))
    step = next((one for one in STEPS if max(high - low for low, high in ranges) / one >= lines), STEPS[-1])
    found = []
    for upright, (low, high) in zip((True, False), ranges, strict=True):
        other = np.linspace(*ranges[upright], 65)
        for number in range(math.ceil(low / step), math.floor(high / step) + 1):
            fixed = np.full(65, number * step)
            lon, lat = (fixed, other) if upright else (other, fixed)
            xy = there.transform(lon, lat, direction=pyproj.enums.TransformDirection.INVERSE)
            inside = shapely.intersection(shapely.LineString(survey.paper(*xy)), survey.frame)
            for part in shapely.get_parts(inside):
                points = [(round(px, 3), round(py, 3)) for px, py in shapely.get_coordinates(part)]
                if len(points) < 2:
                    continue
                foot = max(points, key=lambda point: point[1]) if upright else min(points)
                if upright and abs(foot[1] - survey.height) < 0.01:
                    found.append(Meridian(points, degrees(number * step, "EW"), "bottom", foot[0]))
                elif not upright and foot[0] < 0.01:
                    found.append(Meridian(points, degrees(number * step, "NS"), "left", foot[1]))
                else:
                    found.append(Meridian(points, "", "", 0.0))
    return found


def degrees(value: float, letters: str) -> str:
    """121.5 as 121°30′E; seconds only where there are any."""
    seconds = round(abs(value) * 3600)
    whole, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    text = f"{whole}°" + (f"{minutes:02}′" if minutes or rest else "") + (f"{rest:02}″" if rest else "")
    return text + ("" if seconds == 0 else letters[value < 0])


@dataclass(frozen=True, slots=True)
class Outline:
    """A zone on paper: its number, its shape and a place well inside it."""

    number: int
    shape: shapely.Geometry
    inside: tuple[float, float]
    room: float  # mm: how wide the zone is there


def outlines(path: Path, survey: Survey, *, tolerance: float = 0.2) -> list[Outline]:
    """The zones of a level's GeoJSON (degrees of CGCS2000), numbered from 1, with common borders simplified to
    ``tolerance`` mm. What lies outside the frame is left out."""
    features = json.loads(path.read_text())["features"]
    given = np.array([shapely.from_geojson(json.dumps(one["geometry"])) for one in features], dtype=object)
    there = polygons.moved(given, zonefile.CGCS2000, survey.crs.to_wkt())
    paper = shapely.transform(there, lambda xs, ys: tuple(survey.paper(xs, ys).T), interleaved=False)
    drawn = shapely.intersection(shapely.coverage_simplify(paper, tolerance), survey.frame)
    return [
        outline(number, polygon) for number, one in enumerate(drawn, start=1) if not (polygon := areas(one)).is_empty
    ]


def areas(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a shape, as one; without the lines and points that cutting leaves."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon([one for one in parts if shapely.get_type_id(one) == shapely.GeometryType.POLYGON])


def outline(number: int, shape: shapely.Geometry) -> Outline:
    largest = max(shapely.get_parts(shape), key=shapely.area)
    at = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, 0.5))
    x, y = float(at[0][0]), float(at[0][1])
    left, _, right, _ = largest.bounds
    across = shapely.intersection(largest, shapely.LineString([(left - 1, y), (right + 1, y)]))
    room = max((part.length for part in shapely.get_parts(across)), default=0.0)
    return Outline(number, shape, (round(x, 2), round(y, 2)), round(room, 2))


def svg(survey: Survey, lines: Sequence[Meridian], shapes: Sequence[Outline]) -> str:
    """Graticule and outlines as one vector picture of the map's size."""
    drawn = "".join(f'<path d="{d}"/>' for d in (path(line.points, closed=False) for line in lines))
    zones = "".join(f'<path d="{"".join(rings(one.shape))}"/>' for one in shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {survey.width:.3f} {survey.height:.3f}" '
        f'width="{survey.width:.3f}mm" height="{survey.height:.3f}mm" fill="none" stroke-linejoin="round">'
        f'<g stroke="#39424e" stroke-opacity="0.45" stroke-width="0.12">{drawn}</g>'
        f'<g stroke="#ffffff" stroke-opacity="0.75" stroke-width="0.7">{zones}</g>'
        f'<g stroke="#22262b" stroke-width="0.26">{zones}</g></svg>'
    )


def rings(shape: shapely.Geometry) -> Iterator[str]:
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            yield path(list(ring.coords)[:-1], closed=True)


def path(points: Sequence[tuple[float, float]], *, closed: bool) -> str:
    steps = " ".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return f"M{steps}" + ("Z" if closed else "")

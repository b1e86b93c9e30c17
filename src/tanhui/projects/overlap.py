"""Exact overlaps of many polygons with many, and which of them are slivers. Pure; docs/algorithms/uniqueness.md §§2–3.

Polygons and multipolygons are valid and in longitude and latitude, degrees (EPSG:4490).
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from tanhui.projects.shapes import GEOD, Geometries

PARTS = 2  # threads where there is much to do: GEOS works without Python's lock
MANY = 4096  # polygons, or pairs
POLYGON = 3  # shapely's number of the type
NOISE = 1e-7  # degrees, a centimetre: no survey tells borders apart by less


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What is no overlap yet: mean width in m, area in m², share of the smaller polygon in percent."""

    width_m: float
    area_m2: float
    share_percent: float


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Pairs whose interiors meet, ordered by both places: arrays of one length.

    ``mine`` and ``theirs`` are places in what was given, ``shapes`` multipolygons, ``area_m2`` the whole overlap of the
    pair, ``width_m`` the mean width of its widest piece, ``sliver`` whether it is one.
    """

    mine: NDArray[np.int64]
    theirs: NDArray[np.int64]
    shapes: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    width_m: NDArray[np.float64]
    sliver: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.mine)


def find(mine: Sequence[Any] | Geometries, theirs: Sequence[Any] | Geometries, tolerance: Tolerance) -> Overlaps:
    """Every pair of one of ``mine`` with one of ``theirs`` that share ground, however little."""
    first, second = np.asarray(mine, dtype=object), np.asarray(theirs, dtype=object)
    return measured(first, second, meeting(first, second), tolerance)


def among(polygons: Sequence[Any] | Geometries, tolerance: Tolerance) -> Overlaps:
    """Every pair of two of ``polygons`` that share ground, each once: ``mine`` stands before ``theirs``."""
    all_of_them = np.asarray(polygons, dtype=object)
    places = meeting(all_of_them, all_of_them)
    return measured(all_of_them, all_of_them, places[:, places[0] < places[1]], tolerance)


def measured(first: Geometries, second: Geometries, places: NDArray[np.int64], tolerance: Tolerance) -> Overlaps:
    """The overlaps of pairs that meet; ``places`` (2 × pairs) in the first and in the second."""
    shapes = intersections(first[places[0]], second[places[1]])
    pieces, of = shapely.get_parts(shapes, return_index=True)
    kept = shapely.get_type_id(pieces) == POLYGON
    pieces, of = pieces[kept], of[kept]
    piece_areas = areas(pieces)
    widths = 2 * piece_areas / np.maximum(perimeters(pieces), 1e-9)
    wide = (widths > tolerance.width_m) & (piece_areas > tolerance.area_m2)

    count = len(shapes)
    total = np.bincount(of, weights=piece_areas, minlength=count).astype(np.float64)
    widest = np.zeros(count)
    np.maximum.at(widest, of, widths)
    any_wide = np.bincount(of, weights=wide, minlength=count) > 0
    held = np.flatnonzero(total > 0)
    smaller = np.minimum(areas(first[places[0][held]]), areas(second[places[1][held]]))
    much = total[held] > smaller * tolerance.share_percent / 100
    small = total[held] <= tolerance.area_m2
    return Overlaps(
        mine=places[0][held],
        theirs=places[1][held],
        shapes=shapes[held],
        area_m2=total[held],
        width_m=widest[held],
        sliver=~any_wide[held] & (~much | small),
    )


def meeting(mine: Geometries, theirs: Geometries) -> NDArray[np.int64]:
    """Places (2 × pairs), in order, of polygons that share ground. Those that only share a border are left out, and
    with them what overlaps by less than ``NOISE`` in width."""
    if not len(mine) or not len(theirs):
        return np.empty((2, 0), dtype=np.int64)
    tree = shapely.STRtree(theirs)
    tree.query(mine[:1])  # the first question builds it; after that threads may share it

    def ask(start: int, end: int) -> NDArray[np.int64]:
        inner = shapely.buffer(mine[start:end], -NOISE, quad_segs=1, join_style="bevel")
        places: NDArray[np.int64] = tree.query(inner, predicate="intersects").astype(np.int64)
        places[0] += start
        return places

    cuts = np.linspace(0, len(mine), PARTS + 1 if len(mine) >= MANY else 2, dtype=np.int64)
    with ThreadPoolExecutor(PARTS) as threads:
        found = np.hstack(list(threads.map(ask, cuts[:-1], cuts[1:])))
    return found[:, np.lexsort((found[1], found[0]))]


def intersections(mine: Geometries, theirs: Geometries) -> Geometries:
    """The intersections of pairs, pair by pair."""
    if len(mine) < MANY:
        found: Geometries = np.asarray(shapely.intersection(mine, theirs), dtype=object)
        return found
    with ThreadPoolExecutor(PARTS) as threads:
        done = threads.map(shapely.intersection, np.array_split(mine, PARTS), np.array_split(theirs, PARTS))
        return np.concatenate(list(done))


def areas(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Areas in m² on the CGCS2000 ellipsoid, all at once: those in its cylindrical equal-area plane."""
    flat = shapely.transform(shapes, lambda points: np.column_stack(_equal_area()(points[:, 0], points[:, 1])))
    found: NDArray[np.float64] = np.asarray(shapely.area(flat), dtype=np.float64)
    return found


def perimeters(polygons: NDArray[np.object_]) -> NDArray[np.float64]:
    """Lengths in m of all rings of polygons, each edge measured by the ellipsoid's radii at its middle."""
    rings, of = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    step = np.radians(np.diff(points, axis=0)[same])
    sine2 = np.sin(np.radians((points[1:, 1] + points[:-1, 1])[same] / 2)) ** 2
    factor = 1 - GEOD.es * sine2
    east = GEOD.a / np.sqrt(factor) * np.sqrt(1 - sine2) * step[:, 0]
    north = GEOD.a * (1 - GEOD.es) / factor**1.5 * step[:, 1]
    found: NDArray[np.float64] = np.bincount(
        of[ring[1:][same]], weights=np.hypot(east, north), minlength=len(polygons)
    ).astype(np.float64)
    return found


@cache
def _equal_area() -> pyproj.Proj:
    return pyproj.Proj(proj="cea", lon_0=105, a=GEOD.a, rf=1 / GEOD.f)

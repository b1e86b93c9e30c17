"""Plots against the project's boundary: a point measured outside is somebody else's land.

The project file's ``boundary`` is GeoJSON (a geometry, a feature or a collection of them) in degrees of WGS 84 or
CGCS 2000. A table has points when two of its number columns say ``coordinate = "longitude"`` and ``"latitude"``.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tanhui.methods.engine.arranged import Submission
from tanhui.science.biomass import Values

if TYPE_CHECKING:
    from tanhui.science.land import Land

MEMBERS = ("type", "name", "features", "geometries", "geometry", "coordinates")  # of GeoJSON
DEEPEST = 8  # collections within collections


def bare(shape: Any) -> Any:
    """The shape alone: what a map says about its polygons besides (``properties``, under names of any language) says
    nothing about where they lie, and is not kept."""
    if isinstance(shape, Mapping):
        return {key: bare(shape[key]) for key in MEMBERS if key in shape}
    return [bare(one) for one in shape] if isinstance(shape, list) else shape


def check(submission: Submission) -> None:
    """Every point of every table lies within the boundary, where the project gives one."""
    if "boundary" not in submission.project:
        return
    from tanhui.science import land  # brings the random numbers along, which few runs need

    stated = submission.project["boundary"]
    try:
        polygons = _polygons(stated)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as problem:
        submission.wrong("bad_boundary", "boundary", str(stated)[:60], problem=str(problem)[:80])
        return
    name = stated.get("name", "boundary")
    for table_name, table in submission.tables.items():
        columns = {one.get("coordinate"): one["name"] for one in submission.columns(table_name)}
        if not {"longitude", "latitude"} <= {where for where, column in columns.items() if column in table.numbers}:
            continue
        points = np.stack([table.numbers[columns[one]] for one in ("longitude", "latitude")], axis=-1)
        measured = np.isfinite(points).all(axis=1)  # what is no number is a fault already
        outside = measured & ~land.inside(points, polygons)
        submission.faults.extend(table.faults("outside_boundary", outside, columns["longitude"], boundary=name))


def _polygons(shape: Mapping[str, Any], depth: int = 0) -> "Land":
    """The polygons of a GeoJSON object. ``ValueError`` says what is not as it should be."""
    if depth > DEEPEST:
        raise ValueError("too many collections within collections")
    kind = shape["type"]
    if kind in {"FeatureCollection", "GeometryCollection"}:
        inner = shape["features" if kind == "FeatureCollection" else "geometries"]
        found = [polygon for one in inner for polygon in _polygons(one, depth + 1)]
    elif kind == "Feature":
        found = _polygons(shape["geometry"], depth + 1)
    elif kind == "Polygon":
        found = [[_ring(ring) for ring in shape["coordinates"]]]
    elif kind == "MultiPolygon":
        found = [[_ring(ring) for ring in polygon] for polygon in shape["coordinates"]]
    else:
        raise ValueError(f"{kind} has no area")
    if not found or not all(found):
        raise ValueError("no polygon")
    return found


def _ring(positions: Any) -> Values:
    ring = np.array([[float(number) for number in position[:2]] for position in positions], dtype=np.float64)
    if ring.ndim != 2 or len(ring) < 4 or not (ring[0] == ring[-1]).all():
        raise ValueError("a ring is not closed")
    if not (np.abs(ring) <= [180, 90]).all():
        raise ValueError("not in degrees")
    return ring[:-1]

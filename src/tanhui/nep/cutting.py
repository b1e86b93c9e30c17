"""Zones cut by those of another level: what of each town lies within the ecological red line, and what does not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from tanhui.nep import polygons, words, zonefile
from tanhui.nep.zones import Zones

INSIDE, BESIDE = "-in", "-out"  # how the codes of a level end that another one cuts


def cut(zones: Zones, by: Zones) -> Zones:
    """Each zone in two: what of it lies within any zone of ``by`` (code and ``-in``) and what does not (``-out``).

    A part no larger than the sliver two zones may share stays with the rest. Still a partition of the same land.
    """
    within = shapely.union_all(by.within(zones.crs))
    label = words.level(by.level)
    rows: list[tuple[str, str, Any]] = []
    for code, name, one in zip(zones.codes, zones.names, zones.geometries, strict=True):
        inside, outside = (polygons.with_area(part) for part in (one & within, one - within))
        areas = polygons.areas_m2(polygons.moved(np.array([inside, outside, one]), zones.crs, zonefile.CGCS2000))
        least = min(polygons.SLIVER_M2, polygons.SLIVER_SHARE * areas[2])
        if areas[0] <= least:
            inside, outside = shapely.MultiPolygon(), one
        elif areas[1] <= least:
            inside, outside = one, shapely.MultiPolygon()
        parts = ((INSIDE, f"{name}（{label}内）", inside), (BESIDE, f"{name}（{label}外）", outside))
        rows += [(code + end, called, part) for end, called, part in parts if not part.is_empty]
    rows.sort(key=lambda row: row[0])
    codes, names, parts = zip(*rows, strict=True)
    return replace(zones, codes=codes, names=names, geometries=np.array(parts, dtype=object))


def shares(folder: Path, level: str, by: str) -> dict[str, float]:
    """By code: the share of each zone of a burnt level that lies within any zone of another, on the ellipsoid."""
    (codes, one), (_, other) = (outlined(folder, name) for name in (level, by))
    common = [polygons.with_area(part) for part in shapely.intersection(one, shapely.union_all(other))]
    areas = polygons.areas_m2(np.array(common, dtype=object)) / polygons.areas_m2(one)
    return {code: round(min(float(area), 1.0), 6) for code, area in zip(codes, areas, strict=True)}


def outlined(folder: Path, level: str) -> tuple[list[str], NDArray[np.object_]]:
    """Codes and polygons of a burnt level, degrees of CGCS2000."""
    rows = json.loads((folder / "zones" / f"{level}.geojson").read_bytes())["features"]
    shapes = [shapely.make_valid(shapely.from_geojson(json.dumps(row["geometry"]))) for row in rows]
    return [str(row["properties"]["code"]) for row in rows], np.array(shapes, dtype=object)

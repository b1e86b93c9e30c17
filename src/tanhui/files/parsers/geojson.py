"""GeoJSON (RFC 7946): one object of features whose coordinates are degrees."""

import json
from pathlib import Path
from typing import Any

from tanhui.files import refusals
from tanhui.files.parsers import Facts, NotMine, head

GEOMETRIES = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
COLLECTION = "GeometryCollection"


def geojson(path: Path) -> Facts:
    """``features``, and the names of their first one's ``properties``."""
    if not head(path, 64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        raise NotMine
    try:
        found = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=never)
    except (ValueError, UnicodeDecodeError) as fault:
        raise NotMine from fault
    if not isinstance(found, dict):
        raise NotMine
    kind = found.get("type")
    if kind == "FeatureCollection":
        features = found.get("features")
        if not isinstance(features, list):
            raise refusals.GeoJsonWrong(place="features")
    elif kind == "Feature":
        features = [found]
    elif kind in GEOMETRIES or kind == COLLECTION:
        features = [{"type": "Feature", "geometry": found, "properties": {}}]
    else:
        raise NotMine
    for number, one in enumerate(features):
        feature(one, f"features[{number}]")
    properties = (features[0].get("properties") or {}) if features else {}
    return {"features": len(features), "properties": [str(name)[:40] for name in list(properties)[:20]]}


def never(constant: str) -> float:
    raise ValueError(constant)


def feature(one: Any, place: str) -> None:
    if not isinstance(one, dict) or one.get("type") != "Feature" or "geometry" not in one:
        raise refusals.GeoJsonWrong(place=place)
    properties = one.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise refusals.GeoJsonWrong(place=f"{place}.properties")
    if one["geometry"] is not None:
        geometry(one["geometry"], f"{place}.geometry")


def geometry(one: Any, place: str) -> None:
    if isinstance(one, dict) and one.get("type") == COLLECTION and isinstance(one.get("geometries"), list):
        for number, inner in enumerate(one["geometries"]):
            geometry(inner, f"{place}.geometries[{number}]")
    elif isinstance(one, dict) and one.get("type") in GEOMETRIES:
        positions(one.get("coordinates"), GEOMETRIES[one["type"]], place)
    else:
        raise refusals.GeoJsonWrong(place=place)


def positions(found: Any, depth: int, place: str) -> None:
    if not isinstance(found, list):
        raise refusals.GeoJsonWrong(place=f"{place}.coordinates")
    if depth:
        for one in found:
            positions(one, depth - 1, place)
    elif (
        len(found) < 2
        or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in found)
        or not (-180 <= found[0] <= 180 and -90 <= found[1] <= 90)
    ):
        raise refusals.GeoJsonWrong(place=f"{place}.coordinates {found[:2]}")

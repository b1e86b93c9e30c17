"""Outlines that are handed in for a draft: GeoJSON in degrees (CGCS2000 or WGS 84), each feature with its name."""

import json
from typing import Any

import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from tanhui.kernel.refusal import Refusal, gettext_noop

LARGEST = 20 * 1024 * 1024
NAMES = ("name", "名称", "小班号", "code", "编号", "id")


class OutlinesUnreadable(Refusal):
    code = "projects.outlines_unreadable"
    sentence = gettext_noop(
        "The file cannot be read as outlines: %(problem)s. Hand in GeoJSON in degrees of CGCS2000; other formats are "
        "imported as a survey first and then taken over as parcels."
    )
    clause = "GB/T 17798; RFC 7946"
    status = 422


def read(file: Any) -> list[tuple[str, BaseGeometry]]:
    """The outlines of an uploaded GeoJSON file with their names. Refuses with ``OutlinesUnreadable``."""
    if file is None:
        raise OutlinesUnreadable(problem="—")
    if file.size > LARGEST:
        raise OutlinesUnreadable(problem=f"> {LARGEST // 1024 // 1024} MB")
    try:
        said = json.loads(file.read().decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as problem:
        raise OutlinesUnreadable(problem=str(problem)[:80]) from problem
    return parsed(said)


def parsed(said: Any) -> list[tuple[str, BaseGeometry]]:
    """The features of a GeoJSON object."""
    if not isinstance(said, dict):
        raise OutlinesUnreadable(problem="no GeoJSON object")
    features = said.get("features") if said.get("type") == "FeatureCollection" else [said]
    if not isinstance(features, list) or not features:
        raise OutlinesUnreadable(problem="no features")
    found = []
    for place, one in enumerate(features, 1):
        inside = one.get("geometry", one) if isinstance(one, dict) else None
        try:
            outline = shapely.from_geojson(json.dumps(inside))
        except (GEOSException, TypeError, ValueError) as problem:
            raise OutlinesUnreadable(problem=f"{place}: {str(problem)[:60]}") from problem
        if outline is None:
            raise OutlinesUnreadable(problem=f"{place}: no geometry")
        properties = one.get("properties") if isinstance(one, dict) else None
        found.append((named(properties or {}, place), outline))
    return found


def named(properties: Any, place: int) -> str:
    """The name of a feature by its usual columns, or its place in the file."""
    if isinstance(properties, dict):
        for key in NAMES:
            if str(properties.get(key) or "").strip():
                return str(properties[key]).strip().replace("\x00", "")[:80]
    return str(place)

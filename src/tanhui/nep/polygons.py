"""Polygons that can be counted with: each valid, none on another, areas on the ellipsoid.

Nothing is mended silently: a broken polygon is refused with the place, or mended because the plan says so, and then the
area that changed stands in the record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from tanhui.kernel.refusal import gettext_noop
from tanhui.nep import zonefile
from tanhui.nep.wording import Phrase, Worded

Array: TypeAlias = NDArray[np.object_]
SLIVER_M2, SLIVER_SHARE = 10_000.0, 0.001  # an overlap is refused above the smaller of both; see nep.md §4
GEOD = pyproj.Geod(ellps="GRS80")  # CGCS2000's ellipsoid but for the eleventh digit of its flattening


class ZoneNotAPolygon(Worded):
    code = "nep.zone_not_a_polygon"
    sentence = gettext_noop(
        "Row %(row)s of %(file)s (%(zone)s) has no polygon but %(kind)s. Zones are polygons: take that row out or "
        "close its outline."
    )
    clause = "docs/algorithms/nep.md §4"
    status = 422


class ZoneCrossesItself(Worded):
    code = "nep.zone_crosses_itself"
    sentence = gettext_noop(
        "The outline of %(zone)s in %(file)s crosses itself at %(place)s. Correct it there, or write repair = true in "
        "the plan: the polygon is then mended and the area that changed is recorded."
    )
    clause = "docs/algorithms/nep.md §4"
    status = 422


class ZoneBroken(Worded):
    code = "nep.zone_broken"
    sentence = gettext_noop(
        "The polygon of %(zone)s in %(file)s is not valid (%(reason)s) at %(place)s. Correct it there, or write "
        "repair = true in the plan: the polygon is then mended and the area that changed is recorded."
    )
    clause = "docs/algorithms/nep.md §4"
    status = 422


class ZonesOverlap(Worded):
    code = "nep.zones_overlap"
    sentence = gettext_noop(
        "%(first)s and %(second)s of the level %(level)s overlap by %(area)s m². Draw their common border once; what "
        "lies in two zones would be counted twice."
    )
    clause = "docs/algorithms/nep.md §4"
    status = 422


@dataclass(frozen=True)
class Repair:
    """A polygon mended because the plan says so. Areas in m² on the ellipsoid; before, lobes that turn the other way
    round counted against the rest."""

    zone: str
    reason: str
    place: str
    area_before_m2: int
    area_after_m2: int


def sound(rows: zonefile.Layer, codes: list[str], names: list[str], *, repair: bool) -> tuple[Array, list[Repair]]:
    """The polygons, each valid; those mended are told."""
    geometries = rows.geometries.copy()
    repaired: list[Repair] = []
    for place, one in enumerate(geometries):
        zone = called(codes[place], names[place])
        if one is None or one.is_empty or one.geom_type not in ("Polygon", "MultiPolygon"):
            kind = "∅" if one is None or one.is_empty else one.geom_type
            raise ZoneNotAPolygon(row=place + 1, file=rows.file, zone=zone, kind=kind)
        if one.is_valid:
            continue
        reason, where = zonefile.why_invalid(one)
        if not repair:
            if "Self-intersection" in reason:
                raise ZoneCrossesItself(zone=zone, file=rows.file, place=where)
            raise ZoneBroken(zone=zone, file=rows.file, reason=reason_of(reason), place=where)
        geometries[place] = with_area(shapely.make_valid(one))
        if geometries[place].is_empty:
            raise ZoneNotAPolygon(row=place + 1, file=rows.file, zone=zone, kind=reason)
        (after,) = areas_m2(moved(geometries[place : place + 1], rows.crs, zonefile.CGCS2000))
        before = after * shapely.area(one) / shapely.area(geometries[place])
        repaired.append(Repair(codes[place], reason, where, round(before), round(after)))
    return geometries, repaired


REASONS = {
    "Ring Self-intersection": gettext_noop("a ring touches itself"),
    "Hole lies outside shell": gettext_noop("a hole lies outside"),
    "Holes are nested": gettext_noop("a hole lies within another"),
    "Nested shells": gettext_noop("a part lies within another"),
    "Interior is disconnected": gettext_noop("the inside falls apart"),
    "Duplicate Rings": gettext_noop("a ring stands there twice"),
    "Too few points in geometry component": gettext_noop("a ring has too few points"),
}


def reason_of(said: str) -> Phrase | str:
    """Why a polygon is not valid, as GEOS tells it, in words."""
    return Phrase(REASONS[said]) if said in REASONS else said


def with_area(mended: Any) -> Any:
    """What has an area: lines and points that mending leaves over have none."""
    parts = [one for one in shapely.get_parts([mended]) if one.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.MultiPolygon()


def called(code: str, name: str) -> str:
    return name if name == code else f"{name}（{code}）"


def check_overlaps(level: str, codes: Sequence[str], names: Sequence[str], geometries: Array, crs: str) -> None:
    """Borders digitised twice leave slivers; an overlap is refused when it exceeds a hectare, or a thousandth of the
    smaller zone where that is less."""
    tree = shapely.STRtree(geometries)
    first, second = tree.query(geometries, predicate="intersects")
    pairs = [(a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True) if a < b]
    if not pairs:
        return
    left, right = (np.array(one) for one in zip(*sorted(pairs), strict=True))
    common = shapely.intersection(geometries[left], geometries[right])
    common = np.array([with_area(one) for one in common], dtype=object)
    shared = areas_m2(moved(common, crs, zonefile.CGCS2000))
    whole = areas_m2(moved(geometries, crs, zonefile.CGCS2000))
    allowed = np.minimum(SLIVER_M2, SLIVER_SHARE * np.minimum(whole[left], whole[right]))
    for place in np.flatnonzero(shared > allowed)[:1]:
        a, b = left[place], right[place]
        raise ZonesOverlap(
            first=called(codes[a], names[a]),
            second=called(codes[b], names[b]),
            level=level,
            area=f"{round(shared[place]):,}",
        )


def moved(geometries: Array, source: str, target: str) -> Array:
    """Geometries in another system; an edge stays straight in the system it was drawn in. WGS 84 and CGCS2000 agree to
    centimetres and count as one."""
    if pyproj.CRS(source) == pyproj.CRS(target):
        return geometries
    change = pyproj.Transformer.from_crs(source, target, always_xy=True)
    return np.asarray(shapely.transform(shortened(geometries, source), change.transform, interleaved=False))


def shortened(geometries: Array, crs: str) -> Array:
    """The same outlines with a point at least every kilometre, which is then a centimetre off at most elsewhere."""
    return np.asarray(shapely.segmentize(geometries, 0.01 if pyproj.CRS(crs).is_geographic else 1_000))


def areas_m2(geometries: Array) -> NDArray[np.float64]:
    """Area on the ellipsoid, m², of geometries in degrees of longitude and latitude."""
    turned = shapely.orient_polygons(shortened(geometries, zonefile.CGCS2000))
    return np.array([abs(GEOD.geometry_area_perimeter(one)[0]) for one in turned], dtype=np.float64)

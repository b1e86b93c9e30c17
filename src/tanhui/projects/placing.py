"""Which coordinate system a file is in, and its outlines in CGCS2000 degrees.

Nothing is guessed silently. What CGCS2000 says of itself is taken; what says nothing, or says a system that merely
agrees with CGCS2000 within decimetres (WGS 84 and the like), is taken only as somebody declares it, with a note; what
rests on another ellipsoid or was shifted on purpose (GCJ-02, BD-09) is refused: no exact conversion is published.
"""

import re
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects.reading import Array

CLAUSE = "rules §15.4 (CGCS2000, EPSG 4490–4554)"
DEGREES, WGS84, GCJ02, BD09 = "EPSG:4490", "WGS84", "GCJ02", "BD09"
SHIFTED = re.compile(r"GCJ.?02|BD.?09|MARS|火星|百度", re.IGNORECASE)
CHINA_2000 = re.compile(r"CGCS.?2000|China.?2000|China.?Geodetic.?Coordinate.?System.?2000", re.IGNORECASE)
CHINA = (73.0, 3.0, 136.0, 54.0)  # degrees: west, south, east, north
BESIDE_ZONE = 2.0  # degrees that a survey may reach beyond the area of use of its zone


class SystemUnsaid(Refusal):
    code = "projects.system_unsaid"
    sentence = gettext_noop(
        "The file does not say its coordinate system; its first coordinate is %(first)s, which looks like %(guess)s. "
        "Choose the system it was surveyed in."
    )
    clause = CLAUSE
    status = 409


class SystemUndeclared(Refusal):
    code = "projects.system_undeclared"
    sentence = gettext_noop(
        "The file says %(system)s, not CGCS2000; shifted coordinates of web maps often say the same. If they are "
        "surveyed coordinates, declare it as WGS 84; if they come from a web map, have them surveyed anew."
    )
    clause = CLAUSE
    status = 409


class SystemShifted(Refusal):
    code = "projects.system_shifted"
    sentence = gettext_noop(
        "%(system)s shifts coordinates on purpose by hundreds of metres, and no exact conversion is published. Ask "
        "whoever surveyed the land for CGCS2000 coordinates, or have a licensed surveyor convert them."
    )
    clause = f"{CLAUSE}；《中华人民共和国测绘法》第九条"
    status = 422


class SystemOutdated(Refusal):
    code = "projects.system_outdated"
    sentence = gettext_noop(
        "The file is in %(system)s on the ellipsoid %(ellipsoid)s; its conversion to CGCS2000 differs from place to "
        "place and is not public. Have the natural-resources office convert it, then import that."
    )
    clause = f"{CLAUSE}；《中华人民共和国测绘法》第九条"
    status = 422


class SystemContradicted(Refusal):
    code = "projects.system_contradicted"
    sentence = gettext_noop(
        "The file says %(system)s and %(declared)s was declared. Take the declaration back, or correct the file."
    )
    clause = CLAUSE
    status = 422


class OutsideZone(Refusal):
    code = "projects.outside_zone"
    sentence = gettext_noop(
        "Read as %(system)s, %(rows)s of %(all)s outlines lie outside it (the first at %(place)s). Another zone was "
        "meant, or the axes are exchanged: choose the zone of the survey."
    )
    clause = CLAUSE
    status = 422


@dataclass(frozen=True, slots=True)
class Placed:
    """Outlines in CGCS2000 degrees, longitude first; the system they came in; what must be said of that (codes)."""

    outlines: Array
    system: str
    notes: tuple[str, ...] = ()


def zones() -> list[tuple[str, str]]:
    """Every CGCS2000 zone as ``EPSG:…`` with how it is called, the 3° ones first."""
    found = []
    for zone in range(25, 46):
        found.append((f"EPSG:{4488 + zone}", f"CGCS2000 3° {zone}带（东坐标含带号）"))
        found.append((f"EPSG:{4509 + zone}", f"CGCS2000 3° 中央经线 {3 * zone}°E"))
    for zone in range(13, 24):
        found.append((f"EPSG:{4478 + zone}", f"CGCS2000 6° {zone}带（东坐标含带号）"))
        found.append((f"EPSG:{4489 + zone}", f"CGCS2000 6° 中央经线 {6 * zone - 3}°E"))
    return found


def guess(x: float, y: float) -> str:
    """The system a coordinate looks like: degrees, or the zone its easting begins with; empty where nothing tells.

    Without the zone in the easting (500 km), only the surveyor knows the central meridian.
    """
    if not (np.isfinite(x) and np.isfinite(y)):
        return ""
    if abs(x) <= 180 and abs(y) <= 90:
        return DEGREES
    zone = int(x // 1_000_000)
    if 25 <= zone <= 45:
        return f"EPSG:{4488 + zone}"
    if 13 <= zone <= 23:
        return f"EPSG:{4478 + zone}"
    return ""


def place(outlines: Array, said: str, declared: str = "", *, as_text: bool = False) -> Placed:
    """``outlines`` in CGCS2000 degrees. ``said``: WKT of the file or nothing; ``declared``: nothing, ``EPSG:…`` of
    CGCS2000, ``WGS84``, ``GCJ02`` or ``BD09``; ``as_text``: typed coordinates, of which either may stand first.

    Refuses with ``SystemUnsaid``, ``SystemUndeclared``, ``SystemShifted``, ``SystemOutdated``, ``SystemContradicted``
    or ``OutsideZone``.
    """
    if declared in (GCJ02, BD09) or SHIFTED.search(said):
        raise SystemShifted(system=declared or shifted_name(said))
    notes: list[str] = []
    if as_text and exchanged(outlines):
        outlines = np.asarray(shapely.transform(outlines, lambda points: points[:, ::-1]), dtype=object)
        notes.append("axes_exchanged")
    crs, more = system(outlines, said, declared)
    notes += more
    if crs.is_projected and crs.geodetic_crs is not None:
        change = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
        outlines = np.asarray(shapely.transform(outlines, change.transform, interleaved=False), dtype=object)
    within(outlines, crs, strict="taken_as_cgcs2000" not in notes)
    return Placed(outlines, name(crs), tuple(notes))


def system(outlines: Array, said: str, declared: str) -> tuple[pyproj.CRS, list[str]]:
    """The system to read the file in, and notes on how it was found."""
    crs = known(said)
    if crs is None:
        if not declared:
            x, y = first(outlines)
            raise SystemUnsaid(first=f"{x:g}, {y:g}", guess=guess(x, y) or "–")
        declared_as_wgs84 = declared == WGS84
        return pyproj.CRS("EPSG:4326" if declared_as_wgs84 else declared), (
            ["taken_as_cgcs2000"] if declared_as_wgs84 else ["system_declared"]
        )
    ellipsoid = crs.ellipsoid
    if (
        ellipsoid is None
        or abs(ellipsoid.semi_major_metre - 6378137) > 1
        or abs(ellipsoid.inverse_flattening - 298.257) > 0.01
    ):
        raise SystemOutdated(system=crs.name, ellipsoid=ellipsoid.name if ellipsoid else "–")
    if is_cgcs2000(crs):
        if declared and pyproj.CRS(declared if declared != WGS84 else "EPSG:4326").to_epsg() != crs.to_epsg():
            raise SystemContradicted(system=name(crs), declared=declared)
        return crs, []
    if declared == WGS84:
        return crs, ["taken_as_cgcs2000"]
    if declared == DEGREES and crs.is_geographic:
        return pyproj.CRS(DEGREES), ["system_declared"]
    if declared:
        raise SystemContradicted(system=name(crs), declared=declared)
    raise SystemUndeclared(system=name(crs))


def known(said: str) -> pyproj.CRS | None:
    """The CRS a WKT names, with its EPSG definition where PROJ recognises it; None for nothing or for no CRS."""
    if not said:
        return None
    try:
        crs = pyproj.CRS.from_user_input(said)
    except CRSError:
        return None
    code = crs.to_epsg(min_confidence=70)
    return pyproj.CRS.from_epsg(code) if code else crs


def is_cgcs2000(crs: pyproj.CRS) -> bool:
    geodetic = crs.geodetic_crs
    names = [crs.name, geodetic.name if geodetic else "", crs.datum.name if crs.datum else ""]
    return any(CHINA_2000.search(one) for one in names)


def name(crs: pyproj.CRS) -> str:
    code = crs.to_epsg(min_confidence=70)
    return f"{crs.name} (EPSG:{code})" if code else crs.name


def shifted_name(said: str) -> str:
    found = SHIFTED.search(said)
    return found.group(0) if found else GCJ02


def within(outlines: Array, crs: pyproj.CRS, *, strict: bool) -> None:
    """Refuse where more than half of the outlines lie outside what the system is for, or nowhere at all.

    A few that do are faults of their rows; see ``checking``. ``strict``: the area of a CGCS2000 system counts too.
    """
    bounds = shapely.bounds(outlines)
    there = bounds[~np.isnan(bounds).any(axis=1)]
    if not len(there):
        return
    area = crs.area_of_use
    west, south, east, north = -180.0, -90.0, 180.0, 90.0
    if strict:
        west, south, east, north = CHINA
        if area is not None and crs.is_projected:
            west, east = max(west, area.west - BESIDE_ZONE), min(east, area.east + BESIDE_ZONE)
    outside = (there[:, 0] < west) | (there[:, 1] < south) | (there[:, 2] > east) | (there[:, 3] > north)
    outside |= ~np.isfinite(there).all(axis=1)
    if outside.sum() * 2 > len(there):
        x, y = there[outside][0][:2]
        raise OutsideZone(system=name(crs), rows=int(outside.sum()), all=len(there), place=f"{x:.3f}, {y:.3f}")


def exchanged(outlines: Array) -> bool:
    """Whether typed coordinates have north first: 42.2, 118.9, or a northing before an easting with its zone."""
    x, y = first(outlines)
    west, south, east, north = CHINA
    degrees = south <= x <= north and west <= y <= east
    return degrees or (not guess(x, y) and guess(y, x) not in ("", DEGREES))


def first(outlines: Array) -> tuple[float, float]:
    """The first coordinate there is; not a number where there is none."""
    for outline in outlines:
        points = shapely.get_coordinates(outline)
        if len(points):
            return float(points[0][0]), float(points[0][1])
    return float("nan"), float("nan")

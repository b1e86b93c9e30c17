"""Outlines on the ground: kept as WKB in CGCS2000 degrees (EPSG:4490, longitude first), found by a core ``box``.

No database extension: PostgreSQL's own ``box`` under a GiST index finds what may meet, shapely says whether it does.
Areas are geodesic, on the ellipsoid of CGCS2000, in whole square metres.
"""

import hashlib
import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyproj
import shapely
from django.db import models
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

SRID = 4490
GEOD = pyproj.Geod(a=6378137, rf=298.257222101)  # the ellipsoid of CGCS2000
PLACES = 9  # decimals of a degree that an outline is known by: a tenth of a millimetre
Geometries: TypeAlias = NDArray[np.object_]


class Box(NamedTuple):
    """The rectangle around an outline, in degrees."""

    west: float
    south: float
    east: float
    north: float


class BoxField(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's ``box``. Takes a ``Box``, four numbers in its order, or an outline; gives a ``Box``.

    ``Model.objects.filter(box__meets=…)`` is ``&&``: what may overlap, with a GiST index behind it. It is generous by a
    millionth of a degree and never misses; whether outlines do overlap is for shapely to say.
    """

    description = "a rectangle in degrees"

    def db_type(self, connection: Any) -> str:
        return "box"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Box | None:
        if value is None:
            return None
        east, north, west, south = (float(part) for part in value.replace("(", "").replace(")", "").split(","))
        return Box(west, south, east, north)

    def to_python(self, value: Any) -> Box | None:
        return None if value is None else box(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else text(box(value))

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return "%s::box"


@BoxField.register_lookup
class Meets(models.Lookup):
    """``&&``: the two rectangles have a point in common."""

    lookup_name = "meets"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"{left} && {right}", (*left_values, *right_values)


def box(given: Any) -> Box:
    """The rectangle of an outline, or the four numbers west, south, east, north as one."""
    found = given.bounds if isinstance(given, BaseGeometry) else given
    return Box(*(float(number) for number in found))


def text(rectangle: Box) -> str:
    """The rectangle as PostgreSQL reads it, for ``COPY`` and for SQL written by hand."""
    return f"({rectangle.east!r},{rectangle.north!r}),({rectangle.west!r},{rectangle.south!r})"


def wkb(outline: BaseGeometry) -> bytes:
    """An outline in degrees as it is kept: little-endian WKB, two dimensions."""
    return bytes(shapely.to_wkb(outline, byte_order=1, output_dimension=2))


def geometry(kept: bytes | memoryview) -> BaseGeometry:
    """The outline that ``wkb`` kept."""
    found: BaseGeometry = shapely.from_wkb(bytes(kept))
    return found


def geometries(kept: Sequence[bytes | memoryview]) -> Geometries:
    """Many outlines at once, for the bulk functions of shapely."""
    return np.asarray(shapely.from_wkb([bytes(one) for one in kept]), dtype=object)


def area_m2(outline: BaseGeometry) -> int:
    """Geodesic area of a polygon in degrees, in whole square metres; holes taken off, the turn of rings immaterial."""
    return int(areas_m2([outline])[0])


def areas_m2(outlines: Sequence[BaseGeometry] | Geometries) -> NDArray[np.int64]:
    """``area_m2`` of many polygons."""
    turned = shapely.orient_polygons(np.asarray(outlines, dtype=object))
    polygons, outline = shapely.get_parts(turned, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    cuts = np.searchsorted(ring, np.arange(len(rings) + 1))
    signed = [
        GEOD.polygon_area_perimeter(points[start:end, 0], points[start:end, 1])[0]
        for start, end in itertools.pairwise(cuts)
    ]
    total = np.bincount(outline[polygon], weights=np.asarray(signed), minlength=len(turned))
    return np.asarray(np.floor(np.abs(total) + 0.5), dtype=np.int64)


def digest(outline: BaseGeometry) -> str:
    """SHA-256 of where the outline lies, whatever corner it begins with and whichever way its rings turn."""
    return digests([outline])[0]


def digests(outlines: Sequence[BaseGeometry] | Geometries) -> list[str]:
    """``digest`` of many outlines."""
    plain = shapely.transform(np.asarray(outlines, dtype=object), lambda points: np.round(points, PLACES) + 0.0)
    return [
        hashlib.sha256(kept).hexdigest()
        for kept in shapely.to_wkb(shapely.normalize(plain), byte_order=1, output_dimension=2)
    ]

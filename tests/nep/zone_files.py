"""Boundary files as offices send them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyogrio.raw
import pyproj
import shapefile
import shapely

TOWNS = (("330604001", "曹娥街道"), ("330604002", "百官街道"), ("330604100", "道墟街道"), ("330604101", "章镇镇"))
WEST, SOUTH, SIDE = 120.8, 29.9, 0.1


def squares() -> list[Any]:
    """Four towns, two by two, each a tenth of a degree wide."""
    return [
        shapely.box(WEST + SIDE * x, SOUTH + SIDE * y, WEST + SIDE * (x + 1), SOUTH + SIDE * (y + 1))
        for x in range(2)
        for y in range(2)
    ]


def moved(shapes: Sequence[Any], crs: str) -> list[Any]:
    change = pyproj.Transformer.from_crs("EPSG:4490", crs, always_xy=True)
    return [shapely.transform(shapely.segmentize(one, 0.01), change.transform, interleaved=False) for one in shapes]


def as_shapefile(
    path: Path,
    shapes: Sequence[Any] | None = None,
    towns: Sequence[tuple[Any, str]] = TOWNS,
    *,
    crs: str | None = "EPSG:4490",
    encoding: str = "gbk",
    cpg: str | None = None,
    names: tuple[str, str] = ("代码", "名称"),
) -> Path:
    """A shapefile in ``crs`` (the squares are moved there); without .prj where it is None, without .cpg unless said."""
    shapes = squares() if shapes is None else shapes
    with shapefile.Writer(str(path.with_suffix("")), encoding=encoding, shapeType=shapefile.POLYGON) as layer:
        layer.field(names[0], "C", 12)
        layer.field(names[1], "C", 40)
        for one, town in zip(shapes if crs in (None, "EPSG:4490") else moved(shapes, crs), towns, strict=True):
            layer.shape(one.__geo_interface__)
            layer.record(*town)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    if crs:
        path.with_suffix(".prj").write_text(pyproj.CRS(crs).to_wkt("WKT1_ESRI"))
    return path


def as_file(path: Path, shapes: Sequence[Any], towns: Sequence[tuple[Any, str]], crs: str | None = "EPSG:4490") -> Path:
    """A GeoPackage or GeoJSON, by the suffix."""
    import numpy as np

    pyogrio.raw.write(
        path,
        np.array([shapely.to_wkb(one) for one in shapes], dtype=object),
        [np.array([code for code, _ in towns], dtype=object), np.array([name for _, name in towns], dtype=object)],
        ["code", "name"],
        geometry_type="Unknown",
        crs=crs,
    )
    return path

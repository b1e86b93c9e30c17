"""The outlines of a level's zones for the map of a published year, with each zone's figure beside its name.

They are read from the published GeoPackage and made simpler than a screen can show. Where it has none of the level, the
extent of the map's rasters stands in, so that the map opens on the area.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from tanhui.files import rasters, store
from tanhui.inventory import shown
from tanhui.inventory.models import Access, AccountingYear, Item, Type
from tanhui.inventory.templatetags.atlas import signed

DETAIL = 1500  # a vertex is left out where it moves a line by less than this part of the extent
MOST = 3000  # outlines on a map
CODES = ("zone", "code", "zone_code", "id")

Feature = dict[str, Any]


def collection(year: AccountingYear, level: str) -> bytes:
    """GeoJSON in WGS 84: the zones of a level, each with its name, its figure with the interval, and its row."""
    rows = shown.rows(shown.figures(year), shown.Asked(level=level, type=Type.ALL))
    known = {one.figure.zone: one for one in rows}
    address = f"{shown.page_of(year)}{'&' if '?' in shown.page_of(year) else '?'}level={level}"
    features = [
        {"type": "Feature", "geometry": geometry, "properties": told(known[code], address)}
        for code, geometry in outlines(year, level).items() if code in known
    ]  # fmt: skip
    found = {"type": "FeatureCollection", "features": features or frame(year)}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def told(row: shown.Row, address: str) -> dict[str, Any]:
    value = {
        "value": signed(row.value), "low": signed(row.lower), "high": signed(row.upper),
        "sure": signed(row.conservative),
    }  # fmt: skip
    text = _("%(value)s tCO₂ (%(low)s – %(high)s), conservative %(sure)s") % value
    return {"title": row.name, "text": text, "tone": "outline", "url": f"{address}#{row.anchor}", "row": row.anchor}


def outlines(year: AccountingYear, level: str) -> dict[str, Any]:
    """Geometries by the zone's code, from the year's public GeoPackage."""
    item = published(year).filter(name__endswith=".gpkg").order_by("-size_bytes").first()
    if item is None:
        return {}
    named = store.folder("rasters") / f"{item.sha256}.gpkg"  # GDAL wants a GeoPackage to be called one
    if not named.exists():
        named.unlink(missing_ok=True)
        named.symlink_to(rasters.at_hand(item.sha256, item.size_bytes))
    return read(named, level)


def published(year: AccountingYear) -> Any:
    return Item.objects.filter(
        accounting_year=year, computation__publication__accounting_year=year, access=Access.PUBLIC
    )


@lru_cache(maxsize=32)
def read(path: Path, level: str) -> dict[str, Any]:
    """A level's outlines from a GeoPackage, which never changes under its name. No such layer: none."""
    import pyogrio
    import pyproj
    import shapely

    layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind and "Polygon" in str(kind)]
    layer = next((name for name in layers if name == level or name.endswith(f"_{level}")), None)
    if layer is None:
        return {}
    meta, _index, shapes, columns = pyogrio.raw.read(path, layer=layer, max_features=MOST)
    fields = [str(name) for name in meta["fields"]]
    code = next((fields.index(name) for name in CODES if name in fields), None)
    if code is None:
        return {}
    to_degrees = pyproj.Transformer.from_crs(meta["crs"], "EPSG:4326", always_xy=True)
    found = shapely.transform(shapely.from_wkb(shapes), lambda points: moved(to_degrees, points))
    west, south, east, north = shapely.total_bounds(found)
    simple = shapely.coverage_simplify(found, max(east - west, north - south) / DETAIL)
    kept = shapely.set_precision(simple, 1e-5, mode="pointwise")
    made: dict[str, Any] = {}
    for key, one in zip(columns[code], kept, strict=True):
        if one is not None and not one.is_empty and str(key) not in made:  # a zone stands once for each year and type
            made[str(key)] = json.loads(shapely.to_geojson(one))
    return made


def moved(transformer: Any, points: Any) -> Any:
    import numpy as np

    return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))


def frame(year: AccountingYear) -> list[Feature]:
    """The extent of a raster of the year as a line."""
    from rasterio.warp import transform_bounds

    from tanhui.inventory import tiles

    layer = next(iter(shown.layers([year]).get(year.year, {}).values()), None)
    if layer is None:
        return []
    item = published(year).get(sha256=layer.sha256)
    extent = tiles.look(rasters.at_hand(item.sha256, item.size_bytes)).extent
    west, south, east, north = transform_bounds(tiles.GRID, "EPSG:4326", *extent)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    properties = {"tone": "quiet", "url": reverse("inventory:atlas", args=[year.division_code, year.year])}
    return [{"type": "Feature", "geometry": {"type": "LineString", "coordinates": ring}, "properties": properties}]

"""Zones of one level (townships, counties, parks, red lines) as a partition, and the raster of their numbers.

A level's zones are numbered from 1 in the order of their codes; 0 is what lies outside all of them, so that a level
adds up to the whole.
"""

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio import features
from rasterio.errors import RasterioError

from tanhui.kernel.refusal import gettext_noop
from tanhui.nep import coverage, polygons, refusals, store, zonefile
from tanhui.nep.grid import Grid, Tile
from tanhui.nep.wording import Worded, why

OUTSIDE = ""
TAKEN = ("area", "statistics")  # the whole area; the table of a GeoPackage
OFF_RASTER_SHARE = 0.001
MOST_ZONES = 2**32 - 2
FEW_CELLS = 2_000  # a level with a zone smaller than this is cut exactly
VERSION = 1  # of what is burnt; part of the name under which it is kept


class ZoneCodeMissing(Worded):
    code = "nep.zone_code_missing"
    sentence = gettext_noop("Row %(row)s of %(file)s has nothing in the field %(field)s. Give every zone its code.")
    clause = "docs/algorithms/nep.md §4"
    status = 422


class ZoneCodeTwice(Worded):
    code = "nep.zone_code_twice"
    sentence = gettext_noop(
        "The code %(zone)s stands in rows %(rows)s of %(file)s. Join the parts of one zone into one row, or give each "
        "zone a code of its own."
    )
    clause = "docs/algorithms/nep.md §4"
    status = 422


class ZoneOutsideRaster(Worded):
    code = "nep.zone_outside_raster"
    sentence = gettext_noop(
        "%(share)s %% of %(zone)s lies outside the grid. Extend the grid and its data, or take the zone out of the "
        "level."
    )
    clause = "docs/algorithms/nep.md §4"
    status = 422


class ZoneLevelTaken(Worded):
    code = "nep.zone_level_taken"
    sentence = gettext_noop(
        "A level of zones cannot be called %(level)s, which the statistics use themselves. Give it another name in the "
        "plan."
    )
    clause = "docs/algorithms/nep.md §4"
    status = 422


class NoZones(Worded):
    code = "nep.no_zones"
    sentence = gettext_noop("%(file)s has no row. Name the layer that holds the zones.")
    clause = "docs/algorithms/nep.md §4"
    status = 422


class TooManyZones(Worded):
    code = "nep.too_many_zones"
    sentence = gettext_noop("%(count)s zones do not fit into one level. Split it into levels of at most %(most)s.")
    clause = "docs/algorithms/nep.md §4"
    status = 422


@dataclass(frozen=True, eq=False)
class Zones:
    """A level's zones in the order of their codes; zone ``i`` has the number ``i + 1``. Geometries in ``crs``."""

    level: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    geometries: NDArray[np.object_]
    crs: str
    file: str
    encoding: str
    encoding_from: str
    repaired: tuple[polygons.Repair, ...] = ()

    @property
    def digest(self) -> str:
        """Names the boundary version: level, system, codes, names and every coordinate."""
        said = hashlib.sha256(json.dumps([self.level, self.crs, self.codes, self.names]).encode())
        for one in self.geometries:
            said.update(shapely.to_wkb(one, byte_order=1, output_dimension=2))
        return said.hexdigest()

    def within(self, crs: str) -> NDArray[np.object_]:
        """The geometries in another reference system."""
        return polygons.moved(self.geometries, self.crs, crs)

    def areas_m2(self) -> NDArray[np.float64]:
        """Area of each zone on the ellipsoid."""
        return polygons.areas_m2(self.within(zonefile.CGCS2000))


def read(
    path: Path,
    *,
    level: str,
    code_field: str,
    name_field: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    layer: str | None = None,
    repair: bool = False,
) -> Zones:
    """The zones of a Shapefile, GeoPackage or GeoJSON. ``repair`` mends broken polygons and records what changed.

    Refuses what ``zonefile.read`` refuses; rows without polygon or code; codes used twice; polygons that cross
    themselves or are broken; and zones that overlap by more than a sliver.
    """
    if level.lower() in TAKEN:
        raise ZoneLevelTaken(level=level)
    rows = zonefile.read(Path(path), encoding=encoding, crs=crs, layer=layer)
    if not len(rows.geometries):
        raise NoZones(file=rows.file)
    codes = [text(one) for one in rows.column(code_field)]
    named = [text(one) for one in rows.column(name_field)] if name_field else codes
    names = [name or code for name, code in zip(named, codes, strict=True)]
    check_codes(rows, codes, code_field)
    geometries, repaired = polygons.sound(rows, codes, names, repair=repair)
    order = sorted(range(len(codes)), key=codes.__getitem__)
    zones = Zones(
        level=level,
        codes=tuple(codes[one] for one in order),
        names=tuple(names[one] for one in order),
        geometries=geometries[order],
        crs=rows.crs,
        file=rows.file,
        encoding=rows.encoding,
        encoding_from=rows.encoding_from,
        repaired=tuple(repaired),
    )
    polygons.check_overlaps(zones.level, zones.codes, zones.names, zones.geometries, zones.crs)
    return zones


def text(cell: Any) -> str:
    """A code or name as text: 330604.0 from a numeric column is 330604."""
    if cell is None or (isinstance(cell, float | np.floating) and np.isnan(cell)):
        return ""
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell).strip()


def check_codes(rows: zonefile.Layer, codes: list[str], code_field: str) -> None:
    places: dict[str, list[int]] = {}
    for row, code in enumerate(codes, 1):
        if not code:
            raise ZoneCodeMissing(row=row, file=rows.file, field=code_field)
        places.setdefault(code, []).append(row)
    for code, found in places.items():
        if len(found) > 1:
            raise ZoneCodeTwice(zone=code, rows="、".join(map(str, found)), file=rows.file)


def in_cells(zones: Zones, grid: Grid) -> NDArray[np.object_]:
    """The zones in the grid's own coordinates: column to the right, row downward, a cell one square.

    Refuses a zone of which more than a thousandth lies outside the grid.
    """
    inverse = ~grid.affine

    def place(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        column, row = inverse @ (x, y)
        return column, row

    cells = np.asarray(shapely.transform(zones.within(grid.crs), place, interleaved=False))
    broken = ~shapely.is_valid(cells)  # a projection may fold a hair's breadth; the check of validity was in read
    cells[broken] = [polygons.with_area(one) for one in shapely.make_valid(cells[broken])]
    frame = shapely.box(0, 0, grid.width, grid.height)
    share = 1 - shapely.area(shapely.intersection(cells, frame)) / shapely.area(cells)
    for one in np.flatnonzero(~(share <= OFF_RASTER_SHARE))[:1]:
        raise ZoneOutsideRaster(
            zone=polygons.called(zones.codes[one], zones.names[one]), share=f"{100 * share[one]:.1f}"
        )
    return cells


@dataclass(frozen=True)
class Burnt:
    """A level on a run's grid: ``raster`` holds the number of the zone each cell's centre lies in, ``coverage`` (exact
    levels only) what that misjudges at the borders, ``boundaries`` the polygons in CGCS2000 degrees."""

    level: str
    digest: str
    exact: bool
    codes: tuple[str, ...]
    names: tuple[str, ...]
    areas_m2: tuple[int, ...]
    encoding: str
    encoding_from: str
    repaired: tuple[polygons.Repair, ...]
    files: dict[str, str]

    @property
    def numbers(self) -> dict[int, str]:
        """Code by number; 0 is outside."""
        return {0: OUTSIDE, **dict(enumerate(self.codes, 1))}


def burn(zones: Zones, grid: Grid, folder: Path, *, exact: bool | None = None) -> Burnt:
    """Write ``zones/<level>.tif``, ``.geojson``, ``.json`` and, where cut exactly, ``.npz`` into a run's folder.

    ``exact`` None: where a zone has fewer than 2,000 cells. What stands there for the same boundaries, grid and rule is
    left as it is. Refuses a zone outside the grid. Rasters are written in tiles, so memory does not grow with the grid.
    """
    if len(zones.codes) > MOST_ZONES:
        raise TooManyZones(count=len(zones.codes), most=MOST_ZONES)
    cells = in_cells(zones, grid)
    if exact is None:
        exact = bool(shapely.area(cells).min() < FEW_CELLS)
    key = hashlib.sha256(json.dumps([VERSION, zones.digest, asdict(grid), exact]).encode()).hexdigest()
    there = kept(folder, zones.level)
    if there and there.digest == key and whole(folder, there):
        return there
    place = folder / "zones"
    store.make_folder(place / f"{zones.level}.tif")
    written = {f"{zones.level}.tif": raster(cells, grid, place / f"{zones.level}.tif")}
    written[f"{zones.level}.geojson"] = store.put(place / f"{zones.level}.geojson", boundaries(zones))
    if exact:
        with rasterio.open(place / f"{zones.level}.tif") as numbers:
            table = coverage.table(cells, grid, numbers)
        written[f"{zones.level}.npz"] = store.put(place / f"{zones.level}.npz", coverage.encoded(table))
    burnt = Burnt(
        level=zones.level,
        digest=key,
        exact=exact,
        codes=zones.codes,
        names=zones.names,
        areas_m2=tuple(round(one) for one in zones.areas_m2()),
        encoding=zones.encoding,
        encoding_from=zones.encoding_from,
        repaired=zones.repaired,
        files=written,
    )
    store.put(place / f"{zones.level}.json", as_json(burnt))
    return burnt


def kept(folder: Path, level: str) -> Burnt | None:
    """What ``zones/<level>.json`` of a folder says; None where there is none."""
    path = folder / "zones" / f"{level}.json"
    if not path.exists():
        return None
    said = json.loads(path.read_bytes())
    rows = said.pop("zones")
    return Burnt(
        **{**said, "repaired": tuple(polygons.Repair(**one) for one in said["repaired"])},
        codes=tuple(str(one["code"]) for one in rows),
        names=tuple(str(one["name"]) for one in rows),
        areas_m2=tuple(int(one["area_m2"]) for one in rows),
    )


def as_json(burnt: Burnt) -> bytes:
    """What is kept of a level: its facts, and a row ``number``, ``code``, ``name``, ``area_m2`` for each zone."""
    said = {key: value for key, value in asdict(burnt).items() if key not in ("codes", "names", "areas_m2")}
    rows = enumerate(zip(burnt.codes, burnt.names, burnt.areas_m2, strict=True), 1)
    said["zones"] = [{"number": n, "code": code, "name": name, "area_m2": area} for n, (code, name, area) in rows]
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def levels(folder: Path) -> list[Burnt]:
    """The burnt levels of a run's folder in the order of their names."""
    found = (kept(folder, path.stem) for path in sorted((folder / "zones").glob("*.json")))
    return [one for one in found if one]


def whole(folder: Path, burnt: Burnt) -> bool:
    paths = {folder / "zones" / name: digest for name, digest in burnt.files.items()}
    return all(path.exists() and store.digest(path) == digest for path, digest in paths.items())


def raster(cells: NDArray[np.object_], grid: Grid, path: Path) -> str:
    """Burn the numbers of the zones, given in cells, tile by tile; the file's digest. A sliver goes to the later."""
    encoding = store.QUANTITIES["zones"]
    shape = store.profile(encoding, width=grid.width, height=grid.height, count=1, crs=grid.crs, transform=grid.affine)
    temporary = path.with_name(f".{path.name}")
    written, found = hashlib.sha256(), hashlib.sha256()
    try:
        with rasterio.open(temporary, "w", **shape) as file:
            store.tag(file, encoding)
            for tile, numbers in burning(cells, grid):
                file.write(numbers, 1, window=tile.window)
                written.update(numbers.tobytes())
        with rasterio.open(temporary) as file:  # GDAL may close a file that did not fit on the disk without a word
            for tile in touched(cells, grid):
                found.update(file.read(1, window=tile.window).tobytes())
        if found.digest() != written.digest():
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        with temporary.open("rb") as made:
            os.fsync(made.fileno())
        store.settle(temporary, path)
    except (RasterioError, OSError) as problem:
        raise refusals.CannotWrite(path=path.name, problem=why(problem)) from problem
    finally:
        temporary.unlink(missing_ok=True)
    return store.digest(path)


def touched(cells: NDArray[np.object_], grid: Grid) -> Iterator[Tile]:
    """The tiles any zone reaches into."""
    tree = shapely.STRtree(cells)
    return (tile for tile in grid.windows() if len(tree.query(frame(tile), predicate="intersects")))


def burning(cells: NDArray[np.object_], grid: Grid) -> Iterator[tuple[Tile, NDArray[np.uint32]]]:
    """Tiles with the numbers of the zones in them, the later code over the earlier."""
    tree = shapely.STRtree(cells)
    for tile in touched(cells, grid):
        numbers = features.rasterize(
            [(cells[one], int(one) + 1) for one in np.sort(tree.query(frame(tile), predicate="intersects"))],
            out_shape=(tile.height, tile.width),
            transform=rasterio.Affine.translation(tile.left, tile.top),
            dtype="uint32",
        )
        yield tile, numbers


def frame(tile: Tile) -> Any:
    return shapely.box(tile.left, tile.top, tile.left + tile.width, tile.top + tile.height)


def boundaries(zones: Zones) -> bytes:
    """The level as GeoJSON in degrees of CGCS2000, a tenth of a millimetre fine: for maps, and to burn it anew."""
    shapes = shapely.to_geojson(zones.within(zonefile.CGCS2000))
    rows = [
        {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": rounded(json.loads(shape))}
        for code, name, shape in zip(zones.codes, zones.names, shapes, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": rows}, ensure_ascii=False).encode()


def rounded(shape: Any) -> Any:
    if isinstance(shape, float):
        return round(shape, 9)
    if isinstance(shape, list):
        return [rounded(one) for one in shape]
    return {key: rounded(value) for key, value in shape.items()} if isinstance(shape, dict) else shape

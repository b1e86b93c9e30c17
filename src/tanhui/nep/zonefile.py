"""A boundary file as people hand it in: its rows, the encoding of its text, and what its coordinates mean.

Shapefile (also zipped), GeoPackage and GeoJSON, by GDAL through pyogrio. Nothing is guessed silently: an encoding that
was found by trying is named, a reference system that is missing or contradicts the coordinates is refused.
"""

import codecs
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import pyproj
import shapely
from numpy.typing import NDArray

from tanhui.kernel.refusal import gettext_noop
from tanhui.nep.wording import Phrase, Worded, say

CGCS2000 = "EPSG:4490"
CANDIDATES = ("utf-8", "gb18030")  # GB 18030 contains GBK and GB 2312; their text is hardly ever valid UTF-8
PAGES = {"936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "65001": "utf-8"}
OLD_DATUMS = {"Krassowsky": "北京54", "IAG 1975": "西安80"}  # by ellipsoid; both need parameters that are not public
MILLION = 1_000_000
MOST_UNPACKED = 2_000 * MILLION  # bytes of a zipped Shapefile


class ZonesUnreadable(Worded):
    code = "nep.zones_unreadable"
    sentence = gettext_noop(
        "%(file)s cannot be read as a Shapefile, GeoPackage or GeoJSON. A Shapefile needs its .shp, .shx and .dbf side "
        "by side; export the layer anew if one is damaged."
    )
    clause = "docs/algorithms/nep.md §4"
    status = 422


class ZonesLayerUnclear(Worded):
    code = "nep.zones_layer_unclear"
    sentence = gettext_noop("%(file)s has the layers %(layers)s. Name one of them with layer = in the plan.")
    clause = "docs/algorithms/nep.md §4"
    status = 422


class ZonesTooLarge(Worded):
    code = "nep.zones_too_large"
    sentence = gettext_noop(
        "%(file)s unpacks to %(size)s MB, more than %(most)s MB. Hand in the unpacked Shapefile or a GeoPackage."
    )
    clause = "docs/algorithms/nep.md §4"
    status = 413


class ZonesEncodingUnclear(Worded):
    code = "nep.zones_encoding_unclear"
    sentence = gettext_noop(
        "The text of %(file)s is not written in %(tried)s. Name its encoding with encoding = in the plan, or export it "
        "anew as UTF-8."
    )
    clause = "docs/algorithms/nep.md §4"
    status = 422


class ZonesAlwaysUtf8(Worded):
    code = "nep.zones_always_utf8"
    sentence = gettext_noop(
        "The text of %(file)s is UTF-8, as its format demands, and the plan says encoding = %(encoding)s. Take that "
        "out; if names come out wrong, export the file anew."
    )
    clause = "RFC 7946；OGC GeoPackage"
    status = 422


class ZonesWithoutCrs(Worded):
    code = "nep.zones_without_crs"
    sentence = gettext_noop(
        "%(file)s does not say in which coordinates it is drawn (.prj missing); its first point is %(point)s%(looks)s. "
        "Declare it with crs = in the plan."
    )
    clause = "docs/algorithms/nep.md §4"
    status = 422


class ZonesOldDatum(Worded):
    code = "nep.zones_old_datum"
    sentence = gettext_noop(
        "%(file)s is drawn in %(datum)s coordinates, which lie some hundred metres off and have no public "
        "transformation. Have it transformed to CGCS2000 by the surveying authority."
    )
    clause = "《中华人民共和国测绘法》第九条"
    status = 422


class ZonesOffTheirCrs(Worded):
    code = "nep.zones_off_their_crs"
    sentence = gettext_noop(
        "%(file)s says its coordinates are %(crs)s, but %(point)s does not lie in the area of that system%(looks)s. "
        "Correct the file, or declare the right system with crs = in the plan."
    )
    clause = "docs/algorithms/nep.md §4"
    status = 422


class ZonesFieldMissing(Worded):
    code = "nep.zones_field_missing"
    sentence = gettext_noop("%(file)s has no field %(field)s. Its fields are %(fields)s: name one of them in the plan.")
    clause = "docs/algorithms/nep.md §4"
    status = 422


@dataclass(frozen=True)
class Layer:
    """Rows of a boundary file. ``geometries`` are plane shapely geometries in ``crs``, ``fields`` the columns by name.

    ``encoding_from`` says how the encoding became known: ``declared`` in the plan, ``cpg``, ``tried``, or ``format``.
    """

    file: str
    geometries: NDArray[np.object_]
    fields: dict[str, list[Any]]
    crs: str
    encoding: str
    encoding_from: str

    def column(self, field: str) -> list[Any]:
        if field not in self.fields:
            raise ZonesFieldMissing(file=self.file, field=field, fields="、".join(self.fields))
        return self.fields[field]


def read(path: Path, *, encoding: str | None = None, crs: str | None = None, layer: str | None = None) -> Layer:
    """The rows of one layer. ``crs`` declares what the file leaves open or says wrongly; ``encoding`` likewise.

    Refuses a file that cannot be read, several layers of which none is named, text no encoding fits, and coordinates
    without a system, in one without a public transformation, or outside the area of theirs.
    """
    path = Path(path)
    if path.suffix.lower() != ".zip":
        return opened(path, path.name, encoding=encoding, crs=crs, layer=layer)
    with tempfile.TemporaryDirectory() as scratch:
        return opened(unpacked(path, Path(scratch)), path.name, encoding=encoding, crs=crs, layer=None)


def unpacked(path: Path, scratch: Path) -> Path:
    """The one Shapefile of an archive, in whatever folder and under whatever name, with its parts side by side."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if "__MACOSX" not in one.filename and not one.is_dir()]
            shapes = [one.filename for one in members if one.filename.lower().endswith(".shp")]
            if len(shapes) > 1:
                raise ZonesLayerUnclear(file=path.name, layers="、".join(shapes))
            stem = shapes[0][:-4] if shapes else ""
            parts = {one.filename[-4:].lower(): one for one in members if shapes and one.filename[:-4] == stem}
            if (size := sum(one.file_size for one in parts.values())) > MOST_UNPACKED:
                raise ZonesTooLarge(file=path.name, size=size // MILLION, most=MOST_UNPACKED // MILLION)
            for suffix, one in parts.items():
                with archive.open(one) as source, (scratch / f"zones{suffix}").open("wb") as target:
                    shutil.copyfileobj(source, target)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as why:
        raise ZonesUnreadable(file=path.name) from why
    return scratch / "zones.shp"


def opened(path: Path, name: str, *, encoding: str | None, crs: str | None, layer: str | None) -> Layer:
    """The rows of a file that is not packed; ``name`` is what it is called in refusals."""
    shapefile = path.suffix.lower() == ".shp"
    try:
        layers = [str(one) for one in pyogrio.list_layers(path)[:, 0]]
        if (layer is None and len(layers) != 1) or (layer is not None and layer not in layers):
            raise ZonesLayerUnclear(file=name, layers="、".join(layers))
        meta, _, wkb, columns = pyogrio.raw.read(
            path, layer=layer or layers[0], force_2d=True, encoding="ISO-8859-1" if shapefile else None
        )
        geometries = shapely.from_wkb(wkb)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError, OSError) as why:
        raise ZonesUnreadable(file=name) from why
    except (shapely.errors.GEOSException, UnicodeDecodeError, ValueError) as why:
        raise ZonesUnreadable(file=name) from why
    names = [str(one) for one in meta["fields"]]
    known, known_from = "utf-8", "format"
    if encoding and not shapefile and encoding.lower().replace("-", "").replace("_", "") not in ("utf8", "utf8sig"):
        raise ZonesAlwaysUtf8(file=name, encoding=encoding)
    if shapefile:
        known, known_from = text_encoding(path, name, names, columns, encoding)
        names = [decoded(one, known, cut=True) for one in names]
        columns = [[decoded(cell, known) for cell in column] for column in columns]
    return Layer(
        file=name,
        geometries=geometries,
        fields={one: list(column) for one, column in zip(names, columns, strict=True)},
        crs=located(name, geometries, crs or meta["crs"]),
        encoding=known,
        encoding_from=known_from,
    )


def text_encoding(
    path: Path, file: str, names: list[str], columns: Sequence[Any], declared: str | None
) -> tuple[str, str]:
    """The encoding of a .dbf whose bytes stand here as Latin-1: the declared one, the .cpg's, or the first of the
    candidates that reads every byte. One that was named and does not fit is refused, never replaced."""
    named, named_from = declared, "declared"
    if not named:
        named, named_from = from_cpg(path), "cpg"
    tried = [named] if named else list(CANDIDATES)
    for candidate in tried:
        try:
            canonical = PAGES.get(candidate.lower()) or codecs.lookup(candidate).name
            for name in names:
                decoded(name, canonical, cut=True)
            for column in columns:
                for cell in column:
                    decoded(cell, canonical)
        except (LookupError, UnicodeDecodeError):
            continue
        return canonical, named_from if named else "tried"
    raise ZonesEncodingUnclear(file=file, tried=" / ".join(tried))


def from_cpg(path: Path) -> str:
    """What the .cpg beside a .shp says; empty without one."""
    for beside in (path.with_suffix(".cpg"), path.with_suffix(".CPG")):
        if beside.exists():
            return beside.read_bytes().decode("ascii", "replace").strip()
    return ""


def decoded(cell: Any, encoding: str, *, cut: bool = False) -> Any:
    """Text whose bytes were read as Latin-1, in its own encoding. ``cut``: a name of a field may end within a
    character, as .dbf allows it ten bytes; the half character is left away."""
    if not isinstance(cell, str):
        return cell
    return codecs.getincrementaldecoder(encoding)("strict").decode(cell.encode("latin-1"), final=not cut)


def located(file: str, geometries: NDArray[np.object_], system: str | None) -> str:
    """The reference system as WKT or authority code, after looking whether the coordinates can be in it."""
    bounds = shapely.total_bounds(geometries) if len(geometries) else np.full(4, np.nan)
    point = f"{bounds[0]:.10g}, {bounds[1]:.10g}"
    looks = likely(float(bounds[0]), float(bounds[1]))
    if not system:
        raise ZonesWithoutCrs(file=file, point=point, looks=looks)
    try:
        crs = pyproj.CRS.from_user_input(system)
    except pyproj.exceptions.CRSError as why:
        raise ZonesOffTheirCrs(file=file, crs=str(system), point=point, looks=looks) from why
    if crs.ellipsoid is not None:
        for ellipsoid, datum in OLD_DATUMS.items():
            if crs.ellipsoid.name.startswith(ellipsoid):
                raise ZonesOldDatum(file=file, datum=datum)
    corners = np.array([[bounds[0], bounds[1]], [bounds[2], bounds[3]]])
    places = degrees(corners, crs)
    if crs.is_geographic and (np.abs(corners[:, 0]) > 180).any():
        places[:] = np.inf
    area = crs.area_of_use
    margin = 3.0 if crs.is_projected else 0.5  # a strip is used a good way beyond its edge
    if np.isfinite(bounds).all() and (
        not np.isfinite(places).all()
        or (np.abs(places[:, 1]) > 90).any()
        or (crs.is_projected and area is not None and outside(places, area.bounds, margin))
    ):
        raise ZonesOffTheirCrs(file=file, crs=crs.name, point=point, looks=looks)
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.to_wkt()


def outside(places: NDArray[np.float64], bounds: tuple[float, float, float, float], margin: float) -> bool:
    west, south, east, north = bounds
    longitude, latitude = places.T
    return bool(
        (longitude < west - margin).any()
        or (longitude > east + margin).any()
        or (latitude < south - margin).any()
        or (latitude > north + margin).any()
    )


def degrees(points: NDArray[np.float64], crs: pyproj.CRS | str) -> NDArray[np.float64]:
    """Points (n, 2) in ``crs`` to longitude and latitude in CGCS2000, infinite where there is none. WGS 84 and
    CGCS2000 agree to centimetres and count as one."""
    change = pyproj.Transformer.from_crs(crs, CGCS2000, always_xy=True)
    return np.stack(change.transform(points[:, 0], points[:, 1]), axis=-1)


def likely(x: float, y: float) -> Phrase | str:
    """A hint at the system of a Chinese coordinate: degrees, or the number of a Gauss-Krüger zone in its first two
    digits. Empty where nothing can be said; a three-degree or six-degree strip without a number has none."""
    if 73 <= x <= 136 and 3 <= y <= 54:
        return say(" (perhaps CGCS2000, %(crs)s)", crs=CGCS2000)
    number = int(x // MILLION) if np.isfinite(x) else 0  # no geometry at all
    if 25 <= number <= 45 and 1 * MILLION < y < 6.5 * MILLION:
        return say(
            " (perhaps CGCS2000, three-degree strip %(number)s, EPSG:%(epsg)s)", number=number, epsg=4488 + number
        )
    if 13 <= number <= 23 and 1 * MILLION < y < 6.5 * MILLION:
        strip = {"number": number, "epsg": 4478 + number}
        return say(" (perhaps CGCS2000, six-degree strip %(number)s, EPSG:%(epsg)s)", **strip)
    return ""


PLACE = re.compile(r"\[([^\]]+)\]")


def why_invalid(geometry: Any) -> tuple[str, str]:
    """GEOS' reason and the place, in the file's own coordinates: ("Self-intersection", "120.5, 30.1")."""
    said = shapely.is_valid_reason(geometry)
    found = PLACE.search(said)
    place = ", ".join(f"{float(one):.10g}" for one in found.group(1).split()) if found else ""
    return said.split("[")[0], place

"""Files of parcels as tables: zipped Shapefile, GeoPackage, GeoJSON, or XLSX with outlines as text.

The room of files has looked at the bytes before (parts complete, no archive that swells); here they are read.
"""

import contextlib
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

import numpy as np
import pyogrio
import pyogrio.raw
import python_calamine
import shapely
from numpy.typing import NDArray

from tanhui.files.parsers import archive, shape
from tanhui.kernel import typed
from tanhui.kernel.refusal import Refusal, gettext_noop

Array: TypeAlias = NDArray[np.object_]
MOST_ROWS = 500_000
OUTLINE = ("wkt", "geometry", "geom", "the_geom", "坐标", "坐标串", "界址点坐标", "拐点坐标", "空间坐标", "边界")
NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")
ABOVE = 10  # rows in which the headings of a workbook may begin: a title often stands above them


class SurveyUnreadable(Refusal):
    code = "projects.survey_unreadable"
    sentence = gettext_noop(
        "“%(file)s” cannot be read as %(format)s. Export it again, as a zipped Shapefile, GeoPackage, GeoJSON or XLSX."
    )
    clause = "rules §15.6"
    status = 422


class NoOutlines(Refusal):
    code = "projects.no_outlines"
    sentence = gettext_noop(
        "“%(file)s” has no polygons. Give a layer of polygons, or in a workbook a column with WKT or with a list of "
        "coordinates (118.90,42.20; 118.91,42.20; …), headed “WKT” or “坐标”."
    )
    clause = "rules §15.6"
    status = 422


class LayerUnsaid(Refusal):
    code = "projects.layer_unsaid"
    sentence = gettext_noop("“%(file)s” has several layers of polygons: %(layers)s. Choose one.")
    clause = "OGC 12-128"
    status = 409


class TooManyRows(Refusal):
    code = "projects.too_many_rows"
    sentence = gettext_noop("“%(file)s” has %(rows)s rows; at most %(most)s are taken at once. Give it in parts.")
    clause = "ARCHITECTURE.md §5"
    status = 422


@dataclass(frozen=True, slots=True)
class Sheet:
    """A layer as a table: ``columns`` by their name in the file, ``outlines`` in the file's own coordinates (None where
    there is none), ``crs`` what the file says of them (WKT; empty: nothing). The first row is numbered ``first_row``,
    as people count it: 1, in a workbook 2. ``as_text``: outlines were typed, so that either axis may stand first."""

    columns: dict[str, Array]
    outlines: Array
    crs: str
    first_row: int = 1
    as_text: bool = False

    def __len__(self) -> int:
        return len(self.outlines)


def read(path: Path, name: str, form: str, *, encoding: str = "", layer: str = "", most: int | None = None) -> Sheet:
    """The layer in a file of the format ``form`` (``files.kinds``); ``name`` is what people call it, ``most`` cuts.

    Refuses with ``SurveyUnreadable``, ``NoOutlines``, ``LayerUnsaid`` or ``TooManyRows``.
    """
    if form == "xlsx":
        return workbook(path, name, most)
    if form != "gpkg":
        return by_gdal(inside(path) if form == "shape" else str(path), name, form, encoding, "", most)
    with suffixed(path) as link:
        return by_gdal(str(link), name, form, "", chosen(layers(link, name), layer, name), most)


@contextlib.contextmanager
def suffixed(path: Path) -> Iterator[Path]:
    """A GeoPackage under a name that ends as GDAL wants it."""
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "survey.gpkg"
        link.symlink_to(path)
        yield link


def by_gdal(place: str, name: str, form: str, encoding: str, layer: str, most: int | None) -> Sheet:
    try:
        about = pyogrio.read_info(place, layer=layer or None, force_feature_count=most is None)
        if most is None and about["features"] > MOST_ROWS:
            raise TooManyRows(file=name, rows=about["features"], most=MOST_ROWS)
        found = pyogrio.raw.read(
            place, layer=layer or None, max_features=most, force_2d=True,
            encoding=(encoding or "utf-8") if form == "shape" else None,
        )  # fmt: skip
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as fault:
        raise SurveyUnreadable(file=name, format=form) from fault
    except (UnicodeDecodeError, LookupError, ValueError) as fault:
        raise SurveyUnreadable(file=name, format=f"{form} / {encoding or 'utf-8'}") from fault
    about, _numbers, outlines, values = found
    if outlines is None or not len(outlines):
        raise NoOutlines(file=name)
    columns = {str(one): np.asarray(value, dtype=object) for one, value in zip(about["fields"], values, strict=True)}
    drawn = np.asarray(shapely.from_wkb(outlines, on_invalid="ignore"), dtype=object)
    return Sheet(columns, drawn, str(about["crs"] or ""))


def inside(path: Path) -> str:
    """Where GDAL finds the shapefile in the archive, whatever the archive is called."""
    with archive.opened(path, "ZIP") as opened:
        member = shape.members(opened)[".shp"].filename
    return f"/vsizip/{{{path}}}/{PurePosixPath(member)}"


def layers(path: Path, name: str) -> list[str]:
    """The layers of polygons in a GeoPackage."""
    try:
        found = pyogrio.list_layers(path)
    except pyogrio.errors.DataSourceError as fault:
        raise SurveyUnreadable(file=name, format="GeoPackage") from fault
    return [str(one) for one, kind in found if kind and ("Polygon" in str(kind) or str(kind) == "Unknown")]


def chosen(offered: list[str], layer: str, name: str) -> str:
    if not offered:
        raise NoOutlines(file=name)
    if layer in offered or len(offered) == 1:
        return layer if layer in offered else offered[0]
    raise LayerUnsaid(file=name, layers=", ".join(offered[:12]))


def workbook(path: Path, name: str, most: int | None = None) -> Sheet:
    """The first sheet with headings of which one is for the outline: a title may stand above them, merged cells say the
    same in each of their rows, and a heading that comes again is counted."""
    try:
        with python_calamine.CalamineWorkbook.from_path(str(path)) as book:
            pages = [one.name for one in book.sheets_metadata if one.typ == python_calamine.SheetTypeEnum.WorkSheet]
            found = next(filter(None, (headed(unmerged(book.get_sheet_by_name(one))) for one in pages)), None)
    except (python_calamine.CalamineError, OSError, IndexError, ValueError) as fault:
        raise SurveyUnreadable(file=name, format="XLSX") from fault
    if found is None:
        raise NoOutlines(file=name)
    headings, place, above, body = found
    while body and all(cell == "" for cell in body[-1]):
        body.pop()
    if len(body) > MOST_ROWS:
        raise TooManyRows(file=name, rows=len(body), most=MOST_ROWS)
    body = body[:most]
    columns: dict[str, Array] = {}
    for at, heading in enumerate(headings):
        if heading and at != place:
            again = sum(one == heading for one in headings[:at])
            columns[f"{heading} ({again + 1})" if again else heading] = filled(whole(row[at]) for row in body)
    drawn = filled(outline(str(row[place])) for row in body)
    if all(one is None for one in drawn):
        raise NoOutlines(file=name)
    return Sheet(columns, drawn, "", first_row=above + 2, as_text=True)


def unmerged(sheet: Any) -> list[list[Any]]:
    """The cells of a sheet; those that are merged all have what their first one has."""
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    left = sum(len(row) for row in rows)  # ranges that lie on each other are no workbook's own
    for (top, first), (bottom, last) in sheet.merged_cell_ranges or ():
        for row in rows[top + 1 : bottom + 1] if first == last else rows[top : bottom + 1]:
            left -= last - first + 1
            if left < 0:
                return rows
            row[first : last + 1] = [rows[top][first]] * len(row[first : last + 1])
    return rows


def headed(rows: list[list[Any]]) -> tuple[list[str], int, int, list[list[Any]]] | None:
    """The headings, the place of the one for the outline, how many rows stand above them, and the rows below."""
    for above, row in enumerate(rows[:ABOVE]):
        headings = [str(cell).strip() for cell in row]
        place = next((at for at, one in enumerate(headings) if one.lower() in OUTLINE), None)
        if place is not None:
            below = above + 1
            while below < len(rows) and rows[below][place] == row[place]:  # headings in two rows
                below += 1
            return headings, place, below - 1, rows[below:]
    return None


def filled(values: Iterable[Any]) -> Array:
    """A column of objects; numpy must not look into them."""
    listed = list(values)
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made


def whole(cell: object) -> object:
    """A cell as it was typed: 150404 is no 150404.0, and an empty cell is nothing."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return None if cell == "" else cell


def outline(text: str) -> object:
    """A polygon from WKT, or from a list of corners ``x,y; x,y; …``, closed by itself; None for what is neither."""
    plain = typed.plain(text).strip()
    if not plain:
        return None
    if plain[0].isalpha():
        return shapely.from_wkt(plain, on_invalid="ignore")
    corners = [NUMBER.findall(pair) for pair in re.split(r"[;\n|]+", plain) if pair.strip()]
    if len(corners) == 1:  # nothing parts the corners but blanks: x,y x,y
        corners = [NUMBER.findall(pair) for pair in plain.split()]
    if len(corners) < 3 or any(len(pair) not in (2, 3) for pair in corners):
        return None
    return shapely.Polygon([(float(pair[0]), float(pair[1])) for pair in corners])

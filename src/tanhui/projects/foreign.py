"""Lists of projects under other mechanisms and in other provinces, read row by row. Pure: nothing is stored here.

A list is XLSX or CSV (UTF-8 or GBK), with outlines as text, or GeoJSON, GeoPackage or a zipped Shapefile. A row that
cannot be taken is left out with its reasons; the others stand by themselves.
"""

import csv
import dataclasses
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import python_calamine
import shapely
from shapely.geometry.base import BaseGeometry

from tanhui.kernel import identifiers, typed
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import placing, reading, shapes

ONE_DAY = timedelta(days=1)
MOST_ROWS = 200_000
FORMATS = ("xlsx", "csv", "geojson", "gpkg", "shape")
HEADINGS = {
    "number": ("项目编号", "备案号", "登记编号", "number", "id", "project_id"),
    "title": ("项目名称", "名称", "name", "title", "project"),
    "holder": ("统一社会信用代码", "业主信用代码", "uscc"),
    "start": ("计入期开始", "计入期起", "开始日期", "start", "crediting_start"),
    "end": ("计入期结束", "计入期止", "结束日期", "end", "crediting_end"),
    "meter": ("电表号", "计量表号", "计量表", "meter"),
    "facility": ("设施", "设施名称", "facility"),
    "division": ("行政区划代码", "区划代码", "division", "division_code"),
    "activities": ("活动", "减排活动", "activities"),
    "part": ("地块", "小班", "图斑", "part", "parcel"),
}
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
REASONS = {
    "title_missing": gettext_noop("The project has no name."),
    "day_unreadable": gettext_noop("“%(given)s” is no day. Write it as 2024-01-31."),
    "start_missing": gettext_noop("The day on which the crediting period begins is missing."),
    "backwards": gettext_noop("The crediting period ends before it begins."),
    "holder_wrong": gettext_noop("“%(given)s” is no unified social credit code."),
    "nothing_claimed": gettext_noop("The row names neither land nor a meter nor a facility."),
    "outline_unreadable": gettext_noop("The outline cannot be read."),
    "outline_no_area": gettext_noop("The outline is no polygon, or has no area."),
    "outline_invalid": gettext_noop("The outline crosses or touches itself: %(given)s."),
    "outside_china": gettext_noop("The outline lies outside China: the axes or the coordinate system are not as said."),
    "division_missing": gettext_noop("A meter is known within its province: give the division code too."),
    "division_wrong": gettext_noop("“%(given)s” is no administrative division code."),
    "holder_missing": gettext_noop("A facility is known with its holder: give the unified social credit code too."),
    "twice": gettext_noop("The same stands in row %(given)s already."),
}


class ListUnreadable(Refusal):
    code = "projects.list_unreadable"
    sentence = gettext_noop(
        "“%(file)s” is no list that can be read: %(problem)s. Give XLSX, CSV, GeoJSON, GeoPackage or a zipped "
        "Shapefile with a heading over each column."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第四十八条（唯一性）"
    status = 422


class HeadingMissing(Refusal):
    code = "projects.list_heading_missing"
    sentence = gettext_noop(
        "The list has no column “%(heading)s”; its columns are: %(known)s. Name the column as in the template."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第四十八条（唯一性）"
    status = 422


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row was left out: its number as people count rows, the code of a reason, and what was given."""

    row: int
    reason: str
    given: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"row": self.row, "reason": self.reason, "given": self.given}


@dataclass(frozen=True, slots=True)
class Row:
    """One project, or one part of it, as the list has it; ``end`` is the day after the last."""

    row: int
    number: str
    title: str
    part: str
    holder: str
    start: date
    end: date | None
    activities: tuple[str, ...]
    kind: str  # LAND, METER, FACILITY
    name: str = ""  # of the meter or facility
    division: str = ""
    outline: BaseGeometry | None = None
    area_m2: int | None = None
    sha256: str = ""


@dataclass(slots=True)
class Read:
    """What a list says: rows to take, and what was left out."""

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    total: int = 0
    system: str = ""


def read(path: Path, name: str, form: str, *, crs: str = placing.DEGREES, encoding: str = "") -> Read:
    """A list in a file of the format ``form`` (``files.kinds``). ``crs``: of outlines that do not say theirs.

    Refuses with ``ListUnreadable``, ``HeadingMissing``, or as ``reading.read`` and ``placing.place`` do.
    """
    sheet = table(path, name, form, encoding)
    columns = headings(sheet.columns)
    found = Read(total=len(sheet))
    outlines = sheet.outlines
    if any(one is not None for one in outlines):
        placed = placing.place(outlines, sheet.crs, declared(sheet, crs), as_text=sheet.as_text)
        outlines, found.system = placed.outlines, placed.system
    seen: dict[tuple[str, ...], int] = {}
    for at in range(len(sheet)):
        given = {ours: typed.plain(str(values[at])).strip() for ours, values in columns.items() if _filled(values[at])}
        one(found, seen, at + sheet.first_row, given, columns, outlines[at])
    measure(found)
    return found


def declared(sheet: reading.Sheet, crs: str) -> str:
    """What a person said of the coordinates; plain degrees are only meant for a file that says nothing itself."""
    return "" if sheet.crs and crs == placing.DEGREES else crs


def table(path: Path, name: str, form: str, encoding: str = "") -> reading.Sheet:
    """The file as columns and outlines. Plain tables may have no outlines at all: meters have none."""
    if form not in ("xlsx", "csv"):
        return reading.read(path, name, form, encoding=encoding)
    rows = list(_workbook(path, name) if form == "xlsx" else _csv(path, name, encoding))
    if len(rows) < 2:
        raise ListUnreadable(file=name, problem="0")
    if len(rows) > MOST_ROWS:
        raise reading.TooManyRows(file=name, rows=len(rows) - 1, most=MOST_ROWS)
    titles = [str(cell).strip() for cell in rows[0]]
    place = next((at for at, title in enumerate(titles) if title.lower() in reading.OUTLINE), None)
    body = [[*row, *[None] * (len(titles) - len(row))] for row in rows[1:]]
    columns = {
        title: reading.filled(row[at] for row in body) for at, title in enumerate(titles) if title and at != place
    }
    texts = [None if place is None or not _filled(row[place]) else str(row[place]) for row in body]
    outlines = reading.filled(None if text is None else reading.outline(text) or shapely.Point() for text in texts)
    return reading.Sheet(columns, outlines, "", first_row=2, as_text=True)


def _workbook(path: Path, name: str) -> list[list[Any]]:
    try:
        with python_calamine.CalamineWorkbook.from_path(str(path)) as book:
            return [[reading.whole(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]
    except (python_calamine.CalamineError, OSError, IndexError, ValueError) as fault:
        raise ListUnreadable(file=name, problem="XLSX") from fault


def _csv(path: Path, name: str, encoding: str) -> list[list[Any]]:
    content = path.read_bytes()
    for tried in [encoding] if encoding else ["utf-8-sig", "gb18030"]:
        try:
            text = content.decode(tried)
        except (UnicodeDecodeError, LookupError):
            continue
        try:
            return [row for row in csv.reader(io.StringIO(text, newline="")) if any(cell.strip() for cell in row)]
        except csv.Error as fault:
            raise ListUnreadable(file=name, problem=str(fault)) from fault
    raise ListUnreadable(file=name, problem="UTF-8, GB18030")


def headings(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns by our names. Refuses with ``HeadingMissing`` where there is no name or no beginning."""
    plain = {title.strip().lower().replace(" ", "_"): title for title in columns}
    found = {
        ours: columns[plain[known]]
        for ours, names in HEADINGS.items()
        for known in [next((one for one in names if one in plain), None)]
        if known is not None
    }
    for needed in ("title", "start"):
        if needed not in found:
            raise HeadingMissing(heading=HEADINGS[needed][0], known="、".join(list(columns)[:20]))
    return found


def one(
    found: Read, seen: dict[tuple[str, ...], int], row: int, given: Mapping[str, str], raw: Mapping[str, Any],
    outline: BaseGeometry | None,
) -> None:  # fmt: skip
    """One row of the list, taken or left out with every reason."""
    faults: list[Fault] = []

    def fault(reason: str, said: str = "") -> None:
        faults.append(Fault(row, reason, said[:80]))

    start, end = (_day(given.get(name, ""), fault) for name in ("start", "end"))
    if "title" not in given:
        fault("title_missing")
    if "start" not in given:
        fault("start_missing")
    if start and end and end < start:
        fault("backwards")
    holder = _uscc(given.get("holder", ""), fault)
    division = given.get("division", "")
    if division and not re.fullmatch(r"[1-9]\d{1,11}", division, re.ASCII):
        fault("division_wrong", division)
    claimed = [(kind, given[kind.lower()]) for kind in ("METER", "FACILITY") if kind.lower() in given]
    if outline is None and not claimed:
        fault("nothing_claimed")
    if "meter" in given and not division:
        fault("division_missing")
    if "facility" in given and not given.get("holder"):
        fault("holder_missing")
    if outline is not None:
        _outline(outline, fault)
    if faults or start is None:
        found.faults += faults
        return
    base: dict[str, Any] = {
        "row": row, "number": given.get("number", "")[:60], "title": given["title"][:160],
        "part": given.get("part", "")[:120], "holder": holder, "start": start,
        "end": end + ONE_DAY if end else None, "division": division,
        "activities": tuple(re.split(r"[,，、;；\s]+", given["activities"])) if "activities" in given else (),
    }  # fmt: skip
    for kind, name in claimed:
        take(found, seen, Row(**base, kind=kind, name=name))
    if outline is not None:
        take(found, seen, Row(**base, kind="LAND", outline=outline, sha256=shapes.digest(outline)))


def take(found: Read, seen: dict[tuple[str, ...], int], row: Row) -> None:
    key = (row.number or row.title, row.kind, row.name, row.division[:2], row.holder, row.sha256)
    if key in seen:
        found.faults.append(Fault(row.row, "twice", str(seen[key])))
        return
    seen[key] = row.row
    found.rows.append(row)


def measure(found: Read) -> None:
    """Give every piece of land its area, all at once; what has less than a square metre is left out."""
    land = [at for at, row in enumerate(found.rows) if row.outline is not None]
    areas = shapes.areas_m2(reading.filled(found.rows[at].outline for at in land)) if land else np.zeros(0)
    gone = set()
    for at, area in zip(land, areas, strict=True):
        if area < 1:
            found.faults.append(Fault(found.rows[at].row, "outline_no_area"))
            gone.add(at)
        found.rows[at] = dataclasses.replace(found.rows[at], area_m2=int(area))
    found.rows = [row for at, row in enumerate(found.rows) if at not in gone]
    found.faults.sort(key=lambda each: each.row)


def _filled(cell: object) -> bool:
    return cell is not None and str(cell).strip() not in ("", "nan", "None", "NaT")


def _day(given: str, fault: Any) -> date | None:
    if not given:
        return None
    match = DAY.match(given)
    try:
        if match:
            return date(*(int(part) for part in match.groups()))
        return datetime.fromisoformat(given).date()
    except ValueError:
        fault("day_unreadable", given)
        return None


def _uscc(given: str, fault: Any) -> str:
    if not given:
        return ""
    try:
        return identifiers.uscc(given)
    except Refusal:
        fault("holder_wrong", given)
        return ""


def _outline(outline: BaseGeometry, fault: Any) -> None:
    if outline.is_empty:
        fault("outline_unreadable")
    elif shapely.get_type_id(outline) not in (3, 6):
        fault("outline_no_area")
    elif not shapely.is_valid(outline):
        fault("outline_invalid", str(shapely.is_valid_reason(outline)))
    else:
        west, south, east, north = outline.bounds
        if west < placing.CHINA[0] or south < placing.CHINA[1] or east > placing.CHINA[2] or north > placing.CHINA[3]:
            fault("outside_china")


def sentences(faults: Iterable[Mapping[str, Any]]) -> list[tuple[int, str, dict[str, str]]]:
    """Row, sentence to translate and its facts, for whoever shows the rows that were left out."""
    return [(int(one["row"]), REASONS[one["reason"]], {"given": str(one["given"])}) for one in faults]

"""A sheet of late readings (迟到监测数据), as an office hands it in: time, reading and unit, a row each. XLSX or CSV.

Times without an offset are Beijing time. Rows meet the rules of ``readings``, but for the age: what is old is handed in
with where it comes from.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import python_calamine
import xlsxwriter
from django.utils.translation import gettext, gettext_noop

from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.projects import readings
from tanhui.projects.readings import HOUSE, Limits, Reading

MOST_ROWS = 50_000
HEADS = {
    "at": ("时间", "监测时间", "采集时间", "time", "at"),
    "value": ("读数", "数值", "监测值", "reading", "value"),
    "unit": ("单位", "unit"),
}
TIME = re.compile(
    r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?[ T](?P<h>\d{1,2}):(?P<n>\d{2})(:(?P<s>\d{2}))?",
    re.ASCII,
)


class SheetUnreadable(Refusal):
    code = "projects.readings_sheet_unreadable"
    sentence = gettext_noop(
        "“%(file)s” is no sheet of readings: a first row with 时间, 读数 and 单位, then at most %(most)s rows. Fetch "
        "the template and fill it in."
    )
    clause = HOUSE
    status = 422


class RowWithoutTime(Refusal):
    code = "projects.reading_row_without_time"
    sentence = gettext_noop("“%(given)s” is no time of a reading. Write it as 2026-06-05 12:00 (Beijing time).")
    clause = HOUSE
    status = 422


class RowWithoutReading(Refusal):
    code = "projects.reading_row_without_reading"
    sentence = gettext_noop("“%(given)s” is no reading. Write a number, without the unit.")
    clause = HOUSE
    status = 422


Refused = tuple[int, int | None, Refusal]


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands, by its number in the sheet."""

    number: int
    at: Any
    value: Any
    unit: Any


def read(path: Path, name: str, form: str, encoding: str) -> list[Row]:
    """The rows of a sheet without its empty ones. Refuses with ``SheetUnreadable``."""
    wrong = SheetUnreadable(file=name[:60], most=f"{MOST_ROWS:,}")
    try:
        cells = iter(workbook(path) if form == "xlsx" else text(path, encoding))
        head = [str(one).strip().lower() for one in next(cells, ())]
        places = [place(head, wanted) for wanted in HEADS.values()]
        if None in places:
            raise wrong
        found = []
        for number, row in enumerate(cells, 2):
            at, value, unit = (row[one] if one is not None and one < len(row) else "" for one in places)
            if not all(one in ("", None) for one in (at, value)):
                found.append(Row(number, at, value, unit))
            if len(found) > MOST_ROWS:
                raise wrong
    except (python_calamine.CalamineError, BadZipFile, csv.Error, UnicodeError, LookupError) as fault:
        raise wrong from fault
    if not found:
        raise wrong
    return found


def place(head: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Where a column stands; a heading may go on in brackets: 读数（cm）."""
    for number, one in enumerate(head):
        if re.split(r"[（(\[]", one)[0].strip() in wanted:
            return number
    return None


def workbook(path: Path) -> Iterator[Sequence[Any]]:
    with open(path, "rb") as file:
        sheet = python_calamine.CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
        yield from sheet.to_python(skip_empty_area=False)


def text(path: Path, encoding: str) -> Iterator[Sequence[str]]:
    with open(path, encoding="gb18030" if encoding == "gb18030" else "utf-8-sig", newline="") as file:
        first = file.readline()
        file.seek(0)
        yield from csv.reader(file, delimiter="\t" if "\t" in first else ",")


def parse(rows: Sequence[Row], limits: Limits, *, now: datetime) -> tuple[list[Reading], list[Refused]]:
    """The readings of a sheet, and what was refused: row, its instant where it was read, and why."""
    taken: list[Reading] = []
    refused: list[Refused] = []
    for row in rows:
        at: int | None = None
        try:
            when = instant(row.at)
            if when > now + readings.SKEW:
                raise readings.ReadingInFuture(given=shown(row.at), seconds=round((when - now).total_seconds()))
            at = readings.micros(when)
            given = {"unit": str(row.unit or "").strip(), "value": number(row.value)}
            taken.append(Reading(row.number, at, readings.measured(row.number, given, limits)))
        except Refusal as refusal:
            refused.append((row.number, at, refusal))
    return taken, refused


def instant(given: Any) -> datetime:
    """An instant in UTC. Refuses with ``RowWithoutTime``; a day without an hour is none."""
    try:
        when = given if isinstance(given, datetime) else written(str(given).strip()[:40])
        if when.tzinfo is None:
            when = when.replace(tzinfo=clock.SHANGHAI)
        return when.astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise RowWithoutTime(given=shown(given)) from fault


def written(said: str) -> datetime:
    if found := TIME.fullmatch(said):
        parts = found.groupdict(default="0")
        year, month, day, hour, minute, second = (int(parts[name]) for name in "ymdhns")
        return datetime(year, month, day, hour, minute, second, tzinfo=clock.SHANGHAI)
    if len(said) <= len("2026-06-05"):
        raise ValueError("a day alone")
    return datetime.fromisoformat(said)


def number(given: Any) -> float:
    """Refuses with ``RowWithoutReading``."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    plain = str(given).strip()
    try:
        if not re.fullmatch(r"[-+]?[0-9]{1,30}(\.[0-9]{0,30})?", plain):
            raise ValueError
        return float(plain)
    except ValueError:
        raise RowWithoutReading(given=shown(given)) from None


def shown(given: Any) -> str:
    return str(given).replace("\x00", "")[:40]


def template(unit: str) -> bytes:
    """The workbook to fill in, with one row to show how."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#e7f0ea"})
        when = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = book.add_worksheet(gettext("Readings"))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 22, when)
        sheet.set_column(1, 2, 14)
        for at, names in enumerate(HEADS.values()):
            sheet.write_string(0, at, names[0], bold)
        sheet.write_datetime(1, 0, datetime(2026, 1, 1, tzinfo=clock.SHANGHAI).replace(tzinfo=None), when)
        sheet.write_string(1, 2, unit)
    return made.getvalue()

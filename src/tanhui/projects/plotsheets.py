"""The workbook in which an office types plot sheets: written as a template, read back with every fault by its row."""

import io
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import python_calamine
import xlsxwriter
from django.utils.translation import gettext

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import surveys
from tanhui.projects.models import Development, Plot

NAMESPACE = uuid.UUID("6f1f6c1e-5d3b-4a57-9b7e-8a4f2d1f7c10")
MOST_ROWS = 20_000
VISITS = (
    gettext_noop("Plot"), gettext_noop("Measured on"), gettext_noop("Measured by"), gettext_noop("Field note"),
    gettext_noop("No tree (yes)"),
)  # fmt: skip
TREES = (gettext_noop("Plot"), gettext_noop("Species"), gettext_noop("DBH (mm)"), gettext_noop("Height (dm)"))


class SheetWrong(Refusal):
    code = "projects.plot_sheet_wrong"
    sentence = gettext_noop(
        "%(count)s rows of the workbook cannot be taken; they are listed below. Correct them and hand it in again. "
        "Nothing "
        "of it was kept."
    )
    clause = surveys.HOUSE
    status = 422

    def __init__(self, rows: "list[Row]") -> None:
        self.rows = rows
        super().__init__(count=len(rows))


class SheetUnreadable(Refusal):
    code = "projects.plot_sheet_unreadable"
    sentence = gettext_noop(
        "The workbook needs two sheets as in the template, with at most %(most)s rows. Fetch the template and fill "
        "it in."
    )
    clause = surveys.HOUSE
    status = 422


@dataclass(frozen=True)
class Row:
    """A fault: ``sheet`` 1 visits or 2 trees, its row as the spreadsheet counts, and the key of its sentence."""

    sheet: int
    row: int
    field: str

    @property
    def says(self) -> str:
        return gettext(surveys.FAULTS[self.field])


def template(plots: list[Plot]) -> bytes:
    """The workbook to fill in, a line for each plot, with limits on the cells so that Excel refuses the worst."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        bold, day = (
            book.add_format({"bold": True, "bg_color": "#e7f0ea"}),
            book.add_format({"num_format": "yyyy-mm-dd"}),
        )
        visits, trees = book.add_worksheet(gettext("Visits")), book.add_worksheet(gettext("Trees"))
        for sheet, heads in ((visits, VISITS), (trees, TREES)):
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(heads) - 1, 16)
            for place, head in enumerate(heads):
                sheet.write_string(0, place, gettext(head), bold)
        visits.set_column(1, 1, 14, day)
        for number, plot in enumerate(plots, 1):
            visits.write_string(number, 0, plot.code)
        least, most = surveys.DBH_MM
        trees.data_validation(
            1, 2, MOST_ROWS, 2, {"validate": "integer", "criteria": "between", "minimum": least, "maximum": most}
        )
        least, most = surveys.HEIGHT_DM
        trees.data_validation(
            1, 3, MOST_ROWS, 3,
            {"validate": "integer", "criteria": "between", "minimum": least, "maximum": most, "ignore_blank": True},
        )  # fmt: skip
    return made.getvalue()


def read(path: Path, development: Development, *, today: date) -> list[surveys.Visit]:
    """The visits of a filled-in workbook; lines of plots nobody went to are passed over.

    A visit's number comes from project, plot, day and team, so that the same sheet handed in twice is one visit.
    Refuses with ``SheetUnreadable``, or ``SheetWrong`` with every fault.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        visits, trees = (book.get_sheet_by_index(number).to_python()[1:] for number in (0, 1))
    except (python_calamine.CalamineError, IndexError, OSError, ValueError) as fault:
        raise SheetUnreadable(most=MOST_ROWS) from fault
    if len(visits) + len(trees) > MOST_ROWS:
        raise SheetUnreadable(most=MOST_ROWS)
    wrong: list[Row] = []
    grown: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for number, cells in enumerate(trees, 2):
        plot, species, dbh, height, _ = padded(cells)
        if plot or species or dbh != "":
            said = {"species": written(species), "dbh_mm": integer(dbh), "height_dm": integer(height)}
            grown.setdefault(written(plot), []).append((number, said))
    known = set(development.plots.values_list("code", flat=True))
    taken: list[surveys.Visit] = []
    met: set[str] = set()
    for number, cells in enumerate(visits, 2):
        plot, day, team, note, bare = padded(cells)
        code = written(plot)
        rows = grown.pop(code, [])
        if not (day or written(team) or rows):
            continue
        if code in met:
            wrong.append(Row(1, number, "twice"))
            continue
        met.add(code)
        when = day.date() if isinstance(day, datetime) else day
        iso = when.isoformat() if isinstance(when, date) else written(when)
        key = uuid.uuid5(NAMESPACE, f"{development.pk}|{code}|{iso}|{written(team)}")
        given = {
            "id": str(key), "plot": code, "measured_on": iso, "team": written(team), "note": written(note),
            "trees": [row for _, row in rows], "empty": bool(written(bare)),
        }  # fmt: skip
        try:
            taken.append(surveys.read(given, plots=known, today=today))
        except surveys.VisitWrong as refusal:
            wrong += [
                Row(2, rows[one.row - 1][0], one.field) if one.row else Row(1, number, one.field)
                for one in refusal.errors
            ]
    wrong += [Row(2, number, "plot") for rows in grown.values() for number, _ in rows]
    if wrong:
        raise SheetWrong(sorted(wrong, key=lambda one: (one.sheet, one.row)))
    return taken


def padded(cells: list[Any]) -> list[Any]:
    return [*cells, "", "", "", "", ""][:5]


def written(cell: Any) -> str:
    """A cell as text; a code that the spreadsheet took for a number is whole again."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return surveys.text(cell if isinstance(cell, str) else str(cell))


def integer(cell: Any) -> Any:
    """A whole number of a cell, none for an empty one; anything else stays what it is and is refused by its rule."""
    if cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    plain = surveys.text(cell) if isinstance(cell, str) else cell
    return int(plain) if isinstance(plain, str) and plain.isdecimal() and len(plain) < 9 else plain

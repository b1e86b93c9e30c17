"""Every fault of an input in one sheet that people can work through: CSV, or Excel for those who have it."""

import csv
import io
from pathlib import Path

from tanhui.kernel import language
from tanhui.kernel.refusal import gettext_noop
from tanhui.methods.engine.faults import FaultyInput

COLUMNS = {
    "file": gettext_noop("file"),
    "row": gettext_noop("row"),
    "column": gettext_noop("column"),
    "value": gettext_noop("value"),
    "rule": gettext_noop("rule"),
    "reason": gettext_noop("what is wrong, and what to do"),
    "clause": gettext_noop("clause"),
}
WIDTHS = {"file": 24, "row": 8, "column": 24, "value": 20, "rule": 22, "reason": 70, "clause": 40}
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(refusal: FaultyInput, path: Path, code: str) -> None:
    """The sheet into a file: XLSX by its suffix, otherwise CSV with a byte order mark, which Excel needs."""
    if path.suffix.lower() == ".xlsx":
        path.write_bytes(excel(refusal, code))
    else:
        path.write_text(text(refusal, code), "utf-8-sig")


def text(refusal: FaultyInput, code: str = "en") -> str:
    """Every fault as CSV. A value that a spreadsheet would take for a formula is set behind an apostrophe."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    for fault in refusal.faults:
        row = fault.as_json(code)
        writer.writerow({name: _harmless(value) for name, value in row.items()})
    return out.getvalue()


def excel(refusal: FaultyInput, code: str = "en") -> bytes:
    """Every fault as an Excel workbook with translated headings; all cells but the row number are text."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(language.translate(gettext_noop("Faults"), code))
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for place, (name, heading) in enumerate(COLUMNS.items()):
        sheet.set_column(place, place, WIDTHS[name])
        sheet.write_string(0, place, language.translate(heading, code), bold)
    for number, fault in enumerate(refusal.faults, 1):
        row = fault.as_json(code)
        for place, name in enumerate(COLUMNS):
            if name == "row":
                sheet.write_number(number, place, int(row[name]), wrapped)
            else:
                sheet.write_string(number, place, str(row[name]), wrapped)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(refusal.faults), len(COLUMNS) - 1)
    book.close()
    return out.getvalue()


def _harmless(value: str | int) -> str | int:
    return f"'{value}" if isinstance(value, str) and value.startswith(STARTS_A_FORMULA) else value

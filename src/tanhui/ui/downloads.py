"""Lists as files that a spreadsheet opens rightly: UTF-8 with a byte-order mark, ids kept, nothing run as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

Row = Sequence[Any]
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
EXACT = 10**15  # a spreadsheet keeps fifteen digits of a number and makes the rest zeros
MOST_ROWS = 1_048_576  # of a sheet
MOST_CHARACTERS = 32_767  # of a cell
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def table(name: str, form: str, header: Row, rows: Iterable[Row]) -> HttpResponseBase:
    """The rows as ``name.csv`` or ``name.xlsx`` (``form``)."""
    return as_xlsx(name, header, rows) if form == "xlsx" else as_csv(name, header, rows)


def write(path: Path, form: str, title: str, header: Row, rows: Iterable[Row]) -> None:
    """The rows as a file on disk; memory does not grow with them."""
    if form == "xlsx":
        with path.open("wb") as binary:
            workbook(binary, title, header, rows, folder=path.parent)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines(header, rows))


def as_csv(name: str, header: Row, rows: Iterable[Row]) -> HttpResponseBase:
    """Streamed row by row; digits stay as they are for programs. Who opens it in a spreadsheet takes the XLSX."""
    return StreamingHttpResponse(
        lines(header, rows),
        content_type=MEDIA_TYPES["csv"],
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def lines(header: Row, rows: Iterable[Row]) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield "\ufeff"
    yield writer.writerow([cell(value) for value in header])
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def cell(value: Any) -> Any:
    """Text that a spreadsheet would run gets an apostrophe in front; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(STARTS_A_FORMULA) else value


def as_xlsx(name: str, header: Row, rows: Iterable[Row]) -> HttpResponseBase:
    file = io.BytesIO()
    workbook(file, name, header, rows)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=MEDIA_TYPES["xlsx"])


def workbook(file: IO[bytes], title: str, header: Row, rows: Iterable[Row], *, folder: Path | None = None) -> None:
    """Text cells stay text, so leading zeros and 18-digit codes survive; whole numbers a spreadsheet can hold exactly
    are numbers. What does not fit on one sheet goes on on the next, under the same head."""
    options = {"constant_memory": True, "strings_to_formulas": False, "tmpdir": str(folder) if folder else None}
    with xlsxwriter.Workbook(file, options) as book:
        head = book.add_format({"bold": True})
        sheet, place, number = None, MOST_ROWS, 0
        for row in rows:
            if place == MOST_ROWS:
                number += 1
                sheet, place = begun(book, title, number, header, head), 1
            put(sheet, place, row)
            place += 1
        if sheet is None:
            begun(book, title, 1, header, head)


def begun(book: Any, title: str, number: int, header: Row, head: Any) -> Any:
    suffix = f" ({number})" if number > 1 else ""
    sheet = book.add_worksheet(
        "".join(" " if sign in "[]:*?/\\'" else sign for sign in title)[: 31 - len(suffix)] + suffix
    )
    sheet.freeze_panes(1, 0)
    for column, words in enumerate(header):
        sheet.write_string(0, column, str(words), head)
    return sheet


def put(sheet: Any, place: int, row: Row) -> None:
    for column, value in enumerate(row):
        if isinstance(value, int) and -EXACT < value < EXACT:
            sheet.write_number(place, column, value)
        elif value is not None:
            sheet.write_string(place, column, str(value)[:MOST_CHARACTERS])

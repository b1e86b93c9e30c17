"""Lists as files that a spreadsheet opens rightly: UTF-8 with a byte-order mark, ids kept, nothing run as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

Row = Sequence[Any]
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def table(name: str, form: str, header: Row, rows: Iterable[Row]) -> HttpResponseBase:
    """The rows as ``name.csv`` or ``name.xlsx`` (``form``)."""
    return as_xlsx(name, header, rows) if form == "xlsx" else as_csv(name, header, rows)


def as_csv(name: str, header: Row, rows: Iterable[Row]) -> HttpResponseBase:
    """Streamed row by row; digits stay as they are for programs. Who opens it in a spreadsheet takes the XLSX."""
    return StreamingHttpResponse(
        lines(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def lines(header: Row, rows: Iterable[Row]) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield "\ufeff"
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def cell(value: Any) -> Any:
    """Text that a spreadsheet would run gets an apostrophe in front; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(STARTS_A_FORMULA) else value


def as_xlsx(name: str, header: Row, rows: Iterable[Row]) -> HttpResponseBase:
    """Text cells stay text, so leading zeros and 18-digit codes survive; whole numbers are numbers."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(name[:31])
        head = book.add_format({"bold": True})
        for column, title in enumerate(header):
            sheet.write_string(0, column, str(title), head)
        for place, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(place, column, value)
                else:
                    sheet.write_string(place, column, str(value))
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"{name}.xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )

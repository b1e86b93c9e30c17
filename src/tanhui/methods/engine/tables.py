"""Input tables as they come: CSV in UTF-8 or GBK, or the first sheet of an Excel file; cells are text.

How a file was read (``Table.encoding``) is part of the record, so that nothing is decoded silently.
"""

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanhui.methods.engine.faults import Fault
from tanhui.science.biomass import Values

Texts = NDArray[np.str_]
UTF8, GBK, EXCEL = "utf-8", "gb18030", "xlsx"  # GB 18030 contains GBK and GB 2312
ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Table:
    """A table as it came: text cells by column, and the line each row had in its file."""

    file: str
    sha256: str
    columns: dict[str, list[str]]
    lines: list[int]
    ragged: tuple[Fault, ...] = ()  # what was wrong with the shape of the file
    encoding: str = UTF8

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class Checked:
    """The columns a package asked for, rows sorted by key: numbers in the package's units, flags, and everything else
    (keys, codes, dates as ISO text) as text."""

    file: str
    numbers: dict[str, Values]
    texts: dict[str, Texts]
    lines: NDArray[np.int64]
    raw: dict[str, list[str]]  # the same rows as text, for the record
    flags: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    def fault(self, rule: str, row: int, column: str, *, en: str = "", zh: str = "", **facts: Any) -> Fault:
        return Fault(rule, self.file, int(self.lines[row]), column, self.raw[column][row], facts, en=en, zh=zh)

    def faults(
        self, rule: str, where: NDArray[np.bool_], column: str, *, en: str = "", zh: str = "", **facts: Any
    ) -> list[Fault]:
        """One fault for each row where the mask holds. A rule of a package's own brings its sentence in both
        languages."""
        return [self.fault(rule, int(row), column, en=en, zh=zh, **facts) for row in np.flatnonzero(where)]


def read(path: Path) -> Table:
    """A CSV or XLSX file with a header. ``ValueError`` when it is neither."""
    return parse(path.read_bytes(), file=path.name)


def parse(content: bytes, *, file: str) -> Table:
    if content.startswith(ZIP):
        return _excel(content, file)
    text, encoding = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = next(reader, [])
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as problem:
        raise ValueError(f"this is no table of separated values: {problem}") from problem
    return _table(file, content, header, rows, encoding)


def _decoded(content: bytes) -> tuple[str, str]:
    try:
        text, encoding = content.decode("utf-8-sig"), UTF8
    except UnicodeDecodeError:
        try:
            text, encoding = content.decode(GBK), GBK
        except UnicodeDecodeError as problem:
            raise ValueError("the text is neither UTF-8 nor GBK") from problem
    if "\0" in text:
        raise ValueError("this is not a text file")
    return text, encoding


def _excel(content: bytes, file: str) -> Table:
    """The first sheet; the others are not looked at, and the record names the one that was."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        name = book.sheet_names[0]
        rows = [[_cell(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python(skip_empty_area=False)]
    except (python_calamine.CalamineError, IndexError) as problem:
        raise ValueError(f"this is not an Excel workbook: {problem}") from problem
    return _table(file, content, rows[0] if rows else [], list(enumerate(rows[1:], 2)), f"{EXCEL}:{name}")


def _cell(value: Any) -> str:
    """A cell as someone would have typed it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _table(
    file: str, content: bytes, header: Sequence[str], numbered: Sequence[tuple[int, list[str]]], encoding: str
) -> Table:
    """Rows that are empty are left out; so are empty cells right of the heading, which spreadsheets leave behind."""
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    width = len(names)
    twice = sorted({name for name in names if names.count(name) > 1})
    faults = [Fault("duplicated_column", file, 1, name, name) for name in twice]
    rows, lines = [], []
    for line, row in numbered:
        if not any(row):
            continue
        while len(row) > width and not row[-1]:
            row.pop()
        if len(row) != width:
            facts = {"found": len(row), "wanted": width}
            faults.append(Fault("ragged_row", file, line, "", ",".join(row)[:60], facts))
            continue
        rows.append(row)
        lines.append(line)
    cells = list(zip(*rows, strict=True)) if rows else [()] * width
    columns = {name: [cell.strip() for cell in column] for name, column in zip(names, cells, strict=True)}
    return Table(file, hashlib.sha256(content).hexdigest(), columns, lines, tuple(faults), encoding)


def decimal(value: Any) -> Decimal:
    """A declared number from a project file; ``ValueError`` when it is none."""
    try:
        number = Decimal(str(value))
    except ArithmeticError as problem:
        raise ValueError(f"{value} is not a number") from problem
    if not number.is_finite():
        raise ValueError(f"{value} is not a number")
    return number

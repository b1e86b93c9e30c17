"""Plain text and CSV: UTF-8 or GB 18030, read to the end piece by piece."""

import codecs
import csv
from functools import cache
from pathlib import Path

from tanhui.files import refusals
from tanhui.files.parsers import Facts, NotMine

# Neither encoding has these bytes inside a character.
CONTROLS = bytes({*range(32)} - {*b"\t\n\f\r\x1b"})
PIECE = 1 << 20
MOST_CELL = 1 << 20


def text(path: Path) -> Facts:
    """``lines``, and the encoding it was read in."""
    encoding, lines = measured(path)
    return {"lines": lines, "encoding": encoding}


def table(path: Path) -> Facts:
    """``rows`` without the head, ``columns``, ``separator``, and the encoding it was read in."""
    encoding, _ = measured(path)
    csv.field_size_limit(MOST_CELL)
    rows, columns = 0, 0
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        first = file.readline(MOST_CELL)
        separator = max(",;\t", key=first.count)
        if not first.count(separator):  # anything is a table of one column
            raise NotMine
        file.seek(0)
        reader = csv.reader(file, delimiter=separator, strict=True)
        try:
            for row in reader:
                columns = columns or len(row)
                if row and len(row) != columns:
                    raise refusals.TableRagged(line=reader.line_num, cells=len(row), wanted=columns)
                rows += bool(row)
        except csv.Error as fault:
            raise refusals.FileUnreadable(format="CSV") from fault
    return {"rows": rows - 1, "columns": columns, "separator": separator, "encoding": encoding}


@cache  # the child looks at one file, maybe as both
def measured(path: Path) -> tuple[str, int]:
    """The encoding of a text and its lines; ``NotMine`` for what holds control characters, as no text does."""
    try:
        return "utf-8", read(path, "utf-8")
    except UnicodeDecodeError:
        try:
            return "gb18030", read(path, "gb18030")
        except UnicodeDecodeError as fault:
            raise refusals.TextUnreadable(byte=fault.start + 1) from fault


def read(path: Path, encoding: str) -> int:
    """How many lines the text has when it is read in that encoding."""
    decoder, place, lines, last = codecs.getincrementaldecoder(encoding)(), 0, 0, "\n"
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            if len(piece.translate(None, CONTROLS)) < len(piece):
                raise NotMine
            try:
                found = decoder.decode(piece)
            except UnicodeDecodeError as fault:
                raise UnicodeDecodeError(encoding, b"", place + fault.start, place + fault.end, fault.reason) from fault
            place += len(piece)
            lines += found.count("\n")
            last = found[-1:] or last
    decoder.decode(b"", final=True)
    return lines + (last != "\n")

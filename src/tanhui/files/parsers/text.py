"""Plain text and CSV: UTF-8 or GB 18030, read to the end."""

import csv
import io
from pathlib import Path

from tanhui.files import refusals
from tanhui.files.parsers import Facts, NotMine

CONTROLS = {chr(code) for code in range(32)} - set("\t\n\r\f\x1b")
SAMPLE = 64 * 1024
MOST_CELL = 1 << 20
BOM = "\ufeff"


def text(path: Path) -> Facts:
    """``lines``, and the encoding it was read in."""
    found, encoding = decoded(path)
    return {"lines": len(found.splitlines()), "encoding": encoding}


def table(path: Path) -> Facts:
    """``rows`` without the head, ``columns``, ``separator``, and the encoding it was read in."""
    found, encoding = decoded(path)
    separator = likely(found[:SAMPLE])
    csv.field_size_limit(MOST_CELL)
    rows, columns = 0, 0
    try:
        reader = csv.reader(io.StringIO(found, newline=""), delimiter=separator, strict=True)
        for row in reader:
            if not row:
                continue
            columns = columns or len(row)
            if len(row) != columns:
                raise refusals.TableRagged(line=reader.line_num, cells=len(row), wanted=columns)
            rows += 1
    except csv.Error as fault:
        raise refusals.FileUnreadable(format="CSV") from fault
    if columns < 2:  # anything is a table of one column
        raise NotMine
    return {"rows": rows - 1, "columns": columns, "separator": separator, "encoding": encoding}


def decoded(path: Path) -> tuple[str, str]:
    """The whole text and its encoding; ``NotMine`` for what holds control characters, as no text does."""
    raw = path.read_bytes()
    try:
        found, encoding = raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        try:
            found, encoding = raw.decode("gb18030"), "gb18030"
        except UnicodeDecodeError as fault:
            if b"\0" in raw:
                raise NotMine from fault
            raise refusals.TextUnreadable(byte=fault.start + 1) from fault
    if CONTROLS & set(found):
        raise NotMine
    return found.removeprefix(BOM), encoding


def likely(sample: str) -> str:
    """The separator: the one that stands most often in the first line."""
    first = sample.partition("\n")[0]
    return max(",;\t", key=first.count)

"""Rows by the million in PostgreSQL's binary COPY format, laid out by array operations instead of row by row."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    import numpy as np

HEAD, TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
ROWS = 65_536  # of one piece handed to the server
EPOCH = 10_957  # days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts
KINDS = {"int8": ">i8", "int4": ">i4", "date": ">i4", "bytea32": "V32", "uuid": "V16"}


def copy(table: str, columns: Sequence[tuple[str, str, "np.ndarray[Any, Any]"]], *, frozen: bool = False) -> int:
    """Copy columns of one length into a table, inside the caller's transaction; returns how many rows.

    Each column is its name, its kind (``KINDS``) and its values: whole numbers, days since 1970 for ``date``, and
    fixed bytes as ``V32`` or ``V16``. The constraints of the table hold as ever. ``frozen``: the table was made in
    this transaction, and its rows need no second visit by vacuum.
    """
    names = ", ".join(f'"{name}"' for name, _kind, _values in columns)
    sql = f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY{', FREEZE' if frozen else ''})"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(sql) as stream:
        for piece in pieces([(kind, values) for _name, kind, values in columns]):
            stream.write(piece)
    return len(columns[0][2])


def pieces(columns: Sequence[tuple[str, "np.ndarray[Any, Any]"]]) -> Iterator[bytes]:
    """The stream of ``copy``, some megabytes at a time."""
    import numpy as np

    fields: list[tuple[str, str]] = [("count", ">i2")]
    for number, (kind, _values) in enumerate(columns):
        fields += [(f"size{number}", ">i4"), (f"value{number}", KINDS[kind])]
    total = len(columns[0][1])
    yield HEAD
    for start in range(0, total, ROWS):
        rows = np.empty(min(ROWS, total - start), dtype=fields)
        rows["count"] = len(columns)
        for number, (kind, values) in enumerate(columns):
            part = values[start : start + ROWS]
            rows[f"size{number}"] = np.dtype(KINDS[kind]).itemsize
            rows[f"value{number}"] = part - EPOCH if kind == "date" else part
        yield rows.tobytes()
    yield TAIL

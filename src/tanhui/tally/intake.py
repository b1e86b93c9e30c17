"""What a provider sent, as a table of the columns that are asked for; and the rows that are no such thing."""

import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tanhui.tally import refusals, shape
from tanhui.tally.rules import LARGEST

LONGEST_KEY = 64
LONGEST_TEXT = 4096
FORMS = {**shape.ASKED, **shape.OPTIONAL}
SHORT = 60  # characters of a value that are told back
MOST_MS = 253_402_300_799_000  # 9999-12-31


@dataclass(frozen=True, slots=True)
class Refused:
    """One row that did not get in: its number from 0 in what was sent, the code (``reasons.ROW``), the facts."""

    row: int
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that is no row."""

    problem: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows of the right shape, the number each had, and those that have another."""

    table: pa.Table
    rows: Any  # NDArray[np.int64]
    refused: list[Refused]
    received: int


def lines(content: bytes) -> Iterator[Mapping[str, Any] | Malformed]:
    """JSON lines; a line that cannot be read stands as ``Malformed`` and costs the others nothing."""
    for line in io.BytesIO(content):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as problem:
            yield Malformed(str(problem)[:SHORT])
            continue
        yield row if isinstance(row, dict) else Malformed("no object")


def parquet(content: bytes) -> pa.Table:
    """A Parquet file. Refuses one cut off or otherwise no Parquet, or with text that is none, with
    ``TableUnreadable``."""
    try:
        with pq.ParquetFile(io.BytesIO(content)) as file:
            table = file.read(use_threads=False)
        table.validate(full=True)  # text that is none, for instance
        return table
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise refusals.TableUnreadable(problem=str(problem).splitlines()[0][:SHORT]) from problem


def length(content: bytes) -> int:
    """How many rows a Parquet file says it has, without reading any: a million equal ones take no space. Refuses as
    ``parquet``."""
    try:
        with pq.ParquetFile(io.BytesIO(content)) as file:
            return int(file.metadata.num_rows)
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise refusals.TableUnreadable(problem=str(problem).splitlines()[0][:SHORT]) from problem


def of_table(raw: pa.Table) -> Taken:
    """A table of columns as asked. Another schema is refused whole: ``ColumnMissing``, ``ColumnUnknown``,
    ``ColumnOfAnotherType`` (moments without a zone among them)."""
    for name in shape.ASKED:
        if name not in raw.column_names:
            raise refusals.ColumnMissing(missing=name)
    for name in raw.column_names:
        if name not in FORMS or raw.column_names.count(name) > 1:
            raise refusals.ColumnUnknown(column=name[:SHORT], known=", ".join(FORMS))
    return _complete(pa.table({name: _column(raw, name, wanted) for name, wanted in FORMS.items()}))


def _column(raw: pa.Table, name: str, wanted: pa.DataType) -> Any:
    if name not in raw.column_names:
        return pa.nulls(len(raw), wanted)
    found = raw[name]
    kind = found.type.value_type if pa.types.is_dictionary(found.type) else found.type
    fits = (
        (pa.types.is_string(wanted) and (pa.types.is_string(kind) or pa.types.is_large_string(kind)))
        or (pa.types.is_timestamp(wanted) and pa.types.is_timestamp(kind) and kind.tz is not None)
        or (pa.types.is_integer(wanted) and pa.types.is_integer(kind))
        or (pa.types.is_boolean(wanted) and pa.types.is_boolean(kind))
    )
    try:
        if fits:
            # a moment finer than a millisecond is cut to it, as a clock would; nothing else may lose anything
            return found.cast(wanted, safe=not pa.types.is_timestamp(wanted))
    except pa.ArrowInvalid:
        fits = False
    raise refusals.ColumnOfAnotherType(column=name, found=str(found.type), wanted=str(wanted))


def _complete(table: pa.Table) -> Taken:
    """Without rows that lack what is asked for."""
    refused, bad = [], np.zeros(len(table), dtype=np.bool_)
    for name in shape.ASKED:
        if table[name].null_count:
            missing = table[name].is_null().to_numpy() & ~bad
            refused += [Refused(int(row), "tally.field_missing", {"field": name}) for row in np.flatnonzero(missing)]
            bad |= missing
    for name, kind in FORMS.items():
        if pa.types.is_string(kind):
            odd = pc.or_(pc.match_substring(table[name], "\0"), pc.greater(pc.utf8_length(table[name]), LONGEST_TEXT))
            unwritable = odd.fill_null(False).to_numpy() & ~bad
            told = {"field": name, "value": "…", "wanted": "text"}
            refused += [Refused(int(row), "tally.field_of_another_type", told) for row in np.flatnonzero(unwritable)]
            bad |= unwritable
    rows = np.flatnonzero(~bad)
    return Taken(table.take(pa.array(rows)) if len(refused) else table, rows, refused, len(table))


def of_rows(raw: Iterable[Mapping[str, Any] | Malformed]) -> Taken:
    """A table of rows as JSON has them; whoever sends a time without offset, or a number as text, is told so."""
    columns: dict[str, list[Any]] = {name: [] for name in FORMS}
    kept, refused, number = [], [], -1
    for number, row in enumerate(raw):
        read: dict[str, Any] = {}
        problem = _read(row, read)
        if problem is not None:
            refused.append(Refused(number, *problem))
            continue
        kept.append(number)
        for name, values in columns.items():
            values.append(read.get(name))
    table = pa.table({name: pa.array(values, type=_plain(FORMS[name])) for name, values in columns.items()})
    typed = table.cast(pa.schema([pa.field(name, kind) for name, kind in FORMS.items()]))
    return Taken(typed, np.array(kept, dtype=np.int64), refused, number + 1)


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.int64() if pa.types.is_timestamp(kind) else kind


Problem = tuple[str, Mapping[str, Any]]


def _read(row: Mapping[str, Any] | Malformed, read: dict[str, Any]) -> Problem | None:
    if isinstance(row, Malformed):
        return "tally.row_unreadable", {"problem": row.problem}
    for name in shape.ASKED:
        if row.get(name) in (None, ""):
            return "tally.field_missing", {"field": name}
    for name, value in row.items():
        if name not in FORMS:
            return "tally.field_unknown", {"field": plain(name)}
        if value is None:
            continue
        kind = FORMS[name]
        if pa.types.is_timestamp(kind):
            problem = _moment(name, value, read)
        elif pa.types.is_integer(kind):
            problem = _whole(name, value, read, LARGEST if kind == pa.int32() else 1 << 62)
        elif pa.types.is_boolean(kind):
            problem = _plainly(name, value, read, bool, "true / false")
        elif name == "facts" and isinstance(value, dict):
            problem = _plainly(name, json.dumps(value, sort_keys=True, ensure_ascii=False), read, str, "text")
        else:
            problem = _plainly(name, value, read, str, "text")
        if problem is not None:
            return problem
    return None


def _moment(name: str, value: Any, read: dict[str, Any]) -> Problem | None:
    told = {"field": name, "value": plain(value)}
    try:
        moment = dt.datetime.fromisoformat(value)
        if moment.tzinfo is None:
            return "tally.no_offset", told
        since = moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    except (TypeError, ValueError, OverflowError):
        return "tally.time_unreadable", told
    read[name] = since // dt.timedelta(milliseconds=1)
    return None


def _whole(name: str, value: Any, read: dict[str, Any], most: int) -> Problem | None:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > most:
        wanted = "a whole number"
        return "tally.field_of_another_type", {"field": name, "value": plain(value), "wanted": wanted}
    read[name] = value
    return None


def _plainly(name: str, value: Any, read: dict[str, Any], kind: type, wanted: str) -> Problem | None:
    if not isinstance(value, kind) or (isinstance(value, str) and not _writable(value)):
        return "tally.field_of_another_type", {"field": name, "value": plain(value), "wanted": wanted}
    read[name] = value
    return None


def plain(value: Any, most: int = SHORT) -> str:
    """The beginning of what was sent, as it can be told back: what no store takes stands as ``\ufffd``."""
    return "".join(
        "\ufffd" if letter == "\0" or "\ud800" <= letter <= "\udfff" else letter for letter in str(value)[:most]
    )


def _writable(text: str) -> bool:
    """Text that every store takes: no NUL, no half of a character, not a book."""
    return "\0" not in text and len(text) <= LONGEST_TEXT and not any("\ud800" <= letter <= "\udfff" for letter in text)

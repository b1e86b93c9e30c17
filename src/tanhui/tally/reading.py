"""A partition's events as arrays in the order of people and time, each event once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tanhui.tally import shape, stored
from tanhui.tally.rules import Rules

Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]
SECONDS = 17  # bits that hold the second of a day


@dataclass(slots=True)
class Events:
    """Columns of one length; ``rule`` is the place of the scenario in ``names``."""

    account: Whole
    began: Whole  # ms since 1970
    ended: Whole
    quantity: Whole
    id: Whole
    body: Whole
    rule: NDArray[np.uint8]
    revision: NDArray[np.int32]
    withdrawn: Mask
    activity: Whole
    device: Whole
    payment: Whole
    ahead: NDArray[np.int32]
    baseline: Whole

    def __len__(self) -> int:
        return len(self.account)

    def at(self, places: Any) -> "Events":
        """Those at some places, in a slice, or where a mask says so."""
        columns = (getattr(self, one.name) for one in fields(self))
        return Events(*(column[places] if column.strides[0] else _alike(column, places) for column in columns))


def _alike(column: Any, places: Any) -> Any:
    """A column of one value throughout stays one that costs nothing."""
    length = len(range(*places.indices(len(column)))) if isinstance(places, slice) else None
    count = length if length is not None else int(places.sum()) if places.dtype == np.bool_ else len(places)
    return np.broadcast_to(column[:1] if len(column) else np.int64(-1), (count,) if len(column) else (0,))


SAVING_ONLY = "baseline"  # read where some rule asks for it


def read(
    folder: Path, names: Sequence[str], rules: Rules, scenarios: list[str], accounts: Whole | None = None
) -> list[Events]:
    """All rows of some files, piece by piece; only those of ``accounts`` (sorted) where given.

    ``scenarios`` is the order in which they are numbered; it grows by those no rule speaks of.
    """
    columns = [one.name for one in shape.COUNTED]
    if not any(rule.saving for rule in rules.scenarios):
        columns.remove(SAVING_ONLY)
    return [one for file in stored.opened(folder, names) for one in _file(file, columns, scenarios, accounts)]


def _file(opened: pq.ParquetFile, columns: list[str], scenarios: list[str], accounts: Whole | None) -> Iterator[Events]:
    with opened as file:
        table = file.read(columns=columns, use_threads=False)
    if accounts is not None:
        table = table.filter(pc.is_in(table["account"], value_set=pa.array(accounts)))
    yield from of_table(table, scenarios)


def of_table(table: pa.Table, scenarios: list[str]) -> Iterator[Events]:
    """The columns of a table of the lake as arrays; nothing of an empty one."""
    if not len(table):
        return
    column = table["scenario"].combine_chunks()
    spoken = column.dictionary.to_pylist()
    scenarios.extend(name for name in spoken if name not in scenarios)
    numbered = np.array([scenarios.index(name) for name in spoken], dtype=np.uint8)

    def numbers(name: str) -> Any:
        return table[name].to_numpy()

    yield Events(
        account=numbers("account"),
        began=shape.milliseconds(table["began_at"]),
        ended=shape.milliseconds(table["ended_at"]),
        quantity=numbers("quantity"),
        id=numbers("id"),
        body=numbers("body"),
        rule=numbered[column.indices.to_numpy()],
        revision=_usual(numbers("revision"), 1),
        withdrawn=_usual(table["withdrawn"].to_numpy(zero_copy_only=False), False),
        activity=numbers("activity"),
        device=numbers("device"),
        payment=numbers("payment"),
        ahead=_usual(numbers("ahead"), 0),
        baseline=_usual(numbers("baseline"), -1) if "baseline" in table.column_names else _all(-1, len(table)),
    )


def _usual(column: Any, value: int) -> Any:
    """A column that has the usual value throughout as one that costs no memory and no copying."""
    return column if (column != value).any() else _all(column.dtype.type(value), len(column))


def _all(value: Any, length: int) -> Any:
    return np.broadcast_to(np.asarray(value), (length,))


def none() -> Events:
    """No events."""
    whole = np.zeros(0, dtype=np.int64)
    return Events(
        account=whole, began=whole, ended=whole, quantity=whole, id=whole, body=whole, rule=whole.astype(np.uint8),
        revision=whole.astype(np.int32), withdrawn=whole.astype(np.bool_), activity=whole, device=whole, payment=whole,
        ahead=whole.astype(np.int32), baseline=whole,
    )  # fmt: skip


def joined(parts: Sequence[Events]) -> Events:
    """Several one after the other."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return none()
    order = np.arange(sum(map(len, parts)))
    return _laid_out(parts, order)


def arranged(parts: Sequence[Events]) -> Events:
    """All of several, by person, then begin, then id, then the highest revision and the lowest body: an order that does
    not depend on who sent what first. Runs that are sorted already, as files of the lake are, are merged rather than
    sorted, and each column is moved once, from its part to its place."""
    keys = [(one.account << SECONDS) | (one.began + shape.SHANGHAI_MS) % shape.DAY_MS // 1000 for one in parts]
    if not keys:
        return none()
    key = keys[0] if len(keys) == 1 else np.concatenate(keys)
    if (key[1:] > key[:-1]).all():
        return joined(parts)
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    tied = np.zeros(len(order), dtype=np.bool_)
    tied[1:] = ranked[1:] == ranked[:-1]
    tied[:-1] |= tied[1:].copy()
    places = np.flatnonzero(tied)
    if len(places):
        some = np.sort(order[places])
        began, events, revision, body = (_picked(parts, name, some) for name in ("began", "id", "revision", "body"))
        order[places] = some[np.lexsort((body, -revision, events, began, key[some]))]
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    return _laid_out(parts, rank)


def _picked(parts: Sequence[Events], name: str, places: Places) -> Any:
    """Of a column some values, at ascending places counted through all the parts."""
    ends = np.cumsum([len(one) for one in parts])
    cuts = np.split(places, np.searchsorted(places, ends[:-1]))
    begins = ends - [len(one) for one in parts]
    columns = (getattr(one, name)[cut - begin] for one, cut, begin in zip(parts, cuts, begins, strict=True))
    return np.concatenate(list(columns))


def _laid_out(parts: Sequence[Events], rank: Places) -> Events:
    """Each row at the place that ``rank`` says, rows counted through all the parts. The parts are used up: a column
    that has moved is let go, so that a day is not held twice."""
    ends = np.cumsum([len(one) for one in parts])
    ranks = np.split(rank, ends[:-1])
    return Events(*(_placed([_taken(part, one.name) for part in parts], ranks) for one in fields(Events)))


def _taken(part: Events, name: str) -> Any:
    column = getattr(part, name)
    setattr(part, name, None)
    return column


def _placed(columns: list[Any], ranks: list[Places]) -> Any:
    length = sum(map(len, columns))
    if not any(column.strides[0] for column in columns) and len({column[0] for column in columns}) == 1:
        return np.broadcast_to(columns[0][:1], length)
    made = np.empty(length, dtype=columns[0].dtype)
    for column, places in zip(columns, ranks, strict=True):
        made[places] = column
    return made


def distinct(events: Events) -> Events:
    """Of each id the highest revision, of equal ones the lowest body. The order stays."""
    ordered = np.sort(events.id)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(repeated):
        return events
    marked = np.zeros(1 << 16, dtype=np.bool_)
    marked[repeated & 0xFFFF] = True
    places = np.flatnonzero(marked[events.id & 0xFFFF])  # all that are repeated, and a few more
    some = places[np.lexsort((events.body[places], -events.revision[places], events.id[places]))]
    later = np.r_[False, events.id[some][1:] == events.id[some][:-1]]
    kept = np.ones(len(events), dtype=np.bool_)
    kept[some[later]] = False
    return events.at(kept)

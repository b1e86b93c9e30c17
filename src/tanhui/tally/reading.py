"""A partition's events as arrays in the order of people and time, each event once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
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


def tables(folder: Path, names: Sequence[str], rules: Rules, accounts: Whole | None = None) -> Iterator[pa.Table]:
    """All rows of some files, file by file; only those of ``accounts`` (sorted) where given."""
    columns = [one.name for one in shape.COUNTED]
    if not any(rule.saving for rule in rules.scenarios):
        columns.remove(SAVING_ONLY)
    for opened in stored.opened(folder, names):
        with opened as file:
            table = file.read(columns=columns, use_threads=False)
        if accounts is not None and not (wanted := _theirs(table["account"].to_numpy(), accounts)).all():
            table = table.filter(pa.array(wanted))
        if len(table):
            yield table


def _theirs(values: Whole, accounts: Whole) -> Mask:
    if not len(accounts):
        return np.zeros(len(values), dtype=np.bool_)
    place = np.minimum(np.searchsorted(accounts, values), len(accounts) - 1)
    wanted: Mask = accounts[place] == values
    return wanted


def of_table(table: pa.Table, scenarios: list[str]) -> Events:
    """The columns of a table of the lake as arrays. ``scenarios`` is the order in which they are numbered; it grows by
    those no rule speaks of."""
    column = table["scenario"].combine_chunks()
    spoken = column.dictionary.to_pylist()
    scenarios.extend(name for name in spoken if name not in scenarios)
    numbered = np.array([scenarios.index(name) for name in spoken], dtype=np.uint8)

    def numbers(name: str) -> Any:
        return table[name].to_numpy()

    return Events(
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


def arranged(parts: Sequence[Events]) -> Events:
    """All of several, each id once: its highest revision, of equal ones the lowest body. By person, then begin, then
    id: an order that does not depend on who sent what first. Each column is moved once, from its part to its place;
    what is superseded goes to the end and is cut off."""
    if not parts:
        return none()
    order, stale = _order(parts), _stale(parts)
    if order is None and len(parts) == 1 and not len(stale):
        return parts[0]
    whole = sum(map(len, parts))
    if order is None:
        order = np.arange(whole)
    if len(stale):
        kept = np.ones(whole, dtype=np.bool_)
        kept[stale] = False
        order = np.concatenate([order[kept[order]], stale])
    rank = np.empty(whole, dtype=np.intp)
    rank[order] = np.arange(whole)
    return _laid_out(parts, rank).at(slice(0, whole - len(stale)))


def _order(parts: Sequence[Events]) -> Places | None:
    """Places of all rows, counted through the parts, by person, begin and id; None where they stand so. Runs that are
    sorted already, as files of the lake are, are merged rather than sorted."""
    keys = [(one.account << SECONDS) | (one.began + shape.SHANGHAI_MS) % shape.DAY_MS // 1000 for one in parts]
    key = keys[0] if len(keys) == 1 else np.concatenate(keys)
    if (key[1:] > key[:-1]).all():
        return None
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    tied = np.zeros(len(order), dtype=np.bool_)
    tied[1:] = ranked[1:] == ranked[:-1]
    tied[:-1] |= tied[1:].copy()
    places = np.flatnonzero(tied)
    if len(places):
        some = np.sort(order[places])
        began, events = _picked(parts, "began", some), _picked(parts, "id", some)
        order[places] = some[np.lexsort((events, began, key[some]))]
    return order


def _stale(parts: Sequence[Events]) -> Places:
    """Places, ascending, of rows of whose id there is a higher revision, or the same with a lower body."""
    ids = np.concatenate([one.id for one in parts])
    ordered = np.sort(ids)
    places = among(ids, ordered[1:][ordered[1:] == ordered[:-1]])
    events, revision, body = (_picked(parts, name, places) for name in ("id", "revision", "body"))
    order = np.lexsort((body, -revision, events))
    later = np.flatnonzero(events[order][1:] == events[order][:-1]) + 1
    stale: Places = np.sort(places[order[later]])
    return stale


def among(column: Whole, few: Whole) -> Places:
    """Places where a column may have one of a few values, and some more: their last 16 bits are looked up, which is
    much less than searching."""
    if not len(few):
        return np.zeros(0, dtype=np.intp)
    marked = np.zeros(1 << 16, dtype=np.bool_)
    marked[few & 0xFFFF] = True
    return np.flatnonzero(marked[column & 0xFFFF])


def runs(low: Whole, count: Whole) -> Whole:
    """Places of several runs, one run after the other: so many from each place on."""
    return np.repeat(low - np.r_[0, np.cumsum(count)[:-1]], count) + np.arange(count.sum())


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

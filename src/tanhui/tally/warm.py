"""A settled bucket laid ready: for each person the events in order, each once, and the days they came to; one beside
the other, uncompressed, mapped into memory when a few people's are asked for.

A convenience: without it both come from the lake, later. Never the source of anything the lake does not have.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tanhui.tally import lake as lakes
from tanhui.tally import reading, results, shape
from tanhui.tally.given import midnight
from tanhui.tally.reading import Events, Places, Whole

if TYPE_CHECKING:
    from tanhui.tally.settle import Task

ABOUT = b"tanhui"
DAY = np.dtype([("scenario", "u1"), ("grams", "<i8"), ("evidence", "V32")])
MOMENTS = ("began", "ended")


def path(task: "Task", bucket: int) -> Path:
    return Path(task.lake) / "warm" / f"day={task.day}" / f"bucket={bucket:03d}.arrow"


def read(task: "Task", scenarios: list[str], accounts: Whole | None, laid: "Mapping[int, Laid]") -> tuple[Events, int]:
    """The events of a task in order, each once, of some accounts or of all; and how many rows were read."""
    parts: list[Events] = []
    few: list[pa.Table] = []
    for bucket, names in task.inputs:
        there = laid.get(bucket)
        if there is not None:
            parts.append(_events(there, task, scenarios))
            names = tuple(name for name in names if name not in there.inputs)
        found = reading.tables(task.source(bucket), names, task.rules, accounts)
        if accounts is None:
            parts += [reading.of_table(table, scenarios) for table in found]
        else:
            few += found
    if few:
        parts.append(reading.of_table(pa.concat_tables(few).unify_dictionaries(), scenarios))
    some = [part for part in parts if len(part)]
    rows = sum(map(len, some))
    return reading.arranged(some), rows


def keep(task: "Task") -> int:
    """Lay the buckets of a task ready; how many events."""
    return sum(_keep(replace(task, inputs=(one,)), one[0]) for one in task.inputs)


def _keep(task: "Task", bucket: int) -> int:
    """Not synced, but renamed: a reader finds it whole or not at all."""
    scenarios: list[str] = []
    events, _ = read(task, scenarios, None, {})
    place = path(task, bucket)
    place.parent.mkdir(parents=True, exist_ok=True)
    if not len(events):
        return 0
    owner, days = _settled(task, scenarios)
    people = np.union1d(events.account, owner)
    batch = pa.record_batch(
        {
            "account": people,
            "events": _listed(_rows(events, task), events.account, people),
            "days": _listed(days, owner, people),
        }
    )
    about = {"number": task.number, "inputs": task.inputs[0][1], "scenarios": scenarios, "same": _same(events)}
    about["columns"] = [list(one) for one in _columns(events).items()]
    temporary = place.with_name(f".{place.name}.{task.number}")
    schema = batch.schema.with_metadata({ABOUT: json.dumps(about).encode()})
    with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_batch(batch)
    temporary.replace(place)
    return len(events)


@dataclass(frozen=True, slots=True)
class Laid:
    """What ``keep`` left of a partition: settlement ``number``, the files it read, and people's rows (``batch``);
    ``places`` there of the people asked for, ascending."""

    number: int
    inputs: frozenset[str]
    scenarios: list[str]
    same: dict[str, int]
    columns: np.dtype[Any]
    batch: pa.RecordBatch
    places: Places
    source: pa.MemoryMappedFile

    def days(self) -> tuple[Whole, Any]:
        """Their days, each with whose it is."""
        rows, low, count, owner = self._of("days", DAY)
        return owner, rows[reading.runs(low, count)].view(DAY)

    def events(self) -> tuple[Whole, Any]:
        """Their events, each with whose it is. Of many rows that lie together, far from the next person's: read, for
        to map a page maps its neighbours too, and lets go of them again."""
        rows, low, count, owner = self._of("events", self.columns)
        self.source.seek(0)
        size, begin = rows.itemsize, rows.ctypes.data - self.source.read_buffer(1).address
        file, spans = self.source.fileno(), zip((begin + low * size).tolist(), (count * size).tolist(), strict=True)
        return owner, np.frombuffer(b"".join([os.pread(file, length, at) for at, length in spans]), self.columns)

    def _of(self, name: str, kind: np.dtype[Any]) -> tuple[Any, Whole, Whole, Whole]:
        """All rows, as bytes; of each of the people where theirs begin, and how many; and whose each of them is."""
        column, people = self.batch[name], self.batch["account"].to_numpy()[self.places]
        offsets = column.offsets.to_numpy()
        low = offsets[self.places].astype(np.int64)
        count = offsets[self.places + 1] - low
        rows = np.frombuffer(column.values.buffers()[1], f"V{kind.itemsize}", len(column.values))
        return rows, low, count, np.repeat(people, count)


def laid(task: "Task", accounts: Whole) -> dict[int, Laid]:
    """What was laid ready of some people (ascending) in a task's buckets, where it is of use: nothing in it that the
    task does not read."""
    of = lakes.buckets(task.lake, accounts)
    found = ((bucket, _opened(path(task, bucket), accounts[of == bucket])) for bucket, _ in task.inputs)
    read = {bucket: frozenset(names) for bucket, names in task.inputs}
    return {bucket: there for bucket, there in found if there is not None and there.inputs <= read[bucket]}


def _opened(path: Path, accounts: Whole) -> Laid | None:
    try:
        source = pa.memory_map(str(path))
        reader = pa.ipc.open_file(source)
        about = json.loads(reader.schema.metadata[ABOUT])
        columns = np.dtype([(name, kind) for name, kind in about["columns"]])
    except (OSError, pa.ArrowInvalid, KeyError):
        return None
    inputs, batch = frozenset(about["inputs"]), reader.get_batch(0)
    people = batch["account"].to_numpy()
    places = np.minimum(np.searchsorted(people, accounts), len(people) - 1)
    places = places[people[places] == accounts]
    return Laid(about["number"], inputs, about["scenarios"], about["same"], columns, batch, places, source)


def days(laid: Laid) -> pa.Table:
    """What the settlement gave them, with the columns of ``results.STANDING``."""
    owner, rows = laid.days()
    evidence = pa.py_buffer(rows["evidence"].tobytes())
    return pa.table(
        {
            "account": owner,
            "scenario": pa.DictionaryArray.from_arrays(rows["scenario"].astype(np.int32), pa.array(laid.scenarios)),
            "grams": rows["grams"].astype(np.int64),
            "evidence": pa.FixedSizeBinaryArray.from_buffers(shape.EVIDENCE, len(rows), [None, evidence]),
        },
        schema=results.STANDING,
    )


def _events(laid: Laid, task: "Task", scenarios: list[str]) -> Events:
    owner, rows = laid.events()
    kinds = {one.name: getattr(reading.none(), one.name).dtype for one in fields(Events)}
    found: dict[str, Any] = {name: rows[name].astype(kinds[name]) for name in laid.columns.names or ()}
    for name in MOMENTS:
        found[name] += midnight(task.day)
    for name, value in laid.same.items():
        found[name] = np.broadcast_to(kinds[name].type(value), len(rows))
    scenarios.extend(name for name in laid.scenarios if name not in scenarios)
    numbered = np.array([scenarios.index(name) for name in laid.scenarios], dtype=np.uint8)
    return Events(**found | {"account": owner, "rule": numbered[found["rule"]]})


def _columns(events: Events) -> dict[str, str]:
    """Columns as small as they can be: moments since the day began (a day, and a day at most after), quantities
    (``rules.LARGEST``) in 32 bits; what is the same throughout is left out and told in ``same``."""
    columns = {one.name: getattr(events, one.name) for one in fields(Events) if one.name != "account"}
    small = dict.fromkeys((*MOMENTS, "quantity"), "<i4")
    return {name: small.get(name, column.dtype.str) for name, column in columns.items() if column.strides[0]}


def _rows(events: Events, task: "Task") -> Any:
    kinds = _columns(events)
    rows = np.empty(len(events), np.dtype(list(kinds.items())))
    for name in kinds:
        column = getattr(events, name)
        rows[name] = column - midnight(task.day) if name in MOMENTS else column
    return rows


def _same(events: Events) -> dict[str, int]:
    columns = {one.name: getattr(events, one.name) for one in fields(Events) if one.name != "account"}
    return {name: int(column[0]) for name, column in columns.items() if not column.strides[0]}


def _settled(task: "Task", scenarios: list[str]) -> tuple[Whole, Any]:
    """Whose days the settlement found, ascending, and the days."""
    file = results.part(task.lake, task.day, task.number, task.part)
    with pq.ParquetFile(file, read_dictionary=["scenario"]) as opened:
        table = opened.read(columns=results.STANDING.names)
    rows = np.empty(len(table), DAY)
    rows["scenario"], rows["grams"] = results.places(table, scenarios), table["grams"].to_numpy()
    rows["evidence"] = results.hashes(table["evidence"])
    return table["account"].to_numpy(), rows


def _listed(rows: Any, owner: Whole, people: Whole) -> pa.ListArray:
    """Rows in the order of ``owner``, ascending, as a list for each of ``people``."""
    ends = np.searchsorted(owner, people, "right").astype(np.int32)
    kind = pa.binary(rows.dtype.itemsize)
    values = pa.FixedSizeBinaryArray.from_buffers(kind, len(rows), [None, pa.py_buffer(rows)])
    return pa.ListArray.from_arrays(np.r_[np.int32(0), ends], values)

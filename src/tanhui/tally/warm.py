"""Sorted columns of a settled partition, uncompressed, mapped into memory when a few people's are asked for.

A convenience: without it the events come from the lake, later. Never the source of anything the lake does not have.
"""

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tanhui.tally import reading
from tanhui.tally.given import midnight
from tanhui.tally.reading import Events, Whole

if TYPE_CHECKING:
    from tanhui.tally.settle import Task

ABOUT = b"tanhui"


def path(task: "Task") -> Path:
    return Path(task.lake) / "warm" / f"day={task.day}" / f"bucket={task.bucket:03d}.arrow"


def read(task: "Task", scenarios: list[str], accounts: Whole | None) -> tuple[Events, int]:
    """The partition's events in order, each once, of some accounts or of all; and how many rows were read."""
    parts, names = [], list(task.inputs)
    if accounts is not None and (kept := _mapped(task, scenarios, accounts)) is not None:
        parts.append(kept[0])
        names = [name for name in names if name not in kept[1]]
    parts += reading.read(task.source, names, task.rules, scenarios, accounts)
    found = reading.arranged([part for part in parts if len(part)])
    return reading.distinct(found), len(found)


def keep(task: "Task") -> int:
    """Write a partition's columns; how many events. Not synced, and renamed, so that a reader finds them whole or not
    at all."""
    scenarios: list[str] = []
    events, _ = read(task, scenarios, None)
    place = path(task)
    place.parent.mkdir(parents=True, exist_ok=True)
    if not len(events):
        return 0
    batch = pa.record_batch({name: np.ascontiguousarray(column) for name, column in _narrow(events, task).items()})
    about = json.dumps({"inputs": task.inputs, "scenarios": scenarios, "same": _same(events)}).encode()
    temporary = place.with_name(f".{place.name}.{task.number}")
    schema = batch.schema.with_metadata({ABOUT: about})
    with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_batch(batch)
    temporary.replace(place)
    return len(events)


MOMENTS = ("began", "ended")


def _narrow(events: Events, task: "Task") -> dict[str, Any]:
    """Columns as small as they can be: moments since the day began, quantities (``rules.LARGEST``) in 32 bits; what is
    the same throughout is left out and told in ``same``."""
    columns = {one.name: getattr(events, one.name) for one in fields(Events) if getattr(events, one.name).strides[0]}
    for name in MOMENTS:
        columns[name] = (columns[name] - midnight(task.day)).astype(np.int32)  # a day, and a day at most after
    columns["quantity"] = columns["quantity"].astype(np.int32)
    if "withdrawn" in columns:
        columns["withdrawn"] = columns["withdrawn"].view(np.uint8)
    return columns


def _same(events: Events) -> dict[str, int]:
    columns = {one.name: getattr(events, one.name) for one in fields(Events)}
    return {name: int(column[0]) for name, column in columns.items() if not column.strides[0]}


def _mapped(task: "Task", scenarios: list[str], accounts: Whole) -> tuple[Events, set[str]] | None:
    try:
        source = pa.memory_map(str(path(task)))
        reader = pa.ipc.open_file(source)
    except (OSError, pa.ArrowInvalid):
        return None
    about = json.loads(reader.schema.metadata[ABOUT])
    if not set(about["inputs"]) <= set(task.inputs):
        return None
    batch = reader.get_batch(0)
    columns = {name: batch[name].to_numpy() for name in batch.schema.names}  # not copied
    low = np.searchsorted(columns["account"], accounts, "left")
    count = np.searchsorted(columns["account"], accounts, "right") - low
    places = np.repeat(low - np.r_[0, np.cumsum(count)[:-1]], count) + np.arange(count.sum())
    gathered: dict[str, Any] = {name: column[places] for name, column in columns.items()}
    for name in MOMENTS:
        gathered[name] = gathered[name].astype(np.int64) + midnight(task.day)
    gathered["quantity"] = gathered["quantity"].astype(np.int64)
    empty = reading.none()
    for name, value in about["same"].items():
        gathered[name] = np.full(len(places), value, dtype=getattr(empty, name).dtype)
    gathered["withdrawn"] = gathered["withdrawn"].astype(np.bool_)
    scenarios.extend(name for name in about["scenarios"] if name not in scenarios)
    numbered = np.array([scenarios.index(name) for name in about["scenarios"]], dtype=np.uint8)
    gathered["rule"] = numbered[gathered["rule"]]
    return Events(**gathered), set(about["inputs"])

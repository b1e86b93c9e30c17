"""Sorted columns of a settled partition, uncompressed, mapped into memory when a few people's are asked for.

A convenience: without it the events come from the lake, later. Never the source of anything the lake does not have.
"""

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tanhui.tally import reading
from tanhui.tally.reading import Events, Whole

if TYPE_CHECKING:
    from tanhui.tally.settle import Task

ABOUT = b"tanhui"


def path(task: "Task") -> Path:
    return Path(task.lake) / "warm" / f"day={task.day}" / f"bucket={task.bucket:03d}.arrow"


def read(task: "Task", scenarios: list[str], accounts: Whole | None) -> tuple[Events, int]:
    """The partition's events in order, each once, of some accounts or of all; and how many rows were read.

    A full reading leaves the columns where ``keep_warm`` says so.
    """
    parts, names = [], list(task.inputs)
    if accounts is not None and (kept := _mapped(task, scenarios, accounts)) is not None:
        parts.append(kept[0])
        names = [name for name in names if name not in kept[1]]
    read = reading.read(task.source, names, task.rules, scenarios, accounts)
    parts = [part for part in [*parts, read] if len(part)] or [read]
    found = reading.joined(parts)
    events = reading.distinct(reading.arranged(found))
    if task.keep_warm and accounts is None:
        keep(task, events, scenarios)
    return events, len(found)


def keep(task: "Task", events: Events, scenarios: list[str]) -> None:
    """Write the columns; not synced, and renamed so that a reader finds them whole or not at all."""
    place = path(task)
    place.parent.mkdir(parents=True, exist_ok=True)
    batch = pa.record_batch({one.name: np.ascontiguousarray(getattr(events, one.name)) for one in fields(Events)})
    about = json.dumps({"inputs": task.inputs, "scenarios": scenarios}).encode()
    temporary = place.with_name(f".{place.name}.{task.number}")
    schema = batch.schema.with_metadata({ABOUT: about})
    with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_batch(batch)
    temporary.replace(place)


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
    columns = {name: batch[name].to_numpy() for name in batch.schema.names if name != "withdrawn"}  # not copied
    low = np.searchsorted(columns["account"], accounts, "left")
    count = np.searchsorted(columns["account"], accounts, "right") - low
    places = np.repeat(low - np.r_[0, np.cumsum(count)[:-1]], count) + np.arange(count.sum())
    gathered = {name: column[places] for name, column in columns.items()}
    gathered["withdrawn"] = batch["withdrawn"].take(pa.array(places)).to_numpy(zero_copy_only=False)
    scenarios.extend(name for name in about["scenarios"] if name not in scenarios)
    numbered = np.array([scenarios.index(name) for name in about["scenarios"]], dtype=np.uint8)
    gathered["rule"] = numbered[gathered["rule"]]
    return Events(**gathered), set(about["inputs"])

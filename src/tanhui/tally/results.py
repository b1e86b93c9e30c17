"""What settlements left: days, what waits, what changed; by number, each over the ones before."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tanhui.tally import files, refusals, shape
from tanhui.tally import given as giving
from tanhui.tally import lake as lakes
from tanhui.tally.reading import Whole

if TYPE_CHECKING:
    from tanhui.tally.settle import Task

CHANGES = pa.schema(
    [
        pa.field("account", pa.int64(), nullable=False),
        pa.field("scenario", shape.NAME, nullable=False),
        pa.field("grams_before", pa.int64(), nullable=False),
        pa.field("grams", pa.int64(), nullable=False),
        pa.field("events", pa.int32(), nullable=False),
        pa.field("evidence", shape.EVIDENCE, nullable=False),
        pa.field("held", pa.bool_(), nullable=False),  # pooled or sold already: told, not to be posted
    ]
)
RULE = 8
STANDING = pa.schema([shape.DAYS.field(name) for name in ("account", "scenario", "grams", "evidence")])
Ready = Callable[[int, int], "pa.Table | None"]  # of a settlement of all, and a bucket


def folder(lake: Path | str, day: dt.date, number: int) -> Path:
    return Path(lake) / "settled" / f"day={day}" / f"{number:08d}"


def plan(lake: Path | str, day: dt.date, number: int) -> dict[str, Any] | None:
    """What a settlement was begun with."""
    path = folder(lake, day, number) / "plan.json"
    begun: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {}
    return begun or None


def void(lake: Path | str, day: dt.date, number: int) -> None:
    """A settlement that was computed and never posted is none that later ones are compared with."""
    (folder(lake, day, number) / "settlement.json").unlink(missing_ok=True)


def finished(out: Path, task: str) -> dict[str, Any] | None:
    """What a partition came to, where it is done and its files are whole. Refuses another task under the number."""
    try:
        content = (out / "result.json").read_bytes()
        about: dict[str, Any] = json.loads(content)
    except (FileNotFoundError, ValueError):
        return None  # not begun, or cut off by a power failure: done anew
    for name, sha256 in about.pop("files").items():
        path = out / f"{name}.parquet"
        if not path.exists() or files.digest_of(path.read_bytes()) != sha256:
            return None
    if about.pop("task") != task:
        raise refusals.AnotherSettlement(number=out.parent.name, day=out.parent.parent.name[4:])
    return about | {"sha256": files.digest_of(content)}


def accounts(lake: Path | str, day: dt.date, number: int, place: str | None) -> Whole | None:
    """The accounts of a partial settlement in one part, ascending; None for all."""
    if place is None:
        return None
    table = giving.read(folder(lake, day, number), place)
    values: Whole = table["account"].to_numpy()
    return values


def shared(task: "Task") -> Whole:
    """Tokens of too many people, ascending."""
    if task.shared is None:
        return np.zeros(0, dtype=np.int64)
    table = pq.ParquetFile(folder(task.lake, task.day, task.number) / task.shared).read()
    values: Whole = table["token"].to_numpy()
    return values


def part(lake: Path | str, day: dt.date, number: int, part: int, name: str = "days") -> Path:
    """The Parquet file of one part: ``days``, ``waiting`` or ``changes``."""
    return folder(lake, day, number) / f"part={part:03d}" / f"{name}.parquet"


def standing(task: "Task", wanted: Whole | None, ready: Ready) -> Iterator[pa.Table]:
    """Days of some people (or of all: None) of a task's buckets as they stand after the settlements before: of each
    account the last that settled it. ``ready`` gives those that need not be read from the file of a settlement."""
    done, buckets = np.zeros(0, dtype=np.int64), [bucket for bucket, _ in task.inputs]
    for number in sorted(task.before, reverse=True):
        begun = plan(task.lake, task.day, number) or {}
        together = begun.get("together", 1)
        for at in sorted({bucket // together for bucket in buckets}):
            path = part(task.lake, task.day, number, at)
            if not path.exists():
                continue
            if (table := ready(number, at) if together == 1 else None) is None:
                with pq.ParquetFile(path, read_dictionary=["scenario"], pre_buffer=False) as file:
                    table = file.read(columns=STANDING.names, use_threads=False)
                if wanted is not None:
                    table = table.filter(pc.is_in(table["account"], value_set=pa.array(wanted)))
                elif together > 1:
                    of = lakes.buckets(task.lake, table["account"].to_numpy())
                    table = table.filter(pa.array(np.isin(of, buckets)))
            if len(done):
                table = table.filter(pc.invert(pc.is_in(table["account"], value_set=pa.array(done))))
            yield table
            covers = accounts(task.lake, task.day, number, begun.get("accounts", {}).get(str(at)))
            done = done if covers is None else np.union1d(done, covers)
        if not begun.get("partial"):
            return


def changes(task: "Task", days: pa.Table, names: list[str], wanted: Whole | None, ready: Ready) -> pa.Table | None:
    """How the days of ``wanted`` (None: everybody) differ from those that stood before; None where there is nothing
    before: all is new."""
    if not task.before:
        return None
    stood = [one for one in standing(task, wanted, ready) if len(one)]
    spoken = sorted({*names, *(name for one in stood for name in one["scenario"].unique().to_pylist())})
    old = pa.concat_tables([STANDING.empty_table(), *stood]).unify_dictionaries()
    old_keys, new_keys = _keys(old, spoken), _keys(days, spoken)
    keys = np.sort(np.concatenate([old_keys, new_keys]), kind="stable")  # merges what is in order already
    keys = keys[np.diff(keys, prepend=-1) != 0]
    then, now = np.searchsorted(keys, old_keys), np.searchsorted(keys, new_keys)
    before, grams = _spread(keys, then, old["grams"].to_numpy()), _spread(keys, now, days["grams"].to_numpy())
    stale, evidence = _spread(keys, then, hashes(old["evidence"])), _spread(keys, now, hashes(days["evidence"]))
    events = _spread(keys, now, days["events"].to_numpy())
    differs = (before != grams) | (stale != evidence)  # evidence is of some events, or nothing: never 32 times zero
    keys = keys[differs]
    told = pa.py_buffer(evidence[differs].tobytes())
    return pa.table(
        {
            "account": keys >> RULE,
            "scenario": pa.DictionaryArray.from_arrays((keys & 255).astype(np.int32), pa.array(spoken, pa.string())),
            "grams_before": before[differs],
            "grams": grams[differs],
            "events": events[differs],
            "evidence": pa.FixedSizeBinaryArray.from_buffers(shape.EVIDENCE, len(keys), [None, told]),
            "held": _held(task, keys, spoken),
        },
        schema=CHANGES,
    )


def places(table: pa.Table, spoken: list[str]) -> Whole:
    """Of each row the place of its scenario in ``spoken``, −1 where it is not there."""
    column = table["scenario"].combine_chunks()
    numbers = [spoken.index(name) if name in spoken else -1 for name in column.dictionary.to_pylist()]
    found: Whole = np.array([*numbers, -1], dtype=np.int64)[column.indices.to_numpy()]
    return found


def hashes(column: pa.ChunkedArray) -> NDArray[np.void]:
    """A column of SHA-256 as an array that compares as bytes do."""
    column = column.combine_chunks()
    return np.frombuffer(column.buffers()[1], "V32", len(column), 32 * column.offset)


def _keys(table: pa.Table, spoken: list[str]) -> Whole:
    keys: Whole = table["account"].to_numpy() << RULE | places(table, spoken)
    return keys


def _spread(keys: Whole, places: Any, values: Any) -> Any:
    spread = np.zeros(len(keys), dtype=values.dtype)
    spread[places] = values
    return spread


def _held(task: "Task", keys: Whole, spoken: list[str]) -> Any:
    name = next((one for one in task.given if one.startswith("held-")), None)
    if name is None:
        return np.zeros(len(keys), dtype=np.bool_)
    table = giving.read(folder(task.lake, task.day, task.number), name)
    return np.isin(keys, _keys(table, spoken)[places(table, spoken) >= 0])

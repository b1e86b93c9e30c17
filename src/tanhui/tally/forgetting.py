"""One person's behaviour taken out of the lake: events, coordinates, what waits, and who used which device.

Grams and the hash of their evidence stay under a number that leads to nobody (docs/algorithms/settlement.md §6).
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tanhui.tally import files, results, shape, sharing
from tanhui.tally.lake import Lake

Filter = Callable[[pa.Table], pa.Table]


@dataclass(frozen=True, slots=True)
class Erased:
    """A file of events or coordinates that was written anew: its path under the lake, the person's rows that are gone,
    and the SHA-256 of its bytes before and after."""

    path: str
    rows: int
    before: str
    after: str


def forget_person(lake: Lake, account: int) -> list[Erased]:
    """Take a person out of every file that holds what they did, and say which.

    A file keeps its name, so that a settlement which began with it finds it, whole, with or without the person; whoever
    compares it with what was written needs the hashes returned. What is already gone is not told again: after a crash
    the next call does the rest.
    """
    bucket = f"bucket={lake.bucket(account):03d}"
    found = [
        erased
        for kind in ("events", "tracks")
        for path in sorted((lake.folder / kind).glob(f"day=*/{bucket}/*.parquet"))
        if (erased := _without(lake, path, account)) is not None
    ]
    for path in sorted((lake.folder / "warm").glob(f"day=*/{bucket}.arrow")):
        path.unlink()  # sorted copies of the events: made again when they are wanted
    for path in sorted((lake.folder / "warm").glob("day=*/tokens.arrow")):
        _tokens(path, account)
    for path in _derived(lake, lake.bucket(account)):
        _without(lake, path, account)
    return found


def tracks(lake: Lake, account: int) -> pa.Table:
    """The coordinates that are kept of a person, of all days."""
    bucket = f"bucket={lake.bucket(account):03d}"
    parts = [pq.ParquetFile(path).read() for path in sorted((lake.folder / "tracks").glob(f"day=*/{bucket}/*.parquet"))]
    found = pa.concat_tables([shape.TRACKS.empty_table(), *(one.cast(shape.TRACKS) for one in parts)])
    return found.filter(pc.equal(found["account"], account))


def _derived(lake: Lake, bucket: int) -> Iterator[Path]:
    """What settlements keep beside grams and evidence: behaviour that waits, and devices with who used them."""
    for out in sorted((lake.folder / "settled").glob("day=*/*")):
        day, number = dt.date.fromisoformat(out.parent.name[4:]), int(out.name)
        part = bucket // (results.plan(lake.folder, day, number) or {}).get("together", 1)
        waiting = results.part(lake.folder, day, number, part, "waiting")
        yield from (path for path in (waiting, sharing.pairs_of(lake.folder, day, number, bucket)) if path.exists())


def _without(lake: Lake, path: Path, account: int) -> Erased | None:
    """Write a file anew without the person; None where they are not in it."""
    content = path.read_bytes()
    table = pq.ParquetFile(pa.BufferReader(content)).read()
    rest = table.filter(pc.not_equal(table["account"], account))
    if len(rest) == len(table):
        return None
    written = files.parquet(rest)
    files.put(path, written)
    files.sync(path.parent)
    about = str(path.relative_to(lake.folder))
    return Erased(about, len(table) - len(rest), files.digest_of(content), files.digest_of(written))


def _tokens(path: Path, account: int) -> None:
    with pa.OSFile(str(path), "rb") as source:
        table = pa.ipc.open_file(source).read_all()
    rest = table.filter(pc.not_equal(table["account"], account))
    if len(rest) == len(table):
        return
    temporary = path.with_name(f".{path.name}.forgetting")
    with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, rest.schema) as writer:
        writer.write_table(rest)
    temporary.replace(path)

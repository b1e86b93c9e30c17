"""Many small files of a settled day put together into one for each partition and sender: the same events, fewer files.

What was appended keeps its name in the footer of the file that has it now (``stored``), so settlements, their plans and
hashes say what they said.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from tanhui.tally import files, results, shape, stored
from tanhui.tally import lake as lakes
from tanhui.tally.lake import Lake


@dataclass(frozen=True, slots=True)
class Compacted:
    """A file put together: its path under the lake, its rows, the SHA-256 of its bytes, and how many it has."""

    path: str
    rows: int
    sha256: str
    files: int


def compact(lake: Lake, day: dt.date, *, least: int = 8) -> list[Compacted]:
    """Put together what settlements of a day have read, where a sender has ``least`` files or more in a partition.

    Nothing is done while a settlement of the day is unfinished. Done again it changes nothing; killed, the next call
    does the rest: a file that has the others counts from its renaming on, and the others are removed after it.
    """
    folder = results.folder(lake.folder, day, 0).parent
    plans = sorted(folder.glob("*/plan.json"))
    if any(not path.with_name("settlement.json").exists() for path in plans):
        return []
    read: defaultdict[int, set[str]] = defaultdict(set)
    for path in plans:
        for bucket, names in json.loads(path.read_bytes())["inputs"].items():
            read[int(bucket)] |= set(names)
    return [one for bucket in sorted(read) for one in _partition(lake, day, bucket, read[bucket], least)]


def every(lake: Lake, *, least: int = 8) -> list[Compacted]:
    """``compact`` for every day the lake has events of; for the worker, when there is nothing else to do."""
    return [one for day in lakes.days(lake) for one in compact(lake, day, least=least)]


def _partition(lake: Lake, day: dt.date, bucket: int, read: set[str], least: int) -> Iterator[Compacted]:
    folder = lake.partition(day, bucket)
    _clear(folder)
    senders: defaultdict[str, list[str]] = defaultdict(list)
    for name, named in stored.standing(folder).items():
        if named.keys() <= read:
            senders[name.partition("~")[0]].append(name)
    for sender, names in sorted(senders.items()):
        if len(names) >= max(least, 2):
            yield _together(lake, folder, sender, sorted(names))
    _clear(folder)


def _together(lake: Lake, folder: Path, sender: str, names: list[str]) -> Compacted:
    table = pa.concat_tables(_table(folder / name) for name in names).unify_dictionaries()
    columns = [table[name].to_numpy() for name in ("body", "revision", "id")]
    order = np.lexsort([*columns, shape.milliseconds(table["began_at"]), table["account"].to_numpy()])
    table = table.take(pa.array(order)).combine_chunks()
    has = json.dumps(dict(sorted(_hashes(folder, names).items()))).encode()
    content = files.parquet(table.replace_schema_metadata({stored.OF: has}))
    sha256 = files.digest_of(content)
    path = folder / f"{sender}{stored.MARK}{sha256[:16]}.parquet"
    files.put(path, content)
    files.sync(folder)
    return Compacted(str(path.relative_to(lake.folder)), len(table), sha256, len(names))


def _table(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    return pq.ParquetFile(path).read().cast(shape.EVENT)


def _hashes(folder: Path, names: list[str]) -> dict[str, str]:
    """Every appended file with its SHA-256, through files that were put together before."""
    found: dict[str, str] = {}
    for name in names:
        known = stored.of(folder / name)
        found |= known if stored.MARK in name else {name: files.digest_of((folder / name).read_bytes())}
    return found


def _clear(folder: Path) -> None:
    """Remove files that another one has whole."""
    standing = stored.standing(folder)
    gone = [path for path in folder.glob("*.parquet") if path.name not in standing]
    for path in gone:
        path.unlink(missing_ok=True)
    if gone:
        files.sync(folder)

"""The lake: every event ever accepted, in Parquet files that are only added to, by day and bucket of people."""

import datetime as dt
import json
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tanhui.tally import files, refusals, shape, stored

FORMAT = 1
MOST_BUCKETS = 1024


@dataclass(frozen=True, slots=True)
class Lake:
    """An opened lake: where it is, how many buckets, and the secret of its hashes."""

    folder: Path
    buckets: int
    secret: bytes

    @property
    def salt(self) -> int:
        return int.from_bytes(self.secret[:8], "big")

    def bucket(self, account: int) -> int:
        return int(shape.buckets(np.array([account]), self.salt, self.buckets)[0])

    def partition(self, day: dt.date, bucket: int) -> Path:
        return self.folder / "events" / f"day={day}" / f"bucket={bucket:03d}"


@dataclass(frozen=True, slots=True)
class Written:
    """A file of the lake: its path under the folder, its rows, and the SHA-256 of its bytes."""

    path: str
    rows: int
    sha256: str


def create(folder: Path | str, buckets: int = 64) -> Lake:
    """A new lake; ``buckets`` is a power of two and fixed for good: 64 for a city, 1 for a test. Refuses a folder that
    has one with ``LakeExists``."""
    folder = Path(folder)
    if not 1 <= buckets <= MOST_BUCKETS or buckets & (buckets - 1):
        raise refusals.BucketsWrong(buckets=buckets)
    if (folder / "lake.json").exists():
        raise refusals.LakeExists(folder=str(folder), buckets=open(folder).buckets)
    folder.mkdir(parents=True, exist_ok=True)
    about = {"format": FORMAT, "buckets": buckets, "secret": secrets.token_hex(32)}
    files.put(folder / "lake.json", json.dumps(about).encode())
    (folder / "lake.json").chmod(0o600)
    return open(folder)


def open(folder: Path | str) -> Lake:
    """The lake in a folder. Refuses with ``NoLake``."""
    folder = Path(folder)
    try:
        about = json.loads((folder / "lake.json").read_bytes())
    except FileNotFoundError:
        raise refusals.NoLake(folder=str(folder)) from None
    return Lake(folder, about["buckets"], bytes.fromhex(about["secret"]))


def opened(folder: Path | str, buckets: int = 64) -> Lake:
    """The lake in a folder, created where there is none."""
    return open(folder) if (Path(folder) / "lake.json").exists() else create(folder, buckets)


def append(lake: Lake, table: pa.Table, *, batch: str, tracks: pa.Table | None = None) -> list[Written]:
    """Add accepted events (``rows.check`` made the table) of one batch; one file for each day and bucket it touches.

    Names carry the beginning of the file's hash, so the same batch appended twice is the same files once. Everything
    is on the disk when this returns; a file that is there is whole.
    """
    written = [*_write(lake, "events", table, batch)]
    if tracks is not None and len(tracks):
        written += _write(lake, "tracks", tracks, batch)
    return written


def _write(lake: Lake, kind: str, table: pa.Table, batch: str) -> Iterator[Written]:
    if not len(table):
        return
    account = table["account"].to_numpy()
    began = shape.milliseconds(table["began_at"])
    day, bucket = shape.days(began), shape.buckets(account, lake.salt, lake.buckets)
    order = np.lexsort((table["id"].to_numpy(), began, account, bucket, day))
    table = table.take(pa.array(order)).combine_chunks()
    sender = "tracks" if kind == "tracks" else plain(table["provider"][0].as_py())
    place = day[order].astype(np.int64) * MOST_BUCKETS + bucket[order]
    cuts = np.flatnonzero(np.r_[True, place[1:] != place[:-1]])
    for begin, end in zip(cuts, [*cuts[1:], len(place)], strict=True):
        on = dt.date(1970, 1, 1) + dt.timedelta(days=int(place[begin] // MOST_BUCKETS))
        folder = lake.folder / kind / f"day={on}" / f"bucket={place[begin] % MOST_BUCKETS:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        content = files.parquet(table.slice(begin, end - begin))
        sha256 = files.digest_of(content)
        path = folder / f"{sender}~{plain(batch)}-{sha256[:16]}.parquet"
        files.put(path, content)
        files.sync(folder)
        yield Written(str(path.relative_to(lake.folder)), int(end - begin), sha256)


def plain(name: str) -> str:
    """A name as part of a file's name."""
    return quote(name, safe="")


def buckets(folder: Path | str, accounts: NDArray[np.int64]) -> NDArray[np.int16]:
    """The bucket of each account in the lake of a folder."""
    lake = open(folder)
    return shape.buckets(accounts, lake.salt, lake.buckets)


def inputs(lake: Lake, day: dt.date, bucket: int) -> tuple[str, ...]:
    """Names of the files that were appended to a partition, in their order; whether they were put together since
    (``compaction``) makes no difference."""
    return tuple(sorted(stored.contents(lake.partition(day, bucket))))


def days(lake: Lake) -> list[dt.date]:
    """Days of which the lake has events."""
    return sorted(dt.date.fromisoformat(one.name[4:]) for one in (lake.folder / "events").glob("day=*"))


def events(lake: Lake, day: dt.date, account: int) -> pa.Table:
    """Everything the lake has of one person's day, all revisions, in the order of time: what made the grams."""
    folder = lake.partition(day, lake.bucket(account))
    parts = [file.read().filter(pc.equal(pc.field("account"), account)) for file in stored.opened(folder)]
    if not parts:
        return shape.EVENT.empty_table()
    found = pa.concat_tables(one.cast(shape.EVENT) for one in parts)
    return found.sort_by([("began_at", "ascending"), ("id", "ascending"), ("revision", "ascending")])


def present(lake: Lake, day: dt.date, bucket: int, ids: pa.Array, *, provider: str) -> pa.Table:
    """``id``, ``account``, ``revision`` and ``body`` of those events of a provider in a partition that have one of the
    ids."""
    folder, columns = lake.partition(day, bucket), ["id", "account", "revision", "body"]
    parts = [
        file.read(columns=columns).filter(pc.is_in(pc.field("id"), value_set=ids))
        for file in stored.opened(folder, sender=plain(provider))
    ]
    empty = pa.schema([shape.COUNTED.field(name) for name in columns]).empty_table()
    return pa.concat_tables([empty, *(one.select(columns).cast(empty.schema) for one in parts)])


def verify(lake: Lake, written: Sequence[Written]) -> list[Written]:
    """Those of the files whose bytes are no longer what was written: missing, cut short or altered; of those that were
    put together with others, whether the file that has them is."""
    return [one for one in written if not stored.whole(lake.folder / one.path, one.sha256)]


def forget_tracks(lake: Lake, *, before: dt.date) -> int:
    """Delete coordinates of days before a day; the number of days forgotten. Grams and evidence stay as they are."""
    return _forget(lake, ("tracks",), before)


def forget_day(folder: Path | str, day: dt.date) -> None:
    """Delete what is kept of a day beside grams and evidence: what waited, who used which device, working columns,
    coordinates, and last the events, so that a day half forgotten is found again and the next call does the rest."""
    settled = Path(folder) / "settled" / f"day={day}"
    for path in settled.glob("*/part=*/waiting.parquet"):
        path.unlink(missing_ok=True)
    for place in [*settled.glob("*/tokens"), *(Path(folder) / kind / f"day={day}" for kind in KINDS)]:
        if place.exists():
            shutil.rmtree(place)


KINDS = ("warm", "tracks", "events")


def _forget(lake: Lake, kinds: Sequence[str], before: dt.date) -> int:
    gone = set()
    for kind in kinds:
        for folder in (lake.folder / kind).glob("day=*"):
            if dt.date.fromisoformat(folder.name[4:]) < before:
                shutil.rmtree(folder)
                gone.add(folder.name)
    return len(gone)

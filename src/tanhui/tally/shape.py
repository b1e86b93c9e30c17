"""Columns of events, of the lake and of what a settlement leaves; the hashes and days they are kept by."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

SHANGHAI_MS = 8 * 3_600_000  # no summer time since 1991
DAY_MS = 86_400_000
UTC_MS = pa.timestamp("ms", tz="UTC")
NAME = pa.dictionary(pa.int32(), pa.string())

# What a provider sends; Parquet and JSON lines have the same names.
ASKED: dict[str, pa.DataType] = {
    "key": pa.string(),
    "person": pa.string(),
    "scenario": pa.string(),
    "began_at": UTC_MS,
    "ended_at": UTC_MS,
    "quantity": pa.int64(),
    "unit": pa.string(),
}
OPTIONAL: dict[str, pa.DataType] = {
    "activity": pa.string(),
    "device": pa.string(),
    "payment": pa.string(),
    "lon_e6": pa.int32(),
    "lat_e6": pa.int32(),
    "to_lon_e6": pa.int32(),
    "to_lat_e6": pa.int32(),
    "facts": pa.string(),
    "revision": pa.int32(),
    "reason": pa.string(),
    "withdrawn": pa.bool_(),
}
TRACK = ("lon_e6", "lat_e6", "to_lon_e6", "to_lat_e6")

# What the lake keeps. Settlement reads the first part alone; 0 stands for no token, −1 for no baseline.
COUNTED = pa.schema(
    [
        pa.field("account", pa.int64(), nullable=False),
        pa.field("scenario", NAME, nullable=False),
        pa.field("began_at", UTC_MS, nullable=False),
        pa.field("ended_at", UTC_MS, nullable=False),
        pa.field("quantity", pa.int64(), nullable=False),
        pa.field("id", pa.int64(), nullable=False),
        pa.field("body", pa.int64(), nullable=False),
        pa.field("revision", pa.int32(), nullable=False),
        pa.field("withdrawn", pa.bool_(), nullable=False),
        pa.field("activity", pa.int64(), nullable=False),
        pa.field("device", pa.int64(), nullable=False),
        pa.field("payment", pa.int64(), nullable=False),
        pa.field("ahead", pa.int32(), nullable=False),  # seconds by which it ended after it was received
        pa.field("baseline", pa.int64(), nullable=False),
    ]
)
TOLD = pa.schema(
    [
        pa.field("provider", NAME, nullable=False),
        pa.field("key", pa.string(), nullable=False),
        pa.field("unit", NAME, nullable=False),
        pa.field("facts", pa.string()),
        pa.field("reason", pa.string()),
    ]
)
EVENT = pa.schema([*COUNTED, *TOLD])
TRACKS = pa.schema(
    [
        pa.field("account", pa.int64(), nullable=False),
        pa.field("began_at", UTC_MS, nullable=False),
        pa.field("id", pa.int64(), nullable=False),
        *(pa.field(name, pa.int32()) for name in TRACK),
    ]
)

EVIDENCE = pa.binary(32)
DAYS = pa.schema(
    [
        pa.field("account", pa.int64(), nullable=False),
        pa.field("scenario", NAME, nullable=False),
        pa.field("grams", pa.int64(), nullable=False),
        pa.field("uncapped", pa.int64(), nullable=False),  # grams before the caps
        pa.field("quantity", pa.int64(), nullable=False),
        pa.field("events", pa.int32(), nullable=False),
        pa.field("evidence", EVIDENCE, nullable=False),
    ]
)
WAITING = pa.schema(
    [
        pa.field("account", pa.int64(), nullable=False),
        pa.field("scenario", NAME, nullable=False),
        pa.field("rule", NAME, nullable=False),
        pa.field("began_at", UTC_MS, nullable=False),
        pa.field("ended_at", UTC_MS, nullable=False),
        pa.field("quantity", pa.int64(), nullable=False),
        pa.field("id", pa.int64(), nullable=False),
        pa.field("body", pa.int64(), nullable=False),
    ]
)


def days(began_ms: NDArray[np.int64]) -> NDArray[np.int32]:
    """Days since 1970 in Asia/Shanghai on which moments (ms since 1970, UTC) lie."""
    return ((began_ms + SHANGHAI_MS) // DAY_MS).astype(np.int32)


def day_of(moment: dt.datetime) -> dt.date:
    """The day in Asia/Shanghai on which a moment lies."""
    return (moment.astimezone(dt.UTC) + dt.timedelta(hours=8)).date()


def buckets(accounts: NDArray[np.int64], salt: int, count: int) -> NDArray[np.int16]:
    """The bucket of each account: a salted mix (SplitMix64) of its number, so that buckets are even and a city's are
    not another's. ``count`` is a power of two."""
    mixed = accounts.astype(np.uint64) + np.uint64(salt)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed & np.uint64(count - 1)).astype(np.int16)


def hashed(texts: Iterable[str | None], secret: bytes, use: bytes) -> NDArray[np.int64]:
    """A 64-bit keyed hash of each text, 0 for none; ``use`` keeps equal texts of different columns apart."""
    empty = hashlib.blake2b(key=secret, person=use, digest_size=8)

    def one(text: str | None) -> bytes:
        if not text:
            return bytes(8)
        made = empty.copy()
        made.update(text.encode())
        return made.digest()

    return np.frombuffer(b"".join(map(one, texts)), dtype="<i8").astype(np.int64)


def milliseconds(column: Any) -> NDArray[np.int64]:
    """Moments of a column as ms since 1970."""
    values: NDArray[np.int64] = column.cast(UTC_MS).cast(pa.int64()).to_numpy()
    return values

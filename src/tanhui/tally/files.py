"""Files that are there whole or not at all."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

DICTIONARIES = ["scenario", "provider", "unit", "rule", "account", "revision", "ahead", "device", "baseline"]
ROWS_TOGETHER = 1 << 18  # of a row group: read whole by settlement


def parquet(table: pa.Table, *, compression: str = "zstd", dictionaries: Sequence[str] = DICTIONARIES) -> bytes:
    """A table as Parquet, the same bytes for the same table; what its schema tells beside stands in the footer."""
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        table.schema,
        compression=compression,
        use_dictionary=[name for name in dictionaries if name in table.column_names],
        store_schema=False,
    ) as writer:
        writer.write_table(table, row_group_size=ROWS_TOGETHER)
        if table.schema.metadata:
            writer.add_key_value_metadata(table.schema.metadata)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def put(path: Path, content: Any, *, durable: bool = True) -> str:
    """Write under another name, sync, rename; the SHA-256 of the content. The folder itself is synced by ``sync``."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return hashlib.sha256(content).hexdigest()


def digest_of(content: Any) -> str:
    """SHA-256 of bytes, as lower-case hex."""
    return hashlib.sha256(content).hexdigest()


def sync(folder: Path) -> None:
    """Names in a folder reach the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def sync_all(paths: Iterable[Path]) -> None:
    """Files and folders reach the disk, several at a time: a journal commits them together."""
    with ThreadPoolExecutor(8) as some:
        list(some.map(sync, paths))


def digest(value: Any) -> str:
    """SHA-256 of a plain value."""
    import json

    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

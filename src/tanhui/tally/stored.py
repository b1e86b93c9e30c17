"""Which files a partition's events lie in: those that were appended, or one that was put together from many of them.

A file put together names in its footer what it has, so it appears, with all that, in the one moment of its renaming;
what it replaced may be there still or not. ``+`` stands in no name that was appended (``lake.plain``).
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import pyarrow.parquet as pq

from tanhui.tally import files

A = TypeVar("A")
MARK = "~+"
OF = b"tanhui.of"


def of(path: Path) -> dict[str, str]:
    """What a file has: names of appended files, with their SHA-256; of an appended file itself, without."""
    if MARK not in path.name:
        return {path.name: ""}
    with pq.ParquetFile(path) as file:
        named: dict[str, str] = json.loads(file.metadata.metadata[OF])
    return named


def standing(folder: Path) -> dict[str, dict[str, str]]:
    """The files to read, each with what it has: where two have the same, the larger."""
    if not folder.is_dir():
        return {}
    found = {path.name: of(path) for path in folder.glob("*.parquet")}
    chosen: dict[str, dict[str, str]] = {}
    seen: set[str] = set()
    for name in sorted(found, key=lambda one: (-len(found[one]), MARK not in one, one)):
        if not found[name].keys() <= seen:
            chosen[name] = found[name]
            seen |= found[name].keys()
    return chosen


def contents(folder: Path) -> set[str]:
    """Names of everything that was appended."""
    return {name for named in again(standing, folder).values() for name in named}


def opened(folder: Path, names: Iterable[str] | None = None, *, sender: str | None = None) -> list[pq.ParquetFile]:
    """The files that have some appended ones (default: all; of one sender), in the order of their names. Opened all at
    once, so that they may be put together meanwhile."""
    wanted = None if names is None else set(names)

    def some(at: Path) -> list[pq.ParquetFile]:
        found: Mapping[str, dict[str, str]] = standing(at)
        if wanted is not None and (gone := wanted - {name for named in found.values() for name in named}):
            raise FileNotFoundError(at / min(gone))
        return [
            pq.ParquetFile(at / name, read_dictionary=["scenario"], pre_buffer=False)
            for name, named in sorted(found.items())
            if (wanted is None or not wanted.isdisjoint(named)) and (sender is None or name.startswith(f"{sender}~"))
        ]

    return again(some, folder)


def again(look: Callable[[Path], A], folder: Path) -> A:
    """Look once more where a file was put together with others in the middle of looking."""
    try:
        return look(folder)
    except FileNotFoundError:
        return look(folder)


def whole(path: Path, sha256: str) -> bool:
    """Whether an appended file is what was written, by itself or within one that was put together."""
    if path.exists():
        return files.digest_of(path.read_bytes()) == sha256
    for other in path.parent.glob(f"*{MARK}*.parquet"):
        begins = other.name.rpartition("+")[2].removesuffix(".parquet")
        if files.digest_of(other.read_bytes()).startswith(begins) and of(other).get(path.name) == sha256:
            return True
    return False

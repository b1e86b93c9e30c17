"""The writer of a log: a folder of tiles that only grows, and a checkpoint that is always true of it."""

import fcntl
import functools
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import checkpoint, merkle, note, tiles

SECOND_HEAD = "sm3.frontier"  # the SM3 tree has no tiles, only this frontier
TILE = tiles.WIDTH * merkle.SIZE
FLUSHERS = 4  # threads waiting for the disk at once; one journal commit of the file system then serves several files

sm3 = functools.partial(hashlib.new, "sm3")


class LeavesMissing(Refusal):
    code = "tlog.leaves_missing"
    sentence = gettext_noop(
        "Leaves from %(start)s on were given, but the published log ends at %(size)s. Publish the leaves between first."
    )
    clause = "ARCHITECTURE.md §7"


class LeafDiffers(Refusal):
    code = "tlog.leaf_differs"
    sentence = gettext_noop(
        "Leaf %(index)s is already published and signed with other content. A published fact is never changed: "
        "record a correction, and find out why the two differ."
    )
    clause = "ARCHITECTURE.md §6.5"


class StoreDamaged(Refusal):
    code = "tlog.store_damaged"
    sentence = gettext_noop(
        "The folder of the log does not give the root it has signed for %(size)s leaves. "
        "Run `tanhui log fsck` to find the damaged file and restore it from a copy."
    )
    clause = "ARCHITECTURE.md §7"
    status = 500


class Store:
    """A log in a folder. One process writes at a time; a second one waits.

    ``signers``: the first one's name is the log's origin. ``former``: earlier keys that may have signed the checkpoint
    found in the folder. ``second_head`` adds the root of the same tree with SM3.
    """

    def __init__(
        self,
        folder: Path,
        signers: Sequence[note.Signer],
        *,
        former: Sequence[note.Verifier] = (),
        second_head: bool = False,
    ) -> None:
        """Open or create the folder. Refuses with ``StoreDamaged`` when it does not give the root it has signed."""
        self.folder, self.signers, self.second_head = folder, signers, second_head
        self.trusted = [one.verifier for one in signers] + list(former)
        self.reader = tiles.DirectoryReader(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.load()

    @property
    def root(self) -> bytes:
        return self.frontier.root()

    def publish(self, leaves: Sequence[bytes], start: int) -> str:
        """Make the log hold these leaves from ``start`` on; returns the signed checkpoint, now on disk.

        The same leaves at the same place again are harmless. Refuses with ``LeafDiffers``, ``LeavesMissing`` and
        ``tiles.LeafTooLong``, and then nothing has changed.
        """
        with self.locked():
            if start > self.size or start < 0:
                raise LeavesMissing(start=start, size=self.size)
            known = self.size - start
            self.compare(leaves[:known], start)
            added = leaves[known:]
            if added or not self.signed:
                self.append(added)
        return self.signed

    # The folder as it stands.

    def load(self) -> None:
        """Read the checkpoint and the right edge of the tree it names."""
        try:
            self.signed = self.reader.read(tiles.CHECKPOINT, note.LONGEST).decode()
        except tiles.FileMissing:
            self.signed, signed = "", checkpoint.Checkpoint(self.signers[0].name, 0, merkle.root([]))
        except UnicodeDecodeError as error:
            raise note.NoteMalformed(line=1) from error
        else:
            signed, _ = checkpoint.verify(self.signed, self.trusted)
        self.size = signed.size
        self.tail = self.read_tail()
        self.edges = [self.read_edge(level) for level in range(len(tiles.tile_widths(self.size)))]
        self.frontier = merkle.Frontier.from_edges(self.size, self.edges)
        if self.frontier.root() != signed.root:
            raise StoreDamaged(size=self.size)
        self.second = self.read_second(signed.sm3) if self.second_head else None

    def read_tail(self) -> list[bytes]:
        """The entries of the last, partial bundle."""
        index, width = divmod(self.size, tiles.WIDTH)
        return tiles.read_entries(self.reader, index, width) if width else []

    def read_edge(self, level: int) -> bytes:
        """The hashes of the last, partial tile of a level; from the level below where the tile is gone."""
        index, width = divmod(self.size >> 8 * level, tiles.WIDTH)
        if not width:
            return b""
        try:
            return tiles.read_tile(self.reader, level, index, width)
        except tiles.FileMissing:
            if level == 0:
                return merkle.leaf_level(self.tail)
            first = index * tiles.WIDTH
            below = [tiles.read_tile(self.reader, level - 1, first + n, tiles.WIDTH) for n in range(width)]
            return merkle.tile_roots(b"".join(below))

    def read_second(self, expected: bytes | None) -> merkle.Frontier:
        """The frontier of the SM3 tree: from its file, or from all entries when the file is not of this size."""
        try:
            kept = json.loads(self.reader.read(SECOND_HEAD))
            found = merkle.Frontier.from_list(kept["size"], kept["hashes"], sm3)
        except (tiles.FileMissing, ValueError, KeyError, TypeError):
            found = merkle.Frontier(new=sm3)
        if found.size != self.size or (expected and found.root() != expected):
            found = merkle.Frontier(new=sm3)
            for index in range(0, self.size, tiles.WIDTH):
                width = min(self.size - index, tiles.WIDTH)
                entries = tiles.read_entries(self.reader, index // tiles.WIDTH, width)
                found.extend(merkle.leaf_level(entries, sm3))
        if expected and found.root() != expected:
            raise StoreDamaged(size=self.size)
        return found

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone in the folder, and up to date with what another process may have written."""
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            path = self.folder / tiles.CHECKPOINT
            if (path.read_bytes() if path.exists() else b"") != self.signed.encode():
                self.load()
            yield

    # Growing it.

    def compare(self, leaves: Sequence[bytes], start: int) -> None:
        at = start
        while at < start + len(leaves):
            index, within = divmod(at, tiles.WIDTH)
            kept = tiles.read_entries(self.reader, index, min(self.size - index * tiles.WIDTH, tiles.WIDTH))[within:]
            for one, given in zip(kept, leaves[at - start :], strict=False):
                if one != given:
                    raise LeafDiffers(index=at)
                at += 1

    def append(self, leaves: Sequence[bytes]) -> None:
        for index, leaf in enumerate(leaves, self.size):
            if len(leaf) > tiles.LONGEST_ENTRY:
                raise tiles.LeafTooLong(index=index, found=len(leaf), limit=tiles.LONGEST_ENTRY)
        size, edges, level = self.size + len(leaves), list(self.edges), 0
        tail = self.tail + list(leaves)
        hashes = merkle.leaf_level(leaves)
        files = cut(tiles.entries_path, self.size // tiles.WIDTH, tail, tiles.WIDTH, tiles.pack)
        replaced = []
        if self.tail and len(tail) >= tiles.WIDTH:
            replaced.append(tiles.entries_path(self.size // tiles.WIDTH))
        while hashes:
            if level == len(edges):
                edges.append(b"")
            first = (self.size >> 8 * level) // tiles.WIDTH
            row = edges[level] + hashes
            files += cut(functools.partial(tiles.tile_path, level), first, row, TILE, bytes)
            if edges[level] and len(row) >= TILE:
                replaced.append(tiles.tile_path(level, first))
            edge = len(row) % TILE
            full, edges[level] = row[: len(row) - edge], row[len(row) - edge :]
            hashes = merkle.tile_roots(full)
            level += 1
        grown = merkle.Frontier.from_edges(size, edges)
        second = None
        if self.second:
            second = merkle.Frontier(self.second.size, self.second.hashes, sm3)
            second.extend(merkle.leaf_level(leaves, sm3))
            kept = {"size": second.size, "hashes": second.to_list()}
            files.append((SECOND_HEAD, json.dumps(kept).encode()))
        head = checkpoint.Checkpoint(self.signers[0].name, size, grown.root(), second.root() if second else None)
        signed = head.sign(self.signers)

        files.append((tiles.KEYS, "".join(f"{one.verifier}\n" for one in self.signers).encode()))
        write(self.folder, files)
        write(self.folder, [(tiles.CHECKPOINT, signed.encode())])
        self.size, self.edges, self.frontier, self.second, self.signed = size, edges, grown, second, signed
        self.tail = tail[len(tail) - len(tail) % tiles.WIDTH :]
        for path in replaced:
            shutil.rmtree(self.folder / f"{path}.p", ignore_errors=True)  # a full tile serves where a partial one did


Row = TypeVar("Row", bytes, list[bytes])


def cut(
    path_of: Callable[[int, int], str], first: int, row: Row, step: int, to_bytes: Callable[[Row], bytes]
) -> list[tuple[str, bytes]]:
    """The files a row of hashes or entries is cut into, the last one partial."""
    unit = step // tiles.WIDTH
    files = []
    for count, at in enumerate(range(0, len(row), step)):
        piece = row[at : at + step]
        files.append((path_of(first + count, len(piece) // unit), to_bytes(piece)))
    return files


def write(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Put files in place so that each is whole or absent, and all are on disk when this returns."""
    targets = [(folder / path, data) for path, data in files]
    parents = sorted({target.parent for target, _ in targets})
    for parent in parents:
        parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(FLUSHERS) as pool:
        list(pool.map(place, targets))
        # A new folder is itself an entry of the folder above it.
        above = {inner for parent in parents for inner in parent.parents if inner.is_relative_to(folder)}
        list(pool.map(flush_folder, {*parents, *above}))


def place(file: tuple[Path, bytes]) -> None:
    target, data = file
    passing = target.with_name(target.name + ".new")
    with passing.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    passing.replace(target)


def flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

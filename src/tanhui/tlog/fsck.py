"""Checking a whole log: every leaf, every tile, the root, the signature, in one pass and flat memory."""

import functools
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.tlog import checkpoint, merkle, note, tiles

TILE = tiles.WIDTH * merkle.SIZE


class LeafNotInTile(Refusal):
    code = "tlog.leaf_not_in_tile"
    sentence = gettext_noop(
        "Leaf %(index)s in %(entries)s does not hash to what %(tile)s holds for it: one of the two files was altered. "
        "Restore both from another copy and check again."
    )
    clause = tiles.TLOG_TILES
    status = 422


class TileDiffers(Refusal):
    code = "tlog.tile_differs"
    sentence = gettext_noop(
        "Hash %(position)s in %(tile)s is not the root of the tile %(below)s beneath it: %(tile)s was altered. "
        "Restore it from another copy and check again."
    )
    clause = tiles.TLOG_TILES
    status = 422


class RootDiffers(Refusal):
    code = "tlog.root_differs"
    sentence = gettext_noop(
        "The %(size)s leaves give the root %(found)s, but the checkpoint is signed for %(root)s. Leaves and tiles "
        "agree with each other, so the log was rewritten after it was signed. Keep this copy and tell the supervisor."
    )
    clause = merkle.RFC_6962
    status = 422


class KeyNeeded(Refusal):
    code = "tlog.key_needed"
    sentence = gettext_noop(
        "The log carries no verifier key, so its signature cannot be checked. "
        "Give the operator's published key with --key."
    )
    clause = note.SIGNED_NOTE
    status = 422


class CheckpointNotText(Refusal):
    code = "tlog.checkpoint_not_text"
    sentence = gettext_noop("The checkpoint file is not text in UTF-8. The copy is damaged; fetch it again.")
    clause = note.SIGNED_NOTE
    status = 422


@dataclass(frozen=True)
class Report:
    """What was found in order. ``trusted``: the asker named the key. ``since``: leaves of the older checkpoint."""

    checkpoint: checkpoint.Checkpoint
    key: note.Verifier
    trusted: bool
    since: int | None
    entry_bytes: int


def fsck(
    reader: tiles.Reader,
    keys: Sequence[note.Verifier],
    *,
    trusted: bool = True,
    since: str | None = None,
    progress: Callable[[int, int], object] = lambda done, size: None,
) -> Report:
    """Recompute a whole log from its entries. ``since`` is an older signed checkpoint the log must continue.

    Refuses with the first difference found, by file and leaf.
    """
    signed = read_checkpoint(reader)
    head, key = checkpoint.verify(signed, keys)
    old = checkpoint.verify(since, keys)[0] if since is not None else None
    if old and old.size > head.size:
        raise merkle.TreeShrank(old=old.size, new=head.size)
    rebuilt = Rebuilt(reader, head.size, second=head.sm3 is not None)
    for index in range(-(-head.size // tiles.WIDTH)):
        if old and old.size // tiles.WIDTH == index:
            rebuilt.remember(old.size)
        rebuilt.add(index)
        progress(min((index + 1) * tiles.WIDTH, head.size), head.size)
    rebuilt.compare_edges()
    if (root := rebuilt.frontier().root()) != head.root:
        raise RootDiffers(size=head.size, found=root.hex(), root=head.root.hex())
    if head.sm3 and rebuilt.second and (root := rebuilt.second.root()) != head.sm3:
        raise RootDiffers(size=head.size, found=f"sm3 {root.hex()}", root=head.sm3.hex())
    if old and old.root != (root if old.size == head.size else rebuilt.remembered):
        raise merkle.HistoryRewritten(old=old.size, new=head.size)
    return Report(head, key, trusted, old.size if old else None, rebuilt.entry_bytes)


def read_checkpoint(reader: tiles.Reader) -> str:
    """The note in the checkpoint file, not yet verified."""
    try:
        return reader.read(tiles.CHECKPOINT, note.LONGEST).decode()
    except UnicodeDecodeError as error:
        raise CheckpointNotText from error


def carried_keys(reader: tiles.Reader) -> list[note.Verifier]:
    """The keys a log carries beside its checkpoint, used when the asker names none. Refuses with ``KeyNeeded``."""
    try:
        lines = reader.read(tiles.KEYS, note.LONGEST).decode(errors="replace").splitlines()
    except tiles.FileMissing as error:
        raise KeyNeeded from error
    return [note.Verifier.parse(line) for line in lines]


class Rebuilt:
    """The tree as the entries give it: per tile level the hashes since the last full tile."""

    def __init__(self, reader: tiles.Reader, size: int, *, second: bool) -> None:
        self.reader, self.size = reader, size
        self.edges: list[bytes] = [b"" for _ in tiles.tile_widths(size)]
        self.second = merkle.Frontier(new=functools.partial(hashlib.new, "sm3")) if second else None
        self.old_size = -1
        self.remembered = merkle.root([])
        self.entry_bytes = 0

    def remember(self, old_size: int) -> None:
        """Keep the root the tree has at this size, which lies in the bundle added next."""
        self.old_size = old_size

    def add(self, index: int) -> None:
        """Hash one bundle of entries and compare it with its tile, and every tile that becomes full by it."""
        width = min(self.size - index * tiles.WIDTH, tiles.WIDTH)
        entries = tiles.read_entries(self.reader, index, width)
        self.entry_bytes += sum(map(len, entries))
        hashes = merkle.leaf_level(entries)
        kept = tiles.read_tile(self.reader, 0, index, width)
        if hashes != kept:
            at = first_difference(hashes, kept)
            raise LeafNotInTile(
                index=index * tiles.WIDTH + at,
                entries=tiles.entries_path(index, width),
                tile=tiles.tile_path(0, index, width),
            )
        if self.second:
            self.second.extend(merkle.leaf_level(entries, self.second.new))
        if self.old_size // tiles.WIDTH == index:
            part = hashes[: self.old_size % tiles.WIDTH * merkle.SIZE]
            widths = tiles.tile_widths(self.old_size)
            self.remembered = merkle.Frontier.from_edges(self.old_size, [part, *self.edges[1:]][: len(widths)]).root()
        level = 0
        while len(hashes) == TILE:
            self.edges[level] = b""
            level += 1
            hashes = self.edges[level] + merkle.tile_roots(hashes)
            if len(hashes) == TILE:
                self.compare(level, (index + 1 >> 8 * level) - 1, hashes)
        self.edges[level] = hashes

    def compare(self, level: int, index: int, hashes: bytes) -> None:
        """A tile above the leaves must hold what the tiles beneath give."""
        width = len(hashes) // merkle.SIZE
        kept = tiles.read_tile(self.reader, level, index, width)
        if hashes != kept:
            at = first_difference(hashes, kept)
            raise TileDiffers(
                position=at,
                tile=tiles.tile_path(level, index, width),
                below=tiles.tile_path(level - 1, index * tiles.WIDTH + at),
            )

    def compare_edges(self) -> None:
        """The partial tiles above the leaves."""
        for level, edge in enumerate(self.edges):
            if level and edge:
                self.compare(level, (self.size >> 8 * level) // tiles.WIDTH, edge)

    def frontier(self) -> merkle.Frontier:
        return merkle.Frontier.from_edges(self.size, self.edges)


def first_difference(ours: bytes, theirs: bytes) -> int:
    """Position of the first hash that differs."""
    return next(at for at in range(tiles.WIDTH) if ours[at * 32 : at * 32 + 32] != theirs[at * 32 : at * 32 + 32])

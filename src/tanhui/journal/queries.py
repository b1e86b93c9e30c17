"""What the log says of a fact, and of itself."""

import itertools
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from tanhui.journal import log
from tanhui.journal.models import Checkpoint, Entry, Leaf, Pending
from tanhui.kernel.refusal import Refusal
from tanhui.tlog import bundle, checkpoint, merkle, proof, tiles


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact stands: its index, and the first checkpoint that covers it."""

    index: int
    sha256: str
    checkpoint: Checkpoint


def place(entry: int) -> Place | None:
    """The fact's place in the log, or ``None`` while it waits."""
    leaf = Leaf.objects.filter(entry_id=entry).first()
    if leaf is None:
        return None
    first = Checkpoint.objects.filter(size__gt=leaf.index).order_by("size").first()
    if first is None:
        return None
    return Place(leaf.index, bytes(leaf.sha256).hex(), first)


def fact(entry: int) -> dict[str, Any]:
    """The published fact of an entry."""
    leaf: dict[str, Any] = json.loads(bytes(Entry.objects.values_list("leaf", flat=True).get(pk=entry)))
    return leaf


def opening(entry: int) -> dict[str, Any] | None:
    """The private part the leaf commits to, with its salt: for those who may see it."""
    found: dict[str, Any] | None = Entry.objects.values_list("private", flat=True).get(pk=entry)
    return found


def prove(
    entry: int, *, attachments: dict[str, str] | None = None, open_private: bool = False
) -> dict[str, Any] | None:
    """The proof bundle of a fact against the first checkpoint that covers it, so that it is the same whenever it is
    asked for; ``None`` while the fact waits for its place or its tiles."""
    found = place(entry)
    if found is None:
        return None
    tree = proof.Tree(tiles.DirectoryReader(log.folder()), found.checkpoint.size)
    raw = bytes(Entry.objects.values_list("leaf", flat=True).get(pk=entry))
    try:
        return bundle.build(
            tree=tree,
            index=found.index,
            signed=found.checkpoint.note,
            key=log.signer().verifier,
            leaf=raw,
            opening=opening(entry) if open_private else None,
            attachments=attachments,
        )
    except tiles.FileMissing:
        if log.published() < found.checkpoint.size:
            return None
        raise  # the folder has lost what it had signed


def head() -> Checkpoint | None:
    """The newest checkpoint."""
    return Checkpoint.objects.order_by("-size").first()


def waiting() -> int:
    """How many facts wait for their place."""
    return Pending.objects.count()


def oldest_waiting() -> datetime | None:
    """When the oldest fact that waits for its place was written."""
    return Pending.objects.order_by("entry").values_list("entry__at", flat=True).first()


def at_size(size: int) -> Checkpoint | None:
    """The checkpoint the log signed at exactly this size, if it did."""
    return Checkpoint.objects.filter(size=size).first()


def consistency(old_size: int, new_size: int) -> list[str]:
    """The hashes that prove the log of ``old_size`` leaves to be the beginning of the one of ``new_size``."""
    tree = proof.Tree(tiles.DirectoryReader(log.folder()), new_size)
    return [one.hex() for one in tree.consistency(old_size)]


def recompute(leaf_from: int = 0) -> list[int]:
    """Indexes whose stored leaf hash is not the hash of their stored fact: what an altered row looks like."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT leaf.index FROM journal_leaf AS leaf JOIN journal_entry AS entry ON entry.id = leaf.entry_id"
            " WHERE leaf.index >= %s AND leaf.sha256 <> sha256('\\x00'::bytea || entry.leaf) ORDER BY leaf.index",
            [leaf_from],
        )
        return [index for (index,) in cursor.fetchall()]


def wrong_checkpoints() -> list[int]:
    """Sizes of stored checkpoints that are not what the log's key signed for the stored leaves."""
    key, tree, wrong = log.signer().verifier, merkle.Frontier(), []
    hashes = (bytes(one) for one in Leaf.objects.order_by("index").values_list("sha256", flat=True).iterator(10_000))
    for one in Checkpoint.objects.order_by("size").iterator(1_000):
        tree.extend(b"".join(itertools.islice(hashes, one.size - tree.size)))
        try:
            signed, _ = checkpoint.verify(one.note, [key])
        except Refusal:
            wrong.append(one.size)
            continue
        stated = {(one.size, bytes(one.root)), (signed.size, signed.root)}
        if stated != {(tree.size, tree.root())} or one.frontier != tree.to_list():
            wrong.append(one.size)
    return wrong

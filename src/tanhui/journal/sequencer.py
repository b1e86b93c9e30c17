"""Giving facts their place in the log: one writer, in batches, after they are committed.

Facts become visible in the order of commits, not of their ids; numbering them from the outbox under one advisory lock
means that none is ever skipped. A batch is numbered, hashed and signed in one transaction; the folder of tiles is
written after it and caught up from the database whenever it is found behind, so a crash at any point costs nothing.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from tanhui.journal import log
from tanhui.journal.models import Checkpoint
from tanhui.tlog import checkpoint, merkle
from tanhui.tlog.store import Store

LOCK = 7_401_001  # any number, as long as nothing else takes it
BATCH = 20_000


def sequence(*, at: datetime, most: int = BATCH) -> int:
    """Number up to ``most`` waiting facts, sign the new checkpoint and publish it; returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        agree(log.open_store())  # before anything is signed: one log never has two heads of one size
        count = number(cursor, at, most)
    publish()
    return count


def number(cursor: CursorWrapper, at: datetime, most: int) -> int:
    cursor.execute(
        "SELECT entry.id, entry.leaf FROM journal_pending AS pending JOIN journal_entry AS entry"
        " ON entry.id = pending.entry_id ORDER BY entry.id LIMIT %s",
        [most],
    )
    waiting = cursor.fetchall()
    if not waiting:
        return 0
    head = Checkpoint.objects.order_by("-size").values_list("size", "frontier", "root").first()
    start, frontier, root = head or (0, [], merkle.root([]))
    tree = merkle.Frontier.from_list(start, frontier)
    if tree.root() != bytes(root):
        raise log.RootDiffers(size=start)
    hashes = merkle.leaf_level([bytes(leaf) for _, leaf in waiting])
    tree.extend(hashes)
    with cursor.copy("COPY journal_leaf (index, entry_id, sha256) FROM STDIN") as rows:
        for offset, (entry, _) in enumerate(waiting):
            rows.write_row((start + offset, entry, hashes[offset * merkle.SIZE : (offset + 1) * merkle.SIZE]))
    cursor.execute("DELETE FROM journal_pending WHERE entry_id = ANY(%s)", [[entry for entry, _ in waiting]])
    signer = log.signer()
    Checkpoint.objects.create(
        size=tree.size,
        root=tree.root(),
        frontier=tree.to_list(),
        note=checkpoint.Checkpoint(signer.name, tree.size, tree.root()).sign([signer]),
        at=at,
    )
    return len(waiting)


def agree(store: Store) -> None:
    """Refuse to go on where the published log and the database tell different stories, as after restoring a backup."""
    if not store.size:
        return
    known = Checkpoint.objects.filter(size=store.size).values_list("root", flat=True).first()
    if known is None:
        raise log.LogAhead(size=store.size, path=log.folder())
    if bytes(known) != store.root:
        raise log.RootDiffers(size=store.size)


def publish() -> int:
    """Bring the folder of tiles up to the database's newest checkpoint; returns the published size."""
    newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    store = log.open_store()
    agree(store)
    while store.size < newest:
        # Stop at each checkpoint on the way, so that what the folder signs is what the database signed.
        following = Checkpoint.objects.filter(size__gt=store.size).order_by("size").only("size", "root")[0]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT entry.leaf FROM journal_leaf AS leaf JOIN journal_entry AS entry ON entry.id = leaf.entry_id"
                " WHERE leaf.index >= %s AND leaf.index < %s ORDER BY leaf.index",
                [store.size, following.size],
            )
            leaves = [bytes(leaf) for (leaf,) in cursor.fetchall()]
        grown = merkle.Frontier(store.size, store.frontier.hashes)
        grown.extend(merkle.leaf_level(leaves))
        if (grown.size, grown.root()) != (following.size, bytes(following.root)):
            raise log.RootDiffers(size=following.size)
        store.publish(leaves, store.size)
    return store.size

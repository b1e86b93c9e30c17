"""Merkle trees as RFC 6962 §2.1 defines them: hashes, the frontier of a growing tree, and the two proofs.

Levels are flat ``bytes`` (hash after hash), since a million small objects cost more than the hashing.
``new`` is the hash constructor: SHA-256, or SM3 for the optional second head.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

from tanhui.kernel.refusal import Refusal, gettext_noop

New = Callable[[bytes], Any]
SIZE = 32  # bytes of a SHA-256 or SM3 hash
LEAF, NODE = b"\x00", b"\x01"
RFC_6962 = "RFC 6962 §2.1"


class IndexBeyondTree(Refusal):
    code = "tlog.index_beyond_tree"
    sentence = gettext_noop(
        "The proof places the leaf at position %(index)s, but the tree has %(size)s leaves (positions start at 0). "
        "It was put together wrongly or altered; ask for it again."
    )
    clause = RFC_6962
    status = 422


class ProofLengthWrong(Refusal):
    code = "tlog.proof_length_wrong"
    sentence = gettext_noop(
        "The proof holds %(found)s hashes where a tree of %(size)s leaves needs %(needed)s. "
        "Hashes were lost or added; ask for the proof again."
    )
    clause = RFC_6962
    status = 422


class RootNotReached(Refusal):
    code = "tlog.root_not_reached"
    sentence = gettext_noop(
        "The proof does not lead from the leaf to the signed root: it ends at %(found)s, the checkpoint says %(root)s. "
        "This fact is not shown to be in the log; do not rely on it."
    )
    clause = RFC_6962
    status = 422


class TreeShrank(Refusal):
    code = "tlog.tree_shrank"
    sentence = gettext_noop(
        "The earlier checkpoint has %(old)s leaves, the later one %(new)s. A log only grows; "
        "keep both checkpoints and tell the supervisor."
    )
    clause = RFC_6962
    status = 422


class HistoryRewritten(Refusal):
    code = "tlog.history_rewritten"
    sentence = gettext_noop(
        "The log of %(new)s leaves does not begin with the log of %(old)s leaves that was signed before: "
        "history was rewritten, or the proof was altered. Keep both checkpoints and tell the supervisor."
    )
    clause = RFC_6962
    status = 422


def leaf_hash(leaf: bytes, new: New = hashlib.sha256) -> bytes:
    """``H(0x00 ‖ leaf)``."""
    return new(LEAF + leaf).digest()  # type: ignore[no-any-return]


def node_hash(left: bytes, right: bytes, new: New = hashlib.sha256) -> bytes:
    """``H(0x01 ‖ left ‖ right)``."""
    return new(NODE + left + right).digest()  # type: ignore[no-any-return]


def leaf_level(leaves: Iterable[bytes], new: New = hashlib.sha256) -> bytes:
    """The hashes of many leaves, one after another."""
    return b"".join([new(LEAF + leaf).digest() for leaf in leaves])


def parent_level(level: bytes, new: New = hashlib.sha256) -> bytes:
    """The hashes of the pairs of a level with an even number of hashes."""
    return b"".join([new(NODE + level[at : at + 64]).digest() for at in range(0, len(level), 64)])


def tile_roots(hashes: bytes) -> bytes:
    """The roots of full tiles of 256 hashes, given all their hashes."""
    for _ in range(8):
        hashes = parent_level(hashes)
    return hashes


def root(leaves: Sequence[bytes], new: New = hashlib.sha256) -> bytes:
    """The root over leaves (``MTH`` of RFC 6962)."""
    frontier = Frontier(new=new)
    frontier.extend(leaf_level(leaves, new))
    return frontier.root()


class Frontier:
    """The roots of the complete subtrees of a growing tree, largest first: all that is needed to append to it.

    ``size`` is the number of leaves; there is one hash for each set bit of it.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = (), new: New = hashlib.sha256) -> None:
        """``ValueError`` when the number of hashes does not fit the size."""
        self.size, self.hashes, self.new = size, list(hashes), new
        if size < 0 or len(self.hashes) != size.bit_count() or any(len(one) != SIZE for one in self.hashes):
            raise ValueError(f"a tree of {size} leaves has a frontier of {size.bit_count()} hashes of {SIZE} bytes")

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf, given by its hash."""
        below = self.size
        while below & 1:
            leaf_hash = node_hash(self.hashes.pop(), leaf_hash, self.new)
            below >>= 1
        self.hashes.append(leaf_hash)
        self.size += 1

    def extend(self, leaf_hashes: bytes) -> None:
        """Add many leaves, given by their hashes one after another (as ``leaf_level`` makes them)."""
        level, added, smallest_first, below = leaf_hashes, len(leaf_hashes) // SIZE, [], self.size
        while below or level:
            if below & 1:
                level = self.hashes.pop() + level
            if len(level) // SIZE & 1:
                smallest_first.append(level[-SIZE:])
                level = level[:-SIZE]
            level = parent_level(level, self.new)
            below >>= 1
        self.hashes = smallest_first[::-1]
        self.size += added

    def root(self) -> bytes:
        """The root of the tree so far; the hash of nothing for an empty tree."""
        if not self.hashes:
            return self.new(b"").digest()  # type: ignore[no-any-return]
        *larger, found = self.hashes
        for left in reversed(larger):
            found = node_hash(left, found, self.new)
        return found

    def to_list(self) -> list[str]:
        """The hashes in hex, largest subtree first, to be stored beside the size."""
        return [one.hex() for one in self.hashes]

    @classmethod
    def from_list(cls, size: int, hashes: Sequence[str], new: New = hashlib.sha256) -> Self:
        """The frontier ``to_list`` wrote. ``ValueError`` when it does not fit the size."""
        return cls(size, [bytes.fromhex(one) for one in hashes], new)

    @classmethod
    def from_edges(cls, size: int, edges: Sequence[bytes], new: New = hashlib.sha256) -> Self:
        """The frontier from the hashes of a tree's partial tiles, lowest level first."""
        hashes: list[bytes] = []
        for edge in reversed(edges):
            part = cls(new=new)
            part.extend(edge)
            hashes += part.hashes
        return cls(size, hashes, new)


def verify_inclusion(
    *, index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes, new: New = hashlib.sha256
) -> None:
    """Check that the leaf stands at ``index`` of the tree with ``size`` leaves and this root (RFC 9162 §2.1.3.2).

    Refuses with ``IndexBeyondTree``, ``ProofLengthWrong``, ``RootNotReached``.
    """
    if not 0 <= index < size:
        raise IndexBeyondTree(index=index, size=size)
    inner = (index ^ (size - 1)).bit_length()  # below this height the path runs inside complete subtrees
    needed = inner + (index >> inner).bit_count()
    if len(proof) != needed:
        raise ProofLengthWrong(found=len(proof), size=size, needed=needed)
    found = leaf_hash
    for height, sibling in enumerate(proof):
        is_right = height >= inner or index >> height & 1
        found = node_hash(sibling, found, new) if is_right else node_hash(found, sibling, new)
    if found != root:
        raise RootNotReached(found=found.hex(), root=root.hex())


def verify_consistency(
    *, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes], new: New = hashlib.sha256
) -> None:
    """Check that the tree of ``old_size`` leaves is the beginning of the tree of ``size`` leaves (RFC 9162 §2.1.4.2).

    Refuses with ``TreeShrank``, ``ProofLengthWrong``, ``HistoryRewritten``.
    """
    if old_size > size:
        raise TreeShrank(old=old_size, new=size)
    if old_size in {0, size}:
        if proof:
            raise ProofLengthWrong(found=len(proof), size=size, needed=0)
        if old_root != (root if old_size == size else new(b"").digest()):
            raise HistoryRewritten(old=old_size, new=size)
        return
    # The proof starts at the smallest complete subtree on the old tree's right edge, which is the old tree itself
    # when its size is a power of two (then the old root is known and not repeated).
    shift = (old_size & -old_size).bit_length() - 1
    whole = old_size == 1 << shift
    index, last = (old_size - 1) >> shift, (size - 1) >> shift
    inner = (index ^ last).bit_length()
    needed = inner + (index >> inner).bit_count() + (not whole)
    if len(proof) != needed:
        raise ProofLengthWrong(found=len(proof), size=size, needed=needed)
    start, *path = (old_root, *proof) if whole else proof
    before = after = start
    for height, sibling in enumerate(path):
        if height >= inner or index >> height & 1:
            before, after = node_hash(sibling, before, new), node_hash(sibling, after, new)
        else:
            after = node_hash(after, sibling, new)
    if before != old_root or after != root:
        raise HistoryRewritten(old=old_size, new=size)

"""Inclusion and consistency proofs built from a log's tiles (RFC 6962 §2.1.1 and §2.1.2)."""

import functools

from tanhui.tlog import merkle, tiles


class Tree:
    """A tree of ``size`` leaves as its tiles show it. Keeps the tiles it has read, so ask one tree for many proofs."""

    def __init__(self, reader: tiles.Reader, size: int) -> None:
        self.reader, self.size = reader, size
        self.tile = functools.lru_cache(maxsize=4096)(self.read_tile)

    def read_tile(self, level: int, index: int) -> bytes:
        width = min((self.size >> 8 * level) - index * tiles.WIDTH, tiles.WIDTH)
        return tiles.read_tile(self.reader, level, index, width)

    def hash(self, start: int, end: int) -> bytes:
        """The root over leaves ``start`` to ``end`` (exclusive), a range that a split of the tree makes."""
        count = end - start
        if count & (count - 1):
            split = 1 << (count.bit_length() - 1)
            return merkle.node_hash(self.hash(start, start + split), self.hash(start + split, end))
        level, height = divmod(count.bit_length() - 1, 8)
        first = start >> 8 * level  # position of the range's first hash among all hashes of the tile level
        index, at = divmod(first, tiles.WIDTH)
        hashes = self.tile(level, index)[at * merkle.SIZE : (at + (1 << height)) * merkle.SIZE]
        for _ in range(height):
            hashes = merkle.parent_level(hashes)
        return hashes

    def root(self) -> bytes:
        return self.hash(0, self.size) if self.size else merkle.root([])

    def inclusion(self, index: int) -> list[bytes]:
        """The hashes from the leaf at ``index`` up to the root. Refuses with ``merkle.IndexBeyondTree``."""
        if not 0 <= index < self.size:
            raise merkle.IndexBeyondTree(index=index, size=self.size)
        path, start, end = [], 0, self.size
        while end - start > 1:
            split = start + (1 << ((end - start - 1).bit_length() - 1))
            if index < split:
                path.append(self.hash(split, end))
                end = split
            else:
                path.append(self.hash(start, split))
                start = split
        return path[::-1]

    def consistency(self, old_size: int) -> list[bytes]:
        """The hashes that lead from the tree of ``old_size`` leaves to this one. Refuses with ``merkle.TreeShrank``."""
        if old_size > self.size:
            raise merkle.TreeShrank(old=old_size, new=self.size)
        path: list[bytes] = []
        if old_size in {0, self.size}:
            return path
        start, end, old_is_whole = 0, self.size, True  # whole: the old tree's root is the range's hash, known already
        while old_size != end:
            split = start + (1 << ((end - start - 1).bit_length() - 1))
            if old_size <= split:
                path.append(self.hash(split, end))
                end = split
            else:
                path.append(self.hash(start, split))
                start, old_is_whole = split, False
        if not old_is_whole:
            path.append(self.hash(start, end))
        return path[::-1]

    def leaf(self, index: int) -> bytes:
        """The leaf at ``index``. Refuses with ``merkle.IndexBeyondTree``."""
        if not 0 <= index < self.size:
            raise merkle.IndexBeyondTree(index=index, size=self.size)
        bundle, at = divmod(index, tiles.WIDTH)
        width = min(self.size - bundle * tiles.WIDTH, tiles.WIDTH)
        return tiles.read_entries(self.reader, bundle, width)[at]

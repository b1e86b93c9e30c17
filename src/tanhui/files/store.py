"""Where the bytes are: each content once, under its own SHA-256, on this machine's disk or in an S3 bucket.

A content appears whole or not at all: it is written and synced under another name, then renamed. Whoever reads a whole
content is told when its bytes are no longer those it is named after; see ``docs/algorithms/files.md``.
"""

import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings

PIECE = 1 << 20  # bytes read and written at once


class Damaged(OSError):
    """The stored bytes are not those whose hash they are named after."""


class Store(Protocol):
    """What a place for contents can do. ``sha256`` is 64 hexadecimal digits."""

    def keep(self, draft: Path, sha256: str) -> None:
        """Take over a draft whose bytes have this hash; it is gone from its place afterwards."""

    def pieces(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start`` up to ``stop``; ``FileNotFoundError`` when there is no such content."""

    def has(self, sha256: str) -> bool:
        """Whether the content is here."""

    def drop(self, sha256: str) -> None:
        """Forget a content; one that is not here is no fault."""


class Folder:
    """Contents as files in a folder, sharded by the first four digits of their hash."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def keep(self, draft: Path, sha256: str) -> None:
        target = self.path(sha256)
        if target.exists() and target.stat().st_size == draft.stat().st_size and digest(target) == sha256:
            draft.unlink()
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        if draft.stat().st_dev != self.root.stat().st_dev:
            draft = copied(draft, target.with_name(f".{sha256}.{uuid.uuid4().hex}"))
        sync(draft)
        draft.chmod(0o440)
        draft.replace(target)
        for folder in (target.parent, target.parent.parent, self.root):
            sync(folder)

    def pieces(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        with self.path(sha256).open("rb") as file:
            file.seek(start)
            left = None if stop is None else stop - start
            while piece := file.read(PIECE if left is None else min(PIECE, left)):
                left = None if left is None else left - len(piece)
                yield piece

    def has(self, sha256: str) -> bool:
        return self.path(sha256).exists()

    def drop(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)


def whole(sha256: str, size: int) -> Iterator[bytes]:
    """All bytes of a content, hashed on the way; the last piece is held back until the hash is right.

    Raises ``Damaged`` otherwise, so that nobody ever receives a damaged file to its end.
    """
    found, sent, held = hashlib.sha256(), 0, b""
    for piece in store().pieces(sha256):
        if held:
            yield held
        found.update(piece)
        sent += len(piece)
        held = piece
    if found.hexdigest() != sha256 or sent != size:
        raise Damaged(f"content {sha256} is damaged: {sent} bytes that hash to {found.hexdigest()}")
    yield held


def read(sha256: str, size: int) -> bytes:
    """A small content at once, its hash checked."""
    return b"".join(whole(sha256, size))


@contextlib.contextmanager
def as_file(sha256: str, size: int) -> Iterator[Path]:
    """The content as a file for a parser, its hash checked; gone afterwards."""
    draft = draft_path(uuid.uuid4())
    try:
        with draft.open("wb") as file:
            for piece in whole(sha256, size):
                file.write(piece)
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copied(source: Path, target: Path) -> Path:
    with source.open("rb") as read_from, target.open("wb") as write_to:
        shutil.copyfileobj(read_from, write_to, PIECE)
    source.unlink()
    return target


def sync(path: Path) -> None:
    """Have the disk hold what was written to a file, or which names a folder has."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# -- where -------------------------------------------------------------------------------------------------------------


def root() -> Path:
    """The folder of this installation's files: ``contents``, ``drafts`` and ``quarantine``."""
    found: Path = settings.TANHUI_VAR / "files"
    return found


def folder(name: str) -> Path:
    found = root() / name
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def draft_path(key: uuid.UUID) -> Path:
    """Where bytes lie until they are whole and checked."""
    return folder("drafts") / key.hex


def open_draft(key: uuid.UUID) -> BinaryIO:
    """A draft to write at any place of, made if need be."""
    handle = os.open(draft_path(key), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return os.fdopen(handle, "r+b", buffering=0)


def store() -> Store:
    """The place this installation keeps contents in: ``TANHUI_FILES_URL``, or the folder beside everything else."""
    return place(getattr(settings, "TANHUI_FILES_URL", ""), folder("contents"))


@cache
def place(url: str, contents: Path) -> Store:
    if not url:
        return Folder(contents)
    from tanhui.files.bucket import Bucket  # boto3 is heavy, and few need it

    return Bucket.at(url)

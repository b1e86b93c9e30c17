"""Where the pieces of a log lie and how to read them (C2SP tlog-tiles): path arithmetic, entry bundles, readers."""

import functools
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from tanhui.kernel.refusal import Refusal, gettext_noop

WIDTH = 256  # hashes in a full tile, entries in a full bundle
HASH = 32
LONGEST_ENTRY = 0xFFFF
LARGEST_FILE = WIDTH * (2 + LONGEST_ENTRY)
CHECKPOINT = "checkpoint"
KEYS = "vkey"  # the verifier keys, one a line: for convenience, as only the operator can say they are his
TLOG_TILES = "C2SP tlog-tiles"


class FileMissing(Refusal):
    code = "tlog.file_missing"
    sentence = gettext_noop(
        "The log has no file %(path)s. The copy is incomplete, or the address is not that of a log."
    )
    clause = TLOG_TILES
    status = 404


class FileTooLarge(Refusal):
    code = "tlog.file_too_large"
    sentence = gettext_noop(
        "The file %(path)s is larger than the %(limit)s bytes a log file may have. It was not read."
    )
    clause = TLOG_TILES
    status = 422


class LogUnreachable(Refusal):
    code = "tlog.unreachable"
    sentence = gettext_noop(
        "%(address)s could not be read (%(cause)s). Check the address and the connection, or use a copy of the log."
    )
    clause = TLOG_TILES
    status = 502


class AddressNotHttp(Refusal):
    code = "tlog.address_not_http"
    sentence = gettext_noop(
        "%(address)s is neither a folder nor an http(s) address. Name the folder or address of a log."
    )
    clause = TLOG_TILES
    status = 422


class TileMalformed(Refusal):
    code = "tlog.tile_malformed"
    sentence = gettext_noop(
        "The tile %(path)s has %(found)s bytes instead of %(needed)s. The copy is damaged; fetch it again."
    )
    clause = TLOG_TILES
    status = 422


class EntriesMalformed(Refusal):
    code = "tlog.entries_malformed"
    sentence = gettext_noop(
        "The entries in %(path)s do not divide into %(width)s leaves. The copy is damaged; fetch it again."
    )
    clause = TLOG_TILES
    status = 422


class LeafTooLong(Refusal):
    code = "tlog.leaf_too_long"
    sentence = gettext_noop(
        "Leaf %(index)s has %(found)s bytes; a log takes at most %(limit)s. "
        "Put the long part in a file and its hash in the fact."
    )
    clause = TLOG_TILES
    status = 422


def number(index: int) -> str:
    """An index in groups of three digits, all but the last behind an ``x``: 1234067 is ``x001/x234/067``."""
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups))


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Path of a tile of hashes; narrower than 256 it is a partial tile."""
    return f"tile/{level}/{number(index)}" + (f".p/{width}" if width < WIDTH else "")


def entries_path(index: int, width: int = WIDTH) -> str:
    """Path of a bundle of entries."""
    return f"tile/entries/{number(index)}" + (f".p/{width}" if width < WIDTH else "")


def tile_widths(size: int) -> list[list[int]]:
    """The tiles of a tree with ``size`` leaves: per level ``[full tiles, width of the partial one or 0]``."""
    found = []
    while size:
        found.append([size // WIDTH, size % WIDTH])
        size //= WIDTH
    return found


def pack(entries: Iterable[bytes]) -> bytes:
    """Entries each behind a 16-bit big-endian length. They must be at most 65,535 bytes long."""
    return b"".join([piece for entry in entries for piece in (len(entry).to_bytes(2), entry)])


def unpack(data: bytes, path: str, width: int) -> list[bytes]:
    """The entries of a bundle that holds exactly ``width``. Refuses with ``EntriesMalformed``."""
    entries, at, length_at = [], 0, struct.Struct(">H").unpack_from
    try:
        for _ in range(width):
            start = at + 2
            at = start + length_at(data, at)[0]
            entries.append(data[start:at])
    except struct.error as error:
        raise EntriesMalformed(path=path, width=width) from error
    if at != len(data):
        raise EntriesMalformed(path=path, width=width)
    return entries


class Reader(Protocol):
    """Anything that gives a log file by its path."""

    def read(self, path: str, limit: int = LARGEST_FILE) -> bytes:
        """The file's bytes. Refuses with ``FileMissing``, ``FileTooLarge``, ``LogUnreachable``."""


class DirectoryReader:
    """Reads a log from a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, path: str, limit: int = LARGEST_FILE) -> bytes:
        try:
            with (self.folder / path).open("rb") as file:
                data = file.read(limit + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise FileMissing(path=path) from error
        except OSError as error:
            raise LogUnreachable(address=self.folder / path, cause=error.strerror) from error
        if len(data) > limit:
            raise FileTooLarge(path=path, limit=limit)
        return data


class HttpReader:
    """Reads a log over HTTP or HTTPS; seconds until it gives up."""

    def __init__(self, prefix: str, seconds: float = 20) -> None:
        self.prefix, self.seconds = prefix.rstrip("/"), seconds

    def read(self, path: str, limit: int = LARGEST_FILE) -> bytes:
        from tanhui.tlog import web  # urllib costs a tenth of the start-up time a certificate check may take

        return web.fetch(f"{self.prefix}/{path}", path=path, limit=limit, seconds=self.seconds)


def reader(place: str) -> Reader:
    """A reader for a folder or an http(s) address."""
    if place.startswith(("http://", "https://")):
        return HttpReader(place)
    if "://" in place:
        raise AddressNotHttp(address=place)
    return DirectoryReader(Path(place))


def read_tile(reader: Reader, level: int, index: int, width: int) -> bytes:
    """The first ``width`` hashes of a tile; where the partial tile is gone the full one serves as well."""
    path, found, data = either(reader, functools.partial(tile_path, level, index), width, WIDTH * HASH)
    if len(data) != found * HASH:
        raise TileMalformed(path=path, found=len(data), needed=found * HASH)
    return data[: width * HASH]


def read_entries(reader: Reader, index: int, width: int) -> list[bytes]:
    """The first ``width`` entries of a bundle."""
    path, found, data = either(reader, functools.partial(entries_path, index), width, LARGEST_FILE)
    return unpack(data, path, found)[:width]


def either(reader: Reader, path_of: Callable[[int], str], width: int, limit: int) -> tuple[str, int, bytes]:
    """Path, width and bytes of the file of this width or, where that is gone, of the full one that replaced it."""
    for found in (width, WIDTH):
        try:
            return path_of(found), found, reader.read(path_of(found), limit)
        except FileMissing:
            continue
    raise FileMissing(path=path_of(width))

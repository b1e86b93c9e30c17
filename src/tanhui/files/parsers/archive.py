"""Archives looked at before anything is unpacked: how much would come out, where it would go, what hides inside."""

import re
import stat
import struct
import zipfile
import zlib
from pathlib import Path

from tanhui.files import refusals
from tanhui.files.parsers import NotMine, head

MOST_ENTRIES = 2_000
MOST_UNPACKED = 1 << 30  # bytes of everything
MOST_RATIO = 200  # unpacked to packed, of one entry that is worth asking
WORTH_ASKING = 1 << 20  # bytes
UNSAFE = re.compile(r"(^|/)\.\.(/|$)|^/|^[A-Za-z]:|\\|[\x00-\x1f]")
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
PIECE = 1 << 16


def opened(path: Path, form: str) -> zipfile.ZipFile:
    """The archive, when its table of contents is in proportion. ``NotMine`` for what is no archive."""
    if not head(path, 4).startswith(ARCHIVES[:2]):
        raise NotMine
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as fault:
        raise refusals.FileUnreadable(format=form) from fault
    check(archive, path.stat().st_size)
    return archive


def check(archive: zipfile.ZipFile, size: int) -> None:
    """Refuses what would burst, overlap, climb out, or link elsewhere; by the table of contents alone."""
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise refusals.ZipBomb(what=f"{len(entries):,} > {MOST_ENTRIES:,}")
    if (unpacked := sum(one.file_size for one in entries)) > MOST_UNPACKED:
        raise refusals.ZipBomb(what=f"{unpacked:,} > {MOST_UNPACKED:,} B")
    if (packed := sum(one.compress_size for one in entries)) > size:  # entries that share their bytes
        raise refusals.ZipBomb(what=f"{packed:,} > {size:,} B")
    for one in entries:
        # zipfile cuts a name at its first NUL and turns backslashes where they separate folders: ask the name as it is
        name = one.orig_filename
        if UNSAFE.search(name) or stat.S_ISLNK(one.external_attr >> 16):
            raise refusals.ZipPathUnsafe(entry=printable(name))
        if one.flag_bits & 0x1:
            raise refusals.ZipEncrypted
        if one.file_size > WORTH_ASKING and one.file_size > MOST_RATIO * max(1, one.compress_size):
            raise refusals.ZipBomb(what=f"{printable(name)}: {one.file_size:,} / {one.compress_size:,} B")


def flat(archive: zipfile.ZipFile) -> None:
    """Refuses an archive within the archive, by what its entries begin with."""
    for one in archive.infolist():
        if not one.is_dir() and unpacked(archive, one, 8, whole=False).startswith(ARCHIVES):
            raise refusals.ZipNested(entry=printable(one.filename))


def unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int, *, whole: bool = True) -> bytes:
    """An entry's bytes, at most so many; with ``whole``, more are a refusal. Never believes the declared size."""
    found = bytearray()
    try:
        with archive.open(entry) as file:
            while len(found) < most and (piece := file.read(min(PIECE, most - len(found)))):
                found += piece
            if whole and file.read(1):
                raise refusals.ZipBomb(what=f"{printable(entry.filename)}: > {most:,} B")
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError) as fault:
        raise refusals.FileUnreadable(format="ZIP") from fault
    return bytes(found)


def printable(name: str) -> str:
    return "".join(sign if sign.isprintable() else "·" for sign in name)[:80]

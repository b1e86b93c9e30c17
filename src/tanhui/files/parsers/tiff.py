"""GeoTIFF by its header: the first directory of the file, its size, its bands, and where on Earth it lies."""

import struct
from pathlib import Path
from typing import BinaryIO

from tanhui.files import refusals
from tanhui.files.parsers import Facts, NotMine

WIDTH, HEIGHT, BANDS, GEO_KEYS = 256, 257, 277, 34735
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
LETTERS = {1: "B", 3: "H", 4: "I", 16: "Q"}
MOST_TAGS = 4096


def geotiff(path: Path) -> Facts:
    """``width``, ``height``, ``bands``. TIFF 6.0 and BigTIFF; pixels are not read here."""
    with path.open("rb") as file:
        start = file.read(16)
        order = {b"II": "<", b"MM": ">"}.get(start[:2])
        if order is None or len(start) < 16:
            raise NotMine
        (version,) = struct.unpack(order + "H", start[2:4])
        if version not in (42, 43):
            raise NotMine
        try:
            tags = directory(file, order, start, big=version == 43)
        except struct.error as fault:
            raise refusals.FileUnreadable(format="TIFF") from fault
    if WIDTH not in tags or HEIGHT not in tags:
        raise refusals.FileUnreadable(format="TIFF")
    if GEO_KEYS not in tags:
        raise refusals.NotGeoTiff
    return {"width": tags[WIDTH], "height": tags[HEIGHT], "bands": tags.get(BANDS, 1)}


def directory(file: BinaryIO, order: str, start: bytes, *, big: bool) -> dict[int, int]:
    """The first directory's tags with their first value, as far as it stands in the directory itself."""
    (offset,) = struct.unpack(order + ("Q" if big else "I"), start[8:16] if big else start[4:8])
    file.seek(offset)
    counted, shape = ("Q", "HHQ8s") if big else ("H", "HHI4s")
    length = struct.calcsize(order + counted)
    (count,) = struct.unpack(order + counted, file.read(length))
    if not 0 < count <= MOST_TAGS:
        raise struct.error("no directory")
    found = {}
    for _ in range(count):
        tag, kind, number, raw = struct.unpack(order + shape, file.read(struct.calcsize(order + shape)))
        letter = LETTERS.get(kind)
        inside = letter and number and SIZES[kind] * number <= len(raw)
        found[tag] = struct.unpack_from(order + letter, raw)[0] if letter and inside else 0
    return found

"""A shapefile in an archive, by pyshp: its parts side by side, its attributes in an encoding that is known or asked."""

import codecs
import io
import struct
import zipfile
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

import shapefile  # type: ignore[import-untyped]

from tanhui.files import refusals
from tanhui.files.parsers import Facts, NotMine, archive

NEEDED = (".shp", ".shx", ".dbf")
MOST_PART = 300 << 20  # bytes of one part
SAMPLE = 5  # records in a preview
MOST_COLUMNS, MOST_CELL = 12, 40
CANDIDATES = ("gb18030", "utf-8")
PAGES = {"936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "65001": "utf-8"}


def shape(path: Path) -> Facts:
    """``records``, ``type``, ``bounds``, ``fields``, ``reference`` (whether a .prj is there); the first records as
    ``sample`` in the encoding the .cpg names, or as ``previews`` in each that could be meant."""
    with archive.opened(path, "ZIP") as opened:
        parts = members(opened)
        archive.flat(opened)
        content = {suffix: archive.unpacked(opened, one, MOST_PART) for suffix, one in parts.items()}
    try:
        return read(content)
    except (shapefile.ShapefileException, struct.error, ValueError, IndexError, KeyError, EOFError, OSError) as fault:
        raise refusals.FileUnreadable(format="Shapefile") from fault


def members(opened: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The parts by suffix, all of one name."""
    found: dict[str, zipfile.ZipInfo] = {}
    stems = set()
    for one in opened.infolist():
        place = PurePosixPath(one.filename.lower())
        if one.is_dir() or place.suffix not in (*NEEDED, ".prj", ".cpg") or "__macosx" in place.parts:
            continue
        if place.suffix in found:
            raise refusals.ShapeIncomplete(missing=f"{place.suffix} × 2")
        found[place.suffix] = one
        stems.add(str(place.with_suffix("")))
    if not found.keys() & set(NEEDED):
        raise NotMine
    if missing := [suffix for suffix in NEEDED if suffix not in found]:
        raise refusals.ShapeIncomplete(missing=missing[0])
    if len(stems) > 1:
        raise refusals.ShapeIncomplete(missing=" / ".join(sorted(archive.printable(stem) for stem in stems)[:2]))
    return found


def read(content: dict[str, bytes]) -> Facts:
    encoding = declared(content)
    with opened(content, encoding or "latin-1") as layer:
        facts: Facts = {
            "records": len(layer),
            "type": layer.shapeTypeName,
            "bounds": [float(one) for one in layer.bbox],
            "reference": ".prj" in content,
        }
        drawn = sum(1 for _ in layer.iterShapes())  # every shape is read once, so that what is cut off is found now
        if drawn != layer.numRecords:  # readers take the smaller number, and the rest would be lost unsaid
            raise refusals.ShapeIncomplete(missing=f".dbf ({layer.numRecords} ≠ {drawn})")
    if encoding:
        return facts | {"sample": sample(content, encoding), "encoding": encoding}
    if content[".dbf"].isascii():
        return facts | {"sample": sample(content, "utf-8"), "encoding": "utf-8"}
    previews = {name: sample(content, name) for name in CANDIDATES}
    return facts | {"previews": previews, "likely": likely(content[".dbf"])}


def declared(content: dict[str, bytes]) -> str:
    """The encoding the .cpg names, if Python knows it."""
    said = content.get(".cpg", b"").decode("ascii", "ignore").strip().lower()
    try:
        return PAGES.get(said) or (codecs.lookup(said).name if said else "")
    except LookupError:
        return ""


def opened(content: dict[str, bytes], encoding: str) -> Any:
    parts = {suffix[1:]: io.BytesIO(content[suffix]) for suffix in NEEDED}
    return shapefile.Reader(**parts, encoding=encoding, encodingErrors="replace")


def sample(content: dict[str, bytes], encoding: str) -> dict[str, list[Any]]:
    """The names of the fields and the first records, as that encoding reads them; cut to what a preview shows."""
    with opened(content, encoding) as layer:
        fields = [str(one[0]) for one in layer.fields if one[0] != "DeletionFlag"][:MOST_COLUMNS]
        rows = [[shown(cell) for cell in list(record)[:MOST_COLUMNS]] for record in islice(layer.iterRecords(), SAMPLE)]
    return {"fields": [shown(name) for name in fields], "rows": rows}


def shown(cell: object) -> str:
    return "" if cell is None else str(cell).replace("\x00", "")[:MOST_CELL]


def likely(table: bytes) -> str:
    """The encoding to offer first: UTF-8 when the whole table is that, which GBK text hardly ever is."""
    try:
        table[32 * (1 + table[32:].find(b"\r") // 32) :].decode("utf-8")
    except UnicodeDecodeError:
        return CANDIDATES[0]
    return "utf-8"

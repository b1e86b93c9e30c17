"""Archives as attackers make them, and shapefiles as surveyors do."""

import io
import struct
import zipfile
import zlib

import shapefile


def packed(entries, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def layer(encoding="utf-8", words=("油松", "落叶松"), *, named=True, folder=""):
    """A shapefile of one plot per word, its attributes in this encoding; with ``named``, a .cpg says which."""
    parts = {suffix: io.BytesIO() for suffix in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, encoding=encoding, shapeType=shapefile.POLYGON) as writer:
        writer.field("树种", "C", 40)
        writer.field("MIAN_JI", "N", 12, 2)
        for place, word in enumerate(words):
            x = 118.9 + place / 100
            writer.poly([[[x, 42.2], [x, 42.21], [x + 0.01, 42.21], [x, 42.2]]])
            writer.record(word, 1.5 + place)
    files = {f"{folder}小班.{suffix}": part.getvalue() for suffix, part in parts.items()}
    if named:
        files[f"{folder}小班.cpg"] = encoding.encode()
    return files


def bomb_of_zeros(size=1 << 30):
    """A small archive that would come out as very much of nothing."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece, crc = bytes(1 << 20), 0
    body = bytearray()
    for _ in range(size >> 20):
        body += packer.compress(piece)
        crc = zlib.crc32(piece, crc)
    body += packer.flush()
    return one_entry(b"boundary.shp", bytes(body), crc, size)


def one_entry(name, body, crc, size):
    head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(body), size, len(name), 0) + name
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(body), size, len(name), 0, 0, 0, 0, 0, 0)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entry) + len(name), len(head) + len(body), 0)
    return head + body + entry + name + end


def overlapping(copies=2000):
    """Many entries that all point at the same packed bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = bytes(1 << 18)
    body = packer.compress(content) + packer.flush()
    crc = zlib.crc32(content)
    head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(body), len(content), 1, 0) + b"a"
    entry = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(body), len(content), 5, 0, 0, 0, 0, 0, 0
    )  # fmt: skip
    table = b"".join(entry + f"{number:05d}".encode() for number in range(copies))
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, copies, copies, len(table), len(head) + len(body), 0)
    return head + body + table + end


def nested(depth=5, width=4):
    """An archive of archives of archives, as 42.zip is."""
    content = packed({"zeros": bytes(1 << 18)})
    for _ in range(depth):
        content = packed({f"{number}.zip": content for number in range(width)})
    return content


def with_link():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("小班.shp")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def encrypted():
    content = bytearray(packed({"a.shp": b"x"}, zipfile.ZIP_STORED))
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    return bytes(content)

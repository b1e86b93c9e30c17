"""As much of Apache Parquet as a series of readings needs: required columns of 8-byte numbers, plain, gzip pages.

One row group. Any Parquet reader opens the files; this one reads only what it wrote (``docs/algorithms/field.md`` §1).
"""

import gzip
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

MAGIC = b"PAR1"
INT64, DOUBLE = 2, 5  # parquet.thrift: Type
PLAIN, RLE, GZIP = 0, 3, 2
Kind = Literal["instant", "integer", "number"]
# thrift compact protocol: wire types of struct fields
I32, I64, BINARY, LIST, STRUCT, TRUE = 5, 6, 8, 9, 12, 1


class Unreadable(ValueError):
    """The bytes are no file this module wrote."""


@dataclass(frozen=True)
class Column:
    """``instant``: int64 microseconds since 1970 in UTC; ``integer``: int64; ``number``: float64."""

    name: str
    kind: Kind


def write(columns: Mapping[Column, npt.NDArray[Any]], about: Mapping[str, str]) -> bytes:
    """The whole file. All arrays are of one length, without holes; ``about`` goes into the footer's metadata."""
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise ValueError("columns differ in length")
    rows, out, chunks = lengths.pop(), bytearray(MAGIC), []
    for column, values in columns.items():
        plain = np.ascontiguousarray(values, dtype="<f8" if column.kind == "number" else "<i8").tobytes()
        packed = gzip.compress(plain, 6, mtime=0)
        page = struct_of(
            (1, I32, 0),  # DATA_PAGE
            (2, I32, len(plain)),
            (3, I32, len(packed)),
            (5, STRUCT, struct_of((1, I32, rows), (2, I32, PLAIN), (3, I32, RLE), (4, I32, RLE))),
        )
        start = len(out)
        out += page + packed
        chunks.append((column, start, len(page) + len(plain), len(page) + len(packed)))
    footer = struct_of(
        (1, I32, 1),
        (2, LIST, [root(len(columns)), *(leaf(column) for column in columns)]),
        (3, I64, rows),
        (4, LIST, [group(chunks, rows)]),
        (5, LIST, [struct_of((1, BINARY, key), (2, BINARY, said)) for key, said in about.items()]),
        (6, BINARY, "tanhui"),
    )
    return bytes(out + footer + struct.pack("<I", len(footer)) + MAGIC)


def read(raw: bytes) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
    """Columns by name and the footer's metadata of a file that ``write`` made. Raises ``Unreadable``."""
    try:
        if raw[:4] != MAGIC or raw[-4:] != MAGIC:
            raise Unreadable("no Parquet file")
        (size,) = struct.unpack("<I", raw[-8:-4])
        footer = Reader(raw, len(raw) - 8 - size).struct()
        names = {one[4].decode(): one[1] for one in footer[2][1:]}
        found: dict[str, npt.NDArray[Any]] = {}
        for (name, kind), chunk in zip(names.items(), footer[4][0][1], strict=True):
            about = chunk[3]
            reader = Reader(raw, about[9])
            page = reader.struct()
            plain = gzip.decompress(raw[reader.at : reader.at + page[3]])
            found[name] = np.frombuffer(plain, dtype="<f8" if kind == DOUBLE else "<i8")
            if len(found[name]) != footer[3]:
                raise Unreadable("a column has another number of rows")
        return found, {one[1].decode(): one[2].decode() for one in footer.get(5, [])}
    except Unreadable:
        raise
    except (
        ArithmeticError,
        LookupError,
        OSError,
        TypeError,
        ValueError,
        AttributeError,
        struct.error,
        EOFError,
    ) as fault:
        raise Unreadable(str(fault)) from fault


# -- the footer, in Thrift's compact protocol --------------------------------------------------------------------------


def root(children: int) -> bytes:
    return struct_of((4, BINARY, "schema"), (5, I32, children))


def leaf(column: Column) -> bytes:
    fields: list[tuple[int, int, Any]] = [
        (1, I32, DOUBLE if column.kind == "number" else INT64), (3, I32, 0), (4, BINARY, column.name),
    ]  # fmt: skip
    if column.kind == "instant":  # TIMESTAMP(isAdjustedToUTC, MICROS), and TIMESTAMP_MICROS for older readers
        micros = struct_of((2, STRUCT, struct_of()))
        fields += [(6, I32, 10), (10, STRUCT, struct_of((8, STRUCT, struct_of((1, TRUE, None), (2, STRUCT, micros)))))]
    return struct_of(*fields)


def group(chunks: list[tuple[Column, int, int, int]], rows: int) -> bytes:
    columns = []
    for column, start, loose, packed in chunks:
        about = struct_of(
            (1, I32, DOUBLE if column.kind == "number" else INT64), (2, LIST, [PLAIN, RLE]),
            (3, LIST, [column.name]), (4, I32, GZIP), (5, I64, rows), (6, I64, loose), (7, I64, packed),
            (9, I64, start),
        )  # fmt: skip
        columns.append(struct_of((2, I64, start), (3, STRUCT, about)))
    return struct_of((1, LIST, columns), (2, I64, sum(loose for _, _, loose, _ in chunks)), (3, I64, rows))


def struct_of(*fields: tuple[int, int, Any]) -> bytes:
    out, last = bytearray(), 0
    for number, wire, value in fields:
        out.append((number - last) << 4 | wire)
        last = number
        out += b"" if wire == TRUE else encoded(wire, value)
    return bytes(out) + b"\x00"


def encoded(wire: int, value: Any) -> bytes:
    match wire:
        case 5 | 6:
            return varint(value << 1 if value >= 0 else (-value << 1) - 1)
        case 8:
            raw = value.encode() if isinstance(value, str) else value
            return varint(len(raw)) + raw
        case 9:
            inner = (
                I32
                if value and isinstance(value[0], int)
                else BINARY
                if value and isinstance(value[0], str)
                else STRUCT
            )
            head = bytes([len(value) << 4 | inner]) if len(value) < 15 else bytes([0xF0 | inner]) + varint(len(value))
            return head + b"".join(each if inner == STRUCT else encoded(inner, each) for each in value)
        case _:
            return bytes(value)


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


class Reader:
    """Thrift structs as dictionaries by field number."""

    def __init__(self, raw: bytes, at: int) -> None:
        self.raw, self.at = raw, at

    def struct(self) -> dict[int, Any]:
        found: dict[int, Any] = {}
        number = 0
        while head := self.byte():
            number = number + (head >> 4) if head >> 4 else self.zigzag()
            found[number] = self.value(head & 0x0F)
        return found

    def value(self, wire: int) -> Any:
        match wire:
            case 1 | 2:
                return wire == TRUE
            case 5 | 6:
                return self.zigzag()
            case 8:
                size = self.varint()
                self.at += size
                return self.raw[self.at - size : self.at]
            case 9:
                head = self.byte()
                size = head >> 4 if head >> 4 < 15 else self.varint()
                return [self.value(head & 0x0F) for _ in range(size)]
            case 12:
                return self.struct()
        raise Unreadable(f"wire type {wire}")

    def byte(self) -> int:
        self.at += 1
        return self.raw[self.at - 1]

    def varint(self) -> int:
        found, shift = 0, 0
        while True:
            byte = self.byte()
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                return found
            shift += 7

    def zigzag(self) -> int:
        found = self.varint()
        return (found >> 1) ^ -(found & 1)

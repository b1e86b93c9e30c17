"""Series of readings as Apache Parquet: one row group, columns without holes, what they are of in the footer.

Any Parquet reader opens the files. pyarrow is imported where it is used: a web process that no device sends to does
without it.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Kind = Literal["instant", "integer", "number"]


class Unreadable(ValueError):
    """The bytes are no Parquet file of such columns."""


@dataclass(frozen=True)
class Column:
    """``instant``: int64 microseconds since 1970 in UTC; ``integer``: int64; ``number``: float64."""

    name: str
    kind: Kind


def write(columns: Mapping[Column, npt.NDArray[Any]], about: Mapping[str, str]) -> bytes:
    """The whole file. All arrays are of one length, without holes; ``about`` goes into the footer's metadata."""
    import pyarrow
    from pyarrow import parquet

    if len({len(values) for values in columns.values()}) != 1:
        raise ValueError("columns differ in length")
    types = {"instant": pyarrow.timestamp("us", tz="UTC"), "integer": pyarrow.int64(), "number": pyarrow.float64()}
    fields = [pyarrow.field(one.name, types[one.kind], nullable=False) for one in columns]
    cells = [
        pyarrow.array(np.asarray(values, "<f8" if one.kind == "number" else "<i8")).cast(types[one.kind])
        for one, values in columns.items()
    ]
    table = pyarrow.Table.from_arrays(cells, schema=pyarrow.schema(fields))
    out = io.BytesIO()
    with parquet.ParquetWriter(
        out, table.schema, compression="zstd", use_dictionary=False, store_schema=False
    ) as writer:  # fmt: skip
        writer.write_table(table, row_group_size=max(1, len(table)))
        writer.add_key_value_metadata(dict(about))
    return out.getvalue()


def read(raw: bytes) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
    """Columns by name and the footer's metadata; instants as int64 microseconds. Raises ``Unreadable``."""
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(io.BytesIO(raw)) as file:
            table, about = file.read(use_threads=False), file.metadata.metadata or {}
        found = {
            name: (column.cast(pyarrow.int64()) if pyarrow.types.is_timestamp(column.type) else column).to_numpy()
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as fault:
        raise Unreadable(str(fault)) from fault
    return found, {key.decode(): said.decode() for key, said in about.items()}

"""What a settlement is told beside the events: who consented, what is claimed elsewhere, what the year has, what was
decided. Handed over as tables, laid down by bucket, so that each task reads its own people alone."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from tanhui.tally.lake import Lake


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Tables of pyarrow; what is not given is not asked.

    * ``consents`` (account, scenario, since, until): moments, ``until`` null while it holds. Without the table every
      event counts as consented (it was checked on receipt); with it, a moment outside every span does not count.
    * ``claims`` (account, scenario, since, until): behaviour that counts elsewhere; account 0 is everybody.
    * ``held`` (account, scenario): of this day, grams that are pooled or sold already; differences are marked.
    * ``earned`` (account, scenario, grams): what other days of this year have.
    * ``decisions`` (account, body, allowed): what was decided about waiting events.
    """

    consents: "pa.Table | None" = None
    claims: "pa.Table | None" = None
    held: "pa.Table | None" = None
    earned: "pa.Table | None" = None
    decisions: "pa.Table | None" = None


NAMES = ("consents", "claims", "held", "earned", "decisions")


def lay_down(
    lake: "Lake", folder: Path, given: Given, accounts: "pa.Array | None" = None, together: int = 1
) -> dict[int, tuple[str, ...]]:
    """Write the tables under ``folder/given``; for each part (so many buckets ``together``) where its rows are. A table
    that is given and has nobody in a part is empty there: nobody consented is not the same as nobody asked."""
    made: dict[int, list[str]] = {part: [] for part in range(lake.buckets // together)}
    for name in NAMES:
        table = getattr(given, name)
        if table is not None:
            typed = _typed(name, table)
            for part, place in enumerate(put(folder, name, typed.schema, divided(lake, typed, accounts, together))):
                made[part].append(place)
    return {part: tuple(places) for part, places in made.items()}


def put(folder: Path, name: str, schema: "pa.Schema", parts: "Iterable[pa.Table]") -> list[str]:
    """One file with a batch of rows for each part; for each part the file, ``#``, and its batch unless it is empty. It
    reaches the disk when the folder is synced, before a plan names it."""
    import pyarrow as pa

    from tanhui.tally import files

    sink = pa.BufferOutputStream()
    batches: list[str] = []
    with pa.ipc.new_file(sink, schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        for part in parts:
            batches.append(str(sum(map(bool, batches))) if len(part) else "")
            writer.write(part.combine_chunks())
    content = sink.getvalue()
    file = f"{name}-{files.digest_of(content)[:16]}.arrow"
    (folder / "given").mkdir(parents=True, exist_ok=True)
    files.put(folder / "given" / file, content, durable=False)
    return [f"{file}#{batch}" for batch in batches]


def read(folder: Path, place: str) -> "pa.Table":
    """The rows at a place that ``put`` gave."""
    import pyarrow as pa

    file, _, batch = place.partition("#")
    with pa.memory_map(str(folder / "given" / file)) as source, pa.ipc.open_file(source) as opened:
        return pa.Table.from_batches([opened.get_batch(int(batch))] if batch else [], opened.schema)


def divided(
    lake: "Lake", table: "pa.Table", accounts: "pa.Array | None" = None, together: int = 1
) -> "Iterator[pa.Table]":
    """A table cut by part, the bucket of its ``account``, sorted by account; rows of account 0 go to every part."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from tanhui.tally import shape

    if accounts is not None:
        wanted = pa.concat_arrays([accounts.cast(pa.int64()), pa.array([0], pa.int64())])
        table = table.filter(pc.is_in(table["account"], value_set=wanted))
    numbers = table["account"].to_numpy()
    everybody = table.filter(pa.array(numbers == 0))
    if len(everybody):
        table = table.filter(pa.array(numbers != 0))
        numbers = table["account"].to_numpy()
    part_of = shape.buckets(numbers, lake.salt, lake.buckets) // np.int16(together)
    sorted_already = (numbers[1:] >= numbers[:-1]).all()  # then 16 bits are counted, not compared
    order = np.argsort(part_of, kind="stable") if sorted_already else np.lexsort((numbers, part_of))
    parts = lake.buckets // together
    ends = np.r_[0, np.cumsum(np.bincount(part_of, minlength=parts))]
    for one in range(parts):  # never the whole table twice
        part = table.take(pa.array(order[ends[one] : ends[one + 1]]))
        yield pa.concat_tables([everybody, part]) if len(everybody) else part


def _typed(name: str, table: "pa.Table") -> "pa.Table":
    import pyarrow as pa

    from tanhui.tally import shape

    moments = [("since", shape.UTC_MS), ("until", shape.UTC_MS)]
    who = [("account", pa.int64()), ("scenario", shape.NAME)]
    schema = {
        "consents": pa.schema([*who, *moments]),
        "claims": pa.schema([*who, *moments]),
        "held": pa.schema(who),
        "earned": pa.schema([*who, ("grams", pa.int64())]),
        "decisions": pa.schema([("account", pa.int64()), ("body", pa.int64()), ("allowed", pa.bool_())]),
    }[name]
    return table.select(schema.names).cast(schema).unify_dictionaries()


def midnight(day: dt.date) -> int:
    """The moment (ms since 1970, UTC) at which a day begins in Asia/Shanghai."""
    return ((day - dt.date(1970, 1, 1)).days * 24 - 8) * 3_600_000

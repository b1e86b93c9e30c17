"""Devices and means of payment that too many people used on a day. They cross buckets, so they are found before.

Each partition lays down its pairs of token and account once; an account lies in one bucket, so counting the pairs of a
token counts its people.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tanhui.tally import files, results, stored
from tanhui.tally.reading import Mask, Whole, among, runs
from tanhui.tally.rules import OPEN, Rules

if TYPE_CHECKING:
    from tanhui.tally.settle import Task

COLUMNS = ["account", "device", "payment"]
PAIR = ("token", "account", "payment")


def lay_down(task: "Task") -> int:
    """Write a bucket's pairs; how many. Pairs that are there are left."""
    ((bucket, names),) = task.inputs
    path = pairs_of(task.lake, task.day, task.number, bucket)
    if path.exists():
        return int(pq.ParquetFile(path).metadata.num_rows)
    table = pairs(task.source(bucket), names)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.put(path, files.parquet(table), durable=False)
    return len(table)


def pairs_of(lake: Path | str, day: dt.date, number: int, bucket: int) -> Path:
    """Where a settlement for everybody has who used which device."""
    return results.folder(lake, day, number) / "tokens" / f"bucket={bucket:03d}.parquet"


def pairs(folder: Path, names: Iterable[str]) -> pa.Table:
    """Token, account and whether it is a means of payment, each pair once, by token and account, of some files."""
    found = []
    for opened in stored.opened(folder, names):
        with opened as file:
            table = file.read(columns=COLUMNS, use_threads=False)
        account = table["account"].to_numpy()
        for column in ("device", "payment"):
            token = table[column].to_numpy()
            used = token != 0
            token, who = token[used], account[used]
            new = np.ones(len(token), dtype=np.bool_)  # files are sorted by person: runs of one person with one device
            new[1:] = (token[1:] != token[:-1]) | (who[1:] != who[:-1])
            found.append((token[new], who[new], np.full(int(new.sum()), column == "payment")))
    token, account, payment = (np.concatenate(part) for part in zip(*found, strict=True)) if found else _nothing()
    return _table(token, account, payment)


def _once(token: Whole, account: Whole, payment: Mask) -> tuple[Whole, Whole, Mask]:
    """Each pair once, by token and account. Nearly every token has one person, so people are only sorted of those that
    have more."""
    order = np.argsort(token)
    token, account, payment = token[order], account[order], payment[order]
    first = np.ones(len(token), dtype=np.bool_)
    first[1:] = token[1:] != token[:-1]
    again = ~first
    again[1:] &= account[1:] == account[:-1]
    token, account, payment = token[~again], account[~again], payment[~again]
    several = np.zeros(len(token), dtype=np.bool_)
    several[1:] = token[1:] == token[:-1]
    several[:-1] |= several[1:].copy()
    places = np.flatnonzero(several)
    order = places[np.lexsort((account[places], token[places]))]
    token[places], account[places], payment[places] = token[order], account[order], payment[order]
    new = np.ones(len(token), dtype=np.bool_)
    new[1:] = (token[1:] != token[:-1]) | (account[1:] != account[:-1])
    return token[new], account[new], payment[new]


def _nothing() -> tuple[Whole, Whole, Mask]:
    return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_)


def gathered(paths: Iterable[Path], *, columns: Sequence[str] = PAIR) -> pa.Table:
    """The pairs of several partitions, one after the other."""
    return pa.concat_tables(pq.ParquetFile(path).read(columns=columns) for path in paths).combine_chunks()


def too_many(table: pa.Table, rules: Rules) -> Whole:
    """Tokens (ascending) of more people than the rules allow. Where a token stands again so many places further in the
    sorted tokens, it has more; those few are looked at one by one."""
    token, payment = table["token"].to_numpy(), table["payment"].to_numpy(zero_copy_only=False)
    least = min(most for most in (rules.device_people, rules.payment_people) if most != OPEN)
    ordered = np.sort(token)
    places = among(token, ordered[least:][ordered[least:] == ordered[:-least]])
    token, first, people = np.unique(token[places], return_index=True, return_counts=True)
    most = np.where(payment[places[first]], rules.payment_people or len(table), rules.device_people or len(table))
    found: Whole = token[people > most]
    return found


def asked(rules: Rules) -> bool:
    return rules.device_people != OPEN or rules.payment_people != OPEN


def newly(table: pa.Table, added: pa.Table, rules: Rules) -> tuple[Whole, Whole]:
    """Tokens that too many people have, of those somebody used for the first time by some more pairs, ascending; and
    everybody who used one."""
    added = _new(table, added.take(pa.array(np.argsort(added["token"].to_numpy()))))
    wanted = np.unique(added["token"].to_numpy())
    token = table["token"].to_numpy()
    low, high = np.searchsorted(token, wanted, "left"), np.searchsorted(token, wanted, "right")
    count = high - low
    both = _table(*_columns(pa.concat_tables([table.take(pa.array(runs(low, count))), added])))
    _, people_of = np.unique(both["token"].to_numpy(), return_counts=True)
    both = both.filter(pa.array(np.repeat(people_of > count, people_of)))
    found = too_many(both, rules)
    people: Whole = np.unique(both["account"].to_numpy()[np.isin(both["token"].to_numpy(), found)])
    return found, people


def _new(table: pa.Table, added: pa.Table) -> pa.Table:
    """Without what stands first under its token already: nearly all, for people keep their devices."""
    known, token = table["token"].to_numpy(), added["token"].to_numpy()
    if not len(known):
        return added
    place = np.minimum(np.searchsorted(known, token), len(known) - 1)
    who = table["account"].to_numpy()[place]
    return added.filter(pa.array((known[place] != token) | (who != added["account"].to_numpy())))


def _columns(table: pa.Table) -> tuple[Whole, Whole, Mask]:
    token, account, payment = (table[name].to_numpy(zero_copy_only=False) for name in PAIR)
    return token, account, payment


def _table(token: Whole, account: Whole, payment: Mask) -> pa.Table:
    return pa.table(dict(zip(PAIR, _once(token, account, payment), strict=True)))


def write(folder: Path, tokens: Whole) -> str | None:
    """The list for the second pass; its name carries its hash."""
    if not len(tokens):
        return None
    content = files.parquet(pa.table({"token": np.sort(tokens)}))
    name = f"shared-{files.digest_of(content)[:16]}.parquet"
    files.put(folder / name, content)  # a plan may name it
    return name


def written(folder: Path) -> Whole:
    """The list that a finished settlement wrote, ascending."""
    found = [pq.ParquetFile(path).read()["token"].to_numpy() for path in folder.glob("shared-*.parquet")]
    tokens: Whole = found[0] if found else np.zeros(0, dtype=np.int64)
    return tokens


def keep(folder: Path, laid_down: Sequence[Path]) -> None:
    """The pairs of a settled day by token, uncompressed, for corrections to look into."""
    folder.mkdir(parents=True, exist_ok=True)
    table, temporary = _by_token(laid_down), folder / ".tokens.arrow"
    with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    temporary.replace(folder / "tokens.arrow")


def kept(folder: Path, laid_down: Sequence[Path]) -> pa.Table:
    """The pairs of a settled day, by token."""
    try:
        return pa.ipc.open_file(pa.memory_map(str(folder / "tokens.arrow"))).read_all()
    except (OSError, pa.ArrowInvalid):
        return _by_token(laid_down)


def _by_token(laid_down: Sequence[Path]) -> pa.Table:
    table = gathered(laid_down)
    return table.take(pa.array(np.argsort(table["token"].to_numpy(), kind="stable")))

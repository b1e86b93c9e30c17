"""What becomes of the rows of a batch, and the files they become: in a process of its own, so that the process that
serves pages stays small (the libraries take 60 MB for good, 100,000 rows some 200 MB while they are looked at).

The process knows no database: whose a mark is and who consented it asks of the one that began it, over a pipe. It is
forked from one that keeps the libraries ready, and is there in a few hundredths of a second. A small batch is looked at
where it came in if that process has them loaded anyway, as the worker has.
"""

import json
import multiprocessing
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tanhui.kernel.refusal import Refusal, gettext_noop

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    import pyarrow as pa

SMALL = 1 << 20  # bytes of a batch that is looked at where it came in, if that costs nothing
READY = ["tanhui.inclusion.sifting", "tanhui.tally.lake", "tanhui.tally.rows", "tanhui.tally.intake"]
EPOCH = date(1970, 1, 1)
Answer = Callable[..., Any]


class SiftingLost(Refusal):
    code = "inclusion.batch_not_finished"
    sentence = gettext_noop("The batch could not be looked at to its end. Nothing was kept: send it again.")
    clause = "docs/algorithms/settlement.md §1"
    status = 503


@dataclass(frozen=True, slots=True)
class Asked:
    """A batch and what it is looked at by. ``kinds`` are unit and largest quantity by scenario; ``mark`` names the
    batch in the lake while it is added, none for a trial, of which nothing is kept."""

    folder: str
    buckets: int
    provider: str
    at: datetime
    kinds: Mapping[str, tuple[str, int]]
    oldest: date
    most: int
    consented: bool
    mark: str | None = None


@dataclass(slots=True)
class Sifted:
    """Counts and reasons, events by day, and the files written. ``rows`` are those that were not simply accepted, as
    the JSON text that is kept: of a hundred thousand refused rows the process that serves has the letters alone."""

    counts: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    rows: str = "[]"
    days: dict[date, int] = field(default_factory=dict)
    withdrawn: int = 0
    corrected: int = 0
    written: list[tuple[str, int, str]] = field(default_factory=list)  # path, rows, SHA-256
    received: int = 0


def sift(asked: Asked, answers: Mapping[str, Answer], body: bytes) -> Sifted:
    """Here or in a process of its own. ``answers`` are ``known``, from marks to accounts, and ``GENERAL`` and
    ``TRACK``, from accounts to spans of consent (account, scenario, since, until).

    Nothing is looked at where there is no row, or more than ``most``. Refuses as ``tally.intake``, or with
    ``SiftingLost``.
    """
    if len(body) <= SMALL and "pyarrow" in sys.modules:
        return sifted(asked, answers, body)
    return apart(asked, answers, body)


def sifted(asked: Asked, answers: Mapping[str, Answer], body: bytes) -> Sifted:
    from tanhui.tally import lake as lakes
    from tanhui.tally import rows, shape

    raw, keys = read(body, asked.most)
    if not 0 < len(keys) <= asked.most:
        return Sifted(received=len(keys))
    lake = lakes.opened(asked.folder, asked.buckets)
    checked = rows.check(
        raw, lake=lake, provider=asked.provider, now=asked.at, oldest=asked.oldest, known=answers["known"],
        kinds={code: rows.Kind(*said) for code, said in asked.kinds.items()},
        consents=spanned(answers["GENERAL"]) if asked.consented else None,
        track_consents=spanned(answers["TRACK"]) if asked.consented else None,
    )  # fmt: skip
    made = Sifted(dict(checked.counts), dict(checked.reasons), told(checked, keys), received=len(keys))
    if not len(checked.table):
        return made
    many = Counter(shape.days(shape.milliseconds(checked.table["began_at"])).tolist())
    made.days = {EPOCH + timedelta(days=one): count for one, count in many.items()}
    withdrawn = checked.table["withdrawn"].to_numpy(zero_copy_only=False)
    made.withdrawn = int(withdrawn.sum())
    made.corrected = int(((checked.table["revision"].to_numpy() > 1) & ~withdrawn).sum())
    if asked.mark is not None:
        mark = Path(asked.folder) / "incoming" / asked.mark
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        files = lakes.append(lake, checked.table, batch=asked.mark, tracks=checked.tracks)
        made.written = [(one.path, one.rows, one.sha256) for one in files]
    return made


def spanned(answer: Answer) -> Callable[[list[int]], "pa.Table"]:
    """The spans that an answer gives as rows, as the table that ``tally`` reads."""
    import pyarrow as pa

    from tanhui.tally import shape

    kinds = {"account": pa.int64(), "scenario": pa.string(), "since": shape.UTC_MS, "until": shape.UTC_MS}

    def table(accounts: list[int]) -> "pa.Table":
        rows = answer(accounts)
        columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
        return pa.table({name: pa.array(list(one), kinds[name]) for name, one in zip(kinds, columns, strict=True)})

    return table


def read(body: bytes, most: int) -> tuple["pa.Table | list[Any]", list[str]]:
    """The rows of what was sent, and the key of each as it stands there; where there are more than ``most``, one more
    than that and no further. Refuses a Parquet file cut off."""
    from tanhui.tally import intake

    if body[:4] == b"PAR1":
        if intake.length(body) > most:
            return [], [""] * (most + 1)
        table = intake.parquet(body)
        keys = table["key"].to_pylist() if table.column_names.count("key") == 1 else [""] * len(table)
        return table, [intake.plain(one or "", intake.LONGEST_KEY) for one in keys]
    rows = list(islice(intake.lines(body), most + 1))
    keys = [one.get("key") or "" if isinstance(one, Mapping) else "" for one in rows]
    return rows, [intake.plain(one, intake.LONGEST_KEY) for one in keys]


def told(checked: Any, keys: list[str]) -> str:
    """Every row that was not simply accepted, in the order of the rows, which are counted from 1; a JSON list."""
    found = [
        *([one.row + 1, keys[one.row], "refused", one.code, dict(one.facts)] for one in checked.refused),
        *([one.row + 1, keys[one.row], "waiting", one.code, dict(one.facts)] for one in checked.waiting),
        *([row + 1, keys[row], "duplicate", "", {}] for row in checked.duplicates),
    ]
    return json.dumps(sorted(found, key=lambda one: one[0]), ensure_ascii=False)


# -- in a process of its own -------------------------------------------------------------------------------------------


def apart(asked: Asked, answers: Mapping[str, Answer], body: bytes) -> Sifted:
    ready = multiprocessing.get_context("forkserver")
    ready.set_forkserver_preload(READY)
    ours, its = ready.Pipe()
    process = ready.Process(target=serve, args=(its, asked), daemon=True)
    process.start()
    its.close()
    try:
        ours.send_bytes(body)
        while True:
            kind, *said = ours.recv()
            if kind == "done":
                found: Sifted = said[0]
                return found
            if kind == "refused":
                place, name, facts = said
                raise getattr(import_module(place), name)(**facts)
            ours.send(answers[kind](*said))
    except (EOFError, OSError) as lost:
        raise SiftingLost from lost
    finally:
        ours.close()
        process.join(5)
        if process.is_alive():
            process.kill()
            process.join()


def serve(pipe: "Connection", asked: Asked) -> None:
    """The other end: ask for what only the database knows, and say what came out."""

    def asking(kind: str) -> Answer:
        def ask(*said: Any) -> Any:
            pipe.send((kind, *said))
            return pipe.recv()

        return ask

    try:
        answers = {kind: asking(kind) for kind in ("known", "GENERAL", "TRACK")}
        made = sifted(asked, answers, pipe.recv_bytes())
        pipe.send(("done", made))
    except Refusal as refusal:
        pipe.send(("refused", type(refusal).__module__, type(refusal).__qualname__, refusal.facts))
    finally:
        pipe.close()

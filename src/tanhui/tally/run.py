"""A day settled: partitions given out, answers gathered, each settlement of a day under a number of its own.

What is finished is not done again; a run that was killed goes on where it was, and asking twice is asking once.
"""

import datetime as dt
import json
import math
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tanhui.tally import execution, files, refusals, results, shape, sharing, warm
from tanhui.tally import given as giving
from tanhui.tally import lake as lakes
from tanhui.tally import settle as settle_
from tanhui.tally.given import Given
from tanhui.tally.lake import Lake
from tanhui.tally.reading import Whole
from tanhui.tally.rules import Rule, Rules
from tanhui.tally.settle import Settled, Task, partition


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a day, or of some people's. ``counts`` say for every event read what it became; ``scenarios``
    grams, people and events of each; ``sha256`` is over the results of all buckets, in their order."""

    day: dt.date
    number: int
    partial: bool
    buckets: int
    counts: dict[str, int]
    scenarios: dict[str, dict[str, int]]
    days: int
    waiting: int
    changes: int
    rules: str
    sha256: str


def settle(
    folder: Path | str,
    day: dt.date,
    *,
    number: int,
    rules: Rules,
    given: Given = Given(),  # noqa: B008 a frozen value
    workers: int = 1,
    scheduler: str | None = None,
    by: Executor | None = None,
) -> Settlement:
    """Settle a day for everybody. The caller counts settlements of a day: a number names one request for good.

    Asked again under its number it finishes what was begun, with the events and tables it was begun with, or returns
    what it came to. Refuses with ``NoLake``,
    ``AnotherSettlement``, ``WorkerLost``, ``SchedulerAway``. ``by`` is an executor of one's own.
    """
    return _run(lakes.open(folder), day, number, rules, given, None, workers, scheduler, by)


def resettle(
    folder: Path | str,
    day: dt.date,
    accounts: Iterable[int],
    *,
    number: int,
    rules: Rules,
    given: Given = Given(),  # noqa: B008
    workers: int = 1,
    scheduler: str | None = None,
    by: Executor | None = None,
) -> Settlement:
    """Settle a day anew for the touched accounts alone, from all that the lake now has of them; ``changes`` says what
    differs. Whoever shares a device that became one of too many people is touched too. Refuses as ``settle``, and with
    ``NotSettled`` where the day was not settled for everybody before."""
    touched = np.unique(np.fromiter(accounts, dtype=np.int64))
    return _run(lakes.open(folder), day, number, rules, given, touched, workers, scheduler, by)


def keep_warm(
    folder: Path | str,
    day: dt.date,
    number: int,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    by: Executor | None = None,
) -> int:
    """Lay down the sorted columns of a settled day, so that corrections of a few people are settled at once and not by
    reading everybody's day. About the size of the events; may be deleted at any time. How many events."""
    lake = lakes.open(folder)
    _finished(lake, day, number)
    plan = results.plan(folder, day, number) or {}
    tasks = _tasks(lake, day, number, SAVING, plan)

    def keep_tokens() -> None:
        laid = _laid(lake, day, number)
        if all(path.exists() for path in laid):
            sharing.keep(lake.folder / "warm" / f"day={day}", laid)

    with nullcontext(by) if by else execution.executor(workers, scheduler) as carrier:
        return sum(execution.each(carrier, warm.keep, tasks, day=day, meanwhile=keep_tokens))


SAVING = Rules(scenarios=(Rule(scenario="-", methodology="-", unit="-", numerator=0, denominator=1, saving=True),))


def changes(folder: Path | str, day: dt.date, number: int) -> Iterator[pa.Table]:
    """What a settlement changed, part by part: account, scenario, grams_before, grams, events, evidence, held."""
    lake = lakes.open(folder)
    _finished(lake, day, number)
    for part in range(lake.buckets):
        path = results.part(folder, day, number, part, "changes")
        if path.exists():
            yield pq.ParquetFile(path).read().cast(results.CHANGES)
        elif (path := results.part(folder, day, number, part)).exists():
            yield _all_new(pq.ParquetFile(path).read())


def last_of(folder: Path | str, day: dt.date, account: int) -> int | None:
    """The last finished settlement of a day that settled a person."""
    bucket = lakes.open(folder).bucket(account)
    for number in reversed(numbers(folder, day)):
        plan = results.plan(folder, day, number) or {}
        place = plan["accounts"].get(str(bucket // plan.get("together", 1)))
        if not plan["partial"] or account in _covered(folder, day, number, place):
            return number
    return None


def _covered(folder: Path | str, day: dt.date, number: int, place: str | None) -> Any:
    return () if (found := results.accounts(folder, day, number, place)) is None else found


def fates(folder: Path | str, day: dt.date, number: int, account: int, *, rules: Rules) -> pa.Table:
    """What became of each of a person's events in a settlement, as it was told: scenario, began_at, quantity, became
    (a word of ``reasons.LEFT`` or ``WAITING``). Empty once the day is forgotten. Refuses with ``NotSettled``, and with
    ``AnotherSettlement`` where the rules were others."""
    lake = lakes.open(folder)
    _finished(lake, day, number)
    plan = results.plan(folder, day, number) or {}
    if plan["rules"] != rules.digest:
        raise refusals.AnotherSettlement(number=number, day=day)
    bucket, out = lake.bucket(account), results.folder(folder, day, number)
    task = _tasks(lake, day, number, rules, plan)[bucket // plan["together"]]
    shared = next((path.name for path in out.glob("shared-*.parquet")), None)
    own = tuple(one for one in task.inputs if one[0] == bucket)
    try:
        events, names, became = settle_.fates(replace(task, inputs=own, shared=shared), account)
    except FileNotFoundError:
        return FATES.empty_table()
    scenarios = [names[place] for place in events.rule.tolist()]
    return pa.table([scenarios, pa.array(events.began).cast(shape.UTC_MS), events.quantity, became], schema=FATES)


FATES = pa.schema(
    [("scenario", pa.string()), ("began_at", shape.UTC_MS), ("quantity", pa.int64()), ("became", pa.string())]
)


def waiting(folder: Path | str, day: dt.date, number: int) -> pa.Table:
    """Every event that a settlement held back: account, scenario, rule, began_at, ended_at, quantity, id, body."""
    return _table(lakes.open(folder), day, number, "waiting", shape.WAITING)


def days(folder: Path | str, day: dt.date, number: int) -> pa.Table:
    """What a settlement gave everybody it settled. For a city read it part by part: ``results.part``."""
    return _table(lakes.open(folder), day, number, "days", shape.DAYS)


def numbers(folder: Path | str, day: dt.date) -> tuple[int, ...]:
    """Finished settlements of a day, ascending."""
    found = results.folder(folder, day, 0).parent.glob("*/settlement.json")
    return tuple(sorted(int(path.parent.name) for path in found))


def _run(
    lake: Lake,
    day: dt.date,
    number: int,
    rules: Rules,
    given: Given,
    touched: Whole | None,
    workers: int,
    scheduler: str | None,
    by: Executor | None,
) -> Settlement:
    out = results.folder(lake.folder, day, number)
    with nullcontext(by) if by else execution.executor(workers, scheduler) as carrier:
        plan = _plan(lake, day, number, rules, given, touched, carrier)
        if (out / "settlement.json").exists():
            return _finished(lake, day, number)
        tasks = _tasks(lake, day, number, rules, plan)
        told = _with_shared(lake, tasks, plan, carrier)
        settled = execution.each(
            carrier,
            partition,
            told,
            day=day,
            done=lambda one: _sync(results.part(lake.folder, day, number, one.part).parent),
        )
    return _finish(lake, day, number, rules, settled, partial=touched is not None)


def _plan(
    lake: Lake, day: dt.date, number: int, rules: Rules, given: Given, touched: Whole | None, carrier: Executor
) -> dict[str, Any]:
    """What the settlement was begun with, written once: what arrives or is decided meanwhile is for the next."""
    out = results.folder(lake.folder, day, number)
    begun = results.plan(lake.folder, day, number)
    if begun is not None:
        if (begun["rules"], begun["partial"]) != (rules.digest, touched is not None):
            raise refusals.AnotherSettlement(number=number, day=day)
        return begun
    before = [one for one in numbers(lake.folder, day) if one < number]
    full = [one for one in before if not (results.plan(lake.folder, day, one) or {})["partial"]]
    if touched is not None and not full:
        raise refusals.NotSettled(day=day, number=number)
    out.mkdir(parents=True, exist_ok=True)
    inputs = {str(bucket): list(lakes.inputs(lake, day, bucket)) for bucket in range(lake.buckets)}
    plan = {
        "rules": rules.digest,
        "partial": touched is not None,
        "inputs": inputs,
        "before": before,
        "together": 1 if touched is None else _together(lake, len(touched)),
        "given": {},
        "accounts": {},
        "shared": None,
    }
    if touched is None:
        _tell_everybody(lake, day, number, rules, given, plan, carrier)
    else:
        _tell_touched(lake, day, max(full), number, rules, given, touched, plan, carrier)
    if (out / "given").exists():
        files.sync_all([*(out / "given").glob("*"), out / "given"])
    files.put(out / "plan.json", json.dumps(plan).encode())
    return plan


FEW, MOST = 8, 20_000  # parts at least of a settlement of some people; people of a part at most


def _together(lake: Lake, people: int) -> int:
    """How many buckets are settled together where few people are: what each costs beside its people is then paid once,
    and no part holds more than a bucket of a city does."""
    parts = max(FEW, 1 << math.ceil(people / MOST).bit_length())
    return max(1, lake.buckets // parts)


def _tell_everybody(
    lake: Lake, day: dt.date, number: int, rules: Rules, given: Given, plan: dict[str, Any], carrier: Executor
) -> None:
    """Lay down what is given, while others find out who used which device."""
    out = results.folder(lake.folder, day, number)
    shutil.rmtree(out / "tokens", ignore_errors=True)  # of a run that ended before it had a plan: of other files
    tasks = _tasks(lake, day, number, rules, plan) if sharing.asked(rules) else []

    def lay_down() -> None:
        plan["given"] = _by_part(giving.lay_down(lake, out, given))

    execution.each(carrier, sharing.lay_down, tasks, day=day, meanwhile=lay_down)


def _tell_touched(
    lake: Lake,
    day: dt.date,
    full: int,
    number: int,
    rules: Rules,
    given: Given,
    touched: Whole,
    plan: dict[str, Any],
    carrier: Executor,
) -> None:
    """Lay down what is given about the touched, and about those who share a device with them that too many share."""
    out = results.folder(lake.folder, day, number)

    def lay_down(accounts: Whole) -> None:
        shutil.rmtree(out / "given", ignore_errors=True)
        plan["given"] = _by_part(giving.lay_down(lake, out, given, pa.array(accounts), plan["together"]))
        table = pa.table({"account": accounts})
        places = giving.put(out, "accounts", table.schema, giving.divided(lake, table, None, plan["together"]))
        plan["accounts"] = {str(part): place for part, place in enumerate(places)}

    if not sharing.asked(rules):
        lay_down(touched)
        return
    tokens, people = _shared_since(lake, day, full, rules, plan["inputs"], carrier, lambda: lay_down(touched))
    plan["shared"] = sharing.write(out, tokens)
    if len(np.setdiff1d(people, touched)):
        lay_down(np.union1d(touched, people))


def _by_part(tables: dict[int, tuple[str, ...]]) -> dict[str, list[str]]:
    return {str(part): list(names) for part, names in tables.items()}


def _shared_since(
    lake: Lake,
    day: dt.date,
    full: int,
    rules: Rules,
    inputs: dict[str, Any],
    carrier: Executor,
    meanwhile: Callable[[], None],
) -> tuple[Whole, Whole]:
    """Tokens of too many people in the day's settlement for everybody and in the files that came since; and everybody
    who used one that somebody used for the first time since."""
    then, out = results.plan(lake.folder, day, full) or {}, results.folder(lake.folder, day, full)
    warmth = lake.folder / "warm" / f"day={day}"
    new = {int(bucket): sorted(set(names) - set(then["inputs"][bucket])) for bucket, names in inputs.items()}
    asked = [(lake.partition(day, bucket), names) for bucket, names in new.items() if names]
    some = [asked[at : at + FEW] for at in range(0, len(asked), FEW)]
    found = execution.each(carrier, _pairs, some, day=day, meanwhile=meanwhile)
    table = sharing.kept(warmth, _laid(lake, day, full))
    added = pa.concat_tables([table.slice(0, 0), *found])
    before = sharing.written(out) if then["rules"] == rules.digest else sharing.too_many(table, rules)
    tokens, people = sharing.newly(table, added, rules)
    return np.union1d(before, tokens), people


def _laid(lake: Lake, day: dt.date, number: int) -> list[Path]:
    return [sharing.pairs_of(lake.folder, day, number, bucket) for bucket in range(lake.buckets)]


def _pairs(of: list[tuple[Path, list[str]]]) -> pa.Table:
    return pa.concat_tables(sharing.pairs(folder, names) for folder, names in of)


def _tasks(lake: Lake, day: dt.date, number: int, rules: Rules, plan: dict[str, Any]) -> list[Task]:
    parts: dict[int, list[tuple[int, tuple[str, ...]]]] = {}
    for bucket, names in plan["inputs"].items():
        parts.setdefault(int(bucket) // plan["together"], []).append((int(bucket), tuple(names)))
    return [
        Task(
            lake=str(lake.folder),
            day=day,
            number=number,
            part=part,
            rules=rules,
            inputs=tuple(inputs),
            given=tuple(plan["given"].get(str(part), ())),
            accounts=plan["accounts"].get(str(part)),
            before=tuple(plan["before"]),
        )
        for part, inputs in parts.items()
    ]


def _with_shared(lake: Lake, tasks: list[Task], plan: dict[str, Any], carrier: Executor) -> list[Task]:
    """The list of tokens of too many people, told to every task."""
    rules, day, number = tasks[0].rules, tasks[0].day, tasks[0].number
    if plan["partial"] or not sharing.asked(rules):
        return [replace(task, shared=plan["shared"]) for task in tasks]
    laid = _laid(lake, day, number)
    missing = [task for task, path in zip(tasks, laid, strict=True) if not path.exists()]  # of a run that was killed
    execution.each(carrier, sharing.lay_down, missing, day=day)
    tokens = sharing.too_many(sharing.gathered(laid, columns=("token", "payment")), rules)
    name = sharing.write(results.folder(lake.folder, day, number), tokens)
    return [replace(task, shared=name) for task in tasks]


def _finish(
    lake: Lake, day: dt.date, number: int, rules: Rules, settled: list[Settled], *, partial: bool
) -> Settlement:
    out = results.folder(lake.folder, day, number)
    settled = sorted(settled, key=lambda one: one.part)
    made = Settlement(
        day=day,
        number=number,
        partial=partial,
        buckets=lake.buckets,
        counts=reduce(_added, [one.counts for one in settled], {}),
        scenarios={
            name: reduce(_added, [one.scenarios[name] for one in settled if name in one.scenarios], {})
            for name in sorted({name for one in settled for name in one.scenarios})
        },
        days=sum(one.days for one in settled),
        waiting=sum(one.waiting for one in settled),
        changes=sum(one.changes for one in settled),
        rules=rules.digest,
        sha256=files.digest([one.sha256 for one in settled]),
    )
    for half in out.rglob(".*"):  # written by somebody who was killed
        half.unlink(missing_ok=True)
    files.sync_all(out.glob("*"))
    files.put(out / "settlement.json", json.dumps(asdict(made) | {"day": day.isoformat()}, sort_keys=True).encode())
    files.sync(out)
    return made


def _sync(part: Path) -> None:
    """What a partition wrote reaches the disk while others work."""
    files.sync_all([*part.glob("*"), part])


def _added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


def _finished(lake: Lake, day: dt.date, number: int) -> Settlement:
    path = results.folder(lake.folder, day, number) / "settlement.json"
    if not path.exists():
        raise refusals.NotSettled(day=day, number=number)
    about = json.loads(path.read_bytes())
    return Settlement(**about | {"day": dt.date.fromisoformat(about["day"])})


def _table(lake: Lake, day: dt.date, number: int, name: str, schema: pa.Schema) -> pa.Table:
    _finished(lake, day, number)
    paths = (results.part(lake.folder, day, number, part, name) for part in range(lake.buckets))
    tables = [pq.ParquetFile(path).read().cast(schema) for path in paths if path.exists()]
    return pa.concat_tables([schema.empty_table(), *tables])


def _all_new(table: pa.Table) -> pa.Table:
    nothing = pa.array(np.zeros(len(table), dtype=np.int64))
    columns = [table["account"], table["scenario"], nothing, table["grams"], table["events"], table["evidence"]]
    return pa.table([*columns, pa.array(np.zeros(len(table), dtype=np.bool_))], names=results.CHANGES.names).cast(
        results.CHANGES
    )

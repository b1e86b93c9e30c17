"""One partition of a day, from its events to whole grams: the same task gives the same bytes wherever it is done."""

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tanhui.science import activity
from tanhui.tally import files, refusals, results, shape, suspicion, warm
from tanhui.tally import given as giving
from tanhui.tally.given import midnight
from tanhui.tally.reading import Events, Mask, Whole
from tanhui.tally.rules import OPEN, Rules

FORMAT = 1  # of the results: another number settles anew
COUNTS = 0
REASONS = (
    "counted", "no_rule", "not_consented", "claimed", "implausible", "same_activity", "decided_against", "surplus",
)  # fmt: skip
NO_RULE, NOT_CONSENTED, CLAIMED, IMPLAUSIBLE, SAME_ACTIVITY, DECIDED_AGAINST, SURPLUS = range(1, len(REASONS))
WAITING = 64  # and above: the rule's place in suspicion.CODES
PLACE, RULE = 28, 8  # bits of a row's place and of its scenario in one sortable number
EXACT = 1 << 61
MANY = 20_000  # groups for which hashing side by side is worth loading
SOME = 500  # for which it is worth it where it is loaded
WORDS = ["scenario", "rule"]


@dataclass(frozen=True, slots=True)
class Task:
    """One part of one settlement: a bucket, or where few people are settled some buckets together.

    ``inputs`` are its buckets, each with the files of the lake that are read; ``given`` and ``accounts`` places in the
    settlement's ``given`` folder; ``shared`` its list of tokens; ``before`` the settlements of the day it is compared
    with.
    """

    lake: str
    day: dt.date
    number: int
    part: int
    rules: Rules
    inputs: tuple[tuple[int, tuple[str, ...]], ...]
    given: tuple[str, ...] = ()
    accounts: str | None = None
    shared: str | None = None
    before: tuple[int, ...] = ()

    def source(self, bucket: int) -> Path:
        return Path(self.lake) / "events" / f"day={self.day}" / f"bucket={bucket:03d}"

    @property
    def out(self) -> Path:
        return results.part(self.lake, self.day, self.number, self.part).parent

    @property
    def digest(self) -> str:
        """What the result depends on: names of inputs carry the hash of their bytes."""
        said = [self.day.isoformat(), self.part, self.rules.digest, self.inputs, self.given, self.accounts]
        return files.digest([FORMAT, *said, self.shared, self.before])


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a partition. ``counts`` say for every event read what it became; ``sha256`` is of the result."""

    part: int
    counts: dict[str, int]
    scenarios: dict[str, dict[str, int]]
    days: int
    waiting: int
    changes: int
    sha256: str


def partition(task: Task) -> Settled:
    """Settle one partition and write what came of it; what is there for the same task already is only read.

    Refuses with ``AnotherSettlement`` where the number was used for another task, ``TooManyRows`` beyond 2²⁸ events.
    """
    done = results.finished(task.out, task.digest)
    if done is not None:
        return Settled(**done)
    accounts = results.accounts(task.lake, task.day, task.number, task.accounts)
    laid = {} if accounts is None else warm.laid(task, accounts)
    days, waiting, counts, scenarios, names = _compute(task, accounts, laid)

    def ready(number: int, bucket: int) -> pa.Table | None:
        there = laid.get(bucket)
        return warm.days(there) if there and there.number == number else None

    changes = results.changes(task, days, names, accounts, ready)
    tables = {"days": days, "waiting": waiting} | ({} if changes is None else {"changes": changes})
    return _write(task, tables, counts, scenarios)


def _compute(
    task: Task, accounts: Whole | None, laid: Mapping[int, warm.Laid]
) -> tuple[pa.Table, pa.Table, dict[str, int], dict[str, dict[str, int]], list[str]]:
    rules, names = task.rules, [rule.scenario for rule in task.rules.scenarios]
    known = len(names)
    events, read = warm.read(task, names, accounts, laid)
    if len(events) >= 1 << PLACE:
        raise refusals.TooManyRows(day=task.day, rows=len(events), most=1 << PLACE)
    counts = {"received": read, "superseded": read - len(events), "withdrawn": int(events.withdrawn.sum())}
    if counts["withdrawn"]:
        events = events.at(~events.withdrawn)
    counts["no_rule"] = int((events.rule >= known).sum())
    if counts["no_rule"]:
        events = events.at(events.rule < known)
    given = Tables(task)
    groups = Groups.of(events)
    quantity = _quantity(events, rules)
    left = _judge(events, groups, quantity, rules, given, task)
    days = _grams(events, groups, quantity, left, rules, given, names[:known])
    counts |= {name: int((left == code).sum()) for code, name in enumerate(REASONS) if code != NO_RULE}
    counts |= {f"waiting_{name}": int((left == WAITING + code).sum()) for code, name in enumerate(suspicion.CODES)}
    waiting = _waiting(events, left, names[:known])
    return days, waiting, counts, _by_scenario(days, waiting, events, left, names[:known]), names[:known]


def fates(task: Task, account: int) -> tuple[Events, list[str], list[str]]:
    """One person's events in the order of time; the scenarios they are numbered by; and what became of each, a word of
    ``reasons.LEFT`` or a code of ``reasons.WAITING``."""
    rules, names = task.rules, [rule.scenario for rule in task.rules.scenarios]
    known = len(names)
    asked = np.array([account])
    events, _ = warm.read(task, names, asked, warm.laid(task, asked))
    became = np.where(events.withdrawn, "withdrawn", "no_rule").astype(object)
    judged = ~events.withdrawn & (events.rule < known)
    some = events.at(judged)
    left = _judge(some, Groups.of(some), _quantity(some, rules), rules, Tables(task), task)
    said = [*REASONS, *("",) * (WAITING - len(REASONS)), *(f"tally.{code}" for code in suspicion.CODES)]
    became[judged] = [said[code] for code in left.tolist()]
    return events, names, became.tolist()


@dataclass(slots=True)
class Groups:
    """Events by person and scenario: ``order`` sorts them so, time within; ``starts`` where each group begins there;
    ``of_event`` the group of each event; ``account`` and ``rule`` of each group."""

    order: NDArray[np.int64]
    first: Mask
    starts: NDArray[np.intp]
    of_event: NDArray[np.int64]
    account: Whole
    rule: NDArray[np.uint8]

    @classmethod
    def of(cls, events: Events) -> "Groups":
        n = len(events)
        person = np.zeros(n, dtype=np.int64)
        np.cumsum(events.account[1:] != events.account[:-1], out=person[1:])
        keys = person << (PLACE + RULE) | events.rule.astype(np.int64) << PLACE
        keys |= np.arange(n)
        keys.sort()  # of whole numbers, all different: the place comes along, and nothing has to be sorted indirectly
        order = keys & ((1 << PLACE) - 1)
        keys >>= PLACE
        first = np.ones(n, dtype=np.bool_)
        first[1:] = keys[1:] != keys[:-1]
        starts = np.flatnonzero(first)
        of_event = np.empty(n, dtype=np.int64)
        of_event[order] = np.cumsum(first) - 1
        leader = order[starts]
        return cls(order, first, starts, of_event, events.account[leader], events.rule[leader])

    @property
    def keys(self) -> Whole:
        """Account and scenario of each group in one number, ascending."""
        return self.account << RULE | self.rule


class Tables:
    """What the task was given, as sorted arrays."""

    def __init__(self, task: Task) -> None:
        self.scenarios = [rule.scenario for rule in task.rules.scenarios]
        folder = results.folder(task.lake, task.day, task.number)
        self.tables = {place.split("-")[0]: giving.read(folder, place) for place in task.given}

    def keyed(self, name: str) -> tuple[Whole, pa.Table] | None:
        """Keys (as ``Groups.keys``) ascending, and the table in their order, without scenarios no rule speaks of."""
        table = self.tables.get(name)
        if table is None:
            return None
        if not len(table):
            return np.zeros(0, np.int64), table
        place = results.places(table, self.scenarios)
        keys = table["account"].to_numpy() << RULE | place
        if (place < 0).any() or (keys[1:] < keys[:-1]).any():
            order = np.argsort(keys, kind="stable")
            order = order[place[order] >= 0]
            keys, table = keys[order], table.take(pa.array(order))
        return keys, table


def covered(events: Events, groups: Groups, keys: Whole, since: Whole, until: Whole, wanted: Whole) -> Mask:
    """Whether each event begins within one of the spans of its group, whose keys are ``wanted``."""
    low = np.searchsorted(keys, wanted, "left")
    if (keys[1:] == keys[:-1]).any():
        high = np.searchsorted(keys, wanted, "right")
    else:
        high = low + (keys[np.minimum(low, len(keys) - 1)] == wanted) if len(keys) else low
    first, last = int(events.began.min(initial=0)), int(events.began.max(initial=0))
    always, never = np.zeros(len(wanted), dtype=np.bool_), np.ones(len(wanted), dtype=np.bool_)
    spans = []
    for nth in range(int((high - low).max(initial=0))):
        there = low + nth < high
        place = np.where(there, low + nth, 0)
        begin, end = np.where(there, since[place], FAR), until[place]
        always |= (begin <= first) & (end > last)
        never &= (begin > last) | (end <= first)
        spans.append((begin, end))
    inside = always[groups.of_event]
    partly = ~(always | never)
    if partly.any():  # of whom a span begins or ends within the day: event by event
        places = np.flatnonzero(partly[groups.of_event])
        began, group = events.began[places], groups.of_event[places]
        for begin, end in spans:
            inside[places] |= (began >= begin[group]) & (began < end[group])
    return inside


def _spans(events: Events, groups: Groups, given: Tables, name: str, *, everybody: bool = False) -> Mask | None:
    found = given.keyed(name)
    if found is None:
        return None
    keys, table = found
    since = shape.milliseconds(table["since"])
    until = shape.milliseconds(table["until"].fill_null(FOREVER))
    inside = covered(events, groups, keys, since, until, groups.keys)
    if everybody:
        inside |= covered(events, groups, keys, since, until, groups.rule.astype(np.int64))
    return inside


FAR = np.iinfo(np.int64).max
FOREVER = pa.scalar(dt.datetime(9999, 12, 31, tzinfo=dt.UTC), shape.UTC_MS)


def _quantity(events: Events, rules: Rules) -> Whole:
    """What of each event is multiplied with the factor; −1 where a saving has no baseline."""
    saving = np.array([rule.saving for rule in rules.scenarios], dtype=np.bool_)
    if not saving.any():
        return events.quantity
    saved = np.where(events.baseline < 0, -1, np.maximum(events.baseline - events.quantity, 0))
    return np.where(saving[events.rule], saved, events.quantity)


def _judge(
    events: Events, groups: Groups, quantity: Whole, rules: Rules, given: Tables, task: Task
) -> NDArray[np.uint8]:
    """For each event 0 where it counts, else the first reason for which it does not."""
    left = np.zeros(len(events), dtype=np.uint8)

    def leave(mask: Mask | None, reason: int) -> None:
        if mask is not None:
            left[mask & (left == COUNTS)] = reason

    consented = _spans(events, groups, given, "consents")
    leave(None if consented is None else ~consented, NOT_CONSENTED)
    leave(_spans(events, groups, given, "claims", everybody=True), CLAIMED)
    least = np.array([rule.least for rule in rules.scenarios], dtype=np.int64)
    most = np.array([rule.most for rule in rules.scenarios], dtype=np.int64)
    leave((quantity < least[events.rule]) | (quantity > most[events.rule]), IMPLAUSIBLE)
    leave(_same_activity(events, left == COUNTS), SAME_ACTIVITY)
    allowed = np.zeros(len(events), dtype=np.bool_)
    if (decided := given.tables.get("decisions")) is not None and len(decided):
        verdict = decided["allowed"].to_numpy(zero_copy_only=False)
        bodies = decided["body"].to_numpy()
        allowed = np.isin(events.body, bodies[verdict])
        leave(np.isin(events.body, bodies[~verdict]), DECIDED_AGAINST)
    counting = left == COUNTS
    for code, held in suspicion.found(events, rules, results.shared(task), counting, allowed):
        left[held] = WAITING + code
        counting &= ~held
    leave(_surplus(groups, counting, rules), SURPLUS)
    return left


def _same_activity(events: Events, counting: Mask) -> Mask | None:
    """Of one person's events with the same activity key all but the earliest."""
    places = np.flatnonzero(counting & (events.activity != 0))
    if len(places) < 2:
        return None
    order = places[np.lexsort((places, events.activity[places]))]  # of people apart: keys are told apart by person too
    person, key = events.account[order], events.activity[order]
    if ((key[1:] == key[:-1]) & (person[1:] != person[:-1])).any():
        order = places[np.lexsort((places, events.activity[places], events.account[places]))]
        person, key = events.account[order], events.activity[order]
    mask = np.zeros(len(events), dtype=np.bool_)
    mask[order[1:][(key[1:] == key[:-1]) & (person[1:] == person[:-1])]] = True
    return mask


def _surplus(groups: Groups, counting: Mask, rules: Rules) -> Mask | None:
    """Beyond the number of events of a day that count, in the order of time."""
    if not any(rule.day_events for rule in rules.scenarios):
        return None
    most = np.array([rule.day_events or 1 << PLACE for rule in rules.scenarios], dtype=np.int64)
    admitted = counting[groups.order]
    kept = activity.first_of(
        admitted, groups.first, most[groups.rule][groups.of_event[groups.order]].astype(np.float64)
    )
    mask = np.zeros(len(counting), dtype=np.bool_)
    mask[groups.order] = admitted & ~kept
    return mask


def _grams(
    events: Events,
    groups: Groups,
    quantity: Whole,
    left: NDArray[np.uint8],
    rules: Rules,
    given: Tables,
    names: list[str],
) -> pa.Table:
    """Grams of each person and scenario of whom something counts."""
    if not len(events):
        return shape.DAYS.empty_table()
    counts = left[groups.order] == COUNTS
    summed = np.add.reduceat(np.where(counts, quantity[groups.order], 0), groups.starts)
    number = np.add.reduceat(counts, groups.starts, dtype=np.int32)
    uncapped = in_grams(summed, groups.rule, rules)
    grams = uncapped.copy()
    day = np.array([rule.cap_day_g for rule in rules.scenarios], dtype=np.int64)[groups.rule]
    year = np.array([rule.cap_year_g for rule in rules.scenarios], dtype=np.int64)[groups.rule]
    np.minimum(grams, day, out=grams, where=day != OPEN)
    if (found := given.keyed("earned")) is not None and len(found[0]):
        keys, table = found
        place = np.minimum(np.searchsorted(keys, groups.keys), len(keys) - 1)
        earned = np.where(keys[place] == groups.keys, table["grams"].to_numpy()[place], 0)
    else:
        earned = np.zeros(len(grams), dtype=np.int64)
    np.minimum(grams, np.maximum(year - earned, 0), out=grams, where=year != OPEN)
    some = number > 0
    return pa.table(
        {
            "account": groups.account[some],
            "scenario": pa.DictionaryArray.from_arrays(groups.rule[some].astype(np.int32), pa.array(names)),
            "grams": grams[some],
            "uncapped": uncapped[some],
            "quantity": summed[some],
            "events": number[some],
            "evidence": evidence(events.body[groups.order][counts], np.cumsum(number[some])),
        },
        schema=shape.DAYS,
    )


def in_grams(quantity: Whole, rule: NDArray[np.uint8], rules: Rules) -> Whole:
    """Σ quantity · numerator / denominator in whole grams, rounded once as the rule says. Sums too large for a machine
    word are computed by whole numbers of any size."""
    numerator = np.array([one.numerator for one in rules.scenarios], dtype=np.int64)[rule]
    denominator = np.array([one.denominator for one in rules.scenarios], dtype=np.int64)[rule]
    half = np.array([one.rounding == "half_up" for one in rules.scenarios], dtype=np.bool_)[rule]
    large = int(quantity.max(initial=0)) * int(numerator.max(initial=0)) >= EXACT
    kind: Any = object if large else np.int64
    doubled = 2 * quantity.astype(kind) * numerator + np.where(half, denominator, 0)
    whole: Whole = (doubled // (2 * denominator)).astype(np.int64)
    return whole


def evidence(bodies: Whole, ends: NDArray[np.int32]) -> pa.Array:
    """SHA-256 over the bodies of each group's events, as little-endian bytes in the order of time."""
    if len(ends) >= MANY or (len(ends) >= SOME and "tanhui.tally.evidence" in sys.modules):
        from tanhui.tally.evidence import digests

        made = digests(bodies, ends.astype(np.int64))
    else:
        content, begins = memoryview(np.ascontiguousarray(bodies, dtype="<i8").tobytes()), [0, *ends[:-1].tolist()]
        cuts = zip(begins, ends.tolist(), strict=True) if len(ends) else ()
        made = b"".join([hashlib.sha256(content[8 * begin : 8 * end]).digest() for begin, end in cuts])
    return pa.FixedSizeBinaryArray.from_buffers(shape.EVIDENCE, len(ends), [None, pa.py_buffer(made)])


def _waiting(events: Events, left: NDArray[np.uint8], names: list[str]) -> pa.Table:
    held = left >= WAITING
    some = events.at(held)
    codes = [f"tally.{code}" for code in suspicion.CODES]
    return pa.table(
        {
            "account": some.account,
            "scenario": pa.DictionaryArray.from_arrays(some.rule.astype(np.int32), pa.array(names, pa.string())),
            "rule": pa.DictionaryArray.from_arrays((left[held] - WAITING).astype(np.int32), pa.array(codes)),
            "began_at": pa.array(some.began).cast(shape.UTC_MS),
            "ended_at": pa.array(some.ended).cast(shape.UTC_MS),
            "quantity": some.quantity,
            "id": some.id,
            "body": some.body,
        },
        schema=shape.WAITING,
    )


def _by_scenario(
    days: pa.Table, waiting: pa.Table, events: Events, left: NDArray[np.uint8], names: list[str]
) -> dict[str, dict[str, int]]:
    """Grams, people, events that count and that wait of each scenario, for reports."""
    rule = days["scenario"].combine_chunks().indices.to_numpy() if len(days) else np.zeros(0, np.int64)
    grams = [int(days["grams"].to_numpy()[rule == place].sum()) for place in range(len(names))]
    people = np.bincount(rule, minlength=len(names))
    counted = np.bincount(events.rule[left == COUNTS], minlength=len(names))
    held = np.bincount(events.rule[left >= WAITING], minlength=len(names))
    return {
        name: {"grams": grams[n], "people": int(people[n]), "events": int(counted[n]), "waiting": int(held[n])}
        for n, name in enumerate(names)
        if people[n] or held[n]
    }


def _write(
    task: Task, tables: dict[str, pa.Table], counts: dict[str, int], scenarios: dict[str, dict[str, int]]
) -> Settled:
    task.out.mkdir(parents=True, exist_ok=True)
    content = {name: files.parquet(one, compression="lz4", dictionaries=WORDS) for name, one in tables.items()}
    hashes = {name: files.put(task.out / f"{name}.parquet", one, durable=False) for name, one in content.items()}
    about = {
        "part": task.part,
        "counts": counts,
        "scenarios": scenarios,
        "days": len(tables["days"]),
        "waiting": len(tables["waiting"]),
        "changes": len(tables.get("changes", tables["days"])),
    }
    told = json.dumps({"task": task.digest, "files": hashes, **about}, sort_keys=True).encode()
    sha256 = files.put(task.out / "result.json", told, durable=False)
    return Settled(sha256=sha256, **about)  # type: ignore[arg-type]


def day_span(day: dt.date) -> tuple[int, int]:
    """First moment of a day and of the next, ms since 1970."""
    return midnight(day), midnight(day) + shape.DAY_MS

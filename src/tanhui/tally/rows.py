"""Every row that a provider sends, looked at: accepted, a duplicate, refused with its reason, or accepted to wait."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tanhui.tally import intake, shape
from tanhui.tally import lake as lakes
from tanhui.tally.intake import LONGEST_KEY, Malformed, Refused, Taken
from tanhui.tally.lake import Lake
from tanhui.tally.rules import LARGEST

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]
AHEAD_MS = 15 * 60_000  # of clocks that differ; further in the future is refused
LONGEST_MS = shape.DAY_MS
WORLD = {"lon_e6": 180_000_000, "to_lon_e6": 180_000_000, "lat_e6": 90_000_000, "to_lat_e6": 90_000_000}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a provider may report under one scenario: its unit, and the largest quantity of one event."""

    unit: str
    most: int = LARGEST


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of every row. ``table`` (``shape.EVENT``) and ``tracks`` are for ``lake.append``; ``rows`` are the
    numbers of the rows in ``table``. **received = len(table) + len(duplicates) + len(refused)**; ``waiting`` are
    those of the table that wait, so that accepted + duplicate + refused + waiting is what was received."""

    table: pa.Table
    tracks: pa.Table
    rows: NDArray[np.int64]
    refused: list[Refused]
    duplicates: list[int]
    waiting: list[Refused]
    received: int
    untracked: int  # rows whose coordinates were left out, because nobody consented to them

    @property
    def counts(self) -> dict[str, int]:
        """The receipt's totals."""
        return {
            "received": self.received,
            "accepted": len(self.table) - len(self.waiting),
            "duplicate": len(self.duplicates),
            "refused": len(self.refused),
            "waiting": len(self.waiting),
        }

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows were refused for which reason, most first."""
        return dict(Counter(one.code for one in self.refused).most_common())


def check(
    raw: pa.Table | Iterable[Mapping[str, Any] | Malformed],
    *,
    lake: Lake,
    provider: str,
    kinds: Mapping[str, Kind],
    now: dt.datetime,
    oldest: dt.date,
    known: Callable[[list[str]], Mapping[str, int]],
    consents: Callable[[list[int]], pa.Table] | None = None,
    track_consents: Callable[[list[int]], pa.Table] | None = None,
) -> Checked:
    """Look at each row of a batch.

    ``raw`` is a table (``intake.parquet`` reads one) or rows (``intake.lines``). ``known`` gives the account number of
    each mark of a person that is this provider's and in force; ``consents`` and ``track_consents`` the spans (account,
    scenario, since, until) of some accounts. ``oldest`` is the first day still taken, ``now`` the moment of receipt.
    A table of another shape is refused whole (``intake.of_table``); no row is changed to fit.
    """
    taken = intake.of_table(raw) if isinstance(raw, pa.Table) else intake.of_rows(raw)
    look = Look(taken, provider, kinds, now)
    look.shape()
    look.people(known)
    look.times(oldest)
    look.quantities()
    if consents is not None:
        look.consented(consents)
    look.keys(lake)
    return look.checked(track_consents)


class Look:
    """One batch under examination: ``code`` of each row is empty until something is found against it."""

    def __init__(self, taken: Taken, provider: str, kinds: Mapping[str, Kind], now: dt.datetime) -> None:
        self.taken, self.provider, self.kinds = taken, provider, kinds
        self.table = taken.table.combine_chunks()
        self.now = int(now.timestamp() * 1000)
        self.open: Mask = np.ones(len(self.table), dtype=np.bool_)
        self.refused = list(taken.refused)
        self.duplicates: list[int] = []
        self.account = np.zeros(len(self.table), dtype=np.int64)
        self.began = shape.milliseconds(self.table["began_at"])
        self.ended = shape.milliseconds(self.table["ended_at"])
        self.quantity = self.table["quantity"].to_numpy()
        self.revision = self.table["revision"].fill_null(1).to_numpy()
        self.withdrawn = self.table["withdrawn"].fill_null(False).to_numpy(zero_copy_only=False)
        self.scenario, self.scenarios = self._coded("scenario")

    def _coded(self, name: str) -> tuple[NDArray[np.int64], list[str]]:
        column = self.table[name].combine_chunks().dictionary_encode()
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        return column.indices.to_numpy().astype(np.int64), column.dictionary.to_pylist()

    def refuse(self, mask: Mask, code: str, **facts: Callable[[int], Any]) -> None:
        """Those of the mask that are still open, with facts made from their place."""
        places = np.flatnonzero(mask & self.open)
        self.refused += [
            Refused(int(self.taken.rows[at]), code, {name: make(int(at)) for name, make in facts.items()})
            for at in places
        ]
        self.open[places] = False

    def shape(self) -> None:
        keys = self.table["key"].to_pylist()
        lengths = np.fromiter(map(len, keys), dtype=np.int64, count=len(keys))
        self.refuse(lengths == 0, "tally.field_missing", field=lambda _: "key")
        self.refuse(lengths > LONGEST_KEY, "tally.key_too_long", length=lambda at: int(lengths[at]))
        mine = np.array([name in self.kinds for name in self.scenarios], dtype=np.bool_)
        there = mine[self.scenario] if len(mine) else self.open
        self.refuse(~there, "tally.scenario_unknown", value=lambda at: self.named(at)[:64])
        unit, units = self._coded("unit")
        wanted = [self.kinds[name].unit if name in self.kinds else "" for name in self.scenarios]
        fits = np.array([[one == unit for unit in units] for one in wanted], dtype=np.bool_)
        if len(self.table):
            self.refuse(
                ~fits[self.scenario, unit],
                "tally.unit_other",
                value=lambda at: units[unit[at]][:64],
                wanted=lambda at: wanted[self.scenario[at]],
            )
        for name, most in WORLD.items():
            place = self.table[name].fill_null(0).to_numpy().astype(np.int64)
            self.refuse(np.abs(place) > most, "tally.place_impossible")

    def named(self, at: int) -> str:
        return str(self.scenarios[self.scenario[at]])

    def people(self, known: Callable[[list[str]], Mapping[str, int]]) -> None:
        person, marks = self._coded("person")
        accounts = known(marks) if marks else {}
        numbers = np.array([accounts.get(mark, 0) for mark in marks], dtype=np.int64)
        if len(self.table):
            self.account = numbers[person]
        self.refuse(self.account <= 0, "tally.person_unknown")

    def times(self, oldest: dt.date) -> None:
        first = ((oldest - dt.date(1970, 1, 1)).days * 24 - 8) * 3_600_000
        both = {"began_at": self._told(self.began), "ended_at": self._told(self.ended)}
        self.refuse(self.ended < self.began, "tally.ends_before_begin", **both)
        self.refuse(self.ended - self.began > LONGEST_MS, "tally.too_long", **both)
        self.refuse(self.ended > self.now + AHEAD_MS, "tally.future", ended_at=both["ended_at"])
        self.refuse(self.began < first, "tally.ancient", began_at=both["began_at"])

    @staticmethod
    def _told(moments: NDArray[np.int64]) -> Callable[[int], str]:
        return lambda at: str(np.datetime64(int(moments[at]), "ms")) + "Z"

    def quantities(self) -> None:
        most = np.array([self.kinds[name].most if name in self.kinds else 0 for name in self.scenarios], dtype=np.int64)
        self.refuse(self.quantity < 0, "tally.quantity_negative", value=lambda at: int(self.quantity[at]))
        if len(self.table):
            self.refuse(
                self.quantity > np.minimum(most, LARGEST)[self.scenario],
                "tally.quantity_absurd",
                value=lambda at: int(self.quantity[at]),
                wanted=lambda at: int(min(most[self.scenario[at]], LARGEST)),
            )

    def consented(self, consents: Callable[[list[int]], pa.Table]) -> None:
        self.refuse(~self._within(consents), "tally.not_consented")

    def _within(self, consents: Callable[[list[int]], pa.Table]) -> Mask:
        """Whether each open row begins within a span of its person and scenario."""
        inside = np.zeros(len(self.table), dtype=np.bool_)
        spans = consents(np.unique(self.account[self.open]).tolist())
        if not len(spans) or not len(self.table):
            return inside
        numbers = {name: number for number, name in enumerate(self.scenarios)}
        place = np.array([numbers.get(one, -1) for one in spans["scenario"].to_pylist()], dtype=np.int64)
        width = len(self.scenarios)
        keys = spans["account"].to_numpy() * width + place
        order = np.argsort(keys, kind="stable")
        order = order[place[order] >= 0]
        keys, since = keys[order], shape.milliseconds(spans["since"])[order]
        forever = pa.scalar(np.iinfo(np.int64).max, pa.int64())
        until = spans["until"].cast(shape.UTC_MS).cast(pa.int64()).fill_null(forever).to_numpy()[order]
        mine = self.account * width + self.scenario
        low, high = np.searchsorted(keys, mine, "left"), np.searchsorted(keys, mine, "right")
        for nth in range(int((high - low).max(initial=0))):
            at = np.where(low + nth < high, low + nth, 0)
            inside |= (low + nth < high) & (self.began >= since[at]) & (self.began < until[at])
        return inside

    def keys(self, lake: Lake) -> None:
        """Duplicates and corrections, within the batch and against the lake."""
        keys = self.table["key"].to_pylist()
        self.id = shape.hashed([f"{self.provider}\0{key}" for key in keys], lake.secret, b"id")
        self.activity, self.device, self.payment = (
            shape.hashed(self.table[name].to_pylist(), lake.secret, name.encode())
            for name in ("activity", "device", "payment")
        )
        self.body = shape.hashed(self._bodies(keys), lake.secret, b"body")
        reasons = self.table["reason"].fill_null("").to_pylist()
        silent = np.array([not one.strip() for one in reasons], dtype=np.bool_)
        self.refuse(self.revision < 1, "tally.revision_old", value=lambda at: int(self.revision[at]))
        self.refuse(((self.revision > 1) | self.withdrawn) & silent, "tally.reason_missing")
        self._within_batch()
        self._against(lake)

    def _bodies(self, keys: list[str]) -> Iterable[str]:
        units, facts = self.table["unit"].to_pylist(), self.table["facts"].fill_null("").to_pylist()
        columns = (
            self.account, self.scenario, self.began, self.ended, self.quantity, self.revision, self.withdrawn,
            self.activity, self.device, self.payment,
        )  # fmt: skip
        for key, unit, fact, *values in zip(keys, units, facts, *(one.tolist() for one in columns), strict=True):
            values[1] = self.scenarios[values[1]]
            yield json.dumps([self.provider, key, unit, fact, *values], ensure_ascii=False)

    def _within_batch(self) -> None:
        places = np.flatnonzero(self.open)
        order = places[np.lexsort((places, self.revision[places], self.id[places]))]
        self._stays(order)
        again = np.zeros(len(order), dtype=np.bool_)
        again[1:] = (self.id[order][1:] == self.id[order][:-1]) & (
            self.revision[order][1:] == self.revision[order][:-1]
        )
        if not again.any():
            return
        leader = order[np.maximum.accumulate(np.where(again, 0, np.arange(len(order))))]
        same = self.body[order] == self.body[leader]
        self._double(self._mask(order[again & same]))
        self.refuse(self._mask(order[again & ~same]), "tally.same_key_other_body")

    def _stays(self, order: Places) -> None:
        """Whoever corrects keeps the person and the day of the lowest revision, which is first under its id."""
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = self.id[order][1:] != self.id[order][:-1]
        leader = order[np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))]
        later, days = self.revision[order] > self.revision[leader], shape.days(self.began)
        self.refuse(self._mask(order[later & (self.account[order] != self.account[leader])]), "tally.moved")
        self.refuse(self._mask(order[later & (days[order] != days[leader])]), "tally.nothing_to_correct")

    def _double(self, mask: Mask) -> None:
        places = np.flatnonzero(mask & self.open)
        self.duplicates += self.taken.rows[places].tolist()
        self.open[places] = False

    def _mask(self, places: Any) -> Mask:
        mask = np.zeros(len(self.table), dtype=np.bool_)
        mask[places] = True
        return mask

    def _against(self, lake: Lake) -> None:
        places = np.flatnonzero(self.open)
        days, buckets = shape.days(self.began), shape.buckets(self.account, lake.salt, lake.buckets)
        where = days.astype(np.int64) * lakes.MOST_BUCKETS + buckets
        stood: dict[int, tuple[int, int, set[tuple[int, int]]]] = {}  # by id: account, last revision, what is there
        for partition in np.unique(where[places]).tolist():
            day = dt.date(1970, 1, 1) + dt.timedelta(days=partition // lakes.MOST_BUCKETS)
            ids = pa.array(self.id[places][where[places] == partition])
            found = lakes.present(lake, day, partition % lakes.MOST_BUCKETS, ids, provider=self.provider)
            for one, account, revision, body in zip(*(column.to_pylist() for column in found.columns), strict=True):
                before = stood.get(one, (account, 0, set()))
                stood[one] = account, max(before[1], revision), before[2] | {(revision, body)}
        corrections = self.open & (self.revision > 1)
        if not stood and not corrections.any():
            return
        self._settle_keys(stood)

    def _settle_keys(self, stood: dict[int, tuple[int, int, set[tuple[int, int]]]]) -> None:
        duplicate, other, old, moved, alone = (np.zeros(len(self.table), dtype=np.bool_) for _ in range(5))
        here = set(zip(self.id[self.open].tolist(), self.revision[self.open].tolist(), strict=True))
        first = {one for one, revision in here if revision == 1}
        for at in np.flatnonzero(self.open).tolist():
            one, revision = int(self.id[at]), int(self.revision[at])
            if one not in stood:
                alone[at] = revision > 1 and one not in first
                continue
            account, last, versions = stood[one]
            duplicate[at] = (revision, int(self.body[at])) in versions
            other[at] = any(revision == there for there, _ in versions)
            old[at] = revision < last
            moved[at] = account != self.account[at]
        self._double(duplicate)
        self.refuse(other, "tally.same_key_other_body")
        self.refuse(moved, "tally.moved")
        self.refuse(old, "tally.revision_old", value=lambda at: int(self.revision[at]))
        self.refuse(alone, "tally.nothing_to_correct")

    def checked(self, track_consents: Callable[[list[int]], pa.Table] | None) -> Checked:
        keep = np.flatnonzero(self.open)
        table = self.table.take(pa.array(keep))
        columns = {
            "account": self.account[keep],
            "scenario": table["scenario"].dictionary_encode(),
            "began_at": table["began_at"],
            "ended_at": table["ended_at"],
            "quantity": table["quantity"],
            "id": self.id[keep],
            "body": self.body[keep],
            "revision": self.revision[keep],
            "withdrawn": self.withdrawn[keep],
            "activity": self.activity[keep],
            "device": self.device[keep],
            "payment": self.payment[keep],
            "ahead": np.maximum(-(-(self.ended[keep] - self.now) // 1000), 0).astype(np.int32),
            "baseline": np.array([_baseline(one) for one in table["facts"].to_pylist()], dtype=np.int64),
            "provider": pa.array([self.provider] * len(keep), pa.string()).dictionary_encode(),
            "key": table["key"],
            "unit": table["unit"].dictionary_encode(),
            "facts": table["facts"],
            "reason": table["reason"],
        }
        made = pa.table(columns).cast(shape.EVENT)
        ahead = np.flatnonzero(made["ahead"].to_numpy() > 0)
        rows = self.taken.rows[keep]
        tracks, untracked = self._tracks(keep, track_consents)
        return Checked(
            table=made,
            tracks=tracks,
            rows=rows,
            refused=sorted(self.refused, key=lambda one: one.row),
            duplicates=sorted(self.duplicates),
            waiting=[Refused(int(rows[at]), "tally.clock") for at in ahead],
            received=self.taken.received,
            untracked=untracked,
        )

    def _tracks(self, keep: Any, consents: Callable[[list[int]], pa.Table] | None) -> tuple[pa.Table, int]:
        located = np.zeros(len(self.table), dtype=np.bool_)
        for name in shape.TRACK:
            located |= self.table[name].is_valid().to_numpy()
        located &= self._mask(keep)
        allowed = located & self._within(consents) if consents is not None and located.any() else located & False
        places = np.flatnonzero(allowed)
        table = self.table.take(pa.array(places))
        columns = {"account": self.account[places], "began_at": table["began_at"], "id": self.id[places]}
        made = pa.table(columns | {name: table[name] for name in shape.TRACK}).cast(shape.TRACKS)
        return made, int((located & ~allowed).sum())


def _baseline(facts: str | None) -> int:
    """The baseline an event's facts name, in the scenario's unit; −1 where there is none."""
    if not facts:
        return -1
    try:
        value = json.loads(facts).get("baseline")
    except (ValueError, AttributeError, RecursionError):
        return -1
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST else -1

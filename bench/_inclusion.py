"""A made-up day of a city in a lake: people with their own scenarios, devices and habits; seeded."""

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa

from tanhui.tally import files, shape
from tanhui.tally import lake as lakes
from tanhui.tally.given import Given
from tanhui.tally.lake import Lake
from tanhui.tally.rules import Rule, Rules

DAY = dt.date(2026, 6, 1)
HABITS = 4  # scenarios of a person
SENDERS = 4  # files of a partition, from as many providers
KINDS = {  # grams per 1000 units, whether it is a trip, usual and largest quantity
    "metro": (72, True, 9_000, 120_000), "bus": (52, True, 6_000, 80_000), "shared_bike": (95, True, 2_000, 30_000),
    "walking": (104, True, 1_500, 30_000), "e_bike": (80, True, 5_000, 40_000), "carpool": (40, True, 12_000, 150_000),
    "ev_charging": (300, False, 20_000, 120_000), "parcel_box": (37_000, False, 1, 20),
    "paperless": (5_000, False, 2, 30),
    "second_hand": (900, False, 400, 50_000), "recycling": (600, False, 800, 50_000),
    "no_cutlery": (23_000, False, 1, 10),
}  # fmt: skip
NAMES = sorted(KINDS)
RULES = Rules(
    scenarios=tuple(
        Rule(
            scenario=name, methodology=f"{name}/v01", unit="u", numerator=grams, denominator=1000, least=1, most=most,
            exclusive="travel" if trip else "", fastest=120_000 if trip else 0, slowest=500 if trip else 0,
            day_events=10, cap_day_g=2_000, cap_year_g=300_000,
        )
        for name, (grams, trip, _, most) in KINDS.items()
    ),
    burst_events=12,
)  # fmt: skip


def city(folder: Path, *, events: int, people: int, buckets: int = 64, seed: int = 7) -> Lake:
    """A lake of one day; about ``events`` events of ``people`` people."""
    lake = lakes.create(folder, buckets)
    accounts = np.arange(1, people + 1)
    bucket = shape.buckets(accounts, lake.salt, buckets)
    for one in range(buckets):
        rng = np.random.default_rng([seed, one])
        mine = accounts[bucket == one]
        each = _day(rng, mine, round(events * len(mine) / people))
        at = lake.partition(DAY, one)
        at.mkdir(parents=True)
        sender = rng.integers(0, SENDERS, len(each))
        for number in range(SENDERS):
            content = files.parquet(each.filter(pa.array(sender == number)))
            (at / f"p{number}~day-{files.digest_of(content)[:16]}.parquet").write_bytes(content)
    return lake


def _day(rng: np.random.Generator, mine: np.ndarray, count: int) -> pa.Table:
    """One bucket: everybody does four kinds of thing, one after the other through the day, mostly."""
    person = np.sort(rng.integers(0, len(mine), count))
    rule = (mine[person] + 3 * rng.integers(0, HABITS, count)) % len(NAMES)
    usual = np.array([KINDS[name][2] for name in NAMES])[rule]
    trip = np.array([KINDS[name][1] for name in NAMES])[rule]
    quantity = np.maximum(rng.gamma(4.0, usual / 4.0), 1).astype(np.int64)
    first = np.r_[True, person[1:] != person[:-1]]
    start = np.flatnonzero(first)
    many = np.diff(np.r_[start, count])
    nth = np.arange(count) - np.repeat(start, many)
    slot = 80_000 // np.repeat(many, many)  # seconds: each event in its own stretch of the day, few overlap
    lasted = np.where(trip, np.minimum(quantity // 6 + 60, slot + 60), 30)
    second = nth * slot + (rng.random(count) * np.maximum(slot - lasted, 1)).astype(np.int64) + 600
    midnight = (np.datetime64(DAY) - np.datetime64("1970-01-01")).astype(np.int64) * shape.DAY_MS - shape.SHANGHAI_MS
    began = midnight + second * 1000
    order = np.lexsort((began, mine[person]))
    tokens = rng.integers(-(2**63), 2**63 - 1, (len(mine), 2))
    tokens[rng.random(len(mine)) < 0.0005] = tokens[0]  # a few share one device
    paid = rng.random(count) < 0.3
    both = rng.random(count) < 0.02
    columns = {
        "account": mine[person],
        "scenario": pa.DictionaryArray.from_arrays(rule.astype(np.int32), NAMES),
        "began_at": pa.array(began).cast(shape.UTC_MS),
        "ended_at": pa.array(began + lasted * 1000).cast(shape.UTC_MS),
        "quantity": quantity,
        "id": rng.integers(-(2**63), 2**63 - 1, count),
        "body": rng.integers(-(2**63), 2**63 - 1, count),
        "revision": np.ones(count, np.int32),
        "withdrawn": np.zeros(count, np.bool_),
        "activity": np.where(both, rng.integers(1, 2**62, count), 0),
        "device": tokens[person, 0],
        "payment": np.where(paid, tokens[person, 1], 0),
        "ahead": np.zeros(count, np.int32),
        "baseline": np.full(count, -1),
        "provider": pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), ["p"]),
        "key": pa.array(np.char.add("e", np.arange(count).astype("U9")).tolist()),
        "unit": pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), ["u"]),
        "facts": pa.nulls(count, pa.string()),
        "reason": pa.nulls(count, pa.string()),
    }
    return pa.table(columns).take(pa.array(order)).cast(shape.EVENT)


def habits(account: np.ndarray) -> np.ndarray:
    """The scenarios of people who are each there ``HABITS`` times."""
    return (account + 3 * (np.arange(len(account)) % HABITS)) % len(NAMES)


def given(people: int, *, seed: int = 7) -> Given:
    """Consents of everybody to what they do, some of them withdrawn; what the year already has."""
    rng = np.random.default_rng([seed, 1])
    account = np.repeat(np.arange(1, people + 1), HABITS)
    scenario = pa.DictionaryArray.from_arrays(habits(account).astype(np.int32), NAMES)
    begin = int(dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp() * 1000)
    earned = pa.table({"account": account, "scenario": scenario, "grams": rng.integers(0, 200_000, len(account))})
    until = np.where(rng.random(len(account)) < 0.01, begin, 2**52)
    consents = pa.table(
        {
            "account": account,
            "scenario": scenario,
            "since": pa.array(np.full(len(account), begin)).cast(shape.UTC_MS),
            "until": pa.array(until).cast(shape.UTC_MS),
        }
    )
    return Given(consents=consents, earned=earned)


def corrections(lake: Lake, share: float, *, seed: int = 11) -> tuple[pa.Table, np.ndarray]:
    """A share of the day's events anew with revision 2 and another quantity; and whom they touch."""
    import pyarrow.parquet as pq

    rng, found = np.random.default_rng(seed), []
    for bucket in range(lake.buckets):
        for name in lakes.inputs(lake, DAY, bucket):
            table = pq.ParquetFile(lake.partition(DAY, bucket) / name).read()
            found.append(table.take(pa.array(np.flatnonzero(rng.random(len(table)) < share))))
    table = pa.concat_tables(one.cast(shape.EVENT) for one in found)
    count = len(table)
    changed = {
        "revision": np.full(count, 2, np.int32),
        "quantity": table["quantity"].to_numpy() + 100,
        "body": rng.integers(-(2**63), 2**63 - 1, count),
        "reason": pa.array(["recalibrated"] * count),
    }
    for name, column in changed.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(column))
    return table.cast(shape.EVENT), np.unique(table["account"].to_numpy())

"""Small lakes of made-up days."""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tanhui.tally import lake as lakes
from tanhui.tally import rows, shape
from tanhui.tally.lake import Lake
from tanhui.tally.rules import Rule, Rules

DAY = dt.date(2026, 6, 1)
NOW = dt.datetime(2026, 6, 2, 1, 0, tzinfo=dt.UTC)
OLDEST = dt.date(2026, 1, 1)
KINDS = {name: rows.Kind("m", 200_000) for name in ("metro", "walking", "cycling")} | {"meter": rows.Kind("Wh", 10**8)}
PEOPLE = {f"{number:032x}": number for number in range(1, 5000)}


def rule(scenario: str = "metro", **more: Any) -> Rule:
    given = {"methodology": f"{scenario}/v01", "unit": "m", "numerator": 72, "denominator": 1000, "exclusive": "travel"}
    return Rule(**{"scenario": scenario, **given, **more})


def rules(*scenarios: Rule, **more: Any) -> Rules:
    return Rules(scenarios=scenarios or tuple(rule(name) for name in ("metro", "walking", "cycling")), **more)


def moment(clock: str, day: dt.date = DAY) -> str:
    """Beijing time, as a provider writes it."""
    return f"{day}T{clock}+08:00"


def row(key: str = "1", person: int = 1, begin: str = "08:00:00", end: str = "08:30:00", **more: Any) -> dict[str, Any]:
    given = {"scenario": "metro", "quantity": 10_000, "unit": "m"}
    times = {"began_at": moment(begin), "ended_at": moment(end)}
    return {"key": key, "person": f"{person:032x}", **times, **given, **more}


def known(marks: list[str]) -> Mapping[str, int]:
    return {mark: PEOPLE[mark] for mark in marks if mark in PEOPLE}


def check(lake: Lake, raw: Any, *, provider: str = "subway", **more: Any) -> rows.Checked:
    given = {"kinds": KINDS, "now": NOW, "oldest": OLDEST, "known": known}
    return rows.check(raw, lake=lake, provider=provider, **{**given, **more})


def lay(lake: Lake, raw: Iterable[Any], *, provider: str = "subway", batch: str = "b1") -> rows.Checked:
    """Check and append; every row must get in."""
    checked = check(lake, list(raw), provider=provider)
    assert not checked.refused, checked.refused[:3]
    lakes.append(lake, checked.table, batch=batch)
    return checked


def lake(folder: Path, buckets: int = 4) -> Lake:
    return lakes.create(folder / "lake", buckets)


def made_up(count: int, people: int, *, seed: int = 1, revision: int = 1) -> pa.Table:
    """Events as the lake keeps them: a busy day in which much overlaps, repeats and is shared."""
    rng = np.random.default_rng(seed)
    midnight = int(dt.datetime(2026, 5, 31, 16, tzinfo=dt.UTC).timestamp() * 1000)
    began = midnight + rng.integers(0, 85_000, count) // 60 * 60_000
    account = rng.integers(1, people + 1, count)
    names = np.array(["metro", "walking", "cycling"])
    return pa.table(
        {
            "account": account,
            "scenario": pa.array(names[rng.integers(0, 3, count)]),
            "began_at": pa.array(began).cast(shape.UTC_MS),
            "ended_at": pa.array(began + rng.integers(1, 40, count) * 60_000).cast(shape.UTC_MS),
            "quantity": rng.integers(200, 30_000, count),
            "id": rng.integers(-(2**63), 2**63 - 1, count),
            "body": rng.integers(-(2**63), 2**63 - 1, count),
            "revision": np.full(count, revision, np.int32),
            "withdrawn": rng.random(count) < 0.01,
            "activity": np.where(rng.random(count) < 0.2, rng.integers(1, 40, count), 0),
            "device": np.where(rng.random(count) < 0.01, 77, account * 7919),
            "payment": np.where(rng.random(count) < 0.3, account * 104_729, 0),
            "ahead": np.where(rng.random(count) < 0.01, 300, 0).astype(np.int32),
            "baseline": np.full(count, -1),
            "provider": pa.array(["subway"] * count),
            "key": pa.array([f"{seed}-{n}" for n in range(count)]),
            "unit": pa.array(["m"] * count),
            "facts": pa.nulls(count, pa.string()),
            "reason": pa.nulls(count, pa.string()),
        }
    ).cast(shape.EVENT)

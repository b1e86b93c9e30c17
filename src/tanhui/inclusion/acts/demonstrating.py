"""Days of a demonstration that no provider reported: settled by their own word, and posted like any other."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from tanhui.inclusion.acts import days
from tanhui.inclusion.models import Settlement
from tanhui.journal.record import record

if TYPE_CHECKING:
    import pyarrow as pa


class OnlyInADemonstration(RuntimeError):
    """Somewhere else days come from events alone."""


def table(rows: Iterable[tuple[int, str, int, int, int]], seed: int) -> "pa.Table":
    """Account, scenario, grams, grams before caps and quantity of each user-day, in the columns of a settlement."""
    import pyarrow as pa

    accounts, scenarios, grams, exact, quantities = zip(*rows, strict=True)
    evidence = [hashlib.sha256(f"{seed} {row}".encode()).digest() for row in range(len(accounts))]
    return pa.table(
        {
            "account": pa.array(accounts, pa.int64()), "scenario": pa.array(scenarios, pa.string()).dictionary_encode(),
            "grams": pa.array(grams, pa.int64()), "uncapped": pa.array(exact, pa.int64()),
            "quantity": pa.array(quantities, pa.int64()), "events": pa.array([1] * len(accounts), pa.int32()),
            "evidence": pa.array(evidence, pa.binary(32)),
        }
    )  # fmt: skip


@transaction.atomic
def post(*, day: date, table: "pa.Table", at: datetime, again: bool = False) -> None:
    """Post a made-up day unless it was settled; ``again`` settles it for further people. ``OnlyInADemonstration``
    elsewhere."""
    if settings.TANHUI_MODE != "demonstration":
        raise OnlyInADemonstration
    last = Settlement.objects.filter(day=day).order_by("-run").first()
    if last is not None and not again:
        return
    run, found = (last.run + 1 if last else 1), sums(table, last.by_scenario if last else {})
    whole = {name: sum(one[name] for one in found.values()) for name in ("grams", "events", "people")}
    told = {"day": day.isoformat(), "run": run, "demonstration": True}
    entry = record(kind="inclusion.day_settled", fact=told, at=at, by=None)
    made = Settlement.objects.create(
        day=day, run=run, state=Settlement.State.DONE, asked_at=at, done_at=at, entry=entry, by_scenario=found,
        grams=whole["grams"], events=whole["events"], counted=whole["events"], people=whole["people"],
        changed_days=table.num_rows if last else 0,
        results_sha256=hashlib.sha256(str(told).encode()).hexdigest(),
    )  # fmt: skip
    days.post(settlement=made, day=day, tables=[table], at=at)


def sums(table: "pa.Table", before: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Grams, events and people by scenario of a table, added to what stood there."""
    found = {code: dict(said) for code, said in before.items()}
    for one in table.select(["scenario", "grams", "events"]).to_pylist():
        kept = found.setdefault(one["scenario"], {"grams": 0, "events": 0, "people": 0})
        kept["grams"] += one["grams"]
        kept["events"] += one["events"]
        kept["people"] += one["grams"] > 0
    return found

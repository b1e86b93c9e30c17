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
def post(*, day: date, table: "pa.Table", at: datetime) -> None:
    """Post a made-up day unless it was settled. ``OnlyInADemonstration`` elsewhere."""
    if settings.TANHUI_MODE != "demonstration":
        raise OnlyInADemonstration
    if Settlement.objects.filter(day=day).exists():
        return
    told = {"day": day.isoformat(), "demonstration": True}
    entry = record(kind="inclusion.day_settled", fact=told, at=at, by=None)
    made = Settlement.objects.create(
        day=day, run=1, state=Settlement.State.DONE, asked_at=at, done_at=at, entry=entry,
        grams=sum(table["grams"].to_pylist()), events=table.num_rows, counted=table.num_rows,
        results_sha256=hashlib.sha256(str(told).encode()).hexdigest(),
    )  # fmt: skip
    days.post(settlement=made, day=day, tables=[table], at=at)

"""What a settlement found becomes what people read: their days, the sums of their months, and their points."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from tanhui.inclusion.acts import copying, points
from tanhui.inclusion.models import Claim, Entry, Grant, Scenario, Settlement

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

STAGED = """
CREATE TEMPORARY TABLE inclusion_posted (
    account_id bigint, scenario_id bigint, grams bigint, uncapped bigint, quantity bigint, events integer,
    evidence_sha256 bytea
) ON COMMIT DROP
"""
CHANGED = """
INSERT INTO inclusion_daychange (account_id, scenario_id, day, grams_before, grams_after, settlement_id, at)
SELECT p.account_id, p.scenario_id, %(day)s, d.grams, p.grams, %(settlement)s, %(at)s
  FROM inclusion_posted p
  JOIN inclusion_day d ON (d.account_id, d.day, d.scenario_id) = (p.account_id, %(day)s, p.scenario_id)
 WHERE d.grams <> p.grams
"""
MONTHS = """
WITH delta AS (
    SELECT p.account_id, p.scenario_id, p.grams - coalesce(d.grams, 0) AS grams,
           (p.grams > 0)::int - (coalesce(d.grams, 0) > 0)::int AS days
      FROM inclusion_posted p
      LEFT JOIN inclusion_day d ON (d.account_id, d.day, d.scenario_id) = (p.account_id, %(day)s, p.scenario_id)
), known AS (
    UPDATE inclusion_month m SET grams = m.grams + delta.grams, days = m.days + delta.days FROM delta
     WHERE (m.account_id, m.month, m.scenario_id) = (delta.account_id, %(month)s, delta.scenario_id)
       AND (delta.grams <> 0 OR delta.days <> 0)
)
INSERT INTO inclusion_month (account_id, month, scenario_id, grams, days)
SELECT account_id, %(month)s, scenario_id, grams, days FROM delta
 WHERE NOT EXISTS (SELECT FROM inclusion_month m
                    WHERE (m.account_id, m.month, m.scenario_id) = (delta.account_id, %(month)s, delta.scenario_id))
"""
KEPT = """
INSERT INTO inclusion_day
       (account_id, day, scenario_id, grams, events, quantity, uncapped, evidence_sha256, settlement_id)
SELECT account_id, %(day)s, scenario_id, grams, events, quantity, uncapped, evidence_sha256, %(settlement)s
  FROM inclusion_posted ORDER BY account_id, scenario_id
ON CONFLICT (account_id, day, scenario_id) DO UPDATE
   SET grams = excluded.grams, events = excluded.events, quantity = excluded.quantity, uncapped = excluded.uncapped,
       evidence_sha256 = excluded.evidence_sha256, settlement_id = excluded.settlement_id
"""
CLAIMED = """
SELECT c.account_id, c.scenario_id, h.grams_before, p.grams, c.points, g.grams_a_point, g.expires_on, g.kind, c.grant_id
  FROM inclusion_posted p
  JOIN inclusion_claim c ON (c.account_id, c.day, c.scenario_id) = (p.account_id, %(day)s, p.scenario_id)
  JOIN inclusion_grant g ON g.id = c.grant_id
  LEFT JOIN inclusion_daychange h
    ON (h.account_id, h.scenario_id, h.day, h.settlement_id) = (p.account_id, p.scenario_id, %(day)s, %(settlement)s)
"""


@dataclass(frozen=True, slots=True)
class Posted:
    """What was posted: user-days, grams they have now, new points, and points corrections gave and took.

    ``kept`` are user-days whose grams are pooled into units: they are changed, their claim is not.
    """

    days: int
    grams: int
    points: int
    added: int
    reversed: int
    kept: int


@transaction.atomic
def post(*, settlement: Settlement, day: date, tables: "Iterable[pa.Table]", at: datetime) -> Posted:
    """Post what a settlement says of a day: each table has the columns of ``tally.shape.DAYS``.

    A first settlement gives every user-day, a later one those it touched; a user-day without grams any more comes with
    0. New grams are claimed as points, except of scenarios that are pooled into units; where a correction lowers
    grams, points not yet used are taken back, and where they are used the person keeps what they bought. One
    settlement posts a day once: again, it changes nothing. Settlements of a day are posted one at a time. Refuses as
    ``points.grant``.
    """
    import numpy as np

    given = columns(tables)
    told: dict[str, Any] = {"day": day, "month": day.replace(day=1), "settlement": settlement.pk, "at": at}
    reference = f"settlement:{settlement.pk.hex}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", points.TURN)
        first = not Grant.objects.filter(day=day).exists()
        if done := Grant.objects.filter(reference=reference).first():
            return Posted(len(given["account"]), int(given["grams"].sum()), done.points, 0, 0, 0)
        cursor.execute("DROP TABLE IF EXISTS inclusion_posted")
        cursor.execute(STAGED)
        copying.copy(
            "inclusion_posted",
            [
                ("account_id", "int8", given["account"]), ("scenario_id", "int8", given["scenario"]),
                ("grams", "int8", given["grams"]), ("uncapped", "int8", given["uncapped"]),
                ("quantity", "int8", given["quantity"]), ("events", "int4", given["events"]),
                ("evidence_sha256", "bytea32", given["evidence"]),
            ],
        )  # fmt: skip
        cursor.execute("ANALYZE inclusion_posted")
        cursor.execute(CHANGED, told)
        cursor.execute(MONTHS, told)
        cursor.execute(KEPT, told)
        claimed: list[Any] = []
        if not first:
            cursor.execute(CLAIMED, told)
            claimed = cursor.fetchall()
    pooled = list(Scenario.objects.filter(pooled=True).values_list("pk", flat=True))
    fresh = (given["grams"] > 0) & ~np.isin(given["scenario"], pooled)  # those wait to be gathered into units
    if claimed:
        known = {(row[0], row[1]) for row in claimed}
        pairs = zip(given["account"].tolist(), given["scenario"].tolist(), strict=True)
        fresh &= np.fromiter((pair not in known for pair in pairs), dtype=bool, count=len(fresh))
    made = points.grant(
        reference=reference, day=day, accounts=given["account"][fresh], scenarios=given["scenario"][fresh],
        grams=given["grams"][fresh], at=at,
    )  # fmt: skip
    added, back, kept = correct(claimed, day, settlement, at)
    return Posted(len(given["account"]), int(given["grams"].sum()), made.points, added, back, kept)


def columns(tables: "Iterable[pa.Table]") -> dict[str, "np.ndarray[Any, Any]"]:
    """The tables as arrays sorted by account, scenarios by their ids."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    ids = dict(Scenario.objects.values_list("code", "pk"))
    found = pa.concat_tables([one.select([*NUMBERS, "scenario", "evidence"]) for one in tables]).unify_dictionaries()
    found = found.combine_chunks()
    codes = pc.cast(found["scenario"], pa.string()).to_pylist()
    made = {name: found[name].to_numpy().astype("<i8") for name in NUMBERS}
    made["scenario"] = np.fromiter((ids[code] for code in codes), dtype="<i8", count=len(codes))
    evidence = b"".join(found["evidence"].to_pylist())
    made["evidence"] = np.frombuffer(evidence, dtype="V32")
    order = np.lexsort((made["scenario"], made["account"]))
    return {name: values[order] for name, values in made.items()}


NUMBERS = ("account", "grams", "uncapped", "quantity", "events")


def correct(claimed: Iterable[Any], day: date, settlement: Settlement, at: datetime) -> tuple[int, int, int]:
    """Follow with points what a later settlement changed in days that were claimed: points given, taken, days kept.

    What a person kept because it was used is theirs for good: it is neither taken later, when there are points again,
    nor given twice where the grams come back.
    """
    added = back = kept = 0
    for account, scenario, before, grams, first_points, rate, ends, kind, number in claimed:
        if before is None:  # as it was
            continue
        if kind == Grant.Kind.POOL:
            kept += 1
            continue
        facts = {"day": day.isoformat(), "scenario": scenario, "grant": number, "grams": grams}
        common: dict[str, Any] = {"facts": facts, "at": at, "reference": f"{settlement.pk.hex}:{account}:{scenario}"}
        standing = first_points + corrected(account, day, scenario)
        was, now = before // rate, grams // rate
        change = max(0, now - max(was, standing)) if now > was else min(0, max(now - was, now - standing))
        if change > 0:
            parts = [[ends.isoformat(), change]]
            added += points.give(account=account, kind=Entry.Kind.ADDED, parts=parts, **common).points
        elif change < 0:
            back += points.take(
                account=account, kind=Entry.Kind.REVERSED, points=-change, whole=False, **common
            ).points  # fmt: skip
    return added, back, kept


def corrected(account: int, day: date, scenario: int) -> int:
    """By how many points earlier corrections changed what a day was first granted."""
    rows = Entry.objects.filter(
        account=account, kind__in=[Entry.Kind.ADDED, Entry.Kind.REVERSED], facts__day=day.isoformat(),
        facts__scenario=scenario,
    )  # fmt: skip
    return sum(rows.values_list("points", flat=True))


def claimed(account: int, day: date) -> dict[int, Claim]:
    """What an account's day was counted for, by scenario."""
    return {one.scenario_id: one for one in Claim.objects.filter(account=account, day=day).select_related("grant")}

"""What pools may gather: days that nothing has claimed, what changed in days pooled before, and the last rest."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Sum

from tanhui.inclusion.models import Claim, Pool, PoolDifference, Scenario
from tanhui.registry import queries as register
from tanhui.registry.acts import lines
from tanhui.registry.models import Batch

if TYPE_CHECKING:
    import numpy as np

GONE_INTO = (Pool.State.GATHERED, Pool.State.VERIFIED)
PIECE = 100_000  # rows fetched at once
FREE = """
  FROM inclusion_day d
 WHERE d.scenario_id = %(scenario)s AND d.day BETWEEN %(first)s AND %(last)s AND d.grams > 0
   AND NOT EXISTS (SELECT FROM inclusion_claim c
                    WHERE (c.account_id, c.day, c.scenario_id) = (d.account_id, d.day, d.scenario_id))
"""
# Days of earlier pools that were settled again after those were gathered.
AGAIN = """
SELECT DISTINCT s.day
  FROM inclusion_pool p
  JOIN inclusion_settlement s ON s.day BETWEEN p.first_day AND p.last_day AND s.done_at >= p.gathered_at
 WHERE p.scenario_id = %(scenario)s AND p.state IN ('GATHERED', 'VERIFIED') AND s.state = 'DONE'
 ORDER BY 1
"""
# What the last settlement says of user-days that are pooled, against what was claimed of them.
DIFFERENCE = """
SELECT coalesce(sum(said.grams_after - c.grams), 0)::bigint
  FROM (SELECT DISTINCT ON (account_id) account_id, grams_after FROM inclusion_daychange
         WHERE day = %(day)s AND scenario_id = %(scenario)s ORDER BY account_id, id DESC) said
  JOIN inclusion_claim c
    ON (c.account_id, c.day, c.scenario_id) = (said.account_id, %(day)s, %(scenario)s)
  JOIN inclusion_grant g ON g.id = c.grant_id AND g.kind = 'POOL'
"""


def unclaimed(scenario: Scenario, day: date) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Accounts and grams of a day that nothing has claimed, in the order of the accounts; fetched piece by piece."""
    import numpy as np

    told: dict[str, Any] = {"scenario": scenario.pk, "first": day, "last": day}
    pieces = [np.empty((0, 2), dtype=np.int64)]
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT d.account_id, d.grams {FREE} ORDER BY d.account_id", told)
        while rows := cursor.fetchmany(PIECE):
            pieces.append(np.array(rows, dtype=np.int64))
    found = np.concatenate(pieces)
    return found[:, 0], found[:, 1]


def free_g(scenario: Scenario, first: date, last: date) -> int:
    """Grams of a span, both ends included, that nothing has claimed."""
    with connection.cursor() as cursor:
        told: dict[str, Any] = {"scenario": scenario.pk, "first": first, "last": last}
        cursor.execute(f"SELECT coalesce(sum(d.grams), 0)::bigint {FREE}", told)
        found: int = cursor.fetchone()[0]
    return found


def again(scenario: Scenario) -> list[date]:
    """Days of earlier pools that were settled again since."""
    with connection.cursor() as cursor:
        cursor.execute(AGAIN, {"scenario": scenario.pk})
        return [row[0] for row in cursor.fetchall()]


def difference_g(scenario: Scenario, day: date) -> int:
    """By how many grams a pooled day differs from its claims, without what later pools carried already."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCE, {"scenario": scenario.pk, "day": day})
        found: int = cursor.fetchone()[0]
    carried = PoolDifference.objects.filter(pool__scenario=scenario, day=day).aggregate(all=Sum("grams"))["all"] or 0
    return found - carried


def outstanding_g(scenario: Scenario, first: date, last: date) -> int:
    """What the next pool of a span carries for pools before it: differences of their days, late user-days, the rest."""
    days = again(scenario)
    late = sum(free_g(scenario, day, day) for day in days if not first <= day <= last)
    before = latest(scenario)
    return sum(difference_g(scenario, day) for day in days) + late + (before.left_g if before else 0)


def latest(scenario: Scenario) -> Pool | None:
    """The pool whose rest waits for the next."""
    rows = Pool.objects.filter(scenario=scenario, state__in=GONE_INTO, taken_on_by__isnull=True)
    return rows.order_by("number").last()


def people(pool: Pool) -> int:
    grants = pool.gathered.values_list("grant_id", flat=True)
    return Claim.objects.filter(grant_id__in=list(grants)).values("account_id").distinct().count()


def issued(pool: Pool) -> list[tuple[Batch, str]]:
    """The units a pool became with their printed serials, once they are issued."""
    if pool.period_id is None:
        return []
    rows = Batch.objects.filter(issuance__period=pool.period_id).select_related("asset", "issuance", "project")
    return [(one, str(lines.printed(one, register.between(one.serials)))) for one in rows]


def poolable(first: date, last: date) -> list[tuple[Scenario, int, int]]:
    """Scenarios published for pooling: each with the grams free in a period, and those carried from pools before."""
    found = Scenario.objects.filter(pooled=True, state__in=Scenario.SHOWN).order_by("code")
    return [(one, free_g(one, first, last), outstanding_g(one, first, last)) for one in found]

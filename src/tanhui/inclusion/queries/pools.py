"""What pools may gather: days that nothing has claimed, and the rest of the pool before."""

from collections.abc import Iterator
from datetime import date

from django.db import connection

from tanhui.inclusion.models import Claim, Pool, Scenario
from tanhui.registry import queries as register
from tanhui.registry.acts import lines
from tanhui.registry.models import Batch


def unclaimed(scenario: Scenario, first: date, last: date) -> Iterator[tuple[int, date, int]]:
    """Account, day and grams of what nothing has claimed, in the order of the accounts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.account_id, d.day, d.grams FROM inclusion_day d LEFT JOIN inclusion_claim c"
            " ON (c.account_id, c.day, c.scenario_id) = (d.account_id, d.day, d.scenario_id)"
            " WHERE d.scenario_id = %s AND d.day BETWEEN %s AND %s AND d.grams > 0 AND c.account_id IS NULL"
            " ORDER BY d.day, d.account_id",
            [scenario.pk, first, last],
        )
        while rows := cursor.fetchmany(50_000):
            yield from rows


def latest(scenario: Scenario) -> Pool | None:
    """The pool whose rest waits for the next."""
    states = [Pool.State.GATHERED, Pool.State.VERIFIED]
    return Pool.objects.filter(scenario=scenario, state__in=states, taken_on_by__isnull=True).order_by("number").last()


def people(pool: Pool) -> int:
    grants = pool.gathered.values_list("grant_id", flat=True)
    return Claim.objects.filter(grant_id__in=list(grants)).values("account_id").distinct().count()


def issued(pool: Pool) -> list[tuple[Batch, str]]:
    """The units a pool became with their printed serials, once they are issued."""
    if pool.period_id is None:
        return []
    rows = Batch.objects.filter(issuance__period=pool.period_id).select_related("asset", "issuance", "project")
    return [(one, str(lines.printed(one, register.between(one.serials)))) for one in rows]


def poolable(first: date, last: date) -> list[tuple[Scenario, int]]:
    """Scenarios published for pooling, each with the grams that are free in a period."""
    found = Scenario.objects.filter(pooled=True, state__in=Scenario.SHOWN).order_by("code")
    return [(one, sum(grams for _, _, grams in unclaimed(one, first, last))) for one in found]

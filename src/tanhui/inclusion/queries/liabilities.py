"""What the operator owes: answers, decisions, and points that can still be redeemed."""

from datetime import date
from typing import Any

from django.db import connection

from tanhui.inclusion import numbers
from tanhui.inclusion.models import Deduction, Entry, Objection
from tanhui.kernel import clock
from tanhui.rulepacks import calendar

OWED = """
WITH every AS (
    SELECT p.expires_on, sum(p.granted - p.used) AS points, count(*) AS accounts FROM inclusion_purse p
     WHERE p.expires_on > %(on)s AND p.used < p.granted GROUP BY 1
    UNION ALL
    SELECT g.expires_on, sum(c.points), count(DISTINCT c.account_id)
      FROM inclusion_claim c JOIN inclusion_grant g ON g.id = c.grant_id
      LEFT JOIN inclusion_gathered h ON h.account_id = c.account_id
     WHERE c.points > 0 AND g.expires_on > %(on)s AND c.grant_id > coalesce(h.grant_id, 0) GROUP BY 1
)
SELECT expires_on, sum(points)::bigint FROM every GROUP BY 1 ORDER BY 1
"""
MOVED = """
SELECT kind, count(*), sum(points)::bigint FROM inclusion_entry
 WHERE at >= date_trunc('year', %(on)s::timestamptz) GROUP BY 1 ORDER BY 1
"""


def objections(on: date) -> list[tuple[Objection, date]]:
    """Objections without an answer, the oldest first, with the day by which each is answered."""
    within = numbers.whole("objection_answer", on)
    rows = Objection.objects.filter(answered_at__isnull=True).select_related("scenario", "account").order_by("at")
    return [(one, due(clock.day(one.at), within)) for one in rows[:100]]


def due(day: date, within: int) -> date:
    return calendar.announced().add(day, within).day


def deductions() -> list[Deduction]:
    """Deductions, those that wait first."""
    rows = Deduction.objects.select_related("account", "asked_by", "decided_by").order_by("decided_at", "asked_at")
    return sorted(rows[:100], key=lambda one: one.state != "ASKED")


def owed(on: date) -> dict[str, Any]:
    """The liabilities report: points that can still be redeemed by the day they run out, and this year's movements."""
    with connection.cursor() as cursor:
        cursor.execute(OWED, {"on": on})
        ends = cursor.fetchall()
        cursor.execute(MOVED, {"on": on})
        moved = [(Entry.Kind(kind).label, *rest) for kind, *rest in cursor.fetchall()]
    return {"ends": ends, "moved": moved, "points": sum(row[1] for row in ends)}

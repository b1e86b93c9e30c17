"""The effect of the scheme over a span (实施效果评估): who takes part, tonnes, what a tonne costs, who stays."""

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Sum

from tanhui.inclusion import numbers
from tanhui.inclusion.models import Account, Budget, Grant, Month, Proceeds, Settlement, Voucher
from tanhui.inclusion.queries.reconciling import midnight
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal

# People of a month, and of those how many had been there the month before: read from sums, not from days.
RETENTION = """
WITH people AS (
    SELECT DISTINCT month, account_id FROM inclusion_month WHERE grams > 0 AND month >= %(since)s AND month < %(until)s
)
SELECT p.month, count(*), count(q.account_id)
  FROM people p LEFT JOIN people q ON q.account_id = p.account_id AND q.month = (p.month - interval '1 month')::date
 GROUP BY p.month ORDER BY p.month
"""


def last_settlements(since: date, until: date) -> list[Settlement]:
    """The settlement that counts of each day of a span, both ends included, in the order of days."""
    rows = Settlement.objects.filter(state="DONE", day__gte=since, day__lte=until).order_by("day", "-run")
    return list(rows.distinct("day").defer("rules"))


def by_scenario(rows: list[Settlement]) -> dict[str, dict[str, int]]:
    """Grams, events and user-days of each scenario over some settlements."""
    found: dict[str, dict[str, int]] = {}
    for one in rows:
        for code, said in one.by_scenario.items():
            kept = found.setdefault(code, {"grams": 0, "events": 0, "people": 0})
            for name in kept:
                kept[name] += said[name]
    return found


def months(since: date, until: date) -> list[dict[str, Any]]:
    """By month: people who took part, and the percent of them who had the month before. Numbers below k are withheld:
    ``people`` is then none."""
    with connection.cursor() as cursor:
        told = {"since": before(since.replace(day=1)), "until": after(until)}
        cursor.execute(RETENTION, told)
        rows = cursor.fetchall()
    least = k(until)
    return [
        {
            "month": month, "people": many if many >= least else None,
            "stayed": stayed * 100 // many if many >= least else None,
        }
        for month, many, stayed in rows
        if month >= since.replace(day=1)
    ]  # fmt: skip


def effect(since: date, until: date) -> dict[str, Any]:
    """Over a span, both ends included: accounts open, people who took part, grams, fen spent on rewards, fen a tonne,
    the budget of its months, and what pools earned for it. What is unknown is none."""
    rows = last_settlements(since, until)
    grams = sum(one.grams for one in rows)
    taking_part = Month.objects.filter(month__gte=since.replace(day=1), month__lte=until, grams__gt=0)
    people = taking_part.aggregate(many=Count("account", distinct=True))["many"]
    spent = worth(since, until)
    least = k(until)
    return {
        "settled": len(rows), "grams": grams, "tonnes": grams // 1_000_000,
        "accounts": Account.objects.filter(closed_at__isnull=True).count(),
        "people": people if people >= least else None, "k": least, "spent_fen": spent,
        "fen_a_tonne": spent * 1_000_000 // grams if grams else None,
        "budget_fen": budget(since, until), "earned_fen": earned(since, until), "points": points(since, until),
    }  # fmt: skip


def worth(since: date, until: date) -> int:
    """What the vouchers used in a span are worth, in fen: what the operator owes for them."""
    rows = Voucher.objects.filter(used_at__gte=midnight(since), used_at__lt=clock.midnight_after(until))
    return rows.aggregate(sum=Sum("worth_fen"))["sum"] or 0


def points(since: date, until: date) -> int:
    """Points granted for the days of a span."""
    return Grant.objects.filter(day__gte=since, day__lte=until).aggregate(sum=Sum("points"))["sum"] or 0


def budget(since: date, until: date) -> int:
    """The budgets of the months of a span in fen, the last word of each."""
    rows = Budget.objects.filter(month__gte=since.replace(day=1), month__lte=until).order_by("operator", "month", "-at")
    return sum(one.fen for one in rows.distinct("operator", "month"))


def earned(since: date, until: date) -> int:
    """What sales of pooled units earned in a span, in fen: it goes back into the budget of rewards (rules C-07)."""
    rows = Proceeds.objects.filter(at__gte=midnight(since), at__lt=clock.midnight_after(until))
    return rows.aggregate(sum=Sum("fen"))["sum"] or 0


def k(on: date) -> int:
    """Fewer people than this are never told; 10 where no pack says."""
    try:
        return numbers.whole("public_statistics_k", on)
    except Refusal:
        return 10


def before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def after(day: date) -> date:
    return date(day.year + (day.month == 12), day.month % 12 + 1, 1)

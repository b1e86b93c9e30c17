"""Reconciliation of a provider's books with ours: day by day, month by month, year by year."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncDay
from django.utils.translation import pgettext

from tanhui.inclusion.models import Provider
from tanhui.kernel import clock

NAMES = ("received", "accepted", "duplicate", "refused", "waiting", "corrected", "withdrawn", "late")
PERIODS = ("day", "month", "year")


def span(period: str, today: date) -> tuple[date, date]:
    """First and last day of the present day, month or year, up to today; a month where nothing known is asked."""
    first = {"day": today, "year": today.replace(month=1, day=1)}.get(period, today.replace(day=1))
    return first, today


def days(provider: Provider, since: date, until: date) -> list[dict[str, Any]]:
    """What was handed in on each day of receipt, both ends included; trials left out. ``balanced`` says whether
    received = accepted + duplicate + refused + waiting, as the database demands of every batch."""
    taken = provider.batches.filter(sandbox=False, at__gte=midnight(since), at__lt=clock.midnight_after(until))
    found: Any = (
        taken.annotate(on=TruncDay("at", tzinfo=clock.SHANGHAI))
        .values("on")
        .annotate(batches=Count("pk"), **{f"{name}_": Sum(name) for name in NAMES})
        .order_by("on")
    )
    return [
        {"on": one["on"].date(), "batches": one["batches"]} | {name: one[f"{name}_"] or 0 for name in NAMES}
        for one in found
    ]


def sums(provider: Provider, since: date, until: date) -> dict[str, int]:
    """The sums of a span."""
    rows = days(provider, since, until)
    return {name: sum(one[name] for one in rows) for name in ("batches", *NAMES)}


def table(provider: Provider, since: date, until: date) -> tuple[list[str], list[list[object]]]:
    """The report as a table: a row for each day, and the sum below."""
    words = [
        pgettext("inclusion", "Day"), pgettext("inclusion", "Batches"), pgettext("inclusion", "Received"),
        pgettext("inclusion", "Accepted"), pgettext("inclusion", "Duplicate"), pgettext("inclusion", "Refused"),
        pgettext("inclusion", "Waiting"), pgettext("inclusion", "Corrections"), pgettext("inclusion", "Withdrawals"),
        pgettext("inclusion", "Late"), pgettext("inclusion", "Balanced"),
    ]  # fmt: skip
    rows: list[list[object]] = []
    for one in [*days(provider, since, until), {"on": pgettext("inclusion", "Sum")} | sums(provider, since, until)]:
        balanced = one["received"] == one["accepted"] + one["duplicate"] + one["refused"] + one["waiting"]
        rows.append([one["on"], one["batches"], *(one[name] for name in NAMES), "✓" if balanced else "✗"])
    return words, rows


def midnight(day: date) -> datetime:
    """The moment at which a day begins in Beijing."""
    return clock.midnight_after(day - timedelta(days=1))


def missing(provider: Provider, since: date, until: date) -> list[date]:
    """Days of a span on which a live provider handed in nothing: what its own books are compared with."""
    there = {one["on"] for one in days(provider, since, until)}
    many = (until - since).days + 1
    return [day for day in (since + timedelta(days=one) for one in range(many)) if day not in there]

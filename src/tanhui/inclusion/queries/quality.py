"""The quality of what a provider hands in: one number from 0 to 100 with its four parts, weighed by the rule pack."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Sum

from tanhui.inclusion import numbers
from tanhui.inclusion.models import Batch, Provider, Suspicion
from tanhui.inclusion.queries.reconciling import midnight
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal

PARTS = ("accepted", "timely", "unsuspected", "stable")


@dataclass(frozen=True, slots=True)
class Score:
    """Percent of all, and of the four parts: accepted of received, in time, not held back, not corrected afterwards.

    ``total`` is none where nothing was handed in."""

    received: int
    total: int | None
    accepted: int = 0
    timely: int = 0
    unsuspected: int = 0
    stable: int = 0


def scores(providers: list[Provider], since: date, until: date) -> dict[int, Score]:
    """The score of each provider over what it handed in from ``since`` to ``until``, both included: two statements."""
    begin, end = midnight(since), clock.midnight_after(until)
    rows = Batch.objects.filter(provider__in=providers, sandbox=False, at__gte=begin, at__lt=end)
    sums: dict[int, Any] = {
        one["provider"]: one
        for one in rows.values("provider").annotate(
            received_=Sum("received"), accepted_=Sum("accepted"), duplicate_=Sum("duplicate"), late_=Sum("late"),
            corrected_=Sum("corrected"), withdrawn_=Sum("withdrawn"),
        )
    }  # fmt: skip
    held = Suspicion.objects.filter(provider__in=providers, at__gte=begin, at__lt=end).exclude(state="ALLOWED")
    waiting = {one["provider"]: one["many"] for one in held.values("provider").annotate(many=Count("pk"))}
    weights = {part: weight(f"inclusion_quality_{part}", until) for part in PARTS}
    return {one.pk: scored(sums.get(one.pk), waiting.get(one.pk, 0), weights) for one in providers}


def scored(sums: dict[str, int] | None, waiting: int, weights: dict[str, int]) -> Score:
    received = (sums or {}).get("received_") or 0
    if not sums or not received:
        return Score(0, None)
    good = sums["accepted_"]
    parts = {
        "accepted": share(good + sums["duplicate_"], received),
        "timely": share(good - sums["late_"], good),
        "unsuspected": share(good - waiting, good),
        "stable": share(good - sums["corrected_"] - sums["withdrawn_"], good),
    }
    total = sum(parts[name] * weights[name] for name in PARTS) // max(1, sum(weights.values()))
    return Score(received, total, **parts)


def share(part: int, whole: int) -> int:
    """Percent, rounded down; nothing of nothing is 0."""
    return max(0, part) * 100 // whole if whole else 0


def weight(key: str, on: date) -> int:
    try:
        return numbers.whole(key, on)
    except Refusal:
        return 0


def least(on: date) -> int:
    """The score below which a provider is asked to do better; 0 where no pack says."""
    return weight("inclusion_quality_least", on)

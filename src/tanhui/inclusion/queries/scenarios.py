"""What pages show of scenarios and providers, each in a constant number of statements."""

from datetime import date, datetime

from django.db.models import Count, Q, QuerySet, Sum

from tanhui.identity.models import Organisation
from tanhui.inclusion import numbers, roles
from tanhui.inclusion.models import Batch, Provider, Scenario, Settlement, Suspicion

FIELDS = ["CLOTHING", "FOOD", "HOUSING", "TRAVEL", "GOODS"]  # 衣食住行用


def shown() -> QuerySet[Scenario]:
    """Scenarios everybody may read, the easy ones first (先易后难)."""
    return Scenario.objects.filter(state__in=Scenario.SHOWN).select_related("organisation").order_by("ease", "code")


def by_field(rows: list[Scenario]) -> list[tuple[str, list[Scenario]]]:
    """The five fields of life in their order, each with its scenarios, none left out."""
    return [(field, [one for one in rows if one.field == field]) for field in FIELDS]


def desk() -> QuerySet[Scenario]:
    """Every scenario, those at work first."""
    return (
        Scenario.objects.select_related("organisation", "instruction__initiator", "instruction__decision")
        .annotate(connected=Count("providers", filter=Q(providers__state="LIVE")))
        .order_by("ease", "code")
    )


def due(on: date) -> QuerySet[Scenario]:
    """Scenarios in operation that must be reassessed soon, the most urgent first."""
    reach = date.fromordinal(on.toordinal() + numbers.whole("inclusion_reassess_alert", on))
    return Scenario.objects.filter(state="OPERATING", reassess_by__lte=reach).order_by("reassess_by")


def providers() -> QuerySet[Provider]:
    return Provider.objects.select_related("organisation").prefetch_related("scenarios").order_by("code")


def candidates() -> QuerySet[Organisation]:
    """Organisations that may become providers."""
    return Organisation.objects.filter(role__in=roles.PROVIDERS).order_by("name")


def batches(provider: Provider) -> QuerySet[Batch]:
    return provider.batches.defer("rows").order_by("-at")


def settlements() -> QuerySet[Settlement]:
    return Settlement.objects.defer("rules").order_by("-day", "-run")


def latest(day: date) -> Settlement | None:
    """The settlement of a day that counts: the last that was finished."""
    return Settlement.objects.filter(day=day, state="DONE").order_by("-run").first()


def queue(state: str = "") -> QuerySet[Suspicion]:
    """What waits for a decision, appeals among them, the oldest first; or what was decided, the newest first."""
    rows = Suspicion.objects.select_related("scenario", "provider")
    if state:
        return rows.filter(state=state).order_by("-at", "pk")
    return rows.filter(Q(state="WAITING") | Q(appealed_at__isnull=False, rulings__number=1)).exclude(
        rulings__number=2
    ).order_by("at", "pk").distinct()  # fmt: skip


def unsettled() -> list[date]:
    """Days that have events in the lake that no finished settlement saw, the oldest first."""
    from tanhui.inclusion.models import Written

    found = Written.objects.values("day").annotate(files=Count("pk"))
    done = {one["day"]: one for one in Settlement.objects.filter(state="DONE").values("day").annotate(Count("pk"))}
    return sorted(one["day"] for one in found if one["day"] not in done)


def evaluation(since: date, until: date) -> dict[str, object]:
    """Grams, events and people by scenario over days that are settled, of their last settlements."""
    last: dict[date, Settlement] = {}
    for one in Settlement.objects.filter(state="DONE", day__gte=since, day__lt=until).order_by("day", "run"):
        last[one.day] = one
    rows: dict[str, dict[str, int]] = {}
    for one in last.values():
        for code, said in one.by_scenario.items():
            kept = rows.setdefault(code, {"grams": 0, "events": 0, "person_days": 0})
            kept["grams"] += said["grams"]
            kept["events"] += said["events"]
            kept["person_days"] += said["people"]
    return {"days": len(last), "scenarios": rows}


def sums(provider: Provider, since: datetime, until: datetime) -> dict[str, int]:
    """What a provider handed in over a span: received, accepted, duplicate, refused, waiting, and of the accepted
    corrections, withdrawals and late ones. Trials are left out."""
    names = ("received", "accepted", "duplicate", "refused", "waiting", "corrected", "withdrawn", "late")
    found = provider.batches.filter(sandbox=False, at__gte=since, at__lt=until).aggregate(
        **{name: Sum(name) for name in names}
    )
    return {name: found[name] or 0 for name in names}

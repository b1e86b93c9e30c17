"""What pages show of scenarios and providers, each in a constant number of statements."""

from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from tanhui.identity.models import Organisation
from tanhui.inclusion import numbers, roles
from tanhui.inclusion.models import Batch, Objection, Provider, Ruling, Scenario, Settlement, Suspicion, Written

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


def queue(state: str = "") -> QuerySet[Suspicion]:
    """What waits for a decision, appeals among them, the oldest first; or what was decided, the newest first."""
    rows = Suspicion.objects.select_related("scenario", "provider")
    if state:
        return rows.filter(state=state).order_by("-at", "pk")
    second = Ruling.objects.filter(suspicion=OuterRef("pk"), number=2)
    open_ = Q(state="WAITING") | Q(appealed_at__isnull=False) & ~Exists(second)
    return rows.filter(open_).order_by("at", "pk")


def objections(one: Suspicion) -> QuerySet[Objection]:
    """What whoever did it said of this behaviour's day and scenario, with the answers, the earliest first."""
    rows = Objection.objects.filter(account=one.account, scenario=one.scenario_id, day=one.day)
    return rows.order_by("at", "pk")


def unsettled() -> list[date]:
    """Days that have events in the lake and no finished settlement, the oldest first."""
    done = Settlement.objects.filter(state="DONE").values("day")
    found = Written.objects.exclude(day__in=done).order_by("day").values_list("day", flat=True)
    return list(found.distinct())

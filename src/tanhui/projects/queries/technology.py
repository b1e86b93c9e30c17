"""What is published of techniques, guides and training material, and what waits for its second signature."""

from collections import Counter
from datetime import datetime

from django.db.models import Case, Q, QuerySet, When

from tanhui.identity.models import Instruction, Organisation
from tanhui.projects.models import Development, Technology

KIND_ORDER = Case(*(When(kind=kind, then=place) for place, kind in enumerate(Technology.Kind.values)))
PUBLISH = "projects.publish_technology"  # the act of the instruction


def published(kind: str = "", words: str = "", crop: str = "", region: str = "") -> QuerySet[Technology]:
    """Entries that are shown, by name: each word somewhere in them, one character being enough."""
    rows = Technology.objects.filter(withdrawn=False, current__isnull=False).select_related("current", "organisation")
    if kind:
        rows = rows.filter(kind=kind)
    for word in words.replace("\x00", "").split()[:8]:
        rows = rows.filter(sought__icontains=word)
    if crop:
        rows = rows.filter(current__crops__contains=[crop])
    if region:
        rows = rows.filter(current__regions__contains=[region])
    return rows.order_by(KIND_ORDER, "name")


def words() -> tuple[list[str], list[str]]:
    """Crops and regions that occur, the commonest first."""
    crops: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    for one, two in published().values_list("current__crops", "current__regions"):
        crops.update(one)
        regions.update(two)
    return [name for name, _ in crops.most_common()], [name for name, _ in regions.most_common()]


def entries() -> QuerySet[Technology]:
    """Every entry, withdrawn ones too: their address goes on saying what stood there."""
    return Technology.objects.filter(current__isnull=False).select_related("current", "organisation")


def of_organisations(organisations: QuerySet[Organisation]) -> QuerySet[Technology]:
    return entries().filter(organisation__in=organisations).order_by("-at")


def waiting(organisations: QuerySet[Organisation], at: datetime) -> QuerySet[Instruction]:
    """What is proposed there and not decided."""
    rows = Instruction.objects.filter(act=PUBLISH, organisation__in=organisations, decision__isnull=True)
    return rows.filter(expires_at__gt=at).select_related("initiator", "organisation").order_by("-at")


def of_development(development: Development) -> QuerySet[Technology]:
    """The published entries that name a development."""
    return published().filter(current__developments=development)


def linkable() -> QuerySet[Development]:
    """Developments an entry may name: those in the register, whose existence is public."""
    return Development.objects.filter(Q(registered__isnull=False) | Q(state="REGISTERED")).order_by("-number")

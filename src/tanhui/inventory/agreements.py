"""Questions about agreements on sharing data: which stand, what they cover, what was handed over, what waits."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import QuerySet

from tanhui.identity import roster
from tanhui.identity.models import Instruction, Organisation, Person
from tanhui.inventory import queries, roles
from tanhui.inventory.models import Access, Agreement, Coverage, Dataset, Handover, Item
from tanhui.kernel import clock

CONCLUDE = "inventory.share"  # what two people of an authority sign


def rows() -> QuerySet[Agreement]:
    found = Agreement.objects.select_related("organisation", "recipient", "ending", "initiator", "confirmer")
    return found.prefetch_related("coverage__dataset", "coverage__item__accounting_year").order_by("-since", "-number")


def standing(day: date) -> QuerySet[Agreement]:
    """The agreements that stand on a day; public."""
    return rows().filter(since__lte=day, until__gte=day, ending__isnull=True)


def of_authorities(person: Person, *, at: datetime) -> QuerySet[Agreement]:
    """The agreements of the person's authorities, past ones too."""
    return rows().filter(organisation__in=queries.organisations(person, roles.AUTHORITIES, at=at))


def of_recipients(person: Person, *, at: datetime) -> QuerySet[Agreement]:
    """The agreements under which an organisation of the person gets data."""
    held = roster.standing(at).filter(membership__person=person).values("membership__organisation")
    return rows().filter(recipient__in=held)


def asked(organisations: Iterable[int], *, at: datetime) -> QuerySet[Instruction]:
    """Agreements of these authorities that wait for their second signature."""
    found = Instruction.objects.filter(
        act=CONCLUDE, organisation__in=list(organisations), decision__isnull=True, expires_at__gt=at
    )
    return found.select_related("initiator", "organisation").order_by("at")


def shareable(organisation: int) -> tuple[list[Dataset], list[Item]]:
    """What an agreement of an authority can cover: its internal data, and internal items in the files of its years."""
    data = Dataset.objects.filter(organisation=organisation, access=Access.INTERNAL).order_by("kind", "-at")
    items = Item.objects.filter(accounting_year__organisation=organisation, access=Access.INTERNAL)
    return list(data), list(items.select_related("accounting_year").order_by("accounting_year", "category", "name"))


def recipients(organisation: int) -> QuerySet[Organisation]:
    """Whom an authority can agree with: departments and institutions, every organisation but itself."""
    return Organisation.objects.exclude(pk=organisation).order_by("name")


def covered(one: Coverage) -> Dataset | Item:
    """The thing an agreement covers."""
    found = one.dataset or one.item
    assert found is not None  # a constraint of the table
    return found


def called(one: Coverage) -> str:
    if one.item is not None:
        return f"{one.item.accounting_year} {one.item.name}"
    return str(one.dataset)


def handovers(agreement: Agreement) -> list[Handover]:
    found = agreement.handovers.select_related("by", "coverage__dataset", "coverage__item", "package").prefetch_related(
        "fetches__by"
    )
    return list(found.order_by("-at"))


def received(person: Person, *, at: datetime) -> list[Handover]:
    """What was handed over to the person's organisations and has not run out, under agreements that stand."""
    day = clock.day(at)
    found = Handover.objects.filter(agreement__in=of_recipients(person, at=at), expires_at__gt=at)
    found = found.filter(agreement__ending__isnull=True, agreement__until__gte=day)
    several = ("agreement__organisation", "agreement__recipient", "by", "package")
    return list(found.select_related(*several, "coverage__dataset", "coverage__item").order_by("-at"))

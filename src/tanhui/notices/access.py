"""The doors of the notices room: a person's own notices, and the subscriptions of their organisations."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from tanhui.identity import access as people
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.kernel.refusal import Refusal
from tanhui.notices.models import Category, Delivery, Notice, Subscription


def notices(person: Person, *, category: str = "", unread: bool = False) -> QuerySet[Notice]:
    """The person's notices, of one category or all; an unknown category has none."""
    found = Notice.objects.filter(person=person)
    if category:
        found = found.filter(category=category) if category in Category.values else found.none()
    return found.filter(read_at__isnull=True) if unread else found


def notice(person: Person, key: int) -> Notice:
    """One of the person's notices; anybody else's is not found."""
    for found in Notice.objects.filter(person=person, pk=key):
        return found
    raise Http404


def subscriptions(person: Person, *, at: datetime) -> QuerySet[Subscription]:
    """The subscriptions of the organisations a person may see the inside of, with how many deliveries wait."""
    waiting = Count("deliveries", filter=Q(deliveries__state=Delivery.State.WAITING))
    return (
        Subscription.objects.filter(organisation__in=people.organisations(person, at=at))
        .exclude(state=Subscription.State.ENDED)
        .select_related("organisation", "by")
        .annotate(waiting=waiting)
        .order_by("organisation", "at")
    )


def subscription(person: Person, key: UUID, *, at: datetime) -> Subscription:
    """One of them; any other is not found."""
    for found in subscriptions(person, at=at).filter(pk=key):
        return found
    raise Http404


def delivery(person: Person, key: UUID, number: int, *, at: datetime) -> Delivery:
    """One delivery of a subscription the person may see."""
    for found in Delivery.objects.filter(subscription=subscription(person, key, at=at), pk=number).select_related(
        "subscription"
    ):
        return found
    raise Http404


def organisation(person: Person, key: int, *, at: datetime) -> Organisation:
    """One of the organisations a person may see the inside of."""
    for found in people.organisations(person, at=at).filter(pk=key):
        return found
    raise Http404


def manager(person: Person, held: Organisation, *, at: datetime) -> Mandate:
    """The person's mandate to arrange what an organisation's systems are told: whoever may give its instructions.

    404 for a stranger; refuses as ``identity.access.mandate`` does.
    """
    return people.mandate(person, held, Mandate.Capacity.INITIATE, at=at)


def managed(person: Person, *, at: datetime) -> list[Organisation]:
    """The organisations whose systems the person may arrange."""
    found = []
    for one in people.organisations(person, at=at).order_by("uscc"):
        try:
            manager(person, one, at=at)
        except (Refusal, Http404):
            continue
        found.append(one)
    return found


def organisation_by_code(person: Person, uscc: str, *, at: datetime) -> Organisation:
    """One of them by its unified social credit code."""
    for found in people.organisations(person, at=at).filter(uscc=uscc.replace("\x00", "")):
        return found
    raise Http404


def works_somewhere(person: Person, *, at: datetime) -> bool:
    """Whether a person may see the inside of any organisation."""
    return people.organisations(person, at=at).exists()

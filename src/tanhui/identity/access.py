"""The doors of identity: how what a person sends becomes a mandate, an organisation or an instruction."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from tanhui.identity.models import ApiToken, Instruction, Mandate, Membership, Organisation, Person
from tanhui.kernel.refusal import Refusal, gettext_noop


class MandateExpired(Refusal):
    code = "identity.mandate_expired"
    sentence = gettext_noop(
        "Your mandate to %(capacity)s for %(organisation)s ended on %(until)s. "
        "Ask your organisation to renew it before you sign."
    )
    clause = "account-opening notice of 2023-08-18: initiating and confirming representatives (rules A-04)"
    status = 403


class CapacityMissing(Refusal):
    code = "identity.capacity_missing"
    sentence = gettext_noop(
        "You may not %(capacity)s for %(organisation)s. Ask a colleague who holds that mandate, or have it granted."
    )
    clause = "account-opening notice of 2023-08-18: initiating and confirming representatives (rules A-04)"
    status = 403


def person_by_token(token: str, *, at: datetime) -> Person | None:
    """The active person a bearer token belongs to, or nobody."""
    digest = hashlib.sha256(token.encode()).digest()
    found = (
        ApiToken.objects.filter(digest=digest, expires_at__gt=at, person__is_active=True)
        .select_related("person")
        .first()
    )
    return found.person if found else None


def mandate(person: Person, organisation: Organisation | int, capacity: str, *, at: datetime) -> Mandate:
    """The person's valid mandate for an organisation. A stranger learns nothing (404); a member whose mandate is
    missing or has run out is told so (``CapacityMissing``, ``MandateExpired``)."""
    key = organisation if isinstance(organisation, int) else organisation.pk
    found = list(
        Mandate.objects.filter(membership__person=person, membership__organisation=key)
        .select_related("membership__organisation", "membership__person")
        .order_by("-since_at")
    )
    current = [one for one in found if valid(one, at=at)]
    for one in current:
        if one.capacity == capacity:
            return one
    if past := [one for one in found if one.capacity == capacity and one.since_at <= at]:
        raise MandateExpired(
            capacity=capacity,
            organisation=past[0].membership.organisation.name,
            until=ended(past[0]).date().isoformat(),
        )
    if not current:
        raise Http404
    raise CapacityMissing(capacity=capacity, organisation=current[0].membership.organisation.name)


def valid(one: Mandate, *, at: datetime) -> bool:
    """Whether a mandate, and the membership it rests on, stand at a time."""
    return all(
        since <= at and (until is None or at < until)
        for since, until in [(one.since_at, one.until_at), (one.membership.since_at, one.membership.until_at)]
    )


def ended(one: Mandate) -> datetime:
    return min(until for until in [one.until_at, one.membership.until_at] if until is not None)


def organisations(person: Person, *, at: datetime) -> QuerySet[Organisation]:
    """The organisations a person may see the inside of."""
    now = Q(until_at__isnull=True) | Q(until_at__gt=at)
    memberships = Membership.objects.filter(now, person=person, since_at__lte=at)
    mandates = Mandate.objects.filter(now, membership__in=memberships, since_at__lte=at)
    return Organisation.objects.filter(memberships__mandates__in=mandates).distinct()


def instruction(person: Person, key: UUID | str, *, at: datetime) -> Instruction:
    """An instruction of one of the person's organisations; anything else is not found."""
    try:
        wanted = UUID(str(key))
    except ValueError:
        raise Http404 from None
    found = (
        Instruction.objects.filter(pk=wanted, organisation__in=organisations(person, at=at))
        .select_related("organisation", "initiator", "decision", "decision__by")
        .first()
    )
    if found is None:
        raise Http404
    return found

"""The doors of identity: how what a person sends becomes a mandate, an organisation or an instruction."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from tanhui.identity.models import Instruction, Mandate, Organisation, Person
from tanhui.identity.queries import Given, Prepared
from tanhui.kernel.refusal import Refusal, gettext_noop


class MandateExpired(Refusal):
    code = "identity.mandate_expired"
    sentence = gettext_noop(
        "The mandate to %(capacity)s for %(organisation)s ended on %(until)s. "
        "Have the organisation renew it before signing."
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
    return BY_TOKEN.first(digest=hashlib.sha256(token.encode()).digest(), at=at)


def mandate(person: Person, organisation: Organisation | int, capacity: str, *, at: datetime) -> Mandate:
    """The person's valid mandate for an organisation. A stranger learns nothing (404); a member whose mandate is
    missing or has run out is told so (``CapacityMissing``, ``MandateExpired``)."""
    key = organisation if isinstance(organisation, int) else organisation.pk
    return chosen(MANDATES.rows(one=person.pk, other=person.pk, organisation=key), capacity, at)


def signing(person: Person, asked: Instruction, *, at: datetime) -> tuple[Mandate | None, Mandate]:
    """The mandate an instruction was given under, if one stood then, and the person's to confirm it, as ``mandate``."""
    found = MANDATES.rows(one=asked.initiator_id, other=person.pk, organisation=asked.organisation_id)
    mine = [one for one in found if one.membership.person_id == person.pk]
    return initiating(asked, found), chosen(mine, Mandate.Capacity.CONFIRM, at)


def initiating(asked: Instruction, found: Sequence[Mandate] | None = None) -> Mandate | None:
    """The mandate an instruction was given under, as it stood then; ``found`` has the organisation's mandates."""
    if found is None:
        found = MANDATES.rows(one=asked.initiator_id, other=asked.initiator_id, organisation=asked.organisation_id)
    for one in found:
        if (one.membership.person_id, one.capacity) == (asked.initiator_id, "INITIATE") and valid(one, at=asked.at):
            return one
    return None


def chosen(found: Sequence[Mandate], capacity: str, at: datetime) -> Mandate:
    """Of a person's mandates for one organisation the valid one; refuses as ``mandate`` does."""
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
    return seen_inside(person, at)


def seen_inside(person: Any, at: Any) -> QuerySet[Organisation]:
    mandates = Mandate.objects.filter(
        Q(until_at__isnull=True) | Q(until_at__gt=at),
        Q(membership__until_at__isnull=True) | Q(membership__until_at__gt=at),
        since_at__lte=at,
        membership__since_at__lte=at,
        membership__person=person,
    )
    return Organisation.objects.filter(pk__in=mandates.values("membership__organisation"))


def instruction(person: Person, key: UUID | str, *, at: datetime) -> Instruction:
    """An instruction of one of the person's organisations; anything else is not found."""
    try:
        wanted = UUID(str(key))
    except ValueError:
        raise Http404 from None
    if (found := INSTRUCTION.first(key=wanted, person=person.pk, at=at)) is None:
        raise Http404
    return found


BY_TOKEN = Prepared(
    lambda: Person.objects.filter(
        is_active=True, api_tokens__digest=Given("digest"), api_tokens__expires_at__gt=Given("at")
    )
)
MANDATES = Prepared(
    lambda: (
        Mandate.objects.filter(
            Q(membership__person=Given("one")) | Q(membership__person=Given("other")),
            membership__organisation=Given("organisation"),
        )
        .select_related("membership__organisation", "membership__person")
        .order_by("-since_at")
    )
)
INSTRUCTION = Prepared(
    lambda: Instruction.objects.filter(
        pk=Given("key"), organisation__in=seen_inside(Given("person"), Given("at"))
    ).select_related("organisation", "initiator", "decision__by")
)

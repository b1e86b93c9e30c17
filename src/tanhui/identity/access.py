"""The doors of identity: how what a person sends becomes a mandate, an organisation or an instruction."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import Http404

from tanhui.identity.models import (
    Duty,
    Instruction,
    Invitation,
    Mandate,
    Membership,
    Organisation,
    Person,
    StaffSession,
)
from tanhui.identity.queries import Given, Prepared
from tanhui.kernel.refusal import Refusal, gettext_noop

Row = TypeVar("Row", bound=Model)


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


class NotOnDuty(Refusal):
    code = "identity.not_on_duty"
    sentence = gettext_noop("This takes the duty “%(duty)s”, exercised now. Begin a staff session and say why.")
    clause = "GB/T 22239-2019 8.1.4.2 d (rules R-06)"
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


# -- organisations and their people ------------------------------------------------------------------------------------


def organisation(person: Person, code: str, *, at: datetime) -> Organisation:
    """An organisation the person may see the inside of, by its code; any other is not found."""
    if "\x00" in code or (found := organisations(person, at=at).filter(uscc=code).first()) is None:
        raise Http404
    return found


def holds(person: Person, organisation: Organisation | int, capacity: str, *, at: datetime) -> bool:
    """Whether the person has a valid mandate of a capacity for an organisation."""
    key = organisation if isinstance(organisation, int) else organisation.pk
    found = MANDATES.rows(one=person.pk, other=person.pk, organisation=key)
    return any(one.capacity == capacity and valid(one, at=at) for one in found)


def administrator(person: Person, code: str, *, at: datetime) -> Mandate:
    """The mandate under which the person manages an organisation they may see; others learn nothing (404)."""
    try:
        return mandate(person, organisation(person, code, at=at), Mandate.Capacity.MANAGE, at=at)
    except (CapacityMissing, MandateExpired):
        raise Http404 from None


def member(organisation: Organisation, key: int) -> Membership:
    """A membership of this organisation."""
    return only(Membership.objects.filter(organisation=organisation, pk=key).select_related("person", "organisation"))


def granted(organisation: Organisation, key: int) -> Mandate:
    """A mandate for this organisation."""
    rows = Mandate.objects.filter(membership__organisation=organisation, pk=key)
    return only(rows.select_related("membership__person", "membership__organisation"))


def invitation(organisation: Organisation, key: UUID) -> Invitation:
    """An invitation of this organisation."""
    return only(Invitation.objects.filter(organisation=organisation, pk=key))


def change(person: Person, key: UUID, *, at: datetime) -> Instruction:
    """A change of powers asked for: for the administrators of its organisation, and for the registry operator's
    representatives; for anybody else it is not found."""
    found = only(
        Instruction.objects.filter(pk=key, act__startswith="identity.").select_related(
            "organisation", "initiator", "decision__by"
        )
    )
    if not holds(person, found.organisation_id, Mandate.Capacity.MANAGE, at=at):
        registry_confirmer(person, at=at)
    return found


def deciding(person: Person, asked: Instruction, *, at: datetime) -> Mandate:
    """The mandate under which the person may decide on a change: as administrator there, or for the registry operator.

    Others learn nothing (404).
    """
    if holds(person, asked.organisation_id, Mandate.Capacity.MANAGE, at=at):
        return mandate(person, asked.organisation_id, Mandate.Capacity.MANAGE, at=at)
    return registry_confirmer(person, at=at)


def registry_confirmer(person: Person, *, at: datetime) -> Mandate:
    """The person's mandate to confirm for a registry operator; others learn nothing (404)."""
    return of_registry(person, Mandate.Capacity.CONFIRM, at)


def registry_administrator(person: Person, *, at: datetime) -> Mandate:
    """The mandate under which the person manages a registry operator; others learn nothing (404)."""
    return of_registry(person, Mandate.Capacity.MANAGE, at)


def of_registry(person: Person, capacity: str, at: datetime) -> Mandate:
    rows = Mandate.objects.filter(
        membership__person=person, membership__organisation__role=Organisation.Role.REGISTRY, capacity=capacity
    )
    for one in rows.select_related("membership__person", "membership__organisation").order_by("-since_at"):
        if valid(one, at=at):
            return one
    raise Http404


# -- staff duties ------------------------------------------------------------------------------------------------------


def duty(person: Person, *, at: datetime) -> Duty | None:
    """The staff duty a person holds; nobody holds two."""
    if not person.is_active:
        return None
    return Duty.objects.filter(
        Q(until_at__isnull=True) | Q(until_at__gt=at), person=person, since_at__lte=at
    ).first()  # fmt: skip


def staff_session(person: Person, *, at: datetime) -> StaffSession | None:
    """The staff session that runs now, if one does."""
    running = StaffSession.objects.filter(
        Q(duty__until_at__isnull=True) | Q(duty__until_at__gt=at),
        Q(ended_at__isnull=True) | Q(ended_at__gt=at),
        duty__person=person,
        duty__person__is_active=True,
        began_at__lte=at,
        ends_at__gt=at,
    )
    return running.select_related("duty").first()


def on_duty(person: Person, kind: str, *, at: datetime) -> bool:
    """Whether the person exercises this staff duty at this moment."""
    running = staff_session(person, at=at)
    return running is not None and running.duty.kind == kind


def require_duty(person: Person, kind: str, *, at: datetime) -> None:
    """Refuses with ``NotOnDuty``."""
    if not on_duty(person, kind, at=at):
        raise NotOnDuty(duty=kind)


def somebody(person: Person, key: int, *, at: datetime) -> Person:
    """Anybody at all, for whoever is on the security duty; for others nobody is found."""
    if not on_duty(person, Duty.Kind.SECURITY, at=at):
        raise Http404
    return only(Person.objects.filter(pk=key))


def running_session(person: Person, key: UUID, *, at: datetime) -> StaffSession:
    """One's own staff session, or anybody's for whoever is on the security duty."""
    found = only(StaffSession.objects.filter(pk=key).select_related("duty__person"))
    if found.duty.person_id != person.pk and not on_duty(person, Duty.Kind.SECURITY, at=at):
        raise Http404
    return found


def appointed(person: Person, key: int, *, at: datetime) -> tuple[Duty, Mandate]:
    """A staff duty and the mandate under which the person, an administrator of the registry operator, may end it."""
    return only(Duty.objects.filter(pk=key).select_related("person")), registry_administrator(person, at=at)


def only(rows: QuerySet[Row]) -> Row:
    if (found := rows.first()) is None:
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

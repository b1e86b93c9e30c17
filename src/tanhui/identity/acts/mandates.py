"""Giving, renewing and taking away what members may sign for.

Power to sign or manage is asked for by one administrator and given when a second person confirms: another administrator
of the same organisation, or a confirming representative of the registry operator. To take it away takes one.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tanhui.identity import rules
from tanhui.identity.acts import enrolment, instruction, membership
from tanhui.identity.models import Decision, Instruction, Mandate, Organisation, Person
from tanhui.journal.record import record, stamp
from tanhui.kernel.refusal import Refusal, gettext_noop

ACT = "identity.mandate"
WAITS = timedelta(days=7)
Capacity = Mandate.Capacity


class MandateStands(Refusal):
    code = "identity.mandate_stands"
    sentence = gettext_noop(
        "%(person)s holds this mandate without an end already. Nothing needs to be done; revoke it to give another."
    )
    clause = "ARCHITECTURE.md §6.1"


class EndMissing(Refusal):
    code = "identity.end_missing"
    sentence = gettext_noop("A mandate to sign or manage ends one day after %(today)s. Name the day.")
    clause = "account-opening notice of 2023-08-18: authorisation letters (rules A-07)"
    status = 422


def check(
    *, person: Person, organisation: Organisation, capacity: str, until_at: datetime | None, at: datetime
) -> None:
    """What must hold both when a mandate is asked for and when it is given.

    Refuses with ``membership.NotAMember``, ``EndMissing``, ``rules.DutyAndSigning``, ``rules.TooManyOperators``,
    ``rules.IncompatibleRoles`` or ``MandateStands``.
    """
    membership.current(person, organisation, at=at)
    if until_at is None or until_at <= at:
        raise EndMissing(today=at.date().isoformat())
    rules.check_power(person, capacity)
    rules.check_operators(person, organisation, capacity, at=at)
    rules.check_sides(person, organisation.role, at=at)
    held = rules.standing(at).filter(membership__person=person, membership__organisation=organisation)
    if held.filter(capacity=capacity, until_at__isnull=True).exists():
        raise MandateStands(person=person.name)


def propose(
    *,
    mandate: Mandate,
    person: Person,
    capacity: str,
    until_at: datetime,
    reference: str,
    at: datetime,
    letter: str = "",
    letter_document: UUID | None = None,
) -> Instruction:
    """Ask, under an administrator's ``mandate``, that a member be given a mandate, or that theirs be renewed.

    Refuses as ``check`` and ``instruction.initiate`` do.
    """
    organisation = membership.managed(mandate, at=at)
    body = {
        "person": person.pk, "capacity": Capacity(capacity).value, "until": stamp(until_at), "letter": letter,
        "letter_document": str(letter_document) if letter_document else None,
    }  # fmt: skip

    def prepare(_: Instruction) -> None:
        check(person=person, organisation=organisation, capacity=capacity, until_at=until_at, at=at)

    return instruction.initiate(
        act=ACT, mandate=mandate, reference=reference, body=body, at=at, expires_at=at + WAITS, prepare=prepare,
        needed=Capacity.MANAGE,
    )  # fmt: skip


def confirm(*, asked: Instruction, mandate: Mandate, at: datetime) -> Decision:
    """Give what was asked for. ``mandate`` is another administrator's, or that of a confirming representative of a
    registry operator.

    Refuses as ``instruction.confirm`` and ``check`` do.
    """
    elsewhere = by_registry(mandate, asked)
    return instruction.confirm(
        instruction=asked, mandate=mandate, at=at, carry_out=lambda found: carry_out(found, mandate, at),
        needed=Capacity.CONFIRM if elsewhere else Capacity.MANAGE, elsewhere=elsewhere,
    )  # fmt: skip


def by_registry(mandate: Mandate, asked: Instruction) -> bool:
    """Whether the registry operator decides on another organisation's change."""
    whose = mandate.membership.organisation
    return whose.pk != asked.organisation_id and whose.role == Organisation.Role.REGISTRY


def carry_out(asked: Instruction, confirming: Mandate, at: datetime) -> Mapping[str, Any]:
    body, by = asked.body, confirming.membership.person
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=asked.organisation_id)
    person = Person.objects.select_for_update(no_key=True).get(pk=body["person"])
    until_at = datetime.fromisoformat(body["until"])
    check(person=person, organisation=organisation, capacity=body["capacity"], until_at=until_at, at=at)
    before = rules.standing(at).filter(
        membership__person=person, membership__organisation=organisation, capacity=body["capacity"], since_at__lte=at
    )
    before.update(until_at=at)  # the new one begins where the one it renews ends
    document = body["letter_document"]
    given = enrolment.mandate(
        person=person, organisation=organisation, capacity=body["capacity"], since_at=at, until_at=until_at, at=at,
        by=by, letter=body["letter"], letter_document=UUID(document) if document else None, instruction=asked,
    )  # fmt: skip
    return {"mandate": given.pk}


def drop(*, asked: Instruction, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """Take the request back as its initiator, or reject it as another administrator or the registry operator.

    Refuses with ``instruction.WrongMandate``, ``access.MandateExpired`` or ``instruction.AlreadyDecided``.
    """
    elsewhere = by_registry(mandate, asked)
    whose = mandate.membership.organisation_id if elsewhere else asked.organisation_id
    needed = Capacity.CONFIRM if elsewhere else Capacity.MANAGE
    instruction.check_mandate(mandate, needed, organisation=whose, at=at)
    own = mandate.membership.person_id == asked.initiator_id
    outcome = Decision.Outcome.WITHDRAWN if own else Decision.Outcome.REJECTED
    return instruction.drop(
        instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason, undo=lambda _: None
    )  # fmt: skip


@transaction.atomic
def revoke(*, mandate: Mandate, by: Mandate, reason: str, at: datetime) -> Mandate:
    """End a mandate at once, under an administrator's. Asked again it changes nothing.

    Refuses with ``instruction.WrongMandate``, ``access.MandateExpired`` or ``membership.LastAdministrator``.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=mandate.membership.organisation_id)
    membership.managed(by, at=at, organisation=organisation.pk)
    found = (
        Mandate.objects.select_for_update(of=("self",)).select_related("membership__person").get(pk=mandate.pk)
    )  # fmt: skip
    if found.until_at is not None and found.until_at <= at:
        return found
    if found.capacity == Capacity.MANAGE:
        membership.keep_an_administrator(organisation, found.membership.person, at=at)
    found.until_at = max(at, found.since_at)
    found.revoked_at, found.revoked_by, found.reason = at, by.membership.person, reason
    found.save(update_fields=["until_at", "revoked_at", "revoked_by", "reason"])
    record(
        kind="identity.mandate_revoked",
        fact={"organisation": organisation.uscc, "capacity": found.capacity},
        private={"person": found.membership.person_id, "mandate": found.pk, "reason": reason},
        at=at,
        by=by.membership.person_id,
    )
    return found

"""Two people for everything that changes a balance or a status: one asks, another confirms (rules R-05).

An instruction is asked once per reference and decided once. Whatever it asks for is done by its own room, inside the
transaction that ``deciding`` opens.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from tanhui.identity import access
from tanhui.identity.models import Decision, Instruction, Mandate, Organisation
from tanhui.journal.record import record, stamp
from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal, gettext_noop

REFERENCE = re.compile(r"[!-~]{1,64}")


class ReferenceUnusable(Refusal):
    code = "identity.reference_unusable"
    sentence = gettext_noop(
        "A reference (Idempotency-Key) is 1 to 64 visible ASCII characters; this one has %(length)s. Use a shorter one."
    )
    clause = "ARCHITECTURE.md §6.4"
    status = 400


class ReferenceTaken(Refusal):
    code = "identity.reference_taken"
    sentence = gettext_noop(
        "You have already used the reference %(reference)s for another request. Use a new reference for a new request."
    )
    clause = "ARCHITECTURE.md §6.4"
    status = 422


class OnePersonTwice(Refusal):
    code = "identity.one_person_twice"
    sentence = gettext_noop(
        "%(person)s gave this instruction and cannot confirm it too. Have another confirming representative confirm it."
    )
    clause = "account-opening notice of 2023-08-18: initiating and confirming representatives (rules A-04, R-05)"


class WrongMandate(Refusal):
    code = "identity.wrong_mandate"
    sentence = gettext_noop(
        "This needs the mandate to %(needed)s for %(organisation)s. Have someone who holds it sign."
    )
    clause = "account-opening notice of 2023-08-18: initiating and confirming representatives (rules A-04)"
    status = 403


class AlreadyDecided(Refusal):
    code = "identity.already_decided"
    sentence = gettext_noop("This instruction was already %(outcome)s on %(at)s. Give a new instruction if needed.")
    clause = "ARCHITECTURE.md §6.3"


class InstructionExpired(Refusal):
    code = "identity.instruction_expired"
    sentence = gettext_noop("This instruction ran out on %(at)s and was not carried out. Give it again.")
    clause = "ARCHITECTURE.md §6.3"


def two_people(initiator: Mandate, confirmer: Mandate, *, organisation: int, at: datetime) -> None:
    """Refuse unless two different people, each with the valid mandate of the organisation, sign."""
    if initiator.membership.person_id == confirmer.membership.person_id:
        raise OnePersonTwice(person=initiator.membership.person.name)
    check_mandate(initiator, Mandate.Capacity.INITIATE, organisation=organisation, at=at)
    check_mandate(confirmer, Mandate.Capacity.CONFIRM, organisation=organisation, at=at)


def check_mandate(one: Mandate, needed: Mandate.Capacity, *, organisation: int, at: datetime) -> None:
    """Refuse unless a mandate is this organisation's, of this capacity, and stands.

    Refuses with ``WrongMandate``, also for one that has not begun yet, or ``access.MandateExpired``.
    """
    begun = max(one.since_at, one.membership.since_at) <= at
    if one.capacity != needed or one.membership.organisation_id != organisation or not begun:
        raise WrongMandate(needed=needed.value, organisation=Organisation.objects.get(pk=organisation).name)
    if not access.valid(one, at=at):
        raise access.MandateExpired(
            capacity=needed.value,
            organisation=one.membership.organisation.name,
            until=access.ended(one).date().isoformat(),
        )


def check_reference(reference: str) -> str:
    if not REFERENCE.fullmatch(reference):
        raise ReferenceUnusable(length=len(reference))
    return reference


@transaction.atomic
def initiate(
    *,
    act: str,
    mandate: Mandate,
    reference: str,
    body: Mapping[str, Any],
    at: datetime,
    expires_at: datetime,
    prepare: Callable[[Instruction], object],
) -> Instruction:
    """Ask for an act. ``prepare`` sets aside what it needs, once, in the same transaction.

    The same request again is the same instruction; another body under the same reference is refused.
    Refuses with ``ReferenceUnusable``, ``ReferenceTaken``, ``WrongMandate`` or what ``prepare`` refuses with.
    """
    check_reference(reference)
    person = mandate.membership.person
    organisation = mandate.membership.organisation
    check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=organisation.pk, at=at)
    digest = canonical.sha256({"organisation": organisation.pk, "body": dict(body)})
    if earlier := Instruction.objects.filter(initiator=person, act=act, reference=reference).first():
        return same(earlier, digest)
    try:
        with transaction.atomic():
            asked = Instruction.objects.create(
                act=act,
                organisation=organisation,
                initiator=person,
                reference=reference,
                body=dict(body),
                body_sha256=digest,
                at=at,
                expires_at=expires_at,
            )
    except IntegrityError:
        return same(Instruction.objects.get(initiator=person, act=act, reference=reference), digest)
    prepare(asked)
    record(
        kind="identity.instruction_given",
        fact={"instruction": str(asked.pk), "act": act},
        private={"body_sha256": digest, "organisation": organisation.uscc},
        at=at,
        by=person.pk,
    )
    return asked


def same(earlier: Instruction, digest: str) -> Instruction:
    if earlier.body_sha256 != digest:
        raise ReferenceTaken(reference=earlier.reference)
    return earlier


def alone(instruction: Instruction) -> Instruction:
    """The instruction, while nobody else decides it: others wait until this transaction ends.

    An advisory lock, because locking the row takes the right to UPDATE, which nobody has on what never changes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"instruction:{instruction.pk}"])
    return Instruction.objects.select_related("initiator").get(pk=instruction.pk)


@transaction.atomic
def confirm(
    *,
    instruction: Instruction,
    mandate: Mandate,
    at: datetime,
    carry_out: Callable[[Instruction], Mapping[str, Any]],
) -> Decision:
    """Confirm an instruction and carry it out, once however often it is confirmed; every caller gets the one decision.

    Refuses with ``OnePersonTwice``, ``WrongMandate``, ``AlreadyDecided`` (rejected, withdrawn or expired before),
    ``InstructionExpired`` or what carrying it out refuses with, and then nothing has changed.
    """
    held = alone(instruction)
    if mandate.membership.person_id == held.initiator_id:
        raise OnePersonTwice(person=held.initiator.name)
    check_mandate(mandate, Mandate.Capacity.CONFIRM, organisation=held.organisation_id, at=at)
    if earlier := Decision.objects.filter(pk=held.pk).first():
        if earlier.outcome != Decision.Outcome.CONFIRMED:
            raise AlreadyDecided(outcome=earlier.outcome, at=stamp(earlier.at))
        return earlier
    if held.expires_at <= at:
        raise InstructionExpired(at=stamp(held.expires_at))
    result = carry_out(held)
    return Decision.objects.create(
        instruction=held,
        outcome=Decision.Outcome.CONFIRMED,
        initiator_id=held.initiator_id,
        by_id=mandate.membership.person_id,
        result=dict(result),
        at=at,
    )


@transaction.atomic
def drop(
    *,
    instruction: Instruction,
    outcome: str,
    at: datetime,
    by: Mandate | None,
    reason: str = "",
    undo: Callable[[Instruction], None],
) -> Decision:
    """End an instruction without carrying it out: rejected by a confirmer, withdrawn by its initiator, or run out.

    ``undo`` gives back what was set aside. Refuses with ``AlreadyDecided``.
    """
    held = alone(instruction)
    if earlier := Decision.objects.filter(pk=held.pk).first():
        if earlier.outcome == outcome:
            return earlier
        raise AlreadyDecided(outcome=earlier.outcome, at=stamp(earlier.at))
    undo(held)
    decision = Decision.objects.create(
        instruction=held,
        outcome=outcome,
        initiator_id=held.initiator_id,
        by_id=by.membership.person_id if by else None,
        reason=reason,
        at=at,
    )
    record(
        kind="identity.instruction_dropped",
        fact={"instruction": str(held.pk), "outcome": outcome},
        private={"reason": reason},
        at=at,
        by=decision.by_id,
    )
    return decision

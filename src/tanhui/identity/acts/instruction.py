"""Two people for everything that changes a balance or a status: one asks, another confirms (rules R-05).

An instruction is asked once per reference and decided once. Whatever it asks for is done by its own room, in the
transaction that writes the decision.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

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
    needed: Mandate.Capacity = Mandate.Capacity.INITIATE,
) -> Instruction:
    """Ask for an act. ``prepare`` sets aside what it needs, once, in the same transaction. The ``mandate`` must be of
    the capacity ``needed``.

    The same request again is the same instruction; another body under the same reference is refused.
    Refuses with ``ReferenceUnusable``, ``ReferenceTaken``, ``WrongMandate`` or what ``prepare`` refuses with.
    """
    check_reference(reference)
    person = mandate.membership.person
    organisation = mandate.membership.organisation
    check_mandate(mandate, needed, organisation=organisation.pk, at=at)
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


def confirm(
    *,
    instruction: Instruction,
    mandate: Mandate,
    at: datetime,
    carry_out: Callable[[Instruction], Mapping[str, Any]],
    needed: Mandate.Capacity = Mandate.Capacity.CONFIRM,
    elsewhere: bool = False,
) -> Decision:
    """Confirm an instruction and carry it out, once however often it is confirmed; every caller gets the one decision.

    The ``mandate`` must be of the capacity ``needed``, and of the instruction's own organisation unless the caller has
    found that somebody ``elsewhere`` may confirm it.
    ``carry_out`` returns what the decision keeps as its result. Refuses with ``OnePersonTwice``, ``WrongMandate``,
    ``AlreadyDecided`` (rejected, withdrawn or expired before), ``InstructionExpired`` or what carrying it out refuses
    with, and then nothing has changed.
    """

    def keep(decision: Decision) -> None:
        decision.result = dict(carry_out(instruction))
        decision.save(force_insert=True)

    return confirm_keeping(
        instruction=instruction, mandate=mandate, at=at, keep=keep, one_statement=False, needed=needed,
        elsewhere=elsewhere,
    )  # fmt: skip


def confirm_keeping(
    *,
    instruction: Instruction,
    mandate: Mandate,
    at: datetime,
    keep: Callable[[Decision], None],
    one_statement: bool = True,
    needed: Mandate.Capacity = Mandate.Capacity.CONFIRM,
    elsewhere: bool = False,
) -> Decision:
    """As ``confirm``, where ``keep`` carries out and writes the decision, with its result, by a single statement. That
    is a transaction by itself and spares the round trips of opening and committing one."""
    if mandate.membership.person_id == instruction.initiator_id:
        raise OnePersonTwice(person=instruction.initiator.name)
    whose = mandate.membership.organisation_id if elsewhere else instruction.organisation_id
    check_mandate(mandate, needed, organisation=whose, at=at)

    def decide() -> Decision:
        if instruction.expires_at <= at:
            raise InstructionExpired(at=stamp(instruction.expires_at))
        decision = decided(instruction, Decision.Outcome.CONFIRMED, by=mandate, at=at)
        keep(decision)
        return decision

    return the_one(instruction, Decision.Outcome.CONFIRMED, decide, one_statement=one_statement)


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

    def decide() -> Decision:
        undo(instruction)
        decision = decided(instruction, outcome, by=by, at=at, reason=reason)
        decision.save(force_insert=True)
        record(
            kind="identity.instruction_dropped",
            fact={"instruction": str(instruction.pk), "outcome": outcome},
            private={"reason": reason},
            at=at,
            by=decision.by_id,
        )
        return decision

    return the_one(instruction, outcome, decide)


def the_one(
    instruction: Instruction, outcome: str, decide: Callable[[], Decision], *, one_statement: bool = False
) -> Decision:
    """The instruction's decision: the one there is, or else the one ``decide`` makes, in one transaction.

    Nothing is locked: of several who decide at once, one writes the decision, since there can be only one, and what the
    others did falls with their transaction. They learn it by its key, or by the refusal of what was set aside. Refuses
    with ``AlreadyDecided`` when the decision has another outcome.
    """
    bare = one_statement and not transaction.get_connection().in_atomic_block
    cached = Instruction.decision.is_cached(instruction)
    earlier = getattr(instruction, "decision", None) if cached else decision_of(instruction)
    if earlier is None:
        try:
            with nullcontext() if bare else transaction.atomic():
                return decide()
        except (Refusal, IntegrityError):
            earlier = decision_of(instruction)
            if earlier is None:
                raise
    if earlier.outcome != outcome:
        raise AlreadyDecided(outcome=earlier.outcome, at=stamp(earlier.at))
    return earlier


def decision_of(instruction: Instruction) -> Decision | None:
    return Decision.objects.filter(pk=instruction.pk).first()


def decided(instruction: Instruction, outcome: str, *, by: Mandate | None, at: datetime, reason: str = "") -> Decision:
    """A decision not yet kept."""
    return Decision(
        instruction_id=instruction.pk,
        outcome=outcome,
        initiator_id=instruction.initiator_id,
        by_id=by.membership.person_id if by else None,
        reason=reason,
        result={},
        at=at,
    )

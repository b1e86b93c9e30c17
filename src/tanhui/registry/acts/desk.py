"""Confirming, rejecting and withdrawing instructions of the register, whatever they ask for."""

from collections.abc import Callable
from datetime import datetime

from tanhui.identity import access
from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.registry import queries
from tanhui.registry.acts import retirement, setting_aside, transfer
from tanhui.registry.acts.restriction import named
from tanhui.registry.acts.signing import Signatures

CARRY_OUT: dict[str, Callable[[Instruction, Signatures, Decision], None]] = {
    transfer.ACT: transfer.carry_out,
    retirement.ACT: retirement.carry_out,
}


def confirm(*, instruction: Instruction, mandate: Mandate, at: datetime, initiating: Mandate | None = None) -> Decision:
    """Confirm and carry out an instruction; confirming it again gives the same decision.

    ``initiating`` is the mandate it was given under, where the caller has it at hand. Refuses as
    ``instruction.confirm`` and as the act itself does.
    """

    def keep(decision: Decision) -> None:
        signatures = Signatures(initiating or given_under(instruction), mandate)
        CARRY_OUT[instruction.act](instruction, signatures, decision)

    source, _ = queries.places(instruction)
    with named(source.account):
        return instructions.confirm_keeping(instruction=instruction, mandate=mandate, at=at, keep=keep)


def reject(*, instruction: Instruction, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """A confirmer of the same organisation says no; the units go free.

    Refuses with ``instruction.WrongMandate``, ``access.MandateExpired`` or ``instruction.AlreadyDecided``.
    """
    instructions.check_mandate(mandate, Mandate.Capacity.CONFIRM, organisation=instruction.organisation_id, at=at)
    return drop(instruction, Decision.Outcome.REJECTED, mandate, reason, at)


def withdraw(*, instruction: Instruction, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """The initiator takes it back; the units go free."""
    if mandate.membership.person_id != instruction.initiator_id:
        raise instructions.WrongMandate(
            needed=Mandate.Capacity.INITIATE.value, organisation=str(instruction.organisation)
        )
    return drop(instruction, Decision.Outcome.WITHDRAWN, mandate, reason, at)


def drop(instruction: Instruction, outcome: str, mandate: Mandate, reason: str, at: datetime) -> Decision:
    return instructions.drop(
        instruction=instruction,
        outcome=outcome,
        at=at,
        by=mandate,
        reason=reason,
        undo=lambda held: setting_aside.give_back(held, at),
    )


def given_under(asked: Instruction) -> Mandate:
    """The mandate under which the instruction was given, as it stood then."""
    if (found := access.initiating(asked)) is None:
        raise instructions.WrongMandate(needed=Mandate.Capacity.INITIATE.value, organisation=str(asked.organisation))
    return found

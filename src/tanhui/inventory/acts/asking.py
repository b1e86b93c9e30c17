"""What is done with stock sinks takes two people: one asks, another confirms, and only then anything happens.

While it waits, units that it is about are set aside.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.ledger.acts import reservation
from tanhui.ledger.models import Reservation

OPEN_FOR = timedelta(days=7)
CarryOut = Callable[[Instruction, Mandate, datetime], Mapping[str, Any]]


def ask(
    *,
    act: str,
    mandate: Mandate,
    reference: str,
    body: Mapping[str, Any],
    at: datetime,
    prepare: Callable[[Instruction], object] = lambda asked: None,
) -> Instruction:
    """Ask for an act under the first signature. Refuses as ``instruction.initiate`` and ``prepare``."""
    return instructions.initiate(
        act=act, mandate=mandate, reference=reference, body=body, at=at, expires_at=at + OPEN_FOR, prepare=prepare
    )


def confirm(*, asked: Instruction, mandate: Mandate, at: datetime, carry_out: CarryOut) -> Decision:
    """Sign second and do it; asked twice it is done once. Refuses as ``instruction.confirm`` and the act itself."""
    return instructions.confirm(
        instruction=asked, mandate=mandate, at=at, carry_out=lambda one: carry_out(one, mandate, at)
    )


def drop(*, asked: Instruction, outcome: str, mandate: Mandate, reason: str, at: datetime) -> Decision:
    """The second person says no, or the first takes it back; what was set aside is free again.

    Refuses with ``identity.wrong_mandate``, ``identity.already_decided`` or as the mandate is judged.
    """
    if outcome == Decision.Outcome.WITHDRAWN and mandate.membership.person_id != asked.initiator_id:
        raise instructions.WrongMandate(needed=Mandate.Capacity.INITIATE.value, organisation=str(asked.organisation))
    if outcome == Decision.Outcome.REJECTED:
        instructions.check_mandate(mandate, Mandate.Capacity.CONFIRM, organisation=asked.organisation_id, at=at)

    def give_back(one: Instruction) -> None:
        if (held := set_aside(one)) is not None:
            reservation.void(reservation=held.pk, at=at)

    return instructions.drop(instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason[:200], undo=give_back)


def hold(asked: Instruction, account: int, wishes: list[reservation.Wish]) -> None:
    """Set units aside for as long as the instruction waits. Refuses as the ledger does."""
    reservation.reserve(reference=name(asked), account=account, wishes=wishes, at=asked.at, expires_at=asked.expires_at)


def set_aside(asked: Instruction) -> Reservation | None:
    return Reservation.objects.filter(reference=name(asked)).first()


def name(asked: Instruction) -> str:
    return f"instruction:{asked.pk.hex}"


def signed(asked: Instruction, mandate: Mandate, at: datetime) -> dict[str, Any]:
    """The columns of a fact that say who signed it, when, and under which reference."""
    return {
        "reference": f"i{asked.pk.hex}",
        "body_sha256": asked.body_sha256,
        "at": at,
        "initiator_id": asked.initiator_id,
        "confirmer_id": mandate.membership.person_id,
    }

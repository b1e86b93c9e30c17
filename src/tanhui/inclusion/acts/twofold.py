"""What takes two people of one body: asked for, opened or dropped, and ended, alike for every ``TwoSigned``."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.inclusion import numbers
from tanhui.inclusion.models.signed import TwoSigned
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

Row = TypeVar("Row", bound=TwoSigned)
REASON = 200  # characters


class AskedAlready(Refusal):
    code = "inclusion.asked_already"
    sentence = gettext_noop("The same is in force or waits for a second person already. Look at it, or end it first.")
    clause = "ARCHITECTURE.md §6.4"


class StandsOtherwise(Refusal):
    code = "inclusion.stands_otherwise"
    sentence = gettext_noop("This is now “%(state)s”, and that cannot be done from there. Look at it again.")
    clause = "ARCHITECTURE.md §6.3"


class NoReason(Refusal):
    code = "inclusion.no_reason"
    sentence = gettext_noop("Whoever ends something says why, in at most %(most)s characters. Write the reason.")
    clause = "rules R-05"
    status = 422


def ask(row: Row, *, act: str, mandate: Mandate, reference: str, body: Mapping[str, Any], at: datetime) -> Row:
    """Keep a row under the first signature. Refuses with ``AskedAlready`` or as ``instructions.initiate``."""

    def prepare(asked: Instruction) -> None:
        row.instruction, row.asked_at = asked, at
        row.save(force_insert=True)

    open_for = timedelta(days=numbers.whole("inclusion_publish_open", clock.day(at)))
    try:
        with transaction.atomic():
            asked = instructions.initiate(
                act=act, mandate=mandate, reference=reference, body=body, at=at, expires_at=at + open_for,
                prepare=prepare,
            )  # fmt: skip
    except IntegrityError:
        raise AskedAlready from None
    return type(row)._default_manager.get(instruction=asked)


def confirm(
    row: Row, *, kind: str, fact: Callable[[Row], Mapping[str, Any]], mandate: Mandate, at: datetime,
    check: Callable[[Row], None] = lambda row: None,
) -> Decision:  # fmt: skip
    """The second signature puts it in force and tells the log. Refuses with ``StandsOtherwise``, what ``check`` refuses
    with, or as ``instructions.confirm``."""

    def carry_out(asked: Instruction) -> Mapping[str, Any]:
        held = locked(row)
        if held.state != TwoSigned.State.ASKED:
            raise StandsOtherwise(state=held.get_state_display())
        check(held)
        open_(held, kind=kind, fact=fact(held), at=at, by=mandate.membership.person_id)
        return {"row": str(held.pk)}

    return instructions.confirm(instruction=given(row), mandate=mandate, at=at, carry_out=carry_out)


def open_(
    held: TwoSigned, *, kind: str, fact: Mapping[str, Any], at: datetime, by: int | None,
    private: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Put a row in force, in the transaction of the caller."""
    held.entry = record(kind=kind, fact=fact, private={"row": str(held.pk), **(private or {})}, at=at, by=by)
    held.state, held.opened_at = TwoSigned.State.OPEN, at
    held.save()


def drop(row: TwoSigned, *, reason: str, mandate: Mandate, at: datetime) -> Decision:
    """Whoever asked takes it back, or the second person does not sign. Refuses as ``instructions.drop``."""
    asked = given(row)
    own = mandate.membership.person_id == asked.initiator_id

    def undo(one: Instruction) -> None:
        held = locked(row)
        if held.state != TwoSigned.State.ASKED:
            raise StandsOtherwise(state=held.get_state_display())
        held.state, held.reason = TwoSigned.State.DROPPED, reason.strip()[:REASON]
        held.save(update_fields=["state", "reason"])

    outcome = Decision.Outcome.WITHDRAWN if own else Decision.Outcome.REJECTED
    return instructions.drop(
        instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason.strip()[:REASON], undo=undo
    )


@transaction.atomic
def end(
    row: Row, *, kind: str, fact: Callable[[Row], Mapping[str, Any]], reason: str, at: datetime, by: int | None
) -> Row:
    """End what is in force, with the reason. Refuses with ``NoReason`` or ``StandsOtherwise``."""
    reason = reason.strip()
    if not 0 < len(reason) <= REASON:
        raise NoReason(most=REASON)
    held = locked(row)
    if held.state != TwoSigned.State.OPEN:
        raise StandsOtherwise(state=held.get_state_display())
    held.state, held.ended_at, held.reason = TwoSigned.State.ENDED, at, reason
    held.save(update_fields=["state", "ended_at", "reason"])
    record(kind=kind, fact=fact(held), private={"row": str(held.pk), "reason": reason}, at=at, by=by)
    return held


def given(row: TwoSigned) -> Instruction:
    if row.instruction is None:
        raise StandsOtherwise(state=row.get_state_display())
    return row.instruction


def locked(row: Row) -> Row:
    return type(row)._default_manager.select_for_update().get(pk=row.pk)

"""Stored carbon that came back (逆转): paid from the buffer as far as it reaches, the rest owed by the owner."""

from datetime import datetime

from tanhui.journal.record import record
from tanhui.registry.acts import cancellation, choice
from tanhui.registry.acts.clawback import MoreThanOwed
from tanhui.registry.acts.lines import NothingAsked, Wanted
from tanhui.registry.acts.signing import Signatures, once
from tanhui.registry.models import Account, Cancellation, Project, Reversal, SubAccount


def reverse(
    *,
    project: Project,
    quantity_t: int,
    cause: str,
    intentional: bool,
    buffer: Account,
    reference: str,
    signatures: Signatures,
    at: datetime,
    from_buffer: list[Wanted] | None = None,
) -> Reversal:
    """Record a reversal and cancel buffer units for it, the project's own first, then the oldest of the pool.

    An intentional reversal is not the pool's to bear: nothing is taken from the buffer and all of it is owed.
    ``from_buffer`` names the units when the operator has chosen them. A reversal may exceed what was ever issued; what
    the buffer cannot pay stays owed and is visible. Refuses with ``NothingAsked``, ``MoreThanOwed`` or
    ``signing.NotTheOperator``.
    """
    signatures.check_operator(at=at)
    if quantity_t <= 0:
        raise NothingAsked
    if from_buffer and (asked_t := sum(one.quantity_t for one in from_buffer)) > quantity_t:
        raise MoreThanOwed(asked=asked_t, owed=quantity_t)

    def perform(digest: str) -> Reversal:
        place = buffer.sub_accounts.get(purpose=SubAccount.Purpose.BUFFER)
        # The pool's row is locked by the cancellation; two reversals that chose the same units are told apart there.
        chosen = [] if intentional else from_buffer
        if chosen is None:
            chosen = choice.oldest(place, quantity_t, project=project.pk)
            paid_t = sum(one.quantity_t for one in chosen)
            if paid_t < quantity_t:
                own = {one.batch.pk for one in chosen}
                chosen += choice.oldest(place, quantity_t - paid_t, excluding=own)
        cancelled = None
        if chosen:
            cancelled = cancellation.cancel(
                kind=Cancellation.Kind.REVERSAL,
                source=place,
                wanted=chosen,
                reason=cause,
                reference=reference,
                signatures=signatures,
                at=at,
            )
        paid_t = sum(one.quantity_t for one in chosen)
        people = signatures.people
        entry = record(
            kind="registry.reversed",
            fact={
                "project": f"{project.number:06d}",
                "quantity_t": quantity_t,
                "paid_from_buffer_t": paid_t,
                "owed_t": quantity_t - paid_t,
                "intentional": intentional,
                "cause": cause,
            },
            at=at,
            by=people["confirmer_id"],
        )
        return Reversal.objects.create(
            reference=reference,
            body_sha256=digest,
            project=project,
            cause=cause,
            intentional=intentional,
            quantity_t=quantity_t,
            paid_t=paid_t,
            cancellation=cancelled,
            at=at,
            entry=entry,
            **people,
        )

    body = {
        "project": project.pk,
        "quantity_t": quantity_t,
        "cause": cause,
        "intentional": intentional,
        "buffer": buffer.code,
        "units": None if from_buffer is None else [one.plain() for one in from_buffer],
    }
    return once(Reversal, reference=reference, body=body, perform=perform)

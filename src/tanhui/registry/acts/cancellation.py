"""Ending units by rule rather than by use (强制注销、缓冲补偿): they leave circulation and nobody may claim them."""

from collections.abc import Sequence
from datetime import datetime

from tanhui.journal.record import MOVEMENT, draft
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ledger.acts import movement, opening
from tanhui.registry.acts import lines
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.acts.signing import Signatures, once
from tanhui.registry.models import Cancellation, Restriction, SubAccount


class ReasonMissing(Refusal):
    code = "registry.reason_missing"
    sentence = gettext_noop("A cancellation says why. Give the reason and the document it rests on.")
    clause = "《温室气体自愿减排交易管理办法（试行）》第四十三条"
    status = 422


def cancel(
    *,
    kind: str,
    source: SubAccount,
    wanted: Sequence[Wanted],
    reason: str,
    reference: str,
    signatures: Signatures,
    at: datetime,
    document_sha256: str = "",
    under: Sequence[Restriction] = (),
) -> Cancellation:
    """Cancel units of an account on the operator's two signatures, once per reference.

    ``under`` names the restrictions on whose strength this happens, so that their locked units may be taken. Units in a
    terminal account cannot be named: what is retired stays retired. Refuses with ``ReasonMissing``,
    ``signing.NotTheOperator`` or the ledger's refusals.
    """
    signatures.check_operator(at=at)
    quantity_t = lines.total(wanted)
    if not reason.strip():
        raise ReasonMissing

    def perform(digest: str) -> Cancellation:
        terminal = opening.boundary(f"cancelled:{kind}")
        people = signatures.people
        values = {
            "reference": reference,
            "body_sha256": digest,
            "kind": kind,
            "source_id": source.pk,
            "quantity_t": quantity_t,
            "reason": reason,
            "document_sha256": document_sha256,
            "at": at,
            **people,
        }
        kept = movement.post_and_tell(
            reference=f"cancellation:{reference}",
            told=draft(
                kind="registry.cancelled",
                fact={
                    "transaction": MOVEMENT,
                    "cancellation": kind,
                    "quantity_t": quantity_t,
                    "reason": reason,
                    "document_sha256": document_sha256,
                    "batches": lines.facts(wanted),
                },
                private={"from": str(source), **people},
                at=at,
                by=people["confirmer_id"],
            ),
            lines=[
                movement.Line(source.ledger_account_id, terminal.pk, one.batch.pk, one.quantity_t, one.serials)
                for one in wanted
            ],
            fact=Cancellation,
            values=values,
            under=[one.lock_id for one in under],
        )
        return Cancellation(id=kept.row, movement_id=kept.movement, entry=kept.entry, **values)

    body = {
        "kind": kind,
        "from": source.pk,
        "wanted": [one.plain() for one in wanted],
        "reason": reason,
        "document_sha256": document_sha256,
        "under": [one.pk for one in under],
    }
    return once(Cancellation, reference=reference, body=body, perform=perform)

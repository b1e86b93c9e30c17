"""Moving units from one account to another (转让): whole tonnes, chosen serials or oldest first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.journal.record import MOVEMENT, draft
from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ledger.acts import movement
from tanhui.registry import queries
from tanhui.registry.acts import lines, setting_aside
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.acts.restriction import named
from tanhui.registry.acts.signing import Signatures, may_give, may_take, once
from tanhui.registry.models import SubAccount, Transfer

ACT = "registry.transfer"
OPEN_FOR = timedelta(days=7)  # how long units stay set aside for the second signature


class ToItself(Refusal):
    code = "registry.transfer_to_itself"
    sentence = gettext_noop("%(account)s cannot transfer to itself. Choose another account as recipient.")
    clause = "ARCHITECTURE.md §6.1"
    status = 422


def transfer(
    *,
    source: SubAccount,
    target: SubAccount,
    wanted: Sequence[Wanted],
    reference: str,
    signatures: Signatures,
    at: datetime,
    reason: str = "",
    set_aside: int | None = None,
    decision: Decision | None = None,
) -> Transfer:
    """Move units with both signatures at hand, once per reference.

    ``set_aside`` names the reservation they lie in; ``decision`` is that of the instruction carried out, kept with the
    transfer. Then the same again is an ``IntegrityError`` or the ledger's refusal, for it is the decision that is once.

    Refuses with ``ToItself``, ``lines.NothingAsked``, ``signing.AccountRestricted``, ``signing.AccountClosed``, the
    signatures' refusals, or the ledger's: not enough held, serials not free, units locked.
    """
    if source.pk == target.pk:
        raise ToItself(account=str(source))
    quantity_t = lines.total(wanted)
    may_give(source.account)
    may_take(target.account)
    signatures.check(source.account.organisation_id, at=at)

    def perform(digest: str) -> Transfer:
        people = signatures.people
        values = {
            "reference": reference,
            "body_sha256": digest,
            "source_id": source.pk,
            "target_id": target.pk,
            "quantity_t": quantity_t,
            "reason": reason,
            "at": at,
            **people,
        }
        kept = movement.post_and_tell(
            reference=f"transfer:{reference}",
            told=draft(
                kind="registry.transferred",
                fact={"transaction": MOVEMENT, "batches": lines.facts(wanted)},
                private={"from": str(source), "to": str(target), "reason": reason, **people},
                at=at,
                by=people["confirmer_id"],
            ),
            lines=[
                movement.Line(
                    source.ledger_account_id, target.ledger_account_id, one.batch.pk, one.quantity_t, one.serials
                )
                for one in wanted
            ],
            fact=Transfer,
            values=values,
            reservation=set_aside,
            decision=decision,
        )
        return Transfer(id=kept.row, movement_id=kept.movement, entry=kept.entry, **values)

    body = {
        "from": source.pk,
        "to": target.pk,
        "wanted": [one.plain() for one in wanted],
        "reason": reason,
        "set_aside": set_aside,
    }
    if decision:  # there can be only one
        return perform(canonical.sha256(body))
    with named(source.account):
        return once(Transfer, reference=reference, body=body, perform=perform, one_statement=True)


def initiate(
    *,
    source: SubAccount,
    target: SubAccount,
    wanted: Sequence[Wanted],
    reference: str,
    mandate: Mandate,
    at: datetime,
    reason: str = "",
) -> Instruction:
    """Ask for a transfer: the units are set aside until another representative confirms, for at most seven days.

    Refuses as ``transfer`` does, and with ``instruction.ReferenceTaken`` for a reference already used otherwise.
    """
    if source.pk == target.pk:
        raise ToItself(account=str(source))
    lines.total(wanted)
    may_give(source.account)
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=source.account.organisation_id, at=at)
    body = {
        "source": source.pk,
        "target": target.pk,
        "wanted": [one.plain() for one in wanted],
        "reason": reason,
    }

    with named(source.account):
        return instructions.initiate(
            act=ACT,
            mandate=mandate,
            reference=reference,
            body=body,
            at=at,
            expires_at=at + OPEN_FOR,
            prepare=lambda asked: setting_aside.hold(asked, source, wanted, at),
        )


def carry_out(asked: Instruction, signatures: Signatures, decision: Decision) -> None:
    """Do what a confirmed instruction asks for, with the very units that were set aside, and keep the decision."""
    source, target = queries.places(asked)
    assert target is not None
    transfer(
        source=source,
        target=target,
        wanted=setting_aside.read(asked),
        reference=f"i{asked.pk.hex}",
        signatures=signatures,
        at=decision.at,
        reason=asked.body["reason"],
        set_aside=setting_aside.held(asked),
        decision=decision,
    )

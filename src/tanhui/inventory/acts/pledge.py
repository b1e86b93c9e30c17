"""Stock sinks as security for a loan (article 14): locked under two signatures of their holder, let go under two of the
creditor."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tanhui.identity.models import Instruction, Mandate, Organisation
from tanhui.inventory import stock
from tanhui.inventory.acts import asking, supply
from tanhui.inventory.acts.product import MEASURE
from tanhui.inventory.models import PledgeRelease, StockPledge
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ledger.acts import lock, refusals, reservation
from tanhui.registry.acts.restriction import RANK
from tanhui.registry.models import Restriction

PLEDGE, RELEASE = "inventory.pledge", "inventory.release"


class NotACreditor(Refusal):
    code = "inventory.not_a_creditor"
    sentence = gettext_noop("%(organisation)s is not registered as a pledgee. Name the bank or lender of the contract.")
    clause = f"{MEASURE}第十四条；《中华人民共和国民法典》第四百四十条"
    status = 422


class ContractUnnamed(Refusal):
    code = "inventory.contract_unnamed"
    sentence = gettext_noop("Name the pledge contract, within 120 characters, and a loan of at least 0.01 yuan if any.")
    clause = f"{MEASURE}第十四条；《中华人民共和国民法典》第四百二十七条"
    status = 422


class NotTheCreditor(Refusal):
    code = "inventory.not_the_creditor"
    sentence = gettext_noop("%(creditor)s holds this pledge and lets it go. Ask %(creditor)s to do so.")
    clause = "《中华人民共和国民法典》第四百四十三条"
    status = 403


class ReleasedAlready(Refusal):
    code = "inventory.released_already"
    sentence = gettext_noop("This pledge was let go already. Nothing more is needed.")
    clause = "ARCHITECTURE.md §6.3"


def pledge(
    *,
    creditor: Organisation,
    document: str,
    loan_fen: int | None,
    tonnes: int,
    mandate: Mandate,
    reference: str,
    at: datetime,
) -> Instruction:
    """Ask to pledge whole tonnes of what the person's organisation holds.

    Refuses with ``NotACreditor``, ``ContractUnnamed``, ``supply.NothingHeld`` or ``choosing.TooFewOffered``.
    """
    if creditor.role != Organisation.Role.PLEDGEE:
        raise NotACreditor(organisation=creditor.name)
    if not document.strip() or len(document.strip()) > 120 or (loan_fen is not None and loan_fen < 1):
        raise ContractUnnamed
    source = supply.held_by(mandate)
    picks, _ = supply.decided(source, tonnes, "", None, at)
    body = {
        "creditor": creditor.pk, "document": document.strip(), "loan_fen": loan_fen,
        "picks": [[one.key, one.tonnes] for one in picks],
    }  # fmt: skip
    return asking.ask(
        act=PLEDGE, mandate=mandate, reference=reference, body=body, at=at,
        prepare=lambda asked: supply.set_aside(asked, source, picks),
    )  # fmt: skip


def carry_out_pledge(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """Lock exactly the units that were set aside."""
    body, account = asked.body, supply.held_by(mandate)
    creditor = Organisation.objects.get(pk=body["creditor"])
    held = asking.set_aside(asked)
    lines = stock.set_aside(asked)
    units = [
        lock.Units(account.ledger_account_id, line.asset_id, serials)
        for line in lines
        if (serials := supply.span(line.serials)) is not None
    ]
    locked = lock.place(
        reference=f"stock-pledge:{asked.pk.hex}", rank=RANK[Restriction.Kind.PLEDGE], units=units, at=at
    )
    if held is not None:
        reservation.void(reservation=held.pk, at=at)
    total = sum(tonnes for _, tonnes in body["picks"])
    signed = asking.signed(asked, mandate, at)
    entry = record(
        kind="inventory.product_pledged",
        fact={"quantity_t": total, "products": [{"product": code, "quantity_t": t} for code, t in body["picks"]]},
        private={
            "holder": account.organisation.uscc, "creditor": creditor.uscc, "document": body["document"],
            "loan_fen": body["loan_fen"], "initiator": asked.initiator_id,
        },
        at=at,
        by=signed["confirmer_id"],
    )  # fmt: skip
    made = StockPledge.objects.create(
        **signed, account=account, creditor=creditor, document=body["document"], loan_fen=body["loan_fen"],
        picks=json.loads(json.dumps(body["picks"])), quantity_t=total, lock_id=locked, entry=entry,
    )  # fmt: skip
    return {"pledge": made.pk}


def release(*, pledge: StockPledge, reason: str, mandate: Mandate, reference: str, at: datetime) -> Instruction:
    """Ask, as the creditor, to let a pledge go. Refuses with ``NotTheCreditor`` or ``ReleasedAlready``."""
    if mandate.membership.organisation_id != pledge.creditor_id:
        raise NotTheCreditor(creditor=pledge.creditor.name)
    if PledgeRelease.objects.filter(pledge=pledge).exists():
        raise ReleasedAlready
    body = {"pledge": pledge.pk, "reason": reason.strip()[:200]}
    return asking.ask(act=RELEASE, mandate=mandate, reference=reference, body=body, at=at)


def carry_out_release(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """Lift the lock, which the ledger does once. Refuses with ``ReleasedAlready`` where somebody was faster."""
    held = StockPledge.objects.get(pk=asked.body["pledge"])
    try:
        lock.lift(lock=held.lock_id, at=at)
    except refusals.AlreadyLifted:
        raise ReleasedAlready from None
    signed = asking.signed(asked, mandate, at)
    entry = record(
        kind="inventory.pledge_released",
        fact={"quantity_t": held.quantity_t},
        private={"pledge": held.pk, "reason": asked.body["reason"], "initiator": asked.initiator_id},
        at=at,
        by=signed["confirmer_id"],
    )
    PledgeRelease.objects.create(**signed, pledge=held, reason=asked.body["reason"], entry=entry)
    return {"pledge": held.pk}

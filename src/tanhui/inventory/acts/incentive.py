"""The register of incentives (article 15): a grant under two signatures, and the day it was paid."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from tanhui.identity.models import Instruction, Mandate
from tanhui.inventory.acts import asking, steps
from tanhui.inventory.models import Incentive, IncentivePayment
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry.acts.retirement import Beneficiary

ACT = "inventory.incentive"
CLAUSE = "《上虞区生态系统存量碳汇核算及使用管理办法》第十五条"


class GrantUnclear(Refusal):
    code = "inventory.grant_unclear"
    sentence = gettext_noop("The grant lacks or misstates: %(what)s. Correct it and send it again.")
    clause = CLAUSE
    status = 422


class TaxIsForEnterprises(Refusal):
    code = "inventory.tax_is_for_enterprises"
    sentence = gettext_noop(
        "Tax benefits are for enterprises and projects; a person gets a subsidy or a reward. Choose one of those."
    )
    clause = CLAUSE
    status = 422


class PaidAlready(Refusal):
    code = "inventory.paid_already"
    sentence = gettext_noop("This grant was paid on %(day)s. Nothing more is needed.")
    clause = CLAUSE


def grant(
    *,
    kind: str,
    recipient: Beneficiary,
    purpose: str,
    amount_fen: int,
    clause: str,
    granted_on: date,
    division_code: str,
    mandate: Mandate,
    reference: str,
    at: datetime,
) -> Instruction:
    """Ask for a grant to stand in the register. A person is masked in ``recipient`` already: nothing else is kept.

    Refuses with ``steps.NotTheAuthority``, ``GrantUnclear`` or ``TaxIsForEnterprises``.
    """
    steps.check_authority(mandate, at=at)
    wrong = [
        name for name, text in (("purpose", purpose), ("basis", clause)) if not text.strip() or len(text.strip()) > 200
    ]
    if kind not in Incentive.Kind.values:
        wrong.append("kind")
    if amount_fen < 1:
        wrong.append("amount")
    if granted_on > clock.day(at):
        wrong.append("day")
    if recipient.kind == Incentive.Recipient.EVENT:
        wrong.append("recipient")
    if wrong:
        raise GrantUnclear(what=", ".join(wrong))
    if kind == Incentive.Kind.TAX and recipient.kind == Incentive.Recipient.PERSON:
        raise TaxIsForEnterprises
    body = {
        "kind": kind, "recipient": asdict(recipient), "purpose": purpose.strip(), "amount_fen": amount_fen,
        "clause": clause.strip(), "granted_on": granted_on.isoformat(), "division_code": division_code[:12],
    }  # fmt: skip
    return asking.ask(act=ACT, mandate=mandate, reference=reference, body=body, at=at)


def carry_out(asked: Instruction, mandate: Mandate, at: datetime) -> Mapping[str, Any]:
    """Enter the grant under the second signature. The log says what and how much; to whom is committed to."""
    body, recipient = asked.body, asked.body["recipient"]
    signed = asking.signed(asked, mandate, at)
    entry = record(
        kind="inventory.incentive_granted",
        fact={
            "type": body["kind"], "amount_fen": body["amount_fen"], "basis": body["clause"],
            "day": body["granted_on"], "beneficiary_kind": recipient["kind"],
        },
        private={"recipient": recipient, "purpose": body["purpose"], "initiator": asked.initiator_id},
        at=at,
        by=signed["confirmer_id"],
    )  # fmt: skip
    made = Incentive.objects.create(
        **signed, organisation=asked.organisation, division_code=body["division_code"], kind=body["kind"],
        recipient_kind=recipient["kind"], recipient_name=recipient["name"], recipient_code=recipient["code"],
        purpose=body["purpose"], amount_fen=body["amount_fen"], clause=body["clause"],
        granted_on=date.fromisoformat(body["granted_on"]), entry=entry,
    )  # fmt: skip
    return {"incentive": made.pk}


def pay(*, incentive: Incentive, paid_on: date, mandate: Mandate, at: datetime) -> IncentivePayment:
    """Note the day a grant was paid; again is the same row. Refuses with ``PaidAlready`` or ``GrantUnclear``."""
    steps.check_authority(mandate, incentive.organisation, at=at)
    if known := IncentivePayment.objects.filter(incentive=incentive).first():
        return same(known, paid_on)
    if not incentive.granted_on <= paid_on <= clock.day(at):
        raise GrantUnclear(what="day")
    try:
        with transaction.atomic():
            entry = record(
                kind="inventory.incentive_paid",
                fact={"granted": incentive.entry, "amount_fen": incentive.amount_fen, "day": paid_on.isoformat()},
                at=at,
                by=mandate.membership.person_id,
            )
            return IncentivePayment.objects.create(
                incentive=incentive, paid_on=paid_on, by=mandate.membership.person, at=at, entry=entry
            )
    except IntegrityError:  # a colleague noted it at the same moment
        return same(IncentivePayment.objects.get(incentive=incentive), paid_on)


def same(known: IncentivePayment, paid_on: date) -> IncentivePayment:
    if known.paid_on != paid_on:
        raise PaidAlready(day=known.paid_on.isoformat())
    return known

"""What the operator owes its merchants (商户结算): the vouchers used in a month, counted once, under two signatures."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.inclusion import numbers, roles
from tanhui.inclusion.acts import scenarios
from tanhui.inclusion.models import Bill, Merchant
from tanhui.inclusion.queries.rewards import next_month, sums
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

ACT = "inclusion.bill_merchant"
HOUSE = "沪环气〔2022〕211号第9条"


class MonthNotOver(Refusal):
    code = "inclusion.month_not_over"
    sentence = gettext_noop("%(month)s is not over yet: vouchers may still be used in it. Bill it from %(first)s on.")
    clause = HOUSE


class BilledAlready(Refusal):
    code = "inclusion.billed_already"
    sentence = gettext_noop("%(merchant)s was billed for %(month)s at %(at)s. A month is billed once.")
    clause = HOUSE


class NothingUsed(Refusal):
    code = "inclusion.nothing_used"
    sentence = gettext_noop("No voucher of %(merchant)s was used in %(month)s. There is nothing to bill.")
    clause = HOUSE


def propose(*, merchant: Merchant, month: date, mandate: Mandate, reference: str, at: datetime) -> Instruction:
    """The first signature under a bill. Refuses with ``MonthNotOver``, ``BilledAlready`` or ``NothingUsed``."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    body = {"merchant": merchant.pk.hex, "month": month.isoformat(), **checked(merchant, month, at)}
    open_for = timedelta(days=numbers.whole("inclusion_publish_open", clock.day(at)))
    return instructions.initiate(
        act=ACT, mandate=mandate, reference=reference, body=body, at=at, expires_at=at + open_for,
        prepare=lambda asked: None,
    )  # fmt: skip


def checked(merchant: Merchant, month: date, at: datetime) -> dict[str, Any]:
    if clock.day(at) < next_month(month):
        raise MonthNotOver(month=f"{month:%Y-%m}", first=next_month(month).isoformat())
    if (earlier := Bill.objects.filter(merchant=merchant, month=month).first()) is not None:
        raise BilledAlready(merchant=merchant.name, month=f"{month:%Y-%m}", at=clock.for_people(earlier.at))
    found = sums(merchant, month)
    if not found["vouchers"]:
        raise NothingUsed(merchant=merchant.name, month=f"{month:%Y-%m}")
    return found


def confirm(*, asked: Instruction, mandate: Mandate, at: datetime) -> Decision:
    """The second signature: the bill stands. Refuses as ``propose`` and as identity does."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at, capacity=Mandate.Capacity.CONFIRM)

    @transaction.atomic
    def carry_out(one: Instruction) -> Mapping[str, Any]:
        merchant = Merchant.objects.select_for_update(of=("self",)).get(pk=one.body["merchant"])
        month = date.fromisoformat(one.body["month"])
        found = checked(merchant, month, at)
        entry = record(
            kind="inclusion.merchant_billed",
            fact={"month": f"{month:%Y-%m}", **found},
            private={"merchant": merchant.pk.hex}, at=at, by=mandate.membership.person_id,
        )  # fmt: skip
        made = Bill.objects.create(
            merchant=merchant, month=month, by_id=one.initiator_id, confirmed_by=mandate.membership.person,
            entry=entry, at=at, **found,
        )  # fmt: skip
        return {"bill": made.pk}

    return instructions.confirm(instruction=asked, mandate=mandate, at=at, carry_out=carry_out)

"""Deciding what a published rule holds back, and deciding once more after an appeal, by somebody else."""

from datetime import datetime

from django.db import transaction

from tanhui.identity.models import Mandate
from tanhui.inclusion import numbers, roles
from tanhui.inclusion.acts import keeping, scenarios
from tanhui.inclusion.models import Ruling, Suspicion
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.kernel.workdays import Deadline
from tanhui.rulepacks import calendar

HOUSE = "docs/algorithms/settlement.md §3"
State = Suspicion.State


class DecidedAlready(Refusal):
    code = "inclusion.decided_already"
    sentence = gettext_noop("This was decided: “%(outcome)s”. It can be decided once more after an appeal only.")
    clause = HOUSE


class SamePerson(Refusal):
    code = "inclusion.appeal_by_the_same_person"
    sentence = gettext_noop("An appeal is decided by somebody who did not decide the first time.")
    clause = HOUSE
    status = 403


class NothingToAppeal(Refusal):
    code = "inclusion.nothing_to_appeal"
    sentence = gettext_noop(
        "An appeal is made once, against a decision that something does not count, within %(days)s working days of it."
    )
    clause = HOUSE


@transaction.atomic
def decide(*, suspicion: Suspicion, outcome: str, reason: str, mandate: Mandate, at: datetime) -> Ruling:
    """Say whether what waits counts; after an appeal a second person says so for good.

    The day is settled anew by its next run. Refuses with ``DecidedAlready``, ``SamePerson``, ``keeping.DayForgotten``
    (to count what is erased), ``scenarios.ReasonMissing`` or ``scenarios.NotYours``.
    """
    scenarios.check_role(mandate, roles.OPERATORS, at=at, capacity=mandate_capacity(mandate))
    if not reason.strip() or len(reason) > scenarios.LONGEST:
        raise scenarios.ReasonMissing
    held = Suspicion.objects.select_for_update(of=("self",)).get(pk=suspicion.pk)
    earlier = held.rulings.order_by("number").last()
    if earlier is not None and (earlier.number == 2 or held.appealed_at is None):
        raise DecidedAlready(outcome=held.get_state_display())
    if earlier is not None and earlier.by_id == mandate.membership.person_id:
        raise SamePerson
    if outcome == State.ALLOWED:
        keeping.check_kept(held.day)
    held.state = State(outcome).value
    held.save(update_fields=["state"])
    number = earlier.number + 1 if earlier else 1
    entry = record(
        kind="inclusion.suspicion_decided",
        fact={"rule": held.rule, "outcome": held.state, "number": number},
        private={"suspicion": str(held.pk), "account": held.account, "reason": reason.strip(),
                 "provider": held.provider_id},
        at=at, by=mandate.membership.person_id,
    )  # fmt: skip
    return Ruling.objects.create(
        suspicion=held, number=number, outcome=held.state, reason=reason.strip(), by=mandate.membership.person,
        organisation=mandate.membership.organisation, entry=entry, at=at,
    )  # fmt: skip


def mandate_capacity(mandate: Mandate) -> Mandate.Capacity:
    """Either signature may decide what waits; two people are asked for by the appeal."""
    both = (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)
    return next((one for one in both if one == mandate.capacity), Mandate.Capacity.INITIATE)


@transaction.atomic
def appeal(*, suspicion: Suspicion, said: str, by: int | None, at: datetime) -> Suspicion:
    """Ask that a decision be looked at again; the door decides who may: the person it is about, or the provider.

    Refuses with ``NothingToAppeal``, ``keeping.DayForgotten`` or ``scenarios.ReasonMissing``.
    """
    if not said.strip() or len(said) > scenarios.LONGEST:
        raise scenarios.ReasonMissing
    held = Suspicion.objects.select_for_update(of=("self",)).get(pk=suspicion.pk)
    keeping.check_kept(held.day)
    first = held.rulings.filter(number=1, outcome=State.REFUSED).first()
    days = numbers.whole("inclusion_appeal_within", clock.day(at))
    if first is None or held.appealed_at is not None or late(first.at, days, at):
        raise NothingToAppeal(days=days)
    held.appealed_at, held.appeal = at, said.strip()
    held.save(update_fields=["appealed_at", "appeal"])
    record(
        kind="inclusion.suspicion_appealed", fact={"rule": held.rule},
        private={"suspicion": str(held.pk), "account": held.account, "said": said.strip()}, at=at, by=by,
    )  # fmt: skip
    return held


def late(since: datetime, days: int, at: datetime) -> bool:
    """Whether so many working days have passed since a moment."""
    return at >= deadline(since, days).end


def deadline(since: datetime, days: int) -> Deadline:
    return calendar.announced().add(clock.day(since), days)

"""Issuing a verified pool (签发): its whole tonnes become units of the owner, signed by two of the registry."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tanhui.identity import roster
from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Decision, Instruction, Mandate
from tanhui.inclusion import numbers, roles
from tanhui.inclusion.acts import pooling, scenarios
from tanhui.inclusion.models import Pool
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects.acts import effects
from tanhui.registry import rules
from tanhui.registry.acts import issuance
from tanhui.registry.acts.signing import Signatures
from tanhui.registry.models import Account, Issuance

ACT = "inclusion.issue_pool"


class OwnerHasNoAccount(Refusal):
    code = "inclusion.pool_owner_without_account"
    sentence = gettext_noop(
        "%(owner)s, who owns the project of this pool, has no account in the registry. Open one; then issue."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第二十二条"


class IssuedAlready(Refusal):
    code = "inclusion.pool_issued"
    sentence = gettext_noop("The units of %(pool)s were issued at %(at)s. A pool is issued once.")
    clause = pooling.RULE


class IssuingAsked(Refusal):
    code = "inclusion.pool_issuing_asked"
    sentence = gettext_noop("%(initiator)s asked to issue this pool already. A second person must sign it.")
    clause = "ARCHITECTURE.md §6.3"


def ask(*, pool: Pool, mandate: Mandate, reference: str, at: datetime) -> Instruction:
    """The first signature of the registry under the units of a verified pool.

    Refuses with ``scenarios.NotYours``, ``pooling.PoolMovedOn``, ``IssuedAlready``, ``IssuingAsked`` or
    ``OwnerHasNoAccount``.
    """
    scenarios.check_role(mandate, roles.REGISTRIES, at=at)
    check(pool)
    if (earlier := waiting(pool, at=at)) is not None and earlier.reference != reference:
        raise IssuingAsked(initiator=earlier.initiator.name)
    open_for = timedelta(days=numbers.whole("inclusion_publish_open", clock.day(at)))
    return instructions.initiate(
        act=ACT, mandate=mandate, reference=reference, body={"pool": pool.pk.hex, "tonnes": pool.tonnes}, at=at,
        expires_at=at + open_for, prepare=lambda asked: None,
    )  # fmt: skip


def confirm(*, pool: Pool, asked: Instruction, mandate: Mandate, at: datetime) -> Decision:
    """The second: the units are the owner's. Refuses as ``ask``, as ``registry.acts.issuance.issue``, as identity."""
    scenarios.check_role(mandate, roles.REGISTRIES, at=at, capacity=Mandate.Capacity.CONFIRM)

    def carry_out(one: Instruction) -> Mapping[str, Any]:
        return {"issuance": issue(pool, Signatures(first_of(one, mandate, at), mandate), at).pk}

    return instructions.confirm(instruction=asked, mandate=mandate, at=at, carry_out=carry_out)


def drop(*, asked: Instruction, reason: str, mandate: Mandate, at: datetime) -> Decision:
    """The first person takes it back, or the second does not sign. Refuses as identity does."""
    own = mandate.membership.person_id == asked.initiator_id
    capacity = Mandate.Capacity.INITIATE if own else Mandate.Capacity.CONFIRM
    scenarios.check_role(mandate, roles.REGISTRIES, at=at, capacity=capacity)
    outcome = Decision.Outcome.WITHDRAWN if own else Decision.Outcome.REJECTED
    return instructions.drop(
        instruction=asked, outcome=outcome, at=at, by=mandate, reason=reason.strip()[:200], undo=lambda one: None
    )


@transaction.atomic
def issue(pool: Pool, signatures: Signatures, at: datetime) -> Issuance:
    held = Pool.objects.select_for_update(of=("self",)).select_related("project__owner", "period").get(pk=pool.pk)
    account, period = check(held), held.period
    assert period is not None  # a verified pool has its period: the database says so
    return issuance.issue(
        period=period, account=account, buffer=effects.buffer_account(signatures),
        lots=[issuance.Lot(held.last_day.year, period.tonnes)], signatures=signatures, at=at,
        window=rules.issuance_window(held.project, clock.day(at)), reference=f"pool-{held.pk.hex}",
    )  # fmt: skip


def check(pool: Pool) -> Account:
    """The account the units go to, if they may be issued at all."""
    if pool.state != Pool.State.VERIFIED:
        raise pooling.PoolMovedOn(state=pool.get_state_display())
    if (done := Issuance.objects.filter(period=pool.period_id).first()) is not None:
        raise IssuedAlready(pool=pool.code, at=clock.for_people(done.at))
    account = Account.objects.filter(organisation=pool.project.owner_id).first()
    if account is None:
        raise OwnerHasNoAccount(owner=pool.project.owner.name)
    return account


def waiting(pool: Pool, *, at: datetime) -> Instruction | None:
    """What awaits the second signature, if anything does."""
    found = Instruction.objects.filter(act=ACT, body__pool=pool.pk.hex, expires_at__gt=at, decision__isnull=True)
    return found.select_related("initiator", "organisation").order_by("at").first()


def first_of(asked: Instruction, second: Mandate, at: datetime) -> Mandate:
    """The mandate under which the first person signed; it must still stand."""
    found = roster.standing(at).filter(
        membership__person=asked.initiator_id, membership__organisation=asked.organisation_id,
        capacity=Mandate.Capacity.INITIATE,
    )  # fmt: skip
    one = found.select_related("membership__organisation", "membership__person").first()
    if one is None:
        raise instructions.WrongMandate(
            needed=Mandate.Capacity.INITIATE, organisation=second.membership.organisation.name
        )
    return one

"""Units that should not have been issued (31号令 art. 43; rules §3.10): suspended, cancelled by the owner or by force,
and the shortfall owed and replaced.

What was already sold to others is not touched: the duty to replace lies with the owner.
"""

from collections.abc import Sequence
from datetime import date, datetime

from tanhui.identity.models import Organisation
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry.acts import cancellation, choice, restriction, retirement
from tanhui.registry.acts.lines import Wanted, total
from tanhui.registry.acts.signing import Signatures, once
from tanhui.registry.models import (
    Account,
    Cancellation,
    Clawback,
    ClawbackStep,
    Project,
    Restriction,
    Retirement,
    SubAccount,
)


class MoreThanOwed(Refusal):
    code = "registry.more_than_owed"
    sentence = gettext_noop(
        "%(asked)s t were offered and only %(owed)s t are still owed. Cancel or replace what is owed."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第四十三条"


class DeadlineNotPast(Refusal):
    code = "registry.deadline_not_past"
    sentence = gettext_noop(
        "The owner has until the end of %(deadline)s to comply. Force is possible only after that day."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第四十三条"


def order(
    *,
    project: Project,
    quantity_t: int,
    deadline_date: date,
    authority: Organisation,
    document: str,
    document_sha256: str,
    reference: str,
    signatures: Signatures,
    at: datetime,
) -> Clawback:
    """Order an owner to cancel as many units as were falsely obtained, and suspend everything the owner holds.

    All units of the owner are locked, whatever project they are of; an owner who holds nothing is ordered all the same.
    """
    signatures.check_operator(at=at)
    if quantity_t <= 0:
        total([])

    def perform(digest: str) -> Clawback:
        account = Account.objects.filter(organisation=project.owner_id).first()
        units = restriction.everything(account) if account else []
        suspended = None
        if account and units:
            suspended = restriction.place(
                kind=Restriction.Kind.SUSPENSION,
                account=account,
                units=units,
                authority=authority,
                document=document,
                document_sha256=document_sha256,
                until_at=None,
                reference=reference,
                signatures=signatures,
                at=at,
            )
        people = signatures.people
        entry = record(
            kind="registry.clawback_ordered",
            fact={
                "project": f"{project.number:06d}",
                "quantity_t": quantity_t,
                "deadline": deadline_date.isoformat(),
                "authority": authority.name,
            },
            private={"document": document, "document_sha256": document_sha256, **people},
            at=at,
            by=people["confirmer_id"],
        )
        return Clawback.objects.create(
            reference=reference,
            body_sha256=digest,
            project=project,
            authority=authority,
            document=document,
            quantity_t=quantity_t,
            deadline_date=deadline_date,
            restriction=suspended,
            at=at,
            entry=entry,
            **people,
        )

    body = {
        "project": project.pk,
        "quantity_t": quantity_t,
        "deadline": deadline_date.isoformat(),
        "authority": authority.uscc,
        "document": document_sha256,
    }
    return once(Clawback, reference=reference, body=body, perform=perform)


def owed_t(clawback: Clawback) -> int:
    """What is still to be cancelled or replaced: the shortfall."""
    done: int = sum(clawback.steps.values_list("quantity_t", flat=True))
    return clawback.quantity_t - done


def holds(clawback: Clawback) -> list[Restriction]:
    """What holds the owner's units back under this order or another one: of two orders neither stands in the way of
    the other, for all that is held is there to be cancelled."""
    rows = Restriction.objects.filter(account__organisation=clawback.project.owner_id, clawback__isnull=False)
    return list(rows.filter(lifting__isnull=True).order_by("pk"))


def comply(
    *,
    clawback: Clawback,
    source: SubAccount,
    wanted: Sequence[Wanted],
    reference: str,
    signatures: Signatures,
    at: datetime,
) -> ClawbackStep:
    """Cancel the owner's units as ordered, out of the suspension. Refuses with ``MoreThanOwed``."""
    return take(clawback, ClawbackStep.Kind.COMPLIED, source, wanted, reference, signatures, at)


def enforce(*, clawback: Clawback, reference: str, signatures: Signatures, at: datetime) -> list[ClawbackStep]:
    """Cancel by force what the owner still holds, once the deadline has passed; the rest stays owed.

    Refuses with ``DeadlineNotPast``.
    """
    if clock.day(at) <= clawback.deadline_date:
        raise DeadlineNotPast(deadline=clawback.deadline_date.isoformat())
    steps = []
    account = Account.objects.filter(organisation=clawback.project.owner_id).first()
    places = account.sub_accounts.order_by("pk") if account else []
    locks = [one.lock_id for one in holds(clawback)]
    for place in places:
        if found := choice.oldest(place, owed_t(clawback), locks=locks):
            steps.append(
                take(clawback, ClawbackStep.Kind.FORCED, place, found, f"{reference}-{place.purpose}", signatures, at)
            )
    return steps


def take(
    clawback: Clawback,
    kind: str,
    source: SubAccount,
    wanted: Sequence[Wanted],
    reference: str,
    signatures: Signatures,
    at: datetime,
) -> ClawbackStep:
    def perform(digest: str) -> ClawbackStep:
        quantity_t = within(clawback, total(wanted))
        cancelled = cancellation.cancel(
            kind=Cancellation.Kind.COMPLIED if kind == ClawbackStep.Kind.COMPLIED else Cancellation.Kind.FORCED,
            source=source,
            wanted=wanted,
            reason=clawback.document,
            reference=reference,
            signatures=signatures,
            at=at,
            under=holds(clawback),
        )
        return step(clawback, kind, quantity_t, reference, digest, signatures, at, cancellation=cancelled)

    body = {"clawback": clawback.pk, "kind": kind, "from": source.pk, "wanted": [one.plain() for one in wanted]}
    return once(ClawbackStep, reference=reference, body=body, perform=perform)


def replace(
    *,
    clawback: Clawback,
    source: SubAccount,
    wanted: Sequence[Wanted],
    reference: str,
    signatures: Signatures,
    at: datetime,
) -> ClawbackStep:
    """Make good with other units: they are retired as replacement, whoever's they are, on their holder's signatures.

    Refuses with ``MoreThanOwed`` or as ``retirement.retire`` does.
    """
    owner = clawback.project.owner

    def perform(digest: str) -> ClawbackStep:
        quantity_t = within(clawback, total(wanted))
        retired = retirement.retire(
            source=source,
            wanted=wanted,
            purpose=Retirement.Purpose.REPLACEMENT,
            beneficiary=retirement.Beneficiary(Retirement.Beneficiary.ORGANISATION, owner.name, owner.uscc),
            reference=reference,
            signatures=signatures,
            at=at,
            statement=clawback.document,
        )
        return step(
            clawback, ClawbackStep.Kind.REPLACED, quantity_t, reference, digest, signatures, at, retirement=retired
        )

    body = {"clawback": clawback.pk, "from": source.pk, "wanted": [one.plain() for one in wanted]}
    return once(ClawbackStep, reference=reference, body=body, perform=perform)


def within(clawback: Clawback, quantity_t: int) -> int:
    """The quantity, unless it is more than is owed; the project's row is locked so that steps come one by one."""
    Project.objects.select_for_update().get(pk=clawback.project_id)
    if quantity_t > (owed := owed_t(clawback)):
        raise MoreThanOwed(asked=quantity_t, owed=owed)
    return quantity_t


def step(
    clawback: Clawback,
    kind: str,
    quantity_t: int,
    reference: str,
    digest: str,
    signatures: Signatures,
    at: datetime,
    cancellation: Cancellation | None = None,
    retirement: Retirement | None = None,
) -> ClawbackStep:
    people = signatures.people
    entry = record(
        kind="registry.clawback_step",
        fact={
            "project": f"{clawback.project.number:06d}",
            "step": kind,
            "quantity_t": quantity_t,
            "owed_t": owed_t(clawback) - quantity_t,
        },
        at=at,
        by=people["confirmer_id"],
    )
    return ClawbackStep.objects.create(
        reference=reference,
        body_sha256=digest,
        clawback=clawback,
        kind=kind,
        quantity_t=quantity_t,
        cancellation=cancellation,
        retirement=retirement,
        at=at,
        entry=entry,
        **people,
    )

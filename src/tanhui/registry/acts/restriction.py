"""Locks with an authority behind them (U-08): judicial freeze, suspension, pledge, pending offset.

Ranks follow rules §3.6 U-08: a judicial freeze stands above a suspension, that above a pledge, that above a pending
offset; an order or a waiting instruction is a reservation and stands below them all.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from tanhui.identity.models import Organisation
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.kernel.serials import Range
from tanhui.ledger.acts import lock, refusals
from tanhui.ledger.models import Block
from tanhui.registry.acts.signing import Signatures, once
from tanhui.registry.models import Account, Lifting, Restriction, SubAccount

RANK = {
    Restriction.Kind.JUDICIAL: 1,
    Restriction.Kind.SUSPENSION: 2,
    Restriction.Kind.PLEDGE: 3,
    Restriction.Kind.OFFSET: 4,
}


class UnitsRestricted(Refusal):
    code = "registry.units_restricted"
    sentence = gettext_noop(
        "These units of %(account)s are under %(kind)s by %(authority)s (%(document)s, since %(since)s) and cannot be "
        "moved: %(locked)s. Have %(authority)s lift it, or choose other units."
    )
    clause = "《中华人民共和国民法典》第四百四十三条；最高人民法院关于冻结财产的规定（rules U-08）"


class WrongAuthority(Refusal):
    code = "registry.wrong_authority"
    sentence = gettext_noop(
        "%(kind)s %(document)s was placed by %(authority)s; only it may lift the restriction. Ask it to do so."
    )
    clause = "rules U-08: only the highest restriction may be lifted, by its own authority"
    status = 403


class NothingToRestrict(Refusal):
    code = "registry.nothing_to_restrict"
    sentence = gettext_noop("Account %(account)s holds no units to restrict. Check the account number.")
    clause = "rules U-08"


@contextmanager
def named(account: Account) -> Iterator[None]:
    """Say which restriction stands in the way when the ledger finds units locked."""
    try:
        yield
    except refusals.SerialsLocked as refusal:
        first, last = refusal.facts["first"], refusal.facts["last"]
        blocks = Block.objects.filter(serials__overlap=(first, last + 1)).exclude(locks=[])
        if top := highest({lock for block in blocks for lock in block.locks}):
            raise UnitsRestricted(**told(account, top), locked=refusal.facts["locked"]) from refusal
        raise
    except refusals.NotEnoughHeld as refusal:
        if refusal.facts["asked"] <= refusal.facts["held"]:
            places = [one.ledger_account_id for one in account.sub_accounts.all()]
            blocks = Block.objects.filter(account__in=places, asset__code=refusal.facts["asset"], free=False).exclude(
                locks=[]
            )
            if top := highest({lock for block in blocks[:1000] for lock in block.locks}):
                locked = refusal.facts["held"] - refusal.facts["available"]
                raise UnitsRestricted(**told(account, top), locked=f"{locked} t") from refusal
        raise


def highest(locks: set[int]) -> Restriction | None:
    """The restriction that ranks above the others among these locks."""
    return Restriction.objects.filter(lock__in=locks).select_related("authority", "lock").order_by("lock__rank").first()


def told(account: Account, top: Restriction) -> dict[str, str]:
    return {
        "account": account.code,
        "kind": top.kind,
        "authority": top.authority.name,
        "document": top.document,
        "since": clock.for_people(top.at),
    }


def place(
    *,
    kind: str,
    account: Account,
    units: Sequence[tuple[SubAccount, int, Range]],
    authority: Organisation,
    document: str,
    document_sha256: str,
    until_at: datetime | None,
    reference: str,
    signatures: Signatures,
    at: datetime,
) -> Restriction:
    """Restrict units: ``(sub-account, batch id, serials)`` each. They stay where they are and cannot be moved.

    Signed by the registry operator on the authority's document (a pledge: on both parties' application).
    """
    signatures.check_operator(at=at)
    if not units:
        raise NothingToRestrict(account=account.code)
    if any(place.account_id != account.pk for place, _, _ in units):
        raise ValueError(f"a restriction of {account.code} is on its own units")
    quantity_t = sum(serials.count for _, _, serials in units)

    def perform(digest: str) -> Restriction:
        locked = lock.place(
            reference=f"restriction:{reference}",
            rank=RANK[Restriction.Kind(kind)],
            units=[lock.Units(place.ledger_account_id, batch, serials) for place, batch, serials in units],
            at=at,
        )
        people = signatures.people
        entry = record(
            kind="registry.restricted",
            fact={"restriction": kind, "quantity_t": quantity_t},
            private={
                "account": account.code,
                "authority": authority.name,
                "document": document,
                "document_sha256": document_sha256,
                "serials": [[s.first, s.last] for _, _, s in units],
                **people,
            },
            at=at,
            by=people["confirmer_id"],
        )
        return Restriction.objects.create(
            reference=reference,
            body_sha256=digest,
            kind=kind,
            account=account,
            authority=authority,
            document=document,
            document_sha256=document_sha256,
            quantity_t=quantity_t,
            lock_id=locked,
            until_at=until_at,
            at=at,
            entry=entry,
            **people,
        )

    body = {
        "kind": kind,
        "account": account.code,
        "authority": authority.uscc,
        "document": document_sha256,
        "units": [[place.pk, batch, serials.first, serials.last] for place, batch, serials in units],
    }
    return once(Restriction, reference=reference, body=body, perform=perform)


def everything(account: Account) -> list[tuple[SubAccount, int, Range]]:
    """All units an account holds now, block by block, as ``place`` takes them."""
    found = []
    for where in account.sub_accounts.all():
        for block in Block.objects.filter(account_id=where.ledger_account_id).order_by("first"):
            found.append((where, block.asset_id, Range(block.serials.lower, block.serials.upper - 1)))
    return found


def lift(
    *,
    restriction: Restriction,
    authority: Organisation,
    reason: str,
    reference: str,
    signatures: Signatures,
    at: datetime,
) -> Lifting:
    """Lift a restriction on its own authority's word; a lower one waits while a higher stands.

    Refuses with ``WrongAuthority``, ``ledger.HigherLockStands`` or ``ledger.AlreadyLifted``.
    """
    signatures.check_operator(at=at)
    if authority.pk != restriction.authority_id:
        raise WrongAuthority(kind=restriction.kind, document=restriction.document, authority=restriction.authority.name)

    def perform(digest: str) -> Lifting:
        lock.lift(lock=restriction.lock_id, at=at)
        people = signatures.people
        entry = record(
            kind="registry.restriction_lifted",
            fact={"restriction": restriction.kind, "quantity_t": restriction.quantity_t},
            private={"document": restriction.document, "reason": reason, **people},
            at=at,
            by=people["confirmer_id"],
        )
        return Lifting.objects.create(
            reference=reference,
            body_sha256=digest,
            restriction=restriction,
            reason=reason,
            at=at,
            entry=entry,
            **people,
        )

    body = {"restriction": restriction.pk, "reason": reason}
    return once(Lifting, reference=reference, body=body, perform=perform)


@transaction.atomic
def release_run_out(*, at: datetime, signatures: Signatures) -> int:
    """Lift the restrictions whose term has ended (a freeze not renewed lapses, K-04); returns how many."""
    ended = Restriction.objects.filter(until_at__lte=at, lifting__isnull=True).select_related("authority")
    count = 0
    for one in ended.order_by("lock__rank", "pk"):
        try:
            lift(
                restriction=one,
                authority=one.authority,
                reason="term ended",
                reference=f"lapse-{one.pk}",
                signatures=signatures,
                at=at,
            )
        except refusals.HigherLockStands:
            continue  # it waits for the higher one, and the others do not wait for it
        count += 1
    return count

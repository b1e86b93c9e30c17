"""Merchants: entered under an agreement, suspended, ended; what they offer they ask for, and the operator opens it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Mandate, Organisation
from tanhui.inclusion import roles
from tanhui.inclusion.acts import scenarios
from tanhui.inclusion.models import Merchant, Offer
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

HOUSE = "沪环气〔2022〕211号第9条"
DEAREST = 10_000_000  # points, or fen, of one voucher
MOST = 100_000_000  # pieces of one offer
LONGEST = 366  # days a voucher may hold


class MerchantTaken(Refusal):
    code = "inclusion.merchant_taken"
    sentence = gettext_noop("%(organisation)s is a merchant already. Look at it in the list of merchants.")
    clause = HOUSE


class MerchantUnreadable(Refusal):
    code = "inclusion.merchant_unreadable"
    sentence = gettext_noop(
        "A merchant has a name, an agreement with a number and a later last day, and is not the operator itself. "
        "Correct: %(field)s."
    )
    clause = HOUSE
    status = 422


class MerchantNotOpen(Refusal):
    code = "inclusion.merchant_not_open"
    sentence = gettext_noop(
        "%(merchant)s is “%(state)s”, or its agreement does not cover %(day)s. Nothing can be offered or taken there."
    )
    clause = HOUSE


class MerchantMovedOn(Refusal):
    code = "inclusion.merchant_moved_on"
    sentence = gettext_noop("The merchant is now “%(state)s”, and this cannot be done from there. Look at it again.")
    clause = HOUSE


class OfferUnreadable(Refusal):
    code = "inclusion.offer_unreadable"
    sentence = gettext_noop(
        "An offer has a title, a price in points, a last day after its first and within the agreement, and says how "
        "many days a voucher holds. Correct: %(field)s."
    )
    clause = HOUSE
    status = 422


class OfferMovedOn(Refusal):
    code = "inclusion.offer_moved_on"
    sentence = gettext_noop("The offer is now “%(state)s”, and this cannot be done from there. Look at it again.")
    clause = HOUSE


class StockBelowTaken(Refusal):
    code = "inclusion.stock_below_taken"
    sentence = gettext_noop("%(taken)s are taken already: there cannot be fewer than that.")
    clause = HOUSE


@dataclass(frozen=True, slots=True)
class Terms:
    """The agreement with a merchant: the name people know it by, its number, its first and last day."""

    name: str
    agreement: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Wares:
    """What is offered. ``stock`` none: as many as are asked for; ``each`` 0: no limit for one person; ``from_g``: what
    a person must have saved in all, in grams; ``worth_fen``: what the operator owes for one voucher used."""

    kind: str
    title: str
    points: int
    since: date
    until: date
    valid_days: int
    detail: str = ""
    worth_fen: int = 0
    stock: int | None = None
    each: int = 0
    from_g: int = 0


@transaction.atomic
def enter(*, terms: Terms, organisation: Organisation, mandate: Mandate, at: datetime) -> Merchant:
    """Enter a merchant under its agreement.

    Refuses with ``scenarios.NotYours``, ``MerchantUnreadable`` or ``MerchantTaken``.
    """
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    operator = mandate.membership.organisation
    wrong = (
        "organisation" if organisation.pk == operator.pk
        else "name" if not terms.name.strip() or len(terms.name) > 40
        else "agreement" if not terms.agreement.strip() or len(terms.agreement) > 60
        else "until" if terms.until <= terms.since
        else ""
    )  # fmt: skip
    if wrong:
        raise MerchantUnreadable(field=wrong)
    entry = tell("inclusion.merchant_entered", organisation, Merchant.State.OPEN, mandate, at)
    try:
        with transaction.atomic():
            return Merchant.objects.create(
                organisation=organisation, operator=operator, name=terms.name.strip(),
                agreement=terms.agreement.strip(), since=terms.since, until=terms.until,
                opened_by=mandate.membership.person, opened_at=at, changed_at=at, entry=entry,
            )  # fmt: skip
    except IntegrityError:
        raise MerchantTaken(organisation=organisation.name) from None


@transaction.atomic
def turn(*, merchant: Merchant, state: str, mandate: Mandate, at: datetime, reason: str) -> Merchant:
    """Suspend a merchant, let it go on, or end it. Vouchers people hold there can still be given back.

    Refuses with ``MerchantMovedOn``, ``scenarios.ReasonMissing`` or ``scenarios.NotYours``.
    """
    scenarios.check_role(mandate, roles.OPERATORS, at=at)
    held = Merchant.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=merchant.pk)
    from_ = {Merchant.State.SUSPENDED: ["OPEN"], Merchant.State.OPEN: ["SUSPENDED"]}
    if held.state not in from_.get(Merchant.State(state), ["OPEN", "SUSPENDED"]):
        raise MerchantMovedOn(state=held.get_state_display())
    if not reason.strip() or len(reason) > scenarios.LONGEST:
        raise scenarios.ReasonMissing
    held.state, held.changed_at = state, at
    held.save(update_fields=["state", "changed_at"])
    tell("inclusion.merchant_turned", held.organisation, state, mandate, at, reason.strip())
    return held


def tell(kind: str, organisation: Organisation, state: str, mandate: Mandate, at: datetime, reason: str = "") -> int:
    return record(
        kind=kind, fact={"merchant": organisation.uscc, "state": str(state)},
        private={"organisation": organisation.uscc, "reason": reason}, at=at, by=mandate.membership.person_id,
    )  # fmt: skip


# -- offers ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(*, wares: Wares, merchant: Merchant, mandate: Mandate, at: datetime) -> Offer:
    """The merchant asks for an offer, which the operator opens.

    Refuses with ``OfferUnreadable``, ``MerchantNotOpen`` or as the mandate is judged.
    """
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=merchant.organisation_id, at=at)
    check_open(merchant, clock.day(at))
    if wrong := faulty(wares, merchant):
        raise OfferUnreadable(field=wrong)
    return Offer.objects.create(
        merchant=merchant, kind=wares.kind, title=wares.title.strip(), detail=wares.detail.strip(),
        points=wares.points, worth_fen=wares.worth_fen, stock=wares.stock, each=wares.each, from_g=wares.from_g,
        since=wares.since, until=wares.until, valid_days=wares.valid_days, asked_by=mandate.membership.person, at=at,
    )  # fmt: skip


def faulty(wares: Wares, merchant: Merchant) -> str:
    """The name of the first field that cannot stand, or nothing."""
    return (
        "kind" if wares.kind not in Offer.Kind.values
        else "title" if not wares.title.strip() or len(wares.title) > 60
        else "detail" if len(wares.detail) > 500
        else "points" if not 0 < wares.points <= DEAREST
        else "worth_fen" if not 0 <= wares.worth_fen <= DEAREST
        else "stock" if wares.stock is not None and not 0 < wares.stock <= MOST
        else "each" if not 0 <= wares.each <= 1_000
        else "from_g" if not 0 <= wares.from_g <= 10**12
        else "valid_days" if not 0 < wares.valid_days <= LONGEST
        else "until" if not merchant.since <= wares.since < wares.until <= merchant.until
        else ""
    )  # fmt: skip


@transaction.atomic
def open_(*, offer: Offer, mandate: Mandate, at: datetime) -> Offer:
    """The operator puts it on offer. Refuses with ``OfferMovedOn``, ``MerchantNotOpen``, ``scenarios.NotYours``."""
    scenarios.check_role(mandate, roles.OPERATORS, at=at, capacity=Mandate.Capacity.CONFIRM)
    held = locked(offer)
    if held.state != Offer.State.ASKED:
        raise OfferMovedOn(state=held.get_state_display())
    check_open(held.merchant, clock.day(at))
    held.state, held.opened_by = Offer.State.OPEN, mandate.membership.person
    held.save(update_fields=["state", "opened_by"])
    tell_offer("inclusion.offer_opened", held, mandate, at)
    return held


@transaction.atomic
def close(*, offer: Offer, mandate: Mandate, at: datetime) -> Offer:
    """Merchant or operator take it off; vouchers already taken stay good. Refuses with ``OfferMovedOn``."""
    held = locked(offer)
    body = mandate.membership.organisation_id
    if body not in (held.merchant.organisation_id, held.merchant.operator_id):
        raise scenarios.NotYours(needed=held.merchant.name, organisation=mandate.membership.organisation.name)
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=body, at=at)
    if held.state == Offer.State.CLOSED:
        raise OfferMovedOn(state=held.get_state_display())
    held.state = Offer.State.CLOSED
    held.save(update_fields=["state"])
    tell_offer("inclusion.offer_closed", held, mandate, at)
    return held


@transaction.atomic
def restock(*, offer: Offer, stock: int, mandate: Mandate, at: datetime) -> Offer:
    """The merchant says how many there are in all. Refuses with ``StockBelowTaken`` or ``OfferUnreadable``."""
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=offer.merchant.organisation_id, at=at)
    if not 0 < stock <= MOST:
        raise OfferUnreadable(field="stock")
    held = locked(offer)
    if stock < held.taken:
        raise StockBelowTaken(taken=held.taken)
    held.stock = stock
    held.save(update_fields=["stock"])
    tell_offer("inclusion.offer_restocked", held, mandate, at)
    return held


def check_open(merchant: Merchant, on: date) -> None:
    """Refuse with ``MerchantNotOpen`` unless something can be offered or taken there that day."""
    if merchant.state != Merchant.State.OPEN or not merchant.since <= on <= merchant.until:
        raise MerchantNotOpen(merchant=merchant.name, state=merchant.get_state_display(), day=on.isoformat())


def locked(offer: Offer) -> Offer:
    return Offer.objects.select_for_update(of=("self",)).select_related("merchant").get(pk=offer.pk)


def tell_offer(kind: str, offer: Offer, mandate: Mandate, at: datetime) -> None:
    record(
        kind=kind,
        fact={
            "offer": offer.pk.hex, "title": offer.title, "points": offer.points, "state": str(offer.state),
            "stock": offer.stock,
        },
        private={"merchant": offer.merchant_id.hex}, at=at, by=mandate.membership.person_id,
    )  # fmt: skip

"""Points for something (兑换): a voucher taken, used once at the merchant, or given back while it is not used."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, Sum

from tanhui.identity.acts import instruction as instructions
from tanhui.identity.models import Mandate
from tanhui.inclusion import vouchers
from tanhui.inclusion.acts import merchants, points
from tanhui.inclusion.models import Account, Entry, Merchant, Month, Offer, Voucher
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop

HOUSE = "沪环气〔2022〕211号第9条"
State = Voucher.State


class OfferNotOpen(Refusal):
    code = "inclusion.offer_not_open"
    sentence = gettext_noop("“%(offer)s” is not on offer on %(day)s. Look at what else there is.")
    clause = HOUSE


class SoldOut(Refusal):
    code = "inclusion.sold_out"
    sentence = gettext_noop("“%(offer)s” is gone: all %(stock)s were taken. Your points are untouched.")
    clause = HOUSE


class EnoughForOne(Refusal):
    code = "inclusion.enough_for_one"
    sentence = gettext_noop("One person may take “%(offer)s” %(each)s times, and you have. Leave some to others.")
    clause = HOUSE


class SavedTooLittle(Refusal):
    code = "inclusion.saved_too_little"
    sentence = gettext_noop("“%(offer)s” is for those who have saved %(needed)s g in all; you have saved %(saved)s g.")
    clause = HOUSE


class VoucherNotHere(Refusal):
    code = "inclusion.voucher_not_here"
    sentence = gettext_noop(
        "There is no voucher %(voucher)s of this shop. Compare it letter by letter; one of another shop is used there."
    )
    clause = HOUSE
    status = 404


class VoucherGone(Refusal):
    code = "inclusion.voucher_gone"
    sentence = gettext_noop("This voucher is “%(state)s” since %(since)s. It cannot be used or given back again.")
    clause = HOUSE


class VoucherOver(Refusal):
    code = "inclusion.voucher_over"
    sentence = gettext_noop("This voucher held until %(last)s. Its holder can no longer use it.")
    clause = HOUSE


def take(*, account: Account, offer: Offer, reference: str, at: datetime) -> Voucher:
    """Take an offer for its points: points and stock move together, or neither does.

    Asked twice under one reference it is taken once. Refuses with ``OfferNotOpen``, ``merchants.MerchantNotOpen``,
    ``EnoughForOne``, ``SavedTooLittle``, ``SoldOut`` or as ``points.take``.
    """
    instructions.check_reference(reference)
    today = clock.day(at)
    offer = Offer.objects.select_related("merchant").get(pk=offer.pk)
    name = f"voucher:{offer.pk.hex[:8]}:{account.pk}:{reference}"
    with transaction.atomic():
        paid = points.take(
            account=account, kind=Entry.Kind.REDEEMED, points=offer.points, reference=name, at=at,
            facts={"offer": offer.pk.hex, "title": offer.title},
        )  # fmt: skip
        if (earlier := Voucher.objects.filter(paid=paid.entry).first()) is not None:
            return earlier
        check(account, offer, today)  # the account is held: one person takes one thing at a time
        made = Voucher.objects.create(
            code=vouchers.new_code(), account=account, offer=offer, merchant=offer.merchant, title=offer.title,
            points=offer.points, worth_fen=offer.worth_fen, paid_id=paid.entry,
            last_day=today + timedelta(days=offer.valid_days), at=at,
        )  # fmt: skip
        count(offer, today)  # last: a popular offer is held for a moment only
        return made


def check(account: Account, offer: Offer, today: date) -> None:
    """What does not depend on how many there are left."""
    if offer.state != Offer.State.OPEN or not offer.since <= today <= offer.until:
        raise OfferNotOpen(offer=offer.title, day=today.isoformat())
    merchants.check_open(offer.merchant, today)
    if offer.each and kept(account, offer) >= offer.each:
        raise EnoughForOne(offer=offer.title, each=offer.each)
    if offer.from_g:
        saved = Month.objects.filter(account=account).aggregate(all=Sum("grams"))["all"] or 0
        if saved < offer.from_g:
            raise SavedTooLittle(offer=offer.title, needed=offer.from_g, saved=saved)


def kept(account: Account, offer: Offer) -> int:
    return Voucher.objects.filter(account=account, offer=offer).exclude(state=State.RETURNED).count()


def count(offer: Offer, today: date) -> None:
    """One less to be had. Refuses with ``SoldOut`` where none is left, ``OfferNotOpen`` where it was just taken off."""
    some = Q(stock__isnull=True) | Q(taken__lt=F("stock"))
    if Offer.objects.filter(some, pk=offer.pk, state=Offer.State.OPEN).update(taken=F("taken") + 1):
        return
    now = Offer.objects.get(pk=offer.pk)
    if now.state != Offer.State.OPEN:
        raise OfferNotOpen(offer=now.title, day=today.isoformat())
    raise SoldOut(offer=now.title, stock=now.stock)


@transaction.atomic
def use(*, code: str, merchant: Merchant, mandate: Mandate, at: datetime) -> Voucher:
    """The merchant hands over what was taken: the voucher is used, once for ever.

    Refuses with ``VoucherNotHere``, ``VoucherGone``, ``VoucherOver`` or as the mandate is judged.
    """
    instructions.check_mandate(mandate, Mandate.Capacity.INITIATE, organisation=merchant.organisation_id, at=at)
    held = Voucher.objects.select_for_update().filter(code=code, merchant=merchant).first()
    if held is None:
        raise VoucherNotHere(voucher=vouchers.in_groups(code))
    check_good(held, at)
    held.state, held.used_at, held.used_by = State.USED, at, mandate.membership.person
    held.save(update_fields=["state", "used_at", "used_by"])
    return held


@transaction.atomic
def give_back(*, voucher: Voucher, at: datetime) -> Voucher:
    """Its holder gives an unused voucher back: the points return to the purses they came from, the stock too.

    Refuses with ``VoucherGone``, or ``VoucherOver`` after its last day.
    """
    held = Voucher.objects.select_for_update().get(pk=voucher.pk)
    check_good(held, at)
    held.returned_id = points.give_back(entry=held.paid_id, reference=f"return:{held.pk.hex}", at=at).entry
    held.state = State.RETURNED
    held.save(update_fields=["state", "returned"])
    Offer.objects.filter(pk=held.offer_id).update(taken=F("taken") - 1)
    return held


def lapse(*, at: datetime, most: int = 1_000) -> int:
    """Vouchers whose last day is over lapse, some at a time: how many did. The stock is free again, the points not."""
    with transaction.atomic():
        gone = Voucher.objects.filter(state=State.HELD, last_day__lt=clock.day(at)).order_by("last_day", "pk")
        over = list(gone.select_for_update(skip_locked=True)[:most])
        for one in over:
            Offer.objects.filter(pk=one.offer_id).update(taken=F("taken") - 1)
        return Voucher.objects.filter(pk__in=[one.pk for one in over]).update(state=State.LAPSED)


def check_good(voucher: Voucher, at: datetime) -> None:
    if voucher.state != State.HELD:
        since = voucher.used_at or (voucher.returned.at if voucher.returned else None)
        said = clock.for_people(since) if since else voucher.last_day.isoformat()
        raise VoucherGone(state=voucher.get_state_display(), since=said)
    if clock.day(at) > voucher.last_day:  # whether or not it lapsed already: that is done by the hour
        raise VoucherOver(last=voucher.last_day.isoformat())

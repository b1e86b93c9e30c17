"""Points taken to another company's platform and back (商业积分互通), each of its references good once.

A platform's program asks with the person's own authorisation; what it credits on its side is its business. Ours is
that a point is spent once: the reference is unique by the database, and what went out comes back once, as a whole.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from tanhui.identity.acts import instruction as instructions
from tanhui.inclusion.acts import points
from tanhui.inclusion.models import Account, Entry, Exchange
from tanhui.kernel.refusal import Refusal, gettext_noop

HOUSE = "沪环气〔2022〕211号第3条"


class ExchangeUnknown(Refusal):
    code = "inclusion.exchange_unknown"
    sentence = gettext_noop("The platform took no points under the reference %(reference)s. Compare the reference.")
    clause = HOUSE
    status = 404


class ExchangeTaken(Refusal):
    code = "inclusion.exchange_taken"
    sentence = gettext_noop(
        "The platform used the reference %(reference)s for another exchange. Each exchange has its own."
    )
    clause = HOUSE


def out(*, account: Account, platform: str, count: int, reference: str, at: datetime) -> Exchange:
    """Take points to a platform, once under its reference. Refuses with ``ExchangeTaken`` or as ``points.take``."""
    instructions.check_reference(reference)
    if (earlier := known(platform, reference, Exchange.Way.OUT)) is not None:
        return same(earlier, account, count, reference)
    try:
        with transaction.atomic():
            taken = points.take(
                account=account, kind=Entry.Kind.REDEEMED, points=count, reference=f"{platform}:{reference}", at=at,
                facts={"platform": platform},
            )  # fmt: skip
            return Exchange.objects.create(
                platform=platform, reference=reference, way=Exchange.Way.OUT, account=account, points=count,
                entry_id=taken.entry, at=at,
            )  # fmt: skip
    except IntegrityError:
        if (earlier := known(platform, reference, Exchange.Way.OUT)) is None:
            raise
        return same(earlier, account, count, reference)


@transaction.atomic
def back(*, platform: str, of: str, reference: str, at: datetime) -> Exchange:
    """A platform returns what it took under ``of``, once and as a whole.

    Refuses with ``ExchangeUnknown``, ``ExchangeTaken``, ``points.GivenBackAlready``, or ``points.AccountNotActive``
    where the account was closed meanwhile and its points given up.
    """
    instructions.check_reference(reference)
    went = Exchange.objects.select_for_update().filter(platform=platform, reference=of, way=Exchange.Way.OUT).first()
    if went is None:
        raise ExchangeUnknown(reference=of[:64])
    if (earlier := known(platform, reference, Exchange.Way.BACK)) is not None:
        if earlier.of_id != went.pk:
            raise ExchangeTaken(reference=reference)
        return earlier
    if Exchange.objects.filter(of=went).exists():
        raise points.GivenBackAlready
    if Account.objects.select_for_update().get(pk=went.account_id).state == Account.State.CLOSED:
        raise points.AccountNotActive
    given = points.give_back(
        entry=went.entry_id, reference=f"{platform}:back:{of}", at=at, facts={"platform": platform}
    )
    return Exchange.objects.create(
        platform=platform, reference=reference, way=Exchange.Way.BACK, account_id=went.account_id, points=went.points,
        of=went, entry_id=given.entry, at=at,
    )  # fmt: skip


def known(platform: str, reference: str, way: str) -> Exchange | None:
    found = Exchange.objects.filter(platform=platform, reference=reference).first()
    if found is not None and found.way != way:
        raise ExchangeTaken(reference=reference)
    return found


def same(earlier: Exchange, account: Account, count: int, reference: str) -> Exchange:
    if (earlier.account_id, earlier.points) != (account.pk, count):
        raise ExchangeTaken(reference=reference)
    return earlier

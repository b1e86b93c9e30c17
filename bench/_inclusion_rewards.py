"""Points for something, by 8 processes at once: from one offer that everybody wants over from fifty, and how many more
vouchers a sold-out offer gave than it had."""

import datetime as dt
import random
import time
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np

import _base as base
from _inclusion_points import DAY, NOON, founded

PEOPLE = 400
MANY = 50
STOCK = 300


def offered(number: int, stock: int | None) -> list[Any]:
    """Offers of one merchant, opened."""
    from tanhui.identity.acts import enrolment
    from tanhui.identity.models import Organisation, Person
    from tanhui.inclusion.models import Merchant, Offer

    one, two = Person.objects.order_by("pk")[:2]
    when: dict[str, Any] = {"since": dt.date(2026, 1, 1), "until": dt.date(2027, 1, 1)}
    merchant = Merchant.objects.first() or Merchant.objects.create(
        organisation=enrolment.register_foreign(code="X-BENCH-2", name="某商户", role="SCEN", at=NOON),
        operator=Organisation.objects.get(uscc="X-BENCH-1"), name="某商户", agreement="1", opened_by=one,
        opened_at=NOON, changed_at=NOON, entry=1, **when,
    )  # fmt: skip
    return [
        Offer.objects.create(
            merchant=merchant, kind="COUPON", title=f"券 {place}", points=1, worth_fen=100, stock=stock, state="OPEN",
            valid_days=30, asked_by=one, opened_by=two, at=NOON, **when,
        )
        for place in range(number)
    ]  # fmt: skip


def redeeming(accounts: list[Any], offers: list[Any]) -> Callable[[int, float], list[float]]:
    """A client that takes vouchers until the time is up, or nothing is left: how long each took."""
    from tanhui.inclusion.acts import redemption

    def work(client: int, until: float) -> list[float]:
        dice, took = random.Random(f"{client} {until}"), []
        while (begun := time.monotonic()) < until:
            try:
                redemption.take(
                    account=dice.choice(accounts), offer=dice.choice(offers), reference=uuid.uuid4().hex, at=NOON
                )
            except redemption.SoldOut:
                break
            took.append(time.monotonic() - begun)
        return took

    return work


def rewards(world: Any) -> list[base.Line]:
    with base.server():
        from tanhui.inclusion.acts import points
        from tanhui.inclusion.models import Account, Offer, Scenario, Voucher

        numbers = np.array(founded(PEOPLE), dtype=np.int64)
        scenarios = np.full(PEOPLE, Scenario.objects.first().pk)
        grams = np.full(PEOPLE, 10_000_000)
        points.grant(reference="bench", day=DAY, accounts=numbers, scenarios=scenarios, grams=grams, at=NOON)
        accounts = list(Account.objects.order_by("pk"))
        one, many, few = offered(1, 10**6), offered(MANY, 10**6), offered(1, STOCK)
        hot, cool = [], []
        for _ in range(max(base.ROUNDS, world.rounds)):
            cool.append(base.together(redeeming(accounts, many), seconds=3)[0])
            hot.append(base.together(redeeming(accounts, one), seconds=3)[0])
        base.together(redeeming(accounts, few), seconds=30)
        sold = {offer.pk: Voucher.objects.filter(offer=offer).count() for offer in [*one, *few]}
        wrong = sum(abs(offer.taken - sold[offer.pk]) for offer in Offer.objects.filter(pk__in=sold))
        over = abs(sold[few[0].pk] - STOCK)
    return [
        base.Line(f"redeem one hot offer, over {MANY} offers", base.median(hot), "/s", base.median(cool), 0.3),
        base.Line("vouchers of a sold-out offer beside its stock", over + wrong, "", 1, 0.0, "less"),
    ]


SECTIONS = {"rewards": rewards}

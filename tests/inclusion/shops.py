"""A shop with an offer and people with points, as short as they can be made."""

import datetime as dt
import itertools

import numpy as np
from tests import world

from tanhui.inclusion.acts import merchants, points
from tanhui.inclusion.models import Account, Provider, Scenario, Settlement
from tanhui.kernel import clock
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation
from tanhui.rulepacks.queries import in_force

NUMBERS = itertools.count(1)
DAY = clock.day(world.NOON)
TERMS = {
    "name": "绿洲便民超市",
    "agreement": "沪惠商〔2026〕001号",
    "since": dt.date(2026, 1, 1),
    "until": dt.date(2027, 1, 1),
}
WARES = {
    "kind": "COUPON", "title": "满 30 减 5 元券", "points": 50, "worth_fen": 500, "since": dt.date(2026, 1, 1),
    "until": dt.date(2026, 12, 31), "valid_days": 30,
}  # fmt: skip


def rules(at=world.NOON):
    """The platform's own numbers in force."""
    if in_force("demo-local", clock.day(at)) is None:
        people = world.party("REG").signatures.people
        activation.activate(pack=packs.ship("demo-local"), mode="demonstration", at=at, **people)


def scenario(operator, **values):
    number = next(NUMBERS)
    return Scenario.objects.create(
        code=f"walking-{number}", name=f"步行{number}", field="TRAVEL", organisation=operator.organisation,
        methodology="NO-SUCH-V01", division_code="310115", region_name="浦东新区", unit="step", state="OPERATING",
        reassess_by=dt.date(2027, 1, 1), opened_by=operator.initiator.membership.person, opened_at=world.NOON,
        changed_at=world.NOON, **values,
    )  # fmt: skip


def account(**values):
    return Account.objects.create(**({"state": "ACTIVE", "way": "PHONE", "opened_at": world.NOON} | values))


def people(one, count=1, **values):
    """So many accounts, each with points for so many grams of one day."""
    made = [account() for _ in range(count)]
    give(one, made, **values)
    return made


def give(one, accounts, *, grams=10_000, day=DAY, at=world.NOON):
    """Points for a day of the scenario."""
    points.grant(
        reference=f"given-{next(NUMBERS)}", day=day, accounts=np.array([each.pk for each in accounts]),
        scenarios=np.full(len(accounts), one.pk), grams=np.full(len(accounts), grams), at=at,
    )  # fmt: skip


def settled(day, *, state="DONE", run=1):
    done = {"done_at": world.NOON, "entry": 1, "results_sha256": world.HASH} if state == "DONE" else {}
    return Settlement.objects.create(day=day, run=run, state=state, asked_at=world.NOON, **done)


def provider(organisation, operator, code="metro"):
    return Provider.objects.create(
        code=code, name="地铁", organisation=organisation, operator=operator.organisation, agreement="1", purpose="p",
        kinds="k", retention_days=30, since=TERMS["since"], until=TERMS["until"], opened_at=world.NOON,
        changed_at=world.NOON, opened_by=operator.initiator.membership.person,
    )  # fmt: skip


def shop(operator, **terms):
    """A merchant with its two people."""
    party = world.party("SCEN", name=f"便民超市{next(NUMBERS)}")
    party.merchant = merchants.enter(
        terms=merchants.Terms(**(TERMS | terms)), organisation=party.organisation, mandate=operator.initiator,
        at=world.NOON,
    )  # fmt: skip
    return party


def offer(shop, operator, **wares):
    """Something on offer there."""
    asked = merchants.ask(
        wares=merchants.Wares(**(WARES | wares)), merchant=shop.merchant, mandate=shop.initiator, at=world.NOON
    )
    return merchants.open_(offer=asked, mandate=operator.confirmer, at=world.NOON)

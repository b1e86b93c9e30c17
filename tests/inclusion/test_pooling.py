"""From people to units: unclaimed days become whole tonnes, once; a rest waits; what was sold pays for rewards."""

import datetime as dt
from types import SimpleNamespace

import pytest
from tests import world
from tests.inclusion import shops

from tanhui.inclusion.acts import points, pooling
from tanhui.inclusion.models import Claim, Day, Pool, PoolDay
from tanhui.kernel.period import Period as Days

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2026, 5, 1), dt.date(2026, 5, 31)
GRAMS = 150_000


@pytest.fixture
def here(db):
    shops.rules()
    operator = world.party("OPER", name="碳普惠运营中心")
    registry = world.operator()
    validator, verifier = world.party("VVB"), world.party("VVB")
    owner = world.party("OWN", operator=registry)
    project = world.project(
        operator=registry, owner=owner, validator=validator,
        crediting=Days(dt.date(2026, 1, 1), dt.date(2031, 1, 1)),
    )  # fmt: skip
    return SimpleNamespace(
        operator=operator, project=project, verifier=verifier, owner=owner, registry=registry,
        scenario=shops.scenario(operator, pooled=True),
    )  # fmt: skip


def days(here, day, count=4, *, grams=GRAMS, scenario=None):
    """So many people's day in the scenario, settled and claimed by nothing."""
    settled = shops.settled(day)
    made = [shops.account() for _ in range(count)]
    Day.objects.bulk_create(
        Day(
            account_id=one.pk, day=day, scenario=scenario or here.scenario, grams=grams, uncapped=grams, events=1,
            quantity=1, evidence_sha256=b"\0" * 32, settlement=settled,
        )
        for one in made
    )  # fmt: skip
    return made


def ask(here, *, first=FIRST, last=LAST, scenario=None, reference="P-1", at=world.NOON):
    return pooling.ask(
        scenario=scenario or here.scenario, project=here.project, first=first, last=last,
        mandate=here.operator.initiator, reference=reference, at=at,
    )  # fmt: skip


def gathered(here, **values):
    pool = ask(here, **values)
    pooling.confirm(pool=pool, mandate=here.operator.confirmer, at=world.NOON)
    pool.refresh_from_db()
    return pool


class TestAPool:
    def test_is_whole_tonnes_and_a_rest(self, here):
        days(here, FIRST)
        days(here, LAST)
        pool = gathered(here)

        assert (pool.people, pool.days, pool.grams, pool.tonnes, pool.left_g) == (8, 8, 1_200_000, 1, 200_000)
        assert PoolDay.objects.filter(pool=pool).count() == 2
        assert Claim.objects.filter(points=0).count() == 8

    def test_hands_its_rest_to_the_next(self, here):
        days(here, FIRST, 8)
        first = gathered(here, last=FIRST)
        days(here, LAST, 6)
        second = gathered(here, first=FIRST + dt.timedelta(days=1), reference="P-2")

        assert (first.tonnes, first.left_g) == (1, 200_000)
        assert (second.brought, second.grams, second.tonnes, second.left_g) == (first, 1_100_000, 1, 100_000)

    def test_never_counts_what_was_granted_as_points(self, here):
        people = days(here, FIRST, 8)
        import numpy as np

        points.grant(
            reference="G-1", day=FIRST, accounts=np.array([people[0].pk]), scenarios=np.array([here.scenario.pk]),
            grams=np.array([GRAMS]), at=world.NOON,
        )  # fmt: skip
        pool = gathered(here)

        assert (pool.people, pool.grams) == (7, 7 * GRAMS)
        with world.refuses(points.ClaimedAlready, day=FIRST.isoformat()):
            points.grant(
                reference="G-2", day=FIRST, accounts=np.array([people[1].pk]), scenarios=np.array([here.scenario.pk]),
                grams=np.array([GRAMS]), at=world.NOON,
            )  # fmt: skip

    def test_gathers_nothing_twice(self, here):
        days(here, FIRST, 8)
        gathered(here)
        with world.refuses(pooling.PoolTooSmall, grams=200_000):
            ask(here, reference="P-2")

    def test_takes_two_people(self, here):
        days(here, FIRST, 8)
        pool = ask(here)
        with pytest.raises(Exception, match=r"second|another|两|two|mandate"):
            pooling.confirm(pool=pool, mandate=here.operator.initiator, at=world.NOON)
        assert Pool.objects.get().state == "ASKED"
        pooling.drop(pool=pool, reason="期间有误", mandate=here.operator.confirmer, at=world.NOON)
        assert Pool.objects.get().state == "DROPPED"
        assert not Claim.objects.exists()

    def test_asks_for_a_past_period_of_a_pooled_scenario_that_is_settled(self, here):
        with world.refuses(pooling.PoolSpan):
            ask(here, first=LAST, last=FIRST)
        with world.refuses(pooling.PoolSpan):
            ask(here, last=shops.DAY)
        in_points = shops.scenario(here.operator)
        with world.refuses(pooling.NotPooled):
            ask(here, scenario=in_points)
        days(here, FIRST, 8)
        shops.settled(FIRST, state="RUNNING", run=2)
        with world.refuses(pooling.DayNotSettled, day=FIRST.isoformat()):
            ask(here)

    def test_is_verified_into_a_period_and_issued(self, here):
        days(here, FIRST, 8)
        pool = gathered(here)
        pooling.verify(pool=pool, report_sha256=world.HASH, verifier=here.verifier.initiator, at=world.NOON)
        pool.refresh_from_db()
        assert (pool.state, pool.period.verified_kg) == ("VERIFIED", 1_000)
        assert pool.period.inputs_sha256 == pool.evidence_sha256
        with world.refuses(pooling.PoolMovedOn):
            pooling.verify(pool=pool, report_sha256=world.HASH, verifier=here.verifier.initiator, at=world.NOON)

        issued = world.issue(pool.period, owner=here.owner, operator=here.registry)
        assert world.free_t(here.owner.issued) == 1
        assert issued


class TestProceeds:
    def test_pay_for_rewards_once(self, here):
        days(here, FIRST, 8)
        pool = gathered(here)
        pooling.verify(pool=pool, report_sha256=world.HASH, verifier=here.verifier.initiator, at=world.NOON)
        pool.refresh_from_db()
        said = {"pool": pool, "sale": "T-1", "tonnes": 1, "fen": 8_000, "mandate": here.operator.initiator}
        asked = pooling.ask_earned(**said, reference="E-1", at=world.NOON)
        pooling.confirm_earned(asked=asked, mandate=here.operator.confirmer, at=world.NOON)

        assert pool.proceeds.get().fen == 8_000
        with world.refuses(pooling.EnteredAlready):
            pooling.ask_earned(**said, reference="E-2", at=world.NOON)
        with world.refuses(pooling.MoreThanPooled):
            pooling.ask_earned(**(said | {"sale": "T-2"}), reference="E-3", at=world.NOON)

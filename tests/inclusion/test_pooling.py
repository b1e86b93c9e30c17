"""From people to units: unclaimed days become whole tonnes, once; a rest waits; what was sold pays for rewards."""

import datetime as dt
from types import SimpleNamespace

import pytest
from tests import world
from tests.inclusion import people, shops

from tanhui.inclusion.acts import days as days_
from tanhui.inclusion.acts import issuing, points, pooling, scenarios
from tanhui.inclusion.models import Claim, Day, Month, Pool, PoolDay, Settlement
from tanhui.inclusion.queries import pools as queries
from tanhui.kernel.period import Period as Days
from tanhui.notices import waiting
from tanhui.registry.models import Issuance

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
    Month.objects.bulk_create(
        Month(account_id=one.pk, month=day.replace(day=1), scenario=scenario or here.scenario, grams=grams, days=1)
        for one in made
    )
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
        first, second = (one.membership.person for one in (here.operator.initiator, here.operator.confirmer))
        assert "/desk/pooling" not in [one.url for one in waiting.tasks(first, at=world.NOON)]
        assert "/desk/pooling" in [one.url for one in waiting.tasks(second, at=world.NOON)]
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


class TestTheUnits:
    @pytest.fixture
    def verified(self, here):
        days(here, FIRST, 8)
        pool = gathered(here)
        pooling.verify(pool=pool, report_sha256=world.HASH, verifier=here.verifier.initiator, at=world.NOON)
        pool.refresh_from_db()
        return pool

    def test_are_issued_by_two_people_of_the_registry_once(self, here, verified):
        asked = issuing.ask(pool=verified, mandate=here.registry.initiator, reference="I-1", at=world.NOON)
        assert issuing.waiting(verified, at=world.NOON) == asked
        with world.refuses(issuing.IssuingAsked):
            issuing.ask(pool=verified, mandate=here.registry.initiator, reference="I-2", at=world.NOON)
        issuing.confirm(pool=verified, asked=asked, mandate=here.registry.confirmer, at=world.NOON)

        assert world.free_t(here.owner.issued) == 1
        assert Issuance.objects.get().period == verified.period
        assert [printed[:4] for _, printed in queries.issued(verified)] == ["DEMO"]
        with world.refuses(issuing.IssuedAlready):
            issuing.ask(pool=verified, mandate=here.registry.initiator, reference="I-3", at=world.NOON)

    def test_can_be_left_unsigned_and_asked_for_again(self, here, verified):
        asked = issuing.ask(pool=verified, mandate=here.registry.initiator, reference="I-1", at=world.NOON)
        issuing.drop(asked=asked, reason="核对报告", mandate=here.registry.confirmer, at=world.NOON)
        assert not Issuance.objects.exists()
        assert issuing.ask(pool=verified, mandate=here.registry.initiator, reference="I-2", at=world.NOON)

    def test_need_a_verified_pool_and_the_registry(self, here):
        days(here, FIRST, 8)
        pool = gathered(here)
        with world.refuses(pooling.PoolMovedOn):
            issuing.ask(pool=pool, mandate=here.registry.initiator, reference="I-1", at=world.NOON)
        with world.refuses(scenarios.NotYours):
            issuing.ask(pool=pool, mandate=here.operator.initiator, reference="I-1", at=world.NOON)


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


class TestWhatChangesAfterAPool:
    """Days are settled again although their grams are pooled: the claim stays, the next pool carries the difference."""

    LATER = world.NOON + dt.timedelta(hours=1)

    def again(self, here, day, *rows, run=2):
        """The day is settled once more: ``(account, grams)`` of whom it touched."""
        settled = shops.settled(day, run=run)
        Settlement.objects.filter(pk=settled.pk).update(done_at=self.LATER)
        settled.refresh_from_db()
        table = people.table(*((one, here.scenario, grams) for one, grams in rows))
        days_.post(settlement=settled, day=day, tables=[table], at=self.LATER)

    def next_pool(self, here, reference="P-2"):
        pool = ask(here, first=LAST, last=LAST, reference=reference, at=self.LATER)
        pooling.confirm(pool=pool, mandate=here.operator.confirmer, at=self.LATER)
        pool.refresh_from_db()
        return pool

    def test_less_lowers_the_next_pool_and_no_claim(self, here):
        first_people = days(here, FIRST, 8)
        first = gathered(here, last=FIRST)
        self.again(here, FIRST, (first_people[0], 50_000))
        days(here, LAST, 8)
        second = self.next_pool(here)

        assert second.grams == 8 * GRAMS - 100_000 + first.left_g
        carried = second.differences.get()
        assert (carried.day, carried.grams) == (FIRST, -100_000)
        assert Claim.objects.get(account=first_people[0]).grams == GRAMS
        assert first.grams + second.grams - first.left_g == sum(Day.objects.values_list("grams", flat=True))

    def test_more_and_people_who_came_late_raise_it(self, here):
        first_people = days(here, FIRST, 8)
        first = gathered(here, last=FIRST)
        late = shops.account()
        self.again(here, FIRST, (first_people[0], GRAMS + 7), (late, 1_000))
        days(here, LAST, 8)
        second = self.next_pool(here)

        assert second.grams == 8 * GRAMS + 7 + 1_000 + first.left_g
        assert Claim.objects.get(account=late).day == FIRST
        assert second.gathered.count() == 2

    def test_is_carried_once(self, here):
        first_people = days(here, FIRST, 8)
        gathered(here, last=FIRST)
        self.again(here, FIRST, (first_people[0], 50_000))
        days(here, LAST, 8)
        self.next_pool(here)

        assert queries.difference_g(here.scenario, FIRST) == 0
        self.again(here, FIRST, (first_people[0], 60_000), run=3)
        assert queries.difference_g(here.scenario, FIRST) == 10_000

    def test_that_leaves_less_than_a_tonne_is_refused_until_there_is_more(self, here):
        first_people = days(here, FIRST, 8)
        gathered(here, last=FIRST)
        self.again(here, FIRST, *((one, 0) for one in first_people))
        days(here, LAST, 8)
        with world.refuses(pooling.PoolTooSmall, grams=200_000):
            ask(here, first=LAST, last=LAST, reference="P-2", at=self.LATER)

    def test_is_told_to_nobody_as_points(self, here):
        first_people = days(here, FIRST, 8)
        gathered(here, last=FIRST)
        self.again(here, FIRST, (first_people[0], GRAMS * 2))
        assert points.available(first_people[0].pk, shops.DAY) == 0

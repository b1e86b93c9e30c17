import datetime as dt

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction
from tests import world
from tests.inclusion import people

from tanhui.inclusion.acts import points
from tanhui.inclusion.models import Claim, DayChange, Entry, Grant, Month, Purse

DAY = dt.date(2026, 6, 4)
NOON = people.NOON
Kind = Entry.Kind


@pytest.fixture
def case(db):
    people.rules()
    return people.scenario()


def grant(account, scenario, grams, day=DAY, reference=None, at=NOON):
    return points.grant(
        reference=reference or f"g-{next(people.NUMBERS)}", day=day, accounts=people.ints(account.pk),
        scenarios=people.ints(scenario.pk), grams=people.ints(grams), at=at,
    )  # fmt: skip


def take(account, number, reference="r-1", kind=Kind.REDEEMED, **more):
    return points.take(account=account, kind=kind, points=number, reference=reference, at=NOON, **more)


class TestAGrant:
    def test_gives_a_point_for_each_ten_grams_and_leaves_the_rest(self, case):
        account, _ = people.resident()
        made = grant(account, case, 89)
        assert (made.points, made.grams, made.grams_a_point, made.expires_on) == (8, 89, 10, dt.date(2029, 1, 1))
        assert points.available(account.pk, people.TODAY) == 8
        assert points.available(account.pk, dt.date(2028, 12, 31)) == 8
        assert points.available(account.pk, dt.date(2029, 1, 1)) == 0

    def test_is_done_once_however_often_it_is_asked(self, case):
        account, _ = people.resident()
        first, again = (grant(account, case, 80, reference="same") for _ in range(2))
        assert first == again
        assert points.available(account.pk, people.TODAY) == 8
        with world.refuses(points.ReferenceOfAnother):
            grant(account, case, 90, reference="same")

    def test_claims_a_behaviour_once_whatever_the_use(self, case):
        account, _ = people.resident()
        grant(account, case, 80)
        with world.refuses(points.ClaimedAlready):
            points.pool(
                reference="pool", day=DAY, accounts=people.ints(account.pk), scenarios=people.ints(case.pk),
                grams=people.ints(80), at=NOON,
            )  # fmt: skip
        assert Claim.objects.count() == 1

    def test_pooled_gives_no_points(self, case):
        account, _ = people.resident()
        points.pool(
            reference="pool", day=DAY, accounts=people.ints(account.pk), scenarios=people.ints(case.pk),
            grams=people.ints(800), at=NOON,
        )  # fmt: skip
        assert points.available(account.pk, people.TODAY) == 0
        with world.refuses(points.ClaimedAlready):
            grant(account, case, 800)

    def test_reaches_back_no_further_than_its_readers_look(self, case):
        account, _ = people.resident()
        grant(account, case, 80)
        with world.refuses(points.GrantTooLate):
            grant(account, case, 80, day=DAY - dt.timedelta(days=401))

    def test_cannot_be_changed_in_the_database(self, case):
        account, _ = people.resident()
        grant(account, case, 80)
        for sql in ("UPDATE inclusion_claim SET points = 1000", "DELETE FROM inclusion_claim"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)


class TestTheClaimsOfALargeDay:
    @pytest.fixture(autouse=True)
    def city(self, monkeypatch):
        monkeypatch.setattr(points, "LARGE", 2)

    @pytest.fixture
    def two(self, case):
        held = [people.resident()[0] for _ in range(2)]
        give(held, case)
        return held

    def test_lie_in_a_table_of_their_own_that_nobody_writes_to_by_its_name(self, two):
        assert tables() == ["inclusion_claim_20260604", "inclusion_claim_few"]
        for sql in (
            "INSERT INTO inclusion_claim_20260604 SELECT * FROM inclusion_claim",
            "UPDATE inclusion_claim_20260604 SET points = 1000",
            "UPDATE inclusion_claim SET points = 1000",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'inclusion_claim_20260604'::regclass")
            assert cursor.fetchone() == (1,)

    def test_are_claimed_once_like_any_other(self, case, two):
        third, _ = people.resident()
        with world.refuses(points.ClaimedAlready):
            give([two[0]], case)
        with world.refuses(points.ClaimedAlready):
            give([third, third], case, day=DAY + dt.timedelta(days=1))
        assert Claim.objects.count() == 2
        assert tables() == ["inclusion_claim_20260604", "inclusion_claim_few"]

    def test_are_points_like_any_other(self, case, two):
        give(two, case, day=DAY + dt.timedelta(days=1))
        late, _ = people.resident()
        give([late], case)  # into the table of its day
        assert [points.available(one.pk, people.TODAY) for one in [*two, late]] == [16, 16, 8]
        assert take(two[0], 9).balance == 7
        assert points.available(two[0].pk, people.TODAY) == 7
        assert list(Purse.objects.filter(account=two[0]).values_list("granted", "used")) == [(16, 9)]

    def test_are_put_together_when_their_month_is_over(self, case, two):
        give(two, case, day=DAY + dt.timedelta(days=1))
        assert points.fold(at=dt.datetime(2026, 7, 30, tzinfo=dt.UTC)) == 0
        assert points.fold(at=dt.datetime(2026, 8, 10, tzinfo=dt.UTC)) == 2
        assert tables() == ["inclusion_claim_202606", "inclusion_claim_few"]
        assert points.fold(at=dt.datetime(2026, 8, 10, tzinfo=dt.UTC)) == 0
        give(two, case, day=DAY + dt.timedelta(days=2))
        assert tables() == ["inclusion_claim_202606", "inclusion_claim_few"]
        assert points.available(two[0].pk, people.TODAY) == 24
        with world.refuses(points.ClaimedAlready):
            give([two[0]], case)


def give(held, scenario, day=DAY):
    return points.grant(
        reference=f"g-{next(people.NUMBERS)}", day=day, accounts=people.ints(*(one.pk for one in held)),
        scenarios=people.ints(*[scenario.pk] * len(held)), grams=people.ints(*[80] * len(held)), at=NOON,
    )  # fmt: skip


def tables():
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'inclusion_claim'::regclass")
        return sorted(name for (name,) in cursor.fetchall())


class TestPoints:
    def test_that_run_out_first_are_taken_first(self, case):
        account, _ = people.resident()
        grant(account, case, 50, day=dt.date(2025, 12, 31))
        grant(account, case, 70)
        moved = take(account, 6)
        assert (moved.points, moved.balance) == (6, 6)
        assert Entry.objects.get(pk=moved.entry).parts == [["2028-01-01", 5], ["2029-01-01", 1]]
        assert list(Purse.objects.order_by("expires_on").values_list("granted", "used")) == [(5, 5), (7, 1)]

    def test_are_never_owed(self, case):
        account, _ = people.resident()
        grant(account, case, 80)
        with world.refuses(points.NotEnoughPoints, asked=9, available=8):
            take(account, 9)
        with pytest.raises(DatabaseError), transaction.atomic():
            Purse.objects.create(account=account, expires_on=DAY, granted=1, used=2)

    def test_are_taken_once_for_one_reference(self, case):
        account, _ = people.resident()
        grant(account, case, 80)
        assert take(account, 5) == take(account, 5)
        assert points.available(account.pk, people.TODAY) == 3
        with world.refuses(points.ReferenceOfAnother):
            take(account, 2)

    def test_that_came_after_the_last_gathering_count_too(self, case):
        account, _ = people.resident()
        grant(account, case, 80)
        take(account, 1)
        grant(account, case, 40, day=DAY - dt.timedelta(days=3))  # late
        grant(account, case, 20, day=DAY + dt.timedelta(days=1))
        assert points.available(account.pk, people.TODAY) == 7 + 4 + 2
        assert take(account, 13, "r-2").balance == 0

    def test_go_back_into_the_purse_they_came_from_and_once(self, case):
        account, _ = people.resident()
        grant(account, case, 80)
        spent = take(account, 5)
        back = points.give_back(entry=spent.entry, reference="back", at=NOON)
        assert (back.points, back.balance) == (5, 8)
        assert points.give_back(entry=spent.entry, reference="back", at=NOON) == back
        with world.refuses(points.GivenBackAlready):
            points.give_back(entry=spent.entry, reference="again", at=NOON)

    def test_run_out_at_the_end_of_their_year(self, case):
        account, _ = people.resident()
        grant(account, case, 80)
        take(account, 3)
        assert points.expire(at=dt.datetime(2028, 12, 31, 15, tzinfo=dt.UTC)) == 0
        assert points.expire(at=dt.datetime(2029, 1, 1, 1, tzinfo=dt.UTC)) == 1
        last = Entry.objects.latest("id")
        assert (last.kind, last.points, last.balance) == ("EXPIRED", -5, 0)
        assert points.expire(at=dt.datetime(2029, 1, 2, tzinfo=dt.UTC)) == 0

    def test_of_a_suspended_account_stay(self, case):
        account, _ = people.resident()
        grant(account, case, 80)
        account.state = "SUSPENDED"
        account.save()
        with world.refuses(points.AccountNotActive):
            take(account, 1)

    def test_are_taken_in_few_statements(self, case, django_assert_max_num_queries):
        account, _ = people.resident()
        grant(account, case, 80)
        with django_assert_max_num_queries(6):  # two of them savepoints, two the transaction of the act
            take(account, 5)


class TestASettlement:
    def test_gives_people_their_day_month_and_points(self, case):
        (one, _), (two, _) = people.resident(), people.resident()
        posted = people.post(DAY, (one, case, 85), (two, case, 9))
        assert (posted.days, posted.grams, posted.points) == (2, 94, 8)
        assert list(Month.objects.order_by("account_id").values_list("grams", "days")) == [(85, 1), (9, 1)]
        assert points.available(one.pk, people.TODAY) == 8

    def test_that_corrects_upwards_adds_the_difference(self, case):
        one, _ = people.resident()
        people.post(DAY, (one, case, 85))
        posted = people.post(DAY, (one, case, 120), run=2)
        assert (posted.added, posted.reversed) == (4, 0)
        assert points.available(one.pk, people.TODAY) == 12
        assert DayChange.objects.values_list("grams_before", "grams_after").get() == (85, 120)
        assert Month.objects.get().grams == 120

    def test_that_corrects_downwards_takes_back_what_is_not_used(self, case):
        one, _ = people.resident()
        people.post(DAY, (one, case, 85))
        take(one, 6)
        posted = people.post(DAY, (one, case, 0), run=2)
        assert posted.reversed == 2
        assert points.available(one.pk, people.TODAY) == 0
        assert Month.objects.values_list("grams", "days").get() == (0, 0)
        assert people.post(DAY, (one, case, 85), run=3).added == 2  # the six were kept

    def test_that_leaves_a_day_as_it_was_takes_nothing_of_what_came_since(self, case):
        one, other = people.resident()[0], people.scenario()
        people.post(DAY, (one, case, 100), (one, other, 100))
        take(one, 17)
        assert people.post(DAY, (one, case, 20), (one, other, 100), run=2).reversed == 3  # of 8: five were used
        people.post(DAY + dt.timedelta(days=1), (one, case, 100))
        posted = people.post(DAY, (one, case, 20), (one, other, 110), run=3)
        assert (posted.added, posted.reversed) == (1, 0)
        posted = people.post(DAY, (one, case, 40), (one, other, 110), run=4)
        assert (posted.added, posted.reversed) == (0, 0)  # of what was used more stands already
        assert people.post(DAY, (one, case, 0), (one, other, 110), run=5).reversed == 4
        assert people.post(DAY, (one, case, 100), (one, other, 110), run=6).added == 7
        assert points.available(one.pk, people.TODAY) == 3 + 1 + 10

    def test_posted_again_changes_nothing(self, case):
        from tanhui.inclusion.acts import days

        one, _ = people.resident()
        run = people.settlement(DAY)
        for _ in range(2):
            days.post(settlement=run, day=DAY, tables=[people.table((one, case, 85))], at=NOON)
        assert Month.objects.get().grams == 85
        assert Grant.objects.count() == 1

    def test_leaves_the_claim_of_pooled_grams_alone(self, case):
        one, _ = people.resident()
        pooled = people.scenario(pooled=True)
        people.post(DAY, (one, pooled, 85))
        points.pool(
            reference="pool", day=DAY, accounts=people.ints(one.pk), scenarios=people.ints(pooled.pk),
            grams=people.ints(85), at=NOON,
        )  # fmt: skip
        posted = people.post(DAY, (one, pooled, 120), run=2)
        assert (posted.kept, posted.points, posted.added) == (1, 0, 0)
        assert people.post(DAY, (one, pooled, 120), run=3).kept == 0

    def test_without_anybody_is_posted_too(self, case):
        assert people.post(DAY).days == 0


@pytest.mark.parametrize("accounts", [[], [7], [1, 1, 2], [1, 2, 3], [2, 1, 2], [3, 2, 1]])
def test_people_are_counted_once_in_whatever_order_they_stand(accounts):
    assert points.different(np.array(accounts, dtype=np.int64)) == len(set(accounts))

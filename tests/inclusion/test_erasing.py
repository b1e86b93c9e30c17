"""What remains of a person who closed their account, and what residents are told."""

import datetime as dt
import uuid
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from tests import world
from tests.inclusion import city as cities
from tests.inclusion import people
from tests.inclusion.city import DAY, NEXT, event

from tanhui.inclusion import exporting, holders, lakes, tasks
from tanhui.inclusion.acts import accounts, answering, erasing, informing, ruling, settling
from tanhui.inclusion.models import Claim, Day, Purse, Receipt, Suspicion
from tanhui.journal import log, sequencer
from tanhui.journal.models import Entry
from tanhui.notices.models import Notice
from tanhui.tally import lake, reasons

LATER = NEXT + dt.timedelta(hours=3)


@pytest.fixture
def city(db, settings, tmp_path):
    settings.TANHUI_VAR, settings.TANHUI_SECRETS, settings.TANHUI_LAKE_BUCKETS = tmp_path, tmp_path / "secrets", 1
    log.read_key.cache_clear()
    yield cities.built()
    log.read_key.cache_clear()


def kept(account):
    return len(lake.events(lakes.opened(), DAY, account.pk))


def close(account, *, anonymise=False, at=NEXT):
    return accounts.close(account=account, anonymise=anonymise, reference=uuid.uuid4(), at=at)


@contextmanager
def elsewhere(claims):
    """Another process holds the claim on reading the lake."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(f"SELECT {claims}(%s)", [settling.claimed(tasks.READING)])
        yield
    finally:
        other.close()


def waiting_at_most(time):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [time])


class TestWhatIsErased:
    def test_is_every_event_of_a_closed_account_and_nobody_elses_with_a_receipt(self, city):
        first, second = city.accounts[:2]
        city.take(
            *(event(mark, city.scenario) for mark in city.marks[:2]), event(city.marks[0], city.scenario, hour=19)
        )
        city.settle()
        close(first)
        assert erasing.erase(lake=lakes.folder(), at=NEXT) == []  # what is on its way comes in first
        [made] = erasing.erase(lake=lakes.folder(), at=LATER)
        assert (made.kind, made.facts) == ("ERASED", {"events": 2, "tracks": 0})
        assert (kept(first), kept(second)) == (0, 1)
        told = Entry.objects.get(kind="inclusion.account_erased").private["private"]
        assert len(told["files"]) == 1
        assert erasing.erase(lake=lakes.folder(), at=LATER) == []
        assert Receipt.objects.filter(kind="ERASED").count() == 1

    def test_stays_in_the_statistics_where_it_was_made_anonymous_and_as_the_claim_of_its_grams(self, city):
        city.take(event(city.marks[0], city.scenario))
        city.settle()
        close(city.accounts[0], anonymise=True)
        erasing.erase(lake=lakes.folder(), at=LATER)
        assert Day.objects.get().grams == 576
        assert Claim.objects.get().grams == 576

    def test_is_never_posted_where_the_day_was_still_to_be_settled(self, city):
        city.take(*(event(mark, city.scenario) for mark in city.marks[:2]))
        close(city.accounts[0])
        city.settle()
        assert list(Day.objects.values_list("account_id", flat=True)) == [city.accounts[1].pk]
        assert list(Claim.objects.values_list("account_id", flat=True)) == [city.accounts[1].pk]

    def test_is_never_held_back_where_the_day_was_still_to_be_settled(self, city):
        city.take(*(event(mark, city.scenario, metres=30_000, minutes=5) for mark in city.marks[:2]))
        close(city.accounts[0])
        city.settle()
        assert list(Suspicion.objects.values_list("account", flat=True)) == [city.accounts[1].pk]

    @pytest.mark.parametrize("anonymise", [False, True])
    def test_goes_where_it_was_posted_in_the_moment_of_closing(self, city, anonymise):
        city.take(event(city.marks[0], city.scenario), event(city.marks[0], city.scenario, metres=30_000, minutes=5))
        city.settle()
        before = Day.objects.get(), Suspicion.objects.get()
        close(city.accounts[0], anonymise=anonymise)
        Day.objects.all().delete()
        for one in before:
            one.save()
        assert Suspicion.objects.get().facts
        erasing.erase(lake=lakes.folder(), at=LATER)
        held = Suspicion.objects.get()
        assert (held.facts, held.key) == ({}, "")
        assert Day.objects.exists() is anonymise

    def test_waits_while_somebody_settles_who_read_it_before(self, city, monkeypatch):
        city.take(event(city.marks[0], city.scenario))
        close(city.accounts[0])
        monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
        with elsewhere("pg_advisory_lock_shared"):
            tasks.erase_people()
            assert kept(city.accounts[0]) == 1
        tasks.erase_people()
        assert kept(city.accounts[0]) == 0

    def test_and_a_forgotten_day_wait_alike(self, city, monkeypatch):
        city.take(event(city.marks[0], city.scenario))
        monkeypatch.setattr("django.utils.timezone.now", lambda: NEXT + dt.timedelta(days=400))
        with elsewhere("pg_advisory_lock_shared"):
            tasks.forget_events()
            assert kept(city.accounts[0]) == 1
        tasks.forget_events()
        assert kept(city.accounts[0]) == 0

    def test_keeps_whoever_settles_waiting(self, city, monkeypatch):
        monkeypatch.setattr("django.utils.timezone.now", lambda: NEXT)
        city.take(event(city.marks[0], city.scenario))
        made = settling.ask(day=DAY, mandate=None, at=NEXT)
        waiting_at_most("50ms")
        with elsewhere("pg_advisory_lock"), pytest.raises(OperationalError), transaction.atomic():
            tasks.settle(str(made.pk))
        waiting_at_most("0")
        assert not Day.objects.exists()
        tasks.settle(str(made.pk))
        assert Day.objects.exists()

    def test_is_no_change_to_a_day_that_is_settled_anew(self, city):
        first, second = city.accounts[:2]
        city.take(*(event(mark, city.scenario) for mark in city.marks[:2]))
        city.settle()
        close(first, anonymise=True)
        erasing.erase(lake=lakes.folder(), at=LATER)
        city.take(event(city.marks[1], city.scenario, hour=19, metres=10_000), at=LATER)
        again = city.settle(at=LATER)
        assert again.state == "DONE", again.stop
        assert Day.objects.get(account=first).grams == 576
        assert Day.objects.get(account=second).grams == 18_000 * 9 // 125

    def test_was_in_the_file_they_took_out_before(self, city):
        city.take(event(city.marks[0], city.scenario, key="mine", metres=8_100), event(city.marks[1], city.scenario))
        found = exporting.events(city.accounts[0])
        assert [(one["key"], one["quantity"], one["provider"]) for one in found] == [("mine", 8_100, "metro")]


class TestResidents:
    @pytest.fixture
    def held(self, city):
        city.take(event(city.marks[0], city.scenario, key="fast", metres=30_000, minutes=5))
        city.settle()
        return Suspicion.objects.get()

    def hear(self, at=NEXT):
        sequencer.sequence(at=at)
        return informing.follow(at=at)

    def test_are_told_that_something_waits_and_that_it_is_decided_by_nothing_that_leads_to_the_account(
        self, city, held
    ):
        self.hear()
        [notice] = Notice.objects.all()
        account = city.accounts[0]
        assert notice.person == holders.person_of(account.pk)
        assert notice.url == "/carbon"
        assert "待核" in notice.subject["zh-hans"]
        ruling.decide(suspicion=held, outcome="REFUSED", reason="不合理", mandate=city.operator.initiator, at=NEXT)
        self.hear()
        first, second = Notice.objects.order_by("pk")
        assert "结论" in second.subject["zh-hans"]
        for one in (first, second):
            said = f"{one.reference} {one.url} {one.subject} {one.body}"
            assert "log:" not in one.reference
            for part in (str(held.pk), DAY.isoformat(), "fast"):
                assert part not in said
            assert one.at.astimezone(dt.timezone(dt.timedelta(hours=8))).time() == dt.time()
        assert self.hear().set_aside == 0
        assert Notice.objects.count() == 2

    def test_are_told_of_the_answer_to_what_they_said_while_it_waits(self, city, held):
        said = answering.object_to(
            account=city.accounts[0], scenario=city.scenario, day=DAY, said="坐的是市域快线", at=NEXT
        )
        answering.answer(objection=said, said="已核对时刻表。", mandate=city.operator.initiator, at=NEXT)
        self.hear()
        assert any("答复" in one.subject["zh-hans"] for one in Notice.objects.all())

    def test_are_not_told_of_what_was_long_ago(self, city, held):
        self.hear(at=NEXT + dt.timedelta(days=8))
        assert not Notice.objects.exists()

    def test_are_told_once_of_points_that_run_out_in_thirty_days(self, city):
        account = city.accounts[0]
        ends = dt.date(2029, 1, 1)
        Purse.objects.create(account=account, expires_on=ends, granted=120, used=20)
        told = [
            informing.remind_of_points(at=dt.datetime(2028, 12, 2 + day, hour, 30, tzinfo=dt.UTC))
            for day in range(3) for hour in range(24)
        ]  # fmt: skip
        assert sum(bool(one) for one in told) >= 1
        [notice] = Notice.objects.all()
        assert notice.subject["zh-hans"] == "您有 100 积分即将到期"
        before = informing.remind_of_points(at=dt.datetime(2028, 11, 1, account.pk % 24, tzinfo=dt.UTC))
        assert before == 0

    def test_who_closed_their_account_are_told_nothing(self, city, held):
        close(city.accounts[0])
        self.hear()
        assert not Notice.objects.exists()


class TestAnAppeal:
    @pytest.fixture
    def refused(self, city, client):
        city.take(event(city.marks[0], city.scenario, key="fast", metres=30_000, minutes=5))
        city.settle()
        held = Suspicion.objects.get()
        world.sign_in(client, holders.person_of(city.accounts[0].pk))
        return held

    def test_is_handed_in_on_the_page_of_the_day_and_answered_there(self, city, refused, client):
        page = f"/carbon/days/{DAY}"
        assert reasons.say("tally.speed", {}, "zh-hans") in read(client.get(page))
        sent = client.post(page, {"do": "object", "scenario": city.scenario.code, "said": "坐的是市域快线"})
        assert sent.status_code == 302
        assert "坐的是市域快线" in read(client.get(page))
        key = {"do": "appeal", "key": str(refused.pk), "said": "有车票为证"}
        assert client.post(page, key).status_code == 409  # nothing is decided yet
        at = timezone.now()
        party = world.party("OPER", at=at - dt.timedelta(days=1))
        ruling.decide(suspicion=refused, outcome="REFUSED", reason="无列车可达", mandate=party.initiator, at=at)
        assert "无列车可达" in read(client.get(page))
        assert client.post(page, key).status_code == 302
        refused.refresh_from_db()
        assert refused.appeal == "有车票为证"
        assert client.post(page, key).status_code == 409
        ruling.decide(suspicion=refused, outcome="ALLOWED", reason="车票属实", mandate=party.confirmer, at=at)
        said = read(client.get(page))
        for part in ("有车票为证", "车票属实", "复核结论"):
            assert part in said
        assert DAY.isoformat() in read(client.get("/carbon"))

    def test_and_what_was_said_before_it_stands_before_whoever_decides(self, city, refused, client):
        sent = answering.object_to(
            account=city.accounts[0], scenario=city.scenario, day=DAY, said="坐的是快线", at=NEXT
        )
        page = f"/scenarios/held-back/{refused.pk}"
        at = timezone.now()
        now = {"at": at - dt.timedelta(days=1)}
        operator, assessor, company = (world.party(role, **now) for role in ("OPER", "TECH", "SCEN"))
        refused.provider.organisation = company.organisation
        refused.provider.save()
        world.sign_in(client, operator.initiator.membership.person)
        said = read(client.get(page))
        for part in ("坐的是快线", "尚未答复", "/desk/carbon", "2026-06-06 08:00"):
            assert part in said
        answering.answer(objection=sent, said="已核对时刻表", mandate=operator.initiator, at=at)
        said = read(client.get(page))
        assert "已核对时刻表" in said
        assert "尚未答复" not in said
        for party in (assessor, company):  # told only the operator reads it
            world.sign_in(client, party.initiator.membership.person)
            assert "坐的是快线" not in read(client.get(page))

    def test_is_nobody_elses(self, city, refused, client):
        _, who = people.resident()
        world.sign_in(client, who)
        sent = client.post(f"/carbon/days/{DAY}", {"do": "appeal", "key": str(refused.pk), "said": "x"})
        assert sent.status_code == 404
        assert "fast" not in read(client.get(f"/carbon/days/{DAY}"))

    @pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "9999-12-31"])
    def test_and_the_page_of_a_day_stand_at_the_ends_of_the_calendar(self, city, refused, client, day):
        assert client.get(f"/carbon/days/{day}").status_code == 200
        sent = {"do": "object", "scenario": city.scenario.code, "said": "少算了"}
        assert client.post(f"/carbon/days/{day}", sent).status_code == 404

    @pytest.mark.parametrize("key", ["", "x", "\x00", "0" * 400])
    def test_needs_a_key(self, city, refused, client, key):
        assert client.post(f"/carbon/days/{DAY}", {"do": "appeal", "key": key, "said": "\x00"}).status_code == 422


def read(answer):
    return answer.content.decode()

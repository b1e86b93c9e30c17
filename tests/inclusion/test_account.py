import datetime as dt
import io
import json
import uuid
import zipfile

import pytest
from tests import world
from tests.inclusion import people

from tanhui.inclusion import exporting, holders
from tanhui.inclusion.acts import accounts, answering, consents, keeping, phones, points
from tanhui.inclusion.models import Account, Consent, Day, Forgetting, Holder, Month, Pseudonym, Receipt
from tanhui.inclusion.queries import carbon
from tanhui.notices.acts import reaching

NOON, DAY, VERSION = people.NOON, dt.date(2026, 6, 4), people.VERSION
Kind = Consent.Kind


@pytest.fixture
def rules(db):
    people.rules()


def turn(account, scenario, kind=Kind.GENERAL, on=True, **more):
    given = {"text_version": VERSION, "at": NOON} | more
    return consents.turn(account=account, scenario=scenario, kind=kind, on=on, **given)


class TestAnAccount:
    def test_is_found_by_its_person_and_back_without_either_standing_in_the_clear(self, rules):
        account, who = people.resident(name="张晓兰", phone="13800138000")
        assert holders.account_of(who) == account
        assert holders.person_of(account.pk) == who
        held = holders.of_phone("13800138000")
        assert (held.name, held.masked, held.number) == ("张晓兰", "138****8000", account.pk)
        row = Holder.objects.get()
        stored = b"".join(bytes(getattr(row, name)) for name in ("person", "account", "name", "phone", "person_index"))
        assert "张晓兰".encode() not in stored
        assert b"13800138000" not in stored

    def test_is_one_for_a_person_a_portal_identity_and_a_number(self, rules):
        _, who = people.resident(phone="13800138000")
        with world.refuses(accounts.OneAccount):
            people.resident(person=who)
        other = world.person()
        with world.refuses(accounts.OneAccount):
            people.resident(person=other, phone="13800138000")

    def test_is_opened_only_after_the_notice(self, rules):
        who = world.person()
        with world.refuses(accounts.NoticeUnread):
            people.resident(person=who, text_version="")

    def test_of_a_child_waits_for_a_guardian_with_a_number_of_their_own(self, rules, settings, tmp_path):
        settings.TANHUI_VAR = tmp_path
        account, _ = people.resident(phone="13800138000", born=dt.date(2016, 2, 29))
        assert (account.state, account.grown_on) == ("CONSENTED", dt.date(2030, 2, 28))
        with world.refuses(accounts.GuardianIsChild):
            accounts.ask_guardian(account=account, phone="13800138000", at=NOON)
        sent = accounts.ask_guardian(account=account, phone="13900139000", at=NOON)
        account = accounts.guardian_agrees(account=account, key=sent.row.pk, code=sent.shown, at=NOON)
        assert account.state == "ACTIVE"
        with world.refuses(accounts.MinorsAreNotRanked):
            accounts.correct(account=account, at=NOON, name="小明", region="", shows="小明")
        tracked = people.scenario(tracks=True)
        turn(account, tracked)
        with world.refuses(consents.NoTrackOfMinors):
            turn(account, tracked, Kind.TRACK)
        assert keeping.grow_up(at=dt.datetime(2030, 3, 1, tzinfo=dt.UTC)) == 1

    @pytest.mark.parametrize("born", [dt.date(1800, 1, 1), dt.date(2030, 1, 1), dt.date.max])
    def test_of_nobody_born_yet_or_long_ago_is_refused(self, rules, born):
        who = world.person()
        with world.refuses(accounts.BirthWrong):
            people.resident(person=who, born=born)

    def test_of_a_grown_up_needs_no_guardian(self, rules):
        who = world.person()
        with world.refuses(accounts.NotUnderAge, age=14):
            people.resident(person=who, born=dt.date(2000, 1, 1))

    def test_is_set_right_with_a_receipt(self, rules):
        account, _ = people.resident()
        accounts.correct(account=account, at=NOON, name="王小明", region="150402", shows="绿行者")
        assert Receipt.objects.latest("at", "kind").facts
        assert holders.of_account(account.pk).name == "王小明"
        for bad, refusal in [("", accounts.NameUnusable), ("a\x00b", accounts.NameUnusable)]:
            with world.refuses(refusal):
                accounts.correct(account=account, at=NOON, name=bad, region="", shows="")
        with world.refuses(accounts.RegionUnknown):
            accounts.correct(account=account, at=NOON, name="王", region="15040", shows="")

    def test_is_handed_out_whole(self, rules):
        account, _ = people.resident(name="=张三", phone="13800138000")
        metro = people.scenario()
        people.provider(metro)
        turn(account, metro)
        people.post(DAY, (account, metro, 85))
        packed = zipfile.ZipFile(io.BytesIO(exporting.packed(account)))
        said = json.loads(packed.read("account.json"))
        assert said["holder"] == {"name": "=张三", "phone": "13800138000"}
        assert [one["grams"] for one in said["days"]] == [85]
        assert [one["points"] for one in said["claims"]] == [8]
        assert "行程轨迹" not in packed.read("texts.txt").decode()
        assert "场景计入同意书" in packed.read("texts.txt").decode()
        assert packed.read("days.csv").decode("utf-8-sig").splitlines()[1].startswith("2026-06-04,")

    @pytest.mark.parametrize("anonymise", [False, True])
    def test_closed_leaves_nobody_behind_it(self, rules, anonymise):
        account, who = people.resident()
        metro = people.scenario()
        people.provider(metro)
        turn(account, metro)
        people.post(DAY, (account, metro, 85))
        key = uuid.uuid4()
        done = accounts.close(account=account, anonymise=anonymise, reference=key, at=NOON)
        assert holders.account_of(who) is None
        assert not Holder.objects.exists()
        assert not Pseudonym.objects.exists()
        assert Day.objects.exists() is Month.objects.exists() is anonymise
        assert done.facts["points"] == 8
        assert points.available(account.pk, people.TODAY) == 0
        assert accounts.close(account=account, anonymise=anonymise, reference=key, at=NOON) == done
        assert people.resident(person=who)[0] != account

    def test_with_an_open_deduction_is_not_closed(self, rules):
        account, _ = people.resident()
        operator = world.party("OPER")
        answering.ask_to_deduct(account=account, number=1, reason="重复发放", mandate=operator.initiator, at=NOON)
        with world.refuses(accounts.DeductionPending):
            accounts.close(account=account, anonymise=False, reference=uuid.uuid4(), at=NOON)


class TestACode:
    @pytest.fixture(autouse=True)
    def folder(self, rules, settings, tmp_path):
        settings.TANHUI_VAR = tmp_path

    def test_holds_once_for_some_minutes_and_five_tries(self):
        sent = phones.send(purpose="ENTER", phone="13800138000", at=NOON)
        wrong = "000000" if sent.shown != "000000" else "111111"
        for _ in range(2):
            with pytest.raises(phones.CodeWrong):
                phones.use(key=sent.row.pk, purpose="ENTER", code=wrong, at=NOON)
        with pytest.raises(phones.CodeWrong):
            phones.use(key=sent.row.pk, purpose="ENTER", code=sent.shown, at=NOON + dt.timedelta(minutes=11))
        assert phones.number(phones.use(key=sent.row.pk, purpose="ENTER", code=sent.shown, at=NOON)) == "13800138000"
        with world.refuses(phones.CodeWrong):
            phones.use(key=sent.row.pk, purpose="ENTER", code=sent.shown, at=NOON)

    def test_is_not_guessed(self):
        sent = phones.send(purpose="ENTER", phone="13800138000", at=NOON)
        wrong = "000000" if sent.shown != "000000" else "111111"
        for _ in range(5):
            with pytest.raises(phones.CodeWrong):
                phones.use(key=sent.row.pk, purpose="ENTER", code=wrong, at=NOON)
        with pytest.raises(phones.CodeWrong):
            phones.use(key=sent.row.pk, purpose="ENTER", code=sent.shown, at=NOON)

    def test_is_sent_five_times_a_day_and_once_a_minute(self):
        for number in range(5):
            phones.send(purpose="ENTER", phone="13800138000", at=NOON + number * dt.timedelta(minutes=2))
        with world.refuses(phones.TooManyCodes, most=5):
            phones.send(purpose="ENTER", phone="13800138000", at=NOON + dt.timedelta(minutes=20))
        phones.send(purpose="ENTER", phone="13800138001", at=NOON)
        with world.refuses(phones.TooManyCodes):
            phones.send(purpose="ENTER", phone="13800138001", at=NOON + dt.timedelta(seconds=30))

    def test_goes_to_a_mobile_number_only(self):
        with world.refuses(reaching.MobileUnusable):
            phones.send(purpose="ENTER", phone="10086", at=NOON)


class TestASwitch:
    def test_turned_on_gives_each_provider_a_name_of_its_own(self, rules):
        account, _ = people.resident()
        metro = people.scenario()
        one, two = people.provider(metro), people.provider(metro)
        turn(account, metro)
        turn(account, metro)
        names = dict(Pseudonym.objects.values_list("provider_id", "value"))
        assert names.keys() == {one.pk, two.pk}
        assert len(set(names.values())) == 2
        assert carbon.switched(account.pk) == {metro.pk: {"GENERAL"}}

    def test_turned_off_takes_the_track_with_it_and_has_a_receipt(self, rules):
        account, _ = people.resident()
        bike = people.scenario(tracks=True)
        with world.refuses(consents.TrackNeedsScenario):
            turn(account, bike, Kind.TRACK)
        turn(account, bike)
        turn(account, bike, Kind.TRACK)
        assert carbon.switched(account.pk) == {bike.pk: {"GENERAL", "TRACK"}}
        turn(account, bike, on=False)
        assert carbon.switched(account.pk) == {}
        assert Receipt.objects.filter(kind="WITHDRAWN").count() == 1

    def test_stands_for_a_scenario_in_operation_and_the_text_of_today(self, rules):
        account, _ = people.resident()
        metro, ended = people.scenario(), people.scenario(state="SUSPENDED")
        with world.refuses(consents.ScenarioNotOpen):
            turn(account, ended)
        with world.refuses(consents.TextOutdated):
            turn(account, metro, text_version="2020-01")


class TestADeduction:
    def test_takes_two_people_and_a_reason(self, rules):
        account, _ = people.resident()
        people.post(DAY, (account, people.scenario(), 85))
        operator = world.party("OPER")
        ask = {"account": account, "number": 5, "mandate": operator.initiator, "at": NOON}
        with world.refuses(answering.SaidNothing):
            answering.ask_to_deduct(reason=" ", **ask)
        asked = answering.ask_to_deduct(reason="场景方重复报送", **ask)
        with world.refuses(answering.DeductionWaits):
            answering.ask_to_deduct(reason="再扣", **ask)
        with world.refuses(answering.DecidedAlone):
            answering.decide(deduction=asked, take=True, note="", mandate=operator.initiator, at=NOON)
        answering.decide(deduction=asked, take=True, note="", mandate=operator.confirmer, at=NOON)
        assert points.available(account.pk, people.TODAY) == 3
        with world.refuses(answering.DecidedAlready):
            answering.decide(deduction=asked, take=True, note="", mandate=operator.confirmer, at=NOON)


class TestAnObjection:
    def test_is_answered_once(self, rules):
        account, _ = people.resident()
        metro, operator = people.scenario(), world.party("OPER")
        given = {"account": account, "scenario": metro, "day": DAY, "at": NOON}
        with world.refuses(answering.NothingToObject):
            answering.object_to(said="少算了", **given)
        people.post(DAY, (account, metro, 85))
        said = answering.object_to(said="少算了", **given)
        with world.refuses(answering.ObjectionOpen):
            answering.object_to(said="少算了", **given)
        answering.answer(objection=said, said="已请数据方复核。", mandate=operator.initiator, at=NOON)
        with world.refuses(answering.AnsweredAlready):
            answering.answer(objection=said, said="再答", mandate=operator.initiator, at=NOON)


class TestTheClock:
    def test_forgets_events_and_tracks_after_thirty_days_and_keeps_the_result(self, rules, tmp_path):
        account, _ = people.resident()
        old, young = dt.date(2026, 5, 1), dt.date(2026, 6, 1)
        for day in (old, young):
            people.post(day, (account, people.scenario(), 85))
            for part in ("events", "tracks"):
                file = tmp_path / part / f"day={day}" / "bucket=007" / "b-1.parquet"
                file.parent.mkdir(parents=True)
                file.write_bytes(b"x" * 10)
        assert [one.day for one in keeping.forget(lake=tmp_path, at=NOON)] == [old]
        assert Forgetting.objects.values_list("files", "bytes", "kept_days").get() == (2, 20, 30)
        assert [path.name for path in (tmp_path / "events").iterdir()] == [f"day={young}"]
        assert list(Day.objects.order_by("day").values_list("quantity", "grams")) == [(None, 85), (850, 85)]
        assert keeping.forget(lake=tmp_path, at=NOON) == []

    def test_counts_people_and_shows_ten_at_least(self, rules):
        metro, bus = people.scenario(), people.scenario()
        rows = []
        for number in range(11):
            account, _ = people.resident(region="150402")
            rows += [(account, metro, 100)] + ([(account, bus, 50)] if number < 3 else [])
        people.post(DAY, *rows)
        keeping.count(month=DAY, at=NOON)
        cells = carbon.statistics(10, dt.date(2026, 1, 1), dt.date(2026, 7, 1))["months"][dt.date(2026, 6, 1)]
        assert [(one["people_"], one["shown"]) for one in cells] == [(11, False), (3, False)]  # else 3 by subtraction
        assert carbon.statistics(10, dt.date(2026, 1, 1), dt.date(2026, 6, 1))["months"] == {}  # June is not over

    @pytest.mark.parametrize(
        ("people_", "shown"),
        [
            ([50, 40, 12], [50, 40, 12]), ([50, 40, 12, 3], [50, 40]), ([50, 40, 12, 3, 2], [50, 40]), ([12, 3, 2], []),
            ([9], []), ([12], [12]),
        ],
    )  # fmt: skip
    def test_shows_no_sum_of_fewer_to_whoever_knows_the_total(self, people_, shown):
        cells = [{"people_": many} for many in people_]
        carbon.hide(cells, 10)
        assert [one["people_"] for one in cells if one["shown"]] == shown

    def test_gathers_points_of_those_who_never_spend(self, rules):
        account, _ = people.resident()
        metro = people.scenario()
        for number in range(62):
            people.post(dt.date(2026, 3, 1) + dt.timedelta(days=number), (account, metro, 20))
        assert keeping.gather() == 1
        assert points.available(account.pk, people.TODAY) == 124
        assert Account.objects.get().gathered.grant_id == 62

import dataclasses
import datetime as dt
import json
import uuid

import pytest
from django.db import connection
from tests import world
from tests.inclusion import city as cities
from tests.inclusion.city import DAY, NEXT, event

from tanhui.inclusion import lakes, numbers, settled, tasks
from tanhui.inclusion.acts import accounts, days, keeping, ruling, scenarios, settling
from tanhui.inclusion.models import Day, Settlement, Suspicion, Written
from tanhui.journal.models import Entry
from tanhui.projects.acts import uniqueness
from tanhui.projects.models import Footprint, ForeignList

LATER = NEXT + dt.timedelta(hours=3)


@pytest.fixture
def city(db, settings, tmp_path):
    settings.TANHUI_VAR, settings.TANHUI_LAKE_BUCKETS = tmp_path, 4
    return cities.built()


class TestADayIsSettled:
    def test_into_whole_grams_of_the_methodology(self, city):
        mark = city.marks[0]
        batch = city.take(event(mark, city.scenario, metres=8_000), event(mark, city.scenario, hour=18, metres=5_000))
        assert (batch.received, batch.accepted, batch.refused) == (2, 2, 0)
        made = city.settle()
        assert made.state == "DONE", made.stop
        day = Day.objects.get(account=city.accounts[0], day=DAY)
        assert day.grams == 13_000 * 9 // 125 == 936
        assert made.by_scenario["metro-bj"] == {"grams": 936, "events": 2, "people": 1}
        assert (made.grams, made.people, made.counted, made.events) == (936, 1, 2, 2)

    def test_and_told_in_the_log_with_the_hash_of_what_came_out(self, city):
        city.take(event(city.marks[0], city.scenario))
        made = city.settle()
        told = json.loads(bytes(Entry.objects.get(kind="inclusion.day_settled").leaf))["fact"]
        assert told["results_sha256"] == made.results_sha256
        assert len(made.results_sha256) == 64
        assert told["inputs_sha256"] == settling.manifest(DAY)
        assert {"grams", "changed"}.isdisjoint(told), "the log is public, and this is one person's day"

    def test_and_its_figures_are_told_of_ten_people_at_least(self, city):
        assert numbers.of_many({"grams": 7}, 9, DAY) == {}
        assert numbers.of_many({"grams": 7}, 10, DAY) == {"grams": 7}

    def test_and_late_events_settle_whom_they_touch_anew(self, city):
        city.take(event(city.marks[0], city.scenario), event(city.marks[1], city.scenario))
        first = city.settle()
        late = city.take(event(city.marks[1], city.scenario, hour=19, metres=10_000), at=LATER)
        assert late.late == 1
        second = city.settle(at=LATER)
        assert second.state == "DONE", second.stop
        assert (first.run, second.run, second.changed_days) == (1, 2, 1)
        assert Day.objects.get(account=city.accounts[1]).grams == 18_000 * 9 // 125
        assert Day.objects.get(account=city.accounts[0]).grams == 8_000 * 9 // 125
        assert second.grams == first.grams + 720

    def test_and_a_withdrawal_takes_its_grams_back(self, city):
        sent = event(city.marks[0], city.scenario, key="w")
        city.take(sent)
        city.settle()
        gone = city.take(sent | {"revision": 2, "withdrawn": True, "reason": "退票"}, at=LATER)
        assert (gone.accepted, gone.withdrawn, gone.late) == (1, 1, 1)
        made = city.settle(at=LATER)
        assert Day.objects.get(account=city.accounts[0]).grams == 0
        assert made.grams == 0

    def test_once_and_asked_again_it_is_refused_as_nothing_new(self, city):
        city.take(event(city.marks[0], city.scenario))
        made = city.settle()
        settling.carry_out(key=made.pk, told=lambda: LATER)
        assert Settlement.objects.get(pk=made.pk).done_at == made.done_at
        with world.refuses(settling.NothingNew):
            settling.ask(day=DAY, mandate=city.operator.initiator, at=LATER)

    def test_only_after_it_is_over_and_has_events(self, city):
        with world.refuses(settling.DayNotOver):
            settling.ask(day=NEXT.date(), mandate=None, at=NEXT)
        with world.refuses(settling.NoEvents):
            settling.ask(day=DAY, mandate=None, at=NEXT)

    def test_by_the_worker_and_its_events_lie_ready_until_they_are_forgotten(self, city, monkeypatch):
        monkeypatch.setattr("django.utils.timezone.now", lambda: NEXT)
        city.take(event(city.marks[0], city.scenario), event(city.marks[1], city.scenario))
        made = settling.ask(day=DAY, mandate=None, at=NEXT)
        tasks.settle(str(made.pk))
        warm = lakes.folder() / "warm" / f"day={DAY}"
        assert list(warm.glob("bucket=*.arrow"))
        tasks.settle(str(made.pk))  # a job is done at least once
        keeping.forget(lake=lakes.folder(), at=NEXT + dt.timedelta(days=400))
        assert not warm.exists()
        assert settling.keep_warm(key=made.pk) == 0

    def test_by_the_operator_alone(self, city):
        city.take(event(city.marks[0], city.scenario))
        with world.refuses(scenarios.NotYours):
            settling.ask(day=DAY, mandate=city.company.initiator, at=NEXT)

    def test_each_night_by_itself_where_something_is_new(self, city):
        city.take(event(city.marks[0], city.scenario))
        assert settling.nightly(at=NEXT) == 1
        assert settling.nightly(at=NEXT) == 0  # it waits already
        settling.carry_out(key=Settlement.objects.get().pk, told=lambda: NEXT)
        assert settling.nightly(at=LATER) == 0

    def test_and_a_fault_stops_it_with_nothing_posted_and_the_next_run_does_it(self, city):
        city.take(event(city.marks[0], city.scenario))
        path = lakes.folder() / Written.objects.get().path
        whole = path.read_bytes()
        path.write_bytes(whole[:50])
        made = settling.ask(day=DAY, mandate=None, at=NEXT)
        with pytest.raises(ValueError, match="Parquet magic bytes"):
            settling.carry_out(key=made.pk, told=lambda: NEXT)
        made.refresh_from_db()
        assert made.state == "STOPPED"
        assert made.stop["code"] == "inclusion.settlement_broken"
        assert not Day.objects.exists()
        path.write_bytes(whole)
        assert city.settle(at=LATER).state == "DONE"
        assert Day.objects.get().grams == 576

    def test_and_what_a_fault_kept_from_being_posted_is_posted_by_the_next_run(self, city, monkeypatch):
        rides = [event(city.marks[0], city.scenario), event(city.marks[1], city.scenario, key="w")]
        city.take(*rides)
        city.settle()
        gone = rides[1] | {"revision": 2, "withdrawn": True, "reason": "退票"}
        city.take(event(city.marks[0], city.scenario, hour=18, metres=10_000), gone, at=LATER)
        with monkeypatch.context() as broken:
            broken.setattr(days, "post", lambda **_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                city.settle(at=LATER)
        assert city.settle(at=LATER + dt.timedelta(hours=1)).run == 3
        grams = [Day.objects.get(account=one).grams for one in city.accounts[:2]]
        assert grams == [18_000 * 9 // 125, 0]

    def test_anew_where_a_batch_was_still_being_taken_when_it_began(self, city):
        city.take(event(city.marks[0], city.scenario))
        city.settle(at=NEXT + dt.timedelta(seconds=5))
        city.take(event(city.marks[1], city.scenario), at=NEXT + dt.timedelta(seconds=2))  # asked for before, in after
        assert settling.nightly(at=LATER) == 1

    def test_for_everybody_when_rules_return_that_others_followed_meanwhile(self, city, monkeypatch):
        city.take(event(city.marks[0], city.scenario))
        city.settle()
        half = settled.rules(DAY)
        half = dataclasses.replace(
            half, scenarios=tuple(dataclasses.replace(one, numerator=0) for one in half.scenarios)
        )
        with monkeypatch.context() as other:
            other.setattr(settled, "rules", lambda day: half)
            city.settle(at=LATER)
        assert Day.objects.get().grams == 0
        city.settle(at=LATER + dt.timedelta(hours=1))
        assert Day.objects.get().grams == 576

    def test_never_anew_once_its_events_are_erased(self, city):
        city.take(event(city.marks[0], city.scenario))
        city.settle()
        much = NEXT + dt.timedelta(days=40)
        keeping.forget(lake=lakes.folder(), at=much)
        with world.refuses(keeping.DayForgotten):
            settling.ask(day=DAY, mandate=None, at=much)
        assert settling.nightly(at=much) == 0
        assert Day.objects.get().grams == 576
        old = city.take(event(city.marks[0], city.scenario), at=much)
        assert old.reasons == {"tally.ancient": 1}

    def test_after_another_of_the_year_since_they_share_its_cap(self, city):
        city.take(event(city.marks[0], city.scenario))
        made = settling.ask(day=DAY, mandate=None, at=NEXT)
        other = connection.copy()  # a worker that settles another day of the year
        try:
            other.cursor().execute("SELECT pg_advisory_lock(%s)", [settling.claimed("year 2026")])
            settling.carry_out(key=made.pk, told=lambda: NEXT)
            assert (Settlement.objects.get().state, Day.objects.count()) == ("RUNNING", 0)
        finally:
            other.close()
        assert settling.take_up() == 1
        settling.carry_out(key=made.pk, told=lambda: NEXT)
        assert (Settlement.objects.get().state, Day.objects.count()) == ("DONE", 1)

    @pytest.mark.parametrize(
        ("change", "grams"),
        [
            ({}, 0), ({"activities": ["bus"]}, 576), ({"holder_uscc": world.uscc()}, 576), ({"state": "RELEASED"}, 576),
            ({"days": (dt.date(2026, 1, 1), DAY)}, 576),
        ],
    )  # fmt: skip
    def test_without_what_a_project_of_the_same_body_counts(self, city, change, grams):
        listed = ForeignList.objects.create(
            organisation=city.operator.organisation, mechanism="CCER", source="某登记簿", as_of=DAY,
            document=uuid.uuid4(), version=1, name="ccer.xlsx", sha256="0" * 64, reference="L-1", body_sha256="0" * 64,
            initiator=city.operator.initiator.membership.person, confirmer=city.operator.confirmer.membership.person,
            entry=1, at=NEXT,
        )  # fmt: skip
        row = {
            "kind": "FACILITY", "mechanism": "CCER", "number": "C-1", "title": "地铁节能项目", "key": "metro-line-1",
            "holder_uscc": city.company.organisation.uscc, "activities": ["metro"], "list": listed,
            "days": (dt.date(2026, 1, 1), dt.date(2027, 1, 1)), "at": NEXT, "changed_at": NEXT,
        } | change  # fmt: skip
        uniqueness.lock()
        Footprint.objects.create(**row)
        city.take(event(city.marks[0], city.scenario))
        made = city.settle()
        assert (made.grams, made.counts["claimed"]) == (grams, int(not grams))


class TestWhatARuleHoldsBack:
    @pytest.fixture
    def held(self, city):
        """A metro ride of 30 km in 5 minutes, beside an honest one."""
        city.take(
            event(city.marks[0], city.scenario, key="fast", metres=30_000, minutes=5),
            event(city.marks[1], city.scenario),
        )
        city.settle()
        return Suspicion.objects.get()

    def test_waits_with_its_rule_and_who_reported_it(self, city, held):
        assert (held.rule, held.key, held.provider, held.state) == ("tally.speed", "fast", city.provider, "WAITING")
        assert held.facts["quantity"] == 30_000
        assert Day.objects.filter(account=city.accounts[0], grams__gt=0).count() == 0

    def test_waits_no_more_once_its_provider_took_it_back(self, city, held):
        ride = event(city.marks[0], city.scenario, key="fast", metres=30_000, minutes=5)
        gone = {"revision": 2, "withdrawn": True, "reason": "重复上报"}
        city.take(ride | gone, ride | {"key": "another", "person": city.marks[1]}, at=LATER)
        assert city.settle(at=LATER).waiting == 1
        assert Suspicion.objects.get().key == "another"

    def test_is_nobodys_who_closed_their_account_meanwhile(self, city):
        city.take(event(city.marks[0], city.scenario, key="fast", metres=30_000, minutes=5))
        accounts.close(account=city.accounts[0], anonymise=True, reference=uuid.uuid4(), at=NEXT)
        assert city.settle().waiting == 0
        assert not Suspicion.objects.exists()

    def test_counts_once_it_is_allowed(self, city, held):
        ruling.decide(
            suspicion=held, outcome="ALLOWED", reason="列车时刻核对无误", mandate=city.operator.initiator, at=LATER
        )
        made = city.settle(at=LATER + dt.timedelta(minutes=1))
        assert made.state == "DONE", made.stop
        assert Day.objects.get(account=city.accounts[0]).grams == 30_000 * 9 // 125

    def test_is_decided_once_more_after_an_appeal_by_somebody_else(self, city, held):
        decide = {"suspicion": held, "reason": "不合理"}
        ruling.decide(outcome="REFUSED", mandate=city.operator.initiator, at=LATER, **decide)
        with world.refuses(ruling.DecidedAlready):
            ruling.decide(outcome="ALLOWED", mandate=city.operator.confirmer, at=LATER, **decide)
        ruling.appeal(suspicion=held, said="我乘坐的是市域快线", by=None, at=LATER)
        with world.refuses(ruling.SamePerson):
            ruling.decide(outcome="ALLOWED", mandate=city.operator.initiator, at=LATER, **decide)
        ruling.decide(outcome="ALLOWED", mandate=city.operator.confirmer, at=LATER, **decide)
        held.refresh_from_db()
        assert held.state == "ALLOWED"
        assert held.rulings.count() == 2
        with world.refuses(ruling.NothingToAppeal):
            ruling.appeal(suspicion=held, said="再", by=None, at=LATER)

    def test_cannot_be_appealed_when_the_days_are_over(self, city, held):
        ruling.decide(suspicion=held, outcome="REFUSED", reason="不合理", mandate=city.operator.initiator, at=LATER)
        with world.refuses(ruling.NothingToAppeal, days=15):
            ruling.appeal(suspicion=held, said="迟了", by=None, at=LATER + dt.timedelta(days=40))

    def test_cannot_be_made_to_count_when_its_day_is_erased(self, city, held):
        much = NEXT + dt.timedelta(days=40)
        keeping.forget(lake=lakes.folder(), at=much)
        decide = {"suspicion": held, "reason": "核对", "mandate": city.operator.initiator, "at": much}
        with world.refuses(keeping.DayForgotten):
            ruling.decide(outcome="ALLOWED", **decide)
        ruling.decide(outcome="REFUSED", **decide)
        with world.refuses(keeping.DayForgotten):
            ruling.appeal(suspicion=held, said="我乘坐的是市域快线", by=None, at=much)

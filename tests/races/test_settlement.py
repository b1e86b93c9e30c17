"""Killed without warning while a day is settled and posted (S-05): afterwards nothing is lost, nothing is doubled.

Each case has a day of its own with the same events. One day is settled undisturbed; what every other day has in the end
must be the same.
"""

import datetime as dt
import os
import signal
import subprocess
import sys

import pytest
from django.db import connection, connections
from tests.inclusion import city as cities
from tests.inclusion.city import event
from tests.races.conftest import ROOT, pointing_at
from tests.races.settler import MOMENTS

from tanhui.inclusion import lakes, tasks
from tanhui.inclusion.acts import settling
from tanhui.inclusion.models import Claim, Day, Grant, Settlement, Suspicion
from tanhui.journal.models import Entry

pytestmark = pytest.mark.slow
FIRST = cities.DAY
DAYS = [FIRST + dt.timedelta(days=number) for number in range(12)]
LATER = cities.START + dt.timedelta(days=20)


@pytest.fixture(scope="module")
def city(database, django_db_blocker, tmp_path_factory):
    """A city with the same events on each of twelve days, in a database that may be killed."""
    from django.conf import settings

    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), pointing_at(database):
        patch.setattr(settings, "TANHUI_VAR", tmp_path_factory.mktemp("settled"))
        patch.setattr(settings, "TANHUI_LAKE_BUCKETS", 4, raising=False)
        patch.setenv("TANHUI_VAR", str(settings.TANHUI_VAR))
        patch.setenv("TANHUI_DATABASE_URL", database)
        patch.setenv("DJANGO_SETTINGS_MODULE", "tanhui.site.settings")
        made = cities.built(many=6)
        for day in DAYS:
            made.take(*rows(made, day), at=LATER)
        made.free = iter(DAYS)
        yield made


def rows(city, day):
    """Two rides of everybody, and one too fast to be true."""
    trips = [
        event(mark, city.scenario, day=day, hour=hour, metres=4_000 + 1_000 * number)
        for number, mark in enumerate(city.marks) for hour in (8, 18)
    ]  # fmt: skip
    return [*trips, event(city.marks[0], city.scenario, day=day, hour=12, metres=30_000, minutes=5)]


@pytest.fixture
def asked(city):
    """The settlement of a day nobody touched yet."""
    return settling.ask(day=next(city.free), mandate=city.operator.initiator, at=LATER)


@pytest.fixture(scope="module")
def undisturbed(city):
    made = settling.ask(day=next(city.free), mandate=city.operator.initiator, at=LATER)
    settle(made)
    return outcome(made.day)


def settle(settlement):
    """As the worker does: one that finds the year claimed by a process just killed is taken up again."""
    for _ in range(500):
        tasks.settle(str(settlement.pk))
        settlement.refresh_from_db()
        if settlement.state not in Settlement.OPEN:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.02)")


def outcome(day):
    """Everything the settlement of a day leaves behind, without its moments and hashes, which name the day."""
    made = Settlement.objects.get(day=day, state="DONE")
    return {
        "days": sorted(Day.objects.filter(day=day).values_list("account", "grams", "events", "quantity")),
        "claims": sorted(Claim.objects.filter(day=day).values_list("account", "grams", "points")),
        "grants": sorted(Grant.objects.filter(day=day).values_list("kind", "rows", "grams", "points")),
        "held": sorted(Suspicion.objects.filter(day=day).values_list("account", "rule", "state")),
        "told": Entry.objects.filter(pk=made.entry, kind="inclusion.day_settled").count(),
        "settlement": (made.grams, made.people, made.events, made.counted, made.waiting, made.counts, made.by_scenario),
    }


def begin(settlement, moment, how):
    words = [sys.executable, "-m", "tests.races.settler", str(settlement.pk), moment, how]
    return subprocess.Popen(
        words, cwd=ROOT, env=os.environ.copy(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def end(process):
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def recover(settlement):
    """As the worker does after it came back: what nobody works on any more is taken up, and done."""
    for _ in range(500):
        if settling.take_up():
            break
        with connection.cursor() as cursor:  # the server has not noticed yet that the process is gone
            cursor.execute("SELECT pg_sleep(0.02)")
    settle(settlement)
    settlement.refresh_from_db()
    assert settlement.state == "DONE", settlement.stop
    assert not Settlement.objects.filter(state__in=Settlement.OPEN).exists()


class TestAKilledWorker:
    @pytest.mark.parametrize("moment", MOMENTS)
    def test_is_as_if_it_had_never_died(self, undisturbed, asked, moment):
        process = begin(asked, moment, "die")
        try:
            assert process.wait(60) == -signal.SIGKILL
        finally:
            end(process)
        assert not Day.objects.filter(day=asked.day).exists()  # nothing by halves
        recover(asked)
        assert outcome(asked.day) == undisturbed


class TestAKilledDatabase:
    @pytest.mark.parametrize("moment", ["counted a bucket", "posted"])
    def test_is_as_if_it_had_never_died(self, undisturbed, asked, server, moment):
        process = begin(asked, moment, "wait")
        try:
            assert process.stdout.readline().strip() == moment
            server.kill()
            connections.close_all()
            server.start()
            process.stdin.write("go on\n")
            process.stdin.flush()
            process.wait(60)
        finally:
            end(process)
        recovered(asked)
        assert outcome(asked.day) == undisturbed


def recovered(settlement):
    """The process that was left alive may have stopped the settlement by its fault: then the next night asks again."""
    settlement.refresh_from_db()
    if settlement.state == "STOPPED":
        assert not Day.objects.filter(day=settlement.day).exists()
        settlement = settling.ask(day=settlement.day, mandate=None, at=LATER)
        settle(settlement)
    elif settlement.state != "DONE":
        recover(settlement)


class TestAKilledProcessOfThePool:
    def test_stops_the_settlement_and_the_next_one_is_as_if_it_had_never_died(self, undisturbed, asked, monkeypatch):
        from tanhui.tally import execution, run

        monkeypatch.setattr(settling, "WORKERS", 2)
        real = execution.each

        def each(by, function, values, *, day, **more):
            if function is run.partition:
                pool = by._processes
                by.submit(int).result()
                os.kill(next(iter(pool)), signal.SIGKILL)
            return real(by, function, values, day=day, **more)

        with monkeypatch.context() as patch:
            patch.setattr(execution, "each", each)
            settle(asked)
        asked.refresh_from_db()
        assert (asked.state, asked.stop["code"]) == ("STOPPED", "tally.worker_lost")
        assert not Day.objects.filter(day=asked.day).exists()
        again = settling.ask(day=asked.day, mandate=None, at=LATER)
        settle(again)
        assert outcome(asked.day) == undisturbed


def test_the_lake_is_where_the_processes_look(city):
    assert str(lakes.folder()).startswith(os.environ["TANHUI_VAR"])

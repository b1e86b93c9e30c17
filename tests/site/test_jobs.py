"""Jobs are asked for in a transaction and done after it, at least once, by whichever worker lives."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from django.db import connection, connections, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from tanhui.journal import jobs
from tanhui.site import queue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def offered(monkeypatch):
    """Offers these jobs and no others."""

    def offer(**functions):
        monkeypatch.setattr(queue, "jobs", lambda: {f"test.{name}": act for name, act in functions.items()})

    return offer


def beside(work):
    """In a thread of its own, as the worker does: Playwright may keep a loop in the tests' own."""

    def alone():
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=alone)
    thread.start()
    thread.join(60)


def do_what_waits():
    import asyncio

    beside(lambda: asyncio.run(queue.one_queue(threading.Event(), wait=False)))


class TestAJob:
    def test_is_done_once_its_transaction_is_committed(self, offered):
        seen = []
        offered(note=lambda number: seen.append(number))
        with transaction.atomic():
            jobs.defer("test.note", number=7)

        do_what_waits()

        assert seen == [7]
        assert jobs.counts() == {}

    def test_never_happens_when_its_transaction_is_rolled_back(self, offered):
        offered(note=lambda number: None)
        with transaction.atomic():
            jobs.defer("test.note", number=7)
            transaction.set_rollback(True)

        assert jobs.counts() == {}

    def test_is_tried_again_later_when_it_fails(self, offered):
        def fail():
            raise ValueError("not today")

        offered(fail=fail)
        jobs.defer("test.fail")

        do_what_waits()

        kept = ProcrastinateJob.objects.get()
        assert (kept.status, kept.attempts) == (jobs.WAITING, 1)
        assert kept.scheduled_at is not None

    def test_of_an_unknown_name_is_kept_as_failed(self, offered):
        offered()
        jobs.defer("test.nobody")

        do_what_waits()

        assert jobs.counts() == {jobs.FAILED: 1}


KILLED = """
import os, sys, threading, asyncio, json
os.environ["DJANGO_SETTINGS_MODULE"] = "tanhui.site.settings"
os.environ["TANHUI_MODE"] = "demonstration"
import django
django.setup()
from tanhui.site import queue
def sleep():
    print("begun", flush=True)
    threading.Event().wait(60)
queue.jobs = lambda: {"test.note": sleep}
asyncio.run(queue.one_queue(threading.Event()))
"""


class TestAJobWhoseWorkerIsKilled:
    def test_is_done_by_another(self, offered, tmp_path, monkeypatch):
        jobs.defer("test.note")
        first = subprocess.Popen(
            [sys.executable, "-c", KILLED],
            env=os.environ | {"TANHUI_DATABASE_URL": url(), "TANHUI_VAR": str(tmp_path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert first.stdout.readline() == "begun\n"
        first.send_signal(signal.SIGKILL)
        first.wait()
        first.stdout.close()
        assert jobs.counts() == {jobs.RUNNING: 1}
        assert jobs.heartbeat() is not None
        seen = []
        offered(note=lambda: seen.append(1))

        beside(queue.rescue)
        assert jobs.counts() == {jobs.RUNNING: 1}, "its worker may still live"
        monkeypatch.setattr(queue, "STALLED", 0.0)
        beside(queue.rescue)
        assert jobs.counts() == {jobs.WAITING: 1}
        do_what_waits()

        assert seen == [1]

    def test_is_given_up_when_it_kills_every_worker(self, monkeypatch):
        number = jobs.defer("test.note")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', attempts = 4 WHERE id = %s", [number])

        beside(queue.rescue)

        assert jobs.counts() == {jobs.FAILED: 1}


def url():
    found = connection.settings_dict
    host = found["HOST"].replace("/", "%2F")
    return f"postgresql://{found['USER']}:{found['PASSWORD']}@{host}:{found['PORT']}/{found['NAME']}"

import logging
import threading

import pytest
from django.db import connection

from tanhui.site import worker


def task(act, seconds=0.0):
    return worker.Task(name="test.task", seconds=seconds, act=act)


class Turns:
    """Ends the work after so many turns."""

    def __init__(self, count, act=lambda: None):
        self.left, self.act, self.ended = count, act, threading.Event()

    def __call__(self):
        self.left -= 1
        if not self.left:
            self.ended.set()
        self.act()


def fail():
    raise ValueError("poison")


@pytest.mark.django_db
class TestTheWorker:
    def test_does_each_task_again_and_again(self):
        turns = Turns(3)

        worker.work(turns.ended, [task(turns)])

        assert turns.left == 0

    def test_goes_on_with_the_others_when_one_fails(self):
        turns = Turns(2)

        worker.work(turns.ended, [task(fail), task(turns)])

        assert turns.left == 0

    def test_keeps_each_tasks_own_rhythm(self):
        turns, rare = Turns(3), []

        worker.work(turns.ended, [task(lambda: rare.append(1), seconds=60), task(turns)])

        assert rare == [1]

    def test_tells_the_trace_once_and_then_that_it_works_again(self, caplog):
        acts = iter([fail, fail, lambda: None])
        poisoned = task(lambda: next(acts)())

        with caplog.at_level(logging.INFO, logger="tanhui.worker"):
            for _ in range(3):
                worker.attempt(poisoned)

        told = [(record.levelname, bool(record.exc_info)) for record in caplog.records]
        assert told == [("ERROR", True), ("ERROR", False), ("INFO", False)]

    def test_asks_every_room(self):
        assert {"journal.sequence", "ledger.expire"} <= {each.name for each in worker.tasks()}


@pytest.mark.django_db(transaction=True)
class TestAWorkerWhoseDatabaseRestarts:
    def test_gets_a_new_connection(self):
        seen = []
        look = task(lambda: seen.append(backend()))

        worker.attempt(look)
        with pytest.raises(Exception, match="terminat"), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        worker.attempt(look)

        assert len(set(seen)) == 2


def backend():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]

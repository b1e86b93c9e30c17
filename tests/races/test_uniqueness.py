"""Eight processes claim the same land at the same moment: one stands, the others learn whose it is."""

import multiprocessing
import os

import pytest
from django.db import connections
from tests import world
from tests.projects import claims

from tanhui.projects import uniqueness
from tanhui.projects.acts import uniqueness as acts
from tanhui.projects.models import Development, Footprint
from tanhui.rulepacks.queries import in_force

PROCESSES = 8


def claim(gate, answers, key):
    """In a process of its own, on a connection of its own."""
    connections["default"] = connections.create_connection("default")  # one inherited would be everybody's
    connections["default"].ensure_connection()
    development = Development.objects.get(pk=key)
    gate.wait()
    try:
        acts.claim(development=development, at=world.NOON)
    except Exception as problem:
        answers.put((os.getpid(), type(problem).__name__, str(problem)))
    else:
        answers.put((os.getpid(), "claimed", ""))
    connections["default"].close()


class TestEightClaims:
    @pytest.mark.parametrize("what", ["land", "meter"])
    def test_of_the_same_leave_one_standing(self, register, what):
        """Each overlaps each: the squares are set off against one another by a fraction of their size."""
        if in_force("demo-local", world.NOON.date()) is None:  # the database is shared with the tests before
            claims.activate()
        rows = [
            claims.development(register.owner, claims.square(place / 20, 3))
            if what == "land"
            else claims.development(register.owner, meters=["N-1"])
            for place in range(PROCESSES)
        ]
        before = Footprint.objects.count()
        connections["default"].close()
        fork = multiprocessing.get_context("fork")
        gate, answers = fork.Barrier(PROCESSES, timeout=60), fork.Queue()
        running = [fork.Process(target=claim, args=(gate, answers, one.pk)) for one in rows]
        for one in running:
            one.start()
        told = [answers.get(timeout=180) for _ in running]
        for one in running:
            one.join(60)

        assert len({process for process, _, _ in told}) == PROCESSES
        refused = uniqueness.Overlaps if what == "land" else uniqueness.MeteredTwice
        assert sorted(kind for _, kind, _ in told) == [refused.__name__] * (PROCESSES - 1) + ["claimed"], told
        assert Footprint.objects.count() == before + 1

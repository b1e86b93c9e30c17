"""Eight processes file what the same fields earned: one stands, the others learn whose it is."""

import datetime as dt
import multiprocessing
import os

import pytest
from django.db import connections
from tests import world
from tests.methods import agri

from tanhui.kernel.period import Period as Days
from tanhui.registry.acts import claiming
from tanhui.registry.models import Claim, Period

PROCESSES = 8


def file(gate, answers, **filing):
    """In a process of its own, on a connection of its own."""
    connections["default"] = connections.create_connection("default")  # one inherited would be everybody's
    connections["default"].ensure_connection()
    gate.wait()
    try:
        world.verified(**filing)
    except Exception as problem:
        answers.put((os.getpid(), type(problem).__name__, str(problem)))
    else:
        answers.put((os.getpid(), "filed", ""))
    connections["default"].close()


class TestEightFilingsOfOneField:
    @pytest.mark.parametrize(("year", "turned"), [(2026, False), (2027, True)])
    def test_leave_one_standing(self, register, year, turned):
        """Half of them by another methodology, which may name the fields in another order."""
        farms = [agri.rice(), agri.default_cuts()]
        if turned:
            farms[1].sheets["parcels"].reverse()
        bundles = [farm.run(purpose="demonstration").bundle() for farm in farms]
        projects = [
            world.project(operator=register.operator, owner=register.owner, validator=register.validator)
            for _ in range(PROCESSES)
        ]
        span = Days(dt.date(year, 1, 1), dt.date(year + 1, 1, 1))
        before = Claim.objects.count(), Period.objects.count()

        connections["default"].close()
        fork = multiprocessing.get_context("fork")
        gate, answers = fork.Barrier(PROCESSES, timeout=60), fork.Queue()
        filing = {"verifier": register.verifier, "span": span}
        running = [
            fork.Process(
                target=file, args=(gate, answers), kwargs=filing | {"project": one, "bundle": bundles[number % 2]}
            )
            for number, one in enumerate(projects)
        ]
        for one in running:
            one.start()
        told = [answers.get(timeout=180) for _ in running]
        for one in running:
            one.join(60)

        assert len({process for process, _, _ in told}) == PROCESSES
        kinds = sorted(kind for _, kind, _ in told)
        assert kinds == [claiming.CountedElsewhere.__name__] * (PROCESSES - 1) + ["filed"], told
        assert (Claim.objects.count(), Period.objects.count()) == (before[0] + 3, before[1] + 1)

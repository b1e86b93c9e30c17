"""Eight processes take a step of the same project at the same moment: one is taken, the others learn who was faster."""

import multiprocessing
import os
from collections import Counter

import pytest
from django.db import connections
from tests import world
from tests.projects import claims

from tanhui.identity.models import Mandate
from tanhui.journal.models import Entry
from tanhui.projects.acts import steps
from tanhui.projects.models import Development, Footprint, Step
from tanhui.rulepacks.queries import in_force

PROCESSES = 8


def take(gate, answers, key, act, mandates, reference, revision):
    """In a process of its own, on a connection of its own."""
    connections["default"] = connections.create_connection("default")  # one inherited would be everybody's
    connections["default"].ensure_connection()
    subject = Development.objects.get(pk=key)
    rows = Mandate.objects.select_related("membership__person", "membership__organisation")
    *first, last = (rows.get(pk=one) for one in mandates)
    gate.wait()
    try:
        made = steps.step(
            subject=subject, act=act, mandate=last, initiating=first[0] if first else None, reference=reference,
            at=world.NOON, said=steps.Said("材料齐全，属实。"), revision=revision,
        )  # fmt: skip
    except Exception as problem:
        answers.put((os.getpid(), type(problem).__name__, str(problem)))
    else:
        answers.put((os.getpid(), "taken", str(made.pk)))
    connections["default"].close()


def together(one, wanted, revision=None):
    """What each process was told; ``wanted``: the act of each, the mandates that sign it, and its reference."""
    connections["default"].close()
    fork = multiprocessing.get_context("fork")
    gate, answers = fork.Barrier(len(wanted), timeout=60), fork.Queue()
    running = [
        fork.Process(target=take, args=(gate, answers, one.pk, act, [each.pk for each in signed], said, revision))
        for act, signed, said in wanted
    ]
    for process in running:
        process.start()
    told = [answers.get(timeout=180) for _ in running]
    for process in running:
        process.join(60)
    assert len({process for process, _, _ in told}) == len(wanted)
    return told


def both(party):
    return [party.initiator, party.confirmer]


@pytest.fixture
def county(register):
    if in_force("demo-local", world.NOON.date()) is None:  # the database is shared with the tests before
        claims.activate()
    return world.party("AUTHL", name="演示旗林草局")


@pytest.fixture
def drawn(register, county):
    """A draft with land nobody else has, ready for the county."""
    return claims.development(
        register.owner, claims.square(next(claims.NUMBERS), 60), county=county.organisation, city=county.organisation
    )


class TestEightAtOnce:
    def test_take_a_step_once_and_its_land_once(self, register, drawn):
        facts = Entry.objects.filter(kind="projects.development_moved")
        before, told_before = Footprint.objects.count(), facts.count()
        told = together(drawn, [("submit_county", both(register.owner), f"hand-in-{n}") for n in range(PROCESSES)])

        assert Counter(kind for _, kind, _ in told) == {"taken": 1, "MovedOn": PROCESSES - 1}, told
        assert Development.objects.get(pk=drawn.pk).state == "COUNTY_REVIEW"
        assert Step.objects.get(development=drawn).after == "COUNTY_REVIEW"
        assert (Footprint.objects.count(), facts.count()) == (before + 1, told_before + 1)

    def test_all_hold_the_same_step_where_they_are_one_request(self, register, drawn):
        told = together(drawn, [("submit_county", both(register.owner), "hand-in")] * PROCESSES)
        kept = Step.objects.get(development=drawn)
        assert [(kind, said) for _, kind, said in told] == [("taken", str(kept.pk))] * PROCESSES

    def test_leave_one_of_two_ways_out_of_a_state(self, county, drawn):
        drawn.state = "COUNTY_REVIEW"
        drawn.save(update_fields=["state"])
        ways = [("approve_county", both(county)), ("send_back", [county.initiator])] * (PROCESSES // 2)
        wanted = [(act, signed, f"decide-{n}") for n, (act, signed) in enumerate(ways)]
        told = together(drawn, wanted, revision=Development.objects.get(pk=drawn.pk).revision)

        assert Counter(kind for _, kind, _ in told) == {"taken": 1, "ChangedSince": PROCESSES - 1}, told
        kept = Step.objects.get(development=drawn)
        assert (kept.act, kept.after) in {("approve_county", "CITY_FILING"), ("send_back", "DRAFT")}
        assert Development.objects.get(pk=drawn.pk).state == kept.after

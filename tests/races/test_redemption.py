"""Eight processes want the last of an offer at one moment: as many get it as there are, and nobody pays in vain."""

import multiprocessing
import os

from django.db import connections
from tests import world
from tests.inclusion import shops

from tanhui.inclusion.acts import points, redemption
from tanhui.inclusion.models import Account, Offer, Voucher

PROCESSES, STOCK, EACH = 8, 5, 3


def want(gate, answers, keys, number, offer):
    """In a process of its own, on a connection of its own, asking for each person it stands for."""
    connections["default"] = connections.create_connection("default")  # one inherited would be everybody's
    connections["default"].ensure_connection()
    people, wanted = [Account.objects.get(pk=key) for key in keys], Offer.objects.get(pk=offer)
    gate.wait()
    told = []
    for turn, one in enumerate(people):
        try:
            redemption.take(account=one, offer=wanted, reference=f"{number}-{turn}", at=world.NOON)
        except Exception as problem:
            told.append((type(problem).__name__, str(problem)))
        else:
            told.append(("taken", ""))
    answers.put((os.getpid(), told))
    connections["default"].close()


def at_once(crowds, offer):
    fork = multiprocessing.get_context("fork")
    gate, answers = fork.Barrier(len(crowds), timeout=60), fork.Queue()
    connections["default"].close()
    running = [
        fork.Process(target=want, args=(gate, answers, keys, number, offer.pk)) for number, keys in enumerate(crowds)
    ]
    for one in running:
        one.start()
    told = [answers.get(timeout=180) for _ in running]
    for one in running:
        one.join(60)
    assert len({process for process, _ in told}) == len(crowds)
    return [each for _, one in told for each in one]


class TestEightClients:
    def test_never_take_more_than_there_is(self, register):
        shops.rules()
        operator = world.party("OPER")
        shop = shops.shop(operator)
        offer = shops.offer(shop, operator, stock=STOCK)
        people = shops.people(shops.scenario(operator), PROCESSES * EACH)
        crowds = [[one.pk for one in people[place::PROCESSES]] for place in range(PROCESSES)]

        told = at_once(crowds, offer)

        assert sorted(kind for kind, _ in told) == ["SoldOut"] * (PROCESSES * EACH - STOCK) + ["taken"] * STOCK, told
        assert Offer.objects.get(pk=offer.pk).taken == STOCK == Voucher.objects.filter(offer=offer).count()
        left = [points.available(one.pk, shops.DAY) for one in people]
        assert sorted(left) == [950] * STOCK + [1_000] * (PROCESSES * EACH - STOCK)

    def test_of_one_person_take_what_one_may(self, register):
        shops.rules()
        operator = world.party("OPER")
        shop = shops.shop(operator)
        offer = shops.offer(shop, operator, each=1)
        [person] = shops.people(shops.scenario(operator))

        told = at_once([[person.pk]] * PROCESSES, offer)

        assert sorted(kind for kind, _ in told) == ["EnoughForOne"] * (PROCESSES - 1) + ["taken"], told
        assert points.available(person.pk, shops.DAY) == 950

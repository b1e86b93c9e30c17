"""Points at another company's platform: each reference once, back once and as a whole."""

import uuid

import pytest
from tests import world
from tests.inclusion import shops

from tanhui.inclusion.acts import accounts, exchanging, points

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(db):
    shops.rules()
    [found] = shops.people(shops.scenario(world.party("OPER")))
    return found


def out(person, count=100, reference="X-1", platform="bank"):
    return exchanging.out(account=person, platform=platform, count=count, reference=reference, at=world.NOON)


def back(reference="Y-1", of="X-1", platform="bank"):
    return exchanging.back(platform=platform, of=of, reference=reference, at=world.NOON)


def left(person):
    return points.available(person.pk, shops.DAY)


class TestPoints:
    def test_go_out_once_under_a_reference(self, person):
        assert out(person) == out(person)
        assert left(person) == 900
        with world.refuses(exchanging.ExchangeTaken):
            out(person, 101)
        out(person, platform="shop")  # another platform counts for itself
        assert left(person) == 800

    def test_come_back_once_and_whole(self, person):
        out(person)
        assert back() == back()
        assert left(person) == 1_000
        with world.refuses(points.GivenBackAlready):
            back("Y-2")

    def test_do_not_come_back_to_an_account_that_was_closed(self, person):
        out(person)
        accounts.close(account=person, anonymise=True, reference=uuid.uuid4(), at=world.NOON)
        with world.refuses(points.AccountNotActive):
            back()
        assert left(person) == 0

    def test_do_not_come_back_from_where_they_never_went(self, person):
        with world.refuses(exchanging.ExchangeUnknown, reference="X-1"):
            back()
        out(person)
        with world.refuses(exchanging.ExchangeUnknown):
            back(platform="shop")
        out(person, reference="X-2")
        with world.refuses(exchanging.ExchangeTaken):
            back(reference="X-2")

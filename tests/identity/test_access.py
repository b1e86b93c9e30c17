import datetime as dt
import uuid

import pytest
from django.http import Http404
from tests import world

from tanhui.identity import access
from tanhui.identity.models import Membership

DAY = dt.timedelta(days=1)


@pytest.fixture
def who(db):
    return world.person()


@pytest.fixture
def body(db):
    return world.organisation(name="某公司")


class TestMandate:
    def test_is_found_while_it_stands(self, who, body):
        given = world.mandate(who, body, "INITIATE", until_at=world.NOON + DAY)

        assert access.mandate(who, body, "INITIATE", at=world.NOON) == given
        assert access.mandate(who, body.pk, "INITIATE", at=world.NOON) == given

    def test_is_not_found_by_a_stranger(self, who, body):
        with pytest.raises(Http404):
            access.mandate(who, body, "INITIATE", at=world.NOON)

    def test_that_has_run_out_is_refused_with_the_day(self, who, body):
        world.mandate(who, body, "INITIATE", until_at=world.NOON)

        with world.refuses(
            access.MandateExpired, "identity.mandate_expired", capacity="INITIATE", organisation="某公司",
            until="2026-06-05",
        ):  # fmt: skip
            access.mandate(who, body, "INITIATE", at=world.NOON)

    def test_renewed_is_found_again(self, who, body):
        world.mandate(who, body, "INITIATE", until_at=world.NOON)
        renewed = world.mandate(who, body, "INITIATE", since_at=world.NOON)

        assert access.mandate(who, body, "INITIATE", at=world.NOON) == renewed

    def test_of_another_capacity_is_refused(self, who, body):
        world.mandate(who, body, "VIEW")

        with world.refuses(
            access.CapacityMissing, "identity.capacity_missing", capacity="CONFIRM", organisation="某公司"
        ):  # fmt: skip
            access.mandate(who, body, "CONFIRM", at=world.NOON)

    def test_ends_with_the_membership(self, who, body):
        world.mandate(who, body, "INITIATE")
        Membership.objects.update(until_at=world.NOON)

        with world.refuses(access.MandateExpired, until="2026-06-05"):
            access.mandate(who, body, "INITIATE", at=world.NOON)

    def test_that_has_not_begun_is_not_found(self, who, body):
        world.mandate(who, body, "INITIATE", since_at=world.NOON + DAY)

        with pytest.raises(Http404):
            access.mandate(who, body, "INITIATE", at=world.NOON)


class TestOrganisations:
    def test_are_those_one_has_a_mandate_for_now(self, who, body):
        world.mandate(who, body, "VIEW")
        world.mandate(who, world.organisation(), "VIEW", until_at=world.NOON)
        world.organisation()

        assert list(access.organisations(who, at=world.NOON)) == [body]


class TestInstruction:
    def test_is_found_by_everyone_of_its_organisation(self, db):
        here = world.build()
        asked = here.initiate(1)
        looking = world.person()
        world.mandate(looking, here.owner.organisation, "VIEW")

        assert access.instruction(looking, asked.pk, at=world.NOON) == asked
        assert access.instruction(looking, str(asked.pk), at=world.NOON) == asked

    def test_is_not_found_by_others(self, db):
        here = world.build()
        asked = here.initiate(1)
        buyer = here.buyer.initiator.membership.person

        for key in (asked.pk, uuid.uuid4(), "1' OR '1'='1", ""):
            with pytest.raises(Http404):
                access.instruction(buyer, key, at=world.NOON)

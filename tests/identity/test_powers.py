"""What a person may do for whom, read once: what stands, by role and capacity; what waits for a second signature."""

import datetime as dt

import pytest
from tests import world
from tests.identity import people

from tanhui.identity import powers
from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def here():
    return people.body("OWN", at=world.NOON)


class TestThePowersOfAPerson:
    def test_are_read_in_one_statement_however_many_bodies(self, here, django_assert_num_queries):
        other = people.body("PLED", at=world.NOON)
        world.mandate(here.member, other.organisation, "CONFIRM", at=world.NOON)
        with django_assert_num_queries(1):
            held = powers.of(here.member, at=world.NOON)
            assert {one.membership.organisation.role for one in held.mandates} == {"OWN", "PLED"}
            assert {one.membership.person for one in held.mandates} == {here.member}

    def test_are_asked_by_role_and_capacity(self, here):
        verifier = people.body("PLED", at=world.NOON).organisation
        world.mandate(here.member, verifier, "CONFIRM", at=world.NOON)
        held = powers.of(here.member, at=world.NOON)

        assert held.bodies(["PLED"]) == held.bodies(["PLED"], "CONFIRM") == [verifier.pk]
        assert held.bodies(["PLED"], "INITIATE") == []
        assert held.bodies() == sorted([here.organisation.pk, verifier.pk])
        assert held.works_for("PLED", "REG")
        assert not held.works_for("REG")

    def test_end_when_the_mandate_does(self, here):
        world.mandate(here.member, here.organisation, "CONFIRM", at=world.NOON)
        Mandate.objects.filter(membership__person=here.member).update(until_at=world.NOON + DAY)

        assert powers.of(here.member, at=world.NOON).works_for("OWN")
        assert not powers.of(here.member, at=world.NOON + DAY).works_for()


class TestWhatWaitsForASecondSignature:
    @pytest.fixture
    def party(self):
        return world.party("OWN")

    def ask(self, party, **given):
        values = {
            "act": "test.act", "mandate": party.initiator, "reference": f"test-{next(world.NAMES)}", "body": {},
            "at": world.NOON, "expires_at": world.NOON + DAY, "prepare": lambda asked: None,
        }  # fmt: skip
        return instruction.initiate(**values | given)

    def found(self, mandate, at=world.NOON):
        return list(powers.to_confirm(powers.of(mandate.membership.person, at=at), ["test.act"]))

    def test_is_what_a_colleague_asked_for(self, party):
        first, second = self.ask(party), self.ask(party, at=world.NOON + dt.timedelta(hours=1))
        self.ask(party, act="test.other")

        assert self.found(party.confirmer, at=world.NOON + dt.timedelta(hours=2)) == [first, second]

    def test_is_nothing_to_who_asked_nor_to_another_body(self, party):
        self.ask(party)
        world.mandate(party.initiator.membership.person, party.organisation, "CONFIRM", at=world.NOON)

        assert self.found(party.initiator) == []
        assert self.found(world.party("OWN").confirmer) == []

    def test_runs_out(self, party):
        self.ask(party)

        assert len(self.found(party.confirmer, at=world.NOON + DAY - dt.timedelta(seconds=1))) == 1
        assert self.found(party.confirmer, at=world.NOON + DAY) == []

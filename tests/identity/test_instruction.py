"""One reference, one instruction (T5): bound to who asks, to what is asked and to how."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from tests import world

from tanhui.identity import access
from tanhui.identity.acts import instruction
from tanhui.identity.models import Decision, Instruction
from tanhui.kernel.refusal import Refusal

HOUR = dt.timedelta(hours=1)


class Full(Refusal):
    code = "test.full"
    sentence = "full"
    clause = "test"


@pytest.fixture
def party(db):
    return world.party()


@pytest.fixture
def initiate(party):
    def initiate(**overrides):
        values = {
            "act": "test.act", "mandate": party.initiator, "reference": "key-1", "body": {"quantity_t": 5},
            "at": world.NOON, "expires_at": world.NOON + HOUR, "prepare": lambda asked: None,
        } | overrides  # fmt: skip
        return instruction.initiate(**values)

    return initiate


class TestAKey:
    def test_with_the_same_body_gives_the_same_instruction_and_prepares_once(self, initiate):
        prepared = []

        first = initiate(prepare=prepared.append)
        again = initiate(prepare=prepared.append, at=world.NOON + HOUR / 2)

        assert first == again
        assert prepared == [first]

    def test_with_another_body_is_refused(self, initiate):
        initiate()

        with world.refuses(instruction.ReferenceTaken, "identity.reference_taken", reference="key-1"):
            initiate(body={"quantity_t": 6})

    def test_with_another_organisation_behind_it_is_another_body(self, initiate, party):
        initiate()
        other = world.mandate(party.initiator.membership.person, world.organisation(), "INITIATE")

        with world.refuses(instruction.ReferenceTaken):
            initiate(mandate=other)

    def test_of_another_caller_is_another_key(self, initiate, party):
        colleague = world.mandate(world.person(), party.organisation, "INITIATE")

        assert initiate().pk != initiate(mandate=colleague).pk

    def test_for_another_act_is_another_key(self, initiate):
        assert initiate().pk != initiate(act="test.other").pk

    def test_of_a_request_that_failed_is_still_free_for_the_corrected_one(self, initiate):
        def fail(asked):
            raise Full

        with pytest.raises(Full):
            initiate(prepare=fail)
        assert not Instruction.objects.exists()

        assert initiate(body={"quantity_t": 4}).body == {"quantity_t": 4}

    @pytest.mark.parametrize("key", ["x" * 65, "x" * 1000, "", "钥匙", "a b", "a\n", "\x00"])
    def test_that_is_too_long_or_not_plain_is_refused(self, initiate, key):
        with world.refuses(
            instruction.ReferenceUnusable, "identity.reference_unusable", length=len(key)
        ) as met:  # fmt: skip
            initiate(reference=key)
        assert met.value.status == 400

    def test_may_have_sixty_four_characters(self, initiate):
        assert initiate(reference="x" * 64).reference == "x" * 64


class TestInitiate:
    def test_refuses_a_confirmers_mandate(self, initiate, party):
        with world.refuses(instruction.WrongMandate, "identity.wrong_mandate", needed="INITIATE"):
            initiate(mandate=party.confirmer)

    def test_refuses_a_mandate_that_has_run_out(self, initiate, party):
        short = world.mandate(world.person(), party.organisation, "INITIATE", until_at=world.NOON)

        with world.refuses(access.MandateExpired, capacity="INITIATE", until="2026-06-05"):
            initiate(mandate=short)

    def test_refuses_a_mandate_that_has_not_begun(self, initiate, party):
        early = world.mandate(world.person(), party.organisation, "INITIATE", since_at=world.NOON + HOUR)

        with world.refuses(instruction.WrongMandate, needed="INITIATE"):
            initiate(mandate=early)


class TestConfirm:
    def test_carries_out_once_and_keeps_the_answer(self, initiate, party):
        asked, done = initiate(), []

        def carry_out(held):
            done.append(held)
            return {"number": len(done)}

        by = {"instruction": asked, "mandate": party.confirmer, "at": world.NOON, "carry_out": carry_out}
        first, again = instruction.confirm(**by), instruction.confirm(**by)

        assert first == again
        assert first.result == again.result == {"number": 1}
        assert done == [asked]

    def test_that_fails_leaves_the_instruction_open(self, initiate, party):
        asked = initiate()

        def fail(held):
            raise Full

        by = {"instruction": asked, "mandate": party.confirmer, "at": world.NOON}
        with pytest.raises(Full):
            instruction.confirm(**by, carry_out=fail)

        assert instruction.confirm(**by, carry_out=lambda held: {}).outcome == "CONFIRMED"


class TestTheDatabaseItself:
    """What the acts refuse, the tables would not store either."""

    def test_refuses_one_person_on_both_sides(self, initiate):
        asked = initiate()
        with pytest.raises(IntegrityError, match="nobody_confirms_their_own_instruction"), transaction.atomic():
            self.decide(asked, initiator=asked.initiator, by=asked.initiator)

    def test_refuses_a_decision_that_misnames_the_initiator(self, initiate):
        asked, other = initiate(), world.person()
        with pytest.raises(IntegrityError, match="a_decision_names_the_initiator"), transaction.atomic():
            self.decide(asked, initiator=other, by=asked.initiator)

    def test_refuses_a_second_decision(self, initiate, party):
        asked = initiate()
        confirmer = party.confirmer.membership.person
        self.decide(asked, initiator=asked.initiator, by=confirmer)
        with pytest.raises(IntegrityError, match="pkey"), transaction.atomic():
            self.decide(asked, initiator=asked.initiator, by=confirmer)

    def decide(self, asked, **people):
        return Decision.objects.create(instruction=asked, outcome="CONFIRMED", at=world.NOON, **people)

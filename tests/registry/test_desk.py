import datetime as dt

import pytest
from tests import world

from tanhui.identity import access
from tanhui.identity.acts import instruction
from tanhui.identity.models import Decision
from tanhui.journal.models import Entry
from tanhui.ledger.acts import refusals, reservation
from tanhui.registry.acts import desk, restriction, transfer
from tanhui.registry.models import Retirement, Transfer

WEEK = transfer.OPEN_FOR
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def asked(register):
    """70 t from the owner to the buyer, awaiting the second signature."""
    return register.initiate(70)


@pytest.fixture
def confirm(register, asked):
    def confirm(mandate=None, at=world.NOON, instruction=asked):
        return desk.confirm(instruction=instruction, mandate=mandate or register.owner.confirmer, at=at)

    return confirm


class TestConfirm:
    def test_moves_exactly_what_was_set_aside(self, register, asked, confirm):
        register.transfer(10)  # takes the units after those, which are spoken for

        decided = confirm()

        assert decided.outcome == "CONFIRMED"
        moved = Transfer.objects.get(pk=decided.result["transfer"])
        assert (moved.quantity_t, moved.movement_id) == (70, decided.result["transaction"])
        assert moved.initiator_id == asked.initiator_id
        assert moved.confirmer_id == register.owner.confirmer.membership.person_id
        assert world.held_t(register.buyer.holding) == 80
        assert world.free_t(register.owner.issued) == 920

    def test_retires_exactly_what_was_set_aside(self, register, confirm):
        asked = register.initiate_retirement(65)

        decided = confirm(instruction=asked)

        assert Retirement.objects.get(certificate=decided.result["certificate"]).quantity_t == 65
        assert world.held_t(register.owner.issued) == 935

    def test_again_gives_the_same_decision(self, register, confirm):
        first = confirm()
        another = world.mandate(world.person(), register.owner.organisation, "CONFIRM")

        assert confirm() == first
        assert confirm(another).result == first.result
        assert world.held_t(register.buyer.holding) == 70

    def test_refuses_the_person_who_asked(self, register, asked, confirm):
        person = asked.initiator
        both = world.mandate(person, register.owner.organisation, "CONFIRM")

        with world.refuses(instruction.OnePersonTwice, "identity.one_person_twice", person=person.name):
            confirm(both)

    def test_refuses_an_initiators_mandate(self, register, confirm):
        other = world.mandate(world.person(), register.owner.organisation, "INITIATE")

        with world.refuses(instruction.WrongMandate, needed="CONFIRM", organisation="项目业主"):
            confirm(other)

    def test_refuses_the_other_partys_confirmer(self, register, confirm):
        with world.refuses(instruction.WrongMandate, needed="CONFIRM"):
            confirm(register.buyer.confirmer)

    def test_refuses_a_mandate_that_has_run_out(self, register, confirm):
        short = world.mandate(world.person(), register.owner.organisation, "CONFIRM", until_at=register.at)

        with world.refuses(access.MandateExpired, "identity.mandate_expired", until="2026-06-05"):
            confirm(short)

    def test_refuses_when_the_week_is_over(self, confirm):
        with world.refuses(instruction.InstructionExpired, "identity.instruction_expired"):
            confirm(at=world.NOON + WEEK)

    def test_is_possible_until_the_last_second(self, register, confirm):
        confirm(at=world.NOON + WEEK - SECOND)

        assert world.held_t(register.buyer.holding) == 70

    def test_refuses_units_frozen_since(self, register, confirm):
        """A judicial freeze stands above a waiting instruction."""
        account, court = register.owner.account, world.organisation("COURT")
        restriction.place(
            kind="JUDICIAL", account=account, units=restriction.everything(account), authority=court,
            document="(2026) 内04执1号", document_sha256=world.HASH, until_at=None, reference="freeze",
            signatures=register.operator.signatures, at=register.at,
        )  # fmt: skip

        with world.refuses(restriction.UnitsRestricted, "registry.units_restricted", kind="JUDICIAL"):
            confirm()

    def test_refuses_what_somebody_asked_for_whose_mandate_has_ended_since(self, register, confirm):
        given = register.owner.initiator
        type(given).objects.filter(pk=given.pk).update(until_at=world.NOON + SECOND)

        with world.refuses(access.MandateExpired, capacity="INITIATE"):
            confirm(at=world.NOON + 2 * SECOND)


class TestReject:
    def test_gives_the_units_back_and_says_why(self, register, asked):
        decided = desk.reject(
            instruction=asked, mandate=register.owner.confirmer, reason="金额有误", at=register.at
        )  # fmt: skip

        assert (decided.outcome, decided.reason) == ("REJECTED", "金额有误")
        assert world.free_t(register.owner.issued) == 1000
        assert Entry.objects.filter(kind="identity.instruction_dropped").count() == 1

    def test_twice_is_once(self, register, asked):
        by = {"instruction": asked, "mandate": register.owner.confirmer, "reason": "", "at": register.at}

        assert desk.reject(**by) == desk.reject(**by)

    def test_after_confirmation_is_refused(self, register, asked, confirm):
        confirm()

        with world.refuses(instruction.AlreadyDecided, "identity.already_decided", outcome="CONFIRMED"):
            desk.reject(instruction=asked, mandate=register.owner.confirmer, reason="", at=register.at)

    def test_stops_a_later_confirmation(self, register, asked, confirm):
        desk.reject(instruction=asked, mandate=register.owner.confirmer, reason="", at=register.at)

        with world.refuses(instruction.AlreadyDecided, outcome="REJECTED"):
            confirm()

    def test_is_for_the_organisation_alone(self, register, asked):
        with world.refuses(instruction.WrongMandate, needed="CONFIRM"):
            desk.reject(instruction=asked, mandate=register.buyer.confirmer, reason="", at=register.at)

    def test_is_for_a_confirmer(self, register, asked):
        other = world.mandate(world.person(), register.owner.organisation, "VIEW")

        with world.refuses(instruction.WrongMandate, needed="CONFIRM"):
            desk.reject(instruction=asked, mandate=other, reason="", at=register.at)

    def test_refuses_a_mandate_that_has_run_out(self, register, asked):
        short = world.mandate(world.person(), register.owner.organisation, "CONFIRM", until_at=register.at)

        with world.refuses(access.MandateExpired):
            desk.reject(instruction=asked, mandate=short, reason="", at=register.at)

    def test_is_refused_after_the_units_have_gone_back_by_themselves(self, register, asked):
        reservation.expire(at=world.NOON + WEEK)

        with world.refuses(refusals.AlreadyResolved, outcome="EXPIRED"):
            desk.reject(instruction=asked, mandate=register.owner.confirmer, reason="", at=world.NOON + WEEK)


class TestWithdraw:
    def test_gives_the_units_back(self, register, asked):
        decided = desk.withdraw(
            instruction=asked, mandate=register.owner.initiator, reason="", at=register.at
        )  # fmt: skip

        assert decided.outcome == "WITHDRAWN"
        assert world.free_t(register.owner.issued) == 1000

    def test_is_for_the_person_who_asked(self, register, asked):
        other = world.mandate(world.person(), register.owner.organisation, "INITIATE")

        with world.refuses(instruction.WrongMandate, needed="INITIATE", organisation="项目业主"):
            desk.withdraw(instruction=asked, mandate=other, reason="", at=register.at)

    def test_after_rejection_is_refused(self, register, asked):
        desk.reject(instruction=asked, mandate=register.owner.confirmer, reason="", at=register.at)

        with world.refuses(instruction.AlreadyDecided, outcome="REJECTED"):
            desk.withdraw(instruction=asked, mandate=register.owner.initiator, reason="", at=register.at)

        assert Decision.objects.count() == 1

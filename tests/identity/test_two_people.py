"""An instruction ends once, by the right people, in time; and everyone who decides it learns how it ended."""

import datetime as dt
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connections, transaction
from tests import world

from tanhui.identity import access
from tanhui.identity.acts import instruction
from tanhui.identity.models import Decision, Instruction, Mandate, Membership
from tanhui.journal.models import Entry

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@pytest.fixture
def party(db):
    return world.party(name="某林场")


@pytest.fixture
def asked(party):
    return ask(party)


def ask(party, **overrides):
    values = {
        "act": "test.act", "mandate": party.initiator, "reference": f"ask-{next(world.NAMES)}",
        "body": {"quantity_t": 5}, "at": world.NOON, "expires_at": world.NOON + HOUR, "prepare": lambda made: None,
    } | overrides  # fmt: skip
    return instruction.initiate(**values)


def confirm(asked, by, *, at=world.NOON, carry_out=lambda held: {}):
    return instruction.confirm(instruction=afresh(asked), mandate=by, at=at, carry_out=carry_out)


def drop(asked, outcome, *, by, at=world.NOON, undo=lambda held: None, **options):
    return instruction.drop(instruction=afresh(asked), outcome=outcome, at=at, by=by, undo=undo, **options)


def afresh(asked):
    """As the next request reads it."""
    return Instruction.objects.select_related("organisation", "initiator", "decision").get(pk=asked.pk)


def never(held):
    raise AssertionError("it was carried out")


def confirmer(party, **dates):
    return world.mandate(world.person(), party.organisation, "CONFIRM", **dates)


class TestWhoConfirms:
    def test_is_not_who_asked_even_with_both_mandates(self, asked, party):
        both = world.mandate(party.initiator.membership.person, party.organisation, "CONFIRM")
        name = party.initiator.membership.person.name

        with world.refuses(instruction.OnePersonTwice, "identity.one_person_twice", person=name):
            confirm(asked, both, carry_out=never)

    def test_is_nobody_with_an_initiators_mandate_only(self, asked, party):
        other = world.mandate(world.person(), party.organisation, "INITIATE")

        with world.refuses(
            instruction.WrongMandate, "identity.wrong_mandate", needed="CONFIRM", organisation="某林场"
        ) as met:
            confirm(asked, other, carry_out=never)
        assert met.value.status == 403

    def test_is_nobody_of_another_organisation(self, asked):
        stranger = world.party().confirmer

        with world.refuses(instruction.WrongMandate, needed="CONFIRM", organisation="某林场"):
            confirm(asked, stranger, carry_out=never)

    def test_is_nobody_whose_mandate_has_ended(self, asked, party):
        late = confirmer(party, until_at=world.NOON)

        with world.refuses(
            access.MandateExpired, "identity.mandate_expired", organisation="某林场", until="2026-06-05"
        ):
            confirm(asked, late, carry_out=never)

    def test_is_nobody_whose_mandate_has_not_begun(self, asked, party):
        early = confirmer(party, since_at=world.NOON + DAY)

        with world.refuses(instruction.WrongMandate, needed="CONFIRM"):
            confirm(asked, early, carry_out=never)

    def test_is_nobody_who_has_left_although_the_mandate_runs_on(self, asked, party):
        gone = confirmer(party)
        Membership.objects.filter(pk=gone.membership_id).update(until_at=world.NOON - DAY)
        gone = Mandate.objects.select_related("membership__organisation", "membership__person").get(pk=gone.pk)

        with world.refuses(access.MandateExpired, organisation="某林场", until="2026-06-04"):
            confirm(asked, gone, carry_out=never)

    def test_is_kept_with_who_asked(self, asked, party):
        made = confirm(asked, party.confirmer)

        assert (made.by, made.initiator) == (party.confirmer.membership.person, party.initiator.membership.person)


class TestOnePersonOnBothSides:
    """Whatever the acts say, the database has the last word."""

    @pytest.mark.parametrize("by", ["initiator", None])
    def test_is_not_stored_as_a_confirmation(self, asked, by):
        someone = asked.initiator if by else None
        with pytest.raises(IntegrityError, match="nobody_confirms_their_own_instruction"), transaction.atomic():
            Decision.objects.create(
                instruction=asked, outcome="CONFIRMED", initiator=asked.initiator, by=someone, at=world.NOON
            )

    def test_is_not_hidden_behind_another_initiators_name(self, asked):
        with pytest.raises(IntegrityError, match="a_decision_names_the_initiator"), transaction.atomic():
            Decision.objects.create(
                instruction=asked, outcome="CONFIRMED", initiator=world.person(), by=asked.initiator, at=world.NOON
            )

    def test_may_withdraw(self, asked, party):
        assert drop(asked, "WITHDRAWN", by=party.initiator).by == asked.initiator


class TestADecision:
    def test_is_made_once_and_told_again_to_whoever_decides_alike(self, asked, party):
        first = confirm(asked, party.confirmer, carry_out=lambda held: {"number": 1})

        again = confirm(asked, confirmer(party), carry_out=never, at=world.NOON + HOUR / 2)

        assert again == first
        assert again.by == party.confirmer.membership.person
        assert again.result == {"number": 1}

    def test_is_told_again_when_the_time_to_confirm_is_over(self, asked, party):
        first = confirm(asked, party.confirmer)

        assert confirm(asked, party.confirmer, at=world.NOON + 2 * HOUR, carry_out=never) == first

    @pytest.mark.parametrize("outcome", ["REJECTED", "WITHDRAWN", "EXPIRED"])
    def test_that_dropped_it_leaves_nothing_to_confirm(self, asked, party, outcome):
        drop(asked, outcome, by=party.confirmer)

        with world.refuses(
            instruction.AlreadyDecided, "identity.already_decided", outcome=outcome, at="2026-06-05T04:00:00.000000Z"
        ):
            confirm(asked, party.confirmer, carry_out=never)

    @pytest.mark.parametrize("outcome", ["REJECTED", "WITHDRAWN", "EXPIRED"])
    def test_that_confirmed_it_leaves_nothing_to_drop(self, asked, party, outcome):
        confirm(asked, party.confirmer)

        with world.refuses(instruction.AlreadyDecided, outcome="CONFIRMED"):
            drop(asked, outcome, by=party.confirmer, undo=never)

    def test_that_dropped_it_gives_back_once_what_was_set_aside(self, asked, party):
        undone = []

        first = drop(asked, "REJECTED", by=party.confirmer, reason="数量不对", undo=undone.append)
        again = drop(asked, "REJECTED", by=party.confirmer, reason="其他", undo=undone.append)

        assert first == again
        assert again.reason == "数量不对"
        assert undone == [asked]
        assert Entry.objects.filter(kind="identity.instruction_dropped").count() == 1

    def test_that_dropped_it_publishes_no_reason(self, asked, party):
        drop(asked, "REJECTED", by=party.confirmer, reason="数量不对")

        entry = Entry.objects.get(kind="identity.instruction_dropped")
        assert "数量不对" not in bytes(entry.leaf).decode()
        assert entry.private["private"] == {"reason": "数量不对"}

    def test_comes_too_late_at_the_very_moment_the_instruction_runs_out(self, asked, party):
        with world.refuses(
            instruction.InstructionExpired, "identity.instruction_expired", at="2026-06-05T05:00:00.000000Z"
        ):
            confirm(asked, party.confirmer, at=asked.expires_at, carry_out=never)

        in_time = asked.expires_at - dt.timedelta(microseconds=1)
        assert confirm(asked, party.confirmer, at=in_time).outcome == "CONFIRMED"

    def test_that_cannot_be_stored_undoes_what_was_carried_out(self, asked, party):
        with pytest.raises(IntegrityError):
            confirm(asked, party.confirmer, carry_out=lambda held: world.person() and fail())

        assert not Decision.objects.exists()
        assert Entry.objects.filter(kind="identity.person_enrolled").count() == 2


def fail():
    raise IntegrityError("the register says no")


@pytest.mark.django_db(transaction=True)
class TestSixteenWhoDecideAtOnce:
    def test_get_one_decision_carried_out_once(self, party):
        asked, colleagues = ask(party), [confirmer(party) for _ in range(16)]

        def carry_out(held):
            return {"organisation": world.organisation().uscc}

        before = Entry.objects.filter(kind="identity.organisation_registered").count()
        got = at_once([lambda by=one: confirm(asked, by, carry_out=carry_out) for one in colleagues])

        assert {type(one) for one in got} == {Decision}, got
        assert len({(one.pk, one.by_id, one.result["organisation"]) for one in got}) == 1
        assert Decision.objects.count() == 1
        assert Entry.objects.filter(kind="identity.organisation_registered").count() == before + 1

    def test_get_one_outcome_when_half_of_them_reject(self, party):
        asked, colleagues = ask(party), [confirmer(party) for _ in range(16)]

        got = at_once(
            [lambda by=one: confirm(asked, by) for one in colleagues[::2]]
            + [lambda by=one: drop(asked, "REJECTED", by=by) for one in colleagues[1::2]]
        )

        decision = Decision.objects.get()
        assert got.count(decision) == 8
        assert [one.code for one in got if one != decision] == ["identity.already_decided"] * 8

    def test_ask_with_one_reference_for_one_instruction(self, party):
        prepared = []

        got = at_once([lambda: ask(party, reference="same", prepare=prepared.append) for _ in range(16)])

        assert {type(one) for one in got} == {Instruction}, got
        assert len({one.pk for one in got}) == len(prepared) == Instruction.objects.count() == 1
        assert Entry.objects.filter(kind="identity.instruction_given").count() == 1


def at_once(jobs):
    """Each job's result or exception, all begun together, each on a connection of its own."""
    gate, got = Barrier(len(jobs), timeout=60), [None] * len(jobs)

    def run(number, job):
        try:
            connections["default"].ensure_connection()
            gate.wait()
            got[number] = job()
        except Exception as error:
            got[number] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=words) for words in enumerate(jobs)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return got

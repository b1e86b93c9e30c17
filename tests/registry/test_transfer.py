import pytest
from tests import world

from tanhui.identity import access
from tanhui.identity.acts import instruction
from tanhui.journal import queries
from tanhui.journal.models import Entry
from tanhui.kernel.serials import Range
from tanhui.ledger.acts import refusals
from tanhui.registry.acts import lines, transfer
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.acts.signing import Signatures
from tanhui.registry.models import Transfer


class TestTransfer:
    def test_moves_the_oldest_units(self, register):
        done = register.transfer(100)

        assert world.held_t(register.buyer.holding) == 100
        first = register.batch.serials.lower
        fact = queries.fact(done.entry)["fact"]
        assert fact["batches"] == [
            {"batch": register.batch.asset.code, "quantity_t": 100, "serials": [[first, first + 99]]}
        ]
        assert fact["transaction"] == done.movement_id

    def test_moves_chosen_units(self, register):
        register.transfer(10, first=500)

        first = register.batch.serials.lower + 500
        block = register.buyer.holding.ledger_account.blocks.get()
        assert (block.serials.lower, block.serials.upper) == (first, first + 10)

    def test_moves_several_batches_as_one(self, register):
        other = register.another_batch(50)

        done = register.transfer(wanted=[Wanted(register.batch, 7), Wanted(other, 50)])

        assert done.quantity_t == 57
        assert world.held_t(register.buyer.holding, other) == 50

    def test_publishes_neither_accounts_nor_people(self, register):
        done = register.transfer(1, reason="协议转让")
        raw = bytes(Entry.objects.get(pk=done.entry).leaf).decode()

        assert register.owner.account.code not in raw
        assert register.buyer.account.code not in raw
        assert "协议转让" not in raw
        opened = queries.opening(done.entry)["private"]
        assert opened["from"] == str(register.owner.issued)
        assert opened["initiator_id"] == register.owner.initiator.membership.person_id

    def test_asked_twice_is_asked_once(self, register):
        first, again = register.transfer(10, reference="once"), register.transfer(10, reference="once")

        assert first.pk == again.pk
        assert world.held_t(register.buyer.holding) == 10

    def test_asked_again_after_it_has_emptied_the_account_is_still_that_transfer(self, register):
        first = register.transfer(1000, reference="once")

        assert register.transfer(1000, reference="once").pk == first.pk

    def test_refuses_the_same_reference_for_another_quantity(self, register):
        register.transfer(10, reference="once")

        with world.refuses(instruction.ReferenceTaken, "identity.reference_taken", reference="once"):
            register.transfer(11, reference="once")

    def test_refuses_more_than_is_held_and_says_what_is(self, register):
        with world.refuses(refusals.NotEnoughHeld, "ledger.not_enough_held", asked=1001, available=1000, held=1000):
            register.transfer(1001)

    def test_refuses_units_of_somebody_else(self, register):
        register.transfer(10, first=500)

        with world.refuses(
            refusals.SerialsNotFree, "ledger.serials_not_free", first=register.batch.serials.lower + 495
        ):
            register.transfer(10, first=495)

    def test_refuses_serials_outside_the_batch(self, register):
        beyond = register.batch.serials.upper
        with world.refuses(
            lines.SerialsElsewhere,
            "registry.serials_outside_batch",
            first=beyond - 1,
            last=beyond,
            batch=str(register.batch),
        ):
            Wanted(register.batch, 2, Range(beyond - 1, beyond))

    def test_refuses_serials_that_do_not_count_the_quantity(self, register):
        first = register.batch.serials.lower
        with world.refuses(lines.SerialsElsewhere):
            Wanted(register.batch, 3, Range(first, first + 1))

    @pytest.mark.parametrize("quantity", [0, -5])
    def test_refuses_what_is_not_a_positive_number_of_tonnes(self, register, quantity):
        with world.refuses(lines.NothingAsked, "registry.nothing_asked"):
            Wanted(register.batch, quantity)

    def test_refuses_an_empty_request(self, register):
        with world.refuses(lines.NothingAsked):
            register.transfer(wanted=[])
        with world.refuses(lines.NothingAsked):
            register.initiate(wanted=[])

    def test_refuses_a_transfer_to_itself(self, register):
        place = register.owner.issued
        with world.refuses(transfer.ToItself, "registry.transfer_to_itself", account=str(place)):
            register.transfer(1, target=place)
        with world.refuses(transfer.ToItself):
            register.initiate(1, target=place)

    def test_names_the_same_units_twice_in_vain(self, register):
        """Two wishes for one run are refused; they never count twice."""
        with world.refuses(refusals.SerialsNotFree):
            register.transfer(wanted=[*register.wanted(5, 10), *register.wanted(5, 10)])

    def test_cuts_and_joins_without_end(self, register):
        """Every second tonne goes out, and all of them come back in one act."""
        for first in range(0, 200, 2):
            register.transfer(1, first=first)

        back = register.transfer(
            100, source=register.buyer.holding, target=register.owner.issued, by=register.buyer
        )  # fmt: skip

        assert len(queries.fact(back.entry)["fact"]["batches"][0]["serials"]) == 100
        assert world.held_t(register.owner.issued) == 1000

    def test_refuses_a_fact_too_long_for_a_leaf(self, register):
        """A thousand single tonnes, each named by itself: batch code and number of each fill more than a leaf."""
        first = register.batch.serials.lower
        singly = [Wanted(register.batch, 1, Range(first + n, first + n)) for n in range(1000)]

        with world.refuses(refusals.TooManyBlocks, "ledger.too_many_blocks", count=1000):
            register.transfer(wanted=singly)


class TestSignatures:
    def test_of_one_person_on_both_sides_are_refused(self, register):
        owner = register.owner
        person = owner.initiator.membership.person
        also = world.mandate(person, owner.organisation, "CONFIRM")

        with world.refuses(instruction.OnePersonTwice, "identity.one_person_twice", person=person.name):
            self.transfer(register, Signatures(owner.initiator, also))

    def test_of_another_organisation_are_refused(self, register):
        with world.refuses(instruction.WrongMandate, "identity.wrong_mandate", needed="INITIATE"):
            self.transfer(register, register.buyer.signatures)

    def test_in_the_wrong_order_are_refused(self, register):
        owner = register.owner
        with world.refuses(instruction.WrongMandate, needed="INITIATE"):
            self.transfer(register, Signatures(owner.confirmer, owner.initiator))

    def test_after_a_mandate_has_run_out_are_refused(self, register):
        owner = register.owner
        short = world.mandate(world.person(), owner.organisation, "CONFIRM", until_at=register.at)

        with world.refuses(
            access.MandateExpired, "identity.mandate_expired", capacity="CONFIRM", until="2026-06-05",
            organisation="项目业主",
        ):  # fmt: skip
            self.transfer(register, Signatures(owner.initiator, short))

    def test_before_a_mandate_has_begun_are_refused(self, register):
        owner = register.owner
        early = world.mandate(world.person(), owner.organisation, "CONFIRM", since_at=register.at + world.YEAR)

        with world.refuses(instruction.WrongMandate, needed="CONFIRM", organisation="项目业主"):
            self.transfer(register, Signatures(owner.initiator, early))

    def transfer(self, register, signatures):
        return transfer.transfer(
            source=register.owner.issued, target=register.buyer.holding, wanted=register.wanted(1), reference="x",
            signatures=signatures, at=register.at,
        )  # fmt: skip


class TestInitiate:
    def test_sets_the_units_aside(self, register):
        register.initiate(100)

        assert world.free_t(register.owner.issued) == 900
        assert world.held_t(register.owner.issued) == 1000
        assert not Transfer.objects.exists()

    def test_sets_nothing_aside_twice_for_one_reference(self, register):
        first, again = register.initiate(10, reference="once"), register.initiate(10, reference="once")

        assert first == again
        assert world.free_t(register.owner.issued) == 990

    def test_asked_again_when_too_little_is_left_is_still_that_instruction(self, register):
        first = register.initiate(600, reference="once")

        assert register.initiate(600, reference="once") == first

    def test_refuses_what_others_have_set_aside(self, register):
        register.initiate(600)

        with world.refuses(refusals.NotEnoughHeld, asked=401, available=400, held=1000):
            register.initiate(401)

    def test_refuses_a_confirmers_mandate(self, register):
        with world.refuses(instruction.WrongMandate, needed="INITIATE", organisation="项目业主"):
            register.initiate(1, mandate=register.owner.confirmer)

    def test_refuses_another_organisations_mandate(self, register):
        """Nobody sets aside, or moves, what belongs to somebody else."""
        with world.refuses(instruction.WrongMandate, needed="INITIATE"):
            register.initiate(1, by=register.buyer)

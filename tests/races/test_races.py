"""Many clients at once, on real connections: what a register without locks loses, this one keeps (T1, T2, T3)."""

import itertools
import random
from functools import partial

import pytest
from django.db import transaction
from tests import world
from tests.ledger import books
from tests.races.conftest import CLIENTS, at_once, rounds

from tanhui.identity.models import Decision
from tanhui.journal.models import Entry
from tanhui.kernel.refusal import Refusal
from tanhui.ledger.acts import movement, refusals, reservation
from tanhui.ledger.models import Posting
from tanhui.registry import audit
from tanhui.registry.acts import desk
from tanhui.registry.models import Retirement, Transfer


def refused(results, kind=Refusal):
    """The refusals among the results; anything else that was raised fails the test."""
    for one in results:
        if isinstance(one, Exception) and not isinstance(one, kind):
            raise one
    return [one for one in results if isinstance(one, Exception)]


class TestTransfersOutOfOneHolding:
    @pytest.mark.parametrize("workers", [1, 2, 4, 8])
    def test_conserve_every_tonne_and_every_number(self, register, workers):
        seed = random.randrange(2**32)
        dice = random.Random(seed)
        for number in range(rounds(10)):
            self.one_round(register, workers, dice)
            assert number % 50 or sound(), f"seed {seed}"
        assert sound(), f"seed {seed}"

    def one_round(self, register, workers, dice):
        batch = register.another_batch(tonnes=1000)
        register.batch = batch
        jobs = []
        for _ in range(CLIENTS):
            quantity_t = dice.randint(1, 60)
            first = dice.choice([None, dice.randrange(1000 - quantity_t)])
            jobs.append(partial(register.transfer, quantity_t, first=first))

        results = at_once(jobs, workers)

        no = refused(results, (refusals.NotEnoughHeld, refusals.SerialsNotFree))
        accepted = [one for one in results if isinstance(one, Transfer)]
        assert len(accepted) + len(no) == CLIENTS
        moved_t = sum(one.quantity_t for one in accepted)
        assert 0 < moved_t <= 1000
        assert world.held_t(register.buyer.holding, batch) == moved_t
        assert world.held_t(register.owner.issued, batch) == 1000 - moved_t
        assert Transfer.objects.filter(pk__in=[one.pk for one in accepted]).count() == len(accepted)
        assert covered(batch) == (1000, batch.serials.lower, batch.serials.upper - 1)

    def test_refuse_only_for_want_of_units(self, register):
        """64 clients ask for 20 t each of 1,000: exactly fifty get them, whatever the order."""
        register.batch = register.another_batch(tonnes=1000)

        results = at_once([partial(register.transfer, 20) for _ in range(CLIENTS)])

        assert len(refused(results, refusals.NotEnoughHeld)) == CLIENTS - 50
        assert world.held_t(register.buyer.holding, register.batch) == 1000
        assert sound()

    def test_of_the_same_numbers_happen_once(self, register):
        register.batch = register.another_batch(tonnes=1000)

        results = at_once([partial(register.transfer, 10, first=500) for _ in range(CLIENTS)])

        assert len(refused(results, refusals.SerialsNotFree)) == CLIENTS - 1
        assert sound()


class TestTransfersInRings:
    def test_never_wait_for_each_other_in_a_circle(self, register):
        """Both directions at once, two batches in both orders: a deadlock would surface as a database error."""
        first, second = register.another_batch(tonnes=1000), register.another_batch(tonnes=1000)
        for batch in (first, second):
            register.batch = batch
            register.transfer(500)
        both = [world.Wanted(first, 5), world.Wanted(second, 5)]
        there = partial(register.transfer, 5)
        back = partial(
            register.transfer, 5, source=register.buyer.holding, target=register.owner.issued, by=register.buyer
        )
        jobs = [
            partial(way, wanted=wanted)
            for _ in range(CLIENTS)
            for way in (there, back)
            for wanted in (both, both[::-1])
        ]

        assert not refused(at_once(jobs, 16))
        assert sound()

    def test_not_even_when_one_ends_a_reservation_and_leaves_half_of_it(self, register):
        """What is given back lies in a holding that the posted lines do not name; it is locked in order too."""
        first, second = register.another_batch(tonnes=1000), register.another_batch(tonnes=1000)
        source, target = (place.ledger_account_id for place in (register.owner.issued, register.buyer.holding))

        def post_half():
            with transaction.atomic():
                made = reservation.reserve(
                    reference=f"half-{next(world.NAMES)}", account=source, at=register.at,
                    expires_at=register.at + world.YEAR,
                    wishes=[reservation.Wish(first.pk, 2), reservation.Wish(second.pk, 2)],
                )  # fmt: skip
            with transaction.atomic():
                movement.post(
                    reference=f"half-{next(world.NAMES)}", kind="test", at=register.at, reservation=made.reservation,
                    lines=[movement.Line(source, target, second.pk, 2)],
                )  # fmt: skip

        both = partial(register.transfer, 5, wanted=[world.Wanted(first, 2), world.Wanted(second, 2)])

        assert not refused(at_once([post_half, both] * CLIENTS, 16))
        assert not books.faults()


class TestRetirementsOfAFifthEach:
    def test_succeed_five_times_and_every_one_is_found(self, register):
        for _ in range(rounds(2)):
            batch = register.batch = register.another_batch(tonnes=1000)

            results = at_once([partial(register.retire, 200) for _ in range(CLIENTS)])

            retired = [one for one in results if isinstance(one, Retirement)]
            assert len(refused(results, refusals.NotEnoughHeld)) == CLIENTS - 5
            assert len(retired) == 5
            assert len({one.certificate for one in retired}) == 5
            for one in retired:
                assert Retirement.objects.get(certificate=one.certificate).quantity_t == 200
                assert Entry.objects.filter(pk=one.entry, kind="registry.retired").exists()
                ended = Posting.objects.filter(movement=one.movement_id, account__lt=0, asset=batch.pk)
                assert sum(posting.quantity for posting in ended) == 200
            assert world.held_t(register.owner.issued, batch) == 0
            assert sound()

    def test_that_await_confirmation_succeed_five_times(self, register):
        batch = register.batch = register.another_batch(tonnes=1000)

        results = at_once([partial(register.initiate_retirement, 200) for _ in range(CLIENTS)])

        asked = [one for one in results if not isinstance(one, Exception)]
        assert len(refused(results, refusals.NotEnoughHeld)) == CLIENTS - 5
        decided = [
            desk.confirm(instruction=one, mandate=register.owner.confirmer, at=register.at) for one in asked
        ]  # fmt: skip
        assert len({one.result["certificate"] for one in decided}) == 5
        assert world.held_t(register.owner.issued, batch) == 0
        assert sound()


class TestOneConfirmation:
    def test_fired_sixteen_times_at_once_has_one_effect_and_one_answer(self, register):
        register.batch = register.another_batch(tonnes=1000)
        asked = register.initiate(70)
        before = Entry.objects.filter(kind="registry.transferred").count()
        confirm = partial(desk.confirm, instruction=asked, mandate=register.owner.confirmer, at=register.at)

        results = at_once([confirm] * 16)

        assert not refused(results)
        assert len({(one.pk, one.result["transfer"], one.result["transaction"], one.at) for one in results}) == 1
        assert Decision.objects.filter(instruction=asked).count() == 1
        assert Entry.objects.filter(kind="registry.transferred").count() == before + 1
        assert world.held_t(register.buyer.holding, register.batch) == 70
        assert sound()

    def test_against_a_rejection_ends_one_way(self, register):
        register.batch = register.another_batch(tonnes=1000)
        asked = register.initiate(70)
        by = {"instruction": asked, "mandate": register.owner.confirmer, "at": register.at}
        jobs = [partial(desk.confirm, **by), partial(desk.reject, **by, reason="金额有误")] * 8

        results = at_once(jobs, 16)

        outcome = Decision.objects.get(instruction=asked).outcome
        assert {one.outcome for one in results if isinstance(one, Decision)} == {outcome}
        assert len(refused(results)) == 8
        assert world.held_t(register.buyer.holding, register.batch) == (70 if outcome == "CONFIRMED" else 0)
        assert world.free_t(register.owner.issued, register.batch) == (930 if outcome == "CONFIRMED" else 1000)
        assert sound()


class TestOneReference:
    def test_sent_sixteen_times_at_once_is_one_transfer(self, register):
        register.batch = register.another_batch(tonnes=1000)
        reference = f"same-{next(world.NAMES)}"

        results = at_once([partial(register.transfer, 30, reference=reference)] * 16)

        assert not refused(results)
        assert len({one.pk for one in results}) == 1
        assert world.held_t(register.buyer.holding, register.batch) == 30

    def test_sent_sixteen_times_at_once_is_one_instruction(self, register):
        register.batch = register.another_batch(tonnes=1000)
        reference = f"same-{next(world.NAMES)}"

        results = at_once([partial(register.initiate, 30, reference=reference)] * 16)

        assert not refused(results)
        assert len({one.pk for one in results}) == 1
        assert world.free_t(register.owner.issued, register.batch) == 970

    def test_sent_at_once_for_different_quantities_is_the_one_that_came_first(self, register):
        register.batch = register.another_batch(tonnes=1000)
        reference = f"same-{next(world.NAMES)}"

        results = at_once([partial(register.transfer, 10 + n, reference=reference) for n in range(16)])

        done = [one for one in results if isinstance(one, Transfer)]
        assert len(done) == 1
        assert {type(one).__name__ for one in refused(results)} == {"ReferenceTaken"}
        assert world.held_t(register.buyer.holding, register.batch) == done[0].quantity_t


def sound():
    """Whether the books add up, by the tests' reckoning and by the product's own; what is wrong is shown otherwise."""
    assert not books.faults()
    assert not audit.audit(log=False).findings
    return True


def covered(batch):
    """How many numbers the batch has in accounts, and the first and last; adding up only if none is there twice."""
    runs = [run for place in books.numbers(batch.pk).values() for run in place]
    numbers = sorted(runs)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(numbers))
    return sum(last - first + 1 for first, last in numbers), numbers[0][0], numbers[-1][1]

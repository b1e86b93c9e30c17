import pytest
from tests import world

from tanhui.ledger.acts import lock, refusals
from tanhui.ledger.models import Block, Lift, LockLine


class TestPlace:
    def test_binds_exactly_these_units(self, ledger):
        made = ledger.lock(10, 20)

        assert ledger.held(ledger.source) == (100, 90)
        block = Block.objects.get(locks=[made])
        assert (block.first, block.free) == (ledger.run(ledger.units, 20, 10).first, False)
        assert LockLine.objects.filter(lock=made).count() == 1

    def test_may_overlap_another(self, ledger):
        one, other = ledger.lock(20, 10), ledger.lock(20, 20, rank=1)

        assert ledger.held(ledger.source) == (100, 70)
        assert Block.objects.get(locks=[one, other]).first == ledger.run(ledger.units, 20, 1).first

    def test_may_lie_on_reserved_units(self, ledger):
        ledger.reserve(20, first=10)

        ledger.lock(20, 20)

        assert ledger.held(ledger.source) == (100, 70)

    def test_binds_units_named_twice_once(self, ledger):
        units = [lock.Units(ledger.source.pk, ledger.units.pk, ledger.run(ledger.units, first, 10)) for first in (0, 5)]

        made = ledger.lock(1, 0, units=units)

        assert ledger.held(ledger.source) == (100, 85)
        ledger.lift(made)
        assert ledger.held(ledger.source) == (100, 100)

    def test_refuses_units_that_are_elsewhere(self, ledger):
        ledger.post(ledger.line(10, first=20))

        with world.refuses(refusals.SerialsNotFree):
            ledger.lock(20, 15)

    def test_refuses_a_reference_used_before(self, ledger):
        ledger.lock(1, 0, reference="once")

        with world.refuses(refusals.ReferenceUsed, reference="once"):
            ledger.lock(1, 0, reference="once")


class TestLift:
    def test_frees_the_units(self, ledger):
        made = ledger.lock(10, 20)

        ledger.lift(made)

        assert ledger.held(ledger.source) == (100, 100)
        assert Lift.objects.filter(lock=made).exists()

    def test_frees_no_unit_that_is_still_reserved(self, ledger):
        ledger.reserve(20, first=10)
        made = ledger.lock(20, 20)

        ledger.lift(made)

        assert ledger.held(ledger.source) == (100, 80)

    def test_waits_for_a_higher_lock_on_any_of_its_units(self, ledger):
        lower, higher = ledger.lock(20, 10, rank=3, reference="pledge"), ledger.lock(5, 15, rank=1, reference="freeze")

        with world.refuses(refusals.HigherLockStands, "ledger.higher_lock_stands", lock="pledge", above="freeze"):
            ledger.lift(lower)

        ledger.lift(higher)
        ledger.lift(lower)
        assert ledger.held(ledger.source) == (100, 100)

    def test_does_not_wait_for_a_lower_or_an_equal_lock(self, ledger):
        higher = ledger.lock(20, 10, rank=1)
        ledger.lock(20, 10, rank=3)
        ledger.lock(20, 10, rank=1)

        ledger.lift(higher)

        assert ledger.held(ledger.source) == (100, 80)

    def test_does_not_wait_for_a_higher_lock_on_other_units(self, ledger):
        lower = ledger.lock(10, 0)
        ledger.lock(10, 10, rank=1)

        ledger.lift(lower)

        assert ledger.held(ledger.source) == (100, 90)

    def test_is_refused_a_second_time(self, ledger):
        made = ledger.lock(10, 0, reference="pledge")
        ledger.lift(made)

        with world.refuses(refusals.AlreadyLifted, "ledger.already_lifted", lock="pledge"):
            ledger.lift(made)

    def test_frees_only_what_was_not_taken_from_under_it(self, ledger):
        made = ledger.lock(30, 0)
        ledger.post(ledger.line(10), under=[made])

        ledger.lift(made)

        assert ledger.held(ledger.source) == (90, 90)


@pytest.mark.parametrize("most", [1, 2, 3])
class TestUnitsLockedMoreThanOnce:
    def test_are_free_only_when_every_lock_is_lifted(self, ledger, most):
        made = [ledger.lock(10, 0, rank=rank) for rank in range(most, 0, -1)]

        for number, one in enumerate(reversed(made), 1):
            ledger.lift(one)
            assert ledger.held(ledger.source) == (100, 100 if number == most else 90)

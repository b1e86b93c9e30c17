import pytest
from django.db import IntegrityError, transaction
from tests import world

from tanhui.kernel.serials import Range
from tanhui.ledger.acts import movement, opening, refusals
from tanhui.ledger.models import Posting


class TestPost:
    def test_moves_the_oldest_free_units(self, ledger):
        first = ledger.serials[ledger.units.pk].first

        posted = ledger.post(ledger.line(30))

        assert posted.serials == ((Range(first, first + 29),),)
        assert ledger.held(ledger.source) == (70, 70)
        assert ledger.held(ledger.target) == (30, 30)

    def test_moves_chosen_units_out_of_the_middle(self, ledger):
        posted = ledger.post(ledger.line(10, first=45))

        assert posted.serials == ((ledger.run(ledger.units, 45, 10),),)
        assert ledger.held(ledger.source) == (90, 90)

    def test_gathers_what_lies_in_several_blocks(self, ledger):
        ledger.post(ledger.line(10, first=20))
        ledger.post(ledger.line(10, first=60))

        posted = ledger.post(ledger.line(50))

        assert posted.serials == (
            (ledger.run(ledger.units, 0, 20), ledger.run(ledger.units, 30, 30)),
        )  # fmt: skip

    def test_moves_a_whole_block(self, ledger):
        ledger.post(ledger.line(100))

        assert ledger.held(ledger.source) == (0, 0)
        assert ledger.held(ledger.target) == (100, 100)

    def test_moves_several_lines_in_order_as_one(self, ledger):
        """What came in on one line may go out on the next."""
        posted = ledger.post(
            ledger.line(40),
            ledger.line(40, source=ledger.target, target=ledger.source),
            ledger.line(5, asset=ledger.points),
        )

        assert ledger.held(ledger.source) == (100, 100)
        assert ledger.held(ledger.target, ledger.points) == (5, 5)
        assert Posting.objects.filter(movement=posted.movement).count() == 6

    def test_writes_two_sides_and_the_balance_after(self, ledger):
        posted = ledger.post(ledger.line(30))

        sides = Posting.objects.filter(movement=posted.movement).order_by("line")
        assert [(one.account_id, one.quantity, one.balance) for one in sides] == [
            (ledger.source.pk, -30, 70),
            (ledger.target.pk, 30, 30),
        ]

    def test_keeps_no_balance_of_a_boundary(self, ledger):
        posted = ledger.post(ledger.line(30, target=ledger.outside))

        assert Posting.objects.get(movement=posted.movement, account=ledger.outside.pk).balance is None

    def test_numbers_movements_in_the_order_in_which_they_happened(self, ledger):
        there = ledger.post(ledger.line(30))
        back = ledger.post(ledger.line(30, source=ledger.target, target=ledger.source))

        assert back.movement > there.movement

    def test_refuses_more_than_is_held(self, ledger):
        with world.refuses(
            refusals.NotEnoughHeld,
            "ledger.not_enough_held",
            account=ledger.source.code,
            asked=101,
            available=100,
            held=100,
        ):
            ledger.post(ledger.line(101))

    def test_refuses_more_of_an_asset_without_serials_than_is_held(self, ledger):
        with world.refuses(refusals.NotEnoughHeld, asked=101, available=100):
            ledger.post(ledger.line(101, asset=ledger.points))

    def test_refuses_all_lines_when_one_cannot_be(self, ledger):
        with world.refuses(refusals.NotEnoughHeld, asked=71, available=70):
            ledger.post(ledger.line(30), ledger.line(71))

    def test_refuses_units_that_are_elsewhere_and_names_them(self, ledger):
        ledger.post(ledger.line(10, first=20))
        gone = ledger.run(ledger.units, 20, 10)

        with world.refuses(
            refusals.SerialsNotFree, "ledger.serials_not_free", elsewhere=f"{{[{gone.first},{gone.last + 1})}}"
        ):
            ledger.post(ledger.line(20, first=15))

    def test_refuses_units_of_another_asset(self, ledger):
        other = opening.asset(code="another", unit="t", serialised=True)
        ledger.bring_in(10, asset=other)

        with world.refuses(refusals.SerialsNotFree):
            ledger.post(movement.Line(ledger.source.pk, ledger.target.pk, ledger.units.pk, 5, ledger.run(other, 0, 5)))

    def test_refuses_locked_units_and_names_them(self, ledger):
        ledger.lock(10, 20)
        locked = ledger.run(ledger.units, 20, 10)

        with world.refuses(
            refusals.SerialsLocked, "ledger.serials_locked", locked=f"{{[{locked.first},{locked.last + 1})}}"
        ):
            ledger.post(ledger.line(20, first=15))

    def test_passes_over_locked_and_reserved_units(self, ledger):
        ledger.lock(10, 0)
        ledger.reserve(10, 20)

        posted = ledger.post(ledger.line(80))

        assert posted.serials == ((ledger.run(ledger.units, 10, 10), ledger.run(ledger.units, 30, 70)),)
        assert ledger.held(ledger.source) == (20, 0)

    def test_refuses_when_only_bound_units_are_left(self, ledger):
        ledger.lock(60, 0)

        with world.refuses(refusals.NotEnoughHeld, asked=41, available=40, held=100):
            ledger.post(ledger.line(41))

    def test_takes_units_from_under_the_lock_it_is_told_to_pass(self, ledger):
        passed = ledger.lock(30, 10)

        ledger.post(ledger.line(50), under=[passed])

        assert ledger.held(ledger.source) == (50, 50)
        assert ledger.held(ledger.target) == (50, 50)

    def test_refuses_units_under_another_lock_too(self, ledger):
        passed = ledger.lock(30, 10)
        ledger.lock(30, 20, rank=1)

        with world.refuses(refusals.SerialsLocked):
            ledger.post(ledger.line(20, first=15), under=[passed])

    def test_refuses_a_reference_used_before(self, ledger):
        ledger.post(ledger.line(1), reference="once")

        with world.refuses(refusals.ReferenceUsed, "ledger.reference_used", reference="once"):
            ledger.post(ledger.line(1), reference="once")

    @pytest.mark.parametrize("quantity", [0, -1])
    def test_takes_only_positive_quantities(self, ledger, quantity):
        with pytest.raises(ValueError, match="positive"):
            ledger.line(quantity)

    def test_takes_serials_only_if_they_count_the_quantity(self, ledger):
        with pytest.raises(ValueError, match="count"):
            movement.Line(ledger.source.pk, ledger.target.pk, ledger.units.pk, 3, Range(1, 2))

    def test_cannot_store_a_unit_twice(self, ledger):
        """Bringing in numbers that exist breaks on the exclusion constraint, whatever an act forgot to check."""
        there = ledger.run(ledger.units, 99, 1)

        with pytest.raises(IntegrityError, match=r"serials_never_overlap|ledger_block_pkey"):
            ledger.post(movement.Line(ledger.outside.pk, ledger.target.pk, ledger.units.pk, 1, there))
        with pytest.raises(IntegrityError, match="serials_never_overlap"):
            ledger.post(
                movement.Line(
                    ledger.outside.pk, ledger.target.pk, ledger.units.pk, 5, Range(there.first - 1, there.first + 3)
                )
            )  # fmt: skip


class TestTakeSerials:
    def test_gives_runs_that_follow_each_other(self, db):
        one, other = movement.take_serials(5), movement.take_serials(1)

        assert (one.count, other.count) == (5, 1)
        assert other.first == one.last + 1

    def test_wastes_none_when_the_act_fails(self, db):
        before = movement.take_serials(1)

        point = transaction.savepoint()
        movement.take_serials(10)
        transaction.savepoint_rollback(point)

        assert movement.take_serials(1).first == before.last + 1


class TestOpening:
    def test_shows_by_the_sign_what_is_a_boundary_and_what_has_no_serials(self, db):
        assert opening.account(code="a", owner=None).pk > 0
        assert opening.boundary("b").pk < 0
        assert opening.asset(code="units", unit="t", serialised=True).pk > 0
        assert opening.asset(code="points", unit="point", serialised=False).pk < 0

    def test_makes_a_boundary_once(self, db):
        assert opening.boundary("b") == opening.boundary("b")

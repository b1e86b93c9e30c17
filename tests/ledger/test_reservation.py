import pytest
from django.db import transaction
from tests import world
from tests.ledger.conftest import HOUR, NOON

from tanhui.ledger import tasks
from tanhui.ledger.acts import refusals, reservation
from tanhui.ledger.models import Block, OpenReservation, Resolution


class TestReserve:
    def test_sets_the_oldest_free_units_aside(self, ledger):
        made = ledger.reserve(30)

        assert ledger.held(ledger.source) == (100, 70)
        block = Block.objects.get(reservation=made)
        assert (block.first, block.free) == (ledger.serials[ledger.units.pk].first, False)

    def test_sets_chosen_units_aside(self, ledger):
        made = ledger.reserve(10, first=45)

        assert Block.objects.get(reservation=made).first == ledger.run(ledger.units, 45, 10).first

    def test_sets_points_aside(self, ledger):
        ledger.reserve(30, asset=ledger.points)

        assert ledger.held(ledger.source, ledger.points) == (100, 70)

    def test_gathers_what_lies_in_several_blocks(self, ledger):
        ledger.post(ledger.line(10, first=20))

        made = ledger.reserve(50)

        assert Block.objects.filter(reservation=made).count() == 2

    @pytest.mark.parametrize("kind", ["units", "points"])
    def test_refuses_more_than_is_free(self, ledger, kind):
        asset = getattr(ledger, kind)
        ledger.reserve(60, asset=asset)

        with world.refuses(refusals.NotEnoughHeld, asked=41, available=40, held=100):
            ledger.reserve(41, asset=asset)

    def test_refuses_units_reserved_before_and_names_them(self, ledger):
        ledger.reserve(5, first=20)
        reserved = ledger.run(ledger.units, 20, 5)

        with world.refuses(refusals.SerialsNotFree, reserved=f"{{[{reserved.first},{reserved.last + 1})}}"):
            ledger.reserve(10, first=15)

    def test_refuses_locked_units(self, ledger):
        ledger.lock(10, 20)

        with world.refuses(refusals.SerialsLocked):
            ledger.reserve(10, first=15)

    def test_refuses_a_reference_used_before(self, ledger):
        ledger.reserve(1, reference="once")

        with world.refuses(refusals.ReferenceUsed, reference="once"):
            ledger.reserve(1, reference="once")


class TestPostingAReservation:
    def test_moves_exactly_what_was_set_aside(self, ledger):
        made = ledger.reserve(30, first=45)

        posted = ledger.post(ledger.line(30), reservation=made)

        assert posted.serials == ((ledger.run(ledger.units, 45, 30),),)
        assert ledger.held(ledger.source) == (70, 70)
        assert ledger.held(ledger.target) == (30, 30)
        assert Resolution.objects.get(pk=made).kind == "POSTED"
        assert not OpenReservation.objects.filter(pk=made).exists()

    @pytest.mark.parametrize("kind", ["units", "points"])
    def test_in_part_gives_the_rest_back(self, ledger, kind):
        asset = getattr(ledger, kind)
        made = ledger.reserve(30, asset=asset)

        ledger.post(ledger.line(12, asset=asset), reservation=made)

        assert ledger.held(ledger.source, asset) == (88, 88)
        assert ledger.held(ledger.target, asset) == (12, 12)

    @pytest.mark.parametrize("kind", ["units", "points"])
    def test_refuses_more_than_was_set_aside(self, ledger, kind):
        asset = getattr(ledger, kind)
        made = ledger.reserve(30, asset=asset)

        with world.refuses(refusals.NotEnoughHeld):
            ledger.post(ledger.line(31, asset=asset), reservation=made)

    @pytest.mark.parametrize("kind", ["units", "points"])
    def test_refuses_to_take_it_from_another_account(self, ledger, kind):
        asset = getattr(ledger, kind)
        ledger.post(ledger.line(50, asset=asset))
        ledger.reserve(20, asset=asset, account=ledger.target)
        made = ledger.reserve(20, asset=asset)

        with world.refuses(refusals.NotEnoughHeld):
            ledger.post(
                ledger.line(20, asset=asset, source=ledger.target, target=ledger.source), reservation=made
            )  # fmt: skip

    def test_refuses_to_take_another_asset_instead(self, ledger):
        ledger.reserve(30, asset=ledger.points)
        made = ledger.reserve(30)

        with world.refuses(refusals.NotEnoughHeld):
            ledger.post(ledger.line(30, asset=ledger.points), reservation=made)

    def test_leaves_one_of_two_assets_where_it_is(self, ledger):
        wishes = [reservation.Wish(ledger.points.pk, 10), reservation.Wish(ledger.units.pk, 20)]
        made = ledger.reserve(0, wishes=wishes)

        ledger.post(ledger.line(20), reservation=made)

        assert ledger.held(ledger.source, ledger.points) == (100, 100)
        assert ledger.held(ledger.source) == (80, 80)

    def test_refuses_units_locked_meanwhile(self, ledger):
        made = ledger.reserve(30, first=10)
        ledger.lock(10, 15, rank=1)

        with world.refuses(refusals.NotEnoughHeld):
            ledger.post(ledger.line(30), reservation=made)

    @pytest.mark.parametrize("ending", ["post", "void", "expire"])
    def test_refuses_a_second_ending_and_tells_the_first(self, ledger, ending):
        made = ledger.reserve(30)
        {
            "post": lambda: ledger.post(ledger.line(30), reservation=made),
            "void": lambda: ledger.void(made),
            "expire": lambda: reservation.expire(at=NOON + HOUR),
        }[ending]()
        outcome = Resolution.objects.get(pk=made).kind

        with world.refuses(refusals.AlreadyResolved, "ledger.already_resolved", outcome=outcome):
            ledger.post(ledger.line(1), reservation=made)
        with world.refuses(refusals.AlreadyResolved, outcome=outcome):
            ledger.void(made)

    def test_refuses_one_past_its_time_though_nobody_has_expired_it_yet(self, ledger):
        made = ledger.reserve(30)

        with world.refuses(refusals.AlreadyResolved, outcome="EXPIRED"):
            ledger.post(ledger.line(30), reservation=made, at=NOON + HOUR)


class TestVoid:
    @pytest.mark.parametrize("kind", ["units", "points"])
    def test_gives_everything_back(self, ledger, kind):
        asset = getattr(ledger, kind)
        made = ledger.reserve(30, asset=asset)

        ledger.void(made)

        assert ledger.held(ledger.source, asset) == (100, 100)
        assert Resolution.objects.get(pk=made).kind == "VOIDED"

    def test_leaves_locked_what_was_locked_meanwhile(self, ledger):
        made = ledger.reserve(30, first=10)
        locked = ledger.lock(10, 15)

        ledger.void(made)

        assert ledger.held(ledger.source) == (100, 90)
        ledger.lift(locked)
        assert ledger.held(ledger.source) == (100, 100)


class TestExpire:
    def test_gives_back_what_is_past_its_time_and_only_that(self, ledger):
        early, late = ledger.reserve(10), ledger.reserve(20, until=NOON + 2 * HOUR)

        assert reservation.expire(at=NOON + HOUR) == 1

        assert ledger.held(ledger.source) == (100, 80)
        assert Resolution.objects.get(pk=early).kind == "EXPIRED"
        assert OpenReservation.objects.filter(pk=late).exists()

    def test_takes_at_most_so_many_at_once(self, ledger):
        for _ in range(3):
            ledger.reserve(1)

        assert [reservation.expire(at=NOON + HOUR, most=2) for _ in range(3)] == [2, 1, 0]

    def test_is_among_what_the_worker_does(self, ledger):
        ledger.reserve(10)  # until noon of a day long before today's clock, or after it: both must be right

        before = OpenReservation.objects.count()
        tasks.expire()

        from django.utils import timezone

        assert OpenReservation.objects.count() == (0 if timezone.now() >= NOON + HOUR else before)
        assert any(job is tasks.expire for _, job in tasks.PERIODIC)


class TestARefusedAct:
    def test_inside_a_larger_one_lets_the_larger_go_on(self, ledger):
        with transaction.atomic():
            ledger.post(ledger.line(10))
            with pytest.raises(refusals.NotEnoughHeld):
                ledger.post(ledger.line(1000))
            ledger.post(ledger.line(10))

        assert ledger.held(ledger.target) == (20, 20)

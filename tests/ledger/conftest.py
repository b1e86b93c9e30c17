"""Assets and accounts that know nothing about carbon."""

import datetime as dt
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from tests import world
from tests.ledger import books

from tanhui.kernel.serials import Range
from tanhui.ledger.acts import lock, movement, opening, reservation
from tanhui.ledger.models import Account, Asset, Holding

NOON = world.NOON
HOUR = dt.timedelta(hours=1)


@dataclass
class Ledger:
    """Two accounts and a boundary; ``units`` has serial numbers, ``points`` has none."""

    source: Account
    target: Account
    outside: Account
    units: Asset
    points: Asset
    serials: dict[int, Range] = field(default_factory=dict)

    def line(self, quantity, first=None, *, source=None, target=None, asset=None):
        """So much from the source to the target; from the ``first``-th unit on, when one is named."""
        asset = asset or self.units
        return movement.Line(
            (source or self.source).pk, (target or self.target).pk, asset.pk, quantity, self.run(asset, first, quantity)
        )

    def run(self, asset, first, quantity):
        if first is None:
            return None
        start = self.serials[asset.pk].first + first
        return Range(start, start + quantity - 1)

    def post(self, *lines, at=NOON, **options):
        with transaction.atomic():
            return movement.post(
                **{"reference": f"m{next(world.NAMES)}", "kind": "test.moved", "at": at, "lines": lines} | options
            )

    def bring_in(self, quantity, *, asset=None, target=None):
        asset = asset or self.units
        run = movement.take_serials(quantity) if asset.serialised else None
        if run:
            self.serials[asset.pk] = run
        self.post(movement.Line(self.outside.pk, (target or self.source).pk, asset.pk, quantity, run))
        return run

    def reserve(self, quantity, first=None, *, account=None, asset=None, at=NOON, until=NOON + HOUR, **options):
        asset = asset or self.units
        wishes = [reservation.Wish(asset.pk, quantity, self.run(asset, first, quantity))]
        with transaction.atomic():
            return reservation.reserve(
                **{
                    "reference": f"r{next(world.NAMES)}",
                    "account": (account or self.source).pk,
                    "wishes": wishes,
                    "at": at,
                    "expires_at": until,
                }
                | options
            ).reservation

    def void(self, made, at=NOON):
        with transaction.atomic():
            reservation.void(reservation=made, at=at)

    def lock(self, quantity, first, *, rank=3, account=None, at=NOON, **options):
        units = [lock.Units((account or self.source).pk, self.units.pk, self.run(self.units, first, quantity))]
        with transaction.atomic():
            return lock.place(
                **{"reference": f"l{next(world.NAMES)}", "rank": rank, "units": units, "at": at} | options
            )

    def lift(self, made, at=NOON):
        with transaction.atomic():
            lock.lift(lock=made, at=at)

    def held(self, account, asset=None):
        """``(held, available)`` of an account."""
        found = Holding.objects.filter(account=account, asset=asset or self.units).first()
        return (found.quantity, found.available) if found else (0, 0)


@pytest.fixture
def ledger(db):
    """100 units and 100 points in the source; and whatever a test does with them, the books add up afterwards."""
    number = next(world.NAMES)
    made = Ledger(
        opening.account(code=f"S{number}", owner=None),
        opening.account(code=f"T{number}", owner=None),
        opening.boundary("outside"),
        opening.asset(code=f"units {number}", unit="t", serialised=True),
        opening.asset(code=f"points {number}", unit="point", serialised=False),
    )
    made.bring_in(100)
    made.bring_in(100, asset=made.points)
    yield made
    assert not books.faults()

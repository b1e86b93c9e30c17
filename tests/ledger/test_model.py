"""The ledger against an oracle that keeps every unit by itself (T6): random acts, each accepted or refused as foretold.

The oracle is plain Python over a dictionary of single units, too simple to be wrong in the ways ranges and locks are.
After every step the ledger's blocks, expanded, are the oracle's dictionary, and the books add up.
"""

import datetime as dt
import os
from dataclasses import dataclass, field, replace

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests import world
from tests.ledger import books

from tanhui.kernel.refusal import Refusal
from tanhui.kernel.serials import Range
from tanhui.ledger.acts import lock, movement, opening, refusals, reservation

EXAMPLES = int(os.environ.get("TANHUI_TEST_EXAMPLES", "60"))
HOUR = dt.timedelta(hours=1)
HOLDERS = ["owner", "buyer", "buffer"]
NOT_ENOUGH, NOT_FREE, LOCKED = refusals.NotEnoughHeld, refusals.SerialsNotFree, refusals.SerialsLocked
COUNTED = ["movement", "posting", "reservation", "reservationline", "resolution", "lock", "lockline", "lift"]

quantities = st.integers(1, 25)
holders = st.sampled_from(HOLDERS)
somewhere = st.integers(0, 1000)  # which unit of an asset to begin at, and so whose units to take
chosen = st.none() | st.integers(0, 9)  # None: the oldest; 0: a run that reaches a little beyond; else a run


@dataclass(frozen=True)
class Unit:
    asset: int
    place: str
    reservation: int | None = None
    locks: frozenset = frozenset()

    @property
    def free(self):
        return self.reservation is None and not self.locks


@dataclass
class Oracle:
    """Every unit by its number; points by holder; how reservations and locks stand."""

    units: dict = field(default_factory=dict)
    points: dict = field(default_factory=lambda: dict.fromkeys(HOLDERS, 0))
    open: dict = field(default_factory=dict)  # reservation: (holder, asset, points, expires at)
    ended: set = field(default_factory=set)
    ranks: dict = field(default_factory=dict)
    lifted: set = field(default_factory=set)

    def available_points(self, place):
        return self.points[place] - sum(held[2] for held in self.open.values() if held[0] == place)

    def take(self, place, asset, quantity, chosen, reservation=None, under=frozenset()):
        """The numbers that go, or the refusal."""

        def may(unit):
            return (
                unit.asset == asset and unit.place == place and unit.reservation == reservation and unit.locks <= under
            )

        if chosen is None:
            found = sorted(number for number, unit in self.units.items() if may(unit))[:quantity]
            return found if len(found) == quantity else NOT_ENOUGH
        if all(number in self.units and may(self.units[number]) for number in chosen):
            return list(chosen)
        return self.why_not(place, asset, chosen)

    def why_not(self, place, asset, chosen):
        here = [self.units[number] for number in chosen if number in self.units]
        return LOCKED if any(one.locks for one in here if (one.asset, one.place) == (asset, place)) else NOT_FREE

    def change(self, numbers, **values):
        for number in numbers:
            self.units[number] = replace(self.units[number], **values)

    def close(self, made):
        del self.open[made]
        self.ended.add(made)
        self.change([number for number, unit in self.units.items() if unit.reservation == made], reservation=None)


class Ledger(RuleBasedStateMachine):
    reservations = Bundle("reservations")
    locks = Bundle("locks")
    assets = Bundle("assets")

    def __init__(self):
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.oracle = Oracle()
        self.clock = world.NOON
        self.places = {name: opening.account(code=name, owner=None).pk for name in HOLDERS}
        self.places |= {name: opening.boundary(name).pk for name in ("issued", "retired", "cancelled")}
        self.points = opening.asset(code="points", unit="point", serialised=False).pk
        self.names = {number: name for name, number in self.places.items()}

    def teardown(self):
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    # -- the two sides -------------------------------------------------------------------------------------------------

    def agree(self, expected, act):
        """Do the act: refused exactly as foretold and without a trace, or done; what it returned."""
        before = trace() if expected else None
        met = done = None
        try:
            with transaction.atomic():
                done = act()
        except Refusal as refusal:
            met = refusal
        assert type(met) is (expected or type(None)), f"foretold {expected}, met {met and met.code}: {met}"
        assert met is None or trace() == before
        return done

    def line(self, source, target, asset, quantity, chosen=None):
        run = None if chosen is None else Range(chosen[0], chosen[-1])
        return movement.Line(self.places[source], self.places[target], asset, quantity, run)

    def post(self, *lines, **options):
        return movement.post(
            reference=f"m{next(world.NAMES)}", kind="test", at=self.clock, lines=lines, **options
        )  # fmt: skip

    def begin(self, asset, where):
        """A unit of the asset that somebody holds, and who does; the first unit and the owner when nobody holds any."""
        units = self.oracle.units
        numbers = [number for number, unit in units.items() if unit.asset == asset and unit.place in HOLDERS]
        if not numbers:
            return min(number for number, unit in units.items() if unit.asset == asset), "owner"
        first = numbers[where % len(numbers)]
        return first, units[first].place

    def numbers(self, first, quantity, chosen):
        """A run from ``first`` on as far as it lies with one holder; with 0, some more, wherever that is."""
        if chosen is None:
            return None
        units, one = self.oracle.units, self.oracle.units[first]
        end = first + 1
        while (
            end < first + quantity and end in units and (units[end].asset, units[end].place) == (one.asset, one.place)
        ):
            end += 1
        return range(first, end + 3 if chosen == 0 else end)

    def move(self, asset, where, to, quantity, run, under=()):
        first, source = self.begin(asset, where)
        if source == to:
            return
        chosen = self.numbers(first, quantity, run)
        quantity = len(chosen) if chosen else quantity
        target = to
        found = self.oracle.take(source, asset, quantity, chosen, under=frozenset(under))
        refusal = None if isinstance(found, list) else found
        posted = self.agree(
            refusal, lambda: self.post(self.line(source, target, asset, quantity, chosen), under=list(under))
        )
        if posted:
            assert sorted(expanded(posted.serials[0])) == found
            self.oracle.change(found, place=target, reservation=None, locks=frozenset())

    # -- what may happen -----------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.oracle.units) < 200)
    @rule(target=assets, quantity=st.integers(2, 60), to_buffer=st.integers(0, 10), owner=holders)
    def issue(self, quantity, to_buffer, owner):
        """A batch, part of it straight to the buffer, as one movement."""
        asset = opening.asset(code=f"batch {next(world.NAMES)}", unit="t", serialised=True).pk
        run = movement.take_serials(quantity)
        kept = quantity - min(to_buffer, quantity - 1)
        parts = [(owner, run.first, run.first + kept - 1)]
        if kept < quantity:
            parts.append(("buffer", run.first + kept, run.last))
        self.agree(
            None,
            lambda: self.post(
                *(
                    self.line("issued", place, asset, last - first + 1, range(first, last + 1))
                    for place, first, last in parts
                )
            ),
        )
        for place, first, last in parts:
            self.oracle.units |= {number: Unit(asset, place) for number in range(first, last + 1)}
        return asset

    @precondition(lambda self: sum(self.oracle.points.values()) < 40)
    @rule(place=holders, quantity=quantities)
    def give_points(self, place, quantity):
        self.agree(None, lambda: self.post(self.line("issued", place, self.points, quantity)))
        self.oracle.points[place] += quantity

    @rule(asset=assets, where=somewhere, to=holders, quantity=quantities, run=chosen)
    def transfer(self, asset, where, to, quantity, run):
        self.move(asset, where, to, quantity, run)

    @rule(source=holders, to=holders, quantity=quantities)
    def transfer_points(self, source, to, quantity):
        if source == to:
            return
        refusal = NOT_ENOUGH if self.oracle.available_points(source) < quantity else None
        if self.agree(refusal, lambda: self.post(self.line(source, to, self.points, quantity))):
            self.oracle.points[source] -= quantity
            self.oracle.points[to] += quantity

    @rule(asset=assets, where=somewhere, other=holders, quantity=quantities)
    def there_and_back(self, asset, where, other, quantity):
        """Two lines of one movement; the second takes the oldest units that are there after the first."""
        _, one = self.begin(asset, where)
        if one == other:
            return
        found = self.oracle.take(one, asset, quantity, None)
        refusal = None if isinstance(found, list) else found
        lines = [self.line(one, other, asset, quantity), self.line(other, one, asset, quantity)]
        posted = self.agree(refusal, lambda: self.post(*lines))
        if posted:
            self.oracle.change(found, place=other)
            back = self.oracle.take(other, asset, quantity, None)
            assert sorted(expanded(posted.serials[1])) == back
            self.oracle.change(back, place=one)

    @rule(asset=assets, where=somewhere, quantity=quantities, run=chosen)
    def retire(self, asset, where, quantity, run):
        self.move(asset, where, "retired", quantity, run)

    @rule(asset=assets, where=somewhere, quantity=quantities, run=chosen, under=locks)
    def cancel(self, asset, where, quantity, run, under):
        """By force: free units, and those under that lock and no other."""
        self.move(asset, where, "cancelled", quantity, run, [under])

    @rule(asset=assets, quantity=quantities)
    def reverse(self, asset, quantity):
        """A reversal takes from the buffer as much as there is."""
        there = [
            number
            for number, unit in self.oracle.units.items()
            if unit.free and (unit.asset, unit.place) == (asset, "buffer")
        ]
        if there:
            quantity = min(len(there), quantity)
            line = self.line("buffer", "cancelled", asset, quantity)
            self.agree(None, lambda: self.post(line))
            self.oracle.change(sorted(there)[:quantity], place="cancelled")

    @rule(target=reservations, asset=assets, where=somewhere, quantity=quantities, run=chosen,
          points=st.integers(0, 2), hours=st.integers(1, 5))  # fmt: skip
    def reserve(self, asset, where, quantity, run, points, hours):
        first, place = self.begin(asset, where)
        chosen = self.numbers(first, quantity, run)
        quantity = len(chosen) if chosen else quantity
        found = self.oracle.take(place, asset, quantity, chosen)
        refusal = None if isinstance(found, list) else found
        if refusal is None and self.oracle.available_points(place) < points:
            refusal = NOT_ENOUGH
        wishes = [reservation.Wish(asset, quantity, Range(chosen[0], chosen[-1]) if chosen else None)]
        wishes += [reservation.Wish(self.points, points)] if points else []
        until = self.clock + hours * HOUR
        made = self.agree(
            refusal,
            lambda: reservation.reserve(
                reference=f"r{next(world.NAMES)}", account=self.places[place], wishes=wishes, at=self.clock,
                expires_at=until,
            ),
        )  # fmt: skip
        if not made:
            return multiple()
        assert sorted(expanded(made.serials[0])) == found
        self.oracle.change(found, reservation=made.reservation)
        self.oracle.open[made.reservation] = (place, asset, points, until)
        return made.reservation

    @rule(made=reservations, to=holders, quantity=quantities, points=st.integers(0, 3), all_of_it=st.booleans())
    def post_reservation(self, made, to, quantity, points, all_of_it):
        """All of it, a part of it, or more than it."""
        if made in self.oracle.ended:
            any_asset = next(iter(self.oracle.units.values())).asset
            lines = [self.line("owner", "buyer", any_asset, 1)]
            self.agree(refusals.AlreadyResolved, lambda: self.post(*lines, reservation=made))
            return
        place, asset, reserved_points, until = self.oracle.open[made]
        if place == to:
            return
        reserved = sum(unit.reservation == made for unit in self.oracle.units.values())
        quantity = reserved if all_of_it else quantity
        points = reserved_points if all_of_it else points
        found = self.oracle.take(place, asset, quantity, None, reservation=made)
        refusal = None if isinstance(found, list) else found
        if points > reserved_points:
            refusal = refusal or NOT_ENOUGH
        if until <= self.clock:
            refusal = refusals.AlreadyResolved
        lines = [self.line(place, to, asset, quantity)]
        lines += [self.line(place, to, self.points, points)] if points else []
        if self.agree(refusal, lambda: self.post(*lines, reservation=made)):
            self.oracle.change(found, place=to, reservation=None)
            self.oracle.close(made)
            self.oracle.points[place] -= points
            self.oracle.points[to] += points

    @rule(made=reservations)
    def void(self, made):
        refusal = refusals.AlreadyResolved if made in self.oracle.ended else None
        self.agree(refusal, lambda: reservation.void(reservation=made, at=self.clock))
        if refusal is None:
            self.oracle.close(made)

    @rule(hours=st.integers(1, 3))
    def wait(self, hours):
        self.clock += hours * HOUR

    @rule()
    def expire(self):
        due = [made for made, (*_, until) in self.oracle.open.items() if until <= self.clock]
        assert reservation.expire(at=self.clock) == len(due)
        for made in due:
            self.oracle.close(made)

    @rule(
        target=locks, asset=assets, where=somewhere, quantity=quantities, run=st.integers(0, 9), rank=st.integers(1, 4)
    )
    def place_lock(self, asset, where, quantity, run, rank):
        first, place = self.begin(asset, where)
        chosen = self.numbers(first, quantity, run)
        there = all(
            number in self.oracle.units
            and (self.oracle.units[number].asset, self.oracle.units[number].place) == (asset, place)
            for number in chosen
        )
        refusal = None if there else self.oracle.why_not(place, asset, chosen)
        units = [lock.Units(self.places[place], asset, Range(chosen[0], chosen[-1]))]
        made = self.agree(
            refusal, lambda: lock.place(reference=f"l{next(world.NAMES)}", rank=rank, units=units, at=self.clock)
        )
        if not made:
            return multiple()
        for number in chosen:
            self.oracle.change([number], locks=self.oracle.units[number].locks | {made})
        self.oracle.ranks[made] = rank
        return made

    @rule(made=locks)
    def lift(self, made):
        under = [unit for unit in self.oracle.units.values() if made in unit.locks]
        refusal = refusals.AlreadyLifted if made in self.oracle.lifted else None
        if any(self.oracle.ranks[one] < self.oracle.ranks[made] for unit in under for one in unit.locks):
            refusal = refusals.HigherLockStands
        self.agree(refusal, lambda: lock.lift(lock=made, at=self.clock))
        if refusal is None:
            self.oracle.lifted.add(made)
            for number, unit in self.oracle.units.items():
                self.oracle.change([number], locks=unit.locks - {made})

    # -- what always holds ---------------------------------------------------------------------------------------------

    @invariant()
    def every_unit_is_where_the_oracle_has_it(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT lower(serials), upper(serials), asset_id, account_id, reservation_id, locks FROM ledger_block"
            )
            there = {
                number: Unit(asset, self.names[account], made, frozenset(locks))
                for first, end, asset, account, made, locks in cursor.fetchall()
                for number in range(first, end)
            }
        assert there == self.oracle.units

    @invariant()
    def every_point_is_where_the_oracle_has_it(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT account_id, quantity, encumbered FROM ledger_holding WHERE asset_id = %s", [self.points]
            )
            there = {self.names[account]: (held, bound) for account, held, bound in cursor.fetchall()}
        for place in HOLDERS:
            held = self.oracle.points[place]
            assert there.get(place, (0, 0)) == (held, held - self.oracle.available_points(place))

    @invariant()
    def the_books_add_up(self):
        assert not books.faults()


def trace():
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', count(*)::text FROM ledger_{name}" for name in COUNTED))
        found = cursor.fetchall()
        for name in ("holding", "block", "openreservation", "serialcounter"):
            cursor.execute(f"SELECT t::text FROM ledger_{name} AS t ORDER BY 1")
            found.append((name, cursor.fetchall()))
    return found


def expanded(ranges):
    return [number for one in ranges for number in range(one.first, one.end)]


@pytest.mark.slow
@pytest.mark.django_db
class TestTheLedger:
    def test_does_what_the_oracle_foretells(self):
        run_state_machine_as_test(
            Ledger,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=40,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                print_blob=True,
            ),
        )

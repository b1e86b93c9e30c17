"""Cancellation, clawback, reversal: units ended by rule (rules §§3.6, 3.10)."""

import datetime as dt

import pytest
from tests import world

from tanhui.identity.acts import instruction
from tanhui.journal import queries
from tanhui.ledger.acts import refusals
from tanhui.registry.acts import cancellation, clawback, restriction, reversal
from tanhui.registry.acts.lines import NothingAsked
from tanhui.registry.acts.signing import NotTheOperator
from tanhui.registry.models import Cancellation, ClawbackStep

DEADLINE = dt.date(2026, 6, 30)
AFTER = dt.datetime(2026, 7, 1, 4, tzinfo=dt.UTC)


@pytest.fixture
def authority(db):
    return world.organisation("AUTH", name="生态环境局")


class TestCancel:
    def test_ends_units_for_good_and_says_why(self, register):
        done = self.cancel(register, 40)

        assert world.held_t(register.owner.issued) == 960
        fact = queries.fact(done.entry)["fact"]
        assert (fact["cancellation"], fact["quantity_t"], fact["reason"]) == ("FORCED", 40, "错误签发")

    def test_asked_twice_is_asked_once(self, register):
        assert self.cancel(register, 40, reference="once").pk == self.cancel(register, 40, reference="once").pk
        assert world.held_t(register.owner.issued) == 960

    def test_takes_locked_units_only_under_their_own_lock(self, register, authority):
        account = register.owner.account
        suspended = restriction.place(
            kind="SUSPENSION", account=account, units=restriction.everything(account), authority=authority,
            document="决定书", document_sha256=world.HASH, until_at=None, reference="s",
            signatures=register.operator.signatures, at=register.at,
        )  # fmt: skip

        with world.refuses(refusals.NotEnoughHeld, asked=40, available=0, held=1000):
            self.cancel(register, 40)
        self.cancel(register, 40, under=[suspended])

        assert world.held_t(register.owner.issued) == 960

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_refuses_to_be_without_reason(self, register, reason):
        with world.refuses(cancellation.ReasonMissing, "registry.reason_missing"):
            self.cancel(register, 40, reason=reason)

    def test_refuses_retired_units(self, register):
        register.retire(10, first=0)

        with world.refuses(refusals.SerialsNotFree):
            self.cancel(register, 10, first=5)

    def test_refuses_nothing(self, register):
        with world.refuses(NothingAsked):
            self.cancel(register, 0, wanted=[])

    def test_is_for_the_operator_alone(self, register):
        with world.refuses(NotTheOperator):
            self.cancel(register, 40, signatures=register.owner.signatures)

    def cancel(self, register, quantity_t, *, first=None, **overrides):
        values = {
            "kind": "FORCED", "source": register.owner.issued, "reason": "错误签发",
            "reference": f"cancel-{next(world.NAMES)}", "signatures": register.operator.signatures, "at": register.at,
        } | overrides  # fmt: skip
        wanted = values.pop("wanted", None)
        return cancellation.cancel(wanted=register.wanted(quantity_t, first) if wanted is None else wanted, **values)


@pytest.fixture
def order(register, authority):
    def order(**overrides):
        values = {
            "project": register.project, "quantity_t": 300, "deadline_date": DEADLINE, "authority": authority,
            "document": "追缴决定 2026-1", "document_sha256": world.HASH, "reference": f"order-{next(world.NAMES)}",
            "signatures": register.operator.signatures, "at": register.at,
        } | overrides  # fmt: skip
        return clawback.order(**values)

    return order


@pytest.fixture
def comply(register):
    def comply(one, quantity_t, **overrides):
        values = {
            "source": register.owner.issued, "wanted": register.wanted(quantity_t),
            "reference": f"step-{next(world.NAMES)}", "signatures": register.operator.signatures, "at": register.at,
        } | overrides  # fmt: skip
        return clawback.comply(clawback=one, **values)

    return comply


@pytest.fixture
def enforce(register):
    def enforce(one, at=AFTER):
        return clawback.enforce(
            clawback=one, reference=f"force-{next(world.NAMES)}", signatures=register.operator.signatures, at=at
        )

    return enforce


class TestClawback:
    def test_suspends_everything_the_owner_holds(self, register, order):
        order()

        with world.refuses(restriction.UnitsRestricted, kind="SUSPENSION", authority="生态环境局"):
            register.transfer(1)

    def test_leaves_what_was_sold_to_others(self, register, order):
        register.transfer(400)
        order()

        register.retire(400, source=register.buyer.holding, by=register.buyer)

        assert world.held_t(register.buyer.holding) == 0

    def test_may_be_ordered_of_an_owner_who_holds_nothing(self, register, order):
        register.transfer(1000)

        one = order()

        assert one.restriction is None
        assert clawback.owed_t(one) == 300

    def test_asked_twice_is_asked_once(self, register, order):
        assert order(reference="once") == order(reference="once")

    def test_refuses_the_same_reference_for_another_quantity(self, register, order):
        order(reference="once")
        with world.refuses(instruction.ReferenceTaken):
            order(reference="once", quantity_t=301)

    @pytest.mark.parametrize("quantity", [0, -1])
    def test_refuses_nothing(self, order, quantity):
        with world.refuses(NothingAsked):
            order(quantity_t=quantity)

    def test_is_for_the_operator_alone(self, register, order):
        with world.refuses(NotTheOperator):
            order(signatures=register.owner.signatures)


class TestComply:
    def test_cancels_out_of_the_suspension(self, register, order, comply):
        one = order()

        comply(one, 120)

        assert clawback.owed_t(one) == 180
        assert Cancellation.objects.get().kind == "COMPLIED"

    def test_refuses_more_than_is_owed(self, register, order, comply):
        one = order()
        comply(one, 120)

        with world.refuses(clawback.MoreThanOwed, "registry.more_than_owed", asked=181, owed=180):
            comply(one, 181)

    def test_asked_twice_is_asked_once(self, order, comply):
        one = order()

        assert comply(one, 120, reference="once") == comply(one, 120, reference="once")
        assert clawback.owed_t(one) == 180

    def test_asked_again_when_all_is_done_is_still_that_step(self, order, comply):
        one = order()

        assert comply(one, 300, reference="once") == comply(one, 300, reference="once")

    def test_frees_the_rest_when_nothing_is_owed_any_more(self, register, order, comply):
        one = order()
        comply(one, 300)

        restriction.lift(
            restriction=one.restriction, authority=one.authority, reason="已履行", reference="lift",
            signatures=register.operator.signatures, at=register.at,
        )  # fmt: skip

        assert world.free_t(register.owner.issued) == 700


class TestEnforce:
    def test_cancels_by_force_what_is_owed(self, register, order, enforce):
        one = order()

        enforce(one)

        assert clawback.owed_t(one) == 0
        assert world.held_t(register.owner.issued) == 700
        assert ClawbackStep.objects.get().kind == "FORCED"

    def test_leaves_the_shortfall_owed(self, register, order, enforce):
        register.transfer(800)
        one = order()

        enforce(one)

        assert clawback.owed_t(one) == 100
        assert world.held_t(register.owner.issued) == 0
        assert world.held_t(register.buyer.holding) == 800

    def test_waits_for_the_deadline(self, order, enforce):
        one = order()
        with world.refuses(clawback.DeadlineNotPast, "registry.deadline_not_past", deadline="2026-06-30"):
            enforce(one, at=dt.datetime(2026, 6, 30, 4, tzinfo=dt.UTC))

    def test_takes_nothing_once_all_is_done(self, order, enforce):
        one = order()
        enforce(one)

        assert enforce(one) == []


class TestReplace:
    def test_retires_other_units_on_their_holders_signatures(self, register, order, enforce):
        register.transfer(800)
        one = order()
        enforce(one)

        step = self.replace(register, one, 100)

        assert clawback.owed_t(one) == 0
        assert step.retirement.purpose == "REPLACE"
        assert step.retirement.beneficiary_name == "项目业主"

    def test_refuses_more_than_is_owed(self, register, order):
        register.transfer(800)
        one = order(quantity_t=10)

        with world.refuses(clawback.MoreThanOwed, asked=11, owed=10):
            self.replace(register, one, 11)

    def test_refuses_the_owners_signatures_for_the_buyers_units(self, register, order):
        register.transfer(800)
        one = order()

        with world.refuses(instruction.WrongMandate):
            self.replace(register, one, 10, signatures=register.owner.signatures)

    def replace(self, register, one, quantity_t, **overrides):
        values = {"signatures": register.buyer.signatures} | overrides
        return clawback.replace(
            clawback=one, source=register.buyer.holding, wanted=register.wanted(quantity_t),
            reference=f"replace-{next(world.NAMES)}", at=register.at, **values,
        )  # fmt: skip


@pytest.fixture
def reverse(register):
    def reverse(quantity_t, **overrides):
        values = {
            "project": register.project, "cause": "森林火灾", "intentional": False, "buffer": register.operator.account,
            "reference": f"reversal-{next(world.NAMES)}", "signatures": register.operator.signatures, "at": register.at,
        } | overrides  # fmt: skip
        return reversal.reverse(quantity_t=quantity_t, **values)

    return reverse


class TestReverse:
    def test_is_paid_from_the_buffer(self, register, reverse):
        register.another_batch(100, buffer_t=30)

        done = reverse(20)

        assert (done.paid_t, done.owed_t) == (20, 0)
        assert world.held_t(register.operator.buffer) == 10
        fact = queries.fact(done.entry)["fact"]
        assert (fact["paid_from_buffer_t"], fact["owed_t"]) == (20, 0)

    def test_leaves_owed_what_the_buffer_cannot_pay(self, register, reverse):
        register.another_batch(100, buffer_t=30)

        done = reverse(5000)

        assert (done.paid_t, done.owed_t) == (30, 4970)
        assert world.held_t(register.operator.buffer) == 0

    def test_of_a_project_without_any_buffer_is_all_owed(self, reverse):
        done = reverse(20)

        assert (done.paid_t, done.owed_t, done.cancellation) == (0, 20, None)

    def test_takes_the_projects_own_units_before_the_pools(self, register, reverse):
        older = register.another_batch(100, buffer_t=30)
        other = world.project(operator=register.operator, owner=register.owner, validator=register.validator)
        period = world.verified(other, verifier=register.verifier, tonnes=50)
        own = world.issue(period, owner=register.owner, operator=register.operator, buffer_t=10).batches.get()

        reverse(15, project=other)

        assert world.held_t(register.operator.buffer, own) == 0
        assert world.held_t(register.operator.buffer, older) == 25

    def test_on_purpose_is_not_the_pools_to_bear(self, register, reverse):
        register.another_batch(100, buffer_t=30)

        done = reverse(20, intentional=True)

        assert (done.paid_t, done.owed_t) == (0, 20)
        assert world.held_t(register.operator.buffer) == 30

    def test_asked_twice_is_asked_once(self, register, reverse):
        register.another_batch(100, buffer_t=30)

        assert reverse(20, reference="once") == reverse(20, reference="once")
        assert world.held_t(register.operator.buffer) == 10

    def test_asked_again_after_it_has_emptied_the_buffer_is_still_that_reversal(self, register, reverse):
        register.another_batch(100, buffer_t=30)

        assert reverse(30, reference="once") == reverse(30, reference="once")

    @pytest.mark.parametrize("quantity", [0, -1])
    def test_refuses_nothing(self, reverse, quantity):
        with world.refuses(NothingAsked):
            reverse(quantity)

    def test_is_for_the_operator_alone(self, register, reverse):
        with world.refuses(NotTheOperator):
            reverse(1, signatures=register.owner.signatures)

    def test_refuses_units_that_are_not_in_the_buffer(self, register, reverse):
        with world.refuses(refusals.NotEnoughHeld, asked=5, held=0):
            reverse(5, from_buffer=register.wanted(5))

    def test_pays_no_more_than_was_reversed(self, register, reverse):
        """Units chosen by hand beyond the reversal are not cancelled in silence."""
        register.batch = register.another_batch(100, buffer_t=30)

        with world.refuses(clawback.MoreThanOwed, "registry.more_than_owed", asked=30, owed=20):
            reverse(20, from_buffer=register.wanted(30))

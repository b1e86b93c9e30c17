import datetime as dt

import pytest
from tests import world

from tanhui.journal import queries
from tanhui.ledger.acts import refusals
from tanhui.registry.acts import restriction
from tanhui.registry.acts.signing import NotTheOperator
from tanhui.registry.models import Lifting, Restriction

DAY = dt.timedelta(days=1)


@pytest.fixture
def bank(db):
    return world.organisation("PLED", name="质权银行")


@pytest.fixture
def court(db):
    return world.organisation("COURT", name="某市中级人民法院")


@pytest.fixture
def place(register, bank):
    def place(**overrides):
        account = register.owner.account
        values = {
            "kind": "PLEDGE", "account": account, "units": restriction.everything(account), "authority": bank,
            "document": "质押合同 2026-1", "document_sha256": world.HASH, "until_at": None,
            "reference": f"restriction-{next(world.NAMES)}", "signatures": register.operator.signatures,
            "at": register.at,
        } | overrides  # fmt: skip
        return restriction.place(**values)

    return place


@pytest.fixture
def lift(register):
    def lift(one, authority=None, **overrides):
        values = {"reason": "已清偿", "reference": f"lift-{next(world.NAMES)}", "at": register.at} | overrides
        return restriction.lift(
            restriction=one, authority=authority or one.authority, signatures=register.operator.signatures, **values
        )

    return lift


class TestPlace:
    @pytest.mark.parametrize("kind", ["JUDICIAL", "SUSPENSION", "PLEDGE", "OFFSET"])
    def test_stops_transfer_and_retirement_and_says_who_stands_in_the_way(self, register, place, bank, kind):
        place(kind=kind)

        facts = {
            "account": register.owner.account.code, "kind": kind, "authority": "质权银行",
            "document": "质押合同 2026-1", "since": "2026-06-05 12:00",
        }  # fmt: skip
        for act in (register.transfer, register.retire, register.initiate, register.initiate_retirement):
            with world.refuses(restriction.UnitsRestricted, "registry.units_restricted", **facts):
                act(5)
            with world.refuses(restriction.UnitsRestricted, **facts):
                act(5, first=10)

    def test_leaves_the_units_where_they_are(self, register, place):
        place()

        assert world.held_t(register.owner.issued) == 1000
        assert world.free_t(register.owner.issued) == 0

    def test_leaves_other_units_free(self, register, place):
        source, batch = register.owner.issued, register.batch
        units = [(source, batch.pk, register.wanted(100, 0)[0].serials)]
        place(units=units)

        register.transfer(900)

        assert world.held_t(register.owner.issued) == 100

    def test_publishes_how_many_and_not_whose(self, register, place):
        fact = queries.fact(place().entry)

        assert fact["fact"] == {"restriction": "PLEDGE", "quantity_t": 1000}

    def test_asked_twice_is_asked_once(self, register, place):
        units = restriction.everything(register.owner.account)

        assert place(reference="once", units=units) == place(reference="once", units=units)
        assert world.free_t(register.owner.issued) == 0

    def test_takes_units_named_twice_once(self, register, place, lift):
        units = [(register.owner.issued, register.batch.pk, register.wanted(10, first)[0].serials) for first in (0, 5)]

        lift(place(units=units))

        assert world.free_t(register.owner.issued) == 1000

    def test_refuses_an_account_that_holds_nothing(self, register, place):
        account = register.buyer.account
        with world.refuses(restriction.NothingToRestrict, "registry.nothing_to_restrict", account=account.code):
            place(account=account, units=restriction.everything(account))

    def test_refuses_units_of_somebody_else(self, register, place):
        units = [(register.buyer.holding, register.batch.pk, register.wanted(10, 0)[0].serials)]
        with world.refuses(refusals.SerialsNotFree):
            place(units=units, account=register.buyer.account)

    def test_is_on_units_of_the_account_it_names(self, register, place):
        """The account of a restriction is where its units are; another one's would stand under a wrong name."""
        with pytest.raises(ValueError, match=register.buyer.account.code):
            place(account=register.buyer.account, units=restriction.everything(register.owner.account))
        assert not Restriction.objects.exists()

    def test_is_for_the_operator_alone(self, register, place):
        with world.refuses(NotTheOperator):
            place(signatures=register.owner.signatures)


class TestLift:
    def test_frees_the_units(self, register, place, lift):
        lift(place())

        register.transfer(1000)

        assert Lifting.objects.count() == 1

    def test_needs_the_word_of_the_authority_that_placed_it(self, place, lift, court):
        one = place()
        with world.refuses(
            restriction.WrongAuthority, "registry.wrong_authority", kind="PLEDGE", authority="质权银行",
            document="质押合同 2026-1",
        ):  # fmt: skip
            lift(one, court)

    def test_of_a_pledge_waits_for_a_judicial_freeze(self, register, place, lift, court):
        pledge, freeze = place(), place(kind="JUDICIAL", authority=court, document="(2026) 执 1")

        with world.refuses(refusals.HigherLockStands, "ledger.higher_lock_stands"):
            lift(pledge)
        lift(freeze)
        lift(pledge)

        assert world.free_t(register.owner.issued) == 1000

    def test_of_a_freeze_leaves_the_pledge(self, register, place, lift, court):
        place()
        lift(place(kind="JUDICIAL", authority=court))

        with world.refuses(restriction.UnitsRestricted, kind="PLEDGE"):
            register.transfer(1)

    def test_twice_is_refused(self, place, lift):
        one = place()
        lift(one)

        with world.refuses(refusals.AlreadyLifted, "ledger.already_lifted"):
            lift(one)

    def test_under_the_same_reference_is_once(self, place, lift):
        one = place()

        assert lift(one, reference="once") == lift(one, reference="once")

    def test_is_for_the_operator_alone(self, register, place):
        one = place()
        with world.refuses(NotTheOperator):
            restriction.lift(
                restriction=one, authority=one.authority, reason="", reference="x", at=register.at,
                signatures=register.owner.signatures,
            )  # fmt: skip


class TestTheHighest:
    def test_restriction_is_the_one_that_is_named(self, register, place, court):
        place()
        place(kind="JUDICIAL", authority=court, document="(2026) 执 1")

        with world.refuses(restriction.UnitsRestricted, kind="JUDICIAL", authority="某市中级人民法院"):
            register.transfer(1)


class TestReleaseRunOut:
    def test_lifts_what_was_not_renewed_in_time_and_only_that(self, register, place, court):
        place(kind="JUDICIAL", authority=court, until_at=register.at + DAY)
        place(until_at=register.at + 2 * DAY)

        done = restriction.release_run_out(at=register.at + DAY, signatures=register.operator.signatures)

        assert done == 1
        with world.refuses(restriction.UnitsRestricted, kind="PLEDGE"):
            register.transfer(1)

    def test_lifts_the_higher_first(self, register, place, court):
        place(until_at=register.at + DAY)
        place(kind="JUDICIAL", authority=court, until_at=register.at + DAY)

        assert restriction.release_run_out(at=register.at + DAY, signatures=register.operator.signatures) == 2

    def test_leaves_a_lower_one_that_has_run_out_under_a_higher_that_stands(self, register, place, court):
        """One that must wait does not stop the others."""
        place(until_at=register.at + DAY, units=restriction.everything(register.owner.account))
        place(kind="JUDICIAL", authority=court)
        register.another_batch(10)
        free = [one for one in restriction.everything(register.owner.account) if one[1] != register.batch.pk]
        place(kind="SUSPENSION", units=free, until_at=register.at + DAY)

        assert restriction.release_run_out(at=register.at + DAY, signatures=register.operator.signatures) == 1

import pytest
from tests import world

from tanhui.identity.acts import instruction
from tanhui.journal import queries
from tanhui.ledger.acts import refusals
from tanhui.registry.acts import account, settlement
from tanhui.registry.acts.lines import NothingAsked, Wanted
from tanhui.registry.acts.settlement import Trade
from tanhui.registry.acts.signing import AccountRestricted


@pytest.fixture
def exchange(register):
    return world.party("EXC", name="环境交易所")


@pytest.fixture
def settle(register, exchange):
    def settle(*trades, by=exchange, reference=None):
        return settlement.settle(
            trades=trades, reference=reference or f"day-{next(world.NAMES)}", signatures=by.signatures, at=register.at
        )

    return settle


@pytest.fixture
def sold(register):
    """500 t of the owner's lie in exchange custody."""
    register.transfer(500, target=register.owner.place("EXCHANGE"))
    return register.owner.place("EXCHANGE")


class TestSettle:
    def test_moves_many_trades_as_one(self, register, settle, sold):
        bought = register.buyer.place("EXCHANGE")

        done = settle(*(Trade(sold, bought, Wanted(register.batch, 10)) for _ in range(50)))

        assert (done.trades, done.quantity_t) == (50, 500)
        assert world.held_t(bought) == 500
        assert queries.fact(done.entry)["fact"]["trades"] == 50

    def test_lets_units_be_sold_on_within_the_day(self, register, settle, sold):
        bought = register.buyer.place("EXCHANGE")
        third = world.party(operator=register.operator)

        settle(
            Trade(sold, bought, Wanted(register.batch, 10)),
            Trade(bought, third.place("EXCHANGE"), Wanted(register.batch, 10)),
        )

        assert (world.held_t(bought), world.held_t(third.place("EXCHANGE"))) == (0, 10)

    def test_settles_none_when_one_cannot_be(self, register, settle, sold):
        bought = register.buyer.place("EXCHANGE")
        with world.refuses(refusals.NotEnoughHeld):
            settle(Trade(sold, bought, Wanted(register.batch, 10)), Trade(sold, bought, Wanted(register.batch, 491)))

    def test_asked_twice_is_asked_once(self, register, settle, sold):
        trade = Trade(sold, register.buyer.place("EXCHANGE"), Wanted(register.batch, 10))

        assert settle(trade, reference="once").pk == settle(trade, reference="once").pk

    def test_refuses_the_same_reference_for_other_trades(self, register, settle, sold):
        trade = Trade(sold, register.buyer.place("EXCHANGE"), Wanted(register.batch, 10))
        settle(trade, reference="once")
        with world.refuses(instruction.ReferenceTaken):
            settle(trade, trade, reference="once")

    def test_is_for_an_exchange_alone(self, register, settle, sold):
        with world.refuses(settlement.NotAnExchange, "registry.not_an_exchange", organisation="买方"):
            settle(Trade(sold, register.buyer.place("EXCHANGE"), Wanted(register.batch, 1)), by=register.buyer)

    def test_refuses_an_empty_day(self, settle):
        with world.refuses(NothingAsked):
            settle()

    @pytest.mark.parametrize("side", ["source", "target"])
    def test_touches_nothing_outside_custody(self, register, settle, sold, side):
        """An exchange's word moves only what was handed to it."""
        places = {"source": sold, "target": register.buyer.place("EXCHANGE")} | {side: register.owner.issued}
        with world.refuses(
            settlement.NotInCustody, "registry.not_in_custody", account=str(register.owner.issued)
        ):  # fmt: skip
            settle(Trade(places["source"], places["target"], Wanted(register.batch, 1)))

    def test_refuses_units_of_a_restricted_account(self, register, settle, sold):
        account.set_state(
            account=register.owner.account, state="RESTRICTED", reason="监管措施",
            signatures=register.operator.signatures, at=register.at,
        )  # fmt: skip
        source = register.owner.place("EXCHANGE")
        with world.refuses(AccountRestricted, account=register.owner.account.code):
            settle(Trade(source, register.buyer.place("EXCHANGE"), Wanted(register.batch, 1)))

import pytest
from tests import world

from tanhui.journal import queries
from tanhui.journal.models import Entry
from tanhui.registry.acts import account
from tanhui.registry.acts.signing import AccountRestricted, NotTheOperator
from tanhui.registry.models import Account


class TestOpenAccount:
    def test_gives_a_participant_places_to_issue_hold_and_trade(self, register):
        assert {one.purpose for one in register.buyer.account.sub_accounts.all()} == {"ISSUED", "HOLDING", "EXCHANGE"}

    def test_gives_the_operator_the_buffer(self, register):
        assert [one.purpose for one in register.operator.account.sub_accounts.all()] == ["BUFFER"]

    def test_publishes_the_number_and_keeps_the_name_to_itself(self, register):
        entry = Entry.objects.filter(kind="registry.account_opened").last()

        assert queries.fact(entry.pk)["fact"] == {"account": register.buyer.account.code}
        assert queries.opening(entry.pk)["private"]["organisation"] == register.buyer.organisation.uscc

    def test_refuses_a_second_account_for_one_organisation(self, register):
        buyer = register.buyer
        with world.refuses(
            account.AccountExists, "registry.account_exists", organisation="买方", account=buyer.account.code
        ):
            account.open_account(
                organisation=buyer.organisation, signatures=register.operator.signatures, at=register.at
            )

    def test_is_for_the_operator_alone(self, register):
        stranger = world.organisation()
        with world.refuses(NotTheOperator, "registry.not_the_operator", organisation="买方"):
            account.open_account(organisation=stranger, signatures=register.buyer.signatures, at=register.at)


class TestSetState:
    @pytest.mark.parametrize("state", ["RESTRICTED", "CLOSED"])
    def test_stops_everything_that_gives_units_away(self, register, state):
        self.set_state(register, state)

        facts = {"account": register.owner.account.code, "state": state}
        with world.refuses(AccountRestricted, "registry.account_restricted", **facts):
            register.transfer(1)
        with world.refuses(AccountRestricted, **facts):
            register.initiate(1)
        with world.refuses(AccountRestricted, **facts):
            register.retire(1)
        with world.refuses(AccountRestricted, **facts):
            register.initiate_retirement(1)

    def test_lets_a_restricted_account_receive(self, register):
        self.set_state(register, "RESTRICTED", party=register.buyer)

        register.transfer(5)

        assert world.held_t(register.buyer.holding) == 5

    def test_opens_it_again(self, register):
        self.set_state(register, "RESTRICTED")
        self.set_state(register, "OPEN")

        register.transfer(1)

        assert Account.objects.get(pk=register.owner.account.pk).state == "OPEN"

    def test_is_for_the_operator_alone(self, register):
        with world.refuses(NotTheOperator):
            account.set_state(
                account=register.owner.account, state="CLOSED", reason="x", signatures=register.buyer.signatures,
                at=register.at,
            )  # fmt: skip

    def set_state(self, register, state, party=None):
        party = party or register.owner
        party.account = account.set_state(
            account=party.account,
            state=state,
            reason="监管措施",
            signatures=register.operator.signatures,
            at=register.at,
        )

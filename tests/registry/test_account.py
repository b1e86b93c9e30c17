from tests import world

from tanhui.identity.acts import instruction
from tanhui.journal import queries
from tanhui.journal.models import Entry
from tanhui.registry.acts import account
from tanhui.registry.acts.signing import AccountClosed, AccountRestricted, NotTheOperator
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
    def test_stops_everything_that_gives_units_away(self, register):
        self.set_state(register, "RESTRICTED")

        facts = {"account": register.owner.account.code, "state": "RESTRICTED"}
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

    def test_closes_only_what_is_empty(self, register):
        facts = {"account": register.owner.account.code, "quantity": 1000}
        with world.refuses(account.AccountNotEmpty, "registry.account_not_empty", **facts):
            self.set_state(register, "CLOSED")
        self.set_state(register, "CLOSED", party=register.buyer)

        assert Account.objects.get(pk=register.buyer.account.pk).state == "CLOSED"

    def test_takes_nothing_in_any_more(self, register):
        self.set_state(register, "CLOSED", party=register.buyer)

        with world.refuses(AccountClosed, "registry.account_closed", account=register.buyer.account.code):
            register.transfer(1)

    def test_waits_for_what_is_on_its_way_to_it(self, register):
        register.initiate(5)

        with world.refuses(account.UnitsExpected, "registry.account_expects_units", count=1):
            self.set_state(register, "CLOSED", party=register.buyer)

    def test_is_final_once_it_is_closed(self, register):
        self.set_state(register, "CLOSED", party=register.buyer)

        for state in ("OPEN", "RESTRICTED", "CLOSED", "NONSENSE"):
            with world.refuses(account.StateImpossible, "registry.account_state_impossible", state="CLOSED"):
                self.set_state(register, state, party=register.buyer)

    def test_says_why(self, register):
        with world.refuses(account.GroundMissing, "registry.account_ground_missing"):
            self.set_state(register, "RESTRICTED", reason=" ")

    def test_takes_two_people_of_the_registry(self, register):
        asked = self.propose(register)
        with world.refuses(instruction.OnePersonTwice):
            self.confirm(register, asked, register.operator.initiator)
        assert Account.objects.get(pk=register.buyer.account.pk).state == "OPEN"

        assert self.confirm(register, asked) == self.confirm(register, asked)
        assert Account.objects.get(pk=register.buyer.account.pk).state == "RESTRICTED"

    def test_is_not_made_when_the_second_does_not_sign(self, register):
        asked = self.propose(register)
        account.drop_state(instruction=asked, mandate=register.operator.confirmer, reason="", at=register.at)

        with world.refuses(instruction.AlreadyDecided):
            self.confirm(register, asked)

    def test_names_its_clause(self, register):
        with world.refuses(account.GroundMissing):
            self.propose(register, clause="")

    def test_is_asked_for_by_the_registry_alone(self, register):
        with world.refuses(NotTheOperator):
            self.propose(register, mandate=register.buyer.initiator)

    def propose(self, register, **overrides):
        values = {
            "state": "RESTRICTED", "reason": "涉嫌出借账户", "clause": "登记规则第十条",
            "mandate": register.operator.initiator, "reference": "state-1",
        } | overrides  # fmt: skip
        return account.propose_state(account=register.buyer.account, at=register.at, **values)

    def confirm(self, register, asked, mandate=None):
        return account.confirm_state(
            instruction=asked, initiating=register.operator.initiator, mandate=mandate or register.operator.confirmer,
            at=register.at,
        )  # fmt: skip

    def set_state(self, register, state, party=None, reason="监管措施"):
        party = party or register.owner
        party.account = account.set_state(
            account=party.account,
            state=state,
            reason=reason,
            signatures=register.operator.signatures,
            at=register.at,
        )

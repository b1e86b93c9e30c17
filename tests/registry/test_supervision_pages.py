"""The registry's desk for accounts."""

import pytest
from django.test import Client
from tests import world

from tanhui.registry.models import Account


def of(mandate):
    client = Client()
    client.force_login(mandate.membership.person)
    return client


@pytest.fixture
def propose(register):
    def ask(state="RESTRICTED", **overrides):
        data = {
            "do": "propose",
            "state": state,
            "reason": "涉嫌出借账户",
            "clause": "登记规则第十条",
            "reference": "s1",
        }
        address = f"/desk/accounts/{register.buyer.account.code}"
        return of(register.operator.initiator).post(address, data | overrides)

    return ask


class TestDeskOfAccounts:
    def test_finds_by_number_name_and_code(self, register):
        desk, buyer = of(register.operator.initiator), register.buyer
        for wanted in (buyer.account.code, "买方", buyer.organisation.uscc):
            assert len(desk.get("/desk/accounts", {"q": wanted}).context["rows"]) == 1

    def test_is_the_registrys_alone(self, register):
        stranger = world.person()
        for other in (of(register.buyer.initiator), of(register.verifier.initiator)):
            assert other.get("/desk/accounts").status_code == 404
            assert other.get(f"/desk/accounts/{register.buyer.account.code}").status_code == 404
        assert not stranger.memberships.exists()
        assert Client().get("/desk/accounts").status_code == 302

    def test_restricts_when_a_second_person_signs(self, register, propose):
        assert propose().status_code == 302
        second = of(register.operator.confirmer)
        address = f"/desk/accounts/{register.buyer.account.code}"
        page = second.get(address)
        assert "涉嫌出借账户" in page.content.decode()
        asked = page.context["waiting"][0][0]

        assert second.post(address, {"do": "confirm", "instruction": str(asked.pk)}).status_code == 302
        assert Account.objects.get(pk=register.buyer.account.pk).state == "RESTRICTED"

    def test_says_at_the_field_why_an_account_is_not_closed(self, register):
        address = f"/desk/accounts/{register.owner.account.code}"
        answer = of(register.operator.initiator).post(
            address, {"do": "propose", "state": "CLOSED", "reason": "申请销户", "clause": "第九条", "reference": "s2"}
        )

        assert answer.status_code == 409
        assert "尚持有 1000 吨" in answer.content.decode()

    @pytest.mark.parametrize("state", ["", "NONSENSE", "OPEN"])
    def test_takes_no_state_that_is_not_offered(self, propose, state):
        assert propose(state).status_code == 422

    @pytest.mark.parametrize("key", ["", "x", "00000000-0000-0000-0000-000000000000"])
    def test_knows_no_instruction_that_is_not_there(self, register, key):
        address = f"/desk/accounts/{register.buyer.account.code}"

        assert of(register.operator.confirmer).post(address, {"do": "confirm", "instruction": key}).status_code == 404

import pytest
from tests.registry import applying

from tanhui.registry.models import Account


@pytest.fixture
def case(db):
    made = applying.begin()
    made.fill_in()
    return made


class TestTheWholeWay:
    def test_ends_in_an_account_whose_people_may_sign(self, case):
        case.to_registry()
        case.propose()
        decision = case.confirm()
        account = Account.objects.get(organisation__uscc=case.application.uscc)
        assert case.application.state == "OPEN"
        assert decision.result == {"account": account.code}
        assert case.application.account == account

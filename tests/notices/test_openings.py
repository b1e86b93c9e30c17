"""Who is told of an account application, and for whom it waits."""

import pytest
from tests.notices.test_notifying import people, told
from tests.registry import applying

from tanhui.notices import waiting

NOON = applying.NOON


@pytest.fixture
def case(register):
    made = applying.begin(register.operator)
    made.fill_in()
    made.submit()
    return made


def waits(person):
    return [one.title for one in waiting.tasks(person, at=NOON)]


class TestAnApplication:
    def test_is_told_step_by_step_to_whom_it_concerns(self, case, tell):
        tell()
        assert told("开户申请") == people(case.exchange)
        assert told(case.application.name) == {case.colleague.pk}

        case.agree()
        case.take()
        case.send_back()
        tell()
        assert told(f"开户申请 {case.application.code} 退回补正") == {case.applicant.pk}

        case.save(address="新地址")
        case.submit()
        case.pass_on()
        tell()
        assert told(f"开户申请 {case.application.code} 初审通过") == {case.applicant.pk}
        assert told(f"开户申请 {case.application.code} 待审核") == people(case.exchange) | people(case.operator)

        case.take(case.operator.initiator)
        case.propose()
        case.confirm()
        tell()
        assert told(f"{case.application.name}已开户") == {case.applicant.pk, case.colleague.pk}

    def test_waits_for_those_whose_turn_it_is(self, case):
        reviewer, other = (one.membership.person for one in (case.exchange.initiator, case.exchange.confirmer))

        assert len(waits(reviewer)) == len(waits(other)) == 1
        assert waits(case.operator.initiator.membership.person) == []
        assert waits(case.colleague) == [f"答复是否担任{case.application.name}的代表"]
        assert waits(case.applicant) == []

        case.agree()
        case.take()
        assert waits(other) == []
        assert waits(case.colleague) == []

        case.send_back()
        assert waits(reviewer) == []
        assert waits(case.applicant) == [f"补正{case.application.name}的开户申请"]
        assert waiting.count(case.applicant, at=NOON) == 1

    def test_waits_for_the_second_signature(self, case):
        case.agree()
        case.take()
        case.pass_on()
        case.take(case.operator.initiator)
        second = case.operator.confirmer.membership.person
        assert waits(second) == []

        case.propose()

        assert waits(second) == [f"审核{case.application.name}的开户申请"]
        assert waiting.count(second, at=NOON) == 1


class TestAPaper:
    def test_that_ends_waits_for_those_who_sign(self, case):
        case.agree()
        case.take()
        case.pass_on()
        case.take(case.operator.initiator)
        case.propose()
        case.confirm()
        assert waits(case.colleague) == []
        soon = applying.dt.datetime(2030, 5, 20, 4, tzinfo=applying.dt.UTC)

        found = waiting.tasks(case.colleague, at=soon)

        assert len(found) == 5
        assert {one.due for one in found} == {applying.UNTIL}

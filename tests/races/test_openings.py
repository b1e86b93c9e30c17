"""Two at once over one application: one stands, the others learn why theirs does not."""

from functools import partial

import pytest
from tests.races.conftest import at_once
from tests.registry import applying

from tanhui.kernel.refusal import Refusal
from tanhui.registry.acts.opening import deciding, drafting, reviewing
from tanhui.registry.models import Account, Application, Paper, Step

ALL = list(Paper.Kind.values)


@pytest.fixture
def case(register):
    made = applying.begin(register.operator)
    made.fill_in()
    return made


def sorted_out(results):
    """The refusals among the results; any other error fails the test."""
    for one in results:
        if isinstance(one, Exception) and not isinstance(one, Refusal):
            raise one
    return [one for one in results if isinstance(one, Refusal)]


class TestTwoApplicationsForOneSubject:
    def test_leave_one_standing(self, case):
        cases = [case, *(applying.begin(case.operator, case.exchange) for _ in range(3))]
        for other in cases[1:]:
            other.fill_in(uscc=case.application.draft["uscc"])
        results = at_once([
            partial(
                drafting.submit, application=one.fresh(), limits={}, version=one.application.version,
                reference=f"r{number}", by=one.applicant, at=one.at,
            )
            for number, one in enumerate(cases)
        ])  # fmt: skip

        assert {type(one) for one in sorted_out(results)} == {drafting.AlreadyApplied}
        assert sum(isinstance(one, Step) for one in results) == 1
        assert Application.objects.filter(state="APPLIED").count() == 1


class TestTwoClicks:
    def test_submit_once(self, case):
        case.fresh()
        results = at_once([
            partial(
                drafting.submit, application=case.application, limits={}, version=case.application.version,
                reference="same", by=case.applicant, at=case.at,
            )
        ] * 4)  # fmt: skip

        assert sorted_out(results) == []
        assert len({one.pk for one in results}) == 1
        assert case.application.rounds.count() == 1


class TestTwoDecisions:
    def test_leave_one_standing(self, case):
        case.submit()
        case.take()
        version, mandate = case.application.version, case.exchange.initiator
        common = {"application": case.application, "version": version, "mandate": mandate, "at": case.at}
        results = at_once([
            partial(reviewing.pass_on, checklist=ALL, reference="p", **common),
            partial(reviewing.reject, reason="不符合", reference="j", **common),
            partial(reviewing.send_back, reason="", remarks={"BANK": "看不清"}, reference="b", **common),
        ])  # fmt: skip

        assert len(sorted_out(results)) == 2
        assert case.application.steps.count() == 3


class TestTwoSecondSignatures:
    def test_open_one_account(self, case):
        case.to_registry()
        case.propose()
        job = partial(
            deciding.confirm, application=case.application, mandate=case.operator.confirmer, at=case.at
        )  # fmt: skip
        results = at_once([job] * 4)

        assert sorted_out(results) == []
        assert Account.objects.filter(organisation__uscc=case.application.uscc).count() == 1
        assert len({one.pk for one in results}) == 1

"""Applications for an account through the API: one's own read, and reviewed by those whose turn it is."""

import json

import pytest
from tests import world
from tests.api.conftest import Caller, callers, refused
from tests.registry import applying

from tanhui.registry.models import Account, Paper

ALL = list(Paper.Kind.values)


@pytest.fixture
def case(register):
    made = applying.begin(register.operator)
    made.fill_in()
    made.submit()
    made.agree()
    return made


class TestReading:
    def test_shows_an_applicant_their_own_with_secrets_masked(self, case):
        me = Caller(case.applicant)
        listed = json.loads(me.get("/openings").content)["items"]
        answer = me.get(f"/openings/{case.application.pk}")
        said = json.loads(answer.content)

        assert [one["number"] for one in listed] == [case.application.code]
        assert said["content"]["bank_account"] == "**** 2222"
        assert "11010519491231002X" not in answer.content.decode()
        assert answer["ETag"] == f'"{case.fresh().version}"'
        assert [one["act"] for one in said["steps"]] == ["submit"]
        assert {one["kind"] for one in said["papers"]} == set(ALL)

    def test_shows_a_stranger_nothing(self, case):
        stranger = Caller(world.person())

        assert json.loads(stranger.get("/openings").content)["items"] == []
        assert json.loads(stranger.get("/openings", {"desk": "true"}).content)["items"] == []
        assert stranger.get(f"/openings/{case.application.pk}").status_code == 404
        assert Caller().get("/openings").status_code == 401

    def test_shows_the_desk_what_came_to_it(self, case):
        exchange, registry = callers(case.exchange)[0], callers(case.operator)[0]

        assert len(json.loads(exchange.get("/openings", {"desk": "true"}).content)["items"]) == 1
        assert json.loads(registry.get("/openings", {"desk": "true"}).content)["items"] == []


class TestDeciding:
    def post(self, caller, case, act, body=None, key=None):
        return caller.post(f"/openings/{case.application.pk}/{act}", body, key=key or f"{act}-{case.fresh().version}")

    def test_goes_from_the_exchange_to_an_account(self, case):
        exchange, (first, second) = callers(case.exchange)[0], callers(case.operator)
        for caller, act in [(exchange, "take"), (exchange, "pass"), (first, "take"), (first, "propose")]:
            body = None if act == "take" else {"version": case.fresh().version, "checklist": ALL}
            assert self.post(caller, case, act, body).status_code == 200, act
        said = json.loads(self.post(second, case, "confirm").content)

        assert said["state"] == "OPEN"
        assert said["account"] == Account.objects.get(organisation__uscc=said["uscc"]).code
        assert json.loads(self.post(second, case, "confirm").content) == said

    def test_answers_a_repeated_request_once(self, case):
        exchange = callers(case.exchange)[0]
        self.post(exchange, case, "take", key="k")
        version = case.fresh().version
        self.post(exchange, case, "take", key="k")

        assert case.fresh().version == version

    def test_refuses_a_stale_version(self, case):
        exchange = callers(case.exchange)[0]
        self.post(exchange, case, "take")
        answer = self.post(exchange, case, "reject", {"version": 1, "reason": "不符合条件"})

        refused(answer, 412, "registry.opening_changed_since")

    def test_is_not_for_account_holders(self, case, register):
        for caller in (*callers(register.buyer), Caller(case.applicant)):
            assert self.post(caller, case, "take").status_code == 404

    def test_asks_for_a_reason(self, case):
        exchange = callers(case.exchange)[0]
        self.post(exchange, case, "take")
        body = {"version": case.fresh().version, "reason": "", "remarks": {}}

        refused(self.post(exchange, case, "return", body), 422, "registry.opening_reason_missing")

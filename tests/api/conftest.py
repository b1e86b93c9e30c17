"""A small register behind the API, and callers with their tokens."""

import json

import pytest
from django.test import Client
from django.utils import timezone
from tests import world

from tanhui.identity.acts import enrolment
from tanhui.journal import log, sequencer


class Caller:
    """Someone with a token, or nobody; every answer that is no success must be a whole problem."""

    def __init__(self, person=None):
        self.client = Client(raise_request_exception=False)
        self.headers = {}
        if person is not None:
            token = enrolment.make_token(person=person, label="test", at=timezone.now())
            self.headers = {"authorization": f"Bearer {token}"}

    def get(self, path, query=None, **headers):
        return self.checked(self.client.get(f"/api/v1{path}", query, headers=self.headers | headers))

    def post(self, path, body=None, key=None, **headers):
        extra = {"idempotency-key": key} if key is not None else {}
        data = {"data": "" if body is None else json.dumps(body), "content_type": "application/json"}
        return self.checked(self.client.post(f"/api/v1{path}", headers=self.headers | extra | headers, **data))

    @staticmethod
    def checked(answer):
        if answer.status_code >= 400:
            problem(answer)
        return answer


def problem(answer):
    """The answer as a problem, checked for everything a problem owes."""
    assert answer["Content-Type"] == "application/problem+json"
    said = json.loads(answer.content)
    assert set(said) == {"type", "title", "status", "detail", "instance", "code", "facts", "clause", "errors"}
    assert said["status"] == answer.status_code
    assert said["instance"] == answer["X-Request-ID"]
    assert said["type"] == f"/refusals/{said['code']}"
    assert said["clause"]
    assert said["detail"]
    return said


def refused(answer, status, code):
    """A refusal with this status and code."""
    said = problem(answer)
    assert (said["status"], said["code"]) == (status, code), said
    return said


@pytest.fixture(autouse=True)
def own_log(settings, tmp_path):
    """A log of its own, since the database of each test begins empty."""
    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    log.read_key.cache_clear()
    yield
    log.read_key.cache_clear()


@pytest.fixture
def register(db):
    return world.build(buffer_t=100)


@pytest.fixture
def nobody():
    return Caller()


@pytest.fixture
def owner(register):
    """The owner's two people: the one who initiates and the one who confirms."""
    return callers(register.owner)


@pytest.fixture
def buyer(register):
    return callers(register.buyer)


def callers(party):
    return tuple(Caller(mandate.membership.person) for mandate in (party.initiator, party.confirmer))


@pytest.fixture
def sequence(register):
    """Gives what has happened so far its place in the log."""
    return lambda: sequencer.sequence(at=timezone.now())

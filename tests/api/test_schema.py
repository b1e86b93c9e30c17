"""The API against its own description: whatever a program sends, the answer is one that was described."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import checks
from tests.api import requests

from tanhui.site.wsgi import application
from tanhui.ui import glyphs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not list(glyphs.FONTS.glob("*.[to]tf")), reason="the fonts are not installed"),
]
calm = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@schemathesis.serializer("application/x-ndjson", "application/vnd.apache.parquet")
def as_it_is(_context, value):
    """A body of rows or bytes is sent as it was invented."""
    return getattr(value, "data", None) or str(value).encode("utf-8", "surrogatepass")


@pytest.fixture
def kept_open(db):
    """The connection of the test, which a real server would give back after each request."""
    from django.core import signals
    from django.db import close_old_connections

    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


# The register's own rules may refuse what has the right shape; and that each address asks who one is, the other modules
# test one by one, since here the token is a header like any other.
LEFT_OUT = [checks.positive_data_acceptance, checks.ignored_auth]

REAL = [*LEFT_OUT, checks.negative_data_rejection]  # what was misshapen may have been put right


def real(case, register):
    """The case with numbers that exist in place of invented ones, so that it gets past the doors."""
    known = {
        "code": register.owner.account.code, "number": register.certificate, "key": register.waiting,
        "text": str(register.batch.serials.lower),
    }  # fmt: skip
    given = case.path_parameters or {}  # a whole number stays: it is another kind of key
    case.path_parameters = {
        name: value if str(value).lstrip("-").isdigit() else known.get(name, value) for name, value in given.items()
    }
    if isinstance(case.body, dict) and isinstance(case.body.get("units"), list):
        body = requests.transfer(register, 1)
        case.body |= {name: body[name] for name in ("account", "sub_account", "target", "units") if name in case.body}
    return case


@pytest.fixture
def furnished(register, sequence):
    register.certificate = register.retire(5).certificate
    register.waiting = str(register.initiate(5).pk)
    sequence()
    return register


class TestTheDescription:
    @schema.parametrize()
    @calm
    def test_holds_for_whatever_is_sent(self, case, owner, kept_open):
        case.call_and_validate(headers=owner[0].headers, excluded_checks=LEFT_OUT)

    @schema.parametrize()
    @calm
    def test_holds_for_what_is_there(self, case, owner, kept_open, furnished):
        caller = owner[1] if "instructions" in case.path else owner[0]

        real(case, furnished).call_and_validate(headers=caller.headers, excluded_checks=REAL)


class TestTheShapes:
    def test_have_names_of_their_own(self):
        """The description knows a shape by its class's name: of two with one name the later would speak for both."""
        from ninja import Schema

        from tanhui.site.api import api

        described = api.get_openapi_schema()["components"]["schemas"]
        ours = {(one.__name__, one.__module__) for one in below(Schema) if one.__module__.startswith("tanhui.")}
        names = [name for name, _ in ours if name in described]

        assert names
        assert sorted(names) == sorted(set(names))


def below(kind):
    for one in kind.__subclasses__():
        yield one
        yield from below(one)

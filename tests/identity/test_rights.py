"""The guard itself: what it asks, what it costs, and the way to the log-in page and back."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import Http404, HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from ninja.errors import AuthenticationError
from tests import world

from tanhui.identity import access, rights

PAGE, API = SimpleNamespace(app_names=["registry"]), SimpleNamespace(app_names=["ninja"])
TRANSFER = rights.member("registry.transfer", capacities=["INITIATE"])
REVIEW = rights.member("registry.review", roles=["REG"], capacities=["INITIATE", "CONFIRM"])


def view(request):
    return HttpResponse("in")


@pytest.fixture
def ask(rf):
    """Asks a guarded view as somebody; ``scopes`` are those of a program's token."""

    def ask(right, who=None, *, place=PAGE, method="get", scopes=None, post=None, **headers):
        request = getattr(rf, method)("/there?x=1", headers=headers)
        request.user, request.scopes, request.resolver_match = who or AnonymousUser(), scopes, place
        request.htmx = "hx-request" in headers
        return rights.needs(right, post=post)(view)(request)

    return ask


@pytest.fixture
def member(db):
    """Somebody with one mandate for an organisation of a role."""

    def member(role, capacity):
        now = timezone.now()
        someone = world.person(at=now)
        world.mandate(someone, world.organisation(role, at=now), capacity, since_at=now - world.YEAR, at=now)
        return someone

    return member


class TestAStranger:
    @pytest.mark.parametrize(
        ("method", "headers", "back"),
        [
            ("get", {}, "/there%3Fx%3D1"),
            ("post", {"referer": "http://testserver/form?a=1"}, "http%3A//testserver/form%3Fa%3D1"),
            ("post", {"referer": "https://elsewhere.example/form"}, "/"),
            ("post", {}, "/"),
        ],
    )
    def test_signs_in_and_comes_back_to_where_something_can_be_seen(self, ask, method, headers, back):
        answer = ask(rights.PERSON, method=method, **headers)

        assert (answer.status_code, answer["Location"]) == (302, f"/login?next={back}")

    def test_is_led_there_whole_when_a_part_of_a_page_was_asked_for(self, ask):
        answer = ask(rights.PERSON, **{"hx-request": "true", "hx-current-url": "http://testserver/list"})

        assert answer["HX-Redirect"] == "/login?next=http%3A//testserver/list"

    def test_is_told_so_by_the_api(self, ask):
        with pytest.raises(AuthenticationError):
            ask(rights.PERSON, place=API)

    def test_sees_what_is_everybodys(self, ask):
        assert ask(rights.PUBLIC).content == b"in"


class TestAMember:
    def test_comes_in_with_any_one_of_the_capacities(self, ask, member):
        assert ask(REVIEW, member("REG", "CONFIRM")).content == b"in"

    def test_learns_nothing_without_the_role(self, ask, member):
        with pytest.raises(Http404):
            ask(REVIEW, member("PART", "CONFIRM"))

    def test_is_told_which_capacity_is_missing(self, ask, member):
        someone = member("PART", "VIEW")

        answer = ask(TRANSFER, someone)
        assert answer.status_code == 403
        assert "identity.capacity_missing" in answer.content.decode()
        with pytest.raises(access.CapacityMissing):
            ask(TRANSFER, someone, place=API)

    def test_may_look_where_sending_takes_more(self, ask, member):
        someone, look = member("PART", "VIEW"), rights.member("registry.look")

        assert ask(look, someone, post=TRANSFER).content == b"in"
        assert ask(look, someone, post=TRANSFER, method="post").status_code == 403

    def test_whose_mandate_has_run_out_learns_nothing(self, ask, db):
        now, someone = timezone.now(), world.person()
        world.mandate(
            someone, world.organisation(), "INITIATE", since_at=now - 2 * world.YEAR, until_at=now - world.YEAR,
            at=now - 2 * world.YEAR,
        )  # fmt: skip

        with pytest.raises(Http404):
            ask(TRANSFER, someone)


class TestAProgram:
    def test_needs_the_scope_that_bears_the_rights_name(self, ask, member):
        someone = member("PART", "INITIATE")

        assert ask(TRANSFER, someone, place=API, scopes=frozenset({"registry.transfer"})).content == b"in"
        with pytest.raises(rights.ScopeMissing) as refused:
            ask(TRANSFER, someone, place=API, scopes=frozenset({"registry.retire"}))
        assert refused.value.facts == {"scope": "registry.transfer"}

    def test_is_told_of_the_scope_before_anything_else_is_looked_at(self, ask, member):
        with pytest.raises(rights.ScopeMissing):
            ask(REVIEW, member("PART", "VIEW"), place=API, scopes=frozenset())

    def test_needs_none_where_whoever_is_signed_in_may_ask(self, ask, member):
        assert ask(rights.PERSON, member("PART", "VIEW"), place=API, scopes=frozenset()).content == b"in"


class TestTheCost:
    @pytest.mark.parametrize(
        ("right", "statements"),
        [
            (rights.PUBLIC, 0),
            (rights.PERSON, 0),
            (rights.member("x.y", at_door=True), 0),
            (TRANSFER, 1),
            (rights.member("x.z", roles=["PART"]), 1),
        ],
    )
    def test_is_one_statement_at_most(self, ask, member, right, statements):
        someone = member("PART", "INITIATE")
        with CaptureQueriesContext(connection) as captured:
            ask(right, someone)

        assert len(captured) == statements

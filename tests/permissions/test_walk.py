"""Every address and method, as everyone: what happens is what the permission matrix says (docs/permissions.md)."""

import copy
import json
import re
from dataclasses import dataclass, replace
from enum import Enum
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.db import transaction
from tests.permissions import examples

import matrix
from tanhui.identity.models import Duty, Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROLES = [role.value for role in Organisation.Role]
# Where no role is asked for, not every role need walk: for what is everybody's, or anybody's, a few will do.
FEW = ["signed-out", "person", *(f"duty-{kind}" for kind in Duty.Kind.values), *(f"{role}-INITIATE" for role in ROLES)]
EVERYBODY = ["signed-out", "person", "OWN-INITIATE"]
ANYBODY = [*EVERYBODY, *(f"{role}-INITIATE" for role in ("REG", "EXC", "AUTH", "COURT")), "duty-AUDIT", "duty-SECURITY"]
MANY = [*FEW, *(f"{role}-{capacity}" for role in ROLES for capacity in ("VIEW", "CONFIRM", "MANAGE"))]
REQUEST_ID = re.compile(rb"[0-9a-f]{32}")
CSRF = re.compile(rb"(csrfmiddlewaretoken\" value=\"|X-CSRFToken&quot;: &quot;|\"X-CSRFToken\": \")[A-Za-z0-9]+")


class Outcome(Enum):
    IN = "comes in"
    SIGN_IN = "is asked to sign in"
    NOTHING = "learns nothing"
    TOLD = "is told what is missing"
    SHAPE = "is told what the request lacks"
    FAILED = "makes the server fail"
    AGAIN = "shows again who they are"
    METHOD = "may not use the method"


@dataclass(frozen=True)
class Step:
    """One request of the walk. ``whose``: "own", "foreign", or "" where an address has no parameter."""

    route: matrix.Route
    method: str
    whose: str
    values: dict
    body: dict | None = None

    @property
    def address(self):
        found = self.route.address
        for name, value in self.values.items():
            found = found.replace(f"{{{name}}}", str(value))
        return found

    def __str__(self):
        return f"{self.method} {self.route.address} {self.whose}{' with a body' if self.body is not None else ''}"


@pytest.fixture(scope="module")
def routes():
    return matrix.routes()


def steps(here, visitor, routes):
    for route in routes:
        right = route.right
        if right is None or not walked_by(route, visitor):
            continue
        for whose, values in values_of(here, visitor, route):
            for method in route.methods:
                if method not in {"GET", "POST", "DELETE"} or (route.methods == matrix.ALL and method == "DELETE"):
                    continue
                yield Step(route, method, whose, values)
                if method == "POST" and (body := examples.BODIES.get(route.name)):
                    owners = [(whose, visitor.role if whose == "own" else foreign_to(visitor))] if whose else [
                        ("own", visitor.role), ("foreign", foreign_to(visitor))
                    ]  # fmt: skip
                    for owned, owner in owners:
                        if owned == "foreign" or owner in here.instructions:
                            yield Step(route, method, owned, values, body(here, owner))


def foreign_to(visitor):
    return "PART" if visitor.role == "OWN" else "OWN"


def walked_by(route, visitor):
    """Who makes a difference: for what is everybody's a few will do; capacities count for one's own things only."""
    right = route.right
    if right.audience in {"PUBLIC", "PERSON"}:
        return visitor.name in (EVERYBODY if right.audience == "PUBLIC" else ANYBODY)
    if visitor.name in FEW:
        return True
    return right.audience == "MEMBER" and (visitor.role in right.roles or visitor.role in examples.HOLDERS)


def values_of(here, visitor, route):
    if not route.parameters:
        yield "", {}
    elif route.address.removeprefix("/api/v1") not in examples.NOTHING_HERE and (
        one := examples.example(route.address)
    ):
        for whose in ("own", "foreign"):
            values = getattr(one, whose)(here, visitor)
            if values is not None:
                yield whose, values


def expected(step, visitor):
    """What the matrix says may happen."""
    right = step.route.right
    if right.audience == "PUBLIC":
        return {Outcome.NOTHING} if step.whose == "foreign" else {Outcome.IN}
    if visitor.person is None:
        return {Outcome.SIGN_IN}
    foreign = step.whose == "foreign" and right.whose == "OWN"
    if right.audience == "DUTY":
        return {Outcome.IN} if visitor.duty in right.duties and not foreign else {Outcome.NOTHING}
    if right.audience == "PERSON":
        return {Outcome.NOTHING} if foreign and step.route.address not in examples.ALIKE else {Outcome.IN}
    if not visitor.role or (right.roles and visitor.role not in right.roles):
        return {Outcome.NOTHING}
    may = right.capacities <= {"VIEW"} or visitor.capacity in right.capacities
    if foreign:  # who lacks the capacity may be told before anything is looked at
        return {Outcome.NOTHING} if may or right.at_door else {Outcome.NOTHING, Outcome.TOLD}
    return {Outcome.IN} if may else {Outcome.TOLD, Outcome.NOTHING}


def observed(step, answer):
    status = answer.status_code
    if status >= 500:
        return Outcome.FAILED
    if status == 302 and answer["Location"].startswith("/login/again"):
        return Outcome.AGAIN
    if (status == 401 and step.route.is_api) or (status == 302 and answer["Location"].startswith("/login?")):
        return Outcome.SIGN_IN
    if "json" in answer["Content-Type"] and status in {400, 415, 422} and json.loads(answer.content).get("code") in {
        "site.request_misshapen", "site.body_not_json", "site.media_type_unsupported",
        "identity.reference_unusable",
    }:  # fmt: skip
        return Outcome.SHAPE
    if status == 422 and not step.route.is_api and step.method == "POST" and step.body is None:
        return Outcome.IN if step.whose != "foreign" and step.route.right.capacities <= {"VIEW"} else Outcome.SHAPE
    return {404: Outcome.NOTHING, 403: Outcome.TOLD, 405: Outcome.METHOD}.get(status, Outcome.IN)


def ask(client, here, step):
    """Send the step and undo what it did."""
    address = step.address
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        if step.method == "GET":
            query = examples.QUERIES.get(step.route.address.removeprefix("/api/v1"), lambda here: {})(here)
            answer = client.get(address, query)
        elif step.route.is_api:
            body = "" if step.body is None else json.dumps(step.body)
            headers = {"tus-resumable": "1.0.0"} | ({} if step.body is None else {"idempotency-key": "walk"})
            answer = client.generic(step.method, address, body, content_type="application/json", headers=headers)
        else:
            answer = client.generic(step.method, address, content_type="application/x-www-form-urlencoded")
        if not answer.streaming:
            answer.content  # noqa: B018  # what is rendered late is rendered now
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


class TestTheMatrix:
    def test_has_every_address(self, routes):
        assert not matrix.unsaid(routes)

    def test_has_an_example_for_every_parameter(self, routes):
        plain = {one.address.removeprefix("/api/v1") for one in routes if one.parameters}
        assert not {one for one in plain - examples.NOTHING_HERE if examples.example(one) is None}

    def test_gives_every_right_one_meaning(self, routes):
        meanings = {}
        for one in routes:
            meanings.setdefault((one.right.name, one.right.audience), set()).add((one.right.roles, one.right.duties))
        assert not {name for (name, _), found in meanings.items() if len(found) > 1}

    def test_lets_programs_have_only_what_the_api_knows(self, routes):
        known = {one.right.scope: one.right for one in routes if one.is_api and one.right.scope}
        assert settings.TANHUI_SCOPES.keys() <= known.keys()
        assert not [scope for scope in settings.TANHUI_SCOPES if "CONFIRM" in known[scope].capacities]


@pytest.mark.parametrize("name", MANY)
class TestAVisitor:
    def test_gets_what_the_matrix_says(self, here, signed_in, routes, name, walked):
        visitor, differing = here.visitors[name], []
        for step in steps(here, visitor, routes):
            answer = ask(signed_in(visitor), here, step)
            found, wanted = observed(step, answer), expected(step, visitor)
            if step.method == "POST" and step.body is None:
                # The API tells of an empty body before anything else, as its shape is public; a page tells colleagues.
                wanted |= {Outcome.SHAPE} if visitor.person and (step.route.is_api or Outcome.TOLD in wanted) else set()
            if step.method == "POST" and Outcome.IN in wanted:
                wanted |= {Outcome.SHAPE}
            if visitor.person is not None:
                wanted |= {Outcome.AGAIN}  # before anything is looked at; told alike for what is there and what is not
            if step.route.address in examples.UNSET:
                wanted |= {Outcome.TOLD, Outcome.NOTHING}
            if step.route.address in examples.DEVICES:
                wanted = {Outcome.SIGN_IN}
            walked.append(step)
            if found not in wanted:
                differing.append(
                    f"{step}: {found.value} ({answer.status_code}), not {[one.value for one in wanted]}"
                    f" {answer.headers.get('Location', '')}"
                )
        assert not differing, "\n".join(differing)


@pytest.mark.parametrize("name", ["person", "OWN-INITIATE", "PART-VIEW", "REG-MANAGE", "duty-SECURITY"])
class TestWhatIsOthers:
    def test_is_answered_like_what_is_not_there(self, here, signed_in, routes, name):
        visitor = here.visitors[name]
        client, differing = signed_in(visitor), []
        for step in steps(here, visitor, routes):
            one = examples.example(step.route.address)
            if step.whose != "foreign" or step.body is not None or one is None or one.absent is None:
                continue
            if step.route.right.audience == "PUBLIC" or step.route.right.whose == "ANY":
                continue
            absent = replace(step, values=step.values | one.absent)
            here_it_is = plain(ask(client, here, step), step.address)
            nowhere = plain(ask(client, here, absent), absent.address)
            if here_it_is != nowhere:
                differing.append(f"{step}: {here_it_is[0]} {nowhere[0]}")
        assert not differing, "\n".join(differing)


def plain(answer, address):
    """Status, place and body, without what differs from request to request, and without what was asked for."""
    text = CSRF.sub(rb"\1", REQUEST_ID.sub(b"", answer.content)).replace(address.encode(), b"...")
    return answer.status_code, unquote(answer.headers.get("Location", "")).replace(address, "..."), text


@pytest.fixture(scope="module")
def walked(request):
    """Every step that was taken, told at the end."""
    taken = []
    yield taken
    print(f"\n{len({one.route.address for one in taken})} addresses, {len(MANY)} visitors, {len(taken)} requests")

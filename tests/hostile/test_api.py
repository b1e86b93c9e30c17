"""Every operation of the API, sent what its own description would not think of: a problem with a status below 500."""

import json
import re
from urllib.parse import quote

import pytest
from django.db import transaction
from tests.hostile.inputs import HOSTILE
from tests.permissions import examples

import matrix
from tanhui.site.api import api

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# What JSON can say, by name; text is that of the forms, as far as it is text.
VALUES = {
    "null": None, "true": True, "an empty list": [], "a list": [None, "", {}], "an object": {"": {"": []}},
    "a huge number": 10**400, "a negative": -1, "a fraction": 0.1, "a large float": 1e308, "no text": "",
    "a script": "<script>alert(1)</script>", "SQL": "'; DROP TABLE identity_person; --", "a formula": "=1+1",
    "a path": "../../etc/passwd", "a template": "{{ 7*7 }}%(x)s", "typst": '#panic("x") $1/0$', "a null byte": "a\x00b",
    "bidi controls": "\u202e\u2066\u200b\ufeff", "half a character": "\ud800",
    "rare characters": "䶮𬶏㐀𠮷𰻞\U000f0000",
    "much text": "碳" * 300_000, "a far date": "9999-12-31T23:59:59.999999Z", "an impossible date": "0000-02-30",
    "a far zone": "2026-01-01T00:00:00+23:59",
}  # fmt: skip
BODIES = {
    "nothing": b"", "no JSON": b"{", "no UTF-8": b'{"a": "\xff"}', "UTF-16": '{"a": 1}'.encode("utf-16"), "NaN": b"NaN",
    "a list": b"[]", "null": b"null", "text": b'"x"', "a number": b"1" * 5000, "depth": b"[" * 100_000,
    "a name twice": b'{"a": 1, "a": 2}', "too much": b'{"a": "' + b"x" * 3_000_000 + b'"}',
}  # fmt: skip


@pytest.fixture(scope="module")
def operations():
    return [one for one in matrix.routes() if one.is_api]


def ask(client, method, address, body=b"", **headers):
    with transaction.atomic():
        answer = client.generic(
            method, address, body, content_type="application/json",
            headers={"tus-resumable": "1.0.0", "idempotency-key": "hostile"} | headers,
        )  # fmt: skip
        answer.taken = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer


def fault(answer):
    if answer.status_code >= 500:
        return f"failed with {answer.status_code}"
    if answer.status_code >= 400 and answer["Content-Type"] != "application/problem+json":
        return f"refused with {answer.status_code} as {answer['Content-Type']}"
    return ""


def addressed(here, visitor, route):
    """The operation's address with the visitor's own things in it."""
    address = route.address
    if route.parameters:
        one = examples.example(address)
        for name, value in ((one and one.own(here, visitor)) or {}).items():
            address = address.replace(f"{{{name}}}", str(value))
    return re.sub(r"{\w+}", "1", address)


def described(route, method):
    """The operation's own description."""
    for path, found in schema()["paths"].items():
        if re.sub(r"{(?:\w+:)?(\w+)}", r"{\1}", path) == route.address:
            return found.get(method.lower(), {})
    return {}


def schema(known=[]):  # noqa: B006  # made once
    if not known:
        known.append(api.get_openapi_schema())
    return known[0]


def properties(route, method):
    """The names an operation's body may have."""
    body = described(route, method).get("requestBody", {}).get("content", {}).get("application/json", {})
    found = body.get("schema", {})
    if "$ref" in found:
        found = schema()["components"]["schemas"][found["$ref"].rpartition("/")[2]]
    return list(found.get("properties", {}))


class TestAnOperation:
    def test_takes_any_query_and_any_parameter(self, here, signed_in, operations):
        visitor, faults = here.visitors["OWN-INITIATE"], []
        for route in operations:
            parameters = described(route, route.methods[0]).get("parameters", [])
            names = [one["name"] for one in parameters if one["in"] == "query"]
            for said, value in HOSTILE.items():
                query = "&".join(f"{one}={value[:1500]}" for one in [*names, "cursor", "x"])
                here_address = addressed(here, visitor, route)
                anywhere = re.sub(r"{\w+}", value[:1000].replace("+", "%20") or "%20", route.address)
                for address in [f"{here_address}?{query}"] + ([anywhere] if route.parameters else []):
                    if why := fault(ask(signed_in(visitor), route.methods[0], address)):
                        faults.append(f"{route.methods[0]} {route.address} with {said}: {why}")
        assert not faults, "\n".join(faults)

    @pytest.mark.parametrize("name", ["OWN-INITIATE", "REG-CONFIRM"])
    def test_takes_any_body(self, here, signed_in, operations, name):
        visitor, faults = here.visitors[name], []
        for route in operations:
            if name == "REG-CONFIRM" and "REG" not in route.right.roles:
                continue
            for method in {"POST", "PUT", "PATCH"} & {*route.methods}:
                address = addressed(here, visitor, route)
                known = properties(route, method)
                if not known:
                    bodies = {}
                elif right := examples.BODIES.get(route.name):
                    whole = right(here, visitor.role if visitor.role in here.instructions else "OWN")
                    bodies = {f"{said} as {at}": whole | {at: value} for said, value in VALUES.items() for at in known}
                else:
                    bodies = {said: dict.fromkeys(known, value) for said, value in VALUES.items()}
                sent = BODIES | {said: json.dumps(body).encode() for said, body in bodies.items()}
                for said, body in sent.items():
                    if why := fault(ask(signed_in(visitor), method, address, body)):
                        faults.append(f"{method} {route.address} with {said}: {why}")
        assert not faults, "\n".join(faults)

    def test_takes_any_header(self, here, signed_in, operations):
        visitor, faults = here.visitors["OWN-INITIATE"], []
        for route in operations[::3]:
            for said in ("\u00ff\u00fe", "a" * 20_000, "'; DROP TABLE x", quote("碳"), "-1", "{{7*7}}", "\t"):
                headers = dict.fromkeys(
                    ["idempotency-key", "if-match", "if-none-match", "accept-language", "range", "x-request-id"], said
                )
                answer = ask(signed_in(visitor), route.methods[0], addressed(here, visitor, route), **headers)
                if why := fault(answer):
                    faults.append(f"{route.methods[0]} {route.address} with {said[:20]!r}: {why}")
        assert not faults, "\n".join(faults)

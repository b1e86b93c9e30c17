import json

import pytest
from django.test import Client
from tests import world
from tests.api import requests
from tests.api.conftest import problem, refused

from tanhui.registry import queries


def raw(owner, body, content_type="application/json"):
    return owner[0].client.post(
        "/api/v1/transfers", data=body, content_type=content_type, headers=owner[0].headers | {"idempotency-key": "k"}
    )


class TestABody:
    @pytest.mark.parametrize(
        "body",
        [
            b"{", b"\xff", b"NaN", b'{"a": 1, "a": 2}', b'{"a": "\\ud800"}', b'{"a": "\\u0000"}', b"[" * 100_000,
            b"1" * 5000,
        ],
        ids=["cut off", "not UTF-8", "NaN", "a name twice", "half a character", "NUL", "too deep", "too many digits"],
    )  # fmt: skip
    def test_that_is_not_json_is_refused(self, owner, body):
        refused(raw(owner, body), 400, "site.body_not_json")

    def test_of_another_kind_is_refused(self, owner):
        refused(raw(owner, b"a=1", "application/x-www-form-urlencoded"), 415, "site.media_type_unsupported")

    def test_beyond_the_limit_is_refused(self, owner, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

        refused(raw(owner, b" " * 101), 413, "site.body_too_large")

    @pytest.mark.parametrize("body", [b"", b"[]", b"1", b"null", b'{"account": 1}'])
    def test_of_another_shape_is_told_place_by_place(self, owner, body):
        said = refused(raw(owner, body), 422, "site.request_misshapen")

        assert said["errors"]
        assert all(fault["at"].startswith("body") and fault["says"] for fault in said["errors"])


class TestAnAddress:
    @pytest.mark.parametrize(
        "path", ["", "nothing", "accounts/", "instructions/1", "certificates/%00", "units/%00", "%0A", "units/1/%0A"]
    )
    def test_of_nothing_is_not_found_as_a_problem(self, owner, path):
        said = problem(owner[0].client.get(f"/api/v1/{path}", headers=owner[0].headers))

        assert said["status"] in (404, 422)

    def test_tells_which_methods_it_has(self, db):
        answer = Client().delete("/api/v1/me")

        said = refused(answer, 405, "site.method_unsupported")
        assert answer["Allow"] == said["facts"]["allowed"] == "GET"

    def test_two_methods_share_is_one(self, register, nobody):
        assert nobody.get("/retirements").status_code == 200
        refused(nobody.post("/retirements", {}), 401, "site.not_signed_in")


class TestAFailureNobodyForesaw:
    def test_is_told_by_its_number_without_a_trace(self, register, owner, monkeypatch, caplog):
        def fail(*args, **more):
            raise ZeroDivisionError("secret")

        monkeypatch.setattr(queries, "standing_for", fail)

        said = refused(owner[0].get("/me"), 500, "site.unexpected")

        assert said["facts"]["request"] == said["instance"]
        assert "secret" not in json.dumps(said)
        assert "ZeroDivisionError" in caplog.text


class TestALanguage:
    @pytest.mark.parametrize(
        ("asked", "title", "detail"), [("zh-CN", "未找到", "此处没有"), ("en", "Not found", "There is nothing")]
    )
    def test_is_the_callers(self, db, nobody, asked, title, detail):
        said = problem(nobody.get("/nothing", **{"accept-language": asked}))

        assert said["title"] == title
        assert said["detail"].startswith(detail)


class TestASession:
    @pytest.fixture
    def visitor(self, register):
        client = Client(enforce_csrf_checks=True)
        world.sign_in(client, register.owner.initiator.membership.person)
        return client

    def test_may_read(self, visitor):
        assert visitor.get("/api/v1/me").status_code == 200

    def test_changes_nothing_without_its_csrf_token(self, register, visitor):
        answer = visitor.post(
            "/api/v1/transfers", requests.transfer(register), content_type="application/json",
            headers={"idempotency-key": "k"},
        )  # fmt: skip

        refused(answer, 403, "site.cross_site")

    def test_changes_things_with_it(self, register, visitor):
        visitor.get("/instructions")
        token = visitor.cookies["csrftoken"].value

        answer = visitor.post(
            "/api/v1/transfers", requests.transfer(register), content_type="application/json",
            headers={"idempotency-key": "k", "x-csrftoken": token},
        )  # fmt: skip

        assert answer.status_code == 201

"""Second factors, sessions, and showing again that it is still oneself."""

import datetime as dt
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests import world

from tanhui.registry.models import Retirement

PASSWORD = "坡上种树-2026"
HOUR = dt.timedelta(hours=1)


def log_in(client, who, **more):
    return client.post("/login", {"login": who.username, "password": PASSWORD, **more})


def code(secret):
    return totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))


def age(client, *, seconds):
    """Let everything the session remembers have happened earlier."""
    session = client.session
    for name in {"began", "used"} & set(session.keys()):
        session[name] -= seconds
    records = session.get("account_authentication_methods", [])
    session["account_authentication_methods"] = [one | {"at": one["at"] - seconds} for one in records]
    session.save()


@pytest.fixture
def somebody(db):
    return world.person(password=PASSWORD)


@pytest.fixture
def inside(client, somebody):
    log_in(client, somebody)
    return client


@pytest.fixture
def secret(inside):
    """Of an app somebody set up."""
    page = inside.get("/security/app").content.decode()
    found = re.search(r'id="totp_secret">([A-Z2-7]+)<', page).group(1)
    assert inside.post("/security/app", {"code": code(found)}).status_code == 302
    return found


class TestAnAuthenticatorApp:
    def test_is_asked_for_after_the_password(self, somebody, secret):
        client = Client()

        assert log_in(client, somebody)["Location"] == "/login/second"
        assert client.get("/security").status_code == 302
        cache.clear()  # a code is good once, and this one was used to set the app up
        assert client.post("/login/second", {"code": code(secret)}).status_code == 302
        assert client.get("/security").status_code == 200

    def test_takes_no_wrong_code_and_locks_after_five(self, somebody, secret):
        client = Client()
        log_in(client, somebody)

        answers = [client.post("/login/second", {"code": "000000"}).content.decode() for _ in range(7)]

        assert "验证码不正确" in answers[0]
        assert "登录失败次数过多" in answers[-1] or "尝试" in answers[-1]
        assert client.get("/security").status_code == 302

    def test_secret_is_sealed_in_the_database(self, secret):
        (kept,) = Authenticator.objects.filter(type="totp").values_list("data", flat=True)

        assert secret not in str(kept)

    def test_picture_is_white_behind_for_dark_pages(self, inside):
        page = inside.get("/security/app").content.decode()

        assert 'src="data:image/svg+xml;base64,' in page

    def test_leaves_recovery_codes_that_are_good_once(self, inside, somebody, secret):
        codes = re.findall(r"<code>(\d{8})</code>", inside.get("/security/codes").content.decode())
        first, second = Client(), Client()
        for client in (first, second):
            log_in(client, somebody)
            client.post("/login/second", {"code": codes[0]})

        assert len(codes) == 10
        assert first.get("/security").status_code == 200
        assert second.get("/security").status_code == 302


class TestASession:
    def test_is_listed_with_device_address_and_time(self, client, somebody):
        client.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Chrome/140 Edg/140"
        log_in(client, somebody)

        page = client.get("/security/sessions").content.decode()

        assert "Edge · Windows" in page
        assert "127.0.0.1" in page

    def test_is_ended_by_its_owner(self, inside, somebody):
        other = Client()
        log_in(other, somebody)
        number = UserSession.objects.exclude(session_key=inside.session.session_key).get().pk

        inside.post(f"/security/sessions/{number}/end")

        assert other.get("/security").status_code == 302
        assert inside.get("/security").status_code == 200

    def test_is_not_ended_by_anybody_else(self, inside, somebody):
        stranger, mine = Client(), UserSession.objects.get()
        log_in(stranger, world.person(password=PASSWORD))

        stranger.post(f"/security/sessions/{mine.pk}/end")

        assert inside.get("/security").status_code == 200

    def test_ends_with_all_others_in_one_press(self, inside, somebody):
        others = [Client(), Client()]
        for other in others:
            log_in(other, somebody)

        inside.post("/security/sessions")

        assert [other.get("/security").status_code for other in others] == [302, 302]
        assert inside.get("/security").status_code == 200

    def test_ends_when_idle(self, inside):
        inside.get("/security")
        age(inside, seconds=31 * 60)

        assert inside.get("/security").status_code == 302

    def test_lives_on_while_used_but_not_beyond_the_day(self, inside, settings):
        inside.get("/security")
        for _ in range(24):
            age(inside, seconds=29 * 60)
            assert inside.get("/security").status_code == 200
        age(inside, seconds=29 * 60)

        assert inside.get("/security").status_code == 302

    def test_is_written_at_most_once_a_minute(self, inside):
        inside.get("/terms")
        writes = []
        for pause in (0, 61, 0):
            age(inside, seconds=pause)
            with CaptureQueriesContext(connection) as asked:
                inside.get("/terms")
            writes.append(sum(one["sql"].startswith(("UPDATE", "INSERT", "DELETE")) for one in asked))

        assert writes == [0, 2, 0]


class TestASecondFactorThatIsRequired:
    @pytest.fixture(autouse=True)
    def required(self, settings):
        settings.TANHUI_SECOND_FACTOR = "required"

    def test_stops_whoever_signs_until_it_is_set_up(self, client, db):
        who = world.party(password=PASSWORD).initiator.membership.person
        log_in(client, who)

        assert client.get("/instructions")["Location"] == "/security"
        page = client.get("/security/app").content.decode()
        client.post("/security/app", {"code": code(re.search(r'id="totp_secret">([A-Z2-7]+)<', page).group(1))})

        assert client.get("/instructions").status_code == 200

    def test_does_not_stop_whoever_only_looks(self, client, db):
        who = world.person(password=PASSWORD)
        world.mandate(who, world.organisation(), "VIEW", since_at=timezone.now() - HOUR)
        log_in(client, who)

        assert client.get("/instructions").status_code == 200

    def test_stops_the_session_of_the_api_too(self, db):
        client, who = Client(), world.party(password=PASSWORD).initiator.membership.person
        log_in(client, who)

        answer = client.post("/api/v1/transfers", {}, content_type="application/json")

        assert (answer.status_code, answer.json()["code"]) == (403, "identity.second_factor_missing")


class TestMovingValue:
    @pytest.fixture
    def register(self, db):
        return world.build(password=PASSWORD)

    @pytest.fixture
    def owner(self, client, register):
        log_in(client, register.owner.initiator.membership.person)
        return client

    def retirement(self, client, register):
        page = client.get(f"/accounts/{register.owner.account.code}/retire").content.decode()
        return {
            "step": "preview", "batch": re.search(r'<option value="(\d+-\d+)"', page).group(1), "tonnes": "3",
            "serials": "", "purpose": "PUBLIC", "beneficiary_kind": "ORGANISATION", "organisation_name": "某机构",
            "uscc": register.owner.organisation.uscc, "statement": "",
            "reference": re.search(r'name="reference" value="([^"]+)"', page).group(1),
        }  # fmt: skip

    def test_is_carried_out_without_a_question_soon_after_signing_in(self, owner, register):
        answer = self.submit(owner, register)

        assert answer["Location"].startswith("/instructions/")

    def test_asks_again_later_and_carries_out_what_was_sent(self, owner, register):
        form = self.filled(owner, register)
        age(owner, seconds=16 * 60)
        path = f"/accounts/{register.owner.account.code}/retire"

        asked = owner.post(path, form)
        assert asked["Location"].startswith("/login/again?next=")
        wrong = owner.post(asked["Location"], {"password": "wrong", "next": path})
        assert wrong.status_code == 422
        back = owner.post(asked["Location"], {"password": PASSWORD, "next": path})
        assert back["Location"] == path
        done = owner.get(path)

        assert done["Location"].startswith("/instructions/")
        assert owner.get(path).status_code == 200  # once

    def test_is_not_carried_out_by_coming_back_another_way(self, owner, register):
        form = self.filled(owner, register)
        age(owner, seconds=16 * 60)
        path = f"/accounts/{register.owner.account.code}/retire"
        owner.post(path, form)

        owner.post("/login/again?next=/security", {"password": PASSWORD, "next": "/security"})

        assert owner.get(path).status_code == 200

    def test_asks_whoever_confirms_too(self, owner, register):
        where = self.submit(owner, register)["Location"]
        second = Client()
        log_in(second, register.owner.confirmer.membership.person)
        age(second, seconds=16 * 60)

        asked = second.post(where, {"decision": "confirm"})
        assert asked["Location"].startswith("/login/again?next=")
        second.post(asked["Location"], {"password": PASSWORD, "next": where})

        assert second.get(where)["Location"] == where
        assert Retirement.objects.count() == 1

    def test_asks_the_session_of_the_api_too(self, owner, register):
        age(owner, seconds=16 * 60)

        answer = owner.post("/api/v1/transfers", {}, content_type="application/json")

        assert (answer.status_code, answer.json()["code"]) == (403, "identity.sign_in_stale")

    def filled(self, client, register):
        """The form as the preview hands it on."""
        path = f"/accounts/{register.owner.account.code}/retire"
        page = client.post(path, self.retirement(client, register)).content.decode()
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        assert "units" in hidden, page
        return hidden | {"step": "submit"}

    def submit(self, client, register):
        return client.post(f"/accounts/{register.owner.account.code}/retire", self.filled(client, register))

"""Signing in, out and up; passwords; what locks."""

import datetime as dt
import re
import threading

import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from django.utils import timezone
from tests import world

from tanhui.identity.models import Person
from tanhui.journal.models import Entry

PASSWORD = "坡上种树-2026"


@pytest.fixture
def somebody(db):
    return world.person(password=PASSWORD)


def log_in(client, name, password=PASSWORD, **more):
    return client.post("/login", {"login": name, "password": password, **more})


class TestSigningIn:
    def test_takes_name_and_password_and_goes_where_one_wanted(self, client, somebody):
        answer = log_in(client, somebody.username, next="/terms")

        assert (answer.status_code, answer["Location"]) == (302, "/terms")
        assert client.get("/security").status_code == 200

    def test_never_leaves_the_site_afterwards(self, client, somebody):
        assert log_in(client, somebody.username, next="https://elsewhere.example/")["Location"] == "/"

    @pytest.mark.parametrize("name", ["known", "unknown"])
    def test_says_the_same_of_a_wrong_password_and_an_unknown_name(self, client, somebody, name):
        answer = log_in(client, somebody.username if name == "known" else "nobody", "wrong")

        assert answer.status_code == 422
        assert "登录名或密码不正确" in answer.content.decode()

    def test_is_not_for_somebody_who_was_shut_out(self, client, somebody):
        Person.objects.filter(pk=somebody.pk).update(is_active=False)

        assert log_in(client, somebody.username)["Location"] == "/login/inactive"
        assert client.get("/security").status_code == 302

    def test_is_not_for_services(self, client, db):
        service = world.person()

        assert log_in(client, service.username, "!").status_code == 422

    @pytest.mark.parametrize("name", ["", "\x00", "a" * 70, "‮abc", "𠮷𠮷", "%s{{7*7}}", "' OR 1=1 --"])
    def test_answers_any_name_without_failing(self, client, db, name):
        assert log_in(client, name, "x").status_code == 422

    def test_lists_the_logins_of_a_demonstration_and_one_press_signs_in(self, client, db):
        page = client.get("/login").content.decode()

        assert "owner-a" in page
        assert page.count('name="password"') > 1


class TestFailing:
    @pytest.mark.parametrize("known", [True, False])
    def test_locks_a_name_after_five_times_and_says_until_when(self, client, somebody, known):
        name = somebody.username if known else "nobody"
        answers = [log_in(client, name, "wrong").status_code for _ in range(5)]
        last = log_in(client, name, PASSWORD)

        assert (answers, last.status_code) == ([422] * 5, 429)
        until = timezone.localtime() + dt.timedelta(minutes=15)
        said = re.search(r"请在 (\d\d:\d\d) 之后再试", last.content.decode()).group(1)
        assert said in {f"{until + dt.timedelta(minutes=late):%H:%M}" for late in (0, 1)}

    def test_does_not_lock_others_at_the_same_address(self, client, somebody):
        for _ in range(6):
            log_in(client, "nobody", "wrong")

        assert log_in(client, somebody.username).status_code == 302

    def test_locks_an_address_that_tries_many_names(self, client, somebody):
        for number in range(30):
            log_in(client, f"nobody-{number}", "wrong")

        assert log_in(client, somebody.username).status_code == 429
        assert log_in(Client(REMOTE_ADDR="198.51.100.7"), somebody.username).status_code == 302

    def test_is_not_counted_where_the_password_was_right(self, client, somebody):
        for _ in range(4):
            log_in(client, somebody.username, "wrong")
        for _ in range(3):
            assert log_in(Client(), somebody.username).status_code == 302


@pytest.mark.django_db(transaction=True)
class TestManyAttemptsAtOnce:
    def test_never_get_more_than_five_guesses(self):
        who, answers = world.person(password=PASSWORD), []
        start = threading.Barrier(8, timeout=60)

        def guess():
            start.wait()
            answers.append(log_in(Client(), who.username, "wrong").status_code)
            connections.close_all()

        threads = [threading.Thread(target=guess) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(answers) == [422] * 5 + [429] * 3


class TestAPassword:
    def test_is_changed_and_other_sessions_end(self, client, somebody):
        other = Client()
        log_in(client, somebody.username)
        log_in(other, somebody.username)

        answer = client.post(
            "/password", {"oldpassword": PASSWORD, "password1": "另外一句话-2027", "password2": "另外一句话-2027"}
        )

        assert answer.status_code == 302
        assert client.get("/security").status_code == 200
        assert other.get("/security").status_code == 302

    def test_is_old_after_a_time_and_new_once_changed(self, client, somebody, settings):
        settings.TANHUI_PASSWORD_DAYS = 90
        Person.objects.filter(pk=somebody.pk).update(joined_at=timezone.now() - dt.timedelta(days=91))
        log_in(client, somebody.username)
        assert "密码已使用超过 90 天" in client.get("/terms").content.decode()

        client.post(
            "/password", {"oldpassword": PASSWORD, "password1": "另外一句话-2027", "password2": "另外一句话-2027"}
        )

        client.post("/logout")
        log_in(client, somebody.username, "另外一句话-2027")
        assert "密码已使用超过" not in client.get("/terms").content.decode()

    @pytest.mark.parametrize("weak", ["password", "12345678901", "短", "person-1"])
    def test_is_not_changed_to_a_weak_one(self, client, somebody, weak):
        log_in(client, somebody.username)

        answer = client.post("/password", {"oldpassword": PASSWORD, "password1": weak, "password2": weak})

        assert answer.status_code == 422
        assert Person.objects.get(pk=somebody.pk).check_password(PASSWORD)

    def test_is_set_anew_by_a_letter_with_a_link_good_once(self, client, somebody, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        Person.objects.filter(pk=somebody.pk).update(email="who@example.cn")

        client.post("/password/forgotten", {"email": "who@example.cn"})
        link = re.search(r"http://testserver(/password/new/\S+)", mail.outbox[0].body).group(1)
        form = client.get(link)["Location"]
        given = {"password1": "另外一句话-2027", "password2": "另外一句话-2027"}

        assert somebody.username in mail.outbox[0].body
        assert client.post(form, given).status_code == 302
        assert log_in(Client(), somebody.username, "另外一句话-2027").status_code == 302
        assert "链接已失效" in Client().get(link).content.decode()

    def test_is_forgotten_the_same_way_by_strangers(self, client, db, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

        answer = client.post("/password/forgotten", {"email": "stranger@example.cn"})

        assert answer["Location"] == "/password/forgotten/sent"
        assert not mail.outbox

    def test_letter_names_our_address_whatever_the_request_claims(self, somebody, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        settings.TANHUI_MODE, settings.TANHUI_ADDRESS = "production", "https://registry.example"
        Person.objects.filter(pk=somebody.pk).update(email="who@example.cn")

        Client().post("/password/forgotten", {"email": "who@example.cn"})

        assert "https://registry.example/password/new/" in mail.outbox[0].body
        assert "testserver" not in mail.outbox[0].body


class TestAnEMail:
    def test_is_changed_once_the_new_one_is_shown_to_be_ones_own(self, client, somebody, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        log_in(client, somebody.username)

        sent = client.post("/security/email", {"email": "mine@example.cn", "action_add": "1"})
        code = re.search(r"^    (\S+)$", mail.outbox[0].body, re.M).group(1)
        assert Person.objects.get(pk=somebody.pk).email == ""
        assert "来自邮件的验证码" in client.get(sent["Location"]).content.decode()
        client.post(sent["Location"], {"code": code})

        assert Person.objects.get(pk=somebody.pk).email == "mine@example.cn"

    def test_is_not_changed_by_a_session_left_open(self, client, somebody):
        log_in(client, somebody.username)
        session = client.session
        session["account_authentication_methods"] = [
            one | {"at": one["at"] - 16 * 60} for one in session["account_authentication_methods"]
        ]
        session.save()

        sent = client.post("/security/email", {"email": "mine@example.cn", "action_add": "1"})

        assert sent["Location"].startswith("/login/again")


class TestSigningUp:
    GIVEN = {
        "username": "new-one", "name": "新来的人", "email": "new@example.cn", "password1": PASSWORD,
        "password2": PASSWORD, "terms": "on",
    }  # fmt: skip

    def test_makes_a_person_once_the_e_mail_is_shown_to_be_theirs(self, client, db, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

        assert client.post("/signup", self.GIVEN)["Location"] == "/signup/code"
        assert client.get("/security").status_code == 302
        code = mail.outbox[0].body.splitlines()
        (code,) = [line.strip() for line in code if re.fullmatch(r"    \S+", line)]
        client.post("/signup/code", {"code": code})

        assert client.get("/security").status_code == 200
        assert Person.objects.get(username="new-one").name == "新来的人"
        assert Entry.objects.filter(kind="identity.terms_accepted").exists()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"terms": ""},
            {"username": "1x"},
            {"username": "有汉字"},
            {"password1": "12345678"},
            {"email": "x"},
            {"name": ""},
        ],
    )
    def test_needs_every_field(self, client, db, wrong):
        assert client.post("/signup", self.GIVEN | wrong).status_code == 422
        assert not Person.objects.filter(email="new@example.cn").exists()

    def test_does_not_say_that_an_e_mail_is_known(self, client, somebody, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        Person.objects.filter(pk=somebody.pk).update(email="new@example.cn")

        assert client.post("/signup", self.GIVEN)["Location"] == "/signup/code"
        assert not Person.objects.filter(username="new-one").exists()
        assert "已有账号" in mail.outbox[0].subject

    def test_may_be_closed(self, client, db, settings):
        settings.TANHUI_SIGNUP = "closed"

        assert "不开放自助注册" in client.get("/signup").content.decode()
        client.post("/signup", self.GIVEN)
        assert not Person.objects.filter(username="new-one").exists()

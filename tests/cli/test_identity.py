"""``tanhui identity``: how an operator begins."""

import contextlib
import io
import json

import pytest

from tanhui.cli import identity, main

USCC = "91110000600037341L"


@pytest.fixture(autouse=True)
def in_the_tests_own_database(db, monkeypatch):
    """The command opens the house; here it stands open already."""
    monkeypatch.setattr(identity.house, "opened", contextlib.nullcontext)


def ask(*words):
    return main.main(["--lang", "en", "identity", *words])


class TestOrganisation:
    def test_is_registered_under_its_code(self, capsys):
        from tanhui.identity.models import Organisation

        assert ask("organisation", USCC, "某登记中心", "REG") == 0

        assert Organisation.objects.get(uscc=USCC).name == "某登记中心"
        assert USCC in capsys.readouterr().out

    def test_is_refused_with_a_wrong_check_character(self, capsys):
        from tanhui.identity.models import Organisation

        assert ask("organisation", USCC[:-1] + "X", "某登记中心", "REG") == 1

        assert not Organisation.objects.exists()
        assert "kernel.uscc_check_wrong" in capsys.readouterr().err


class TestPerson:
    def test_signs_in_with_the_password_given(self, monkeypatch):
        from tanhui.identity.models import Person

        monkeypatch.setattr("sys.stdin", io.StringIO("a-long-uncommon-phrase-9\n"))

        assert ask("person", "zhang", "张三") == 0
        assert Person.objects.get(username="zhang").check_password("a-long-uncommon-phrase-9")

    def test_is_refused_with_a_weak_password(self, monkeypatch, capsys):
        from tanhui.identity.models import Person

        monkeypatch.setattr("sys.stdin", io.StringIO("12345\n"))

        assert ask("person", "zhang", "张三") == 1
        assert not Person.objects.exists()
        assert "cli.password_too_weak" in capsys.readouterr().err


class TestMandate:
    def test_lets_a_person_act_and_a_token_speak_for_them(self, monkeypatch, capsys):
        from django.utils import timezone

        from tanhui.identity import access
        from tanhui.identity.models import Organisation, Person

        monkeypatch.setattr("sys.stdin", io.StringIO("a-long-uncommon-phrase-9\n"))
        ask("person", "zhang", "张三")
        ask("organisation", USCC, "某登记中心", "REG")

        assert ask("mandate", "zhang", USCC, "INITIATE") == 0
        capsys.readouterr()
        assert ask("token", "zhang", "test") == 0

        who = Person.objects.get(username="zhang")
        token = capsys.readouterr().out.split()[-1]
        assert access.person_by_token(token, at=timezone.now()) == who
        assert (
            access.mandate(who, Organisation.objects.get(uscc=USCC), "INITIATE", at=timezone.now()).membership.person
            == who
        )

    def test_for_nobody_known_is_refused(self, capsys):
        assert ask("mandate", "nobody", USCC, "INITIATE") == 1
        assert "cli.nobody_of_that_name" in capsys.readouterr().err


class TestDuty:
    def enter(self, *managers):
        from tests import world

        body = world.organisation("REG")
        for name in managers:
            world.mandate(named(name), body, "MANAGE")
        return world.mandate(named("sec"), body, "VIEW")

    def test_is_given_by_two_administrators(self, capsys):
        from tanhui.identity.models import Duty

        self.enter("one", "two")

        assert ask("duty", "sec", "SECURITY", "--by", "one", "--and", "two", "--json") == 0
        assert Duty.objects.get().kind == "SECURITY"
        assert json.loads(capsys.readouterr().out)["duty"] == "SECURITY"
        assert ask("list", "duties") == 0
        assert "sec" in capsys.readouterr().out

    def test_is_refused_from_one(self, capsys):
        self.enter("one")

        assert ask("duty", "sec", "SECURITY", "--by", "one", "--and", "one") == 1
        assert "identity.one_person_twice" in capsys.readouterr().err
        assert ask("duty", "sec", "SECURITY", "--by", "one", "--and", "sec") == 1
        assert "cli.not_an_administrator" in capsys.readouterr().err
        assert ask("duty", "nobody", "SECURITY", "--by", "one", "--and", "one") == 1


class TestRotateKeys:
    def test_says_what_rests_on_which_key(self, capsys, settings, tmp_path):
        from tests.identity import people

        from tanhui.identity.acts import realname

        settings.TANHUI_SECRETS = tmp_path / "secrets"
        who = named("one")
        realname.bind(person=who, kind="CITIZEN", number=people.number(), at=who.joined_at, by=who)

        assert ask("rotate-keys", "--forget", "--json") == 0
        first, *_, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert (first["count"], last) == (1, {"key": first["key"], "count": 1})
        assert ask("rotate-keys", "--keep-key") == 0
        assert f"0 values were sealed anew under the key {first['key']}" in capsys.readouterr().out


class TestList:
    def test_names_mandates_that_run_out_first(self, capsys):
        from django.utils import timezone
        from tests import world
        from tests.identity import people

        now = timezone.now()
        for days in (300, 10):
            world.mandate(named(f"in-{days}"), world.organisation(), "VIEW", until_at=now + days * people.DAY)

        assert ask("list", "mandates", "--json") == 0
        (found,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert found["username"] == "in-10"
        assert ask("list", "people") == 0
        assert "in-300" in capsys.readouterr().out
        assert ask("list", "organisations", "--json") == 0


def named(username):
    from tests import world

    from tanhui.identity.acts import enrolment

    return enrolment.enrol(username=username, name=username, password=None, at=world.NOON)

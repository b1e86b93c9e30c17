"""``tanhui identity``: how an operator begins."""

import contextlib
import io

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

"""Codes, passwords and tokens: what is refused, and how little of them is kept."""

import datetime as dt
import json
import os
import stat
import subprocess
import sys

import pytest
from django.contrib.auth import hashers
from django.http import Http404
from tests import world

from tanhui.identity import access
from tanhui.identity.acts import enrolment
from tanhui.identity.models import ApiToken, Membership, Organisation
from tanhui.journal.models import Entry
from tanhui.kernel import identifiers

DAY = dt.timedelta(days=1)


def checked(head):
    """A code whose last character fits."""
    return head + identifiers.uscc_check(head)


@pytest.mark.django_db
class TestAUnifiedSocialCreditCode:
    @pytest.mark.parametrize(
        ("given", "refusal", "code"),
        [
            ("", identifiers.UsccShapeWrong, "kernel.uscc_shape_wrong"),
            ("9115040200000000", identifiers.UsccShapeWrong, "kernel.uscc_shape_wrong"),
            ("9115040200000000O1", identifiers.UsccShapeWrong, "kernel.uscc_shape_wrong"),
            ("911504020000000011\x00", identifiers.UsccShapeWrong, "kernel.uscc_shape_wrong"),
            ("9" * 10_000, identifiers.UsccShapeWrong, "kernel.uscc_shape_wrong"),
            (checked("91990402000000010"), identifiers.UsccAreaWrong, "kernel.uscc_area_wrong"),
            (checked("91150402000000011"), identifiers.UsccBodyWrong, "kernel.uscc_body_wrong"),
        ],
        ids=["empty", "short", "letter O", "null character", "endless", "area", "organisation code"],
    )
    def test_that_is_wrong_registers_nobody(self, given, refusal, code):
        with world.refuses(refusal, code) as met:
            enrolment.register_organisation(uscc=given, name="组织", role="PART", at=world.NOON)
        assert met.value.status == 422
        assert len(str(met.value)) < 400

    def test_is_refused_for_any_one_character_mistyped(self):
        good = world.uscc()
        for place, old in enumerate(good):
            wrong = good[:place] + ("3" if old != "3" else "4") + good[place + 1 :]
            with pytest.raises(identifiers.Refusal):
                enrolment.register_organisation(uscc=wrong, name="组织", role="PART", at=world.NOON)

        assert not Organisation.objects.exists()


@pytest.mark.django_db
class TestAStranger:
    """To an organisation a person has nothing to do with, and to one that does not exist, the answer is one."""

    @pytest.mark.parametrize("capacity", ["VIEW", "INITIATE", "CONFIRM"])
    def test_learns_nothing(self, capacity):
        who, body = world.person(), world.organisation()
        world.mandate(who, world.organisation(), capacity)

        for asked in (body, body.pk, 2**40):
            with pytest.raises(Http404) as met:
                access.mandate(who, asked, capacity, at=world.NOON)
            assert str(met.value) == ""

    def test_is_also_who_has_a_future_mandate_only(self):
        who, body = world.person(), world.organisation()
        world.mandate(who, body, "CONFIRM", since_at=world.NOON + DAY)

        with pytest.raises(Http404):
            access.mandate(who, body, "CONFIRM", at=world.NOON)
        assert not access.organisations(who, at=world.NOON).exists()

    def test_is_also_who_has_left(self):
        who, body = world.person(), world.organisation()
        world.mandate(who, body, "VIEW")
        Membership.objects.update(until_at=world.NOON - DAY)

        with pytest.raises(Http404):
            access.mandate(who, body, "CONFIRM", at=world.NOON)
        assert not access.organisations(who, at=world.NOON).exists()


@pytest.mark.django_db
class TestAToken:
    def test_is_kept_nowhere_but_as_its_hash(self):
        who = world.person()
        token = enrolment.make_token(person=who, label="脚本", at=world.NOON)

        kept = json.dumps(list(ApiToken.objects.values()) + list(Entry.objects.values()), default=written)
        assert token not in kept
        assert token.removeprefix("th_") not in kept
        assert len(token) > 40

    def test_is_another_one_each_time(self):
        who = world.person()

        assert len({enrolment.make_token(person=who, label="脚本", at=world.NOON) for _ in range(5)}) == 5

    def test_lets_in_until_the_very_moment_it_runs_out(self):
        who = world.person()
        token = enrolment.make_token(person=who, label="脚本", at=world.NOON)

        ends = world.NOON + 90 * DAY
        assert access.person_by_token(token, at=ends - dt.timedelta(microseconds=1)) == who
        assert access.person_by_token(token, at=ends) is None

    @pytest.mark.parametrize("token", ["", "th_", "\x00", "令牌", "x" * 100_000])
    def test_of_nobody_lets_nobody_in(self, token):
        enrolment.make_token(person=world.person(), label="脚本", at=world.NOON)

        assert access.person_by_token(token, at=world.NOON) is None

    def test_is_no_use_as_its_own_hash(self):
        enrolment.make_token(person=world.person(), label="脚本", at=world.NOON)

        assert access.person_by_token(bytes(ApiToken.objects.get().digest).hex(), at=world.NOON) is None


def written(value):
    return bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)


ASK = """
import json, django
django.setup()
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
print(json.dumps([get_hasher().algorithm, settings.PASSWORD_HASHERS, settings.SECRET_KEY, settings.DEBUG]))
"""


class TestAServerOfItsOwn:
    """What the tests themselves change (the hasher) is asked of a process they have not touched."""

    @pytest.fixture
    def ask(self, tmp_path):
        def ask(name="var"):
            clean = {key: value for key, value in os.environ.items() if not key.startswith(("TANHUI_", "DJANGO_"))}
            clean |= {"DJANGO_SETTINGS_MODULE": "tanhui.site.settings", "TANHUI_VAR": str(tmp_path / name)}
            asked = subprocess.run([sys.executable, "-c", ASK], env=clean, capture_output=True, text=True, check=True)
            return json.loads(asked.stdout)

        return ask

    def test_hashes_passwords_slowly(self, ask):
        preferred, known, _, debug = ask()

        assert preferred in {"pbkdf2_sha256", "scrypt", "argon2"}
        assert not {one.rpartition(".")[2] for one in known} & {"MD5PasswordHasher", "SHA1PasswordHasher"}
        assert not debug

    def test_has_a_secret_nobody_else_has_readable_to_its_owner_only(self, ask, tmp_path):
        mine, again, theirs = ask()[2], ask()[2], ask("other")[2]

        assert mine == again != theirs
        assert len(mine) >= 64
        for path in (tmp_path / "var" / "secrets").iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "var" / "secrets").stat().st_mode) == 0o700

    def test_salts_each_password(self):
        hasher = hashers.PBKDF2PasswordHasher()

        assert hasher.encode("口令", hasher.salt()) != hasher.encode("口令", hasher.salt())

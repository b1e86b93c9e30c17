"""Sealed particulars: what opens them, what does not, and that nobody finds them lying about."""

import dataclasses
import json
import os
import stat
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection
from tests import world
from tests.identity import people

from tanhui.identity import vault, vault_keys
from tanhui.identity.acts import keys, realname
from tanhui.identity.models import IdentityDocument
from tanhui.journal.models import Entry

HERE = "somewhere.number.1"


@pytest.fixture(autouse=True)
def secrets_of_its_own(tmp_path, settings):
    settings.TANHUI_SECRETS = tmp_path / "secrets"
    settings.TANHUI_VAULT = {}


def bound(count=1):
    made = []
    for serial in range(1, count + 1):
        who = world.person()
        made.append(realname.bind(person=who, kind="CITIZEN", number=people.number(serial), at=world.NOON, by=who))
    return made


@pytest.mark.django_db
class TestAValue:
    @pytest.mark.parametrize("algorithm", ["AES-256-GCM", "SM4-GCM"])
    def test_opens_where_it_was_sealed(self, settings, algorithm):
        settings.TANHUI_VAULT = {"algorithm": algorithm}

        sealed = vault.seal("李四 𠮷 15040219900307001X", place=HERE)

        assert vault.ring().current.algorithm == algorithm
        assert vault.unseal(sealed, place=HERE) == "李四 𠮷 15040219900307001X"

    def test_is_another_each_time_it_is_sealed(self):
        assert vault.seal("同一个", place=HERE) != vault.seal("同一个", place=HERE)

    def test_does_not_open_in_another_place(self):
        sealed = vault.seal("x", place=HERE)

        with world.refuses(vault.SealBroken, "identity.seal_broken", place="somewhere.number.2"):
            vault.unseal(sealed, place="somewhere.number.2")

    def test_does_not_open_when_any_byte_was_altered(self):
        sealed = vault.seal("15040219900307001X", place=HERE)

        for at in range(len(sealed)):
            altered = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
            with pytest.raises((vault.SealBroken, vault_keys.KeyUnknown)):
                vault.unseal(altered, place=HERE)

    @pytest.mark.parametrize("value", [b"", b"\x01", b"15040219900307001X" * 3, b"\x01\x01" + b"k" * 8 + b"n" * 12])
    def test_that_never_was_sealed_does_not_open(self, value):
        with pytest.raises((vault.SealBroken, vault_keys.KeyUnknown)):
            vault.unseal(value, place=HERE)

    def test_names_the_key_that_is_missing(self):
        sealed = vault.seal("x", place=HERE)
        vault_keys.provider().keep(vault_keys.Ring.make("AES-256-GCM"))

        with world.refuses(vault_keys.KeyUnknown, "identity.vault_key_unknown", key=vault.key_id(sealed)):
            vault.unseal(sealed, place=HERE)

    def test_does_not_open_under_another_secret_of_the_same_name(self):
        sealed = vault.seal("x", place=HERE)
        ring = vault.ring()
        other = dataclasses.replace(ring.current, secret=bytes(32))
        vault_keys.provider().keep(dataclasses.replace(ring, keys={other.id: other}))

        with world.refuses(vault.SealBroken, key=ring.current_id):
            vault.unseal(sealed, place=HERE)


@pytest.mark.django_db
class TestTheKeys:
    def test_lie_where_only_their_owner_reads_them(self):
        vault.ring()

        path = settings.TANHUI_SECRETS / "vault_keys"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [one.name for one in path.parent.iterdir()] == ["vault_keys"]

    def test_are_the_same_for_all_who_ask(self):
        first = vault.ring()
        vault_keys._seen = None

        assert vault.ring() == first

    def test_come_from_the_environment_where_it_holds_them(self, monkeypatch):
        ring = vault_keys.Ring.make("SM4-GCM")
        monkeypatch.setenv("TANHUI_VAULT_KEYS", ring.dumps())

        assert vault.ring() == ring
        with world.refuses(vault_keys.KeysReadOnly, "identity.vault_keys_read_only", where="TANHUI_VAULT_KEYS"):
            keys.make(at=world.NOON, by=None)

    @pytest.mark.parametrize(
        "text",
        ["", "{", "[]", '{"current": "a"}', '{"current": "aaaaaaaa", "keys": {}, "index": ""}'],
        ids=["empty", "torn", "a list", "half", "no key"],
    )
    def test_that_are_no_keys_are_refused_without_being_told(self, text):
        path = settings.TANHUI_SECRETS / "vault_keys"
        path.parent.mkdir()
        path.write_text(text)

        with world.refuses(vault_keys.KeysUnusable, "identity.vault_keys_unusable") as met:
            vault.ring()
        assert text == "" or text not in str(met.value)

    def test_of_a_wrong_length_are_refused(self):
        ring = json.loads(vault_keys.Ring.make("AES-256-GCM").dumps())
        ring["keys"][ring["current"]]["secret"] = "AAAA"
        path = settings.TANHUI_SECRETS / "vault_keys"
        path.parent.mkdir()
        path.write_text(json.dumps(ring))

        with world.refuses(vault_keys.KeysUnusable):
            vault.ring()

    def test_that_are_lost_are_not_silently_made_anew(self):
        bound()
        (settings.TANHUI_SECRETS / "vault_keys").unlink()

        with world.refuses(vault.KeysMissing, "identity.vault_keys_missing", table="identity_identitydocument"):
            vault.ring()

    def test_never_show_themselves(self):
        ring = vault.ring()

        assert ring.current.secret.hex() not in repr(ring)
        assert "secret=" not in repr(ring.current)
        assert "index=" not in repr(ring)


@pytest.mark.django_db
class TestASealedColumn:
    def test_is_opened_by_its_own_row_alone(self):
        one, other = bound(2)

        assert vault.opened(IdentityDocument.objects.get(pk=one.pk), "number") == people.number(1)
        moved = IdentityDocument.objects.get(pk=other.pk).number
        IdentityDocument.objects.filter(pk=one.pk).update(number=bytes(moved))
        with world.refuses(vault.SealBroken, place=f"identity_identitydocument.number.{one.pk}"):
            vault.opened(IdentityDocument.objects.get(pk=one.pk), "number")

    def test_takes_no_clear_text_where_its_row_is_not_known(self):
        bound()

        with pytest.raises(TypeError):
            IdentityDocument.objects.update(number=people.number(2))
        with pytest.raises(TypeError):
            IdentityDocument.objects.filter(number=people.number(1)).exists()

    def test_seals_rows_made_in_bulk(self):
        who = world.person()
        made = IdentityDocument.objects.bulk_create(
            [
                IdentityDocument(
                    person=who, kind="CITIZEN", number=people.number(), index=bytes(32), bound_at=world.NOON,
                    bound_by=who,
                )
            ]
        )  # fmt: skip

        raw = bytes(IdentityDocument.objects.get().number)
        assert people.number().encode() not in raw
        assert vault.opened(IdentityDocument.objects.get(pk=made[0].pk), "number") == people.number()

    def test_says_of_two_numbers_only_whether_they_are_equal(self):
        assert vault.index("GB11643", people.number(1)) == vault.index("GB11643", people.number(1))
        assert vault.index("GB11643", people.number(1)) != vault.index("GB11643", people.number(2))
        assert vault.index("GB11643", "E1") != vault.index("passport:CHN", "E1")


def dumped():
    """Every row of every table, as ``pg_dump`` writes them."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f'COPY (SELECT * FROM "{table}") TO STDOUT') as rows:
                parts += [table.encode(), *map(bytes, rows)]
    return b"\n".join(parts)


@pytest.mark.django_db
class TestADumpOfTheDatabase:
    def test_holds_no_number_in_any_form(self):
        bound(3)
        dump = dumped()

        assert b"identity_identitydocument" in dump
        for number in (people.number(serial) for serial in (1, 2, 3)):
            for form in (number, number[:17], number[6:], number.encode().hex(), number.encode().hex().upper()):
                assert form.encode() not in dump

    def test_holds_no_key(self):
        bound()
        ring = vault.ring()

        said = [str(one.private) + bytes(one.leaf).decode() for one in Entry.objects.all()]
        assert not any(ring.current.secret.hex() in one or people.number() in one for one in said)


@pytest.mark.django_db(transaction=True)
class TestRotation:
    def test_seals_everything_anew_and_keeps_it_readable(self):
        documents, before = bound(7), vault.ring()
        new = keys.make(at=world.NOON, by=None)

        assert keys.reseal() == 7
        assert keys.reseal() == 0
        assert keys.resting() == {new: 7}
        for place, one in enumerate(documents, 1):
            assert vault.opened(IdentityDocument.objects.get(pk=one.pk), "number") == people.number(place)
        assert set(vault.ring().keys) == {before.current_id, new}

    def test_killed_half_way_leaves_everything_readable_and_goes_on(self, monkeypatch):
        bound(7)
        monkeypatch.setattr(keys, "BATCH", 2)
        old = vault.ring().current_id
        new = keys.make(at=world.NOON, by=None)

        assert keys.reseal(stop_after=3) == 4
        assert keys.resting() == {new: 4, old: 3}
        read = {vault.opened(one, "number") for one in IdentityDocument.objects.all()}
        assert read == {people.number(serial) for serial in range(1, 8)}
        assert keys.forget(at=world.NOON, by=None) == []

        assert keys.reseal() == 3
        assert keys.forget(at=world.NOON, by=None) == [old]
        assert set(vault.ring().keys) == {new}

    def test_loses_nothing_when_a_batch_fails(self, monkeypatch):
        one, broken = bound(2)
        IdentityDocument.objects.filter(pk=broken.pk).update(number=bytes(one.number))
        new = keys.make(at=world.NOON, by=None)
        monkeypatch.setattr(keys, "BATCH", 1)

        with pytest.raises(vault.SealBroken):
            keys.reseal()
        assert new != vault.key_id(bytes(IdentityDocument.objects.get(pk=broken.pk).number))
        assert vault.opened(IdentityDocument.objects.get(pk=one.pk), "number") == people.number(1)

    def test_changes_the_algorithm_where_the_settings_name_another(self, settings):
        (one,) = bound()
        settings.TANHUI_VAULT = {"algorithm": "SM4-GCM"}
        keys.make(at=world.NOON, by=None)
        keys.reseal()

        row = IdentityDocument.objects.get(pk=one.pk)
        assert bytes(row.number)[1] == vault.NUMBERS["SM4-GCM"]
        assert vault.opened(row, "number") == people.number(1)

    def test_still_finds_people_by_their_number(self):
        (one,) = bound()
        keys.make(at=world.NOON, by=None)
        keys.reseal()

        another = world.person()
        with world.refuses(realname.NumberTaken, "identity.number_taken"):
            realname.bind(person=another, kind="CITIZEN", number=people.number(), at=world.NOON, by=one.person)

    def test_refuses_an_algorithm_it_does_not_know(self, settings):
        vault.ring()
        settings.TANHUI_VAULT = {"algorithm": "ROT13"}

        with world.refuses(vault_keys.KeysUnusable, reason="ROT13"):
            keys.make(at=world.NOON, by=None)

    def test_is_seen_by_a_process_that_read_the_keys_before(self):
        before = vault.ring()
        code = (
            "import os, django; django.setup(); from django.conf import settings; from pathlib import Path;"
            f"settings.TANHUI_SECRETS = Path({str(settings.TANHUI_SECRETS)!r});"
            "from tanhui.identity import vault_keys as k;"
            "r = k.stored().with_new('AES-256-GCM'); k.provider().keep(r); print(r.current_id)"
        )
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tanhui.site.settings"}
        new = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
        ).stdout.strip()  # fmt: skip

        assert vault.ring().current_id == new != before.current_id

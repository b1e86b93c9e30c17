"""Programs of an organisation: how they come in, what they may, how they end."""

import base64
import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.idp.oidc.models import Client as Program
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils import timezone
from tests import world
from tests.api import requests

from tanhui.identity import programs
from tanhui.identity.acts import clients
from tanhui.identity.models import Mandate, Person
from tanhui.journal.models import Entry
from tanhui.registry.models import Transfer

TOKEN = "/identity/o/api/token"
BOTH = ["registry.accounts", "registry.transfer"]


def manager(organisation):
    now = timezone.now()
    who = world.person(password="坡上种树-2026")
    world.mandate(who, organisation, "MANAGE", since_at=now - dt.timedelta(hours=1), at=now)
    return who


def register(organisation, scopes=BOTH, by=None):
    return clients.register(
        organisation=organisation, name="财务系统", scopes=scopes, at=timezone.now(), by=by or manager(organisation)
    )


def fetch(program, secret, **asked):
    basic = base64.b64encode(f"{program.pk}:{secret}".encode()).decode()
    return Client().post(
        TOKEN, {"grant_type": "client_credentials"} | asked, headers={"Authorization": f"Basic {basic}"}
    )


def ask(token, address, **more):
    return Client().get(f"/api/v1{address}", headers={"Authorization": f"Bearer {token}"}, **more)


@pytest.fixture
def register_(db):
    return world.build()


@pytest.fixture
def owner(register_):
    return register_.owner.organisation


@pytest.mark.django_db
class TestRegistering:
    def test_gives_a_service_that_looks_and_initiates_but_never_confirms(self, owner):
        program, _ = register(owner)

        held = Mandate.objects.filter(membership__person=program.owner).values_list("capacity", flat=True)
        assert sorted(held) == ["INITIATE", "VIEW"]
        assert program.owner.kind == Person.Kind.SERVICE
        assert not program.owner.has_usable_password()

    def test_keeps_only_a_hash_of_the_secret(self, owner):
        program, secret = register(owner)

        assert secret not in str(Program.objects.filter(pk=program.pk).values())

    def test_is_told_to_the_journal_without_the_secret(self, owner):
        _, secret = register(owner)

        (told,) = Entry.objects.filter(kind="identity.client_registered")
        assert secret.encode() not in bytes(told.leaf)

    @pytest.mark.parametrize("scopes", [[], ["registry.confirm"], ["*"], ["registry.accounts", "x" * 90]])
    def test_gives_no_scope_that_is_not_listed(self, owner, scopes):
        by = manager(owner)
        with world.refuses(clients.ScopeUnknown, "identity.scope_unknown"):
            register(owner, scopes, by)

    @pytest.mark.parametrize("name", ["", "  ", "长" * 61])
    def test_needs_a_name(self, owner, name):
        by = manager(owner)
        with world.refuses(clients.ClientNameless, "identity.client_nameless"):
            clients.register(organisation=owner, name=name, scopes=BOTH, at=timezone.now(), by=by)

    def test_offers_nothing_that_takes_a_confirming_mandate(self):
        assert {capacity for capacity, _ in settings.TANHUI_SCOPES.values()} <= {"VIEW", "INITIATE"}


@pytest.mark.django_db
class TestAToken:
    def test_lets_the_program_see_what_its_organisation_sees(self, register_, owner):
        answer = fetch(*register(owner), scope="registry.accounts")
        token = answer.json()

        assert (answer.status_code, token["expires_in"], token["scope"]) == (200, 600, "registry.accounts")
        assert ask(token["access_token"], "/accounts").status_code == 200
        assert ask(token["access_token"], f"/accounts/{register_.owner.account.code}/holdings").status_code == 200
        assert ask(token["access_token"], f"/accounts/{register_.buyer.account.code}/holdings").status_code == 404

    def test_without_the_scope_is_told_so(self, owner):
        token = fetch(*register(owner), scope="registry.transfer").json()["access_token"]

        answer = ask(token, "/accounts")

        assert (answer.status_code, answer.json()["code"]) == (403, "identity.scope_missing")

    @pytest.mark.parametrize("scope", ["registry.confirm", "registry.retire", "openid"])
    def test_is_not_given_for_a_scope_the_client_lacks(self, owner, scope):
        assert fetch(*register(owner), scope=scope).status_code == 400

    def test_is_not_given_for_a_wrong_secret(self, owner):
        program, _ = register(owner)

        assert fetch(program, "wrong").status_code == 401

    def test_is_good_for_ten_minutes(self, owner):
        token = fetch(*register(owner), scope="registry.accounts").json()["access_token"]
        now = timezone.now()

        assert programs.by_token(token, at=now + dt.timedelta(minutes=9, seconds=59))
        assert programs.by_token(token, at=now + dt.timedelta(minutes=10, seconds=1)) is None

    def test_initiates_but_cannot_confirm(self, register_, owner):
        token = fetch(*register(owner), scope=" ".join(BOTH)).json()["access_token"]

        made = Client().post(
            "/api/v1/transfers", requests.transfer(register_), content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k1"},
        )  # fmt: skip
        number = made.json()["id"]
        confirmed = Client().post(
            f"/api/v1/instructions/{number}/confirm", {}, content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k2"},
        )  # fmt: skip

        assert made.status_code == 201
        assert confirmed.status_code == 403
        assert not Transfer.objects.exists()

    def test_asks_too_often_from_one_address(self, owner):
        program, _ = register(owner)

        assert 429 in [fetch(program, "wrong").status_code for _ in range(61)]


@pytest.mark.django_db
class TestANewSecret:
    def test_ends_the_old_one_and_its_tokens(self, owner):
        by = manager(owner)
        program, old = register(owner, by=by)
        token = fetch(program, old, scope="registry.accounts").json()["access_token"]

        new = clients.rotate(client=program, at=timezone.now(), by=by)

        assert ask(token, "/accounts").status_code == 401
        assert fetch(program, old, scope="registry.accounts").status_code == 401
        again = fetch(program, new, scope="registry.accounts").json()["access_token"]
        assert ask(again, "/accounts").status_code == 200

    def test_renews_the_mandates_for_a_year(self, owner):
        by = manager(owner)
        program, _ = register(owner, by=by)
        later = timezone.now() + dt.timedelta(days=300)

        clients.rotate(client=program, at=later, by=by)

        standing = Mandate.objects.filter(membership__person=program.owner, until_at__gt=later)
        assert {one.until_at for one in standing} == {later + clients.LASTS}


@pytest.mark.django_db
class TestRevoking:
    def test_ends_secret_tokens_and_mandates_for_good(self, owner):
        by = manager(owner)
        program, secret = register(owner, by=by)
        token = fetch(program, secret, scope="registry.accounts").json()["access_token"]

        clients.revoke(client=program, at=timezone.now(), by=by)

        assert ask(token, "/accounts").status_code == 401
        assert fetch(program, secret, scope="registry.accounts").status_code in {400, 401}
        with world.refuses(clients.ClientRevoked, "identity.client_revoked"):
            clients.rotate(client=program, at=timezone.now(), by=by)


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_of_two_new_secrets_one_is_good(self):
        organisation = world.organisation()
        by = manager(organisation)
        program, _ = register(organisation, by=by)
        start = threading.Barrier(2, timeout=60)

        def rotate():
            start.wait()
            try:
                return clients.rotate(client=program, at=timezone.now(), by=by)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            given = [one.result() for one in [pool.submit(rotate), pool.submit(rotate)]]

        now = timezone.now()
        program.refresh_from_db()
        assert sorted(program.check_secret(one) for one in given) == [False, True]
        assert Mandate.objects.filter(membership__person=program.owner, until_at__gt=now).count() == 2
        assert not Token.objects.exists()


@pytest.mark.django_db
class TestThePage:
    @pytest.fixture
    def page(self, client, owner):
        world.sign_in(client, manager(owner))
        return f"/organisations/{owner.uscc}/programs"

    def test_shows_the_secret_once(self, client, page, owner):
        made = client.post(page, {"name": "财务系统", "scopes": BOTH})
        again = client.get(page).content.decode()

        program = Program.objects.get(name="财务系统")
        assert made.status_code == 201
        secret = made.content.decode().split('id="client_secret">')[1].split("<")[0]
        assert program.check_secret(secret)
        assert program.pk in again
        assert secret not in again

    @pytest.mark.parametrize(
        "given", [{}, {"name": "x"}, {"name": "", "scopes": BOTH}, {"name": "x", "scopes": ["registry.confirm"]}]
    )
    def test_refuses_what_is_not_filled_in(self, client, page, given):
        assert client.post(page, given or {"name": " "}).status_code == 422
        assert not Program.objects.exists()

    def test_rotates_and_revokes(self, client, page, owner):
        program, old = register(owner)

        assert "client_secret" in client.post(f"{page}/{program.pk}/rotate").content.decode()
        assert client.post(f"{page}/{program.pk}/revoke").status_code == 302
        program.refresh_from_db()
        assert not program.check_secret(old)
        assert "已停用" in client.get(page).content.decode()

    def test_is_not_found_by_members_who_do_not_manage_nor_by_strangers(self, client, page, register_, owner):
        program, _ = register(owner)
        for who in (register_.owner.initiator, register_.buyer.initiator):
            client.force_login(who.membership.person)
            assert client.get(page).status_code == 404
            assert client.post(f"{page}/{program.pk}/revoke").status_code == 404

    def test_touches_no_other_organisations_program(self, client, page, register_):
        other, _ = register(register_.buyer.organisation)

        assert client.post(f"{page}/{other.pk}/revoke").status_code == 404
        other.refresh_from_db()
        assert "revoked_at" not in other.data

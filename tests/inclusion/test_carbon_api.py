import base64
import datetime as dt
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from tests import world
from tests.inclusion import people

from tanhui.identity.acts import apps
from tanhui.inclusion.acts import consents
from tanhui.kernel import clock

BACK = "https://app.example.cn/back"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def case(db, client):
    people.rules()
    account, who = people.resident()
    metro = people.scenario()
    people.post(clock.day(timezone.now()) - dt.timedelta(days=1), (account, metro, 85))
    return account, who


def register(**overrides):
    party = world.party("OPER")
    given = {"name": "随行碳", "back": [BACK], "scopes": ["inclusion.account"], "organisation": party.organisation}
    return apps.register(by=party.initiator.membership.person, at=timezone.now(), **given | overrides)


def token_of(client, app, secret):
    """What the app may come with, once the signed-in person let it in."""
    asked = {
        "client_id": app.pk, "response_type": "code", "redirect_uri": BACK, "scope": "inclusion.account",
        "state": "s", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    }  # fmt: skip
    page = client.get("/identity/o/authorize", asked)
    assert page.status_code == 200
    assert app.name in page.content.decode()
    granted = {
        "request": page.context["form"]["request"].value(),
        "scopes": ["inclusion.account"],
        "action": "grant",
    }
    answer = client.post("/identity/o/authorize", granted)
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    client.logout()
    told = client.post(
        "/identity/o/api/token",
        {
            "grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": app.pk,
            "client_secret": secret, "code_verifier": VERIFIER,
        },
    )  # fmt: skip
    assert told.status_code == 200, told.content
    return {"headers": {"Authorization": f"Bearer {told.json()['access_token']}"}}


class TestAnApp:
    def test_is_let_in_by_the_person_and_reads_their_account_alone(self, case, client):
        account, who = case
        app, secret = register()
        world.sign_in(client, who)
        with_token = token_of(client, app, secret)
        said = client.get("/api/v1/inclusion/account", **with_token).json()
        assert (said["id"], said["grams"], said["points"], said["mark"]) == (str(account.id), 85, 8, "")
        days = client.get("/api/v1/inclusion/account/days?since=2026-01-01", **with_token).json()
        assert [(one["grams"], one["methodology"]) for one in days["days"]] == [(85, "metro/v01")]
        assert client.get("/api/v1/notices", **with_token).status_code in (401, 403, 404)
        assert apps.end(person=who, client=app, at=timezone.now()) >= 1
        assert client.get("/api/v1/inclusion/account", **with_token).status_code == 401

    def test_of_a_provider_learns_what_it_calls_the_person(self, case, client):
        account, who = case
        metro, now = people.scenario(), timezone.now()
        early, late = people.provider(metro), people.provider(metro, state="SANDBOX")
        given = {"kind": "GENERAL", "on": True, "text_version": people.VERSION, "at": now}
        consents.turn(account=account, scenario=metro, **given)
        assert not late.pseudonyms.exists()
        late.state = "LIVE"
        assert consents.name_people(provider=late, at=now) == 1
        assert consents.name_people(provider=late, at=now) == 0
        for provider in (early, late):
            world.sign_in(client, who)
            with_token = token_of(client, *register(organisation=provider.organisation))
            said = client.get("/api/v1/inclusion/account", **with_token).json()
            assert said["mark"] == provider.pseudonyms.get(account=account).value
        assert len(said["mark"]) == 32

    def test_has_an_address_of_its_own_and_asks_for_what_is_personal(self, case):
        party = world.party("OPER")
        given = {"organisation": party.organisation, "by": party.initiator.membership.person, "at": timezone.now()}
        with world.refuses(apps.ReturnAddressWrong):
            apps.register(name="x", back=["http://app.example.cn"], scopes=[], **given)
        with world.refuses(apps.NotPersonal):
            apps.register(name="x", back=[BACK], scopes=["registry.transfer"], **given)


class TestTheAccount:
    def test_is_not_there_for_whoever_has_none(self, case, client):
        assert client.get("/api/v1/inclusion/account").status_code == 401
        world.sign_in(client, world.person())
        assert client.get("/api/v1/inclusion/account").status_code == 404

    def test_gives_whole_days_at_a_time(self, case, client):
        account, who = case
        one, two = people.scenario(), people.scenario()
        for back in range(2, 6):
            people.post(clock.day(timezone.now()) - dt.timedelta(days=back), (account, one, 100), (account, two, 50))
        world.sign_in(client, who)
        found, since = [], "2026-01-01"
        while since:
            page = client.get(f"/api/v1/inclusion/account/days?since={since}&limit=3").json()
            found += page["days"]
            since = page["next"]
        assert len(found) == 9
        assert len({(row["day"], row["scenario"]) for row in found}) == 9

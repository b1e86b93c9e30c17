"""Outside apps: registered by two people, let in by each person, suspended, revoked, and ended by whom it concerns."""

import datetime as dt
import itertools

import pytest
from allauth.idp.oidc.models import Token
from django.utils import timezone
from tests import world
from tests.inclusion import people

from tanhui.identity import programs
from tanhui.identity.acts import apps
from tanhui.identity.acts import instruction as instructions

pytestmark = pytest.mark.django_db
NOON = world.NOON
BACK = ["https://app.example.cn/back", "https://app.example.cn:8443/other?x=1"]
REFS = itertools.count(1)


@pytest.fixture
def operator(db):
    people.rules()
    return world.party("OPER")


@pytest.fixture
def owner(db):
    return world.organisation("SCEN", name="随行科技")


def asked(operator, owner, at=NOON, **overrides):
    given = {"name": "随行碳", "back": BACK, "scopes": ["inclusion.account"]} | overrides
    return apps.ask(organisation=owner, mandate=operator.initiator, reference=f"a{next(REFS)}", at=at, **given)


def registered(operator, owner):
    return apps.confirm(asked=asked(operator, owner), mandate=operator.confirmer, at=NOON)


def granted(client, who, at=NOON):
    """An access token as the authorisation of ``who`` leaves it; its value."""
    token = Token(
        type=Token.Type.ACCESS_TOKEN, client=client, user=who, created_at=at, expires_at=at + dt.timedelta(hours=1)
    )
    token.set_value("opaque")
    token.set_scopes(["inclusion.account"])
    token.save()
    return "opaque"


class TestRegistering:
    def test_takes_two_people_and_shows_the_secret_once(self, operator, owner):
        one = asked(operator, owner)
        stranger = world.mandate(world.person(), owner, "CONFIRM")
        with world.refuses(instructions.WrongMandate):
            apps.confirm(asked=one, mandate=stranger, at=NOON)
        client, secret = apps.confirm(asked=one, mandate=operator.confirmer, at=NOON)
        assert len(secret) > 30
        assert client.check_secret(secret)
        assert (client.get_redirect_uris(), client.get_scopes(), client.skip_consent) == (
            BACK, ["inclusion.account"], False,
        )  # fmt: skip
        assert apps.confirm(asked=one, mandate=operator.confirmer, at=NOON) == (client, "")
        assert programs.app(client.pk) == client

    def test_not_signed_registers_nothing(self, operator, owner):
        one = asked(operator, owner)
        apps.drop(asked=one, mandate=operator.confirmer, reason="不认识", at=NOON)
        with world.refuses(instructions.AlreadyDecided):
            apps.confirm(asked=one, mandate=operator.confirmer, at=NOON)

    @pytest.mark.parametrize("wrong", [
        "http://app.example.cn", "https://", "https://a.cn/#x", "https://me@a.cn", "https://a.cn/ b", "javascript:x",
        "https://a.cn:99999/", "https://[", "https://a.cn/" + "x" * 300, "https://a.cn/\x00",
    ])  # fmt: skip
    def test_needs_an_address_to_come_back_to(self, operator, owner, wrong):
        with world.refuses(apps.ReturnAddressWrong):
            asked(operator, owner, back=[wrong])

    @pytest.mark.parametrize(
        "wrong", [{"name": " "}, {"name": "x" * 61}, {"back": []}, {"back": [" "]}, {"name": "a\0b"}]
    )
    def test_needs_a_name_and_an_address(self, operator, owner, wrong):
        with world.refuses(apps.AppNameless):
            asked(operator, owner, **wrong)

    def test_gives_what_people_can_grant_alone(self, operator, owner):
        with world.refuses(apps.NotPersonal, scope="registry.transfer"):
            asked(operator, owner, scopes=["registry.transfer"])


class TestAnApp:
    def test_suspended_is_let_in_by_nobody_until_it_goes_on(self, operator, owner):
        client, _ = registered(operator, owner)
        who, by = world.person(), operator.initiator.membership.person
        token = granted(client, who)
        assert programs.by_grant(token, at=NOON) is not None
        with world.refuses(apps.AppReasonMissing):
            apps.suspend(client=client, reason=" ", at=NOON, by=by)
        apps.suspend(client=client, reason="投诉核实", at=NOON, by=by)
        assert programs.app(client.pk) is None
        assert programs.by_grant(token, at=NOON) is None
        with world.refuses(apps.AppStandsOtherwise):
            apps.rotate(client=client, at=NOON, by=by)
        apps.resume(client=client, at=NOON, by=by)
        assert programs.by_grant(token, at=NOON) is not None

    def test_revoked_is_gone_for_good(self, operator, owner):
        client, secret = registered(operator, owner)
        by = operator.initiator.membership.person
        granted(client, world.person())
        held = apps.revoke(client=client, reason="停止服务", at=NOON, by=by)
        assert not held.check_secret(secret)
        assert not Token.objects.filter(client=client).exists()
        for again in (apps.resume, apps.rotate):
            with world.refuses(apps.AppStandsOtherwise):
                again(client=client, at=NOON, by=by)

    def test_has_a_new_secret_and_the_old_one_no_more(self, operator, owner):
        client, secret = registered(operator, owner)
        fresh = apps.rotate(client=client, at=NOON, by=operator.initiator.membership.person)
        client.refresh_from_db()
        assert (client.check_secret(fresh), client.check_secret(secret)) == (True, False)


class TestThePages:
    def test_register_under_two_signatures_and_show_the_secret_once(self, operator, owner, client):
        world.sign_in(client, operator.initiator.membership.person)
        sent = {
            "do": "ask", "organisation": owner.pk, "name": "随行碳", "back": "\n".join(BACK),
            "scopes": ["inclusion.account"],
        }  # fmt: skip
        assert client.post("/desk/apps", sent | {"back": "http://x"}).status_code == 422
        assert client.post("/desk/apps", sent).status_code == 302
        key = apps.Instruction.objects.get(act=apps.ACT).pk
        assert client.post("/desk/apps", {"do": "confirm", "key": key}).status_code == 403
        world.sign_in(client, operator.confirmer.membership.person)
        answer = client.post("/desk/apps", {"do": "confirm", "key": key})
        made, secret = answer.context["made"]
        assert answer.status_code == 200
        assert secret in answer.content.decode()
        assert answer["Cache-Control"].find("no-store") >= 0
        page = client.get("/desk/apps").content.decode()
        assert secret not in page
        assert made.pk in page
        world.sign_in(client, operator.initiator.membership.person)
        assert client.post("/desk/apps", {"do": "suspend", "app": made.pk, "reason": "核实"}).status_code == 302
        assert apps.state(programs.of(owner).get()) == "SUSPENDED"
        for odd in ({}, {"do": "x"}, {"do": "confirm"}, {"do": "ask", "name": "\0"}):
            assert client.post("/desk/apps", odd).status_code == 422
        assert client.post("/desk/apps", {"do": "revoke", "app": "\0"}).status_code == 404

    def test_show_a_person_whom_they_let_in_and_end_it(self, operator, owner, client):
        made, _ = registered(operator, owner)
        who, now = world.person(), timezone.now()
        token = granted(made, who, at=now)
        world.sign_in(client, who)
        assert "随行碳" in client.get("/carbon/apps").content.decode()
        assert client.post("/carbon/apps", {"app": made.pk}).status_code == 302
        assert programs.by_grant(token, at=now) is None
        assert (
            "随行碳"
            not in client.get("/carbon/apps", follow=True)
            .content.decode()
            .partition("<main")[2]
            .partition("没有授权")[2]
        )
        assert client.post("/carbon/apps", {}).status_code == 422

    def test_are_the_operators(self, owner, client):
        world.sign_in(client, world.party("SCEN").initiator.membership.person)
        assert client.get("/desk/apps").status_code == 404

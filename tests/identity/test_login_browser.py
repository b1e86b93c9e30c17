"""Passkeys and the city portal, as a real browser goes through them under our policy."""

import re

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from tests import world

PASSWORD = "坡上种树-2026"
PASSKEYS = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def somebody(transactional_db):
    return world.person(password=PASSWORD)


@pytest.fixture
def site(live_server):
    return live_server.url.replace("127.0.0.1", "localhost")  # passkeys belong to a name, not to a number


def log_in(page, site, who, goes_to="/security"):
    page.goto(f"{site}/login?next={goes_to}")
    page.get_by_label("登录名").fill(who.username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).first.click()


def log_out(page):
    page.get_by_role("button", name="退出登录").click()


@pytest.mark.browser
class TestAPasskey:
    @pytest.fixture
    def holder(self, page, site, somebody):
        """A page whose browser holds a passkey of somebody's, which signs in alone."""
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": PASSKEYS})
        log_in(page, site, somebody)
        page.goto(f"{site}/security/keys/add")
        page.get_by_label("允许只用它登录").check()
        page.get_by_role("button", name="添加").click()
        page.wait_for_url("**/security/codes")
        log_out(page)
        return page

    def test_signs_in_without_a_password(self, holder, site, somebody):
        holder.goto(f"{site}/login?next=/security")
        holder.get_by_role("button", name="使用通行密钥").click()
        holder.wait_for_url(f"{site}/security")

        assert somebody.username in holder.locator(".lead").inner_text()

    def test_is_the_second_factor_after_a_password(self, holder, site, somebody):
        log_in(holder, site, somebody)
        holder.wait_for_url("**/login/second")
        holder.get_by_role("button", name="改用通行密钥").click()

        holder.wait_for_url(f"{site}/security")

    def test_that_is_missing_is_said_in_words(self, page, site, somebody):
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": PASSKEYS})
        page.goto(f"{site}/login")
        page.get_by_role("button", name="使用通行密钥").click()

        page.get_by_text("未能使用通行密钥").wait_for(timeout=20_000)


@pytest.mark.browser
class TestTheCityPortal:
    def test_signs_nobody_in_who_has_not_tied_it(self, page, site, somebody):
        page.goto(f"{site}/login")
        page.get_by_role("button", name="使用城市政务门户").click()
        page.get_by_role("button", name="张晓兰").click()

        page.wait_for_url("**/login/portal/unknown")
        assert not SocialAccount.objects.exists()

    def test_signs_in_whoever_tied_it_by_themselves(self, page, site, somebody):
        log_in(page, site, somebody, "/security/portals")
        page.get_by_role("button", name=re.compile("绑定城市")).click()
        page.get_by_role("button", name="何静").click()
        page.wait_for_url("**/security/portals")
        log_out(page)
        page.goto(f"{site}/login?next=/security")
        page.get_by_role("button", name="使用城市政务门户").click()
        page.get_by_role("button", name="何静").click()
        page.wait_for_url(f"{site}/security")

        assert somebody.username in page.locator(".lead").inner_text()


@pytest.mark.django_db
class TestThePortalOfADemonstration:
    @pytest.mark.parametrize(
        "address", ["authorize?client_id=x", "jwks.json", ".well-known/openid-configuration", "api/userinfo"]
    )
    def test_is_nowhere_in_production(self, address, settings):
        settings.TANHUI_MODE = "production"

        assert Client().get(f"/identity/o/{address}").status_code == 404

    def test_sends_nobody_elsewhere(self):
        asked = {"client_id": "register-of-the-demonstration", "redirect_uri": "https://elsewhere.example/",
                 "response_type": "code", "scope": "openid"}  # fmt: skip
        client = Client()
        client.get("/identity/o/authorize", asked)

        answer = client.post(
            f"/identity/o/authorize?{'&'.join(f'{k}={v}' for k, v in asked.items())}", {"citizen": "portal-he"}
        )

        assert answer.status_code == 400
        assert "elsewhere" not in answer.get("Location", "")

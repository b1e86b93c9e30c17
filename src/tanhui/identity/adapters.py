"""Where allauth asks this house: how attempts are refused, what stands in a letter, what is kept sealed."""

import base64
import datetime as dt
import io
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows import login as flow
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from tanhui.identity import vault
from tanhui.identity.acts import residents
from tanhui.identity.models import Person
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ui import refusals

COUNTED = {"app": "allauth.account", "action": "login_failed"}
SEALED = "allauth_mfa.secret"


class SignInLocked(Refusal):
    """The same for a name that exists and for one that does not."""

    code = "identity.sign_in_locked"
    sentence = gettext_noop(
        "Too many sign-ins failed under this name or from this address. Try again after %(until)s; if you forgot the "
        "password, have a letter sent to set a new one."
    )
    clause = "GB/T 22239-2019 8.1.4.1 b"
    status = 429


class Accounts(DefaultAccountAdapter):
    """Passwords, sign-up and letters."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy(
            "The sign-in name or the password is wrong. Mind capital letters in the password."
        ),
        "incorrect_password": gettext_lazy("The password is wrong."),
        "enter_current_password": gettext_lazy("The present password is wrong."),
        "incorrect_code": gettext_lazy("The code is wrong or has run out."),
        "username_taken": gettext_lazy("This sign-in name is taken. Choose another."),
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt before the password is looked at. Refuses with ``SignInLocked``."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as over:
            raise locked(request, self._get_login_attempts_cache_key(request, **credentials)) from over

    def login(self, request: HttpRequest, user: Any) -> None:
        """Whoever signed in a moment ago is not asked again at once."""
        super().login(request, user)
        if records := flow.get_authentication_records(request, user):
            last = records[-1] | {"reauthenticated": True}
            request.session[flow.AUTHENTICATION_METHODS_SESSION_KEY] = [*records[:-1], last]

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The ways to show it is still oneself, in our words."""
        words = {
            "reauthenticate": gettext("Password"),
            "mfa_reauthenticate": gettext("Code from your authenticator app, or a recovery code"),
            "mfa_reauthenticate:webauthn": gettext("Passkey"),
        }
        return [way | {"description": words[way["id"]]} for way in super().get_reauthentication_methods(user)]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.TANHUI_SIGNUP == "open")

    def get_login_stages(self) -> list[str]:
        ours = f"{Enrolled.__module__}.{Enrolled.__qualname__}"
        stages: list[str] = super().get_login_stages()
        return [ours if stage.endswith(".EmailVerificationStage") else stage for stage in stages]

    def get_reset_password_from_key_url(self, key: str) -> str:
        """By our own address, not by the one the request claims to have been sent to."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return f"{address(self.request)}{path.replace('UID-KEY', key)}"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        super().send_mail(template_prefix, email, {"site": address(self.request)} | context)


class Enrolled(EmailVerificationStage):
    """Whoever signed up shows that the e-mail is theirs; whoever an operator enrolled need not have one."""

    def handle(self) -> Any:
        person = self.login.user
        if person is not None and not EmailAddress.objects.filter(user_id=person.pk).exists():
            return None, True
        return super().handle()


class SecondFactors(DefaultMFAAdapter):
    """Secrets of authenticator apps are sealed as other particulars are."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("The code is wrong or has run out."),
    }

    def encrypt(self, text: str) -> str:
        return base64.b64encode(vault.seal(text, place=SEALED)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return vault.unseal(base64.b64decode(encrypted_text), place=SEALED)

    def get_totp_issuer(self) -> str:
        return settings.TANHUI_OPERATOR.get("name") or gettext("Carbon sink registry")

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def build_totp_svg(self, url: str) -> str:
        """On white, so that a phone can read it from a dark page too."""
        drawn = io.BytesIO()
        segno.make(url, error="m").save(drawn, kind="svg", scale=5, light="white", xmldecl=False, nl=False)
        return drawn.getvalue().decode()

    def _get_site_name(self) -> str:
        return self.get_totp_issuer()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        number = user.authenticator_set.filter(type=type).count() + 1
        return gettext("Key %(number)s") % {"number": number}


class Portals(DefaultSocialAccountAdapter):
    """Identities of city portals are tied to a person by that person alone, after signing in: never by e-mail. Only who
    asks for a resident's own pages becomes a person by it."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        if not resident(sociallogin):
            raise ImmediateHttpResponse(redirect("socialaccount_signup"))
        from tanhui.identity.pages import portal  # pages import this module

        sociallogin.user = portal.become_resident(sociallogin.account.extra_data)
        sociallogin.save(request, connect=True)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def list_apps(self, request: Any, provider: Any = None, client_id: Any = None) -> Any:
        """Portals are settings; no table is asked for them."""
        from allauth.socialaccount.adapter import _build_apps_from_settings

        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        apps = [app for several in found.values() for app in several]
        for app in apps:
            app.name = str(app.name)
            if not app.settings["server_url"]:  # the portal of a demonstration, on this very server
                app.settings = app.settings | {"server_url": address(self.request) + reverse("idp:oidc:configuration")}
        return apps


class Clients(DefaultOIDCAdapter):
    """Programs with a key of their own, apps a person lets in, and in a demonstration the portal people can try."""

    scope_display = DefaultOIDCAdapter.scope_display | {
        "inclusion.account": gettext_lazy("My carbon account: grams, points and which scenarios count"),
    }

    def get_issuer(self) -> str:
        return address(self.request)

    def get_claims(self, purpose: Any, user: Any, client: Any, scopes: Any, email: Any = None, **kwargs: Any) -> Any:
        claims = super().get_claims(purpose, user, client, scopes, email=email, **kwargs)
        return claims | ({"name": user.name} if "profile" in scopes and isinstance(user, Person) else {})


def resident(sociallogin: Any) -> bool:
    """Whether a portal identity nobody is tied to asks for a resident's pages, where whoever comes may come in."""
    asked = str(sociallogin.state.get("next") or "").partition("?")[0]
    wanted = asked == residents.PAGES or asked.startswith(f"{residents.PAGES}/")
    return wanted and settings.TANHUI_SIGNUP == "open"


def address(request: HttpRequest) -> str:
    """Where people reach us: as the operator says, not the request; a demonstration moves from port to port."""
    if settings.TANHUI_MODE == "demonstration":
        return request.build_absolute_uri("/").rstrip("/")
    return str(settings.TANHUI_ADDRESS)


def locked(request: HttpRequest, key: str) -> ValidationError:
    """Why, and until when, no further attempt is counted for this name or this address."""
    until = 0.0
    for rate in ratelimit.get_rates(**COUNTED):
        attempts = cache.get(ratelimit.get_cache_key(request, rate=rate, key=key, **COUNTED), [])
        if len(attempts) >= rate.amount:
            until = max(until, attempts[-1] + rate.duration)
    at = timezone.localtime(dt.datetime.fromtimestamp(until, dt.UTC)) + dt.timedelta(minutes=1)
    refusal = SignInLocked(until=f"{at:%H:%M}")
    return ValidationError(refusals.say(refusal), code=refusal.code)

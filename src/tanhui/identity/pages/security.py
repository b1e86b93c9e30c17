"""What people set up to keep their sign-in safe: second factors, passkeys, recovery codes, sessions, portals."""

import functools
import logging

import requests
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as keys
from allauth.socialaccount import views as portals
from allauth.socialaccount.providers.openid_connect import views as openid
from allauth.usersessions import views as usersessions
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tanhui.identity import rights
from tanhui.identity.acts import sessions as ending
from tanhui.identity.pages.login import Refused, Resumed


class Authenticate(factors.AuthenticateView):
    def form_invalid(self, form):
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class Again(Resumed, factors.ReauthenticateView):
    pass


class AgainByKey(Resumed, keys.ReauthenticateWebAuthnView):
    pass


class ActivateApp(Refused, app.ActivateTOTPView):
    pass


class AddKey(Refused, keys.AddWebAuthnView):
    pass


class RenameKey(Refused, keys.EditWebAuthnView):
    pass


class Overview(factors.IndexView):
    extra_context = property(lambda self: {"portals": offered()})


class Sessions(usersessions.ListUserSessionsView):
    def get_context_data(self, **kwargs):
        found = super().get_context_data(**kwargs)
        for one in found["sessions"]:
            one.device = device(one.user_agent)
        return found | {"idle": settings.TANHUI_IDLE // 60, "hours": settings.SESSION_COOKIE_AGE // 3600}


class Portals(portals.ConnectionsView):
    extra_context = property(lambda self: {"portals": offered()})


def offered():
    return settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]


# What a browser says of itself, the more special before the more general.
BROWSERS = [
    ("MicroMessenger", "微信"), ("AlipayClient", "支付宝"), ("Edg", "Edge"), ("QQBrowser", "QQ"), ("OPR", "Opera"),
    ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
]  # fmt: skip
SYSTEMS = [
    ("OpenHarmony", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"),
]  # fmt: skip


def device(agent):
    """Browser and system, as far as the browser says."""
    said = [next((word for sign, word in known if sign in agent), "") for known in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, said)) or agent[:40] or "—"


def reachable(view):
    """A portal that cannot be reached, or answers nonsense, is said to be out of order."""

    @functools.wraps(view)
    def asked(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except requests.RequestException as error:
            log.warning("portal out of order: %s", error)
            return render(request, "socialaccount/authentication_error.html", status=502)

    return asked


log = logging.getLogger("tanhui.identity")
mine, everyone = rights.needs(rights.PERSON), rights.needs(rights.PUBLIC)
overview = mine(Overview.as_view())
authenticate = everyone(Authenticate.as_view())
again = mine(Again.as_view())
add_app = mine(ActivateApp.as_view())
remove_app = mine(app.deactivate_totp)
list_codes = mine(codes.view_recovery_codes)
new_codes = mine(codes.generate_recovery_codes)
download_codes = mine(codes.download_recovery_codes)
list_keys = mine(keys.list_webauthn)
add_key = mine(AddKey.as_view())
rename_key = mine(RenameKey.as_view())
remove_key = mine(keys.remove_webauthn)
again_by_key = mine(AgainByKey.as_view())
login_by_key = everyone(keys.login_webauthn)
list_sessions = mine(Sessions.as_view())
list_portals = mine(Portals.as_view())
login_by_portal = everyone(reachable(openid.login))
back_from_portal = everyone(reachable(openid.callback))
portal_cancelled = everyone(portals.login_cancelled)
portal_failed = everyone(portals.login_error)


@rights.needs(rights.PUBLIC)
@require_GET
def portal_unknown(request):
    return render(request, "socialaccount/signup.html", {"open_for_sign_up": settings.TANHUI_SIGNUP == "open"})


@rights.needs(rights.PERSON)
@require_POST
def end_session(request, number):
    if ending.end(person=request.user, number=number):
        messages.success(request, gettext("That session was ended."))
    return redirect("usersessions_list")

"""What people set up to keep their sign-in safe: second factors, passkeys, recovery codes, sessions, portals."""

from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as keys
from allauth.socialaccount import views as portals
from allauth.socialaccount.providers.openid_connect import views as openid
from allauth.usersessions import views as usersessions
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from tanhui.identity import rights
from tanhui.identity.acts import sessions as ending
from tanhui.identity.pages.login import Refused


class Authenticate(factors.AuthenticateView):
    def form_invalid(self, form):
        response = super().form_invalid(form)
        response.status_code = 422
        return response


class Again(Refused, factors.ReauthenticateView):
    pass


class ActivateApp(Refused, app.ActivateTOTPView):
    pass


class AddKey(Refused, keys.AddWebAuthnView):
    pass


class RenameKey(Refused, keys.EditWebAuthnView):
    pass


mine, everyone = rights.needs(rights.PERSON), rights.needs(rights.PUBLIC)
overview = mine(factors.index)
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
again_by_key = mine(keys.reauthenticate_webauthn)
login_by_key = everyone(keys.login_webauthn)
list_sessions = mine(usersessions.list_usersessions)
list_portals = mine(portals.connections)
login_by_portal = everyone(openid.login)
back_from_portal = everyone(openid.callback)
portal_cancelled = everyone(portals.login_cancelled)
portal_failed = everyone(portals.login_error)
portal_unknown = everyone(portals.signup)


@rights.needs(rights.PERSON)
@require_POST
def end_session(request, number):
    if ending.end(person=request.user, number=number):
        messages.success(request, gettext("That session was ended."))
    return redirect("usersessions_list")

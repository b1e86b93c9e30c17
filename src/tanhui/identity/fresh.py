"""Who moves value shows again, shortly before, that it is still them at the keyboard."""

from datetime import datetime
from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows import login, reauthentication
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext

from tanhui.identity import second_factor
from tanhui.identity.models import Person


def required(request: HttpRequest, at: datetime) -> HttpResponseRedirect | None:
    """Where the visitor must go before this request may be carried out, or nothing when it may.

    The request is kept and carried out as it was sent once the password, code or key was shown. Who must have a second
    factor and has none is sent to set one up.
    """
    if second_factor.missing(cast(Person, request.user), at=at):
        messages.warning(request, gettext("Whoever signs for an organisation needs a second factor. Set one up first."))
        return redirect("mfa_index")
    if recent(request, at=at):
        return None
    ways = get_adapter().get_reauthentication_methods(request.user)
    if not ways:  # neither password nor second factor: the person came by a portal, and comes by it again
        return redirect("account_login")
    suspended: HttpResponseRedirect = reauthentication.suspend_request(request, preferred(ways)["url"])
    return suspended


def recent(request: HttpRequest, *, at: datetime) -> bool:
    """Whether the visitor signed in, or showed it was still them, within ``TANHUI_REAUTHENTICATE``."""
    shown = [one["at"] for one in login.get_authentication_records(request, request.user)]
    return bool(shown) and at.timestamp() - max(shown) < settings.TANHUI_REAUTHENTICATE


def preferred(ways: list[dict[str, str]]) -> dict[str, str]:
    """A code before a password: who has a second factor shows that one."""
    return next((way for way in ways if way["id"] == "mfa_reauthenticate"), ways[0])

"""Who moves value shows again, shortly before, that it is still them at the keyboard.

A view says ``fresh.resume(request)`` first and, before it carries out what was sent, ``fresh.required(request, at)``::

    fresh.resume(request)
    if request.method == "POST" and (elsewhere := fresh.required(request, now)):
        return elsewhere

What was sent is kept in the session meanwhile, and is carried out once, when the visitor comes back from showing the
password, code or key that was asked for this very request.
"""

from datetime import datetime
from typing import cast
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows import login
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext

from tanhui.identity import second_factor
from tanhui.identity.models import Person
from tanhui.kernel.refusal import Refusal, gettext_noop

KEPT = "kept_request"
LONGEST = 200_000  # characters of a form; more is asked for again rather than kept in a session


class Stale(Refusal):
    code = "identity.sign_in_stale"
    sentence = gettext_noop(
        "It is some time since you signed in. Show on the pages that it is still you, then ask again."
    )
    clause = "GB/T 22239-2019 8.1.4.1"
    status = 403


def required(request: HttpRequest, at: datetime) -> HttpResponseRedirect | None:
    """Where the visitor must go before this request may be carried out, or nothing when it may.

    Whoever must have a second factor and has none is sent to set one up.
    """
    if second_factor.missing(cast(Person, request.user), at=at):
        messages.warning(request, gettext("Whoever signs for an organisation needs a second factor. Set one up first."))
        return redirect("mfa_index")
    if recent(request, at=at):
        return None
    ways = get_adapter().get_reauthentication_methods(request.user)
    if not ways:  # neither password nor second factor: the person comes by a portal alone
        return redirect("account_set_password")
    path, form = request.get_full_path(), request.POST.urlencode()
    request.session[KEPT] = {"path": path, "form": form if len(form) <= LONGEST else "", "shown": False}
    return redirect(f"{preferred(ways)['url']}?{urlencode({'next': path})}")


def resume(request: HttpRequest) -> None:
    """Make of the visitor's return the request that was kept, once."""
    kept = request.session.get(KEPT)
    if request.method == "GET" and kept and kept["shown"] and kept["path"] == request.get_full_path():
        del request.session[KEPT]
        if kept["form"]:
            request.method, request.POST = "POST", QueryDict(kept["form"])


def shown(request: HttpRequest, url: str) -> None:
    """The visitor showed who they are and goes on to ``url``; whatever else was kept is forgotten."""
    kept = request.session.pop(KEPT, None)
    if kept and kept["path"] == url:
        request.session[KEPT] = kept | {"shown": True}


def recent(request: HttpRequest, *, at: datetime) -> bool:
    """Whether the visitor signed in, or showed it was still them, within ``TANHUI_REAUTHENTICATE``."""
    moments = [one["at"] for one in login.get_authentication_records(request, request.user)]
    return bool(moments) and at.timestamp() - max(moments) < settings.TANHUI_REAUTHENTICATE


def preferred(ways: list[dict[str, str]]) -> dict[str, str]:
    """A code before a password: who has a second factor shows that one."""
    return next((way for way in ways if way["id"] == "mfa_reauthenticate"), ways[0])

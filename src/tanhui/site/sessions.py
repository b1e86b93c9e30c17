"""What holds for a session from request to request: it ends when idle, and at the end of a working day, and no page of
it is left behind in the browser.

Only the time in the session tells; it and the list of sessions are written at most once a minute.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext

from tanhui.identity import second_factor
from tanhui.identity.acts import passwords, sessions
from tanhui.identity.models import Person

MINUTE = 60.0  # seconds
BEGAN, USED, MISSING = "began", "used", "second_factor_missing"  # what stands in a session
# Where people without the second factor they need may go all the same.
SETTING_UP = {"login", "logout", "password", "language", "preferences", "static"}


class Watch:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and auth.SESSION_KEY in request.session:
            watch(request, timezone.now())
            return forgotten(self.get_response(request))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.session.get(MISSING):
            return None
        if request.resolver_match and "api" in request.resolver_match.namespaces:
            return None  # the API says it as a problem
        name = (request.resolver_match and request.resolver_match.url_name) or ""
        if name in SETTING_UP or name.startswith(("mfa_", "account_")):
            return None
        if isinstance(request.user, Person) and second_factor.missing(request.user, at=timezone.now()):
            messages.warning(
                request, gettext("Whoever signs for an organisation needs a second factor. Set one up first.")
            )
            return redirect("mfa_index")
        del request.session[MISSING]
        return None


def forgotten(response: HttpResponse) -> HttpResponse:
    """A page as somebody signed in saw it, which the browser may not keep: after signing out, going back in its history
    must ask again. Files and fragments that say themselves how long they may be kept are left alone."""
    if "Cache-Control" not in response and response.get("Content-Type", "").startswith("text/html"):
        response["Cache-Control"] = "private, no-store"
    return response


def watch(request: HttpRequest, at: datetime) -> None:
    """End a session that is over; note, once a minute, that another is used."""
    session, now = request.session, at.timestamp()
    began, used = session.get(BEGAN, now), session.get(USED, 0.0)
    if BEGAN in session and (now - used > settings.TANHUI_IDLE or now - began > settings.SESSION_COOKIE_AGE):
        auth.logout(request)
        messages.info(request, gettext("You were signed out, to be safe, after a long time. Please sign in again."))
    elif now - used > MINUTE:
        if BEGAN not in session and isinstance(request.user, Person):
            session[BEGAN] = now
            if passwords.old(request.user, at=at):
                messages.warning(
                    request,
                    gettext("Your password is more than %(days)s days old. Change it under “Sign-in and security”.")
                    % {"days": settings.TANHUI_PASSWORD_DAYS},
                )
            if second_factor.missing(request.user, at=at):
                session[MISSING] = True
        session[USED] = now
        sessions.used(key=session.session_key or "", at=at)

"""What a page or a route asks of its visitor, said beside it; the permission matrix is read from here.

A right says who may come in at all. Whose account, instruction or paper it is, the doors decide (``access.py``). An API
client that was given scopes also needs the one that bears the right's name.
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect
from ninja.errors import AuthenticationError

from tanhui.identity import access, roster
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.kernel.refusal import Refusal, gettext_noop

View = TypeVar("View", bound=Callable[..., Any])
Audience = Literal["PUBLIC", "PERSON", "MEMBER", "DUTY"]
Whose = Literal["OWN", "ANY"]


class ScopeMissing(Refusal):
    code = "identity.scope_missing"
    sentence = gettext_noop(
        "This client was not given “%(scope)s”. Have its organisation add that scope, then ask for a new token."
    )
    clause = "RFC 6750 §3.1"
    status = 403


@dataclass(frozen=True)
class Right:
    """Who may meet a view.

    ``name`` is stable (``registry.transfer``) and, when it has a dot, the scope an API client needs. ``audience``:
    everyone, whoever is signed in, members of an organisation (with one of ``roles``, or any when empty), or the holder
    of one of the staff ``duties``. ``capacities`` are what a member signs with there, any one of them. ``whose``: of
    their own organisation, or of any. ``at_door``: the door of the view asks for membership and capacity itself, of the
    very organisation it is about, so that nobody asks twice.
    """

    name: str
    audience: Audience
    roles: frozenset[str] = frozenset()
    capacities: frozenset[str] = frozenset()
    duties: frozenset[str] = frozenset()
    whose: Whose = "OWN"
    at_door: bool = False

    @property
    def scope(self) -> str:
        """The scope an API client needs; empty where every client may ask."""
        return self.name if "." in self.name else ""


PUBLIC = Right("public", "PUBLIC")
PERSON = Right("person", "PERSON")


def person(name: str) -> Right:
    """The right of whoever is signed in, where an API client needs a scope of this name."""
    return Right(name, "PERSON")


def member(
    name: str,
    *,
    roles: Iterable[Organisation.Role | str] = (),
    capacities: Iterable[str] = (Mandate.Capacity.VIEW,),
    whose: Whose = "OWN",
    at_door: bool = False,
) -> Right:
    """The right of those who work for an organisation."""
    return Right(
        name, "MEMBER", frozenset(str(one) for one in roles), frozenset(str(one) for one in capacities),
        whose=whose, at_door=at_door,
    )  # fmt: skip


def duty(name: str, *kinds: str) -> Right:
    """The right of whoever is on one of these staff duties at the moment (``Duty.Kind``)."""
    return Right(name, "DUTY", duties=frozenset(str(one) for one in kinds))


def needs(right: Right, *, post: Right | None = None) -> Callable[[View], View]:
    """Let in only whom the right lets in: a stranger signs in first, a colleague who lacks the capacity is told (403),
    anybody else learns nothing (404). ``post``: the right to send the page's form, where it takes more than to look.

    For pages and for operations of the API alike. Refuses with ``ScopeMissing`` or ``access.CapacityMissing``; a page
    shows the refusal.
    """

    def around(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            asked = post if post is not None and request.method == "POST" else right
            if asked.audience != "PUBLIC":
                someone = visitor(request)
                if someone is None:
                    return sign_in_first(request)
                try:
                    check(request, someone, asked)
                except Refusal as refusal:
                    if of_api(request):
                        raise
                    return render(request, "identity/not_entitled.html", {"refusal": refusal}, status=refusal.status)
            return view(request, *args, **kwargs)

        guarded.right, guarded.post_right = right, post or right  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return around


def visitor(request: HttpRequest) -> Person | None:
    """Whoever asks: by the session of the pages, or by what the API accepted."""
    found = getattr(request, "auth", None) or request.user
    return found if isinstance(found, Person) else None


def sign_in_first(request: HttpRequest) -> HttpResponseBase:
    """The way to the log-in page and back; the API answers 401."""
    if of_api(request):
        raise AuthenticationError
    there = redirect_to_login(way_back(request))
    return HttpResponseClientRedirect(there["Location"]) if getattr(request, "htmx", False) else there


def of_api(request: HttpRequest) -> bool:
    return request.resolver_match is not None and "ninja" in request.resolver_match.app_names


def way_back(request: HttpRequest) -> str:
    """Where to go after signing in: the page that was asked for, or the one a form was sent from."""
    if request.method in {"GET", "HEAD"} and not getattr(request, "htmx", False):
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/"
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()) else "/"


def check(request: HttpRequest, someone: Person, right: Right) -> None:
    scopes: frozenset[str] | None = getattr(request, "scopes", None)
    if scopes is not None and right.scope and right.scope not in scopes:
        raise ScopeMissing(scope=right.scope)
    if right.audience == "MEMBER" and not right.at_door:
        member_of(someone, right)
    if right.audience == "DUTY":
        running = access.staff_session(someone, at=timezone.now())
        if running is None or running.duty.kind not in right.duties:
            raise Http404


def member_of(someone: Person, right: Right) -> None:
    """404 for who has no mandate where the right asks for one; ``CapacityMissing`` for who has another one only."""
    mandates = roster.standing(timezone.now()).filter(membership__person=someone)
    if right.roles:
        mandates = mandates.filter(membership__organisation__role__in=right.roles)
    held = dict(mandates.values_list("capacity", "membership__organisation__name"))
    if not held:
        raise Http404
    if Mandate.Capacity.VIEW not in right.capacities and not right.capacities & held.keys():
        raise access.CapacityMissing(
            capacity=min(right.capacities), organisation=next(iter(held.values()))
        )  # fmt: skip

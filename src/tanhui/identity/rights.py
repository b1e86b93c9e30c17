"""What a page or a route asks of its visitor, said beside it; the permission matrix is read from here.

A right says who may come in at all. Whose account, instruction or paper it is, the doors decide (``access.py``).
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.utils import timezone

from tanhui.identity import access
from tanhui.identity.models import Organisation, Person

View = TypeVar("View", bound=Callable[..., Any])
Audience = Literal["PUBLIC", "PERSON", "MEMBER", "DUTY"]


@dataclass(frozen=True)
class Right:
    """Who may meet a view.

    ``name`` is stable (``registry.transfer``) and the scope an API client needs. ``audience``: everyone, whoever is
    signed in, members of an organisation (with one of ``roles``, or any when empty), or the holder of a staff duty.
    ``capacities`` are what a member signs with there; the door checks them and tells a colleague who lacks one.
    """

    name: str
    audience: Audience
    roles: frozenset[str] = frozenset()
    capacities: frozenset[str] = frozenset()
    duties: frozenset[str] = frozenset()


PUBLIC = Right("public", "PUBLIC")
PERSON = Right("person", "PERSON")


def member(name: str, *, roles: Iterable[Organisation.Role | str] = (), capacities: Iterable[str] = ("VIEW",)) -> Right:
    """The right of those who work for an organisation."""
    return Right(name, "MEMBER", frozenset(str(one) for one in roles), frozenset(str(one) for one in capacities))


def needs(right: Right) -> Callable[[View], View]:
    """Let in only whom the right lets in: a stranger signs in first, anybody else learns nothing (404)."""

    def around(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if right.audience != "PUBLIC":
                person = visitor(request)
                if person is None:
                    return redirect_to_login(request.get_full_path())
                refuse_stranger(person, right)
            return view(request, *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return around


def visitor(request: HttpRequest) -> Person | None:
    """Whoever asks: by the session of the pages, or by what the API accepted."""
    found = getattr(request, "auth", None) or request.user
    return found if isinstance(found, Person) else None


def refuse_stranger(person: Person, right: Right) -> None:
    if right.audience == "MEMBER":
        known = access.organisations(person, at=timezone.now())
        if not (known.filter(role__in=right.roles) if right.roles else known).exists():
            raise Http404

"""What everybody sees alike is made once for all who ask within some seconds.

A public page is a frame, which is the visitor's own, around a content that depends on nothing but the address and the
language. ``render`` hands the template a function instead of the facts; ``{% shared %}`` calls it only when no process
neighbour's answer of the last seconds is at hand. Whoever has just acted is always answered anew.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.template import Context
from django.template.base import NodeList
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tanhui.ui import acting

Found = TypeVar("Found")
Make = Callable[[], Mapping[str, Any]]
MAKE = "make_shared"


def render(request: HttpRequest, template: str, make: Make, **own: Any) -> HttpResponse:
    """The page with what ``make`` gives inside ``{% shared %}``; ``own`` is there outside of it too."""
    return render_template(request, template, {MAKE: make, **own})


def seconds(request: HttpRequest) -> float:
    """For how long this visitor may be shown what was made for another; 0 for who has just acted."""
    if request.method not in acting.SAFE or acting.lately(request):
        return 0
    return float(getattr(settings, "TANHUI_REMEMBER", acting.SECONDS))


def kept(request: HttpRequest, make: Callable[[], Found]) -> Found:
    """What ``make`` finds out for this address, or found out for somebody else some seconds ago. A refusal is not
    kept."""
    keep = seconds(request)
    key = f"kept:{address(request)}"
    if keep and (found := caches["process"].get(key)) is not None:
        return cast(Found, found)
    made = make()
    if keep:
        caches["process"].set(key, made, keep)
    return made


def address(request: HttpRequest) -> str:
    return hashlib.sha256(request.get_full_path().encode()).hexdigest()


def content(context: Context, nodes: NodeList) -> SafeString:
    """What stands between the tags."""
    request: HttpRequest = context["request"]
    keep = seconds(request)
    key = f"shared:{get_language()}:{address(request)}"
    found: SafeString | None = caches["process"].get(key) if keep else None
    if found is None:
        with context.push(**context[MAKE]()):
            found = nodes.render(context)
        if keep:
            caches["process"].set(key, found, keep)
    return found

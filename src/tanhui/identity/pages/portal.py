"""Where people let an app in; and the city portal of a demonstration, on the portal's side, which is nowhere else."""

from typing import Any

from allauth.core import context
from allauth.idp.oidc import views
from django.conf import settings
from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import programs, rights
from tanhui.identity.acts import portal as acts
from tanhui.identity.acts import residents
from tanhui.identity.models import Person


def offered():
    """The portal's settings. Not found outside a demonstration."""
    for one in settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]:
        if one["provider_id"] == "demo" and settings.TANHUI_MODE == "demonstration":
            return one
    raise Http404


@rights.needs(rights.PUBLIC)
@require_GET
def discovery(request):
    offered()

    def at(name):
        return request.build_absolute_uri(reverse(f"idp:oidc:{name}"))

    return JsonResponse(
        {
            "issuer": request.build_absolute_uri("/").rstrip("/"),
            "authorization_endpoint": at("authorization"),
            "token_endpoint": at("token"),
            "userinfo_endpoint": at("userinfo"),
            "jwks_uri": at("jwks"),
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "profile", "email"],
            "token_endpoint_auth_methods_supported": settings.IDP_OIDC_AUTH_METHODS,
        }
    )


@rights.needs(rights.PUBLIC)
@require_http_methods(["GET", "POST"])
def authorize(request):
    """May this app see what is yours? Asked of whoever is signed in; in a demonstration also the portal's own side."""
    if not is_portal(request):
        if "request" not in request.POST and programs.app(request.GET.get("client_id", "")) is None:
            raise Http404
        return views.authorization(request)
    return as_citizen(request, offered())


def become_resident(said: dict[str, Any]) -> Person:
    """A person of whom a portal says ``said``, and who asks for a resident's pages for the first time."""
    name = (said.get("userinfo") or said).get("name") or gettext("Resident")
    return residents.enrol(name=str(name), at=timezone.now())


def is_portal(request):
    """Whether the register itself asks, as a client of the portal of a demonstration."""
    if settings.TANHUI_MODE != "demonstration":
        return False
    asked = request.GET.get("client_id")
    return asked is not None and asked in {
        one["client_id"] for one in settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    }


def as_citizen(request, one):
    """Which citizen comes? Chosen, they are sent back with a code, as a portal does after its own log-in."""
    back = request.build_absolute_uri(reverse("openid_connect_callback", args=[one["provider_id"]]))
    citizens = acts.open_portal(
        key=one["client_id"], name=str(one["name"]), secret=one["secret"], back=back, at=timezone.now()
    )
    chosen = next((citizen for citizen in citizens if citizen.username == request.POST.get("citizen")), None)
    if chosen is None:
        return render(request, "idp/oidc/citizens.html", {"citizens": citizens, "portal": one})
    request.method, request.user = "GET", chosen
    context.request.user = chosen
    answer = views.authorization(request)
    if answer.status_code == 200:  # it is sent back in any case but that of an unknown client
        answer.status_code = 400
    return answer


@rights.needs(rights.PUBLIC)
def userinfo(request):
    offered()
    return views.user_info(request)


@rights.needs(rights.PUBLIC)
@require_GET
def jwks(request):
    offered()
    return views.jwks(request)


userinfo.csrf_exempt = True

"""The programs of an organisation: list, register, new secret, revoke. The token endpoint they come to."""

from allauth.core.internal import ratelimit
from allauth.idp.oidc import views
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from tanhui.identity import access, fresh, programs, rights
from tanhui.identity.acts import clients as acts
from tanhui.identity.forms import clients as forms
from tanhui.identity.models import Mandate
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

FIELDS = {"identity.scope_unknown": "scopes", "identity.client_nameless": "name"}
MANAGES = rights.member("identity.clients", capacities=[Mandate.Capacity.MANAGE], at_door=True)


@method_decorator(csrf_exempt, name="dispatch")
class Token(views.TokenView):
    """A secret costs time to check; nobody makes us check too many."""

    def post(self, request):
        if not ratelimit.consume(
            request, app="tanhui", action="token", config={"token": "60/m/ip"}, key=None
        ):  # fmt: skip
            return ratelimit.respond_429(request)
        return super().post(request)


token = rights.needs(rights.PUBLIC)(Token.as_view())
revoke_token = rights.needs(rights.PUBLIC)(views.revoke)
token.csrf_exempt = revoke_token.csrf_exempt = True


@rights.needs(MANAGES)
@require_http_methods(["GET", "POST"])
@never_cache
def clients(request, code):
    """The list, and a form for another. Its secret stands on the answer, once, and nowhere else."""
    now = timezone.now()
    fresh.resume(request)
    organisation = access.administrator(request.user, code, at=now).membership.organisation
    form, made, status = forms.Register(request.POST or None), None, 200
    if request.method == "POST":
        status = 422
        if elsewhere := fresh.required(request, now):
            return elsewhere
        if form.is_valid():
            try:
                client, secret = acts.register(
                    organisation=organisation, name=form.cleaned_data["name"], scopes=form.cleaned_data["scopes"],
                    at=now, by=request.user,
                )  # fmt: skip
                form, made, status = forms.Register(), (client, secret), 201
            except Refusal as refusal:
                status = refusals.show(form, refusal, FIELDS)
    return shown(request, organisation, form, made, status)


@rights.needs(MANAGES)
@require_http_methods(["GET", "POST"])
@never_cache
def rotate(request, code, key):
    now = timezone.now()
    fresh.resume(request)
    organisation = access.administrator(request.user, code, at=now).membership.organisation
    client = programs.client(organisation, key)
    if request.method == "GET":
        return redirect("identity:clients", code)
    if elsewhere := fresh.required(request, now):
        return elsewhere
    try:
        secret = acts.rotate(client=client, at=now, by=request.user)
    except Refusal as refusal:
        messages.error(request, refusals.say(refusal))
        return redirect("identity:clients", code)
    return shown(request, organisation, forms.Register(), (client, secret), 200)


@rights.needs(MANAGES)
@require_POST
def revoke(request, code, key):
    now = timezone.now()
    organisation = access.administrator(request.user, code, at=now).membership.organisation
    try:
        acts.revoke(client=programs.client(organisation, key), at=now, by=request.user)
        messages.success(request, gettext("Revoked. Its tokens are good for nothing from now on."))
    except Refusal as refusal:
        messages.error(request, refusals.say(refusal))
    return redirect("identity:clients", code)


def shown(request, organisation, form, made, status):
    listed = [
        {"client": one, "scopes": one.get_scopes(), "revoked": "revoked_at" in one.data}
        for one in programs.of(organisation)
    ]
    context = {"organisation": organisation, "clients": listed, "form": form, "made": made}
    context["address"] = f"{settings.TANHUI_ADDRESS}/identity/o/api/token"
    return render(request, "identity/clients.html", context, status=status)

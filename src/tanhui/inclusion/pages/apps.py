"""Outside apps: the operator registers, suspends and revokes them; each person sees whom they let in, and ends it."""

import secrets

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tanhui.identity import fresh, rights
from tanhui.identity.acts import apps as acts
from tanhui.identity.models import Mandate
from tanhui.inclusion import access_policy as access
from tanhui.inclusion import roles
from tanhui.inclusion.forms import policy as forms
from tanhui.inclusion.pages.credit import TONES
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

INITIATE, CONFIRM = Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM
FIELDS = {
    "identity.return_address_wrong": "back", "identity.app_nameless": "name", "identity.scope_not_personal": "scopes",
}  # fmt: skip
STATES = {"OPEN": "OPEN", "SUSPENDED": "ASKED", "REVOKED": "ENDED"}


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def mine(request):
    """The apps a person let in: what they see, since when; one press ends it."""
    now = timezone.now()
    if request.method == "POST" and request.POST.get("app"):
        app = access.app(request.POST.get("app", ""))
        acts.end(person=request.user, client=app, at=now)
        messages.success(request, _("Ended. “%(name)s” sees nothing of yours any more.") % {"name": app.name})
        return redirect("inclusion:carbon_apps")
    return render(
        request,
        "inclusion/apps/mine.html",
        {"apps": access.let_in(request.user)},
        status=200 if request.method == "GET" else 422,
    )


@rights.needs(roles.READS, post=roles.OPERATES)
@require_http_methods(["GET", "POST"])
@never_cache
def desk(request):
    """Every app and what waits for a second person; a secret stands on the answer, once, and nowhere else."""
    now, do = timezone.now(), request.POST.get("do", "")
    fresh.resume(request)
    form = forms.App(request.POST if do == "ask" else None)
    refusal, status, made = None, 200, None
    if request.method == "POST":
        status = 422
        if elsewhere := fresh.required(request, now):
            return elsewhere
        try:
            done, made = carry_out(request, do, form, now)
            if done and made is None:
                return redirect("inclusion:desk_apps")
            status = 200 if done else 422
        except Refusal as found:
            status = refusals.show(form, found, FIELDS) if do == "ask" else found.status
            refusal = None if do == "ask" else found
    rows = [(one, acts.state(one), TONES[STATES[acts.state(one)]]) for one in access.registered()[:200]]
    return render(request, "inclusion/apps/desk.html", {
        "apps": rows, "asked": access.asked_apps(at=now), "form": form, "made": made, "refusal": refusal,
    }, status=status)  # fmt: skip


def carry_out(request, do, form, now):
    """Do what was chosen: whether anything known was, and an app with its secret to show once."""
    key = forms.Key(request.POST)
    reason = request.POST.get("reason", "").replace("\x00", "")[:200]
    if do == "ask":
        if form.is_valid():
            acts.ask(
                mandate=access.operator(request.user, INITIATE, at=now), reference=f"app-{secrets.token_hex(8)}",
                at=now, **form.cleaned_data,
            )  # fmt: skip
            messages.success(request, pgettext("inclusion", "Asked for. A second person must sign."))
            return True, None
        return False, None
    if do in ("confirm", "drop"):
        if not key.is_valid():
            return False, None
        asked = access.asked_app(key.cleaned_data["key"])
        if do == "confirm":
            return True, acts.confirm(asked=asked, mandate=access.operator(request.user, CONFIRM, at=now), at=now)
        acts.drop(asked=asked, mandate=access.deciding(request.user, asked, at=now), reason=reason, at=now)
    elif do in ("suspend", "resume", "revoke", "rotate"):
        app, by = access.app(request.POST.get("app", "")), access.operator(request.user, INITIATE, at=now)
        person = by.membership.person
        if do == "rotate":
            return True, (app, acts.rotate(client=app, at=now, by=person))
        if do == "resume":
            acts.resume(client=app, at=now, by=person)
        else:
            {"suspend": acts.suspend, "revoke": acts.revoke}[do](client=app, reason=reason, at=now, by=person)
    else:
        return False, None
    messages.success(request, pgettext("inclusion", "Kept."))
    return True, None

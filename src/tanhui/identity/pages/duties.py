"""Staff duties: going on duty with a reason, and who holds which."""

import uuid
from math import ceil

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tanhui.identity import access, fresh, rights, roster, rules
from tanhui.identity.acts import duty as acts
from tanhui.identity.forms import people as forms
from tanhui.identity.models import Mandate, Organisation
from tanhui.identity.pages.organisations import described, shared
from tanhui.identity.pages.people import told
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

RECENT = 20
MANAGES = rights.member(
    "identity.duties", roles=[Organisation.Role.REGISTRY], capacities=[Mandate.Capacity.MANAGE], at_door=True
)


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
@never_cache
def duty(request):
    """One's own duty: begin a session for a reason, see how long it lasts. Who holds none learns nothing."""
    now, status = timezone.now(), 200
    fresh.resume(request)
    if (held := access.duty(request.user, at=now)) is None:
        raise Http404
    form = forms.Begin(request.POST or None)
    if request.method == "POST":
        if elsewhere := fresh.required(request, now):
            return elsewhere
        status = 422
        if form.is_valid():
            try:
                acts.begin(person=request.user, duty=held.kind, at=now, **form.cleaned_data)
                messages.success(request, _("You are on duty. Everything you do is kept with the reason you gave."))
                return redirect("identity:duty")
            except Refusal as refusal:
                status = refusals.show(form, refusal, {"identity.reason_missing": "reason"})
    running = access.staff_session(request.user, at=now)
    context = {
        "duty": held,
        "running": running,
        "minutes": ceil((running.ends_at - now).total_seconds() / 60) if running else 0,
        "recent": roster.sessions(at=now, person=request.user)[:RECENT],
        "form": form,
    }
    return render(request, "identity/duties.html", context, status=status)


@rights.needs(rights.PERSON)
@require_POST
def end_session(request, key):
    now = timezone.now()
    running = access.running_session(request.user, key, at=now)
    told(
        request,
        _("The staff session was ended."),
        lambda: acts.end(session=running, by=request.user, at=now),
    )
    own = running.duty.person_id == request.user.pk
    return redirect("identity:duty" if own else "identity:people")


@rights.needs(MANAGES)
@require_http_methods(["GET", "POST"])
@never_cache
def duties(request):
    """Who holds which duty, for the administrators of the registry operator; they ask for another here."""
    now, status = timezone.now(), 200
    fresh.resume(request)
    managing = access.registry_administrator(request.user, at=now)
    body = managing.membership.organisation
    form = forms.Appoint(
        request.POST or None, members=eligible(body, request.user, now), initial={"reference": str(uuid.uuid4())}
    )  # fmt: skip
    if request.method == "POST":
        if elsewhere := fresh.required(request, now):
            return elsewhere
        status = 422
        if form.is_valid():
            try:
                who = access.only(body.memberships.filter(person=form.cleaned_data["person"]).select_related("person"))
                asked = acts.propose(
                    mandate=managing, person=who.person, kind=form.cleaned_data["kind"],
                    reference=form.cleaned_data["reference"], at=now,
                )  # fmt: skip
                messages.success(request, _("Asked for. It takes effect when a second administrator confirms."))
                return redirect("identity:change", asked.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    waiting = [one for one in described(roster.changes(body, at=now)) if one["duty"]]
    context = {"duties": roster.duties(), "requests": waiting, "form": form}
    return render(request, "identity/duties_given.html", shared(request, body, now) | context, status=status)


def eligible(body, asking, at):
    """The members who may be appointed: neither the one who asks, nor who signs or holds a duty already."""
    busy = {one.person_id for one in roster.duties()} | {asking.pk}
    return [
        (one.membership.person_id, one.membership.person.name)
        for one in roster.members(body, at=at)
        if one.membership.person_id not in busy and not {held.mandate.capacity for held in one.mandates} & rules.POWERS
    ]


@rights.needs(MANAGES)
@require_POST
def dismiss(request, key):
    now = timezone.now()
    given, managing = access.appointed(request.user, key, at=now)
    told(request, _("The duty was taken away."), lambda: acts.dismiss(duty=given, by=managing, at=now))
    return redirect("identity:duties")

"""An organisation as its people see it: facts, members and what they may sign for, what changed and what waits."""

import uuid

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tanhui.identity import access, fresh, rights, roster
from tanhui.identity.acts import duty, mandates, membership
from tanhui.identity.forms import people as forms
from tanhui.identity.models import Duty, Mandate, Person
from tanhui.identity.pages.people import told
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals
from tanhui.ui.templatetags.ui import Step

ON_FIELD = {
    "identity.end_missing": "until", "identity.too_many_operators": "capacity", "identity.mandate_stands": "capacity",
    "identity.duty_and_signing": "capacity", "identity.reason_missing": "reason",
}  # fmt: skip
Capacity = Mandate.Capacity
INSIDE = rights.member("identity.organisation", at_door=True)
MANAGES = rights.member("identity.manage", capacities=[Capacity.MANAGE], at_door=True)
DECIDES = rights.member("identity.changes", capacities=[Capacity.MANAGE, Capacity.CONFIRM], at_door=True)


@rights.needs(rights.PERSON)
@require_GET
def mine(request):
    """One's organisation; a list where there are several."""
    found = list(access.organisations(request.user, at=timezone.now()).order_by("uscc"))
    if len(found) == 1:
        return redirect("identity:organisation", found[0].uscc)
    return render(request, "identity/organisation_list.html", {"organisations": found})


@rights.needs(INSIDE, post=MANAGES)
@require_http_methods(["GET", "POST"])
@never_cache
def organisation(request, code):
    """Facts and members. An administrator invites here; the code stands on the answer, once, and nowhere else."""
    now, status, invited = timezone.now(), 200, None
    body = access.organisation(request.user, code, at=now)
    form = forms.Invite(request.POST or None)
    if request.method == "POST":
        managing, status = access.administrator(request.user, code, at=now), 422
        if form.is_valid():
            try:
                invited = membership.invite(mandate=managing, name=form.cleaned_data["name"], at=now)
                form, status = forms.Invite(), 201
            except Refusal as refusal:
                status = refusals.show(form, refusal, ON_FIELD)
    context = {
        "form": form,
        "invited": invited,
        "members": roster.members(body, at=now),
        "invitations": roster.invitations(body, at=now),
        "changes": described(roster.changes(body, at=now)),
        "reason": forms.Why(),
    }
    return render(request, "identity/organisation.html", shared(request, body, now) | context, status=status)


def shared(request, body, at):
    """What every page about an organisation needs for its head and tabs."""
    manages = access.holds(request.user, body, Capacity.MANAGE, at=at)
    decides = manages or roster.decides(request.user, at=at)
    waiting = roster.changes_for(request.user, at=at).count() if decides else 0
    return {"organisation": body, "manages": manages, "decides": decides, "waiting": waiting}


@rights.needs(INSIDE)
@require_GET
def history(request, code):
    now = timezone.now()
    body = access.organisation(request.user, code, at=now)
    words = dict(Capacity.choices)
    events = [
        {"at": one.at, "by": one.by, "said": _(one.said) % (one.facts | {"capacity": words.get(one.capacity, "")})}
        for one in roster.history(body, at=now)
    ]
    context = {"events": events, "shown": roster.SHOWN}
    return render(request, "identity/organisation_history.html", shared(request, body, now) | context)


@rights.needs(MANAGES)
@require_POST
def withdraw_invitation(request, code, key):
    managing = access.administrator(request.user, code, at=timezone.now())
    asked = access.invitation(managing.membership.organisation, key)
    told(
        request,
        _("The invitation was withdrawn; its code opens nothing any more."),
        lambda: membership.withdraw(invitation=asked, mandate=managing, at=timezone.now()),
    )
    return redirect("identity:organisation", code)


@rights.needs(MANAGES)
@require_http_methods(["GET", "POST"])
@never_cache
def member(request, code, key):
    """One member: what they may sign for, more of it, less of it, or none at all."""
    now, status = timezone.now(), 200
    fresh.resume(request)
    managing = access.administrator(request.user, code, at=now)
    body = managing.membership.organisation
    who, decision = access.member(body, key), request.POST.get("decision")
    grant = forms.Grant(
        request.POST if decision == "grant" else None,
        initial={"capacity": request.GET.get("capacity", "INITIATE"), "reference": str(uuid.uuid4())},
        today=timezone.localdate(now),
    )
    why = forms.Why(request.POST if decision in {"revoke", "end"} else None)
    if request.method == "POST":
        status = 422
        if decision == "grant" and (elsewhere := fresh.required(request, now)):
            return elsewhere
        form = grant if decision == "grant" else why
        try:
            if form.is_valid() and (there := change(request, managing, who, decision, form, now)):
                return there
        except Refusal as refusal:
            status = refusals.show(form, refusal, ON_FIELD)
    found = next((one for one in roster.members(body, at=now) if one.membership.pk == who.pk), None)
    context = {"member": found, "who": who, "grant": grant, "why": why, "decision": decision}
    return render(request, "identity/members.html", shared(request, body, now) | context, status=status)


def change(request, managing, who, decision, form, at):
    """Carry out what an administrator decided about a member; where to go then, or nothing for a strange request."""
    code, reason = managing.membership.organisation.uscc, form.cleaned_data.get("reason", "")
    match decision:
        case "grant":
            asked = mandates.propose(
                mandate=managing, person=who.person, capacity=form.cleaned_data["capacity"], until_at=form.until_at,
                letter=form.cleaned_data["letter"], reference=form.cleaned_data["reference"], at=at,
            )  # fmt: skip
            messages.success(request, _("Asked for. It takes effect when a second person confirms."))
            return redirect("identity:change", asked.pk)
        case "revoke" if request.POST.get("mandate", "").isdecimal():
            taken = access.granted(managing.membership.organisation, int(request.POST["mandate"][:18]))
            mandates.revoke(mandate=taken, by=managing, reason=reason, at=at)
            messages.success(request, _("Revoked, from this moment on."))
            return redirect("identity:member", code, who.pk)
        case "end":
            membership.end(membership=who, by=managing, reason=reason, at=at)
            messages.success(request, _("%(name)s no longer belongs to your organisation.") % {"name": who.person})
            return redirect("identity:organisation", code)
    return None


# -- changes that take two ---------------------------------------------------------------------------------------------


@rights.needs(DECIDES)
@require_GET
def changes(request):
    """The changes of powers that wait for the visitor."""
    now = timezone.now()
    if not roster.decides(request.user, at=now):
        raise Http404
    waiting = described(roster.changes_for(request.user, at=now))
    return render(request, "identity/mandates.html", {"changes": waiting})


@rights.needs(DECIDES)
@require_http_methods(["GET", "POST"])
@never_cache
def one_change(request, key):
    """Confirm, reject or take back a change of powers."""
    now, status, refused = timezone.now(), 200, None
    fresh.resume(request)
    asked = access.change(request.user, key, at=now)
    decision = request.POST.get("decision")
    why = forms.Why(request.POST if decision == "reject" else None)
    if request.method == "POST":
        status = 422
        if decision == "confirm" and (elsewhere := fresh.required(request, now)):
            return elsewhere
        try:
            if said := settle(request, asked, decision, why, now):
                messages.success(request, said)
                return redirect("identity:change", asked.pk)
        except Refusal as refusal:
            refused, status = refusal, refusal.status
            asked = access.change(request.user, key, at=now)
    ended = getattr(asked, "decision", None)
    (told_of,) = described([asked])
    context = {
        "change": told_of, "asked": asked, "ended": ended, "lapsed": ended is None and asked.expires_at <= now,
        "steps": stations(asked, ended), "why": why, "refusal": refused,
    }  # fmt: skip
    return render(request, "identity/mandates_change.html", context, status=status)


def settle(request, asked, decision, why, at):
    mandate = access.deciding(request.user, asked, at=at)
    match decision:
        case "confirm":
            (duty if asked.act == duty.ACT else mandates).confirm(asked=asked, mandate=mandate, at=at)
            return _("Confirmed; it is in force from now on.")
        case "reject" if why.is_valid():
            mandates.drop(asked=asked, mandate=mandate, reason=why.cleaned_data["reason"], at=at)
            return _("Rejected. Nothing changes.")
        case "withdraw":
            mandates.drop(asked=asked, mandate=mandate, reason="", at=at)
            return _("Withdrawn. Nothing changes.")
    return ""


def described(found):
    """Instructions as people read them: whom, what, until when."""
    found = list(found)
    names = {one.pk: one for one in Person.objects.filter(pk__in=[asked.body["person"] for asked in found])}
    words = {mandates.ACT: dict(Capacity.choices), duty.ACT: dict(Duty.Kind.choices)}
    return [
        {
            "asked": asked,
            "person": names.get(asked.body["person"]),
            "what": words[asked.act][asked.body["capacity" if asked.act == mandates.ACT else "kind"]],
            "duty": asked.act == duty.ACT,
            "until": last_day(asked.body.get("until")),
            "letter": asked.body.get("letter", ""),
        }
        for asked in found
    ]


def last_day(until):
    """The last whole day of a mandate that ends at this moment."""
    if not until:
        return None
    return timezone.localdate(timezone.datetime.fromisoformat(until) - timezone.timedelta(microseconds=1))


def stations(asked, ended):
    given = Step(_("Request handed in"), "done", asked.at, str(asked.initiator))
    if ended is None:
        return [given, Step(_("A second person decides"), "now"), Step(_("Takes effect"), "todo")]
    who = str(ended.by) if ended.by else ""
    if ended.outcome == ended.Outcome.CONFIRMED:
        return [given, Step(_("Confirmed"), "done", ended.at, who), Step(_("Takes effect"), "done", ended.at)]
    return [given, Step(ended.get_outcome_display(), "stopped", ended.at, who)]

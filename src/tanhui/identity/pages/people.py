"""One's own page, accepting an invitation, and the people as the security administrator sees them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tanhui.identity import access, rights, roster
from tanhui.identity.acts import enrolment, membership, realname, suspension
from tanhui.identity.forms import people as forms
from tanhui.identity.models import Duty, Membership
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

ON_FIELD = {
    "kernel.citizen_shape_wrong": "number", "kernel.citizen_area_wrong": "number",
    "kernel.citizen_birth_wrong": "number", "kernel.citizen_check_wrong": "number",
    "identity.kind_differs": "kind", "identity.passport_shape_wrong": "number", "identity.number_taken": "number",
    "identity.number_differs": "number", "identity.invitation_unknown": "code",
    "identity.invitation_for_another": "code", "identity.name_taken": "username", "identity.reason_missing": "reason",
}  # fmt: skip
PER_PAGE = 50
SECURITY = rights.duty("identity.people", Duty.Kind.SECURITY)


def told(request, said, perform):
    """Carry out an act that a button asked for, and say how it went."""
    try:
        perform()
    except Refusal as refusal:
        messages.error(request, refusals.say(refusal))
    else:
        messages.success(request, said)


# -- oneself -----------------------------------------------------------------------------------------------------------


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("number")
@never_cache
def me(request):
    """Who one is here, and what one may do for whom."""
    now, status = timezone.now(), 200
    form = forms.Bind(request.POST or None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                realname.bind(person=request.user, at=now, by=request.user, **form.cleaned_data)
                messages.success(request, _("Your sign-in is bound to this document."))
                return redirect("identity:me")
            except Refusal as refusal:
                status = refusals.show(form, refusal, ON_FIELD)
    bound = roster.document(request.user)
    context = {
        "document": bound,
        "masked": roster.masked(bound) if bound else "",
        "memberships": roster.memberships(request.user, at=now),
        "waiting": roster.changes_for(request.user, at=now).count(),
        "duty": access.duty(request.user, at=now),
        "form": form,
    }
    return render(request, "identity/me.html", context, status=status)


@rights.needs(rights.PERSON)
@require_POST
def leave(request, key):
    """Leave an organisation by one's own hand."""
    mine = access.only(Membership.objects.filter(person=request.user, pk=key).select_related("organisation"))
    told(
        request,
        _("You no longer belong to %(organisation)s.") % {"organisation": mine.organisation},
        lambda: membership.end(membership=mine, by=None, reason="", at=timezone.now()),
    )
    return redirect("identity:me")


@rights.needs(rights.PUBLIC)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password", "code")
@never_cache
def join(request):
    """Accept an invitation, as who one is here already or as a new person."""
    known = request.user.is_authenticated
    kind = forms.Join if known else forms.JoinNew
    form, now, status = kind(request.POST or None), timezone.now(), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                joined = accept(request.user if known else None, form.cleaned_data, now)
                messages.success(request, _("You belong to %(organisation)s now.") % {"organisation": joined})
                return redirect("identity:me")
            except Refusal as refusal:
                status = refusals.show(form, refusal, ON_FIELD)
    return render(request, "identity/me_join.html", {"form": form}, status=status)


@transaction.atomic
def accept(person, given, at):
    """The organisation joined; a new person is enrolled under the name that was invited."""
    if person is None:
        invited = membership.invitation(given["code"], at=at)
        person = enrolment.enrol(
            username=given["username"], name=invited.name, password=given["password"], at=at, by=invited.by
        )
    return membership.accept(code=given["code"], person=person, at=at).organisation


# -- everybody, for the security administrator -------------------------------------------------------------------------


@rights.needs(SECURITY)
@require_GET
def people(request):
    form = forms.Find(request.GET)
    words = form.cleaned_data["q"].replace("\x00", "").strip() if form.is_valid() else ""
    page = Paginator(roster.people(words), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "identity/me_people.html",
        {"page": page, "form": form, "words": words, "sessions": roster.sessions(at=timezone.now())},
    )


@rights.needs(SECURITY)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("number")
@never_cache
def person(request, key):
    """Shut out, let in, check a document, end a binding."""
    now, status = timezone.now(), 200
    who = access.somebody(request.user, key, at=now)
    bound, decision = roster.document(who), request.POST.get("decision")
    card = forms.Card(request.POST if decision == "check" else None)
    why = forms.Why(request.POST if decision in {"suspend", "unbind"} else None)
    if request.method == "POST":
        status = 422
        form = card if decision == "check" else why
        try:
            if said := decide(request.user, who, bound, decision, form, now):
                messages.success(request, said)
                return redirect("identity:person", who.pk)
        except Refusal as refusal:
            if form.is_bound:
                status = refusals.show(form, refusal, ON_FIELD)
            else:
                messages.error(request, refusals.say(refusal))
                return redirect("identity:person", who.pk)
    context = {
        "who": who,
        "document": bound,
        "masked": roster.masked(bound) if bound else "",
        "memberships": roster.memberships(who, at=now),
        "suspension": who.suspensions.filter(until_at__isnull=True).select_related("by").first(),
        "past": who.suspensions.filter(until_at__isnull=False).select_related("by", "lifted_by").order_by("-since_at"),
        "card": card,
        "why": why,
        "decision": decision,
    }
    return render(request, "identity/me_person.html", context, status=status)


def decide(by, who, bound, decision, form, at):
    """What was done, in words; nothing where the form needs more. Refuses as the acts do."""
    match decision:
        case "reinstate":
            suspension.reinstate(person=who, by=by, at=at)
            return _("%(name)s can sign in again.") % {"name": who}
        case "suspend" if form.is_valid():
            suspension.suspend(person=who, reason=form.cleaned_data["reason"], by=by, at=at)
            return _("%(name)s is shut out from now on.") % {"name": who}
        case "check" if bound and form.is_valid():
            realname.check(document=bound, number=form.cleaned_data["number"], at=at, by=by)
            return _("The document was checked against the card.")
        case "unbind" if bound and form.is_valid():
            realname.end(document=bound, reason=form.cleaned_data["reason"], at=at, by=by)
            return _("The binding was ended. The person can bind another document.")
    return ""

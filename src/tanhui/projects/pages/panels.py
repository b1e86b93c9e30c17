"""The expert committee: its roster, panels being convened and concluded, an expert's own seat, and public minutes."""

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate, Organisation
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_review as access
from tanhui.projects import minutes as paper
from tanhui.projects import reviews
from tanhui.projects.acts import experts as roster_acts
from tanhui.projects.acts import panel as acts
from tanhui.projects.forms import review as forms
from tanhui.projects.models import Expert, Panel, Seat
from tanhui.projects.pages import review_words as words
from tanhui.projects.queries import review as queries
from tanhui.ui import refusals

Role = Organisation.Role
SIGNS = (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)
CONVENES = rights.member("projects.panel", roles=acts.CONVENERS, capacities=SIGNS)
KEEPS = rights.member("projects.experts", roles=[Role.EXPERTS], capacities=SIGNS)


@rights.needs(CONVENES)
@require_GET
def desk(request):
    """Matters that wait for experts, and panels that were convened."""
    rows = [(one, words.outcome(one)) for one in access.panels().order_by("-at")[:100]]
    return render(request, "projects/review/panels.html", {"waiting": queries.waiting_for_panel(), "rows": rows})


@rights.needs(CONVENES)
@require_http_methods(["GET", "POST"])
def convene(request, key):
    """Choose the experts for a matter."""
    now = timezone.now()
    subject = access.subject(key)
    mandate = access.convener(request.user, subject, at=now)
    listed = Expert.objects.select_related("person", "committee").order_by("person__name")
    form, status = forms.Convene(request.POST or None, experts=listed), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                people = access.listed(form.cleaned_data["experts"])
                made = acts.convene(subject=subject, people=people, mandate=mandate, at=now)
                messages.success(request, _("Convened. The experts are told."))
                return redirect("projects:panel", made.pk)
        except Refusal as refusal:
            status = refusals.show(form, refusal)
    parties = [reviews.development(subject).owner, reviews.body(subject)]
    return render(
        request, "projects/review/convene.html",
        {"subject": subject, "form": form, "parties": [one for one in parties if one]}, status=status,
    )  # fmt: skip


@rights.needs(CONVENES)
@require_http_methods(["GET", "POST"])
def panel(request, key):
    """One panel: who sits, who has declared and voted, and its conclusion."""
    now = timezone.now()
    one = access.panel(request.user, key, at=now)
    form = forms.Conclude(request.POST or None, initial={"held_on": clock.day(now)})
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                mandate = access.signing(request.user, one.convener_id, at=now)
                acts.conclude(panel=one, mandate=mandate, at=now, **form.cleaned_data)
                messages.success(request, _("Concluded. The minutes are public."))
                return redirect("projects:panel", one.pk)
        except Refusal as refusal:
            status = refusals.show(form, refusal)
    mine = one.convener_id in access.organisations(request.user, at=now)
    return render(
        request, "projects/review/panel.html",
        {
            "panel": one, "matter": acts.matter(one), "seats": queries.seats(one), "outcome": words.outcome(one),
            "form": form, "running": one.state == Panel.State.RUNNING and mine,
            "quorum": one.rules[acts.QUORUM], "majority": one.rules[acts.MAJORITY],
        },
        status=status,
    )  # fmt: skip


@rights.needs(KEEPS)
@require_http_methods(["GET", "POST"])
def roster(request):
    """The committee's own roster, and the form that keeps it."""
    now = timezone.now()
    mandate = next((one for one in access.mandates(request.user, Role.EXPERTS, at=now) if one.capacity in SIGNS), None)
    if mandate is None:
        raise Http404
    form, status = forms.Listed(request.POST or None), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                given = form.cleaned_data
                person = access.by_name(given["username"])
                lines = employers(given["employers"])
                if person is None or lines is None:
                    raise roster_acts.RosterIncomplete
                roster_acts.list_(
                    person=person, field=given["field"], title=given["title"], employers=lines,
                    since=clock.day(now), mandate=mandate, at=now,
                )  # fmt: skip
                messages.success(request, _("Kept."))
                return redirect("projects:experts_desk")
        except Refusal as refusal:
            status = refusals.show(form, refusal)
    rows = Expert.objects.filter(committee=mandate.membership.organisation).select_related("person")
    return render(
        request, "projects/review/roster.html",
        {"committee": mandate.membership.organisation, "rows": rows.order_by("person__name"), "form": form},
        status=status,
    )  # fmt: skip


def employers(text):
    """The lines of the form as employers; ``None`` where one cannot be read."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        name, *days = (part.strip() for part in line.replace("，", ",").split(","))
        try:
            since, until = (dt.date.fromisoformat(day) if day else None for day in [*days, "", ""][:2])
        except ValueError:
            return None
        if since is None:
            return None
        found.append(roster_acts.Employer(name, since, until))
    return found


@rights.needs(rights.PERSON)
@require_GET
def seats(request):
    """The panels the visitor sits on."""
    rows = [(one, words.outcome(one.panel), acts.matter(one.panel)) for one in queries.panels_of(request.user)]
    return render(request, "projects/review/seats.html", {"rows": rows})


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def seat(request, key):
    """One's own seat: the declaration of interests, and the vote."""
    now = timezone.now()
    one = access.seat(request.user, key)
    do = request.POST.get("do")
    declare = forms.Declaration(request.POST if do == "declare" else None)
    ballot = forms.Ballot(request.POST if do == "vote" else None)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if do == "declare" and declare.is_valid():
                given = declare.cleaned_data
                acts.declare(
                    seat=one, conflict=given["conflict"] == "yes", statement=given["statement"], by=request.user, at=now
                )
                messages.success(request, _("Declared."))
                return redirect("projects:panel_seat", one.pk)
            if do == "vote" and ballot.is_valid():
                acts.vote(seat=one, by=request.user, at=now, **ballot.cleaned_data)
                messages.success(request, pgettext("projects", "Your vote is cast."))
                return redirect("projects:panel_seat", one.pk)
        except Refusal as refusal:
            status = refusals.show(declare if do == "declare" else ballot, refusal)
    vote, running = getattr(one, "vote", None), one.panel.state == Panel.State.RUNNING
    recused = one.declared == Seat.Declared.CONFLICT
    return render(
        request, "projects/review/seat.html",
        {
            "seat": one, "matter": acts.matter(one.panel), "development": one.panel.development, "vote": vote,
            "declare": declare, "ballot": ballot, "running": running, "recused": recused,
            "may_declare": running and vote is None and not recused,
            "may_vote": running and vote is None and one.declared == Seat.Declared.NONE,
        },
        status=status,
    )  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_GET
def experts(request):
    """The roster as everybody may see it."""
    today = clock.day(timezone.now())
    rows = Expert.objects.select_related("person", "committee").filter(since__lte=today).exclude(until__lte=today)
    return render(request, "projects/review/experts.html", {"rows": rows.order_by("committee__name", "person__name")})


@rights.needs(rights.PUBLIC)
@require_GET
def minutes(request, key):
    """The minutes of a concluded panel."""
    one = access.public_panel(key)
    return render(
        request, "projects/review/minutes.html",
        {
            "panel": one, "matter": acts.matter(one), "seats": queries.seats(one), "minutes": one.minutes,
            "outcome": words.outcome(one), "quorum": one.rules[acts.QUORUM], "majority": one.rules[acts.MAJORITY],
        },
    )  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_GET
def minutes_pdf(request, key):
    """The minutes on paper; the same bytes whenever they are asked for."""
    one = access.public_panel(key)
    answer = HttpResponse(paper.pdf(one), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{acts.matter(one).code}-panel-{one.number}.pdf"'
    return answer

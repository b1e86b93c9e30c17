"""The desk of scenarios: applying for one, assessing, publishing by two people, operating, reassessing, ending."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.inclusion import access_scenarios as access
from tanhui.inclusion import roles
from tanhui.inclusion.acts import scenarios as acts
from tanhui.inclusion.forms import scenarios as forms
from tanhui.inclusion.models import REASONED
from tanhui.inclusion.pages import scenario_words as words
from tanhui.inclusion.queries import scenarios as queries
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

INITIATE, CONFIRM = Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM
NEEDED = {"ASSESSOR": roles.ASSESSORS, "OPERATOR": roles.OPERATORS}


@rights.needs(roles.READS)
@require_GET
def listing(request):
    """Every scenario with where it stands; those to be reassessed soon stand above."""
    now = timezone.now()
    rows = [(one, words.TONES[one.state], words.per_many(one)) for one in queries.desk()]
    mine = {one.membership.organisation.role for one in access.held(request.user, at=now)}
    return render(request, "inclusion/desk/scenarios.html", {
        "rows": rows, "due": list(queries.due(clock.day(now))), "today": clock.day(now),
        "operates": bool(mine & set(roles.OPERATORS)),
    })  # fmt: skip


@rights.needs(roles.APPLIES)
@require_http_methods(["GET", "POST"])
def apply(request):
    """Apply for a scenario."""
    now = timezone.now()
    form, status = forms.Apply(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                mandate = access.mandate(request.user, (*roles.PROVIDERS, *roles.OPERATORS), INITIATE, at=now)
                made = acts.apply_for(about=acts.About(**form.cleaned_data), mandate=mandate, at=now)
                messages.success(request, pgettext("inclusion", "Applied for. The technical body assesses it next."))
                return redirect("inclusion:desk_scenario", made.code)
            except Refusal as refusal:
                status = refusals.show(
                    form, refusal, {acts.ScenarioTaken.code: "code", "inclusion.cannot_settle": "methodology"}
                )
    return render(request, "inclusion/desk/apply.html", {"form": form}, status=status)


@rights.needs(rights.member("inclusion.scenario"), post=roles.DECIDES)
@require_http_methods(["GET", "POST"])
def scenario(request, code):
    """One scenario at the desk: the rule it is settled by, and the steps that are possible from here."""
    now = timezone.now()
    one = access.desk_scenario(request.user, code, at=now)
    fresh = {"revision": one.revision, "reference": uuid.uuid4()}
    form, status, refusal = forms.Step(request.POST or None, initial=fresh), 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                messages.success(request, decide(request, one, form.cleaned_data, now))
                return redirect("inclusion:desk_scenario", one.code)
            except Refusal as found:
                status, refusal = found.status, found
                one = access.desk_scenario(request.user, code, at=now)
    steps = list(one.steps.select_related("organisation", "by").order_by("number"))
    asked = acts.waiting(one, at=now)
    mine = {row.membership.organisation.role for row in access.held(request.user, at=now)}
    possible = [row for row in words.next_acts(one) if mine & set(NEEDED[row["side"]])]
    grams, unit = words.per_many(one)
    return render(request, "inclusion/desk/scenario.html", {
        "scenario": one, "tone": words.TONES[one.state], "line": words.line(one, steps), "steps": steps,
        "form": form, "refusal": refusal, "asked": asked, "own": asked and asked.initiator_id == request.user.pk,
        "possible": possible, "publishes": one.state == "ASSESSED" and bool(mine & set(roles.OPERATORS)),
        "reasoned": REASONED, "done": words.DONE, "grams": grams, "per": unit,
        "own_factor": words.own_factor(one), "example": words.example(one),
        "providers": one.providers.all(), "fresh": fresh, "today": clock.day(now),
    }, status=status)  # fmt: skip


def decide(request, one, given, now):
    """Carry out what was chosen and say so. Refuses as the acts."""
    do, person = given["do"], request.user
    if do == "propose":
        acts.propose(
            scenario=one, revision=given["revision"], reference=given["reference"], at=now,
            mandate=access.mandate(person, roles.OPERATORS, INITIATE, at=now),
        )  # fmt: skip
        return pgettext("inclusion", "Signed. A colleague must sign too; then it is public.")
    if do == "confirm":
        acts.confirm(scenario=one, mandate=access.mandate(person, roles.OPERATORS, CONFIRM, at=now), at=now)
        return pgettext("inclusion", "Signed. The scenario is public.")
    if do == "drop":
        asked = acts.waiting(one, at=now)
        capacity = INITIATE if asked is not None and asked.initiator_id == person.pk else CONFIRM
        mandate = access.mandate(person, roles.OPERATORS, capacity, at=now)
        acts.drop(scenario=one, reason=given["reason"], mandate=mandate, at=now)
        return _("Not signed.")
    side = next((row["side"] for row in words.next_acts(one) if row["act"] == do), "OPERATOR")
    acts.take(
        scenario=one, act=do, reason=given["reason"], revision=given["revision"], reference=given["reference"], at=now,
        mandate=access.mandate(person, NEEDED[side], INITIATE, at=now),
    )  # fmt: skip
    return pgettext("inclusion", "Kept: %(what)s.") % {"what": words.DONE[do]}

"""Uniqueness: checking land before it is drafted, and the lists of other mechanisms."""

import re
import uuid

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.files import forms as files
from tanhui.identity import access as people
from tanhui.identity import rights
from tanhui.identity.models import Decision, Mandate
from tanhui.kernel import clock
from tanhui.kernel.period import Period
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_uniqueness as access
from tanhui.projects import foreign, placing, uniqueness
from tanhui.projects.acts import foreign as acts
from tanhui.projects.queries import uniqueness as queries
from tanhui.ui import refusals

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
SYSTEMS = [(placing.DEGREES, gettext_lazy("CGCS2000, degrees (EPSG:4490)")), ("WGS84", "WGS 84"), *placing.zones()]
MECHANISMS = {
    "CCER": gettext_lazy("CCER (national voluntary reductions)"), "VCS": "VCS (Verra)", "GS": "Gold Standard",
    "GEC": gettext_lazy("Green electricity certificates"), "GDTPH": gettext_lazy("Guangdong carbon inclusion"),
    "CQCER": gettext_lazy("Chongqing"), "FFCER": gettext_lazy("Fujian forestry"), "OTHER": gettext_lazy("Another"),
}  # fmt: skip
ROWS = 200


class Check(forms.Form):
    """What is to be checked: a project, parcels by number, or a file; and the days."""

    development = forms.ChoiceField(label=gettext_lazy("A project of yours"), required=False)
    parcels = forms.CharField(
        label=gettext_lazy("Numbers of your parcels"), max_length=4000, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("As the survey numbers them, apart by blanks."),
    )  # fmt: skip
    crs = forms.ChoiceField(label=gettext_lazy("Coordinates of the file"), choices=SYSTEMS, required=False)
    since = forms.DateField(label=gettext_lazy("Crediting period from"), widget=DAY, required=False)
    until = forms.DateField(label=gettext_lazy("to (including)"), widget=DAY, required=False)

    def __init__(self, *args, developments, **kwargs):
        super().__init__(*args, **kwargs)
        offered = [(str(one.pk), str(one)) for one in developments]
        self.fields["development"].choices = [("", gettext_lazy("None: look at parcels or a file")), *offered]


class Take(forms.Form):
    """A list of another mechanism."""

    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    mechanism = forms.ChoiceField(label=gettext_lazy("Mechanism"), choices=list(MECHANISMS.items()))
    source = forms.CharField(
        label=gettext_lazy("Who publishes the list"), max_length=120,
        help_text=gettext_lazy("A later list of the same publisher takes the place of the earlier one."),
    )  # fmt: skip
    as_of = forms.DateField(label=gettext_lazy("State of the list"), widget=DAY)
    crs = forms.ChoiceField(label=gettext_lazy("Coordinates, where the file does not say"), choices=SYSTEMS)


# -- checking ----------------------------------------------------------------------------------------------------------


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def check(request):
    """Whether land is free, before anything is drafted; nothing is stored or claimed."""
    now = timezone.now()
    offered = queries.developments(request.user, at=now)[:100]
    form = Check(request.POST or None, developments=offered, initial={"development": request.GET.get("development")})
    status, context = 200, {}
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                context = looked_at(request, form, now)
                status = 200
            except Refusal as refusal:
                status = refusals.show(form, refusal)
                if polygon := refusal.facts.get("polygon"):
                    feature = {"type": "Feature", "geometry": polygon, "properties": {"tone": "stop"}}
                    context["map"] = {"type": "FeatureCollection", "features": [feature]}
    desk = bool(access.offices(request.user, at=now))
    context |= {"form": form, "kind": acts.CHECK, "desk": desk}
    return render(request, "projects/uniqueness/check.html", context, status=status)


def looked_at(request, form, now):
    one, rules = asked(request, form, now)
    uniqueness.within(one, rules)
    found = sorted(uniqueness.meetings(one, rules), key=lambda each: (each.sliver, -each.area_m2))
    mine = set(people.organisations(request.user, at=now).values_list("pk", flat=True))
    rows = [
        {"one": each, "project": uniqueness.named(each.theirs), "own": own(each, mine), "barred": barred(each)}
        for each in found[:ROWS]
    ]
    return {
        "one": one, "rows": rows, "count": len(found), "refused": sum(not each.sliver for each in found),
        "map": queries.drawn(one.wanted, found), "area_m2": sum(each.area_m2 or 0 for each in one.wanted),
    }  # fmt: skip


def own(each, mine):
    return each.theirs.development is not None and each.theirs.development.owner_id in mine


def barred(each):
    return each.theirs.state == each.theirs.State.BARRED


def asked(request, form, now):
    """The claim a person asks about, and the rules it is looked at by."""
    given = form.cleaned_data
    today = clock.day(now)
    if given["development"]:
        held = access.development(request.user, given["development"], at=now)
        return uniqueness.asked(held, at=now), uniqueness.rules(held)
    days = Period.inclusive(given["since"] or today, given["until"])
    codes = re.split(r"[\s,，、;；]+", given["parcels"].strip()) if given["parcels"].strip() else []
    wanted = [uniqueness.of_parcel(one) for one in queries.parcels(request.user, codes, at=now)]
    if missing := set(codes) - {one.part for one in wanted}:
        raise uniqueness.ParcelUnknown(codes=", ".join(sorted(missing)[:5]))
    upload = files.upload(request, "outlines", kind=acts.CHECK, at=now, label=_("File"), required=not wanted)
    if upload is not None:
        wanted += acts.outlines(upload, given["crs"] or placing.DEGREES)
    return uniqueness.Asked("", days, (), tuple(wanted)), uniqueness.defaults(today)


# -- lists of other mechanisms -----------------------------------------------------------------------------------------


@rights.needs(access.READS)
@require_GET
def lists(request):
    """The lists taken over, those that wait for a second signature, and the conflicts that stand."""
    now = timezone.now()
    rows = list(queries.conflicts()[:ROWS])
    context = {
        "lists": queries.lists()[:ROWS], "conflicts": rows, "map": queries.drawn_conflicts(rows),
        "waiting": queries.waiting(access.offices(request.user, at=now), at=now), "mechanisms": MECHANISMS,
    }  # fmt: skip
    return render(request, "projects/uniqueness/lists.html", context)


@rights.needs(access.PREPARES)
@require_http_methods(["GET", "POST"])
def take(request):
    """Read a list in: the first of two signatures."""
    now = timezone.now()
    mandate = access.prepares(request.user, at=now)
    form = Take(request.POST or None, initial={"reference": uuid.uuid4(), "as_of": clock.day(now)})
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                given = form.cleaned_data
                upload = files.upload(request, "list", kind=acts.SUBJECT, at=now, label=_("File"))
                found = acts.ask(upload=upload, mandate=mandate, at=now, **given)
                messages.success(request, _("Read in. A colleague looks at it and confirms."))
                return redirect("projects:foreign_asked", found.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    context = {"form": form, "kind": acts.SUBJECT, "headings": foreign.HEADINGS}
    return render(request, "projects/uniqueness/take.html", context, status=status)


@rights.needs(access.READS, post=access.DECIDES)
@require_http_methods(["GET", "POST"])
def take_asked(request, key):
    """A list as it was read in, with the rows left out; the second signature, or none."""
    now = timezone.now()
    found = access.asked(request.user, key, at=now)
    refusal, status = None, 200
    if request.method == "POST":
        try:
            if request.POST.get("do") == "confirm":
                mandate = people.mandate(request.user, found.organisation_id, Mandate.Capacity.CONFIRM, at=now)
                decision = acts.confirm(asked=found, mandate=mandate, at=now)
                messages.success(request, _("Taken over."))
                return redirect("projects:foreign_list", decision.result["list"])
            back = request.POST.get("do") == "take_back"
            capacity = Mandate.Capacity.INITIATE if back else Mandate.Capacity.CONFIRM
            mandate = people.mandate(request.user, found.organisation_id, capacity, at=now)
            outcome = Decision.Outcome.WITHDRAWN if back else Decision.Outcome.REJECTED
            reason = request.POST.get("reason", "").replace("\x00", "")
            acts.drop(asked=found, outcome=outcome, mandate=mandate, reason=reason, at=now)
            messages.success(request, _("Taken back.") if back else _("Not taken over."))
            return redirect("projects:foreign_lists")
        except Refusal as met:
            refusal, status = met, met.status
    body = found.body
    context = {
        "asked": found, "body": body, "mechanism": MECHANISMS.get(body["mechanism"], body["mechanism"]),
        "faults": spoken(body["faults"]), "refusal": refusal, "decision": getattr(found, "decision", None),
    }  # fmt: skip
    return render(request, "projects/uniqueness/asked.html", context, status=status)


@rights.needs(access.READS)
@require_GET
def foreign_list(request, key):
    """A list that was taken over: what it holds, what was left out, what it meets here."""
    found = access.foreign_list(request.user, key, at=timezone.now())
    rows = list(queries.conflicts(found)[:ROWS])
    context = {
        "list": found, "conflicts": rows, "map": queries.drawn_conflicts(rows), "faults": spoken(found.refused),
        "mechanism": MECHANISMS.get(found.mechanism, found.mechanism),
    }  # fmt: skip
    return render(request, "projects/uniqueness/list.html", context)


def spoken(faults):
    return [(row, _(sentence) % facts) for row, sentence, facts in foreign.sentences(faults[:ROWS])]

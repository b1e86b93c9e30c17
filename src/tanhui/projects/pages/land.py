"""Sources of land data and surveys: what there is, handing a file in, saying how it is read, and what came of it."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tanhui.files import access as files
from tanhui.files import forms as handed
from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_land, columns, previewing, roles
from tanhui.projects.acts import land
from tanhui.projects.findings import Finding
from tanhui.projects.forms import land as forms
from tanhui.projects.models import Survey
from tanhui.projects.pages import land_words
from tanhui.projects.queries import land as lands
from tanhui.ui import downloads, refusals

SHOWN = 100  # findings on the page; the sheet has them all


@rights.needs(roles.READS_LAND)
@require_GET
def sources(request):
    rows = list(lands.listed(request.user, at=timezone.now()))
    return render(request, "projects/land/sources.html", {"rows": rows})


@rights.needs(roles.PREPARES_LAND)
@require_http_methods(["GET", "POST"])
def open_source(request):
    now, status = timezone.now(), 200
    form = forms.OpenSource(request.POST or None, initial={"kind": "SUBCOMPARTMENT"})
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                made = land.open_source(
                    **form.cleaned_data, mandate=access_land.any_mandate(request.user, at=now), at=now
                )
                return redirect("projects:land_source", made.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal, {land.SourceNamed.code: "name"})
    return render(request, "projects/land/open.html", {"form": form}, status=status)


@rights.needs(roles.READS_LAND)
@require_GET
def source(request, key):
    """One source: its surveys year by year, and what the newest says in sum."""
    now = timezone.now()
    found = access_land.source(request.user, key, at=now)
    newest = access_land.taken(found)
    context = {
        "source": found, "surveys": list(found.surveys.select_related("by").order_by("-year", "-at")), "newest": newest,
        "may": access_land.may_import(request.user, found, at=now),
        "ecosystems": land_words.ecosystems(newest) if newest else [],
        "counties": land_words.counties(newest) if newest else [],
    }  # fmt: skip
    return render(request, "projects/land/source.html", context)


@rights.needs(roles.PREPARES_LAND)
@require_http_methods(["GET", "POST"])
def hand_in(request, key):
    """The first of two pages of an import: the file, and how its text is read."""
    now, status, wrong = timezone.now(), 200, None
    found = access_land.source(request.user, key, at=now)
    if request.method == "POST":
        try:
            upload = handed.upload(request, "file", kind=land.SUBJECT, at=now, label=_("File"))
            there = reverse("projects:land_map", args=[found.pk, upload.pk])
            if upload.facts.get("previews") and not upload.encoding:
                asked = reverse("files:encoding", args=[upload.pk])
                return HttpResponseRedirect(f"{asked}?{urlencode({'next': there})}")
            return HttpResponseRedirect(there)
        except Refusal as refusal:
            wrong, status = refusal, refusal.status
    context = {"source": found, "kind": land.SUBJECT, "refusal": wrong}
    return render(request, "projects/land/hand_in.html", context, status=status)


@rights.needs(roles.PREPARES_LAND)
@require_http_methods(["GET", "POST"])
def map_columns(request, key, upload):
    """The second page: a preview, the coordinate system, the year, and which column holds what."""
    now, status, wrong, form = timezone.now(), 200, None, None
    found = access_land.source(request.user, key, at=now)
    given = files.upload(request.user, upload, at=now)
    layer = request.POST.get("layer") or request.GET.get("layer") or str(found.mapping.get("layer", ""))
    seen = previewing.Preview()
    try:
        land.filing.check(given, land.SUBJECT)
        seen = previewing.look(given, layer)
        guessed = columns.guess(seen.headings, found.mapping)
        first = {"year": now.year, "crs": "" if seen.settled else seen.guess or found.crs, "layer": layer}
        form = forms.Mapping(
            request.POST or None, headings=seen.headings, layers=seen.layers, guessed=guessed, initial=first
        )
        if form.is_bound:
            status = 422
            if form.is_valid():
                made = land.ask(
                    source=found, upload=given, year=form.cleaned_data["year"], mapping=form.mapping,
                    crs=form.cleaned_data["crs"], mandate=access_land.mandate(request.user, found, at=now), at=now,
                )  # fmt: skip
                return redirect("projects:land_survey", made.pk)
    except Refusal as refusal:
        if form is None:
            wrong, status = refusal, refusal.status
        else:
            status = refusals.show(form, refusal, {columns.CodeUnmapped.code: "code"} | dict.fromkeys(SYSTEM, "crs"))
    context = {"source": found, "upload": given, "preview": seen, "form": form, "refusal": wrong}
    return render(request, "projects/land/map.html", context, status=status)


SYSTEM = (
    "projects.system_unsaid", "projects.system_undeclared", "projects.system_shifted", "projects.system_outdated",
    "projects.system_contradicted", "projects.outside_zone",
)  # fmt: skip


@rights.needs(roles.READS_LAND)
@require_GET
def survey(request, key):
    """What came of a survey: its counts, its findings, and what may be done now."""
    return shown(request, key, "projects/land/survey.html")


@rights.needs(roles.READS_LAND)
@require_GET
def survey_part(request, key):
    """How far a survey is, for the page that waits for it."""
    return shown(request, key, "projects/land/survey_part.html")


def shown(request, key, template, *, form=None, status=200):
    now = timezone.now()
    found = access_land.survey(request.user, key, at=now)
    language = get_language() or "en"
    findings = [Finding(*one) for one in found.report]
    faults = [one for one in findings if one.fault]
    context = {
        "survey": found, "source": found.source, "working": found.state in Survey.AT_WORK,
        "tone": land_words.TONES[found.state], "refusal": land_words.refusal(found.refusal),
        "faults": [land_words.told(one, language) for one in faults[:SHOWN]], "faults_count": len(faults),
        "notes": [land_words.told(one, language) for one in findings if not one.fault][:SHOWN],
        "notes_count": len(findings) - len(faults), "rules": land_words.rules(found.counts, language),
        "all_findings": sum(found.counts.get("findings", {}).values()), "listed": len(findings),
        "placed": [land_words.PLACED[one] for one in found.counts.get("placed", [])],
        "may": access_land.may_import(request.user, found.source, at=now), "form": form or forms.Withdraw(),
        "mapped": land_words.mapped(found.mapping),
    }  # fmt: skip
    return render(request, template, context, status=status)


@rights.needs(roles.READS_LAND)
@require_GET
def findings(request, key):
    """Every finding of a survey as a sheet: row, parcel, field, what is wrong, what to do."""
    found = access_land.survey(request.user, key, at=timezone.now())
    language = get_language() or "en"
    header = [_("Row"), _("Parcel"), _("Which field"), _("Fault or note"), _("What is wrong"), _("How to correct it")]
    rows = (
        [one.row, one.code, land_words.field(one.field), _("Fault") if one.fault else _("To be looked at"),
         one.say(language), one.remedy(language)]
        for one in (Finding(*each) for each in found.report)
    )  # fmt: skip
    return downloads.table(f"survey-{found.year}-{str(found.pk)[:8]}", "xlsx", header, rows)


@rights.needs(roles.PREPARES_LAND)
@require_POST
def take_good(request, key):
    """Have the rows without faults taken over."""
    now = timezone.now()
    found = access_land.survey(request.user, key, at=now)
    form = forms.Withdraw({})
    try:
        land.take_good(survey=found, mandate=access_land.mandate(request.user, found.source, at=now), at=now)
    except Refusal as refusal:
        return shown(request, key, "projects/land/survey.html", form=form, status=refusals.show(form, refusal))
    return redirect("projects:land_survey", found.pk)


@rights.needs(roles.PREPARES_LAND)
@require_POST
def withdraw(request, key):
    """Take a survey back, with a reason."""
    now = timezone.now()
    found, form = access_land.survey(request.user, key, at=now), forms.Withdraw(request.POST)
    form.is_valid()
    try:
        land.withdraw(
            survey=found, reason=form.cleaned_data.get("reason", ""), at=now,
            mandate=access_land.mandate(request.user, found.source, at=now),
        )  # fmt: skip
    except Refusal as refusal:
        status = refusals.show(form, refusal, {land.ReasonUnsaid.code: "reason"})
        return shown(request, key, "projects/land/survey.html", form=form, status=status)
    messages.success(request, _("Withdrawn. Its parcels count no more."))
    return redirect("projects:land_source", found.source_id)

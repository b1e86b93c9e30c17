"""Sample plots: the page a team takes along, which works without a network, and the table at the desk."""

import json

from django import forms
from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tanhui.files import store
from tanhui.files.acts import receiving
from tanhui.identity import rights
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_field, plotsheets, surveys
from tanhui.projects.acts import plots as acts
from tanhui.projects.queries import field as queries
from tanhui.ui import refusals

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BODY = 2_000_000
SPECIES = (
    "油松",
    "落叶松",
    "樟子松",
    "杨树",
    "白桦",
    "刺槐",
    "榆树",
    "山杏",
    "柠条",
    "沙棘",
    "杉木",
    "马尾松",
    "柏木",
    "栎类",
    "毛竹",
)


class Laying(forms.Form):
    code = forms.CharField(label=gettext_lazy("Plot"), max_length=20)
    stratum = forms.CharField(label=gettext_lazy("Stratum"), max_length=40, required=False)
    area_m2 = forms.IntegerField(label=gettext_lazy("Area (m²)"), min_value=1, max_value=100_000, initial=600)
    longitude = forms.DecimalField(
        label=gettext_lazy("Longitude (CGCS2000, degrees)"), required=False, max_digits=9, decimal_places=6,
        min_value=-180, max_value=180, widget=forms.NumberInput(attrs={"step": "any"}),
    )  # fmt: skip
    latitude = forms.DecimalField(
        label=gettext_lazy("Latitude (CGCS2000, degrees)"), required=False, max_digits=8, decimal_places=6,
        min_value=-90, max_value=90, widget=forms.NumberInput(attrs={"step": "any"}),
    )  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_GET
def worker(request):
    """The service worker: a file of ours, served where its scope begins. It keeps the survey page and no other."""
    path = finders.find("projects/field/worker.js")
    with open(path, encoding="utf-8") as file:
        answer = HttpResponse(file.read(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@rights.needs(access_field.READS)
@never_cache
@require_GET
def survey(request, key):
    """The page for the plot; the phone keeps it, and what is entered, until there is a network."""
    now = timezone.now()
    one = access_field.development(request.user, key, at=now)
    keeps = access_field.keeps(request.user, one.owner_id, at=now)
    return render(
        request, "projects/field/survey.html",
        {
            "development": one, "plots": queries.plots(one), "keeps": keeps, "species": SPECIES,
            "today": clock.day(now),
            "limits": {"dbh": surveys.DBH_MM, "height": surveys.HEIGHT_DM}, "team": request.user.name,
            "choices": access_field.may_choose(request.user, one, at=now),
        },
    )  # fmt: skip


@rights.needs(access_field.READS)
@never_cache
@require_GET
def state(request, key):
    """What a phone asks before it sends: a token for the form, and which visits are here already."""
    one = access_field.development(request.user, key, at=timezone.now())
    kept = [str(found.pk) for found in queries.visits(one)]
    return JsonResponse({"csrf": get_token(request), "kept": kept})


@rights.needs(access_field.KEEPS)
@never_cache
@require_POST
def send(request, key):
    """Take one visit as JSON. 200 with ``kept`` or ``repeated``; a refusal as a problem with its faults by row."""
    now = timezone.now()
    one = access_field.development(request.user, key, at=now)
    mandate = access_field.keeper(request.user, one.owner_id, at=now)
    try:
        given = json.loads(request.body) if len(request.body) <= MOST_BODY else None
    except (ValueError, RecursionError):
        given = None
    try:
        read = surveys.read(
            given if isinstance(given, dict) else {}, plots=queries.plot_codes(one), today=clock.day(now)
        )
        made, fresh = acts.keep(development=one, visit=read, mandate=mandate, at=now)
    except Refusal as refusal:
        return problem(refusal)
    twice = queries.measured_again(made)
    return JsonResponse({"id": str(made.pk), "state": "kept" if fresh else "repeated", "conflict": twice})


@rights.needs(access_field.KEEPS)
@never_cache
@require_POST
def photo(request, key):
    """Take one picture of a visit; its number from the phone makes sending it twice sending it once."""
    now = timezone.now()
    one = access_field.development(request.user, key, at=now)
    mandate = access_field.keeper(request.user, one.owner_id, at=now)
    visit = access_field.visit(one, request.POST.get("visit", ""))
    number, file = surveys.uuid(request.POST.get("id")), request.FILES.get("file")
    where = surveys.position(
        {"longitude": request.POST.get("longitude"), "latitude": request.POST.get("latitude")}
        if request.POST.get("longitude") else None, [],
    )  # fmt: skip
    try:
        if number is None or file is None:
            raise surveys.VisitWrong([surveys.Fault(0, "id")], visit.plot.code)
        upload = receiving.receive(
            stream=file, name=file.name or "photo.jpg", person=request.user, at=now, kind=acts.PHOTO
        )
        made, fresh = acts.add_photo(
            visit=visit, key=number, upload=upload, mandate=mandate, at=now, position=where,
            taken_at=surveys.moment(request.POST.get("taken_at"), now=now),
        )  # fmt: skip
    except Refusal as refusal:
        return problem(refusal)
    return JsonResponse({"id": str(made.pk), "state": "kept" if fresh else "repeated"})


def problem(refusal):
    """A refusal for the script of the page, in the words the page would show."""
    faults = getattr(refusal, "errors", [])
    said = {
        "code": refusal.code, "detail": refusals.say(refusal), "clause": refusal.clause,
        "errors": [{"row": one.row, "field": one.field, "detail": _(surveys.FAULTS[one.field])} for one in faults],
    }  # fmt: skip
    return JsonResponse(said, status=refusal.status, content_type="application/problem+json")


@rights.needs(access_field.READS)
@require_GET
def template(request, key):
    """The workbook for offices that type plot sheets."""
    one = access_field.development(request.user, key, at=timezone.now())
    answer = HttpResponse(plotsheets.template(list(queries.plots(one))), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="plots-{one.code}.xlsx"'
    return answer


@rights.needs(access_field.READS, post=access_field.KEEPS)
@require_http_methods(["GET", "POST"])
def table(request, key):
    """Plots and visits at the desk; new plots, and sheets typed in the office."""
    now = timezone.now()
    one = access_field.development(request.user, key, at=now)
    form, status, sheet, refused = Laying(), 200, None, None
    if request.method == "POST":
        mandate = access_field.keeper(request.user, one.owner_id, at=now)
        status = 422
        if "sheet" in request.FILES:
            try:
                kept = take_sheet(one, request.FILES["sheet"], request.user, mandate, now)
                new = sum(fresh for _visit, fresh in kept)
                messages.success(
                    request, _("%(new)s visits were kept; %(old)s were here already.")
                    % {"new": new, "old": len(kept) - new},
                )  # fmt: skip
                return redirect(request.path)
            except Refusal as refusal:
                status, refused, sheet = refusal.status, refusal, getattr(refusal, "rows", [])[:200]
        else:
            form = Laying(request.POST)
            if form.is_valid():
                try:
                    acts.lay_out(development=one, mandate=mandate, at=now, **form.cleaned_data)
                    messages.success(request, _("The plot is laid out."))
                    return redirect(request.path)
                except Refusal as refusal:
                    status = refusals.show(form, refusal, {acts.PlotTaken.code: "code"})
    return render(
        request, "projects/field/table.html",
        {
            "development": one, "plots": queries.plots(one), "visits": queries.visits(one)[:500], "form": form,
            "open": [each for each in queries.conflicts(one) if each.choice is None], "refused": refused,
            "sheet": sheet,
            "keeps": access_field.keeps(request.user, one.owner_id, at=now),
            "choices": access_field.may_choose(request.user, one, at=now),
        },
        status=status,
    )  # fmt: skip


def take_sheet(development, file, person, mandate, now):
    """The visits of a workbook, kept all or none; the workbook itself is inspected like any file and then let go."""
    upload = receiving.receive(stream=file, name=file.name or "plots.xlsx", person=person, at=now, kind=acts.SHEET)
    try:
        with store.as_file(upload.sha256, upload.size_bytes) as path:
            visits = plotsheets.read(path, development, today=clock.day(now))
        return acts.keep_all(development=development, visits=visits, mandate=mandate, at=now)
    finally:
        receiving.forget(upload=upload)


@rights.needs(access_field.READS, post=access_field.CHOOSES)
@require_http_methods(["GET", "POST"])
def choose(request, key):
    """Plots that two teams measured: both visits side by side, and the verifier's choice."""
    now = timezone.now()
    one = access_field.development(request.user, key, at=now)
    refused, status = None, 200
    if request.method == "POST":
        mandate = access_field.chooser(request.user, one, at=now)
        visit = access_field.visit(one, request.POST.get("visit", ""))
        try:
            acts.choose(visit=visit, reason=request.POST.get("reason", ""), mandate=mandate, at=now)
            messages.success(request, _("The choice is on record; the other visit stays on file."))
            return redirect(request.path)
        except Refusal as refusal:
            refused, status = refusal, refusal.status
    return render(
        request, "projects/field/conflicts.html",
        {
            "development": one, "conflicts": queries.conflicts(one), "refused": refused,
            "choices": access_field.may_choose(request.user, one, at=now),
        },
        status=status,
    )  # fmt: skip

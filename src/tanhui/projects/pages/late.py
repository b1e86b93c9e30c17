"""Late readings of a device: the sheet is handed in, and its receipt says row by row what became of it."""

import uuid

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.files import forms as files
from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_field, latereadings
from tanhui.projects.acts import late as acts
from tanhui.projects.pages import land_words
from tanhui.projects.queries import field as queries
from tanhui.ui import downloads, refusals

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200


class HandingIn(forms.Form):
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    note = forms.CharField(
        label=gettext_lazy("Where the readings come from, and why they are late"), max_length=500,
        help_text=gettext_lazy("Such as: the logger was without a network from 3 to 9 June; read out on the spot."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


@rights.needs(access_field.READS, post=access_field.KEEPS)
@require_http_methods(["GET", "POST"])
def sheet_new(request, code):
    """Hand in a sheet of late readings; ``?format=xlsx``: the template."""
    now = timezone.now()
    one = access_field.device(request.user, code, at=now)
    if request.GET.get("format") == "xlsx":
        answer = HttpResponse(latereadings.template(one.unit), content_type=XLSX)
        answer["Content-Disposition"] = f'attachment; filename="readings-{one.code}.xlsx"'
        return answer
    form, status = HandingIn(request.POST or None, initial={"reference": uuid.uuid4()}), 200
    if request.method == "POST":
        status = 422
        mandate = access_field.keeper(request.user, one.organisation_id, at=now)
        if form.is_valid():
            try:
                upload = files.upload(request, "sheet", kind=acts.SUBJECT, at=now, label=_("Sheet of readings"))
                made = acts.take(device=one, upload=upload, mandate=mandate, at=now, **form.cleaned_data)
                return redirect("projects:reading_sheet", made.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal, {acts.OriginUnsaid.code: "note"})
    return render(request, "projects/field/sheet_new.html", {
        "device": one, "form": form, "kind": acts.SUBJECT, "most": latereadings.MOST_ROWS,
        "keeps": access_field.keeps(request.user, one.organisation_id, at=now),
    }, status=status)  # fmt: skip


@rights.needs(access_field.READS)
@require_GET
def sheet(request, key):
    """What became of a sheet of late readings; ``?format=xlsx``: every row that was refused."""
    found = access_field.sheet(request.user, key, at=timezone.now())
    language = get_language() or "en"
    report = [(line, said.say(language), said.clause) for line, said in refused(found)]
    if request.GET.get("format") == "xlsx":
        head = [_("Row"), _("What is wrong"), _("Clause")]
        return downloads.table(f"readings-{found.device.code}", "xlsx", head, report)
    return render(request, "projects/field/sheet.html", {
        "sheet": found, "rows": report[:SHOWN], "more": max(0, found.refused - SHOWN),
        "earlier": queries.kept_beside(found), "tone": "good" if not found.refused else "wait",
    })  # fmt: skip


def refused(found):
    for line, code, facts in found.report:
        yield line, land_words.refusal({"code": code, "facts": facts})

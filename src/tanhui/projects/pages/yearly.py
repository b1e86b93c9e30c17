"""The yearly reports of verification bodies: what each owes and handed in is public; forms are for whoever acts."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tanhui.files import forms as files
from tanhui.identity import rights
from tanhui.identity.models import Mandate, Organisation
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.kernel.workdays import Deadline
from tanhui.projects import access_review as access
from tanhui.projects import deadlines
from tanhui.projects.acts import yearly
from tanhui.projects.queries import review as queries

ACTS = rights.member(
    "projects.work_report", roles=[Organisation.Role.VERIFIER, Organisation.Role.AUTHORITY],
    capacities=[Mandate.Capacity.INITIATE],
)  # fmt: skip


class Which(forms.Form):
    """Which report a form is about."""

    report = forms.IntegerField(min_value=1, max_value=2**62)


@rights.needs(rights.PUBLIC, post=ACTS)
@require_http_methods(["GET", "POST"])
def reports(request):
    """Every report that is owed, by year; a body hands its own in, the authority notes that it has it."""
    now, refusal, status = timezone.now(), None, 200
    if request.method == "POST":
        try:
            done(request, now)
            return redirect("projects:work_reports")
        except Refusal as said:
            refusal, status = said, said.status
    signs = access.reporting(request.user, at=now) if request.user.is_authenticated else []
    bodies = {one.membership.organisation_id for one in signs}
    receives = any(one.membership.organisation.role == Organisation.Role.AUTHORITY for one in signs)
    today = clock.day(now)
    rows = [
        {
            "one": one, "left": None if one.filed_at else deadlines.until(Deadline(one.due_on), today=today),
            "mine": one.organisation_id in bodies and one.published_at is None,
            "receives": receives and one.filed_at is not None and one.published_at is None,
        }
        for one in queries.work_reports()
    ]  # fmt: skip
    context = {"rows": rows, "refusal": refusal, "kind": yearly.KIND, "own": [row for row in rows if row["mine"]]}
    return render(request, "projects/review/reports.html", context, status=status)


def done(request, now):
    form = Which(request.POST)
    if not form.is_valid():
        raise yearly.ReportUnsaid
    found = access.work_report(form.cleaned_data["report"])
    receive = request.POST.get("do") == "receive"
    mandate = access.report_mandate(request.user, found, receive=receive, at=now)
    if receive:
        yearly.receive(report=found, mandate=mandate, at=now)
        messages.success(request, _("Noted: the authority has the report."))
        return
    upload = files.upload(request, "paper", kind=yearly.KIND, at=now, label=_("Yearly work report"))
    yearly.hand_in(report=found, upload=upload, mandate=mandate, at=now)
    messages.success(request, _("Handed in. The authority reads it."))

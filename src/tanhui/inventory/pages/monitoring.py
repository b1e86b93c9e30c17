"""The cycle of monitoring at the authority's desk: what is due when, and setting how often."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate
from tanhui.inventory import access, due, queries, roles
from tanhui.inventory.acts import monitoring as acts
from tanhui.inventory.models import Cycle
from tanhui.inventory.models.monitoring import LONGEST
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

TONES = {"": "good", "SOON": "quiet", "NEAR": "wait", "OVERDUE": "stop"}


class Set(forms.Form):
    area_name = forms.CharField(label=gettext_lazy("Accounting area"), max_length=60)
    division_code = forms.CharField(
        label=gettext_lazy("Administrative division code"), max_length=12,
        help_text=gettext_lazy("Six digits for a county or district, e.g. 330604."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    months = forms.IntegerField(
        label=gettext_lazy("Cycle in months"), min_value=1, max_value=LONGEST,
        help_text=gettext_lazy("12 for every year, 60 for every five years."),
    )  # fmt: skip
    first_due = forms.DateField(
        label=gettext_lazy("First due"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(
        label=gettext_lazy("Why this cycle"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The needs of development, government decisions and public service it answers."),
    )  # fmt: skip


@rights.needs(roles.READS, post=roles.PREPARES)
@require_http_methods(["GET", "POST"])
def monitoring(request):
    """What is due when; the form sets the cycle of an area."""
    now = timezone.now()
    today = clock.day(now)
    own = queries.organisations(request.user, roles.AUTHORITIES, at=now)
    form, status = Set(request.POST or None, initial=suggested(own, today)), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                mandate = access.authority(request.user, Mandate.Capacity.INITIATE, at=now)
                acts.set_cycle(mandate=mandate, at=now, **form.cleaned_data)
                messages.success(request, _("The cycle is set. The public page says so, and reminders follow it."))
                return redirect("inventory:monitoring")
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    found = [due.due(cycle, today=today) for cycle in due.cycles(own)]
    rows = [(one, TONES[one.stage]) for one in sorted(found, key=lambda one: one.on)]
    earlier = Cycle.objects.filter(organisation__in=own).exclude(pk__in=[one.cycle.pk for one in found])
    earlier = earlier.select_related("by").order_by("-at")[:20]
    return render(
        request, "inventory/monitoring.html",
        {"rows": rows, "form": form, "decides": bool(own), "earlier": earlier},
        status=status,
    )  # fmt: skip


def suggested(own, today):
    """The area the authority has accounted for last, once a year."""
    last = queries.rows().filter(organisation__in=own).order_by("-opened_at").first()
    initial = {"months": 12, "first_due": due.after(today, 12)}
    return initial | ({"area_name": last.area_name, "division_code": last.division_code} if last else {})

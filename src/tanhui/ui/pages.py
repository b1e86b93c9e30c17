import datetime as dt

from django import forms
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.ui import refusals
from tanhui.ui.components.work import Step

YEAR = 365 * 24 * 3600
CHOICES = {"theme": {"light", "dark"}, "text": {"large"}}


@require_POST
def preferences(request):
    """Keep reading preferences without JavaScript: an unknown or empty value returns to the default."""
    there = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(there, {request.get_host()}, request.is_secure()):
        there = "/"
    response = HttpResponseRedirect(there)
    for name, allowed in CHOICES.items():
        if name in request.POST:
            value = request.POST[name]
            if value in allowed:
                response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())
            else:
                response.delete_cookie(name, samesite="Lax")
    return response


class SampleRefusal(Refusal):
    code = "ui.sample"
    sentence = gettext_noop("%(held)s t are available and %(wanted)s t were asked for. Ask for less.")
    clause = "ARCHITECTURE.md §6.1"
    status = 409


class Sample(forms.Form):
    tonnes = forms.IntegerField(min_value=1, label=_("Tonnes"), help_text=_("Whole tonnes only."))
    purpose = forms.ChoiceField(
        label=_("Purpose"), widget=forms.RadioSelect, choices=[("EVENT", _("Event")), ("ORG", _("Organisation"))]
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


@require_GET
def style(request):
    """The living style page: every component once, in the visitor's language."""
    refused = Sample({"tonnes": "500", "purpose": "EVENT"})
    refusals.show(refused, SampleRefusal(held=400, wanted=500))
    on = dt.date(2026, 6, 5)
    steps = [
        Step(_("Registered"), "done", on, _("Registry")),
        Step(_("Verified"), "done", on + dt.timedelta(days=90)),
        Step(_("Issued"), "now"),
        Step(_("Retired"), "todo"),
    ]
    return render(
        request,
        "ui/style.html",
        {
            "blank": Sample(auto_id="blank_%s"),
            "wrong": Sample({"tonnes": "1.5"}, auto_id="wrong_%s"),
            "refused": refused,
            "refusal": refused.refusals[0],
            "steps": steps,
            "serial": "TH-51-AFF01-000001-20210101-20251231-001-0000000001-0000012480-K",
            "page": {"older": "1", "newer": True},
        },
    )

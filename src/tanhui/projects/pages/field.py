"""The field at the owner's desk: projects with plots and devices, and each device with its series and certificates."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import access as people
from tanhui.identity import rights
from tanhui.kernel import clock
from tanhui.kernel.period import Period
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_field
from tanhui.projects.acts import devices as acts
from tanhui.projects.models import Device
from tanhui.projects.pages import field_words
from tanhui.projects.queries import field as queries
from tanhui.ui import refusals

SPANS = (7, 30, 90, 365)
MOST_GAPS = 50
FIELDS = {
    acts.DeviceTaken.code: "code", acts.KeyUnreadable.code: "public_key", acts.CertificateTaken.code: "number",
}  # fmt: skip


def degrees(label, least, most):
    return forms.DecimalField(
        label=label, required=False, min_value=least, max_value=most, max_digits=9, decimal_places=6,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip


class Entering(forms.Form):
    development = forms.ChoiceField(label=gettext_lazy("Project"), required=False)
    code = forms.CharField(
        label=gettext_lazy("Device code"), max_length=40,
        help_text=gettext_lazy("Capital letters, digits, dots and dashes, e.g. QP-RICE-WL-01. It stays for life."),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Device.Kind.choices)
    maker = forms.CharField(label=gettext_lazy("Maker and model"), max_length=80, required=False)
    unit = forms.CharField(
        label=gettext_lazy("Unit of measure"), max_length=16, help_text=gettext_lazy("kWh, cm, %, kg …")
    )
    interval_s = forms.IntegerField(
        label=gettext_lazy("Expected interval (s)"), min_value=1, max_value=31 * 86_400, initial=900
    )
    low = forms.DecimalField(label=gettext_lazy("Lowest possible reading"), max_digits=16, decimal_places=4, initial=0)
    high = forms.DecimalField(label=gettext_lazy("Highest possible reading"), max_digits=16, decimal_places=4)
    counter = forms.BooleanField(label=gettext_lazy("A counter that only grows"), required=False)
    reference = forms.ChoiceField(
        label=gettext_lazy("Device beside it that measures the same"), required=False,
        help_text=gettext_lazy("Drift is then judged by the difference of the two."),
    )  # fmt: skip
    place = forms.CharField(label=gettext_lazy("Where it stands"), max_length=120, required=False)
    longitude = degrees(gettext_lazy("Longitude (CGCS2000, degrees)"), -180, 180)
    latitude = degrees(gettext_lazy("Latitude (CGCS2000, degrees)"), -90, 90)
    public_key = forms.CharField(
        label=gettext_lazy("Ed25519 public key (Base64)"), max_length=44, required=False,
        help_text=gettext_lazy("For devices that sign. Without it the device uses a token, shown once."),
    )  # fmt: skip

    def __init__(self, *args, developments, devices, **kwargs):
        super().__init__(*args, **kwargs)
        none = ("", gettext_lazy("None yet"))
        self.fields["development"].choices = [none, *((str(one.pk), str(one)) for one in developments)]
        self.fields["reference"].choices = [none, *((one.code, str(one)) for one in devices)]


class Certifying(forms.Form):
    number = forms.CharField(label=gettext_lazy("Certificate number"), max_length=60)
    laboratory = forms.CharField(label=gettext_lazy("Laboratory"), max_length=120)
    since = forms.DateField(label=gettext_lazy("Valid from"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=gettext_lazy("Valid until"), widget=forms.DateInput(attrs={"type": "date"}))
    permissible = forms.DecimalField(
        label=gettext_lazy("Permissible error"), max_digits=14, decimal_places=4,
        help_text=gettext_lazy("In the unit of the device."),
    )  # fmt: skip


@rights.needs(access_field.READS)
@require_GET
def index(request):
    """What the visitor may see of the field: projects, devices, and what is due."""
    now = timezone.now()
    today = clock.day(now)
    said = queries.Reminding(today)
    rows = [
        (one, *field_words.CALIBRATION[queries.calibration(one.calibrated_until, today)], said.silent(one, now))
        for one in access_field.devices(request.user, at=now)
    ]
    projects = queries.with_counts(access_field.developments(request.user, at=now))
    return render(
        request, "projects/field/index.html",
        {"rows": rows, "projects": projects, "keeps": bool(own(request.user, now))},
    )  # fmt: skip


def own(person, now):
    """The organisation the person enters devices for: the first they may initiate for."""
    for one in people.organisations(person, at=now).order_by("pk"):
        if access_field.keeps(person, one.pk, at=now):
            return one
    return None


@rights.needs(access_field.KEEPS)
@require_http_methods(["GET", "POST"])
def device_new(request):
    """Enter a device; its token is shown on the answer to this form and never again."""
    now = timezone.now()
    body = own(request.user, now)
    mine = access_field.developments(request.user, at=now).filter(owner=body)
    beside = access_field.devices(request.user, at=now).filter(organisation=body)
    initial = {"development": request.GET.get("project", "")}
    form, status = Entering(request.POST or None, developments=mine, devices=beside, initial=initial), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            development, reference = said.pop("development"), said.pop("reference")
            try:
                made, token = acts.register(
                    about=acts.About(**said),
                    development=access_field.development(request.user, development, at=now) if development else None,
                    reference=access_field.device(request.user, reference, at=now) if reference else None,
                    mandate=access_field.keeper(request.user, body.pk, at=now), at=now,
                )  # fmt: skip
                return render(request, "projects/field/token.html", {"device": made, "token": token, "fresh": True})
            except Refusal as refusal:
                status = refusals.show(form, refusal, FIELDS)
    return render(request, "projects/field/device_new.html", {"form": form, "body": body}, status=status)


@rights.needs(access_field.READS, post=access_field.KEEPS)
@require_http_methods(["GET", "POST"])
def device(request, code):
    """A device: its readings, what is missing of them, whether it drifts, and its certificates."""
    now = timezone.now()
    one = access_field.device(request.user, code, at=now)
    form, status = Certifying(), 200
    if request.method == "POST":
        mandate = access_field.keeper(request.user, one.organisation_id, at=now)
        act = request.POST.get("act")
        if act == "renew":
            token = acts.renew(device=one, mandate=mandate, at=now)
            return render(request, "projects/field/token.html", {"device": one, "token": token, "fresh": False})
        if act in ("stop", "resume"):
            acts.turn(device=one, state="STOPPED" if act == "stop" else "ACTIVE", mandate=mandate, at=now)
            return redirect(request.path)
        form, status = Certifying(request.POST), 422
        if form.is_valid():
            try:
                acts.certify(device=one, mandate=mandate, at=now, **form.cleaned_data)
                messages.success(request, _("The certificate is on file."))
                return redirect(request.path)
            except Refusal as refusal:
                status = refusals.show(form, refusal, FIELDS)
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked[:4]) in SPANS else 30
    today = clock.day(now)
    shown = Period(today - timedelta(days=days - 1), today + timedelta(days=1))
    found = queries.look(one, shown, until=now.timestamp())
    word, tone = field_words.CALIBRATION[queries.calibration(one.calibrated_until, today)]
    verdict = field_words.VERDICTS[found.drift.verdict] if found.drift else None
    return render(
        request, "projects/field/device.html",
        {
            "device": one, "look": found, "span": days, "spans": SPANS, "word": word, "tone": tone, "verdict": verdict,
            "coverage": f"{found.coverage * 100:.1f}", "form": form,
            "sheets": queries.sheets(one)[:10], "certificates": one.certificates.order_by("-until"),
            "gaps": [(field_words.moment(gap.start), field_words.moment(gap.end), gap.missing)
                     for gap in sorted(found.gaps, key=lambda gap: -gap.missing)[:MOST_GAPS]],
            "missing": sum(gap.missing for gap in found.gaps),
            "stuck": [(field_words.moment(start), field_words.moment(end), many)
                      for start, end, many in found.stuck[:10]],
            "backwards": [field_words.moment(when) for when in found.backwards[:10]],
            "refused": field_words.refused(found.refused),
            "keeps": access_field.keeps(request.user, one.organisation_id, at=now), "now": now,
        },
        status=status,
    )  # fmt: skip

"""The register of incentives for everybody, with its sums; and granting and paying one."""

import uuid

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import fresh, rights
from tanhui.identity.models import Mandate
from tanhui.inventory import access, doors, roles, stock
from tanhui.inventory.acts import incentive as acts
from tanhui.inventory.models import Incentive
from tanhui.inventory.pages import wording
from tanhui.kernel import clock, quantity
from tanhui.kernel.refusal import Refusal
from tanhui.registry.acts.retirement import Beneficiary
from tanhui.ui import downloads, paging, refusals

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
RECIPIENTS = [("ORGANISATION", gettext_lazy("Enterprise or organisation")), ("PERSON", gettext_lazy("Person"))]


class Filter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=60)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of incentive"), required=False,
        choices=[("", gettext_lazy("Any")), *Incentive.Kind.choices],
    )  # fmt: skip
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False,
        choices=[("", gettext_lazy("Any")), ("paid", gettext_lazy("Paid")), ("open", gettext_lazy("Not yet paid"))],
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        self.fields["q"].widget.input_type = "search"

    def narrow(self, rows):
        asked = self.cleaned_data if self.is_valid() else {}
        if asked.get("q"):
            rows = rows.filter(purpose__icontains=asked["q"].replace("\x00", "")) | rows.filter(
                recipient_name__icontains=asked["q"].replace("\x00", "")
            )
        if asked.get("kind"):
            rows = rows.filter(kind=asked["kind"])
        if asked.get("state"):
            rows = rows.filter(payment__isnull=asked["state"] == "open")
        return rows


class Grant(forms.Form):
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of incentive"), choices=Incentive.Kind.choices)
    recipient_kind = forms.ChoiceField(
        label=gettext_lazy("Granted to"), choices=RECIPIENTS, widget=forms.RadioSelect, initial="ORGANISATION"
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    number = forms.CharField(
        label=gettext_lazy("Unified social credit code, or identity number of a person"), max_length=30,
        help_text=gettext_lazy("Of a person only a masked form is kept and published."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    purpose = forms.CharField(label=gettext_lazy("Granted for"), max_length=200)
    amount = forms.CharField(
        label=gettext_lazy("Amount (yuan)"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    clause = forms.CharField(label=gettext_lazy("Basis"), max_length=200, initial=acts.CLAUSE)
    granted_on = forms.DateField(label=gettext_lazy("Granted on"), widget=DAY)

    def clean_amount(self):
        try:
            return quantity.fen_from_yuan(self.cleaned_data["amount"])
        except Refusal as refusal:
            refusals.show(self, refusal, {refusal.code: "amount"})
            return None


class Paid(forms.Form):
    paid_on = forms.DateField(label=gettext_lazy("Paid on"), widget=DAY)


@rights.needs(rights.PUBLIC)
@require_GET
def listing(request):
    """Every grant; of persons masked; with the sums of what is shown."""
    form = Filter(request.GET)
    rows = form.narrow(stock.incentives())
    if request.GET.get("format") in downloads.MEDIA_TYPES:
        return downloads.table("incentives", request.GET["format"], head(), [line(one) for one in rows])
    page = paging.page(rows, request.GET.get("before", ""))
    known = dict(Incentive.Kind.choices)
    sums = [
        (known[one["kind"]], one["count"], wording.yuan(one["fen"]), wording.yuan(one["paid"] or 0))
        for one in stock.granted(rows)
    ]
    mine = doors.authorities(request.user, at=timezone.now()) if request.user.is_authenticated else []
    return render(request, "inventory/incentives.html", {
        "page": page, "rows": [(one, wording.yuan(one.amount_fen)) for one in page.rows], "form": form, "sums": sums,
        "mine": mine, "any": bool(sums) or Incentive.objects.exists(),
    })  # fmt: skip


def head():
    return [
        _("Kind of incentive"), _("Granted to"), _("Granted for"), _("Amount (yuan)"), _("Basis"), _("Granted on"),
        _("Paid on"), _("Granted by"),
    ]  # fmt: skip


def line(one):
    paid = getattr(one, "payment", None)
    return [
        one.get_kind_display(), one.recipient_name, one.purpose, quantity.yuan_from_fen(one.amount_fen), one.clause,
        one.granted_on, paid.paid_on if paid else "", str(one.organisation),
    ]  # fmt: skip


@rights.needs(roles.PREPARES)
@require_http_methods(["GET", "POST"])
def grant(request):
    """Grant an incentive: the first of two signatures."""
    now = timezone.now()
    mandate = access.authority(request.user, Mandate.Capacity.INITIATE, at=now)
    fresh.resume(request)
    form = Grant(request.POST or None, initial={"reference": uuid.uuid4(), "granted_on": clock.day(now)})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if elsewhere := fresh.required(request, now):
                return elsewhere
            try:
                given = form.cleaned_data
                recipient = Beneficiary.read(
                    kind=given["recipient_kind"], name=given["name"], code=given["number"], on=clock.day(now)
                )
                asked = acts.grant(
                    kind=given["kind"], recipient=recipient, purpose=given["purpose"], amount_fen=given["amount"],
                    clause=given["clause"], granted_on=given["granted_on"],
                    division_code=stock.division(mandate.membership.organisation), mandate=mandate,
                    reference=given["reference"], at=now,
                )  # fmt: skip
                messages.success(request, _("Asked for. A colleague must confirm it."))
                return redirect("inventory:stock_asked", asked.pk)
            except Refusal as refusal:
                field = "number" if refusal.code.startswith("kernel.") else "name"
                status = refusals.show(form, refusal, {refusal.code: field} if field == "number" else {})
    return render(request, "inventory/incentives_grant.html", {"form": form}, status=status)


@rights.needs(roles.PREPARES)
@require_http_methods(["GET", "POST"])
def paid(request, key):
    """Note the day a grant was paid."""
    now = timezone.now()
    one, mandate = doors.own_incentive(request.user, key, at=now)
    form = Paid(request.POST or None, initial={"paid_on": clock.day(now)})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                acts.pay(incentive=one, mandate=mandate, at=now, **form.cleaned_data)
                messages.success(request, _("Noted."))
                return redirect("inventory:incentives")
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    context = {"form": form, "one": one, "amount": wording.yuan(one.amount_fen)}
    return render(request, "inventory/incentives_paid.html", context, status=status)

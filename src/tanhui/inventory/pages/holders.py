"""One's own stock sinks: what an organisation holds, handing it on, using it up, pledging it; and second signatures."""

import uuid

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import deciding, fresh, rights
from tanhui.identity.models import Mandate, Organisation
from tanhui.inventory import doors, stock
from tanhui.inventory.acts import pledge as pledges
from tanhui.inventory.acts import second, supply
from tanhui.inventory.models import StockUse
from tanhui.inventory.pages import wording
from tanhui.kernel import quantity
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

CONFIRM, INITIATE = Mandate.Capacity.CONFIRM, Mandate.Capacity.INITIATE
MINE = rights.member("inventory.stock", at_door=True)
ASKS = rights.member("inventory.stock_ask", capacities=[INITIATE], at_door=True)
DECIDES = rights.member("inventory.stock_decide", capacities=[CONFIRM, INITIATE], at_door=True)


class Amount(forms.Form):
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    tonnes = forms.CharField(
        label=gettext_lazy("Tonnes"), help_text=gettext_lazy("Whole tonnes only."), max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip

    def clean_tonnes(self):
        try:
            return quantity.positive(self.cleaned_data["tonnes"])
        except Refusal as refusal:
            refusals.show(self, refusal, {refusal.code: "tonnes"})
            return None


class Supply(Amount):
    target = forms.CharField(
        label=gettext_lazy("Unified social credit code of the recipient"), max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    district = forms.CharField(
        label=gettext_lazy("Division code of the recipient"), max_length=12, required=False,
        help_text=gettext_lazy("Six digits of the district; local sinks come before others."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason (optional)"), max_length=120, required=False)
    field_order = ["target", "tonnes", "district", "reason"]


class Use(Amount):
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), choices=StockUse.Purpose.choices)
    undertaking = forms.CharField(
        label=gettext_lazy("Works or event"), max_length=120,
        help_text=gettext_lazy("As it is published: for example a consolidation project, or an event with its year."),
    )  # fmt: skip
    beneficiary = forms.CharField(label=gettext_lazy("On behalf of"), max_length=120)
    statement = forms.CharField(label=gettext_lazy("Statement (optional)"), max_length=200, required=False)
    field_order = ["purpose", "undertaking", "beneficiary", "tonnes", "statement"]


class Pledge(Amount):
    creditor = forms.TypedChoiceField(label=gettext_lazy("Pledgee"), coerce=int)
    document = forms.CharField(label=gettext_lazy("Pledge contract"), max_length=120)
    loan = forms.CharField(label=gettext_lazy("Loan in yuan (optional)"), max_length=20, required=False)
    field_order = ["creditor", "document", "tonnes", "loan"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        banks = Organisation.objects.filter(role=Organisation.Role.PLEDGEE).order_by("name").values_list("pk", "name")
        self.fields["creditor"].choices = [("", gettext_lazy("Please choose")), *banks]

    def clean_loan(self):
        try:
            return quantity.fen_from_yuan(self.cleaned_data["loan"]) if self.cleaned_data["loan"] else None
        except Refusal as refusal:
            refusals.show(self, refusal, {refusal.code: "loan"})
            return None


class Release(forms.Form):
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


FIELDS = {
    "inventory.too_few_offered": "tonnes", "inventory.holder_unknown": "target", "inventory.supply_to_itself": "target",
    "inventory.contract_unnamed": "document", "inventory.not_a_creditor": "creditor",
    "inventory.undertaking_unnamed": "undertaking",
}  # fmt: skip


@rights.needs(rights.PERSON)
@require_GET
def mine(request):
    """What the visitor's organisations hold, and what of it waits for a signature."""
    now = timezone.now()
    shown = []
    for one in doors.holders(request.user, at=now):
        account = stock.account_of(one)
        rows = stock.holdings(account) if account else []
        creditor = list(stock.pledges().filter(creditor=one.pk))
        if account or creditor:
            shown.append({
                "organisation": one, "rows": rows, "held": sum(row.held_t for row in rows),
                "left": sum(row.left_t for row in rows), "may_ask": doors.may_ask(request.user, one.pk, at=now),
                "uses": stock.uses().filter(source=account)[:20] if account else [],
                "supplies": stock.supplies(account)[:20] if account else [],
                "pledges": list(stock.pledges().filter(account=account)) if account else [],
                "creditor": creditor,
            })  # fmt: skip
    ours = [one.pk for one in doors.holders(request.user, at=now)]
    waiting = [(one, wording.title(one)) for one in stock.waiting(ours, at=now)]
    return render(request, "inventory/products_mine.html", {"shown": shown, "waiting": waiting})


@rights.needs(ASKS)
@require_http_methods(["GET", "POST"])
def give(request, code):
    return answer(
        request, code, Supply, _("Hand stock sinks on"), _("Sinks inside the ecological red line go first."), give_on
    )


@rights.needs(ASKS)
@require_http_methods(["GET", "POST"])
def use(request, code):
    lead = _("For good, for neutral works or events. An offset of compliance is not among the purposes.")
    return answer(request, code, Use, _("Use stock sinks"), lead, use_up)


@rights.needs(ASKS)
@require_http_methods(["GET", "POST"])
def pledge(request, code):
    lead = _("The units stay with you and are locked until the pledgee lets them go.")
    return answer(request, code, Pledge, _("Pledge stock sinks"), lead, give_in_pledge)


def answer(request, code, made, title, lead, ask):
    """A form that asks for something to be confirmed by a colleague."""
    now = timezone.now()
    organisation = doors.holder(request.user, code, at=now)
    mandate = doors.signs(request.user, organisation.pk, INITIATE, at=now)
    account = stock.account_of(organisation)
    if account is None:
        raise Http404
    fresh.resume(request)
    form = made(request.POST or None, initial={"reference": uuid.uuid4(), "district": organisation.uscc[2:8]})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if elsewhere := fresh.required(request, now):
                return elsewhere
            try:
                asked = ask(form.cleaned_data, organisation, mandate, now)
                messages.success(request, _("Asked for. The units are set aside until a colleague confirms."))
                return redirect("inventory:stock_asked", asked.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal, FIELDS)
    context = {
        "form": form,
        "title": title,
        "lead": lead,
        "rows": stock.holdings(account),
        "organisation": organisation,
    }
    return render(request, "inventory/products_ask.html", context, status=status)


def give_on(given, organisation, mandate, now):
    return supply.supply(
        target=doors.organisation(given["target"]), tonnes=given["tonnes"], district=given["district"],
        reason=given["reason"], mandate=mandate, reference=given["reference"], at=now,
    )  # fmt: skip


def use_up(given, organisation, mandate, now):
    return supply.use(
        purpose=given["purpose"], undertaking=given["undertaking"], beneficiary=given["beneficiary"],
        tonnes=given["tonnes"], district=organisation.uscc[2:8], statement=given["statement"], mandate=mandate,
        reference=given["reference"], at=now,
    )  # fmt: skip


def give_in_pledge(given, organisation, mandate, now):
    return pledges.pledge(
        creditor=stock.organisation(given["creditor"]), document=given["document"], loan_fen=given["loan"],
        tonnes=given["tonnes"], mandate=mandate, reference=given["reference"], at=now,
    )  # fmt: skip


@rights.needs(ASKS)
@require_http_methods(["GET", "POST"])
def release(request, key):
    """The creditor lets a pledge go: the first of two signatures."""
    now = timezone.now()
    held, mandate = doors.pledged_to(request.user, key, at=now)
    fresh.resume(request)
    form = Release(request.POST or None, initial={"reference": uuid.uuid4()})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if elsewhere := fresh.required(request, now):
                return elsewhere
            try:
                asked = pledges.release(pledge=held, mandate=mandate, at=now, **form.cleaned_data)
                messages.success(request, _("Asked for. A colleague must confirm it."))
                return redirect("inventory:stock_asked", asked.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "inventory/products_release.html", {"form": form, "one": held}, status=status)


@rights.needs(MINE, post=DECIDES)
@require_http_methods(["GET", "POST"])
def asked(request, key):
    """Something that waits for its second signature: look, then confirm, turn down or take back."""
    now = timezone.now()

    def shown(one, decision):
        return {
            "title": wording.title(one), "facts": wording.facts(one), "units": stock.set_aside(one),
            "rows": wording.worksheet(one), "leads": wording.leads(decision),
        }  # fmt: skip

    return deciding.page(
        request, lambda: doors.asked(request.user, key, at=now), second, "inventory/products_asked.html", shown, at=now
    )

"""Starting a transfer or a retirement: fill in, see exactly which units, hand it to the second person."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tanhui.identity import fresh, rights
from tanhui.identity.models import Mandate
from tanhui.kernel.refusal import Refusal
from tanhui.registry import access, forms, queries
from tanhui.registry.acts import retirement
from tanhui.registry.acts import transfer as transfers
from tanhui.registry.acts.lines import Wanted
from tanhui.registry.models import Retirement
from tanhui.registry.pages import wording
from tanhui.ui import refusals

INITIATE = [Mandate.Capacity.INITIATE]
# Where a refusal belongs on the form; what is not named here stands in the box above it.
FIELDS = {
    "kernel.range_impossible": "serials",
    "ledger.not_enough_held": "tonnes",
    "ledger.serials_locked": "serials",
    "ledger.serials_not_free": "serials",
    "registry.account_unknown": "target",
    "registry.purpose_unknown": "purpose",
    "registry.serials_outside_batch": "serials",
    "registry.transfer_to_itself": "target",
}


class Move:
    """What transfers and retirements share: one form, one preview, one hand-over."""

    template_kind: str
    form: type[forms.Move]

    def __init__(self, request, code):
        self.request, self.now = request, timezone.now()
        self.account = access.account(request.user, code, at=self.now)
        self.stock = {f"{one.sub_account.pk}-{one.batch.pk}": one for one in queries.givable(self.account)}

    def answer(self):
        try:
            self.mandate = access.initiator(self.request.user, self.account, at=self.now)
        except Refusal as refusal:
            return self.page("registry/refused.html", refusal.status, refusal=refusal)
        fresh.resume(self.request)
        step = self.request.POST.get("step")
        if step == "submit" and (elsewhere := fresh.required(self.request, self.now)):
            return elsewhere
        if step in {"preview", "submit"}:
            form = self.form(self.request.POST, batches=self.choices())
            if form.is_valid():
                try:
                    return self.submit(form) if step == "submit" else self.preview(form)
                except Refusal as refusal:
                    return self.fill(form, refusals.show(form, refusal, FIELDS))
            return self.fill(form, 422)
        given = self.request.POST.dict() if step == "edit" else {"reference": uuid.uuid4(), **self.request.GET.dict()}
        return self.fill(self.form(initial=given, batches=self.choices()))

    def choices(self):
        return [(key, wording.stock(one)) for key, one in self.stock.items()]

    def fill(self, form, status=200):
        return self.page("registry/move.html", status, form=form, steps=wording.steps(0))

    def preview(self, form):
        """The same request again with the exact units in it, so that what was seen is what is set aside."""
        units = queries.free(*self.chosen(form), form.cleaned_data["tonnes"], form.cleaned_data["serials"])
        form.data = form.data.copy()
        form.data["units"] = ",".join(str(one) for one in units)
        what = wording.What(self.facts(form), form.cleaned_data["tonnes"], self.printed(form, units))
        return self.page("registry/preview.html", 200, form=form, what=what, steps=wording.steps(1))

    def submit(self, form):
        source, batch = self.chosen(form)
        wanted = [Wanted(batch, one.count, one) for one in form.cleaned_data["units"]]
        if sum(one.quantity_t for one in wanted) != form.cleaned_data["tonnes"]:
            return self.preview(form)
        asked = self.initiate(form, source, wanted)
        messages.success(self.request, _("Initiated. The units are reserved until a second person decides."))
        return redirect("registry:instruction", asked.pk)

    def chosen(self, form):
        one = self.stock[form.cleaned_data["batch"]]
        return one.sub_account, one.batch

    def printed(self, form, units):
        return [wording.printed(self.chosen(form)[1], one) for one in units]

    def page(self, template, status, **context):
        context |= {"account": self.account, "kind": self.template_kind, "title": self.title(), "lead": self.lead()}
        return render(self.request, template, context, status=status)


class Transfer(Move):
    template_kind, form = "transfer", forms.Transfer

    def title(self):
        return _("Transfer units")

    def lead(self):
        return _("To another account in this register. Two people of your organisation sign.")

    def facts(self, form):
        target = access.recipient(form.cleaned_data["target"])
        return wording.transfer(self.account, target.account, form.cleaned_data["reason"])

    def initiate(self, form, source, wanted):
        return transfers.initiate(
            source=source, target=access.recipient(form.cleaned_data["target"]), wanted=wanted, mandate=self.mandate,
            reference=form.cleaned_data["reference"], reason=form.cleaned_data["reason"], at=self.now,
        )  # fmt: skip


class Retire(Move):
    template_kind, form = "retire", forms.Retire

    def title(self):
        return _("Retire units")

    def lead(self):
        return _("For good, for a named purpose, on behalf of someone. Two people of your organisation sign.")

    def beneficiary(self, form):
        return retirement.Beneficiary.read(**form.beneficiary, on=timezone.localdate(self.now))

    def facts(self, form):
        purpose = dict(Retirement.Purpose.choices)[form.cleaned_data["purpose"]]
        return wording.retirement(self.account, purpose, self.beneficiary(form), form.cleaned_data["statement"])

    def initiate(self, form, source, wanted):
        return retirement.initiate(
            source=source, wanted=wanted, purpose=form.cleaned_data["purpose"], beneficiary=self.beneficiary(form),
            mandate=self.mandate, reference=form.cleaned_data["reference"], at=self.now,
            statement=form.cleaned_data["statement"],
        )  # fmt: skip


@rights.needs(rights.member("registry.transfer", capacities=INITIATE, at_door=True))
@require_http_methods(["GET", "POST"])
def transfer(request, code):
    return Transfer(request, code).answer()


@rights.needs(rights.member("registry.retire", capacities=INITIATE, at_door=True))
@require_http_methods(["GET", "POST"])
def retire(request, code):
    return Retire(request, code).answer()

"""A holder's own lines, on a phone: what came, how it was reckoned, that it arrived, and what is contested."""

import uuid

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal
from tanhui.projects import access_shares, rollsheet
from tanhui.projects.acts import dispute, payout
from tanhui.projects.pages.shares_words import percent, ratio, yuan
from tanhui.projects.queries import shares
from tanhui.ui import refusals


class Contest(forms.Form):
    reference = forms.CharField(max_length=64, widget=forms.HiddenInput)
    text = forms.CharField(
        label=gettext_lazy("What is wrong?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For example: the area is entered too small. The county answers here."),
    )  # fmt: skip


def described(one):
    """A line with its state in words and the amount."""
    return {"one": one, "amount": yuan(one.fen), "state": state(one), "mu": rollsheet.mu(one.holder.weight)}


def state(one):
    """How a line stands: word and tone."""
    open_one = any(not hasattr(each, "answer") for each in one.disputes.all())
    if one.takes_back_id is not None:
        return _("Taken back"), "stop"
    if hasattr(one, "taken_back_by"):
        return _("Reversed"), "stop"
    if hasattr(one, "receipt"):
        return _("Received"), "good"
    if open_one:
        return _("Contested"), "wait"
    return (_("On the list for the bank"), "wait") if hasattr(one, "paid_in") else (_("Not paid out yet"), "quiet")


@rights.needs(rights.PERSON)
@require_GET
def mine(request):
    """The visitor's own lines, newest first."""
    now = timezone.now()
    rows = [described(one) for one in shares.mine(request.user, at=now)[:200]]
    return render(request, "projects/benefit/mine.html", {
        "rows": rows, "sum": yuan(sum(row["one"].fen for row in rows)),
        "bound": shares.documents(request.user).exists(),
        "received": yuan(sum(row["one"].fen for row in rows if hasattr(row["one"], "receipt"))),
    })  # fmt: skip


@rights.needs(rights.PERSON)
@require_http_methods(["GET", "POST"])
def line(request, key):
    """One line: the way from the sale to it; confirming that it arrived; contesting it."""
    now = timezone.now()
    one = access_shares.own_line(request.user, key, at=now)
    contests = request.POST.get("do") == "contest"
    form = Contest(request.POST if contests else None, initial={"reference": uuid.uuid4()})
    refusal, status = None, 200
    if request.method == "POST":
        status = 422
        try:
            if not contests:
                payout.receive(line=one, by=request.user, at=now)
                messages.success(request, _("Thank you. It is noted that the money arrived."))
                return redirect("projects:shares_line", one.pk)
            if form.is_valid():
                dispute.raise_own(line=one, by=request.user, at=now, **form.cleaned_data)
                messages.success(request, _("Sent to the county. Its answer will stand here."))
                return redirect("projects:shares_line", one.pk)
        except Refusal as said:
            if contests:
                status = refusals.show(form, said)
            else:
                refusal, status = said, said.status
    sale, roll = one.sale, one.holder.roll
    tiers = shares.by_tier(shares.lines(sale))
    return render(request, "projects/benefit/line.html", described(one) | {
        "sale": sale, "total": yuan(sale.amount_fen), "ratio": ratio(sale.rule.terms), "form": form,
        "refusal": refusal, "county_keeps": percent(sale.rule.terms["county_keeps"]),
        "village_keeps": percent(sale.rule.terms["village_keeps"]), "whole_mu": rollsheet.mu(roll.weight),
        "county": yuan(sale.amount_fen - tiers["CITY"]), "disputes": list(one.disputes.all()),
        "may_confirm": hasattr(one, "paid_in") and not hasattr(one, "receipt"),
        "may_contest": one.takes_back_id is None,
    }, status=status)  # fmt: skip

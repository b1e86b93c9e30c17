"""The operator's desk for carbon accounts: objections to answer, deductions that take two, points still owed."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tanhui.identity import rights
from tanhui.inclusion import access_account, holders, roles
from tanhui.inclusion.acts import answering
from tanhui.inclusion.forms import carbon as forms
from tanhui.inclusion.queries import liabilities
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

LOOKS = rights.member("inclusion.accounts", roles=roles.OPERATORS)
ANSWERS = rights.member("inclusion.answer", roles=roles.OPERATORS, capacities=roles.SIGNING)


@rights.needs(LOOKS, post=ANSWERS)
@require_http_methods(["GET", "POST"])
def desk(request):
    now = timezone.now()
    do = request.POST.get("do", "")
    deduct = forms.Deduct(request.POST if do == "deduct" else None)
    answer = forms.Answer(request.POST if do in ("answer", "take", "reject") else None)
    form, status = deduct if do == "deduct" else answer, 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                decide(request, do, form.cleaned_data, now)
                messages.success(request, _("Kept."))
                return redirect("inclusion:carbon_desk")
        except Refusal as refusal:
            status = refusals.show(form, refusal)
    today = clock.day(now)
    return render(
        request,
        "inclusion/carbon/desk.html",
        {
            "objections": liabilities.objections(today), "deductions": liabilities.deductions(),
            "owed": liabilities.owed(today), "deduct": deduct, "answer": answer,
            "wrong": form if status != 200 else None,
        },
        status=status,
    )  # fmt: skip


def decide(request, do, given, now):
    """Carry out what was chosen; an unknown thing is not found."""
    capacity = "CONFIRM" if do in ("take", "reject") else "INITIATE"
    mandate = access_account.operator(request.user, capacity, at=now)
    if do == "deduct":
        account = holders.account_by_id(given["account"])
        if account is None:
            raise Http404
        answering.ask_to_deduct(
            account=account, number=given["points"], reason=given["reason"], mandate=mandate, at=now
        )  # fmt: skip
        return
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        raise Http404 from None
    if do == "answer":
        answering.answer(objection=access_account.objection(key), said=given["said"], mandate=mandate, at=now)
    elif do in ("take", "reject"):
        answering.decide(
            deduction=access_account.deduction(key), take=do == "take", note=given["said"], mandate=mandate, at=now
        )
    else:
        raise Http404

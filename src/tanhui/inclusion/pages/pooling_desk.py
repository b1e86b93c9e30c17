"""From people to units: what is free to gather, the pools, and one of them from its first signature to its period."""

import hashlib
import secrets
from datetime import timedelta

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate, Organisation
from tanhui.inclusion import access_rewards as access
from tanhui.inclusion import access_scenarios, roles
from tanhui.inclusion.acts import issuing
from tanhui.inclusion.acts import pooling as acts
from tanhui.inclusion.forms import rewards as forms
from tanhui.inclusion.queries import pools as queries
from tanhui.inclusion.queries import rewards
from tanhui.kernel import clock, quantity
from tanhui.kernel.refusal import Refusal
from tanhui.ui import refusals

INITIATE, CONFIRM = Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM
TONES = {"ASKED": "wait", "GATHERED": "good", "VERIFIED": "good", "DROPPED": "stop"}


@rights.needs(roles.POOLS, post=roles.OPERATES)
@require_http_methods(["GET", "POST"])
def listing(request):
    """Every pool, what is free this year, and the form that asks for the next."""
    now = timezone.now()
    yesterday = clock.day(now) - timedelta(days=1)
    since = yesterday.replace(month=1, day=1)
    form, status = forms.Gather(request.POST or None, initial={"first": since, "last": yesterday}), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = acts.ask(
                    mandate=access_scenarios.mandate(request.user, roles.OPERATORS, INITIATE, at=now), at=now,
                    reference=f"pool-{secrets.token_hex(8)}", **form.cleaned_data,
                )  # fmt: skip
                messages.success(request, pgettext("inclusion", "Asked for. A second person must sign."))
                return redirect("inclusion:pool", made.pk)
            except Refusal as refusal:
                status = refusals.show(form, refusal)
    return render(request, "inclusion/desk/pooling.html", {
        "pools": [(one, TONES[one.state]) for one in access.pools(request.user, at=now)[:200]], "form": form,
        "free": queries.poolable(since, yesterday), "since": since, "until": yesterday,
    }, status=status)  # fmt: skip


@rights.needs(roles.POOLS, post=roles.POOLS_SIGN)
@require_http_methods(["GET", "POST"])
def pool(request, key):
    """One pool: day by day with the settlements it rests on, and what is next."""
    now = timezone.now()
    one = access.pool(request.user, key, at=now)
    do = request.POST.get("do", "")
    forms_ = {
        "earned": forms.Earned(request.POST if do == "earned" else None),
        "report": forms.Report(*((request.POST, request.FILES) if do == "verify" else ())),
        "reason": forms.Reason(request.POST if do in ("drop", "drop_issue") else None),
    }
    refusal, status = None, 200
    if request.method == "POST":
        status = 422
        try:
            if carry_out(request, one, do, forms_, now):
                return redirect("inclusion:pool", one.pk)
        except Refusal as found:
            refusal, status, one = found, found.status, access.pool(request.user, key, at=now)
    own = access.bodies(request.user, at=now)
    asked = issuing.waiting(one, at=now)
    return render(request, "inclusion/desk/pool.html", {
        "pool": one, "tone": TONES[one.state], "refusal": refusal, "forms": forms_,
        "days": one.gathered.select_related("settlement").order_by("day"),
        "differences": one.differences.order_by("day"), "operates": one.operator_id in own,
        "verifies": access.of_role(request.user, Organisation.Role.VERIFIER, at=now),
        "issues": access.of_role(request.user, Organisation.Role.REGISTRY, at=now), "issuing": asked,
        "own": asked is not None and asked.initiator_id == request.user.pk,
        "issued": queries.issued(one), "proceeds": one.proceeds.order_by("at"),
        "asked": [
            each for each in rewards.open_instructions([acts.EARN], own, now) if each.body["pool"] == one.pk.hex
        ],
    }, status=status)  # fmt: skip


def carry_out(request, one, do, forms_, now):
    """Do what was chosen; ``False`` when nothing known was, or its form needs more."""

    def operator(capacity):
        return access_scenarios.of_body(request.user, one.operator, capacity, at=now)

    match do:
        case "confirm":
            acts.confirm(pool=one, mandate=operator(CONFIRM), at=now)
            messages.success(request, pgettext("inclusion", "Gathered. These grams are never counted again."))
        case "drop" if forms_["reason"].is_valid():
            own = one.instruction.initiator_id == request.user.pk
            acts.drop(pool=one, mandate=operator(INITIATE if own else CONFIRM), at=now, **forms_["reason"].cleaned_data)
            messages.success(request, pgettext("inclusion", "Not signed. Nothing was claimed."))
        case "verify" if forms_["report"].is_valid():
            mandate = access_scenarios.mandate(request.user, (Organisation.Role.VERIFIER,), INITIATE, at=now)
            digest = hashlib.sha256()
            for part in forms_["report"].cleaned_data["report"].chunks():
                digest.update(part)
            acts.verify(pool=one, report_sha256=digest.hexdigest(), verifier=mandate, at=now)
            messages.success(request, pgettext("inclusion", "Verified. The registry can issue the period."))
        case "issue":
            mandate = access_scenarios.mandate(request.user, roles.REGISTRIES, INITIATE, at=now)
            issuing.ask(pool=one, mandate=mandate, reference=f"issue-{secrets.token_hex(8)}", at=now)
            messages.success(request, pgettext("inclusion", "Asked for. A second person must sign."))
        case "confirm_issue":
            mandate = access_scenarios.mandate(request.user, roles.REGISTRIES, CONFIRM, at=now)
            issuing.confirm(pool=one, asked=asked_issue(request, one), mandate=mandate, at=now)
            messages.success(request, pgettext("inclusion", "Issued. The units are in the owner's account."))
        case "drop_issue" if forms_["reason"].is_valid():
            asked = asked_issue(request, one)
            capacity = INITIATE if asked.initiator_id == request.user.pk else CONFIRM
            mandate = access_scenarios.mandate(request.user, roles.REGISTRIES, capacity, at=now)
            issuing.drop(asked=asked, mandate=mandate, at=now, **forms_["reason"].cleaned_data)
            messages.success(request, pgettext("inclusion", "Not signed. Nothing was issued."))
        case "earned" if forms_["earned"].is_valid():
            given = forms_["earned"].cleaned_data
            acts.ask_earned(
                pool=one, sale=given["sale"].strip(), tonnes=given["tonnes"], at=now, mandate=operator(INITIATE),
                fen=quantity.fen_from_yuan(str(given["yuan"])), reference=f"earned-{secrets.token_hex(8)}",
            )  # fmt: skip
            messages.success(request, pgettext("inclusion", "Asked for. A second person must sign."))
        case "sign":
            asked = access.asked(acts.EARN, access.key(request.POST.get("key", "")), [one.operator_id])
            acts.confirm_earned(asked=asked, mandate=operator(CONFIRM), at=now)
            messages.success(request, pgettext("inclusion", "Signed. The money is in the budget of rewards."))
        case _:
            return False
    return True


def asked_issue(request, one):
    """The instruction that was shown; another's, or none any more: 404."""
    asked = access.asked(issuing.ACT, access.key(request.POST.get("key", "")))
    if asked.body["pool"] != one.pk.hex:
        raise Http404
    return asked

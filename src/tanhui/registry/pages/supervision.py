"""The registry's look at accounts: found by number, name or code; restricted, opened again or closed by two people."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.identity.models import Mandate, Organisation
from tanhui.kernel.refusal import Refusal
from tanhui.registry import access, openings
from tanhui.registry.acts import account as accounts
from tanhui.registry.acts import desk
from tanhui.registry.forms import opening as forms
from tanhui.registry.models import Account
from tanhui.ui import refusals

SUPERVISE = rights.member(
    "registry.supervise_accounts",
    roles=[Organisation.Role.REGISTRY],
    capacities=[Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM],
)
TONES = {Account.State.OPEN: "good", Account.State.RESTRICTED: "stop", Account.State.CLOSED: "quiet"}
FIELD_OF = {"registry.account_state_impossible": "state", "registry.account_not_empty": "state"}
SHOWN = 200


@rights.needs(SUPERVISE)
@require_GET
def listed(request):
    form = forms.Search(request.GET)
    searched = access.searched(form.cleaned_data["q"]) if form.is_valid() else ""
    rows = list(openings.accounts(searched)[:SHOWN])
    for one in rows:
        one.tone = TONES[one.state]
    return render(request, "registry/supervision.html", {"rows": rows, "form": form, "full": len(rows) == SHOWN})


@rights.needs(SUPERVISE)
@require_http_methods(["GET", "POST"])
def account(request, code):
    """One account: its state, the papers behind it, what is proposed, and what was decided before."""
    now = timezone.now()
    found = access.supervised(request.user, code, at=now)
    form = forms.ChangeState(
        request.POST if request.POST.get("do") == "propose" else None,
        initial={"reference": uuid.uuid4()}, states=accounts.CHANGES.get(found.state, ()),
    )  # fmt: skip
    refusal, status = None, 200
    if request.method == "POST":
        try:
            if act_on(request, found, form, now):
                return redirect("registry:supervised", found.code)
            status = 422
        except Refusal as said:
            if form.is_bound:
                status = refusals.show(form, said, FIELD_OF)
            else:
                refusal, status = said, said.status
    asked = openings.changes(found)
    waiting = [one for one in asked if getattr(one, "decision", None) is None and one.expires_at > now]
    return render(
        request,
        "registry/supervised.html",
        {
            "account": found, "tone": TONES[found.state], "form": form, "refusal": refusal,
            "quantity": accounts.quantity_t(found), "waiting": [(one, becoming(one)) for one in waiting],
            "past": [(one, becoming(one)) for one in asked if one not in waiting],
            "application": getattr(found, "application", None),
        },
        status=status,
    )  # fmt: skip


def becoming(asked):
    return Account.State(asked.body["state"]).label


def act_on(request, found, form, now):
    """Ask for a change, sign one, or let one drop; ``False`` when the form needs more. Refuses as the acts do."""
    match request.POST.get("do"):
        case "propose":
            if not form.is_valid():
                return False
            given = form.cleaned_data
            accounts.propose_state(
                account=found, state=given["state"], reason=given["reason"], clause=given["clause"],
                mandate=access.supervisor(request.user, "INITIATE", at=now), reference=given["reference"], at=now,
            )  # fmt: skip
            messages.success(request, _("Signed. A colleague must sign too; then it takes effect."))
        case "confirm":
            asked = access.change(found, request.POST.get("instruction", ""))
            accounts.confirm_state(
                instruction=asked, initiating=desk.given_under(asked),
                mandate=access.supervisor(request.user, "CONFIRM", at=now), at=now,
            )  # fmt: skip
            messages.success(request, _("Signed; it has taken effect."))
        case "drop":
            asked = access.change(found, request.POST.get("instruction", ""))
            capacity = "INITIATE" if asked.initiator_id == request.user.pk else "CONFIRM"
            accounts.drop_state(
                instruction=asked, mandate=access.supervisor(request.user, capacity, at=now), reason="", at=now
            )
            messages.success(request, _("Not carried out."))
        case _:
            return False
    return True

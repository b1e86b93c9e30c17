from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tanhui.identity import access as people
from tanhui.identity import fresh, rights
from tanhui.identity.models import Mandate
from tanhui.kernel.refusal import Refusal
from tanhui.registry import access, forms
from tanhui.registry.acts import desk
from tanhui.registry.pages import wording

CONFIRM, INITIATE = Mandate.Capacity.CONFIRM, Mandate.Capacity.INITIATE


@rights.needs(
    rights.member("registry.instructions", at_door=True),
    post=rights.member("registry.decide", capacities=[CONFIRM, INITIATE], at_door=True),
)
@require_http_methods(["GET", "POST"])
def instruction(request, key):
    now = timezone.now()
    asked = access.instruction(request.user, key, at=now)
    fresh.resume(request)
    form = forms.Reject(request.POST if request.POST.get("decision") == "reject" else None)
    refusal, status = None, 200
    if request.method == "POST" and (elsewhere := fresh.required(request, now)):
        return elsewhere
    if request.method == "POST":
        try:
            if decide(request, asked, form, now):
                return redirect("registry:instruction", asked.pk)
            status = 422
        except Refusal as said:
            refusal, status = said, said.status
            asked = access.instruction(request.user, key, at=now)
    decision = getattr(asked, "decision", None)
    return render(
        request,
        "registry/instruction.html",
        {
            "instruction": asked,
            "decision": decision,
            "title": wording.title(asked),
            "what": wording.what(asked),
            "steps": wording.ended(asked, decision),
            "lapsed": decision is None and asked.expires_at <= now,
            "may_confirm": access.holds(request.user, asked.organisation, CONFIRM, at=now),
            "certificate": decision.result.get("certificate") if decision else None,
            "reject_form": form,
            "refusal": refusal,
        },
        status=status,
    )


def decide(request, asked, form, now):
    """Carry out the visitor's decision; ``False`` when the form needs more. Refuses as the desk does."""
    match request.POST.get("decision"):
        case "confirm":
            mandate = access.confirmer(request.user, asked, at=now)
            desk.confirm(instruction=asked, mandate=mandate, at=now)
            messages.success(request, _("Confirmed and carried out."))
        case "reject":
            if not form.is_valid():
                return False
            mandate = access.confirmer(request.user, asked, at=now)
            desk.reject(instruction=asked, mandate=mandate, reason=form.cleaned_data["reason"], at=now)
            messages.success(request, _("Rejected. The units are free again."))
        case "withdraw":
            mandate = people.mandate(request.user, asked.organisation, INITIATE, at=now)
            desk.withdraw(instruction=asked, mandate=mandate, reason="", at=now)
            messages.success(request, _("Withdrawn. The units are free again."))
        case _:
            return False
    return True

"""The page of what waits for its second signature: everybody who may look sees it, a confirming colleague confirms it
or turns it down, and who asked takes it back. A room says what it is about and which acts carry it out."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tanhui.identity import access, fresh
from tanhui.identity.models import Decision, Instruction, Mandate, Person
from tanhui.kernel.refusal import Refusal

CONFIRM, INITIATE = Mandate.Capacity.CONFIRM, Mandate.Capacity.INITIATE
Shown = Callable[[Instruction, Decision | None], Mapping[str, Any]]


class Reason(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class Acts(Protocol):
    """Who carries out what was decided: a module of a room's acts."""

    def confirm(self, *, asked: Instruction, mandate: Mandate, at: datetime) -> Any: ...

    def drop(self, *, asked: Instruction, mandate: Mandate, at: datetime, outcome: str, reason: str) -> Any: ...


def page(
    request: HttpRequest, door: Callable[[], Instruction], acts: Acts, template: str, shown: Shown, *, at: datetime
) -> HttpResponseBase:
    """Show what ``door`` lets the visitor see, and carry out what they decided about it.

    ``template`` extends ``identity/asked.html``; ``shown`` gives its words: ``title``, ``facts`` (label and value) and
    what its blocks need.
    """
    asked, refusal, status = door(), None, 200
    person = cast(Person, request.user)
    fresh.resume(request)
    form = Reason(request.POST if request.POST.get("do") == "turn_down" else None)
    if request.method == "POST":
        if elsewhere := fresh.required(request, at):
            return elsewhere
        try:
            if decide(request, asked, form, acts, at):
                return redirect(request.path)
            status = 422
        except Refusal as said:
            refusal, status = said, said.status
            asked = door()
    decision = getattr(asked, "decision", None)
    context = {
        "asked": asked, "decision": decision, "lapsed": decision is None and asked.expires_at <= at, "reject": form,
        "may_confirm": access.holds(person, asked.organisation_id, CONFIRM, at=at), "refusal": refusal,
    }  # fmt: skip
    return render(request, template, context | dict(shown(asked, decision)), status=status)


def decide(request: HttpRequest, asked: Instruction, form: Reason, acts: Acts, at: datetime) -> bool:
    """Whether something was decided: not when the form needs more, or it is nothing known."""
    do = request.POST.get("do")
    if do not in {"confirm", "turn_down", "take_back"} or (do == "turn_down" and not form.is_valid()):
        return False
    person = cast(Person, request.user)
    capacity = INITIATE if do == "take_back" else CONFIRM
    mandate = access.mandate(person, asked.organisation_id, capacity, at=at)
    if do == "confirm":
        acts.confirm(asked=asked, mandate=mandate, at=at)
        messages.success(request, _("Confirmed and carried out."))
    elif do == "turn_down":
        acts.drop(asked=asked, mandate=mandate, at=at, outcome="REJECTED", reason=form.cleaned_data["reason"])
        messages.success(request, _("Turned down. Nothing has been done."))
    else:
        acts.drop(asked=asked, mandate=mandate, at=at, outcome="WITHDRAWN", reason="")
        messages.success(request, _("Taken back. Nothing has been done."))
    return True

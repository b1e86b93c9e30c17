"""What a number is: a serial, a unit inside a block, a certificate, a project, a batch; one, or a pasted list."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal
from tanhui.portal import forms
from tanhui.portal.queries import whereabouts
from tanhui.registry.models import Batch, Project, Retirement
from tanhui.ui import refusals, shared
from tanhui.ui.templatetags.ui import Step

MOVED = {
    "registry.issued": gettext_lazy("Issued"),
    "registry.imported": gettext_lazy("Imported from another register"),
    "registry.transferred": gettext_lazy("Changed hands"),
    "registry.settled": gettext_lazy("Settled on the exchange"),
    "registry.retired": gettext_lazy("Retired"),
    "registry.cancelled": gettext_lazy("Cancelled"),
}


@rights.needs(rights.PUBLIC)
@require_GET
def look_up(request):
    number = request.GET.get("number", "").replace("\x00", "")[:400].strip()
    if not number:
        return render(request, "portal/look_up.html")
    try:
        found = shared.kept(request, lambda: whereabouts.resolve(number))
    except Refusal as refusal:
        context = {"number": number[:200], "refusal": refusal, "sentence": refusals.say(refusal)}
        return render(request, "portal/look_up.html", context, status=refusal.status)
    match found:
        case Retirement():
            return redirect("registry:certificate", found.certificate)
        case Project():
            return redirect("portal:project", found.number)
        case Batch():
            return redirect("portal:batch", found.asset.code)

    def make():
        steps = [Step(MOVED.get(step.kind, step.kind), "done", step.at) for step in found.history]
        return {"found": found, "steps": steps, "project": whereabouts.namesake(number)}

    return shared.render(request, "portal/units.html", make, number=number[:200])


@rights.needs(rights.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def look_up_many(request):
    """A pasted list, line by line; nothing is kept, so a reload asks again."""
    form = forms.Numbers(request.POST or None)
    context, status = {"form": form}, 200
    if form.is_bound and form.is_valid():
        try:
            answers = whereabouts.many(form.cleaned_data["numbers"].splitlines())
            context["answers"] = [told(one) for one in answers]
            context["missing"] = sum(one.found is None for one in answers)
        except Refusal as refusal:
            status = refusals.show(form, refusal, {refusal.code: "numbers"})
    return render(request, "portal/look_up_many.html", context, status=422 if form.errors and status == 200 else status)


def told(answer):
    """One line of the answer: what it is, in which state, for whom, and where more is said."""
    match answer.found:
        case None:
            return {"text": answer.text, "kind": "", "sentence": refusals.say(answer.refusal)}
        case Retirement() as one:
            return {"text": answer.text, "kind": "certificate", "one": one}
        case Project() as one:
            return {"text": answer.text, "kind": "project", "one": one}
        case Batch() as one:
            return {"text": answer.text, "kind": "batch", "one": one}
        case units:
            return {"text": answer.text, "kind": "units", "one": units}

"""What a number is: a serial, a unit inside a block, a certificate, a project, a batch."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal
from tanhui.portal.queries import whereabouts
from tanhui.registry.models import Retirement
from tanhui.ui import refusals
from tanhui.ui.templatetags.ui import Step

MOVED = {
    "registry.issued": gettext_lazy("Issued"),
    "registry.imported": gettext_lazy("Imported from another register"),
    "registry.transferred": gettext_lazy("Transferred"),
    "registry.retired": gettext_lazy("Retired"),
    "registry.cancelled": gettext_lazy("Cancelled"),
}


@rights.needs(rights.PUBLIC)
@require_GET
def look_up(request):
    number = request.GET.get("number", "").replace("\x00", "")[:200].strip()
    if not number:
        return render(request, "portal/look_up.html")
    try:
        found = whereabouts.find(number)
    except Refusal as refusal:
        context = {"number": number, "refusal": refusal, "sentence": refusals.say(refusal)}
        return render(request, "portal/look_up.html", context, status=refusal.status)
    if isinstance(found, Retirement):
        return redirect("registry:certificate", found.certificate)
    steps = [Step(MOVED.get(step.kind, step.kind), "done", step.at) for step in found.history]
    return render(request, "portal/look_up.html", {"number": number, "found": found, "steps": steps})

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from tanhui.files import access, exports, forms, queries, serving
from tanhui.files.acts import exporting
from tanhui.files.models import Export
from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal
from tanhui.ui import downloads, refusals

MINE = rights.person("files.export")
MAKING = {Export.State.ASKED, Export.State.RUNNING}
TONES = {"ASKED": "wait", "RUNNING": "wait", "READY": "good", "FAILED": "stop", "EXPIRED": "quiet"}


def answer(request, name, parameters, form):
    """A list as a file: at once when it is short, else as an export of the visitor, who signs in first.

    For pages of other rooms. Refuses as the list's own exporter does.
    """
    person, now = (request.user if request.user.is_authenticated else None), timezone.now()
    found = exports.exporter(name, person, parameters, now)
    total, rows = found.rows(parameters)
    if total <= exports.AT_ONCE:
        return downloads.table(found.file_name, form, list(found.header()), rows)
    if person is None:
        return redirect_to_login(request.get_full_path())
    exporting.ask(person=person, name=name, parameters=parameters, form=form, language=get_language() or "en", at=now)
    messages.success(request, _("The list is long; it is being made into a file. You find it here when it is ready."))
    return redirect("files:exports")


@require_GET
@rights.needs(rights.PUBLIC)
def export(request):
    """``?name=…&form=csv``: a list as a file, by its name and parameters."""
    wish = forms.Wish(request.GET)
    if not wish.is_valid():
        return render(request, "files/refused.html", {"form": wish}, status=422)
    try:
        return answer(request, wish.cleaned_data["name"], wish.parameters, wish.cleaned_data["form"])
    except Refusal as refusal:
        return render(request, "files/refused.html", {"refusal": refusal}, status=refusal.status)


@require_GET
@rights.needs(MINE)
def mine(request):
    return render(request, "files/exports.html", context(request))


@require_GET
@rights.needs(MINE)
def part(request):
    """Only the list, for the page that waits."""
    return render(request, "files/parts/exports.html", context(request))


@require_safe
@rights.needs(MINE)
def file(request, key):
    try:
        return serving.export(request, access.export(request.user, key))
    except Refusal as refusal:
        return render(request, "files/refused.html", {"refusal": refusal}, status=refusal.status)


@require_POST
@rights.needs(MINE)
def forget(request, key):
    exporting.forget(export=access.export(request.user, key))
    messages.success(request, _("The export was removed."))
    return redirect("files:exports")


@require_POST
@rights.needs(MINE)
def again(request, key):
    """Ask anew for what has failed or run out."""
    found = access.export(request.user, key)
    try:
        exporting.ask(
            person=request.user, name=found.name, parameters=found.parameters, form=found.form,
            language=get_language() or "en", at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        messages.error(request, refusals.say(refusal))
    return redirect("files:exports")


def context(request):
    rows = [row(one) for one in queries.exports_of(request.user)]
    return {"rows": rows, "making": any(one["making"] for one in rows)}


def row(one):
    exporter = queries.exporter_of(one)
    return {
        "one": one,
        "title": exporter.title if exporter else one.name,
        "told": exporter.told(one.parameters) if exporter else [],
        "making": one.state in MAKING,
        "tone": TONES[one.state],
        "gone": one.state in {Export.State.FAILED, Export.State.EXPIRED},
    }

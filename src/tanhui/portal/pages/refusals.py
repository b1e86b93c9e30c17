"""Every rule that may say no, and the page behind a refusal's code."""

from http.client import responses as phrases

from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_safe

from tanhui.identity import rights
from tanhui.portal import access
from tanhui.portal.queries import refusals as rulebook

ROOMS = {
    "registry": gettext_lazy("Register"),
    "ledger": gettext_lazy("Ledger"),
    "identity": gettext_lazy("People and organisations"),
    "rulepacks": gettext_lazy("Rule packs"),
    "methods": gettext_lazy("Methodologies"),
    "kernel": gettext_lazy("Numbers, codes and dates"),
    "journal": gettext_lazy("Journal"),
    "tlog": gettext_lazy("Transparency log"),
    "portal": gettext_lazy("Public pages"),
    "ui": gettext_lazy("Pages and papers"),
    "site": gettext_lazy("Server and interface"),
    "library": gettext_lazy("Library of methodologies"),
    "inventory": gettext_lazy("Stock sinks: accounting years"),
    "projects": gettext_lazy("Land and projects"),
    "inclusion": gettext_lazy("Personal carbon accounts"),
    "nep": gettext_lazy("Stock sinks: computing"),
    "tally": gettext_lazy("Everyday behaviour: counting"),
    "files": gettext_lazy("Files"),
    "notices": gettext_lazy("Notices"),
    "cli": gettext_lazy("Command line"),
}


@rights.needs(rights.PUBLIC)
@require_safe
def refused(request):
    """Every rule that may say no, room by room; the rooms people meet most come first."""
    found = rulebook.by_room()
    order = [*ROOMS, *sorted(found.keys() - ROOMS.keys())]
    rooms = [
        {"name": room, "title": ROOMS.get(room, room), "rules": [told(rule) for rule in found[room]]}
        for room in order
        if room in found
    ]
    return render(request, "portal/refusals.html", {"rooms": rooms, "count": len(rulebook.rules())})


@rights.needs(rights.PUBLIC)
@require_safe
def refusal(request, code):
    """One rule that may say no: where the ``type`` of a problem of the API leads."""
    return render(request, "portal/refusal.html", told(access.refusal(code)))


def told(rule):
    """A rule with its sentence in both languages, the visitor's first."""
    said = [("zh-CN", rule.said("zh-hans")), ("en", rule.said("en"))]
    mine = (get_language() or "en").startswith("zh")
    return {"rule": rule, "said": said if mine else said[::-1], "phrase": phrases.get(rule.status, "")}

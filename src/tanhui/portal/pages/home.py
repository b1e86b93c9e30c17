"""The first page, and the figures of the whole register."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from tanhui.identity import rights
from tanhui.journal import queries as journal
from tanhui.portal.queries import figures as totals
from tanhui.registry import queries as units
from tanhui.registry.models import Retirement

LATEST = 6


@rights.needs(rights.PUBLIC)
@require_safe
def home(request):
    checkpoint = journal.head()
    return render(
        request,
        "portal/home.html",
        figures()
        | {
            "latest": units.retirements().order_by("-pk")[:LATEST],
            "checkpoint": checkpoint,
            "root": checkpoint and bytes(checkpoint.root).hex(),
        },
    )


def figures():
    """The figures, and the parts of the balance bar as shares of a thousand."""
    found = totals.figures()
    parts, x = [], 0
    for name in ("held", "buffer", "retired", "cancelled"):
        width = 1000 * getattr(found, name) // (found.issued or 1)
        parts.append({"name": name, "x": x, "width": width})
        x += width
    return {"figures": found, "parts": parts}


@rights.needs(rights.PUBLIC)
@require_GET
def registry(request):
    labels = dict(Retirement.Purpose.choices)
    return render(
        request,
        "portal/registry.html",
        figures()
        | {
            "now": timezone.now(),
            "purposes": [
                {"purpose": purpose, "label": labels[purpose], "count": count, "tonnes": tonnes}
                for purpose, count, tonnes in totals.retired_by_purpose()
            ],
            "beneficiaries": [
                {"name": name, "count": count, "tonnes": tonnes}
                for name, count, tonnes in totals.retired_by_beneficiary()
            ],
        },
    )

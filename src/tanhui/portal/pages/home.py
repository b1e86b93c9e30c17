"""The first page, and the figures of the whole register."""

from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from tanhui.identity import rights
from tanhui.journal import queries as journal
from tanhui.portal.queries import figures as totals
from tanhui.portal.queries import lines, statistics
from tanhui.registry.models import Retirement
from tanhui.ui import shared

LATEST = 6


@rights.needs(rights.PUBLIC)
@require_safe
def home(request):
    def make():
        checkpoint = journal.head()
        standing = lines.read(lines.LISTINGS["publications"], {"state": "standing"})
        return figures() | {
            "latest": totals.latest_retirements(LATEST),
            "publications": lines.page(standing, "", LATEST).rows,
            "checkpoint": checkpoint,
            "root": checkpoint and bytes(checkpoint.root).hex(),
        }

    return shared.render(request, "portal/home.html", make)


def figures():
    """The figures, and the parts of the balance bar as shares of a thousand."""
    found = statistics.now()
    parts, x = [], 0
    for name in ("held", "buffer", "retired", "cancelled"):
        width = 1000 * getattr(found, name) // (found.issued or 1)
        parts.append({"name": name, "x": x, "width": width})
        x += width
    return {"figures": found, "parts": parts, "projects": totals.registered(), "now": timezone.now()}


@rights.needs(rights.PUBLIC)
@require_GET
def registry(request):
    """The registers at a glance."""

    def make():
        labels = dict(Retirement.Purpose.choices)
        purposes = [(one, labels.get(one.value, one.value)) for one in statistics.purposes()]
        return figures() | {"purposes": purposes, "beneficiaries": totals.beneficiaries(most=20)}

    return shared.render(request, "portal/registry.html", make)

"""A project's page, and the run bundles its quantities are computed from again."""

import datetime as dt

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.portal import access
from tanhui.portal.queries import figures as totals
from tanhui.ui.templatetags.ui import Step


@rights.needs(rights.PUBLIC)
@require_GET
def project(request, number):
    found = access.project(number)
    periods = found.periods.select_related("verifier", "issuance").defer("bundle").order_by("span")
    periods = periods.annotate(has_bundle=Q(bundle__isnull=False))
    issued = [period.issuance.at for period in periods if hasattr(period, "issuance")]
    return render(
        request,
        "portal/project.html",
        {
            "project": found,
            "periods": periods,
            "batches": totals.batches().filter(project=found).order_by("pk"),
            "steps": [
                Step(_("Registered"), "done", found.registered_at, str(found.validator)),
                Step(_("Verified"), "done" if periods else "now", max((p.verified_at for p in periods), default=None)),
                Step(_("Issued"), "done" if issued else "now" if periods else "todo", max(issued, default=None)),
            ],
        },
    )


@rights.needs(rights.PUBLIC)
@require_GET
def run(request, number, key):
    """The public run bundle of a period: what ``tanhui method rerun`` computes the verified quantity from again."""
    period = access.period(number, key)
    name = f"{number:06d}-{period.span.lower}-{period.span.upper - dt.timedelta(days=1)}.json"
    return HttpResponse(
        bytes(period.bundle),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

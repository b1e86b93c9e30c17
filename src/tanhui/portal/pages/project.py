"""A project's page and a batch's, and the run bundles their quantities are computed from again."""

import datetime as dt

from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tanhui.files import queries as files
from tanhui.files.templatetags import files as papers
from tanhui.identity import rights
from tanhui.portal import access
from tanhui.portal.queries import dossier, statistics, whereabouts
from tanhui.portal.queries import figures as totals
from tanhui.registry.doors import PROJECT
from tanhui.registry.models import Project
from tanhui.ui import shared
from tanhui.ui.templatetags.ui import Step

SHOWN = 50


@rights.needs(rights.PUBLIC)
@require_GET
def project(request, number):
    found = shared.kept(request, lambda: access.project(number))
    own = {"project": found, "subject": f"{PROJECT}:{found.number:06d}", "everything": "papers" in request.GET}
    return shared.render(request, "portal/project.html", lambda: told(found), **own)


def told(found):
    """A project with its periods and batches, and the stations of its life."""
    periods = list(
        found.periods.select_related("verifier", "issuance").defer("bundle").order_by("span")
        .annotate(has_bundle=Q(bundle__isnull=False))
    )  # fmt: skip
    issued = [period.issuance.at for period in periods if hasattr(period, "issuance")]
    batches = list(totals.batches().filter(project=found).order_by("-pk")[: SHOWN + 1])
    places = dossier.places(found)
    for period in periods:
        period.place = places.get(period.pk)
    steps = [
        Step(_("Registered"), "done", found.registered_at, str(found.validator)),
        Step(_("Verified"), "done" if periods else "now", max((p.verified_at for p in periods), default=None)),
        Step(_("Issued"), "done" if issued else "now" if periods else "todo", max(issued, default=None)),
    ]
    if found.state != Project.State.REGISTERED:
        steps.append(Step(found.get_state_display(), "stopped"))
    return {
        "periods": periods, "batches": batches[:SHOWN], "more": len(batches) > SHOWN,
        "figures": dossier.figures_of(found), "steps": steps, "now": timezone.now(),
        "papers": [papers.shown(one) for one in files.listed(f"{PROJECT}:{found.number:06d}", None, timezone.now())],
    }  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_GET
def batch(request, code):
    """A batch with its units by public state; never who holds them while they live."""
    found = access.batch(code)

    def make():
        return {
            "project": found.project, "printed": totals.printed(found), "now": timezone.now(),
            "figures": statistics.of_batches([found.pk]).get(found.pk), "whole": whereabouts.whole(found),
            "place": dossier.place_of(found),
        }  # fmt: skip

    return shared.render(request, "portal/batch.html", make, batch=found)


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

"""The registers as pages of rows, or whole as files."""

import datetime as dt

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.portal.queries import figures as totals
from tanhui.registry import queries as units
from tanhui.registry.models import Retirement
from tanhui.ui import downloads, paging

FORMATS = {"csv", "xlsx"}


def register(request, template, rows, header, line, **extra):
    """One register as a page of rows, or whole as a file when the address asks for one."""
    form = request.GET.get("format")
    if form in FORMATS:
        name = template.removesuffix(".html")
        return downloads.table(name, form, header, map(line, rows.order_by("pk").iterator(chunk_size=2000)))
    page = paging.page(rows, request.GET.get("before", ""))
    return render(request, f"portal/{template}", {"page": page} | extra)


@rights.needs(rights.PUBLIC)
@require_GET
def projects(request):
    return register(
        request,
        "projects.html",
        totals.projects(),
        [
            _("Project number"),
            _("Project"),
            _("Owner"),
            _("Unified social credit code"),
            _("Methodology"),
            _("Crediting period starts"),
            _("Crediting period ends"),
            _("State"),
            _("Issued (tCO2e)"),
        ],
        lambda one: [
            f"{one.number:06d}",
            one.name,
            one.owner.name,
            one.owner.uscc,
            one.methodology,
            *days(one.crediting),
            one.get_state_display(),
            one.issued_t,
        ],
    )


@rights.needs(rights.PUBLIC)
@require_GET
def batches(request):
    return register(
        request,
        "batches.html",
        totals.batches(),
        [
            _("Serial"),
            _("Project number"),
            _("Project"),
            _("Vintage"),
            _("Monitoring period starts"),
            _("Monitoring period ends"),
            _("Issued on"),
            _("Quantity (tCO2e)"),
        ],
        lambda one: [
            totals.printed(one),
            f"{one.project.number:06d}",
            one.project.name,
            one.vintage,
            *days(one.span),
            minute(one.issued_at),
            one.quantity_t,
        ],
    )


@rights.needs(rights.PUBLIC)
@require_GET
def retirements(request):
    purpose = request.GET.get("purpose", "")
    purpose = purpose if purpose in Retirement.Purpose.values else ""
    beneficiary = request.GET.get("beneficiary", "").strip().replace("\x00", "")[:120]
    rows = units.retirements(purpose, beneficiary)
    return register(
        request,
        "retirements.html",
        rows,
        [_("Certificate"), _("On behalf of"), _("Code"), _("Purpose"), _("Quantity (tCO2e)"), _("Retired on")],
        lambda one: [
            one.certificate,
            one.beneficiary_name,
            one.beneficiary_code,
            one.get_purpose_display(),
            one.quantity_t,
            minute(one.at),
        ],
        purposes=Retirement.Purpose.choices,
        purpose=purpose,
        beneficiary=beneficiary,
        filtered_t=totals.total(rows) if purpose or beneficiary else None,
    )


@rights.needs(rights.PUBLIC)
@require_GET
def cancellations(request):
    return register(
        request,
        "cancellations.html",
        totals.cancellations(),
        [_("Kind"), _("Reason"), _("Quantity (tCO2e)"), _("Cancelled on")],
        lambda one: [one.get_kind_display(), one.reason, one.quantity_t, minute(one.at)],
    )


def minute(at):
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def days(span):
    return [str(span.lower), str(span.upper - dt.timedelta(days=1)) if span.upper else ""]

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from tanhui.portal import access, queries
from tanhui.registry.models import Retirement
from tanhui.ui import downloads, paging
from tanhui.ui.templatetags.ui import Step

LATEST = 6
FORMATS = {"csv", "xlsx"}


@require_safe
def home(request):
    checkpoint = queries.last_checkpoint()
    return render(request, "portal/home.html", figures() | {
        "latest": queries.retirements().order_by("-pk")[:LATEST],
        "checkpoint": checkpoint,
        "root": checkpoint and bytes(checkpoint.root).hex(),
    })


def figures():
    """The figures, and the parts of the balance bar as shares of a thousand."""
    found = queries.figures()
    parts, x = [], 0
    for name in ("held", "buffer", "retired", "cancelled"):
        width = 1000 * getattr(found, name) // (found.issued or 1)
        parts.append({"name": name, "x": x, "width": width})
        x += width
    return {"figures": found, "parts": parts}


@require_GET
def registry(request):
    labels = dict(Retirement.Purpose.choices)
    return render(request, "portal/registry.html", figures() | {
        "now": timezone.now(),
        "purposes": [
            {"purpose": purpose, "label": labels[purpose], "count": count, "tonnes": tonnes}
            for purpose, count, tonnes in queries.retired_by_purpose()
        ],
        "beneficiaries": [
            {"name": name, "count": count, "tonnes": tonnes}
            for name, count, tonnes in queries.retired_by_beneficiary()
        ],
    })


def register(request, template, rows, header, line, **extra):
    """One register as a page of rows, or whole as a file when the address asks for one."""
    form = request.GET.get("format")
    if form in FORMATS:
        name = template.removesuffix(".html")
        return downloads.table(name, form, header, map(line, rows.order_by("pk").iterator(chunk_size=2000)))
    page = paging.page(rows, request.GET.get("before", ""))
    return render(request, f"portal/{template}", {"page": page} | extra)


@require_GET
def projects(request):
    return register(
        request, "projects.html", queries.projects(),
        [_("Project number"), _("Project"), _("Owner"), _("Unified social credit code"), _("Methodology"),
         _("Methodology version"), _("Crediting period starts"), _("Crediting period ends"), _("State"),
         _("Issued (tCO2e)")],
        lambda one: [f"{one.number:06d}", one.name, one.owner.name, one.owner.uscc, one.methodology,
                     one.methodology_version, *days(one.crediting), one.get_state_display(), one.issued_t],
    )


@require_GET
def batches(request):
    return register(
        request, "batches.html", queries.batches(),
        [_("Serial"), _("Project number"), _("Project"), _("Vintage"), _("Monitoring period starts"),
         _("Monitoring period ends"), _("Issued on"), _("Quantity (tCO2e)")],
        lambda one: [one.serial, f"{one.project.number:06d}", one.project.name, one.vintage, *days(one.span),
                     minute(one.issued_at), one.quantity_t],
    )


@require_GET
def retirements(request):
    purpose = request.GET.get("purpose", "")
    purpose = purpose if purpose in Retirement.Purpose.values else ""
    beneficiary = request.GET.get("beneficiary", "").strip().replace("\x00", "")[:120]
    rows = queries.retirements(purpose, beneficiary)
    return register(
        request, "retirements.html", rows,
        [_("Certificate"), _("On behalf of"), _("Code"), _("Purpose"), _("Quantity (tCO2e)"), _("Retired on")],
        lambda one: [one.certificate, one.beneficiary_name, one.beneficiary_code, one.get_purpose_display(),
                     one.quantity_t, minute(one.at)],
        purposes=Retirement.Purpose.choices, purpose=purpose, beneficiary=beneficiary,
        filtered_t=queries.total(rows) if purpose or beneficiary else None,
    )


@require_GET
def cancellations(request):
    return register(
        request, "cancellations.html", queries.cancellations(),
        [_("Kind"), _("Reason"), _("Quantity (tCO2e)"), _("Cancelled on")],
        lambda one: [one.get_kind_display(), one.reason, one.quantity_t, minute(one.at)],
    )


def minute(at):
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def days(span):
    return [str(span.lower), str(access.last_day(span))]


@require_GET
def project(request, number):
    found = access.project(number)
    periods = found.periods.select_related("verifier", "issuance").order_by("span")
    issued = [period.issuance.at for period in periods if hasattr(period, "issuance")]
    return render(request, "portal/project.html", {
        "project": found,
        "periods": periods,
        "batches": queries.batches().filter(project=found).order_by("pk"),
        "steps": [
            Step(_("Registered"), "done", found.registered_at, str(found.validator)),
            Step(_("Verified"), "done" if periods else "now", max((p.verified_at for p in periods), default=None)),
            Step(_("Issued"), "done" if issued else "now" if periods else "todo", max(issued, default=None)),
        ],
    })


@require_GET
def verify(request):
    return render(request, "portal/verify.html", {"key": queries.verifier_key()})

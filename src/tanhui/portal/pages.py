import datetime as dt
from http import HTTPStatus

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from tanhui.journal import queries as journal
from tanhui.kernel.refusal import Refusal
from tanhui.portal import access, forms
from tanhui.portal.queries import figures as totals
from tanhui.portal.queries import log as logbook
from tanhui.portal.queries import refusals as rulebook
from tanhui.portal.queries import whereabouts
from tanhui.registry import queries as units
from tanhui.registry.models import Retirement
from tanhui.ui import downloads, paging, refusals
from tanhui.ui.templatetags.ui import Step

LATEST = 6
FORMATS = {"csv", "xlsx"}
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
    "cli": gettext_lazy("Command line"),
}
MOVED = {
    "registry.issued": gettext_lazy("Issued"),
    "registry.imported": gettext_lazy("Imported from another register"),
    "registry.transferred": gettext_lazy("Transferred"),
    "registry.retired": gettext_lazy("Retired"),
    "registry.cancelled": gettext_lazy("Cancelled"),
}


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


@require_GET
def verify(request):
    return render(request, "portal/verify.html", {"keys": logbook.keys()})


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


@require_http_methods(["GET", "HEAD", "POST"])
def log(request):
    last = journal.head()
    form = forms.EarlierCheckpoint(request.POST or None)
    address = request.build_absolute_uri(reverse("portal:log"))
    context, status = {"last": last, "form": form, "keys": logbook.keys(), "address": address}, 200
    if last and form.is_bound and form.is_valid():
        try:
            context["consistent"] = logbook.since(form.cleaned_data["checkpoint"])
        except Refusal as refusal:
            status = refusals.show(form, refusal, {refusal.code: "checkpoint"})
    if last:
        context["root"] = bytes(last.root).hex()
    return render(request, "portal/log.html", context, status=422 if form.errors and status == 200 else status)


@require_safe
def log_file(request, path):
    """The log's files for mirrors and verifiers. Full tiles never change; the checkpoint does."""
    try:
        data = logbook.file(path)
    except Refusal as refusal:
        return HttpResponse(f"{refusal.say('en')}\n", status=refusal.status, content_type="text/plain; charset=utf-8")
    kind = "application/octet-stream" if path.startswith("tile/") else "text/plain; charset=utf-8"
    age = "max-age=31536000, immutable" if path.startswith("tile/") and ".p/" not in path else "max-age=5"
    headers = {"Cache-Control": f"public, {age}", "Access-Control-Allow-Origin": "*"}
    return HttpResponse(data, content_type=kind, headers=headers)


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


@require_safe
def refusal(request, code):
    """One rule that may say no: where the ``type`` of a problem of the API leads."""
    return render(request, "portal/refusal.html", told(access.refusal(code)))


def told(rule):
    """A rule with its sentence in both languages, the visitor's first."""
    said = [("zh-CN", rule.said("zh-hans")), ("en", rule.said("en"))]
    mine = (get_language() or "en").startswith("zh")
    return {"rule": rule, "said": said if mine else said[::-1], "phrase": HTTPStatus(rule.status).phrase}

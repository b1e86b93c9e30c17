"""The public registers: pages that are searched, filtered and sorted, the same as CSV, XLSX, PDF and Atom."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from tanhui.files.pages import exports
from tanhui.identity import rights
from tanhui.identity.models import Organisation
from tanhui.journal import queries as journal
from tanhui.kernel import divisions
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.portal import forms, papers
from tanhui.portal.models import Category
from tanhui.portal.pages import feeds
from tanhui.portal.queries import figures as totals
from tanhui.portal.queries import lines, statistics
from tanhui.registry.models import Cancellation, Project, Retirement
from tanhui.ui import downloads, paging, refusals, shared

FORMATS = {"csv", "xlsx", "pdf", "atom"}
ON_PAPER = 2_000  # rows

LABELS = {
    "scheme": gettext_lazy("Scheme"),
    "type": gettext_lazy("Type"),
    "methodology": gettext_lazy("Methodology"),
    "province": gettext_lazy("Province or region"),
    "state": gettext_lazy("State"),
    "year": gettext_lazy("Calendar year"),
    "vintage": gettext_lazy("Vintage"),
    "purpose": gettext_lazy("Purpose"),
    "kind": gettext_lazy("Kind"),
    "project": gettext_lazy("Project number"),
    "category": gettext_lazy("Category"),
    "role": gettext_lazy("Role"),
    "code": gettext_lazy("Code"),
}
WORDS: dict[tuple[str, str], dict[str, Any]] = {
    ("projects", "state"): dict(Project.State.choices),
    ("retirements", "purpose"): dict(Retirement.Purpose.choices),
    ("retirements", "kind"): dict(Retirement.Beneficiary.choices),
    ("cancellations", "kind"): dict(Cancellation.Kind.choices),
    ("publications", "category"): dict(Category.choices),
    ("publications", "state"): {"standing": gettext_lazy("Standing"), "withdrawn": gettext_lazy("Withdrawn")},
    ("organisations", "role"): dict(Organisation.Role.choices),
}


class TooManyRows(Refusal):
    code = "portal.too_many_rows"
    sentence = gettext_noop(
        "On paper a list has at most %(most)s rows. Narrow the filter, or take the CSV, which has no limit."
    )
    clause = "ARCHITECTURE.md §6.8"
    status = 422


@dataclass(frozen=True)
class Column:
    """A head of the table: ``sort`` names its order, ``kind="n"`` a column of numbers."""

    label: Any
    sort: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Shown:
    """How a register is shown, and written into a file: its heads there, and a row's cells."""

    title: Any
    lead: Any
    nothing: Any
    until_then: Any
    columns: tuple[Column, ...]
    header: tuple[Any, ...]
    cells: Any


def minute(at):
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def days(span):
    return [str(span.lower), str(span.upper - dt.timedelta(days=1)) if span.upper else ""]


QUANTITY = gettext_lazy("Quantity (tCO2e)")
SHOWN = {
    "projects": Shown(
        gettext_lazy("Projects"), gettext_lazy("Every registered project, with what was issued from it."),
        gettext_lazy("No project is registered yet"),
        gettext_lazy("Registered projects appear here with their owner, methodology and issued quantity."),
        (
            Column(gettext_lazy("Project"), "name"), Column(gettext_lazy("Project number"), "number"),
            Column(gettext_lazy("Owner")), Column(gettext_lazy("Methodology")), Column(gettext_lazy("State")),
            Column(gettext_lazy("Date of registration"), "at"), Column(gettext_lazy("Issued (tCO2e)"), "quantity", "n"),
        ),
        (
            gettext_lazy("Project number"), gettext_lazy("Project"), gettext_lazy("Owner"),
            gettext_lazy("Unified social credit code"), gettext_lazy("Scheme"), gettext_lazy("Type"),
            gettext_lazy("Province or region"), gettext_lazy("Region"), gettext_lazy("Methodology"),
            gettext_lazy("Crediting period starts"), gettext_lazy("Crediting period ends"), gettext_lazy("State"),
            gettext_lazy("Date of registration"), gettext_lazy("Issued (tCO2e)"),
        ),
        lambda one: [
            f"{one.number:06d}", one.name, one.owner.name, one.owner.uscc, one.scheme, one.kind, province(one.province),
            one.region, one.methodology, *days(one.crediting), one.get_state_display(), minute(one.registered_at),
            one.issued_t,
        ],
    ),
    "batches": Shown(
        gettext_lazy("Batches"), gettext_lazy("One batch is one block of unit numbers, given once and never again."),
        gettext_lazy("Nothing has been issued yet"), gettext_lazy("A batch appears here the moment it is issued."),
        (
            Column(gettext_lazy("Serial"), "number"), Column(gettext_lazy("Project")),
            Column(gettext_lazy("Vintage"), "vintage"), Column(gettext_lazy("Issued on"), "at"),
            Column(QUANTITY, "quantity", "n"),
        ),
        (
            gettext_lazy("Serial"), gettext_lazy("Project number"), gettext_lazy("Project"), gettext_lazy("Vintage"),
            gettext_lazy("Monitoring period starts"), gettext_lazy("Monitoring period ends"),
            gettext_lazy("Issued on"), QUANTITY,
        ),
        lambda one: [
            totals.printed(one), f"{one.project.number:06d}", one.project.name, one.vintage, *days(one.span),
            minute(one.issued_at), one.quantity_t,
        ],
    ),
    "retirements": Shown(
        gettext_lazy("Retirement register"), gettext_lazy("Units retired can never be transferred or used again."),
        gettext_lazy("Nothing has been retired yet"),
        gettext_lazy("Each retirement appears here moments after its second person confirms it."),
        (
            Column(gettext_lazy("Certificate")), Column(gettext_lazy("On behalf of"), "name"),
            Column(gettext_lazy("Purpose")), Column(QUANTITY, "quantity", "n"),
            Column(gettext_lazy("Retired on"), "at"),
        ),
        (
            gettext_lazy("Certificate"), gettext_lazy("On behalf of"), gettext_lazy("Code"), gettext_lazy("Purpose"),
            QUANTITY, gettext_lazy("Retired on"),
        ),
        lambda one: [
            one.certificate, one.beneficiary_name, one.beneficiary_code, one.get_purpose_display(), one.quantity_t,
            minute(one.at),
        ],
    ),
    "cancellations": Shown(
        gettext_lazy("Cancellations"),
        gettext_lazy("Units ended by rule and not by use: by order, or to pay for stored carbon that came back."),
        gettext_lazy("Nothing has been cancelled"),
        gettext_lazy("Cancellations by order and reversals paid from the buffer would appear here."),
        (
            Column(gettext_lazy("Kind")), Column(gettext_lazy("Reason")), Column(QUANTITY, "quantity", "n"),
            Column(gettext_lazy("Cancelled on"), "at"),
        ),
        (gettext_lazy("Kind"), gettext_lazy("Reason"), QUANTITY, gettext_lazy("Cancelled on")),
        lambda one: [one.get_kind_display(), one.reason, one.quantity_t, minute(one.at)],
    ),
}  # fmt: skip


def province(code):
    return divisions.PROVINCES.get(code, code)


@rights.needs(rights.PUBLIC)
@require_GET
def register(request, slug):
    """One register as a page of rows, or whole as a file when the address asks for one."""
    listing, shown = lines.LISTINGS[slug], SHOWN[slug]
    given = request.GET.dict()
    if "beneficiary" in given and not given.get("q"):
        given["q"] = given["beneficiary"]  # as addresses given out before name it
    asked = lines.read(listing, given)
    form = given.get("format")
    now = timezone.now()
    if form in FORMATS:
        try:
            return as_file(request, asked, shown, form, now)
        except Refusal as refusal:
            context = {"refusal": refusal, "sentence": refusals.say(refusal), "back": reverse(f"portal:{slug}")}
            return render(request, "portal/refused.html", context, status=refusal.status)

    def make():
        many, exact = lines.count(asked)
        return {
            "slug": slug, "page": lines.page(asked, given.get("before", "")), "many": many, "exact": exact,
            "asked": asked, "now": now, "default": f"-{listing.sorts[0]}", "rows": f"portal/rows/{slug}.html",
            "form": filter_form(listing, given), "labels": LABELS, "whole": whole(slug, asked),
        }  # fmt: skip

    return shared.render(request, "portal/register.html", make, shown=shown)


def filter_form(listing, given, without=("project",)):
    offered = lines.choices(listing)
    values = {
        name: [(value, said(listing.slug, name, value), many) for value, many in offered[name]]
        for name in listing.facets
        if name not in without
    }
    searchable = {"region"} if listing.slug == "projects" else ()
    return forms.Filter(given, labels=LABELS, choices=values, searchable=searchable)


def said(slug, name, value):
    """A property's value as people read it."""
    if name == "province":
        return province(value)
    return WORDS.get((slug, name), {}).get(value, value)


def whole(slug, asked):
    """The tonnes of one purpose, which the statistics have; a free search is not summed."""
    if slug == "retirements" and set(asked.values) == {"purpose"} and not asked.parts:
        return sum(one.figures.retired for one in statistics.purposes() if one.value == asked.values["purpose"])
    return None


def as_file(request, asked, shown, form, now):
    slug = asked.listing.slug
    if form == "atom":
        return feeds.register(request, asked, shown)
    if form == "xlsx":
        return exports.answer(request, f"portal.{slug}", lines.written(asked), form)
    if form == "pdf" and lines.matching(asked).values("pk")[: ON_PAPER + 1].count() > ON_PAPER:
        raise TooManyRows(most=f"{ON_PAPER:,}")
    rows = map(shown.cells, lines.every(asked))
    if form == "pdf":
        head = journal.head()
        return papers.table(
            name=slug, title=str(shown.title), header=shown.header, rows=list(rows), at=now,
            note=conditions(asked), log_size=head.size if head else 0,
        )  # fmt: skip
    return downloads.table(slug, form, [str(one) for one in shown.header], rows)


def conditions(asked):
    """The filter in words, for a file that stands alone."""
    found = [f"{LABELS[name]}：{said(asked.listing.slug, name, value)}" for name, value in asked.values.items()]
    if asked.text:
        found.insert(0, f"{_('Search')}：{asked.text}")
    if asked.region:
        found.append(f"{_('Region')}：{asked.region}")
    return "；".join(found)


@rights.needs(rights.PUBLIC)
@require_GET
def buffer(request):
    """What lies in the non-permanence buffer, batch by batch."""
    rows = totals.buffered()
    form = request.GET.get("format")
    if form in {"csv", "xlsx"}:
        header = [_("Batch"), _("Project number"), _("Project"), _("Vintage"), _("In the buffer (tCO2e)")]
        cells = (
            [one.asset.code, f"{one.asset.batch.project.number:06d}", one.asset.batch.project.name,
             one.asset.batch.vintage, one.quantity]
            for one in rows.order_by("pk").iterator(chunk_size=2000)
        )  # fmt: skip
        return downloads.table("buffer", form, header, cells)
    return render(
        request,
        "portal/buffer.html",
        {"page": paging.page(rows, request.GET.get("before", "")), "figures": statistics.now(), "now": timezone.now()},
    )


@rights.needs(rights.PUBLIC)
@require_GET
def comment(request):
    """Applications open for comment, as soon as there is a room that takes applications."""
    return render(request, "portal/comment.html", {"now": timezone.now()})


@rights.needs(rights.PUBLIC)
@require_GET
def beneficiaries(request):
    """Retirements by purpose, and by whom they were for."""
    labels = dict(Retirement.Purpose.choices)
    name = lines.clean(request.GET.get("q", ""))[:120]
    return render(
        request,
        "portal/beneficiaries.html",
        {
            "purposes": [(one, labels.get(one.value, one.value)) for one in statistics.purposes()],
            "rows": totals.beneficiaries(name), "persons": totals.persons(), "q": name, "now": timezone.now(),
            "figures": statistics.now(),
        },
    )  # fmt: skip

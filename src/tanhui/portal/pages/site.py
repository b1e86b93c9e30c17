"""What a public site is expected to carry: disclosure list, open data, site map, help, accessibility, privacy."""

import json

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_safe

from tanhui.identity import rights
from tanhui.journal import queries as journal
from tanhui.portal.models import Category
from tanhui.portal.queries import disclosure as duties
from tanhui.portal.queries import lines, sitemap, words
from tanhui.portal.templatetags import register as tabs

FORMATS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "atom": "application/atom+xml",
    "json": "application/json",
}
TITLES = {
    "search": _("Search"), "projects": _("Projects"), "batches": _("Batches"), "retirements": _("Retirements"),
    "beneficiaries": _("By beneficiary"), "publications": _("Policies and announcements"), "sitemap": _("Site map"),
    "disclosure": _("What must be public"), "privacy": _("Privacy"), "look_up": _("Look up a number"),
    "cancellations": _("Cancellations"), "buffer": _("Buffer"), "library:methodologies": _("Methodologies"),
    "projects:work_reports": _("Yearly reports of verification bodies"),
    "inventory:atlas_index": _("Stock sinks"),
}  # fmt: skip
SETS = (
    (
        "projects", _("Projects"),
        _("Every registered project with owner, methodology, place and issued quantity."), "listProjects",
    ),
    (
        "batches", _("Batches"),
        _("Every batch of units with its serials, vintage and monitoring period."), "listBatches",
    ),
    (
        "retirements", _("Retirements"),
        _("Every retirement with its certificate, purpose and beneficiary."), "listRetirements",
    ),
    ("cancellations", _("Cancellations"), _("Every cancellation by rule, with its reason."), "listCancellations"),
    ("buffer", _("Buffer"), _("What lies in the non-permanence buffer, batch by batch."), ""),
    (
        "statistics", _("Statistics"),
        _("Figures of the whole register at the end of any day, split five ways."), "getStatistics",
    ),
    (
        "library:methodologies", _("Methodologies"),
        _("Every methodology with its scheme, state, weakest evidence and the hash of its package."),
        "listMethodologies",
    ),
    (
        "inventory:atlas_index", _("Stock sinks"),
        _("The net uptake of each area and published year, with its interval and conservative bound."), "",
    ),
)  # fmt: skip


def public(template):
    """A page that only speaks."""

    @rights.needs(rights.PUBLIC)
    @require_GET
    def view(request):
        return render(request, f"portal/{template}.html", {"now": timezone.now()})

    return view


help_page, accessibility, privacy = public("help"), public("accessibility"), public("privacy")


@rights.needs(rights.PUBLIC)
@require_GET
def disclosure(request):
    """Every duty with its page, or an honest word that there is none yet."""
    rows = [{"item": item, "pages": [(called(name), url) for name, url in item.addresses()]} for item in duties.ITEMS]
    return render(request, "portal/disclosure.html", {"rows": rows, "kept": sum(bool(one["pages"]) for one in rows)})


def called(name):
    kind, _sep, slug = name.partition("/")
    return Category(slug).label if slug else TITLES[kind]


@rights.needs(rights.PUBLIC)
@require_GET
def open_data(request):
    """Every public list with its formats, and the same for programs (schema.org ``Dataset``)."""
    now, head = timezone.now(), journal.head()
    sets = []
    for name, title, text, operation in SETS:
        url = reverse(name if ":" in name else f"portal:{name}")
        formats = ["csv", "xlsx"] + (
            ["pdf", "atom"] if name in lines.LISTINGS else ["json"] if name == "statistics" else []
        )
        sets.append({"title": title, "text": text, "url": url, "formats": formats, "operation": operation})
    context = {"sets": sets, "now": now, "head": head, "root": head and bytes(head.root).hex()}
    context["linked"] = linked(request, sets, now, head)
    return render(request, "portal/open_data.html", context)


def linked(request, sets, now, head):
    """JSON-LD for search engines and catalogues; a data block, which no browser runs."""
    operator = getattr(settings, "TANHUI_OPERATOR", {})
    made = {
        "@context": "https://schema.org", "@type": "DataCatalog", "name": str(_("Open data")),
        "url": request.build_absolute_uri(),
        "dataset": [
            {
                "@type": "Dataset", "name": str(one["title"]), "description": str(one["text"]),
                "url": request.build_absolute_uri(one["url"]), "dateModified": now.isoformat(),
                "isAccessibleForFree": True, "inLanguage": "zh-CN",
                **({"license": operator["licence"]} if operator.get("licence") else {}),
                **({"creator": {"@type": "Organization", "name": operator["name"]}} if operator.get("name") else {}),
                **({"version": f"log {head.size}"} if head else {}),
                "distribution": [
                    {
                        "@type": "DataDownload", "encodingFormat": FORMATS[form],
                        "contentUrl": request.build_absolute_uri(f"{one['url']}?format={form}"),
                    }
                    for form in one["formats"]
                ],
            }
            for one in sets
        ],
    }  # fmt: skip
    return mark_safe(json.dumps(made, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S308 - nothing ends the block


@rights.needs(rights.PUBLIC)
@require_GET
def site_map(request):
    """Every page of the portal on one page."""
    return render(request, "portal/site_map.html", {"tabs": tabs.TABS, "columns": Category})


@rights.needs(rights.PUBLIC)
@require_safe
def sitemap_xml(request, part=""):
    """The sitemap for search engines: an index, and parts of two thousand addresses."""
    if not part:
        parts = [request.build_absolute_uri(reverse("portal:sitemap_part", args=[one])) for one in sitemap.parts()]
        return xml("portal/sitemap_index.xml", {"parts": parts})
    try:
        rows = sitemap.part(part)
    except LookupError:
        raise Http404 from None
    return xml("portal/sitemap.xml", {"rows": [(request.build_absolute_uri(url), at) for url, at in rows]})


def xml(template, context):
    return HttpResponse(render_to_string(template, context), content_type="application/xml; charset=utf-8")


@rights.needs(rights.PUBLIC)
@require_safe
def robots(request):
    """What crawlers may read: everything public, and not the endless combinations of filters."""
    text = render_to_string("portal/robots.txt", {"sitemap": request.build_absolute_uri(reverse("portal:sitemap_xml"))})
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@rights.needs(rights.PUBLIC)
@require_GET
def search(request):
    """Everything public that has these characters, from one character on."""
    text = lines.clean(request.GET.get("q", ""))[:120]
    found = [shown(*one, text) for one in lines.everywhere(text) if one[2]]
    context = {"q": text, "found": found, "parts": words.asked(text)}
    return render(request, "portal/search.html", context)


KINDS = {
    "projects": _("Projects"), "batches": _("Batches"), "retirements": _("Retirements"),
    "cancellations": _("Cancellations"), "publications": _("Policies and announcements"),
    "organisations": _("Organisations"), "methodologies": _("Methodologies"),
}  # fmt: skip


def shown(listing, page, many, exact, text):
    """The finds of one kind: what each is called, where it is, and a word beside it."""
    rows = [found(listing.slug, row, line) for row, line in zip(page.rows, page.lines, strict=True)]
    more = reverse(f"portal:{listing.slug}") if listing.slug in SEARCHED else ""
    return {"kind": KINDS[listing.slug], "rows": rows, "many": many, "exact": exact, "more": more, "q": text}


SEARCHED = {"projects", "batches", "retirements", "cancellations", "publications"}


def found(slug, row, line):
    match slug:
        case "projects":
            return row.name, reverse("portal:project", args=[row.number]), f"{row.number:06d} · {row.owner}"
        case "batches":
            return row.asset.code, reverse("portal:batch", args=[row.asset.code]), row.project.name
        case "retirements":
            address = reverse("registry:certificate", args=[row.certificate])
            return row.beneficiary_name, address, f"{row.certificate} · {row.get_purpose_display()}"
        case "cancellations":
            return row.reason, f"{reverse('portal:cancellations')}#c{row.pk}", row.get_kind_display()
        case "publications":
            address = reverse("portal:publication", args=[row.publication_id])
            return row.title, address, f"{row.publication.get_category_display()} · {row.source}"
        case "organisations":
            return row.name, f"{reverse('portal:projects')}?q={row.name}", row.get_role_display()
    code = next((tag.removeprefix("M:code=") for tag in lines.tags_of(line) if tag.startswith("M:code=")), "")
    return line.title, reverse("library:named", args=[code]), code

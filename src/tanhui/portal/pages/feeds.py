"""Atom feeds (RFC 4287) of the public lists, newest first."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language

from tanhui.portal.queries import lines

ENTRIES = 50


def feed(request, title, description, entries):
    """``entries``: title, address, text, time published, time updated, categories."""
    made = Atom1Feed(
        title=str(title), link=request.build_absolute_uri(request.path), description=str(description),
        subtitle=str(description), language="zh-CN" if (get_language() or "").startswith("zh") else "en",
        feed_url=request.build_absolute_uri(), feed_guid=request.build_absolute_uri(request.path),
    )  # fmt: skip
    for name, address, text, at, updated, categories in entries:
        url = request.build_absolute_uri(address)
        made.add_item(
            title=str(name), link=url, description=str(text), unique_id=url, pubdate=at, updateddate=updated,
            categories=[str(one) for one in categories],
        )  # fmt: skip
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def register(request, asked, shown):
    """The newest rows of a register under its filter."""
    page = lines.page(lines.newest(asked), "", ENTRIES)
    make = ENTRY[asked.listing.slug]
    return feed(request, shown.title, shown.lead, [make(one) for one in page.rows])


def project(one):
    text, at = f"{one.owner} · {one.methodology} · {one.region}", one.registered_at
    return one.name, reverse("portal:project", args=[one.number]), text, at, at, [one.kind]


def batch(one):
    text = f"{one.quantity_t:,} tCO2e · {one.vintage}"
    name = f"{one.project.name} {one.asset.code}"
    return name, reverse("portal:batch", args=[one.asset.code]), text, one.issued_at, one.issued_at, []


def retirement(one):
    text = f"{one.quantity_t:,} tCO2e · {one.get_purpose_display()}"
    name = f"{one.beneficiary_name} · {one.certificate}"
    address = reverse("registry:certificate", args=[one.certificate])
    return name, address, text, one.at, one.at, [one.get_purpose_display()]


def cancellation(one):
    address = f"{reverse('portal:cancellations')}#c{one.pk}"
    return one.get_kind_display(), address, f"{one.quantity_t:,} tCO2e · {one.reason}", one.at, one.at, []


ENTRY = {"projects": project, "batches": batch, "retirements": retirement, "cancellations": cancellation}

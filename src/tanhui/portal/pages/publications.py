"""Policies, announcements and other publications, as anyone reads them."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.portal import access
from tanhui.portal.models import Category
from tanhui.portal.pages import feeds, registers
from tanhui.portal.queries import lines, publications, words

LISTING = lines.LISTINGS["publications"]


@rights.needs(rights.PUBLIC)
@require_GET
def index(request, slug=""):
    """All columns, or one, newest first; searched by title and text."""
    category = access.category(slug) if slug else None
    given = request.GET.dict() | ({"category": slug} if slug else {})
    asked = lines.read(LISTING, given)
    if given.get("format") == "atom":
        return atom(request, asked, category)
    many, exact = lines.count(asked)
    offered = dict(lines.choices(LISTING)["category"])
    return render(
        request,
        "portal/publications.html",
        {
            "category": category, "page": lines.page(asked, given.get("before", "")), "many": many, "exact": exact,
            "asked": asked, "form": registers.filter_form(LISTING, given, without={"category"}),
            "columns": [(one, offered.get(one.value, 0)) for one in Category], "parts": words.asked(asked.text),
        },
    )  # fmt: skip


def atom(request, asked, category):
    page = lines.page(lines.newest(asked), "", feeds.ENTRIES)
    title = category.label if category else _("Policies and announcements")
    entries = [
        (one.title, address(one), one.summary, one.at, one.at, [one.publication.get_category_display()])
        for one in page.rows
    ]
    return feeds.feed(request, title, title, entries)


def address(edition):
    return reverse("portal:publication", args=[edition.publication_id])


@rights.needs(rights.PUBLIC)
@require_GET
def publication(request, number, version=None):
    """A publication, or one of its earlier versions; one that was withdrawn stays and says so."""
    story = access.story(number, version)
    return render(
        request,
        "portal/publication.html",
        {
            "story": story, "one": story.shown, "publication": story.publication,
            "withdrawal": getattr(story.publication, "withdrawal", None),
            "body": publications.rendered(story.shown.body), "files": [attached(one) for one in story.files],
            "now": timezone.now(),
        },
    )  # fmt: skip


def attached(document):
    """A file as the component ``file_list`` shows it."""
    newest = max(document.versions.all(), key=lambda one: one.number)
    return {
        "title": document.title, "name": newest.name, "number": newest.number, "size_bytes": newest.size_bytes,
        "sha256": newest.sha256, "at": newest.at, "withheld_reason": document.withheld_reason,
        "url": reverse("files:document", args=[document.pk]),
    }  # fmt: skip

"""The public list of projects in development: searched, filtered, on a map, as a file and a feed; and by county."""

from django import forms
from django.core.cache import caches
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tanhui.files.pages import exports
from tanhui.identity import rights
from tanhui.projects import divisions
from tanhui.projects.pages import cycle_words as words
from tanhui.projects.pages import public_cells as cells
from tanhui.projects.queries import listing
from tanhui.ui import downloads, shared

MINUTE = 60
LABELS = {
    "scheme": gettext_lazy("Mechanism"), "kind": gettext_lazy("Type of project"),
    "methodology": gettext_lazy("Methodology"), "county": gettext_lazy("County"), "status": gettext_lazy("Status"),
    "year": gettext_lazy("Year"),
}  # fmt: skip


class Filter(forms.Form):
    """What is searched, and a choice for every property there is."""

    q = forms.CharField(label=gettext_lazy("Search names and numbers"), required=False, max_length=listing.LONGEST)

    def __init__(self, *args, offered, **kwargs):
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        self.fields["q"].widget.input_type = "search"
        for name, values in offered.items():
            if len(values) > 1 or self.data.get(name):
                choices = [("", _("Any")), *((value, f"{said(name, value)} ({many:,})") for value, many in values)]
                self.fields[name] = forms.ChoiceField(label=LABELS[name], choices=choices, required=False)


def said(name, value):
    """A value as people read it."""
    if name == "status":
        return cells.STATUSES.get(value, value)
    return divisions.name(value) or value if name == "county" else value


@rights.needs(rights.PUBLIC)
@require_GET
def developments(request):
    """The list, or the whole of it as a file where the address asks for one. The address says the whole filter."""
    given = request.GET.dict()
    asked = listing.read(given)
    form = given.get("format")
    if form == "atom":
        return feed(request, listing.page(listing.first(asked)))
    if form == "xlsx":
        return exports.answer(request, "projects.developments", asked.written(), form)
    if form == "csv":
        return downloads.table("developments", form, cells.header(), map(cells.row, listing.every(asked)))
    return shared.render(request, "projects/public/list.html", lambda: shown(asked, given, offered(request)))


def offered(request):
    """What the filters offer. Counting it reads every project, so it is remembered for a minute; the list never is."""
    if not shared.seconds(request):
        return listing.facets()
    return caches["process"].get_or_set("projects.facets", listing.facets, MINUTE)


def shown(asked, given, choices):
    many, exact = listing.count(asked)
    page = listing.page(asked)
    areas, issued, centres = (one(page.rows) for one in (listing.areas, listing.issued, listing.centres))
    rows = [
        {
            "one": one, "url": words.public_page(one), "state": cells.state(one),
            "clawed": cells.CLAWED if one.clawed else "",
            "tone": "stop" if one.clawed else words.tone(cells.state(one)),
            "county": divisions.short(one.division_code), "area_m2": areas.get(one.pk, 0),
            "issued_t": issued.get(one.registered_id, 0),
        }
        for one in page.rows
    ]  # fmt: skip
    return {
        "page": page, "rows": rows, "many": many, "exact": exact, "asked": asked, "map": drawn(rows, centres),
        "form": Filter(given, offered=choices), "now": timezone.now(),
    }  # fmt: skip


def drawn(rows, centres):
    """The places of the rows of this page, about a kilometre exact."""
    features = [
        {
            "type": "Feature", "geometry": {"type": "Point", "coordinates": centres[row["one"].pk]},
            "properties": {
                "title": row["one"].name, "text": cells.label(row["one"]), "url": row["url"], "tone": row["tone"],
            },
        }
        for row in rows
        if row["one"].pk in centres
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features} if features else None


@rights.needs(rights.PUBLIC)
@require_GET
def counties(request):
    """What is developed in every county."""

    def make():
        found = listing.counties()
        return {"rows": found, "now": timezone.now(), "many": sum(one.developments for one in found)}

    return shared.render(request, "projects/public/counties.html", make)


def feed(request, page):
    """The newest of the list under its filter (RFC 4287)."""
    made = Atom1Feed(
        title=_("Projects in development"), link=request.build_absolute_uri(reverse("projects:developments")),
        description=_("Every project from its first public notice on."),
        language="zh-CN" if (get_language() or "").startswith("zh") else "en",
        feed_url=request.build_absolute_uri(), feed_guid=request.build_absolute_uri(request.path),
    )  # fmt: skip
    for one in page.rows:
        url = request.build_absolute_uri(words.public_page(one))
        made.add_item(
            title=f"{one.code} {one.name}", link=url, unique_id=url, pubdate=one.opened_at, updateddate=one.changed_at,
            description=f"{one.owner.name} · {one.methodology} · {cells.label(one)}", categories=[one.scheme],
        )  # fmt: skip
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")

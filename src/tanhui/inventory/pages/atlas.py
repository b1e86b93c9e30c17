"""The stock sinks of an area as everybody reads them: map, figures, checks, papers; and the tiles of the map."""

import logging

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_safe

from tanhui.files import rasters
from tanhui.files.pages import exports
from tanhui.identity import rights
from tanhui.inventory import access, drawn, due, methods, outlines, shown, tiles
from tanhui.inventory.models import Type
from tanhui.journal import queries as journal
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal
from tanhui.nep import words as nep

log = logging.getLogger("tanhui.inventory")
FOREVER = "public, max-age=31536000, immutable"


class Filter(forms.Form):
    """What the table of zones is narrowed by."""

    q = forms.CharField(label=_("Search"), required=False, max_length=60)
    level = forms.ChoiceField(label=_("Level"), required=False)
    type = forms.ChoiceField(
        label=_("Type of ecosystem"), required=False,
        choices=[("", Type.ALL.label), ("each", _("Each type")), *(one for one in Type.choices if one[0] != Type.ALL)],
    )  # fmt: skip

    def __init__(self, *args, levels, **kwargs):
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        self.fields["q"].widget.input_type = "search"
        self.fields["level"].choices = [(name, level(name)) for name in levels]
        if len(levels) < 2:
            del self.fields["level"]


LEVELS = {
    "area": _("Whole area"), "province": _("Provinces"), "city": _("Cities"), "county": _("Counties"),
    "township": _("Townships"), "town": _("Townships"), "village": _("Villages"), "park": _("Nature parks"),
    "redline": _("Ecological red line"), "red_line": _("Ecological red line"), "plot": _("Plots"),
    "project": _("Projects"),
}  # fmt: skip


def level(name):
    """What a level of zones is called; one that the red line cuts by the level it was cut from."""
    if name not in LEVELS and name.endswith(nep.CUT):
        return gettext("%(level)s, inside and outside the red line") % {"level": level(name.removesuffix(nep.CUT))}
    return LEVELS.get(name, name)


@rights.needs(rights.PUBLIC)
@require_GET
def index(request):
    """The areas with a published year; the only one there is stands open."""
    if request.GET.get("format") in {"csv", "xlsx"}:
        return exports.answer(request, "inventory.areas", {}, request.GET["format"])
    areas = shown.areas()
    if len(areas) == 1:
        return redirect(shown.page_of(areas[0][0]))
    found = [(newest, years, shown.series([newest]).get(newest.year)) for newest, years in areas]
    return render(request, "inventory/atlas_index.html", {"areas": found, "now": timezone.now()})


@rights.needs(rights.PUBLIC)
@require_GET
def atlas(request, division, year):
    """One published year of an area; its figures also as a file."""
    edition = request.GET.get("edition", "")
    found = shown.atlas(division, year, int(edition) if edition.isascii() and edition.isdigit() else None)
    figures = shown.figures(found.year)
    levels = shown.levels(figures)
    asked = wanted(request.GET, levels)
    if request.GET.get("format") in {"csv", "xlsx"}:
        try:
            parameters = {
                "year": found.year.code,
                "level": asked.level,
                "type": asked.type,
                "q": asked.q,
                "sort": asked.sort,
            }
            return exports.answer(request, "inventory.figures", parameters, request.GET["format"])
        except Refusal as refusal:
            return render(request, "files/refused.html", {"refusal": refusal}, status=refusal.status)
    rows, course = shown.rows(figures, asked), shown.series([*found.years, found.year], found.publication)
    whole = shown.whole(figures)
    return render(
        request, "inventory/atlas.html",
        {
            "atlas": found, "year": found.year, "published": found.publication, "now": timezone.now(),
            "whole": whole.get(Type.ALL), "types": [one for one in whole.values() if one.figure.type != Type.ALL],
            "series": course, "recomputed": shown.recomputed(course.values(), found.publication),
            "rows": rows[:shown.MOST_ROWS], "many": len(rows),
            "filter": Filter(request.GET, levels=levels), "asked": asked, "level": level(asked.level),
            "place": journal.place(found.publication.entry), "method": method(found.year),
            "components": shown.components(whole.get(Type.ALL)),
            "checks": [(one, shown.numbers(one)) for one in shown.checks(found.publication)],
            "verification": shown.verification(found.publication), "files": shown.downloads(found.year),
            "cycle": due.of_area(found.year, today=clock.day(timezone.now())), "later": shown.later(found.year),
            **maps(found, asked, request.GET.get("layer", "")),
        },
    )  # fmt: skip


def wanted(given, levels):
    """The table that is asked for; what cannot be asked is as if it were not."""
    chosen = given.get("level") if given.get("level") in levels else (levels[0] if levels else "")
    kind = given.get("type", "")
    return shown.Asked(
        level=chosen, type="" if kind == "each" else kind if kind in Type.values else Type.ALL,
        q=given.get("q", "").replace("\x00", "").strip()[:60], sort=given.get("sort", "-value")[:20],
    )  # fmt: skip


def maps(found, asked, name):
    """What the map is drawn from: the layers of every year, the one that is on, and the zones' outlines."""
    layers = shown.layers(found.years if found.year in found.years else [*found.years, found.year])
    here = layers.get(found.year.year, {})
    on = here.get(name) or next(iter(here.values()), None)
    return {
        "layers": here, "layer": on, "over": on.tiles if on else "",
        "slides": {
            "address": reverse("inventory:atlas", args=[found.year.division_code, found.year.year]),
            "year": found.year.year, "layer": on.look.name if on else "",
            "tiles": {str(key): {name: one.tiles for name, one in there.items()} for key, there in layers.items()},
        },
        "outlines": reverse("inventory:atlas_zones", args=[found.year.code, asked.level]) if on and asked.level else "",
    }  # fmt: skip


def method(year):
    """How the year was computed, in words."""
    chosen = year.method
    norm = methods.NORMS.get(str(chosen.get("norm")))
    npp = methods.NPP.get(str(chosen.get("npp")))
    return {
        "norm": f"{norm.id}《{norm.title}》" if norm else chosen.get("norm", ""),
        "clause": norm.clause if norm else "",
        "way": methods.WAYS[methods.way(chosen)], "modelled": not methods.tabled(chosen),
        "npp": npp[0] if npp else chosen.get("npp", ""), "respiration": methods.named(chosen.get("respiration", [])),
        "cell_m": chosen.get("cell_m", ""), "coefficients": chosen.get("coefficients", ""),
    }  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_safe
def tile(request, sha256, layer, level, column, row):
    """One tile of a published raster; the address names its bytes, so browsers keep it for good."""
    etag = f'"{sha256[:16]}-{layer}-{drawn.VERSION}-{level}-{column}-{row}"'
    look = drawn.LAYERS.get(layer)
    if look is None or not tiles.possible(level, column, row):
        raise Http404
    path = at_hand(sha256, layer)
    headers = {"Cache-Control": FOREVER, "ETag": etag}
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    try:
        drawn_tile = tiles.draw(path, look, level, column, row) or tiles.clear()
    except OSError:  # the bytes are gone or no raster: the operator must look, no visitor can help it
        log.exception("no tile from %s", sha256)
        return HttpResponse(status=503)
    return HttpResponse(drawn_tile, content_type="image/png", headers=headers)


KNOWN = {}  # what was published stays so: which raster a hash and layer are


def at_hand(sha256, layer):
    if (sha256, layer) not in KNOWN:
        item = shown.published_raster(sha256, layer)
        if len(KNOWN) > 1000:
            KNOWN.clear()
        KNOWN[sha256, layer] = rasters.at_hand(item.sha256, item.size_bytes)
    return KNOWN[sha256, layer]


@rights.needs(rights.PUBLIC)
@require_GET
def zones(request, code, level):
    """The outlines of a level's zones with their figures, for the map: GeoJSON."""
    year = access.public_year(code)
    return HttpResponse(
        outlines.collection(year, level), content_type="application/geo+json",
        headers={"Cache-Control": "public, max-age=300", "Last-Modified": http_date(year.changed_at.timestamp())},
    )  # fmt: skip

"""Parcels of a survey: the list with its filters, one parcel with map and history, and what could become a project."""

import json
from urllib.parse import urlencode

import shapely
from django.http import JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.projects import access_land, access_pool, divisions, potential, roles, shapes
from tanhui.projects.forms import land as forms
from tanhui.projects.models import ParcelVersion
from tanhui.projects.pages import land_words
from tanhui.projects.pages.land_words import hectares as ha
from tanhui.projects.pages.land_words import mu
from tanhui.projects.queries import land as lands
from tanhui.ui import downloads, paging

ON_A_MAP = 1500  # outlines a browser draws without complaint
TONES = {"eligible": "good", "conditional": "wait", "excluded": "quiet"}
NAMES = {
    "eligible": gettext_lazy("eligible"),
    "conditional": gettext_lazy("eligible on conditions"),
    "excluded": gettext_lazy("excluded"),
}


@rights.needs(roles.READS_LAND)
@require_GET
def parcels(request, key):
    """The parcels of a source in a year, filtered; as a page or, with ``?format=xlsx``, as a sheet."""
    found = access_land.source(request.user, key, at=timezone.now())
    survey = access_land.taken(found, request.GET.get("year", ""))
    if survey is None:
        return render(request, "projects/land/parcels.html", {"source": found, "survey": None})
    counties = [(row["county"], row["name"]) for row in land_words.counties(survey)]
    form = forms.Parcels(request.GET, counties=counties)
    rows = lands.versions(survey, **(form.cleaned_data if form.is_valid() else {}))
    if request.GET.get("format") in ("xlsx", "csv"):
        return sheet(rows, survey, request.GET["format"])
    totals = lands.totals(rows)
    page = in_order(rows.defer("geometry", "attributes"), request.GET.get("before", ""))
    context = {
        "source": found, "survey": survey, "form": form, "page": page, "totals": totals,
        "lines": [line(one) for one in page.rows], "years": list(lands.in_force(found).values_list("year", flat=True)),
        "ha": ha(totals["land_m2"] or 0), "mu": mu(totals["land_m2"] or 0),
    }  # fmt: skip
    return render(request, "projects/land/parcels.html", context)


def in_order(rows, after):
    """A page of the parcels in the order of the file, beginning behind the row ``after``."""
    newer = after.isascii() and after.isdigit() and len(after) < 10
    found = list((rows.filter(row__gt=int(after)) if newer else rows)[: paging.SIZE + 1])
    older = str(found[paging.SIZE - 1].row) if len(found) > paging.SIZE else ""
    return paging.Page(found[: paging.SIZE], older, newer)


def line(one):
    return {
        "one": one, "ha": ha(one.area_m2), "mu": mu(one.area_m2),
        "surveyed": ha(one.surveyed_area_m2), "off": off(one),
        "place": divisions.short(one.division_code),
    }  # fmt: skip


def off(one):
    """By how much the surveyed area differs from ours, where that deserves a look."""
    if one.surveyed_area_m2 is None:
        return ""
    percent = 100 * (one.surveyed_area_m2 - one.area_m2) / one.area_m2
    return f"{percent:+.1f}%" if abs(percent) >= 1 else ""


def sheet(rows, survey, form):
    header = [
        _("Parcel"), _("Division"), _("Ecosystem"), _("Land class"), _("Species"), _("Age"), _("Area (ha)"),
        _("Area (mu)"), _("Surveyed (ha)"), _("Holder"), _("Collective"), _("Title certificate"), _("Contract"),
        _("Ecological red line"),
    ]  # fmt: skip
    lines = (
        [one.parcel.code, one.division_code, str(one.get_ecosystem_display()), one.land_class, one.species, one.age,
         ha(one.area_m2), mu(one.area_m2), ha(one.surveyed_area_m2),
         one.holder, one.collective, one.certificate_no, one.contract,
         "" if one.red_line is None else _("yes") if one.red_line else _("no")]
        for one in rows.defer("geometry", "attributes").iterator(2000)
    )  # fmt: skip
    return downloads.table(f"parcels-{survey.year}", form, header, lines)


@rights.needs(roles.READS_LAND)
@require_GET
def parcel(request, key):
    """One parcel: where it lies, whose it is, and what every survey said of it."""
    found = access_land.parcel(request.user, key, at=timezone.now())
    now = lands.version(found)
    versions = [line(one) | {"changed": changed} for one, changed in differences(list(lands.history(found)))]
    shown = now or versions[0]["one"]
    outline = shapes.geometry(shown.geometry)
    place = outline.representative_point()
    context = {
        "parcel": found, "now": shown, "counts": now is not None, "versions": versions, "line": line(shown),
        "where": divisions.name(shown.division_code), "point": f"{place.x:.5f}, {place.y:.5f}",
        "map": {"type": "FeatureCollection", "features": [feature(outline, found.code, "good")]},
        "outcomes": outcomes(shown),
    }  # fmt: skip
    return render(request, "projects/land/parcel.html", context)


def differences(versions):
    """Each version with what it changed against the one before it in time."""
    fields = ("land_class", "ecosystem", "species", "holder", "collective", "certificate_no", "contract", "red_line")
    for one, before in zip(versions, [*versions[1:], None], strict=True):
        changed = []
        if before is not None:
            changed = [
                (
                    str(ParcelVersion._meta.get_field(name).verbose_name),
                    getattr(before, name) or "—",
                    getattr(one, name) or "—",
                )
                for name in fields
                if getattr(before, name) != getattr(one, name)
            ]
            if before.geometry_sha256 != one.geometry_sha256:
                changed.append((_("outline"), ha(before.area_m2), ha(one.area_m2)))
        yield one, changed


def label(name):
    return str(ParcelVersion._meta.get_field(name).verbose_name)


def outcomes(version):
    """What every methodology says of a parcel."""
    language = get_language() or "en"
    keyed = potential.keyed(ParcelVersion.objects.filter(pk=version.pk)).first()
    found = []
    for method in potential.methods():
        if (outcome := potential.ask(method, potential.key_of(keyed))) is not None:
            found.append({
                "label": method.label(language), "code": method.code, "verdict": NAMES[outcome.verdict],
                "tone": TONES[outcome.verdict], "rate": rate(outcome.tonnes_per_ha), "grade": method.grade,
                "reasons": [potential.said(method, one, language) for one in outcome.reasons],
                "asked": [potential.said(method, one, language) for one in outcome.asked],
            })  # fmt: skip
    return found


def rate(tonnes):
    return "" if tonnes is None else f"{tonnes:.2f}"


def feature(outline, title, tone, text="", url=""):
    return {
        "type": "Feature", "geometry": json.loads(shapely.to_geojson(outline)),
        "properties": {"title": title, "tone": tone, "text": text, "url": url},
    }  # fmt: skip


@rights.needs(roles.READS_LAND)
@require_GET
def assessed(request, key):
    """What could become a project, methodology by methodology and county by county; ``?format=xlsx``: every parcel."""
    found = access_land.source(request.user, key, at=timezone.now())
    survey = access_land.taken(found, request.GET.get("year", ""))
    form = forms.Rain(request.GET)
    rain = form.cleaned_data.get("rain") if form.is_valid() else None
    if survey is None:
        return render(request, "projects/land/potential.html", {"source": found, "survey": None})
    language = get_language() or "en"
    if request.GET.get("format") == "xlsx":
        return every(survey, rain, language)
    done = potential.assess(survey, rain_mm=rain)
    methods = [told(done, method, language) for method in done.methods]
    chosen = request.GET.get("method", "")
    chosen = chosen if chosen in {one["code"] for one in methods} else methods[0]["code"] if methods else ""
    context = {
        "source": found, "survey": survey, "form": form, "methods": methods, "parcels": done.parcels,
        "ha": ha(done.area_m2), "counties": by_county(done, language), "chosen": chosen,
        "chosen_label": next((one["label"] for one in methods if one["code"] == chosen), ""), "most": ON_A_MAP,
        "pool": pooling(request, found, survey, rain),
        "map_url": f"{reverse('projects:land_potential_map', args=[found.pk])}?year={survey.year}&method={chosen}"
                   + (f"&rain={rain}" if rain is not None else ""),
    }  # fmt: skip
    return render(request, "projects/land/potential.html", context)


def pooling(request, source, survey, rain):
    """Where a candidate is made of the land of a methodology; nothing for who keeps no pool."""
    if not access_pool.keeps(request.user, at=timezone.now()):
        return ""
    asked = {"source": source.pk, "year": survey.year} | ({"rain": rain} if rain is not None else {})
    return f"{reverse('projects:candidate_new')}?{urlencode(asked)}"


def told(done, method, language):
    one = done.line(method.code)
    return {
        "code": method.code, "label": method.label(language), "assumed": method.assumed(language),
        "grade": method.grade,
        "title": method.package.metadata["title_zh" if language.startswith("zh") else "title_en"],
        "looked": sum(one.parcels.values()), "eligible": ha(one.area_m2["eligible"]),
        "conditional": ha(one.area_m2["conditional"]), "excluded": ha(one.area_m2["excluded"]),
        "possible": one.possible_m2, "tonnes": round(one.tonnes) if method.grade else None,
        "difficulty": [(word, ha(one.difficulty[name])) for name, word in DIFFICULTY.items() if one.difficulty[name]],
        "reasons": conditions(method, one.reasons, language), "asked": conditions(method, one.asked, language),
    }  # fmt: skip


DIFFICULTY = {"low": gettext_lazy("low"), "medium": gettext_lazy("medium"), "high": gettext_lazy("high")}


def conditions(method, counted, language):
    return [potential.said(method, name, language) | {"ha": ha(area)} for name, area in counted.most_common()]


def by_county(done, language):
    """A row for each county: land possible and tonnes of every methodology."""
    rows = []
    for county in done.counties:
        cells = [
            {
                "label": method.label(language),
                "ha": ha(line.possible_m2),
                "tonnes": round(line.tonnes),
                "code": method.code,
                "possible": line.possible_m2,
            }
            for method in done.methods
            for line in [done.line(method.code, county)]
        ]
        rows.append({"code": county, "name": divisions.short(county), "cells": cells})
    return rows


def every(survey, rain, language):
    """Each parcel and methodology with verdict, reasons and evidence, as a sheet."""
    header = [
        _("Parcel"), _("Division"), _("Methodology"), _("Verdict"), _("Area (ha)"), _("Tonnes CO₂e a year (expected)"),
        _("Evidence grade"), _("Difficulty"), _("Reasons of exclusion"), _("Evidence to bring"),
    ]  # fmt: skip

    def rows():
        for method in potential.methods():
            for one, outcome in potential.each(survey, method, rain_mm=rain):
                tonnes = outcome.tonnes_per_ha
                yield [
                    one.parcel.code, one.division_code, f"{method.label(language)} {method.code}",
                    str(NAMES[outcome.verdict]), ha(one.area_m2),
                    "" if tonnes is None else f"{tonnes * one.area_m2 / 10_000:.2f}",
                    method.grade, "" if outcome.verdict == "excluded" else str(DIFFICULTY[outcome.difficulty]),
                    "；".join(potential.said(method, name, language)["label"] for name in outcome.reasons),
                    "；".join(potential.said(method, name, language)["evidence"] for name in outcome.asked),
                ]  # fmt: skip

    return downloads.table(f"potential-{survey.year}", "xlsx", header, rows())


@rights.needs(roles.READS_LAND)
@require_GET
def potential_map(request, key):
    """The parcels a methodology looks at, the largest first, coloured by what it says."""
    found = access_land.source(request.user, key, at=timezone.now())
    survey = access_land.taken(found, request.GET.get("year", ""))
    rain = request.GET.get("rain", "")
    rain = int(rain) if rain.isascii() and rain.isdigit() and len(rain) < 5 else None
    method = next((one for one in potential.methods() if one.code == request.GET.get("method")), potential.methods()[0])
    features = []
    if survey is not None:
        rows = potential.keyed(survey.versions.filter(ecosystem__in=method.about["ecosystems"])).select_related(
            "parcel"
        )
        for one in rows.order_by("-area_m2")[:ON_A_MAP]:
            outcome = potential.ask(method, potential.key_of(one), rain)
            if outcome is not None:
                text = f"{NAMES[outcome.verdict]} · {ha(one.area_m2)} ha"
                address = reverse("projects:land_parcel", args=[one.parcel_id])
                outline = shapes.geometry(one.geometry).simplify(0.00002)
                features.append(feature(outline, "", TONES[outcome.verdict], f"{one.parcel.code} {text}", address))
    return JsonResponse({"type": "FeatureCollection", "features": features})

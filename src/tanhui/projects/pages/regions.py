"""The potential of all land an organisation keeps, county by county and city by city: page, map and sheet."""

import shapely
from django.http import JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.projects import divisions, potential, regions, roles, shapes
from tanhui.projects.forms import land as forms
from tanhui.projects.models import ParcelVersion
from tanhui.projects.pages import parcels as words
from tanhui.projects.pages.land_words import hectares as ha
from tanhui.projects.queries import land as lands
from tanhui.ui import downloads

REASONS = 3  # of each line, in the sheet


@rights.needs(roles.READS_LAND)
@require_GET
def region(request):
    """What could become a project in each county and city; ``?format=xlsx``: as a sheet, with the main reasons."""
    (form, rain), language = asked(request), get_language() or "en"
    found = regions.together(lands.newest(request.user, at=timezone.now()), rain_mm=rain)
    methods = [one for one in found.methods if sum(found.line(one.code).parcels.values())]
    if request.GET.get("format") == "xlsx":
        return downloads.table("potential-by-county", "xlsx", *sheet(found, methods, language))
    chosen = next((one for one in methods if one.code == request.GET.get("method")), methods[0] if methods else None)
    address = {"method": chosen.code if chosen else ""} | ({"rain": rain} if rain is not None else {})

    def pool(one):
        base = words.pooling(request, one.survey.source, one.survey, rain)
        return f"{base}&{urlencode({'county': one.code})}" if base else ""

    context = {
        "form": form, "region": found, "ha": ha(found.area_m2), "chosen": chosen.code if chosen else "",
        "methods": [words.told(found, one, language) for one in methods],
        "shown": words.told(found, chosen, language) if chosen else None, "most": words.ON_A_MAP,
        "cities": [city(found, code, counties, methods, language, pool) for code, counties in found.cities.items()],
        "map_url": f"{reverse('projects:land_region_map')}?{urlencode(address)}",
    }  # fmt: skip
    return render(request, "projects/land/region.html", context)


def asked(request):
    form = forms.Rain(request.GET)
    return form, form.cleaned_data.get("rain") if form.is_valid() else None


def city(found, code, counties, methods, language, pool):
    """A city with its counties: land possible and tonnes a year of every methodology. ``pool`` gives the address at
    which a county's land becomes a candidate."""
    return {
        "code": code + "00", "name": divisions.table().name(code + "00") or code + "00",
        "cells": cells(found, code, methods, language), "parcels": sum(one.parcels for one in counties),
        "ha": ha(sum(one.area_m2 for one in counties)),
        "counties": [
            {"code": one.code, "name": divisions.short(one.code), "one": one, "ha": ha(one.area_m2),
             "cells": cells(found, one.code, methods, language), "pool": pool(one)}
            for one in counties
        ],
    }  # fmt: skip


def cells(found, division, methods, language):
    return [
        {"label": method.label(language), "code": method.code, "ha": ha(line.possible_m2), "possible": line.possible_m2,
         "tonnes": round(line.tonnes) if method.grade else None}
        for method in methods
        for line in [found.line(method.code, division)]
    ]  # fmt: skip


def sheet(found, methods, language):
    """A row for each methodology of all land, of each city and of each county."""
    header = [
        _("Division"), _("Name"), _("Methodology"), _("Eligible (ha)"), _("On conditions (ha)"), _("Excluded (ha)"),
        _("Tonnes CO₂e a year (expected)"), _("Evidence grade"), *(
            _("Difficulty %(name)s (ha)") % {"name": name} for name in words.DIFFICULTY.values()
        ),
        _("Reasons of exclusion"), _("Evidence to bring"), _("Survey"),
    ]  # fmt: skip
    places = [("", _("All land"), "")]
    for code, counties in found.cities.items():
        places.append((code, divisions.table().name(code + "00") or code, ""))
        places += [
            (one.code, divisions.short(one.code), f"{one.survey.source.name} {one.survey.year}") for one in counties
        ]
    return header, [
        row(found.line(method.code, code), method, [code.ljust(6, "0") if code else "", name], survey, language)
        for code, name, survey in places
        for method in methods
    ]


def row(line, method, place, survey, language):
    def most(counted, said):
        return "；".join(f"{one[said]} {one['ha']} ha" for one in words.conditions(method, counted, language)[:REASONS])

    return [
        *place, f"{method.label(language)} {method.code}",
        *(ha(line.area_m2[one]) for one in ("eligible", "conditional", "excluded")),
        f"{line.tonnes:.2f}" if method.grade else "", method.grade,
        *(ha(line.difficulty[one]) for one in words.DIFFICULTY),
        most(line.reasons, "label"), most(line.asked, "evidence"), survey,
    ]  # fmt: skip


@rights.needs(roles.READS_LAND)
@require_GET
def region_map(request):
    """The largest parcels a methodology looks at, coloured by what it says, under a mark for each county."""
    rain = asked(request)[1]
    found = regions.together(lands.newest(request.user, at=timezone.now()), rain_mm=rain)
    method = next((one for one in found.methods if one.code == request.GET.get("method")), None)
    if method is None or not found.counties:
        return JsonResponse({"type": "FeatureCollection", "features": []})
    rows = ParcelVersion.objects.filter(found.counted(), ecosystem__in=method.about["ecosystems"])
    features, places = [], {}
    for one in potential.keyed(rows).select_related("parcel").order_by("-area_m2")[: words.ON_A_MAP]:
        outcome = potential.ask(method, potential.key_of(one), rain)
        if outcome is None:
            continue
        outline = shapes.geometry(one.geometry).simplify(0.00002)
        places.setdefault(one.county, []).append(outline.representative_point())
        address = reverse("projects:land_parcel", args=[one.parcel_id])
        text = f"{one.parcel.code} {words.NAMES[outcome.verdict]} · {ha(one.area_m2)} ha"
        features.append(words.feature(outline, "", words.TONES[outcome.verdict], text, address))
    for county, points in places.items():
        line, centre = found.line(method.code, county), shapely.MultiPoint(points).centroid
        text = f"{ha(line.possible_m2)} ha" + (f" · {round(line.tonnes):,} t CO₂e/a" if method.grade else "")
        features.append(words.feature(centre, divisions.short(county), "final", text))
    return JsonResponse({"type": "FeatureCollection", "features": features})

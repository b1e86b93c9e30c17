"""What the page of a year reads beside its rows: the method in words, and comparisons that follow from the figures."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tanhui.files import forms as files
from tanhui.inventory import methods, queries, runs
from tanhui.inventory.acts import archiving
from tanhui.inventory.models import Dataset
from tanhui.inventory.pages import words
from tanhui.nep import validation


def layer_of(dataset, level, survey=""):
    """The input of a run that a set of data serves; boundaries with the name of their level, biomass by its survey,
    measurements each by itself."""
    if dataset.kind == Dataset.Kind.BIOMASS:
        return survey or methods.SURVEYS[1]
    if dataset.kind == Dataset.Kind.COEFFICIENTS:
        return methods.TABLE
    if dataset.kind == Dataset.Kind.ZONES:
        return methods.ZONES + (level or "township")
    if dataset.kind == Dataset.Kind.VALIDATION:
        return f"{methods.VALIDATION}.{str(dataset.pk)[:8]}"
    return next((name for name, wanted in methods.LAYERS.items() if wanted == dataset.kind), "")


def table(request, now):
    """The paper a comparison rests on, if one came with it."""
    return files.upload(request, "paper", kind=archiving.SUBJECT, at=now, required=False)


def method(year):
    """The chosen method, line by line."""
    chosen, way = year.method, methods.way(year.method)
    norm = methods.NORMS.get(chosen.get("norm"))
    models = "；".join(methods.named(chosen.get("respiration", [])))
    return [
        (_("Norm"), f"{norm.id}《{norm.title}》{norm.clause}" if norm else "—"),
        (_("Method of the norm"), str(methods.WAYS[way])),
        (_("Version of the table of coefficients"), chosen.get("coefficients", "—")),
        *([(_("NPP"), str(methods.NPP[chosen["npp"]][0]))] if chosen.get("npp") in methods.NPP else []),
        *([(_("Heterotrophic respiration"), models)] if way == "nep" else []),
        *([(_("Years between the two surveys"), f"{chosen['span']:g}")] if "span" in chosen else []),
        *([(_("Back series"), f"{year.earlier[0]}–{year.year}")] if len(year.earlier) else []),
    ]


def of(year, computation):
    """Comparisons that need no outside data: each model of respiration alone, and the year before."""
    whole = queries.figures(computation, year=year.year, level="area").filter(type="all").first()
    if whole is None:
        return []
    found = []
    members = sorted(whole.respiration.items())
    for name, kilograms in members if len(members) > 1 else []:
        alone = round((whole.npp_kg_c - kilograms) * 44 / 12)
        found.append((methods.named([name])[0], words.tonnes(alone), share(alone, whole.nep_kg_co2)))
    before = queries.previous(year)
    if before is not None:
        row = queries.published_figures(before).filter(level="area", type="all").first()
        if row is not None:
            label = _("%(year)s as published") % {"year": before.year}
            found.append((label, words.tonnes(row.nep_kg_co2), share(row.nep_kg_co2, whole.nep_kg_co2)))
    return found


def measured(computation):
    """How the models fare beside the measurements the year names: title and unit of each table, and its scores."""
    found = validation.read(runs.folder(computation))
    if found is None or found.get("shipped") or methods.tabled(computation.accounting_year.method):
        return []  # what modelled no respiration is not tried by models of it
    zh = (get_language() or "").startswith("zh")
    told = "zh" if zh else "en"
    return [
        (title[told], title["unit"], [
            (found["models"][one["model"]][told], one["n"], f"{one['bias']:+.1f}", f"{one['rmse']:.1f}",
             "—" if one["r2"] is None else f"{one['r2']:.2f}")
            for one in found["scores"] if one["table"] == key
        ])
        for key, title in ((key, found["tables"][key]) for key in validation.TABLES)
        if any(one["table"] == key for one in found["scores"])
    ]  # fmt: skip


def share(one, other):
    return f"{(one - other) / abs(other):+.1%}" if other else "—"

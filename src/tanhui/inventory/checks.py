"""The four principles of article 5 as checks of a year: completeness, science, accuracy, continuity.

Each answers pass, fail (a rule is broken) or needs (something is still to come), with its clause and the reason. All
are shown on the year's page; a publication demands that all pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tanhui.inventory import methods, queries
from tanhui.inventory.models import AccountingYear, Computation, CrossCheck, Dataset, Figure, Grade, Type, Verification

ARTICLE = "《上虞区生态系统存量碳汇核算及使用管理办法》第五条"
PRINCIPLES: dict[str, str | Promise] = {
    "completeness": gettext_lazy("Completeness"),
    "science": gettext_lazy("Scientific soundness"),
    "accuracy": gettext_lazy("Accuracy"),
    "continuity": gettext_lazy("Continuity"),
}
# A type that is missing a twentieth of its area is not accounted for. A house rule: the measure names no number.
LEAST_COVERAGE = 0.95
# More suspicious cells than that and the inputs, not the land, are at fault.
MOST_IMPLAUSIBLE = 0.05
COUNTED = (Type.FOREST, Type.SHRUB, Type.GRASS, Type.WETLAND, Type.CROP)  # by whatever method, every cell is due
PASS, FAIL, NEEDS = "pass", "fail", "needs"
MEASURED = (CrossCheck.Kind.FLUX, CrossCheck.Kind.SOIL, CrossCheck.Kind.PLOTS)


@dataclass(frozen=True, slots=True)
class Check:
    """One check with its answer. ``reason`` says what was found, or what is missing."""

    principle: str
    name: str
    label: str
    state: str
    reason: str
    clause: str = ARTICLE

    @property
    def heading(self) -> str:
        return str(PRINCIPLES[self.principle])

    def as_json(self) -> dict[str, str]:
        return {
            "principle": self.principle, "name": self.name, "state": self.state, "reason": self.reason,
            "clause": self.clause,
        }  # fmt: skip


def of(year: AccountingYear) -> list[Check]:
    """Every check of a year, in the order of the principles; a handful of statements."""
    computation = queries.finished(year)
    own = list(queries.figures(computation, year=year.year, level="area")) if computation else []
    return [
        data(year), coverage(own), types(own), norm(year), by_what(year, computation), plausible(own),
        compared(computation), verified(computation), continuous(year, computation),
    ]  # fmt: skip


def open_ones(found: list[Check]) -> list[Check]:
    return [one for one in found if one.state != PASS]


def lacking(year: AccountingYear) -> list[str]:
    """The inputs the year's method asks for and nothing serves as yet, in words."""
    every = set(year.uses.values_list("layer", "of_year"))
    held = {layer for layer, of in every if of is None}
    labels = dict(Dataset.Kind.choices)
    missing = [str(labels[methods.LAYERS[name]]) for name in methods.layers(year.method) if name not in held]
    if methods.tabled(year.method) and methods.TABLE not in held:
        missing.append(str(labels[Dataset.Kind.COEFFICIENTS]))
    if not any(name.startswith(methods.ZONES) for name in held):
        missing.append(str(labels[Dataset.Kind.ZONES]))
    own_cover = any((methods.COVER, of) in every for of in year.earlier)
    for of in year.earlier:
        for name in [*methods.yearly(year.method), *([methods.COVER] if own_cover else [])]:
            if (name, of) not in every:
                missing.append(f"{labels[methods.LAYERS[name]]} {of}")
    return missing


# -- completeness ------------------------------------------------------------------------------------------------------


def data(year: AccountingYear) -> Check:
    label = _("Every input the method needs is there")
    said = partial(Check, "completeness", "data", label)
    if missing := lacking(year):
        return said(NEEDS, _("Missing: %(what)s.") % {"what": "、".join(missing)})
    held = list(year.uses.select_related("dataset").order_by("layer"))
    if stray := [
        one.dataset.title
        for one in held
        if one.layer in methods.OF_THE_YEAR and not covers(one.dataset, one.of_year or year.year)
    ]:
        return said(FAIL, _("Of another time than %(year)s: %(what)s.") % {"year": year.year, "what": "、".join(stray)})
    count = len(held)
    return said(
        PASS,
        _("%(count)s sets of data, each with source, licence and hash.") % {"count": count},
    )


def covers(dataset: Dataset, year: int) -> bool:
    """Whether data reaches over the whole year."""
    return dataset.first_day <= date(year, 1, 1) and dataset.last_day >= date(year, 12, 31)


def coverage(own: list[Figure]) -> Check:
    label = _("At least %(share)s of each type's area has a value") % {"share": f"{LEAST_COVERAGE:.0%}"}
    said = partial(Check, "completeness", "coverage", label)
    if not own:
        return said(NEEDS, not_computed())
    rows = [one for one in own if one.type in COUNTED and one.area_m2 > 0]
    low = [one for one in rows if one.coverage < LEAST_COVERAGE]
    if low:
        told = "、".join(f"{one.get_type_display()} {one.coverage:.1%}" for one in low)
        return said(FAIL, _("Too little: %(what)s.") % {"what": told})
    least = min((one.coverage for one in rows), default=1.0)
    return said(PASS, _("The least covered type has %(share)s.") % {"share": f"{least:.1%}"})


def types(own: list[Figure]) -> Check:
    label = _("Each of the seven types is accounted for, or said not to occur")
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第三条"
    said = partial(Check, "completeness", "types", label, clause=clause)
    if not own:
        return said(NEEDS, not_computed())
    here = {one.type for one in own if one.area_m2 > 0}
    absent = [str(kind.label) for kind in Type if kind not in {Type.OTHER, Type.ALL} and kind.value not in here]
    reason = _("Not in this area: %(what)s.") % {"what": "、".join(absent)} if absent else _("All seven occur.")
    state = PASS if Type.ALL.value in {one.type for one in own} else FAIL
    return said(state, reason)


# -- science -----------------------------------------------------------------------------------------------------------


def norm(year: AccountingYear) -> Check:
    label = _("Norm and version of its coefficients are named")
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条第（一）项"
    said = partial(Check, "science", "norm", label, clause=clause)
    found = methods.NORMS.get(str(year.method.get("norm")))
    if found is None or not year.method.get("coefficients"):
        return said(NEEDS, _("Choose the norm the year is accounted under."))
    way = methods.WAYS[methods.way(year.method)]
    reason = f"{found.id}《{found.title}》{found.clause} · {way} · {year.method['coefficients']}"
    return said(PASS, reason)


def by_what(year: AccountingYear, computation: Computation | None) -> Check:
    """Two models where respiration is modelled; else the norm's table, whose source and grade must be known."""
    return table(year, computation) if methods.tabled(year.method) else models(year)


def table(year: AccountingYear, computation: Computation | None) -> Check:
    label = _("The norm's table of coefficients is on file with source and grade")
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条第（一）项"
    said = partial(Check, "science", "table", label, clause=clause)
    use = year.uses.filter(layer=methods.TABLE, of_year=None).select_related("dataset").first()
    if use is None:
        return said(NEEDS, _("Missing: %(what)s.") % {"what": Dataset.Kind.COEFFICIENTS.label})
    held = use.dataset
    told = f"{held.title}（{held.agency}） · {held.get_grade_display()} · SHA-256 {held.sha256[:12]}"
    if computation is not None and (way := computation.facts.get("way")):
        weakest = _("weakest grade of norm and coefficients: %(grade)s") % {"grade": Grade(way["grade"]).label}
        told += f" · {way['version']} · {weakest}"
    return said(PASS, told)


def models(year: AccountingYear) -> Check:
    label = _("Respiration by two models at least, their spread published")
    said = partial(Check, "science", "models", label)
    chosen = year.method.get("respiration", [])
    state = PASS if len(set(chosen)) >= 2 else FAIL
    return said(state, "；".join(methods.named(chosen)), "docs/algorithms/nep.md §1")


def plausible(own: list[Figure]) -> Check:
    label = _("At most %(share)s of the cells are outside what is possible") % {"share": f"{MOST_IMPLAUSIBLE:.0%}"}
    clause = "docs/algorithms/nep.md §1"
    said = partial(Check, "science", "plausible", label, clause=clause)
    whole = next((one for one in own if one.type == Type.ALL), None)
    if whole is None:
        return said(NEEDS, not_computed())
    odd = float(whole.flags.get("implausible", 0)) / whole.cells if whole.cells else 0.0
    above = float(whole.flags.get("rh_above_respiration", 0)) / whole.cells if whole.cells else 0.0
    reason = _("%(odd)s outside the plausible range, %(above)s with more respiration than an ecosystem has.") % {
        "odd": f"{odd:.1%}", "above": f"{above:.1%}",
    }  # fmt: skip
    if len(whole.respiration) < 2:  # nothing was modelled
        reason = _("%(odd)s outside the plausible range.") % {"odd": f"{odd:.1%}"}
    return said(PASS if odd <= MOST_IMPLAUSIBLE else FAIL, reason)


# -- accuracy ----------------------------------------------------------------------------------------------------------


def compared(computation: Computation | None) -> Check:
    label = _("Compared with measurements and with a second model")
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条第（二）项"
    said = partial(Check, "accuracy", "compared", label, clause=clause)
    found = list(computation.cross_checks.all()) if computation else []
    kinds = {one.kind for one in found}
    if any(one.verdict == CrossCheck.Verdict.DEVIATES for one in found):
        told = "、".join(one.get_kind_display() for one in found if one.verdict == CrossCheck.Verdict.DEVIATES)
        return said(FAIL, _("Deviates without an explanation: %(what)s.") % {"what": told})
    missing = []
    if not any(one.kind in MEASURED and (one.result or one.document) for one in found):
        missing.append(_("measurements with their numbers (flux towers, soil respiration or plots)"))
    if CrossCheck.Kind.SECOND not in kinds:
        missing.append(_("a second model"))
    if missing:
        return said(NEEDS, _("Missing: %(what)s.") % {"what": "、".join(missing)})
    return said(PASS, "、".join(sorted({one.get_kind_display() for one in found})))


def verified(computation: Computation | None) -> Check:
    label = _("A body that has no part in it has verified the figures")
    clause = "《上虞区生态系统存量碳汇核算及使用管理办法》第七条第（二）项"
    said = partial(Check, "accuracy", "verified", label, clause=clause)
    word = (
        Verification.objects.filter(computation=computation).select_related("organisation", "by").first()
        if computation
        else None
    )
    if word is None:
        return said(NEEDS, _("Not signed yet."))
    state = PASS if word.outcome == Verification.Outcome.CONFIRMED else FAIL
    return said(state, f"{word.organisation} · {word.get_outcome_display()}")


# -- continuity --------------------------------------------------------------------------------------------------------


def continuous(year: AccountingYear, computation: Computation | None) -> Check:
    """Same grid and method as the year before, or that year recomputed in the same run (a back series)."""
    label = _("Comparable with the year before")
    said = partial(Check, "continuity", "continuous", label)
    before = queries.previous(year)
    if before is None:
        return said(PASS, _("No earlier year of this area is published: the series begins."))
    if computation is None:
        return said(NEEDS, not_computed())
    earlier = before.publication.computation
    if queries.figures(computation, year=before.year).exists():
        return said(
            PASS,
            _("%(year)s is recomputed in the same run.") % {"year": before.year},
        )
    other = different(computation.facts.get("basis", {}), earlier.facts.get("basis", {}))
    if not other:
        return said(PASS, _("Grid and method are those of %(year)s.") % {"year": before.year})
    reason = _("Other than in %(year)s: %(what)s. Recompute %(year)s in the same run, or keep to it.") % {
        "year": before.year, "what": "、".join(other),
    }  # fmt: skip
    return said(FAIL, reason)


def different(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The parts of two runs' bases that differ, in words; a run without a basis can be compared with nothing.
    Which norm is named changes no number."""
    words = {
        "grid": _("the grid"), "npp": _("how NPP was found"), "rh": _("the models of respiration"),
        "models": _("the models of respiration"), "landcover": _("the codes of land cover"), "rates": _("the rates"),
        "way": _("the method of the norm or its coefficients"),
    }  # fmt: skip
    if not one or not other:
        return [_("what the run recorded of itself")]
    keys = [key for key in sorted((set(one) | set(other)) - {"norm"}) if one.get(key) != other.get(key)]
    return list(dict.fromkeys(words.get(key, key) for key in keys))


def not_computed() -> str:
    return _("Not computed yet.")

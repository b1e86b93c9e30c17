"""The library as everyone reads it: what there is, a methodology with all it says, and two versions side by side."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tanhui.identity import rights
from tanhui.library import chain, shelf, uses, words
from tanhui.methods.engine import changes, chapters, checking, evidence
from tanhui.ui import downloads, shared

SHOWN = 8  # values of a large parameter on the methodology's page; its own page has all
SIZE = 50  # rows of a page


class Filter(forms.Form):
    """What the list is narrowed by; a choice for every property that differs."""

    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=120)

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        self.fields["q"].widget.input_type = "search"
        for name, (label, offered) in choices.items():
            if len(offered) > 1 or self.data.get(name):
                options = [("", gettext_lazy("Any")), *offered]
                self.fields[name] = forms.ChoiceField(label=label, choices=options, required=False)


@dataclass(frozen=True)
class Slice:
    """Rows of a list that lies in memory. The cursor is the place of the next row."""

    rows: list[Any]
    older: str
    newer: bool

    @classmethod
    def of(cls, rows, before):
        first = int(before) if before.isascii() and before.isdecimal() and len(before) < 9 else 0
        following = first + SIZE
        return cls(rows[first:following], str(following) if len(rows) > following else "", first > 0)


@rights.needs(rights.PUBLIC)
@require_GET
def methodologies(request):
    """Every methodology in the version that is in force, narrowed by what the address asks; a page, or a file."""
    given = request.GET
    if given.get("format") in {"csv", "xlsx"}:
        found = shelf.newest(shelf.entries(timezone.localdate()))
        rows = (listed(one) for one in found if matches(one, given))
        return downloads.table("methodologies", given["format"], LISTED, rows)

    def make():
        found = shelf.newest(shelf.entries(timezone.localdate()))
        rows = [one for one in found if matches(one, given)]
        counted = {}
        for one in shelf.all_packages().packages.values():
            counted[one.code] = counted.get(one.code, 0) + 1
        return {
            "page": Slice.of(rows, given.get("before", "")), "many": len(rows), "all": len(found),
            "form": Filter(given, choices=choices(found)), "broken": len(shelf.all_packages().broken),
            "counted": counted, "filtered": any(given.get(name) for name in ("q", *PROPERTIES)),
        }  # fmt: skip

    return shared.render(request, "library/shelf.html", make)


LISTED = (
    "code", "version", "full_code", "title_zh", "title_en", "scheme", "sector", "kind", "state", "weakest_evidence",
    "publisher", "package_sha256",
)  # fmt: skip


def listed(one):
    package = one.package
    return [
        one.code, one.version, one.full_code, one.title(chinese=True), one.title(chinese=False), one.scheme, one.sector,
        one.kind, one.state, one.grade, package.publisher if package else "", package.sha256 if package else "",
    ]  # fmt: skip


PROPERTIES = {
    "scheme": (gettext_lazy("Scheme"), lambda one: words.scheme(one.scheme), words.scheme_label),
    "sector": (gettext_lazy("Field"), lambda one: words.sector(one.sector), words.sector_label),
    "kind": (gettext_lazy("Kind"), lambda one: one.kind, lambda name: words.KINDS.get(name, name)),
    "state": (gettext_lazy("State"), lambda one: one.state, lambda name: words.STATES.get(name, name)),
    "floor": (gettext_lazy("Evidence at least"), None, None),
}

SPELT = {"scheme": words.scheme, "sector": words.sector}  # one key for each, however it is written


def matches(one, given):
    for name, (_label, key, _said) in PROPERTIES.items():
        wanted = given.get(name, "")
        if wanted and key and key(one) != SPELT.get(name, str)(wanted):
            return False
    floor = given.get("floor", "")
    if evidence.is_grade(floor) and (not one.grade or not evidence.meets(one.grade, floor)):
        return False
    return all(part in one.words() for part in given.get("q", "")[:120].casefold().split())


def choices(found):
    """Each property's values with how many have them."""
    offered = {}
    for name, (label, key, said) in PROPERTIES.items():
        if key is None:
            grades = [(letter, f"{letter} · {words.GRADES[letter]}") for letter in evidence.GRADES]
            offered[name] = (label, grades)
            continue
        counted = {}
        for one in found:
            counted[key(one)] = counted.get(key(one), 0) + 1
        offered[name] = (label, [(value, f"{said(value)} ({many})") for value, many in sorted(counted.items())])
    return offered


@rights.needs(rights.PUBLIC)
@require_GET
def methodology(request, code, version=""):
    """One version with everything it says; without a version the one in force."""
    entry = shelf.find(code, version, on=timezone.localdate())
    return shared.render(request, "library/shelf_methodology.html", lambda: told(entry), entry=entry)


@rights.needs(rights.PUBLIC)
@require_GET
def named(request, full_code):
    """From a code as projects and batches bear it to the page of that version."""
    entry = shelf.named(full_code, on=timezone.localdate())
    return redirect("library:version", entry.code, entry.version)


def told(entry):
    siblings = shelf.versions(entry.code, on=timezone.localdate())
    found = {"versions": siblings, "uses": uses.of(entry.full_code), "stands": entry.stands}
    if entry.package is None:
        return found
    package = entry.package
    before = shelf.earlier(package)
    overdue = {name: day for name, day, _values in checking.overdue(package, timezone.localdate())}
    grades = dict.fromkeys(evidence.GRADES, 0)
    for value in shelf.values(package):
        grades[value.row.grade] += 1
    return found | {
        "package": package, "about": package.metadata, "picture": chain.draw(package.formulas),
        "formulas": [one.as_json() | {"from": sources(package, one)} for one in package.formulas],
        "parameters": [Shown.of(one, late=one.name in overdue) for one in package.parameters.values()],
        "overdue": overdue,
        "grades": [(letter, many) for letter, many in grades.items() if many],
        "rules": chapters.rules(package, language()), "cases": shelf.played(package.name),
        "before": before, "report": shelf.report(before.name, package.name) if before else None,
        "names": naming(package), "tables": package.columns.get("table", []),
        "declared": package.columns.get("declared", []),
        "zip_bytes": sum(path.stat().st_size for _name, path in shelf.files(package)),
    }  # fmt: skip


def sources(package, formula):
    """What a formula is computed from: a symbol with its place on the page, or the name of a given quantity."""
    formulas = {one.name: one for one in package.formulas}
    label = "label_zh" if language().startswith("zh") else "label_en"
    names = naming(package)
    found = []
    for name in formula.arguments:
        if name in formulas:
            found.append((formulas[name].symbol, f"#f-{name}", getattr(formulas[name], label)))
        elif name in package.parameters:
            found.append((package.parameters[name].symbol, f"#p-{name}", getattr(package.parameters[name], label)))
        else:
            found.append((names.get(name, name), "", ""))
    return found


def naming(package):
    """What the package calls each quantity that it computes, is given or declares."""
    label = "label_zh" if language().startswith("zh") else "label_en"
    columns = [column for table in package.columns.get("table", []) for column in table["column"]]
    given = [*columns, *package.columns.get("declared", []), *package.monitoring]
    found = {one.get("quantity", one["name"]): one[label] for one in given if one.get(label)}
    found |= {name: getattr(one, label) for name, one in package.parameters.items()}
    return found | {one.name: getattr(one, label) for one in package.formulas}


@dataclass(frozen=True)
class Shown:
    """A parameter and its first values; ``source`` where all of them have the same one."""

    one: Any
    rows: list[Any]
    many: int
    more: int
    grades: str
    source: str
    review_by: Any
    late: bool

    @classmethod
    def of(cls, one, *, late):
        grades = "".join(letter for letter in evidence.GRADES if any(row.grade == letter for row in one.rows))
        sources = {row.source for row in one.rows}
        return cls(
            one, list(one.rows[:SHOWN]), len(one.rows), max(len(one.rows) - SHOWN, 0), grades,
            sources.pop() if len(sources) == 1 else "", min(row.review_by for row in one.rows), late,
        )  # fmt: skip


@rights.needs(rights.PUBLIC)
@require_GET
def parameters(request, code, version):
    """Every value of a version's parameters, narrowed, page by page or as a file."""
    entry = shelf.find(code, version, on=timezone.localdate())
    if entry.package is None:
        raise Http404
    package, given = entry.package, request.GET
    rows = [one for one in shelf.values(package) if wanted(one, given)]
    if given.get("format") in {"csv", "xlsx"}:
        name = f"{package.code}-{package.version}-parameters"
        return downloads.table(name, given["format"], HEADER, map(cells, rows))
    said = "label_zh" if language().startswith("zh") else "label_en"
    offered = {
        "parameter": (_("Parameter"), [(one.name, getattr(one, said)) for one in package.parameters.values()]),
        "grade": (_("Evidence"), [(letter, f"{letter} · {words.GRADES[letter]}") for letter in evidence.GRADES]),
    }

    def make():
        return {
            "page": Slice.of(rows, given.get("before", "")), "many": len(rows), "form": Filter(given, choices=offered),
            "package": package,
        }  # fmt: skip

    return shared.render(request, "library/shelf_parameters.html", make, entry=entry)


HEADER = (
    "parameter", "symbol", "label_zh", "label_en", "key", "tier", "region", "valid_from", "valid_to", "value", "unit",
    "evidence", "source", "review_by", "note",
)  # fmt: skip


def cells(one):
    about, row = one
    return [
        about.name, about.symbol, about.label_zh, about.label_en, row.key, row.tier, row.region,
        str(row.valid_from or ""), str(row.valid_to or ""), str(row.value), about.unit, row.grade, row.source,
        row.review_by.isoformat(), row.note,
    ]  # fmt: skip


def wanted(one, given):
    about, row = one
    if given.get("parameter") and about.name != given["parameter"]:
        return False
    if given.get("grade") and row.grade != given["grade"]:
        return False
    text = f"{about.name} {about.symbol} {about.label_zh} {about.label_en} {row.key} {row.source} {row.note}".casefold()
    return all(part in text for part in given.get("q", "")[:120].casefold().split())


@rights.needs(rights.PUBLIC)
@require_GET
def differences(request, code):
    """What changed from one version to another, and which worked examples move by it."""
    known = [one for one in shelf.versions(code, on=timezone.localdate()) if one.package]
    if not known:
        raise Http404
    names = [one.version for one in known]
    after = request.GET.get("to", names[0])
    older = names[names.index(after) + 1 :] if after in names else []
    before = request.GET.get("from", older[0] if older else names[-1])
    if after not in names or before not in names:
        raise Http404

    def make():
        report = shelf.report(f"{code}/{before}", f"{code}/{after}")
        parts = [(part, report.of(part)) for part in changes.PARTS]
        return {"report": report, "parts": [(PARTS[part], grouped(found)) for part, found in parts if found]}

    context = {"entry": known[names.index(after)], "names": names, "before": before, "after": after}
    return shared.render(request, "library/shelf_differences.html", make, **context)


def grouped(found):
    """Changes by what changed."""
    label = "label_zh" if language().startswith("zh") else "label_en"
    by_name = {}
    for one in found:
        by_name.setdefault(one.name, (getattr(one, label), []))[1].append(one)
    return list(by_name.values())


PARTS = {
    "metadata": gettext_lazy("Metadata and rules"),
    "parameter": gettext_lazy("Parameters"),
    "formula": gettext_lazy("Formulas"),
    "predicate": gettext_lazy("Applicability"),
    "case": gettext_lazy("Worked examples"),
}


@rights.needs(rights.PUBLIC)
@require_GET
def package(request, code, version):
    """The whole package as a zip archive, the same bytes for everyone."""
    entry = shelf.find(code, version, on=timezone.localdate())
    if entry.package is None:
        raise Http404
    return HttpResponse(
        shelf.archive(entry.package),
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{entry.package.code}-{entry.package.version}.zip"',
            "ETag": f'"{entry.package.sha256}"',
        },
    )


def language():
    return get_language() or "zh-hans"

"""Methodologies for programs: what there is, one version whole, its parameters, its worked examples, what changed.

Public; nobody signs in. Numbers of parameters and examples are text, as exact as the package writes them.
"""

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema

from tanhui.identity import rights
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library import shelf, words
from tanhui.methods.engine import chapters, numbers
from tanhui.methods.engine.shelf import Package

router = Router(tags=["方法学库"], auth=None)
Code = Annotated[str, Path(max_length=60, description="As in the list: ar_cm_001.")]
Label = Annotated[str, Path(max_length=20, description="A version: v01.")]


class NotComputable(Refusal):
    code = "library.text_only"
    sentence = gettext_noop(
        "%(methodology)s is published as a text only; no package computes it yet. Choose one that has a package."
    )
    clause = "ARCHITECTURE.md §3, methods"
    status = 404


class AskedMethodologies(Schema):
    q: str = Field("", max_length=120, description="Parts that title, code or source must contain.")
    scheme: str = Field("", max_length=40)
    sector: str = Field("", max_length=40)
    kind: str = Field("", max_length=20, description="credit, inclusion, footprint, statistical or co_benefit.")
    every: bool = Field(False, description="Every version instead of the one in force.")


class MethodologyLine(Schema):
    code: str
    version: str
    full_code: str
    title_zh: str
    title_en: str
    scheme: str
    sector: str
    kind: str
    state: str = Field(description="PUBLISHED, REVISING, RETIRED, NOT_YET; UNLISTED: on the shelf, not published here.")
    weakest_evidence: str = Field(description="Of its parameters; empty when there are none or no package.")
    package_sha256: str = Field(description="Empty when it is published as a text only.")
    publisher: str


class MethodologyList(Schema):
    count: int
    items: list[MethodologyLine]


class FormulaOut(Schema):
    quantity: str
    symbol: str
    unit: str
    over: str
    equation: str
    label_zh: str
    label_en: str
    arguments: list[str]


class PredicateOut(Schema):
    name: str
    clause: str
    label_zh: str
    label_en: str
    evidence_asked: str


class RuleOut(Schema):
    name: str
    text: str


class MethodologyOut(MethodologyLine):
    """``metadata`` is the package's own description; ``monitoring`` its plan."""

    legal_status: str
    valid_from: dt.date | None
    metadata: dict[str, Any]
    predicates: list[PredicateOut]
    formulas: list[FormulaOut]
    rules: list[RuleOut]
    monitoring: list[dict[str, Any]]
    parameters: list[str] = Field(description="Names; the values are asked for by themselves.")
    cases: list[str]
    changes: str = Field(description="What the publisher says changed, as Markdown.")


class ParameterValue(Schema):
    parameter: str
    symbol: str
    label_zh: str
    label_en: str
    unit: str
    key: str = Field(description="Empty for a single value; several keys are joined by a bar.")
    value: str
    tier: str
    region: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    evidence: str = Field(description="A official text, P peer-reviewed, B secondary copy, C press, D recalled.")
    source: str
    review_by: dt.date
    note: str


class ParameterList(Schema):
    count: int
    package_sha256: str
    items: list[ParameterValue]


class CaseFigure(Schema):
    quantity: str
    expected: str
    computed: str
    holds: bool


class CaseOut(Schema):
    name: str
    title: str
    provenance: str
    tolerance: str
    given: dict[str, Any]
    holds: bool
    problem: str
    figures: list[CaseFigure]


class CaseList(Schema):
    count: int
    package_sha256: str
    items: list[CaseOut]


class ChangeOut(Schema):
    part: str = Field(description="metadata, parameter, formula, predicate or case.")
    name: str
    label_zh: str
    label_en: str
    key: str
    field: str
    before: str | None
    after: str | None


class MovedOut(Schema):
    case: str
    title: str
    of: str
    quantity: str
    place: int
    before: str
    after: str


class UnplayableOut(Schema):
    case: str
    of: str
    on: str
    problem: str


class ChangesOut(Schema):
    """From the version before, or the one asked for, to this one. Without one before, nothing is listed."""

    before: str | None
    after: str
    changes: list[ChangeOut]
    moved: list[MovedOut]
    played: int
    unplayable: list[UnplayableOut]


@router.get("/methodologies", response=MethodologyList, operation_id="listMethodologies", summary="方法学库")
@rights.needs(rights.PUBLIC)
def methodologies(request: HttpRequest, asked: Annotated[AskedMethodologies, Query()]) -> dict[str, Any]:
    """Every methodology in the version in force, by code."""
    found = shelf.entries(timezone.localdate())
    rows = found if asked.every else shelf.newest(found)
    parts = asked.q.casefold().split()
    rows = [
        one
        for one in rows
        if (not asked.scheme or words.scheme(asked.scheme) == words.scheme(one.scheme))
        and (not asked.sector or words.sector(asked.sector) == words.sector(one.sector))
        and asked.kind in ("", one.kind)
        and all(part in one.words() for part in parts)
    ]
    return {"count": len(rows), "items": [line(one) for one in rows]}


@router.get(
    "/methodologies/{code}/{version}", response=MethodologyOut, operation_id="getMethodology", summary="一个方法学版本"
)
@rights.needs(rights.PUBLIC)
def methodology(request: HttpRequest, code: Code, version: Label) -> dict[str, Any]:
    """Everything a version says, except the values of its parameters."""
    entry = shelf.find(code, version, on=timezone.localdate())
    package = entry.package
    published = entry.version_published
    if package is None:
        return line(entry) | {
            "legal_status": "", "valid_from": published.valid_from if published else None, "metadata": {},
            "predicates": [], "formulas": [], "rules": [], "monitoring": [], "parameters": [], "cases": [],
            "changes": published.changes if published else "",
        }  # fmt: skip
    about = package.metadata
    return line(entry) | {
        "legal_status": str(about.get("legal_status") or about.get("legal_status_zh", "")),
        "valid_from": about["valid_from"],
        "metadata": numbers.plain(about),
        "predicates": [
            {name: getattr(one, name) for name in ("name", "clause", "label_zh", "label_en", "evidence_asked")}
            for one in package.predicates
        ],
        "formulas": [one.as_json() for one in package.formulas],
        "rules": [{"name": name, "text": text} for name, text in chapters.rules(package, "zh-hans")],
        "monitoring": numbers.plain(package.monitoring),
        "parameters": list(package.parameters),
        "cases": [str(one.case["name"]) for one in shelf.played(package.name)],
        "changes": package.changes,
    }


def line(one: shelf.Entry) -> dict[str, Any]:
    return {
        "code": one.code, "version": one.version, "full_code": one.full_code, "title_zh": one.title(chinese=True),
        "title_en": one.title(chinese=False), "scheme": one.scheme, "sector": one.sector, "kind": one.kind,
        "state": one.state, "weakest_evidence": one.grade,
        "package_sha256": one.package.sha256 if one.package else "",
        "publisher": one.package.publisher if one.package else "",
    }  # fmt: skip


@router.get(
    "/methodologies/{code}/{version}/parameters", response=ParameterList, operation_id="getMethodologyParameters",
    summary="参数及其出处",
)  # fmt: skip
@rights.needs(rights.PUBLIC)
def parameters(request: HttpRequest, code: Code, version: Label) -> dict[str, Any]:
    """Every value with its unit, source, grade and the day by which it is looked at again."""
    package = packaged(code, version)
    items = [
        {
            "parameter": one.name, "symbol": one.symbol, "label_zh": one.label_zh, "label_en": one.label_en,
            "unit": one.unit, "key": row.key, "value": str(row.value), "tier": row.tier, "region": row.region,
            "valid_from": row.valid_from, "valid_to": row.valid_to, "evidence": row.grade, "source": row.source,
            "review_by": row.review_by, "note": row.note,
        }
        for one, row in shelf.values(package)
    ]  # fmt: skip
    return {"count": len(items), "package_sha256": package.sha256, "items": items}


@router.get(
    "/methodologies/{code}/{version}/cases", response=CaseList, operation_id="getMethodologyCases", summary="算例"
)
@rights.needs(rights.PUBLIC)
def cases(request: HttpRequest, code: Code, version: Label) -> dict[str, Any]:
    """The worked examples, each with what is expected and what this server computes."""
    package = packaged(code, version)
    items = [
        {
            "name": one.case["name"], "title": one.case["title"], "provenance": str(one.case.get("provenance", "")),
            "tolerance": str(one.case.get("tolerance", "")), "given": numbers.plain(one.case.get("given", {})),
            "holds": one.holds, "problem": one.problem,
            "figures": [
                {
                    "quantity": figure.quantity, "expected": repr(figure.expected), "computed": repr(figure.computed),
                    "holds": figure.holds,
                }
                for figure in one.outcomes
            ],
        }
        for one in shelf.played(package.name)
    ]  # fmt: skip
    return {"count": len(items), "package_sha256": package.sha256, "items": items}


@router.get(
    "/methodologies/{code}/{version}/changes", response=ChangesOut, operation_id="getMethodologyChanges",
    summary="与另一版本的差异",
)  # fmt: skip
@rights.needs(rights.PUBLIC)
def changes(
    request: HttpRequest,
    code: Code,
    version: Label,
    since: Annotated[str, Query(max_length=20, description="The earlier version; the one before when empty.")] = "",
) -> dict[str, Any]:
    """What changed, and which figures of worked examples move by it."""
    package = packaged(code, version)
    before = packaged(code, since) if since else shelf.earlier(package)
    if before is None:
        return {"before": None, "after": package.name, "changes": [], "moved": [], "played": 0, "unplayable": []}
    told = shelf.report(before.name, package.name).as_json()
    return told | {"before": before.name, "after": package.name}


def packaged(code: str, version: str) -> Package:
    """The package of a version. Refuses with ``library.text_only`` where there is none."""
    entry = shelf.find(code, version, on=timezone.localdate())
    if entry.package is None:
        raise NotComputable(methodology=entry.full_code)
    return entry.package

"""What the rule packs say about methodologies, read for a day, and what the form check looks at."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.library.models import Scheme
from tanhui.rulepacks import packs, queries

DEFAULTS = "demo-local"
PACKS = {  # whose word counts under a scheme, before the defaults
    Scheme.CCER: "cn-national-ccer-2023",
    Scheme.SHANGHAI: "cn-shanghai-tph-2025",
    Scheme.SICHUAN: "cn-sichuan-lc-2024",
    Scheme.GUANGDONG: "cn-guangdong-tph-2022",
}
LIMITS = {
    "FORM_CHECK": "methodology_form_check",
    "CORRECTION": "methodology_correction",
    "COMMENT": "methodology_public_comment",
    "REVIEW": "methodology_expert_review",
}
QUORUM, MAJORITY, LEAST = (
    "methodology_expert_quorum",
    "methodology_expert_majority",
    "methodology_principle_least",
)


class RuleMissing(Refusal):
    code = "library.rule_missing"
    sentence = gettext_noop(
        "No rule pack in force on %(day)s says “%(key)s” for %(scheme)s. Have the pack activated that does."
    )
    clause = "ARCHITECTURE.md §1"


@dataclass(frozen=True)
class Point:
    """One point of the form check: what it is called, what it asks, where that stands, and the field it is about."""

    label: str | Promise
    asks: str | Promise
    clause: str
    field: str = ""


POINTS = {
    "form": Point(
        _("Application form of the proposal"),
        _("Complete, signed or sealed, and in agreement with what is stated here."),
        "M-03",
        "FORM",
    ),
    "text": Point(_("Text of the methodology"), _("Chapters in order, format by GB/T 1.1-2020."), "M-03, M-04", "TEXT"),
    "class": Point(
        _("Class and scheme"),
        _("Projects or personal scenarios; the sector is one the scheme supports."),
        "M-05",
        "category",
    ),
    "revision": Point(
        _("New or a revision"), _("For a revision: name, version, what changes and why."), "M-04", "kind"
    ),
    "applicability": Point(
        _("Applicability"), _("Each condition can be checked, and says by which evidence."), "M-01", "applicability"
    ),
    "references": Point(
        _("Normative references and terms"), _("In force, dated, and used in the text."), "M-04, M-05", "references"
    ),
    "boundary": Point(
        _("Boundaries"), _("Of the project or the accounting, in space and in time."), "M-04, M-05", "boundary"
    ),
    "pools": Point(
        _("Pools, sources and sinks"),
        _("What is counted, what is left out, and why that is conservative."),
        "M-04",
        "pools",
    ),
    "baseline": Point(
        _("Baseline"), _("How the baseline is identified and by whom that can be repeated."), "M-04", "baseline"
    ),
    "additionality": Point(
        _("Additionality and uniqueness"),
        _("How both are shown; which other mechanisms are excluded."),
        "M-08",
        "additionality",
    ),
    "quantification": Point(
        _("Quantification"),
        _("Every formula with its units; every parameter with its source."),
        "M-01",
        "quantification",
    ),
    "data": Point(
        _("Data and parameters"), _("Sources, evidence, and whether they can be had."), "M-05", "data_sources"
    ),
    "monitoring": Point(
        _("Monitoring"), _("What is measured, how often, and how its quality is assured."), "M-01", "monitoring"
    ),
    "verification": Point(
        _("Validation and verification"),
        _("What the verifier looks at, and on which evidence."),
        "M-01",
        "verification",
    ),
    "crediting": Point(
        _("Crediting period"),
        _("The time in which reductions can be registered, shortest and longest."),
        "M-01",
        "crediting",
    ),
}


def said(scheme: str, key: str, on: date) -> tuple[packs.Pack, packs.Parameter] | None:
    """A parameter with the pack that says it, of the packs in force that day: the scheme's own, then the defaults."""
    for name in (PACKS.get(Scheme(scheme)) if scheme in PACKS else None, DEFAULTS):
        activation = queries.in_force(name, on) if name else None
        if name and activation is not None:
            pack = packs.load(activation.pack.content, name)
            if key in pack.params:
                return pack, pack.params[key]
    return None


def number(scheme: str, key: str, on: date) -> dict[str, Any] | None:
    """A whole number with where it stands: ``value``, ``pack``, ``clause``, ``grade``; none where no pack says it."""
    known = said(scheme, key, on)
    if known is None or type(known[1].value) is not int:
        return None
    pack, parameter = known
    return {
        "value": parameter.value, "pack": f"{pack.id} {pack.version}", "clause": parameter.clause,
        "grade": parameter.grade,
    }  # fmt: skip


def needed(scheme: str, key: str, on: date) -> dict[str, Any]:
    """As ``number``; refuses with ``RuleMissing`` where no pack says it."""
    if (found := number(scheme, key, on)) is None:
        raise RuleMissing(key=key, scheme=str(Scheme(scheme).label) if scheme else "—", day=on.isoformat())
    return found


def limits(scheme: str, on: date) -> dict[str, Any]:
    """The time limits of a proposal in working days; what no pack in force says has none, and no due day is shown."""
    found = {name: number(scheme, key, on) for name, key in LIMITS.items()}
    return {name: one for name, one in found.items() if one}


def review(scheme: str, on: date) -> dict[str, Any]:
    """Quorum, majority and least mean score of an expert review. Refuses with ``RuleMissing``."""
    return {key: needed(scheme, key, on) for key in (QUORUM, MAJORITY, LEAST)}

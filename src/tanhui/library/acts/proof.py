"""What a package must show before a version is bound to it: the bytes that were reviewed, cases that hold, parameters
that say where they come from."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from tanhui.kernel.refusal import Refusal, gettext_noop

GRADES = ("A", "P", "B", "C", "D")


class PackageChanged(Refusal):
    code = "library.package_changed"
    sentence = gettext_noop(
        "The package %(package)s on the shelf is %(now)s, and %(wanted)s was reviewed. An approved version never "
        "changes: propose the other bytes as a new version."
    )
    clause = "ARCHITECTURE.md §4"


class CasesFail(Refusal):
    code = "library.cases_fail"
    sentence = gettext_noop(
        "The package %(package)s does not compute its own worked examples: %(faults)s. Correct it before it is bound."
    )
    clause = "rules M-01: quantification"


class ParametersFaulty(Refusal):
    code = "library.parameters_faulty"
    sentence = gettext_noop(
        "Parameters of the package %(package)s do not say where they come from: %(faults)s. Correct it before it is "
        "bound."
    )
    clause = "rules M-01; rules M-08: availability of data"


class NotForIssuance(Refusal):
    code = "library.not_for_issuance"
    sentence = gettext_noop(
        "The package %(package)s is of the kind “%(kind)s” and can never feed issuance. File it under the class for "
        "statistics."
    )
    clause = "rules: stock sinks and units never convert (ARCHITECTURE.md §6.7)"


def check(name: str, sha256: str, *, category: str) -> None:
    """Refuse unless the package is on the shelf with these bytes, its cases hold and its parameters pass.

    Refuses with ``methods.no_such_package``, ``PackageChanged``, ``NotForIssuance``, ``CasesFail`` or
    ``ParametersFaulty``.
    """
    from tanhui.methods.engine import shelf  # loads numpy

    package = shelf.load(name)
    if package.sha256 != sha256:
        raise PackageChanged(package=name, now=package.sha256[:12], wanted=sha256[:12])
    kind = str(package.metadata.get("kind", "credit"))
    if category != "STAT" and kind not in {"credit", "inclusion"}:
        raise NotForIssuance(package=name, kind=kind)
    if found := list(case_faults(package)):
        raise CasesFail(package=name, faults="；".join(found[:5]))
    if found := list(parameter_faults(package)):
        raise ParametersFaulty(package=name, faults="；".join(found[:5]))


def case_faults(package: Any) -> Iterator[str]:
    """The worked examples a package does not compute; that it has none is one too."""
    from tanhui.methods.engine import cases

    known = package.cases()
    if not known:
        yield "0"
    for case in known:
        for one in cases.play(package, case):
            if not one.holds:
                yield f"{one.case}: {one.quantity} {one.expected:g} ≠ {one.computed:g}"


def parameter_faults(package: Any) -> Iterator[str]:
    """Values without a unit, a source, a known grade or a day by which to look at them again."""
    for parameter in package.parameters.values():
        if not parameter.unit.strip():
            yield f"{parameter.name}: unit"
        for row in parameter.rows:
            where = f"{parameter.name} {row.key}".strip()
            if not row.source.strip():
                yield f"{where}: source"
            if row.grade not in GRADES:
                yield f"{where}: grade {row.grade}"
            if not isinstance(row.review_by, date):
                yield f"{where}: review_by"

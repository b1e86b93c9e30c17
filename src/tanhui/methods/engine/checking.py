"""What every package is held to, the house's own and others': its cases, and what its parameters say of themselves."""

from typing import NamedTuple

from tanhui.kernel.refusal import Refusal
from tanhui.methods.engine import cases, shelf
from tanhui.methods.engine.shelf import Package


class Report(NamedTuple):
    """What was found in one package: how many worked examples were played, and everything wrong, in words."""

    name: str
    cases: int
    problems: list[str]


def check(name: str) -> Report:
    """Load a package and hold it to every rule. A package that cannot be loaded is one problem."""
    try:
        package = shelf.load(name)
    except shelf.BrokenPackage as refusal:
        return Report(name, 0, [str(refusal.facts["problem"])])
    played = package.cases()
    return Report(name, len(played), [*_cases(package, played), *_parameters(package), *_whole(package)])


def _cases(package: Package, played: list[dict[str, object]]) -> list[str]:
    problems = [] if played else ["it has no worked example"]
    for case in played:
        for key in ("title", "provenance"):
            if not str(case.get(key, "")).strip():
                problems.append(f"the case {case['name']} has no {key}")
        try:
            outcomes = cases.play(package, case)
        except (Refusal, KeyError, ValueError, TypeError) as problem:
            problems.append(f"the case {case['name']} cannot be played: {type(problem).__name__}: {problem}")
            continue
        problems += [
            f"the case {case['name']} expects {one.quantity} = {one.expected:.10g} and gives {one.computed:.10g}"
            for one in outcomes
            if not one.holds
        ]
    return problems


def _parameters(package: Package) -> list[str]:
    """Unit, source, grade and review date are demanded when a parameter is read; here, that the grade is honest."""
    return [
        f"the parameter {one.name} ({row.key or '-'}) is graded {row.grade} and recalled from memory: that is D"
        for one in package.parameters.values()
        for row in one.rows
        if row.grade != "D" and "recalled" in row.source
    ]


def _whole(package: Package) -> list[str]:
    """Pieces that contradict each other or are missing."""
    problems = [] if package.changes.strip() else ["it has no CHANGES.md"]
    if package.may_issue and not package.predicates:
        problems.append("it may issue and has no predicate that says where it applies")
    if not package.monitoring:
        problems.append("it has no monitoring.toml")
    return problems

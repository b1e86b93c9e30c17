"""What every package is held to, the house's own and others': its cases, and what its parameters say of themselves."""

import datetime as dt
from typing import NamedTuple

from tanhui.kernel.refusal import Refusal
from tanhui.methods.engine import arranging, cases, shelf
from tanhui.methods.engine.shelf import Package


class Report(NamedTuple):
    """What was found in one package: how many worked examples were played, everything wrong, in words, and of each
    parameter past its date of review its name, that date and how many of its values that touches."""

    name: str
    cases: int
    problems: list[str]
    overdue: list[tuple[str, dt.date, int]] = []


def check(name: str, *, on: dt.date | None = None) -> Report:
    """Load a package and hold it to every rule; ``on`` is the day its dates of review are held against. A package that
    cannot be loaded is one problem."""
    try:
        package = shelf.load(name)
    except shelf.BrokenPackage as refusal:
        return Report(name, 0, [str(refusal.facts["problem"])])
    played = package.cases()
    problems = [*_cases(package, played), *_parameters(package), *_whole(package), *_names(package)]
    return Report(name, len(played), problems, overdue(package, on) if on else [])


def overdue(package: Package, on: dt.date) -> list[tuple[str, dt.date, int]]:
    """Parameters with values that were to be looked at again before a day: name, the earliest such date, how many."""
    late = ((name, one.overdue(on)) for name, one in package.parameters.items())
    return [(name, min(row.review_by for row in rows), len(rows)) for name, rows in late if rows]


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
    key = package.metadata.get("double_count_key", {})
    if package.may_issue and not (key.get("activities") and key.get("thing")):
        problems.append("it may issue and has no double_count_key that says what nobody else may count too")
    if not package.monitoring:
        problems.append("it has no monitoring.toml")
    problems += _permanence(package)
    last = package.formulas[-1]
    if package.may_issue and not last.unit.startswith(f"{package.result_unit}CO2"):
        problems.append(f"its result is in {package.result_unit} of CO2e, and {last.name} says {last.unit}")
    labels = {one.name: (one.label_en, one.label_zh) for one in package.formulas}
    labels |= {one.name: (one.label_en, one.label_zh) for one in package.predicates}
    lacking = [name for name, both in labels.items() if not all(label.strip() for label in both)]
    return problems + [f"{name} lacks a label in English or Chinese" for name in lacking]


def _permanence(package: Package) -> list[str]:
    """A buffer and a deduction name the formulas of the whole project by which a run records them."""
    about = package.metadata["permanence"]
    asked = {"buffer": ("quantity",), "deduction": ("before", "after")}.get(str(about.get("kind")), ())
    known = {one.name for one in package.formulas if one.over == "project"}
    return [
        f"its permanence is a {about['kind']}, and {key} = {about.get(key, '-')} names no formula of the whole project"
        for key in asked
        if package.may_issue and about.get(key) not in known
    ]


def _names(package: Package) -> list[str]:
    """Arguments that nothing gives, where the engine's own arrangement is all there is."""
    if package.arrange is not arranging.arrange:
        return []
    spec = package.columns
    known = {"years", "stratum_area", *package.parameters}
    for table in spec.get("table", []):
        known |= {column.get("quantity", column["name"]) for column in table["column"]}
        known.add(f"{arranging.axis_of(table)}_count")
    known |= {one["name"] for key in ("declared", "fact") for one in spec.get(key, [])}
    problems = []
    for formula in package.formulas:
        lacking = [name for name in formula.arguments if name not in known and name not in formula.optional]
        problems += [f"the formula of {formula.name} asks for {name}, which nothing gives" for name in lacking]
        known.add(formula.name)
    return problems

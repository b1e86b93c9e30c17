"""What differs between two versions of a methodology, and which worked examples move by it.

A version never changes on the shelf; the next one is compared with it: metadata, parameters value by value, predicates,
formulas by their equation and by what their code does, and every named case of either version played on both.
"""

import ast
import hashlib
import inspect
import math
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from tanhui.kernel import language
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine import cases, numbers, shelf
from tanhui.methods.engine.formula import Formula
from tanhui.methods.engine.parameter import Parameter, Row
from tanhui.methods.engine.predicate import Predicate
from tanhui.methods.engine.shelf import Package

Part = Literal["metadata", "parameter", "formula", "predicate", "case"]
PARTS: tuple[Part, ...] = ("metadata", "parameter", "formula", "predicate", "case")
WORDS = {
    "metadata": gettext_noop("Metadata and rules"),
    "parameter": gettext_noop("Parameters"),
    "formula": gettext_noop("Formulas"),
    "predicate": gettext_noop("Applicability"),
    "case": gettext_noop("Worked examples"),
    "value": gettext_noop("value"),
    "grade": gettext_noop("evidence"),
    "source": gettext_noop("source"),
    "unit": gettext_noop("unit"),
    "symbol": gettext_noop("symbol"),
    "equation": gettext_noop("equation"),
    "arguments": gettext_noop("computed from"),
    "bounds": gettext_noop("plausible range"),
    "code": gettext_noop("code of the computation"),
    "clause": gettext_noop("clause"),
    "label": gettext_noop("name"),
    "evidence_asked": gettext_noop("evidence asked for"),
    "review_by": gettext_noop("to be reviewed by"),
    "given": gettext_noop("input of the example"),
    "expected": gettext_noop("expected result"),
}
ADDED = gettext_noop("added: %(after)s")
REMOVED = gettext_noop("removed: %(before)s")
CHANGED = gettext_noop("%(field)s: %(before)s → %(after)s")
HEAD = gettext_noop(
    "%(before)s → %(after)s. Changes: %(changes)s. Figures of worked examples that move: %(moved)s of %(played)s."
)
MOVED = gettext_noop("%(case)s, %(quantity)s: %(before)s → %(after)s (%(percent)s)")
UNPLAYABLE = gettext_noop("%(case)s of %(of)s cannot be played on %(on)s: %(problem)s")
NOTHING = gettext_noop("Nothing differs.")
# What names the version itself, and therefore always differs.
OWN = {"version", "code"}
SAME = 1e-9  # relative: below it two machines, not two versions, differ


class Change(NamedTuple):
    """One difference. ``key`` is that of a parameter's value; ``before`` or ``after`` is ``None`` where the thing is
    added or removed, and ``field`` is empty then."""

    part: Part
    name: str
    label_en: str
    label_zh: str
    key: str
    field: str
    before: str | None
    after: str | None


class Moved(NamedTuple):
    """A figure of a worked example under both versions; ``of`` is the version the example belongs to. ``place`` counts
    the figure's values from 1, 0 where there is one only."""

    case: str
    title: str
    of: str
    quantity: str
    place: int
    before: float
    after: float

    @property
    def still(self) -> bool:
        return math.isclose(self.before, self.after, rel_tol=SAME, abs_tol=1e-12)

    @property
    def percent(self) -> str:
        """By how much the figure moves: ``+3.2 %``; a dash where it was zero."""
        if not self.before:
            return "–"
        return f"{(self.after - self.before) / abs(self.before) * 100:+.3g} %"


class Unplayable(NamedTuple):
    """An example one version cannot compute, and why."""

    case: str
    of: str
    on: str
    problem: str


@dataclass(frozen=True)
class Report:
    """All that differs from ``before`` to ``after`` (``code/version`` each)."""

    before: dict[str, str]
    after: dict[str, str]
    changes: list[Change]
    played: list[Moved]
    unplayable: list[Unplayable]

    @property
    def moved(self) -> list[Moved]:
        return [one for one in self.played if not one.still]

    @property
    def empty(self) -> bool:
        return not (self.changes or self.moved or self.unplayable)

    def of(self, part: Part) -> list[Change]:
        return [one for one in self.changes if one.part == part]

    def as_json(self) -> dict[str, Any]:
        return {
            "before": self.before,
            "after": self.after,
            "changes": [one._asdict() for one in self.changes],
            "moved": [
                one._asdict() | {"before": numbers.text(one.before), "after": numbers.text(one.after)}
                for one in self.moved
            ],
            "played": len(self.played),
            "unplayable": [one._asdict() for one in self.unplayable],
        }

    def lines(self, code: str = "en") -> Iterator[str]:
        """The report as plain text, in Chinese or English."""

        def say(message: str, **facts: Any) -> str:
            return language.translate(message, code) % facts

        names = {"before": named(self.before), "after": named(self.after)}
        counts = {"changes": len(self.changes), "moved": len(self.moved), "played": len(self.played)}
        yield say(HEAD, **names, **counts)
        if self.empty:
            yield say(NOTHING)
        for part in PARTS:
            if found := self.of(part):
                yield f"  {say(WORDS[part])}"
            for one in found:
                label = one.label_zh if code.startswith("zh") else one.label_en
                yield f"    {label}{f' [{one.key}]' if one.key else ''}: {told(one, code)}"
        for figure in self.moved:
            place = f"[{figure.place}]" if figure.place else ""
            figures = {"before": f"{figure.before:.10g}", "after": f"{figure.after:.10g}", "percent": figure.percent}
            yield "  " + say(MOVED, case=figure.case, quantity=figure.quantity + place, **figures)
        for lost in self.unplayable:
            yield "  " + say(UNPLAYABLE, **lost._asdict())


def told(one: Change, code: str) -> str:
    """A change in words, without the name of what changed."""
    facts = {"before": _short(one.before), "after": _short(one.after)}
    facts["field"] = language.translate(WORDS.get(one.field, one.field), code)
    message = ADDED if one.before is None else REMOVED if one.after is None else CHANGED
    return language.translate(message, code) % facts


def compare(before: Package | str, after: Package | str) -> Report:
    """The report from one version to another (packages, or ``code/version`` on the shelf)."""
    old = shelf.load(before) if isinstance(before, str) else before
    new = shelf.load(after) if isinstance(after, str) else after
    changes = [
        *_metadata(old, new),
        *(one for name in _both(old.parameters, new.parameters) for one in _parameter(name, old, new)),
        *_described("formula", {one.name: one for one in old.formulas}, {one.name: one for one in new.formulas}),
        *_described("predicate", {one.name: one for one in old.predicates}, {one.name: one for one in new.predicates}),
        *_cases(old, new),
    ]
    played, unplayable = _played(old, new)
    return Report(old.identity(), new.identity(), changes, played, unplayable)


def versions(code: str) -> list[str]:
    """The versions of a methodology on the shelf as ``code/version``, the oldest first."""
    return sorted((name for name in shelf.names() if name.partition("/")[0] == code), key=age)


def pairs() -> list[tuple[str, str]]:
    """Every two versions of one methodology that follow each other on the shelf."""
    codes = sorted({name.partition("/")[0] for name in shelf.names()})
    return [pair for code in codes for pair in zip(versions(code), versions(code)[1:], strict=False)]


def named(identity: Mapping[str, str]) -> str:
    return f"{identity['code']}/{identity['version']}"


def age(name: str) -> tuple[int, str]:
    digits = "".join(sign for sign in name.rpartition("/")[2] if sign.isdigit())
    return int(digits or 0), name


def _both(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """Names of either, in the order of the newer and then what it lacks."""
    new = list(after)
    return new + [name for name in before if name not in new]


def _short(text: str | None, most: int = 160) -> str:
    plain = " ".join((text or "").split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _metadata(old: Package, new: Package) -> Iterator[Change]:
    before, after = (dict(_flat(one.metadata)) for one in (old, new))
    for name in sorted({*before, *after} - OWN):
        if before.get(name) != after.get(name):
            yield Change("metadata", name, name, name, "", "value", before.get(name), after.get(name))


def _flat(value: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, str]]:
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{under}{name}.")
        else:
            yield f"{under}{name}", ", ".join(map(str, inner)) if isinstance(inner, list) else str(inner)


def _parameter(name: str, old: Package, new: Package) -> Iterator[Change]:
    before, after = old.parameters.get(name), new.parameters.get(name)
    known = after or before
    assert known is not None
    label = (known.label_en, known.label_zh)
    if before is None or after is None:
        whole = [None if one is None else _extent(one) for one in (before, after)]
        yield Change("parameter", name, *label, "", "", *whole)
        return
    for field, one, other in (("symbol", before.symbol, after.symbol), ("unit", before.unit, after.unit)):
        if one != other:
            yield Change("parameter", name, *label, "", field, one, other)
    if before.bounds != after.bounds:
        yield Change("parameter", name, *label, "", "bounds", str(before.bounds), str(after.bounds))
    earlier, later = ({_place(row): row for row in one.rows} for one in (before, after))
    for key in _both(earlier, later):
        yield from _row(name, label, key, earlier.get(key), later.get(key))


def _extent(one: Parameter) -> str:
    """A parameter added or removed as a whole, in a few signs."""
    first = one.rows[0]
    return f"{first.value} {one.unit} ({first.grade})" if len(one.rows) == 1 else f"{len(one.rows)} × {one.unit}"


def _place(row: Row) -> str:
    """Which of a parameter's values this is: its key, and what narrows it."""
    since = row.valid_from.isoformat() if row.valid_from else ""
    tier = "" if row.tier == "national" else row.tier
    return " ".join(part for part in (row.key, tier, row.region, since) if part)


def _row(name: str, label: tuple[str, str], key: str, before: Row | None, after: Row | None) -> Iterator[Change]:
    if before is None or after is None:
        both = [None if one is None else f"{one.value} ({one.grade}: {one.source})" for one in (before, after)]
        yield Change("parameter", name, *label, key, "", *both)
        return
    for field in ("value", "grade", "source", "review_by"):
        one, other = str(getattr(before, field)), str(getattr(after, field))
        if one != other:
            yield Change("parameter", name, *label, key, field, one, other)


def _described(part: Part, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Formulas or predicates by name."""
    for name in _both(before, after):
        known = after.get(name) or before[name]
        label = (known.label_en, known.label_zh)
        one, other = (_facts(both[name]) if name in both else None for both in (before, after))
        if one is None or other is None:
            whole = [None if facts is None else facts.get("equation") or facts["clause"] for facts in (one, other)]
            yield Change(part, name, *label, "", "", *whole)
            continue
        for field in one:
            if one[field] != other[field]:
                yield Change(part, name, *label, "", field, one[field], other[field])


def _facts(one: Formula | Predicate) -> dict[str, str]:
    if isinstance(one, Formula):
        return {
            "label": one.label_en,
            "symbol": one.symbol,
            "unit": one.unit,
            "equation": one.equation,
            "arguments": ", ".join(one.arguments),
            "bounds": str(one.bounds),
            "code": digest(one.compute),
        }
    return {
        "label": one.label_en,
        "clause": one.clause,
        "evidence_asked": one.evidence_asked,
        "code": digest(one.ask),
    }


def digest(function: Any) -> str:
    """The first digits of a SHA-256 over what a function does: its code without layout, comments and what is declared
    above it. What it calls elsewhere is not in it; the worked examples show that."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return "-"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:12]


def _cases(old: Package, new: Package) -> Iterator[Change]:
    before, after = ({one["name"]: one for one in package.cases()} for package in (old, new))
    for name in _both(before, after):
        one, other = before.get(name), after.get(name)
        title = str((other or one or {}).get("title", name))
        if one is None or other is None:
            yield Change(
                "case", name, title, title, "", "", *(None if it is None else str(it["title"]) for it in (one, other))
            )
            continue
        for field in ("given", "expected"):
            if one.get(field, {}) != other.get(field, {}):
                yield Change(
                    "case", name, title, title, "", field, *(_differing(one.get(field, {}), other.get(field, {})))
                )


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, str]:
    """Only what differs of two tables."""
    names = [name for name in _both(before, after) if before.get(name) != after.get(name)]
    return tuple(  # type: ignore[return-value]
        ", ".join(f"{name} = {numbers.plain(table[name]) if name in table else '–'}" for name in names)
        for table in (before, after)
    )


def _played(old: Package, new: Package) -> tuple[list[Moved], list[Unplayable]]:
    """Every example of either version on both; one that both have is played once, as the newer has it."""
    played: list[Moved] = []
    lost: list[Unplayable] = []
    fresh = {one["name"] for one in new.cases()}
    examples = [(new.name, one) for one in new.cases()]
    examples += [(old.name, one) for one in old.cases() if one["name"] not in fresh]
    for of, case in examples:
        sides: list[Mapping[tuple[str, int], float]] = []
        for package in (old, new):
            try:
                sides.append(figures(package, case))
            except (Refusal, KeyError, TypeError, ValueError, IndexError) as problem:
                lost.append(Unplayable(case["name"], of, package.name, _problem(problem)))
        if len(sides) == 2:
            before, after = sides
            title = str(case.get("title", case["name"]))
            played += [
                Moved(case["name"], title, of, quantity, place, before[quantity, place], after[quantity, place])
                for quantity, place in before
                if (quantity, place) in after
            ]
            for package, there, here in ((old, after, before), (new, before, after)):
                lacking = dict.fromkeys(quantity for quantity, place in there if (quantity, place) not in here)
                lost += [Unplayable(case["name"], of, package.name, f"no {quantity}") for quantity in lacking]
    return played, lost


def figures(package: Package, case: Mapping[str, Any]) -> dict[tuple[str, int], float]:
    """What a package computes for each figure a case expects, by quantity and place (0 where there is one only)."""
    outcomes = cases.play(package, dict(case))
    if "refused" in case:
        if not all(one.holds for one in outcomes):
            raise ValueError(f"it is not refused with {case['refused']}")
        return {}
    many = {
        name
        for name, wanted in case.get("expected", {}).items()
        if isinstance(wanted, Sequence) and not isinstance(wanted, str)
    }
    counted: dict[str, int] = {}
    found = {}
    for one in outcomes:
        counted[one.quantity] = place = counted.get(one.quantity, 0) + 1
        if not math.isfinite(one.computed):  # not computed from what the case gives
            continue
        found[one.quantity, place if one.quantity in many else 0] = one.computed
    return found


def _problem(problem: Exception) -> str:
    if isinstance(problem, KeyError):
        return f"no {problem.args[0]}"
    return str(problem)[:200]

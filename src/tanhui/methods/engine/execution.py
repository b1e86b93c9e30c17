"""Run a package on input, and run it again from the bundle."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from tanhui.kernel import canonical
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine import evidence, formula, numbers, predicate, record, shelf, tables
from tanhui.methods.engine.arranged import Arranged
from tanhui.methods.engine.faults import Fault, FaultyInput
from tanhui.methods.engine.record import Run
from tanhui.methods.engine.shelf import Package
from tanhui.methods.engine.tables import Checked, Table

SECTIONS: dict[str, type[dict[str, Any]] | type[list[Any]]] = {  # of a project file, and whether once or many times
    "surveys": dict,
    "crediting": dict,
    "units": dict,
    "declared": dict,
    "facts": dict,
    "stratum": list,
    "exclude": list,
    "deviation": list,
}


class NotABundle(Refusal):
    code = "methods.not_a_bundle"
    sentence = gettext_noop(
        "This file is not a run bundle (%(problem)s). Give the bundle that was published with the batch."
    )
    clause = "ARCHITECTURE.md §7"
    status = 422


class Difference(NamedTuple):
    """The first place where a bundle and its recomputation part."""

    symbol: str
    recorded: str
    recomputed: str


def run(
    package: str | Package,
    *,
    project: Mapping[str, Any],
    inputs: Mapping[str, Table],
    purpose: str,
    floor: str | None = None,
) -> Run:
    """Compute a project's quantity with a package of the shelf (``code/version``).

    ``project`` is the project file, ``inputs`` the tables by the names the package gives them. ``purpose`` is
    demonstration, project or issuance and sets the evidence floor unless the operator's own ``floor`` is given. Refuses
    faulty input (all faults at once), a predicate that fails, evidence below the floor and an implausible result.
    """
    shelved = shelf.load(package) if isinstance(package, str) else package
    floor = evidence.floor_of(purpose, floor)
    declared = numbers.plain(dict(project))
    if misshapen := _misshapen(declared):
        raise FaultyInput(misshapen)
    checked, faults = _check(shelved, declared, inputs)
    arranged: Arranged = shelved.inputs.arrange(checked, declared, shelved.parameters, faults)
    if faults:
        raise FaultyInput(faults)

    answers = predicate.ask_all(shelved.predicates, declared.get("facts", {}) | arranged.facts)
    predicate.demand(answers, package=shelved.name, purpose=purpose)
    used = _used(shelved, arranged)
    graded = [_graded(one) for one in used] + arranged.declared
    deviations = {one["value"]: one["approval"] for one in declared.get("deviation", [])}
    evidence.demand(graded, purpose=purpose, floor=floor, deviations=deviations)

    computed = formula.chain(shelved.formulas, arranged.given | bind(shelved, arranged.given))
    trace = [record.step(one, computed[one.name]) for one in shelved.formulas if one.name in computed]
    content = {
        "format": record.FORMAT,
        "package": shelved.identity(),
        "purpose": purpose,
        "floor": floor,
        "evidence": {
            "weakest": evidence.worst(one.grade for one in graded),
            "declared": [one._asdict() for one in arranged.declared],
        },
        "inputs": {"project": declared, "tables": {name: checked[name].raw for name in sorted(checked)}},
        "files": [{"table": name, "file": inputs[name].file, "sha256": inputs[name].sha256} for name in sorted(inputs)],
        "predicates": answers,
        "parameters": used,
        "axes": arranged.axes,
        "trace": trace,
        "strata": record.strata(arranged.axes["stratum"], trace),
        "notes": arranged.notes + shelved.inputs.remarks(computed),
        "result": record.result(trace[-1]["values"][0]),
    }
    content["inputs_sha256"] = canonical.sha256(content["inputs"])
    content["trace_sha256"] = canonical.sha256([used, trace])
    return Run(content)


def rerun(bundle: bytes) -> Difference | None:
    """Compute a bundle again from the inputs inside it. ``None`` when every byte comes out the same, otherwise the
    first difference: the package, the inputs, then parameters and symbols in the order of the equations, then the
    rest."""
    recorded = read(bundle)
    package = shelf.load(f"{recorded['package']['code']}/{recorded['package']['version']}")
    inputs = _tables(recorded)
    if recorded["package"] != (identity := package.identity()):
        return _first("package", recorded["package"], identity)
    if (found := canonical.sha256(recorded["inputs"])) != recorded["inputs_sha256"]:
        return Difference("inputs_sha256", recorded["inputs_sha256"], found)
    try:
        again = run(
            package,
            project=recorded["inputs"]["project"],
            inputs=inputs,
            purpose=recorded["purpose"],
            floor=recorded["floor"],
        )
    except Refusal as refusal:
        return Difference("run", "computed", str(refusal))
    for part, named in (("parameters", "name"), ("trace", "quantity")):
        for before, after in zip(recorded[part], again.content[part], strict=False):
            if before != after:
                return _first(after[named], before, after)
    for part in sorted(set(recorded) | set(again.content)):
        if recorded.get(part) != again.content.get(part):
            return _first(part, recorded.get(part), again.content.get(part))
    return None if bundle == again.bundle() else Difference("bytes", "not canonical", "canonical")


def read(bundle: bytes) -> dict[str, Any]:
    """The content of a bundle; ``NotABundle`` when the bytes are something else."""
    try:
        content = json.loads(bundle)
    except ValueError as problem:
        raise NotABundle(problem=str(problem)) from problem
    wanted = {"format", "package", "purpose", "floor", "inputs", "files", "parameters", "trace", "inputs_sha256"}
    if not isinstance(content, dict) or content.get("format") != record.FORMAT:
        raise NotABundle(problem=f"the format is not {record.FORMAT}")
    if missing := wanted - set(content):
        raise NotABundle(problem=f"it lacks {', '.join(sorted(missing))}")
    shapes = {"package": dict, "inputs": dict, "files": list, "parameters": list, "trace": list}
    if wrong := [name for name, kind in shapes.items() if not isinstance(content[name], kind)]:
        raise NotABundle(problem=f"{', '.join(wrong)} of another shape")
    try:
        canonical.check(content)
    except (TypeError, ValueError) as problem:
        raise NotABundle(problem=str(problem)) from problem
    return content


def _misshapen(project: Mapping[str, Any]) -> list[Fault]:
    """Sections of a project file that are not what a project file has there."""
    faults = []
    for name, kind in SECTIONS.items():
        section = project.get(name, kind())
        whole = isinstance(section, kind)
        if not whole or (kind is list and not all(isinstance(one, dict) for one in section)):
            faults.append(Fault("wrong_section", "project", 0, name, str(section)[:60]))
    return faults


def _tables(content: dict[str, Any]) -> dict[str, Table]:
    """The input tables kept in a bundle. Their line numbers are those of the sorted record, not of the lost file."""
    try:
        files = {one["table"]: one for one in content["files"]}
        tables_kept = {}
        for name, columns in content["inputs"]["tables"].items():
            lengths = {len(cells) for cells in columns.values()}
            if len(lengths) != 1 or not all(isinstance(cell, str) for cells in columns.values() for cell in cells):
                raise NotABundle(problem=f"the columns of {name} are not text of one length")
            lines = list(range(2, 2 + lengths.pop()))
            tables_kept[name] = Table(files[name]["file"], files[name]["sha256"], columns, lines)
    except (KeyError, TypeError, AttributeError) as problem:
        raise NotABundle(problem=f"{type(problem).__name__} {problem}") from problem
    return tables_kept


def _check(
    package: Package, project: dict[str, Any], inputs: Mapping[str, Table]
) -> tuple[dict[str, Checked], list[Fault]]:
    checked, faults = {}, []
    for spec in package.columns["table"]:
        if spec["name"] not in inputs:
            faults.append(Fault("empty_table", spec["name"], 0, "", ""))
            continue
        table, found = tables.check(
            inputs[spec["name"]], spec["column"], units=project.get("units", {}), parameters=package.parameters
        )
        faults.extend(found)
        if table:
            checked[spec["name"]] = table
    return checked, faults


def _needed(package: Package, given: Mapping[str, Any]) -> list[str]:
    """Parameters that some formula asks for and the input does not give."""
    asked = {argument for one in package.formulas for argument in one.arguments}
    return [name for name in package.parameters if name in asked and name not in given]


def bind(package: Package, given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as the formulas take them: a number, a scale, or one value per key of the input."""
    bound: dict[str, Any] = {}
    for name in _needed(package, given):
        one = package.parameters[name]
        if one.is_scale:
            bound[name] = one.scale()
        elif not one.key:
            bound[name] = one.number()
        elif one.key in given:
            bound[name] = one.column(given[one.key])
    return bound


def _used(package: Package, arranged: Arranged) -> list[dict[str, Any]]:
    used = [package.parameters[name].used(keys) for name, keys in sorted(arranged.looked_up.items())]
    for name in _needed(package, arranged.given):
        one = package.parameters[name]
        if one.key and not one.is_scale:
            used.append(one.used(str(key) for key in arranged.given.get(one.key, ())))
        else:
            used.append(one.used())
    return used


def _graded(used: Mapping[str, Any]) -> evidence.Graded:
    weakest = next(row for row in used["rows"] if row["evidence"] == used["evidence"])
    return evidence.Graded(used["name"], used["evidence"], weakest["source"])


def _first(symbol: str, before: Any, after: Any) -> Difference:
    """Walk into two unequal values to the first leaf that differs."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(set(before) | set(after)):
            if before.get(key) != after.get(key):
                return _first(f"{symbol}.{key}", before.get(key), after.get(key))
    if isinstance(before, list) and isinstance(after, list):
        for place, (one, other) in enumerate(zip(before, after, strict=False)):
            if one != other:
                return _first(f"{symbol}[{place}]", one, other)
        return Difference(symbol, f"{len(before)} values", f"{len(after)} values")
    return Difference(symbol, str(before), str(after))

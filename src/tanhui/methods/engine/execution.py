"""Run a package on input, and run it again from the bundle."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from tanhui.kernel import canonical, language
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.methods.engine import (
    arithmetic,
    binding,
    boundary,
    columns,
    evidence,
    formula,
    numbers,
    predicate,
    projectfile,
    record,
    shelf,
    tables,
)
from tanhui.methods.engine.arranged import Arranged, Submission
from tanhui.methods.engine.binding import Bound
from tanhui.methods.engine.faults import Fault, FaultyInput
from tanhui.methods.engine.record import Run
from tanhui.methods.engine.shelf import Package
from tanhui.methods.engine.tables import Table

WRONG = {  # what keeps a file from being a run bundle
    "unreadable": gettext_noop("it is no JSON, or breaks off"),
    "format": gettext_noop("its format is not %(format)s"),
    "lacks": gettext_noop("it lacks %(parts)s"),
    "arithmetic": gettext_noop("it does not say which shared arithmetic it rests on"),
    "shape": gettext_noop("of another shape: %(parts)s"),
    "inexact": gettext_noop("it holds a value that cannot be read back exactly"),
}


class NotABundle(Refusal):
    """``why`` is one of ``WRONG``, whose words stand in the sentence, in its language."""

    code = "methods.not_a_bundle"
    sentence = gettext_noop(
        "This file is not a run bundle (%(problem)s). Give the bundle that was published with the batch."
    )
    clause = "ARCHITECTURE.md §7"
    status = 422

    def __init__(self, why: str, **facts: Any) -> None:
        super().__init__(why=why, problem=WRONG[why] % facts, **facts)

    def say(self, code: str = "en") -> str:
        english = self.facts["problem"]
        said = language.translate(WRONG[self.facts["why"]], code) % self.facts
        return super().say(code).replace(english, said, 1)


class PackageFailed(Refusal):
    code = "methods.package_failed"
    sentence = gettext_noop(
        "The methodology %(package)s stopped in its %(part)s: %(problem)s. The fault is the methodology's; tell its "
        "publisher."
    )
    clause = "ARCHITECTURE.md §3, methods"
    status = 500


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
    an issuance by a kind of methodology that never issues, faulty input (all faults at once), a predicate that fails,
    evidence below the floor and an implausible result.
    """
    shelved = shelf.load(package) if isinstance(package, str) else package
    floor = evidence.floor_of(purpose, floor)
    shelved.demand_kind(purpose)
    declared = numbers.plain(dict(project))
    if "boundary" in declared:
        declared["boundary"] = boundary.bare(declared["boundary"])
    if misshapen := projectfile.misshapen(declared):
        raise FaultyInput(misshapen)
    submission = _submit(shelved, declared, inputs)
    arranged = _arrange(shelved, submission)
    lacking = binding.missing(shelved.formulas, submission.parameters, arranged.given, arranged.sources)
    submission.faults += _not_caused(lacking, by=submission.faults)
    if submission.faults:
        raise _faulty(shelved, submission)

    with _blamed(shelved, "predicates"):
        answers = predicate.ask_all(shelved.predicates, declared.get("facts", {}) | arranged.facts)
    predicate.demand(answers, package=shelved.name, purpose=purpose)
    bound = binding.bind(shelved.formulas, submission.parameters, arranged.given)
    looked_up = arranged.looked_up | bound.keys
    used = [submission.parameters[name].used(looked_up[name]) for name in _in_order(arranged, bound)]
    graded = [_graded(one) for one in used] + arranged.declared
    graded += [evidence.Graded(one["name"], one["grade"], one["source"]) for one in arranged.defaults]
    deviations = evidence.approved(declared.get("deviation", []))
    evidence.demand(graded, purpose=purpose, floor=floor, deviations=deviations)

    computed = formula.chain(shelved.formulas, arranged.given | bound.values, complete=True)
    with _blamed(shelved, "remarks"):
        remarks = shelved.remarks(computed)
    trace = [record.step(one, computed[one.name]) for one in shelved.formulas if one.name in computed]
    content = {
        "format": record.FORMAT,
        "package": shelved.identity(),
        "science": dict(shelved.science),
        "purpose": purpose,
        "floor": floor,
        "evidence": {
            "weakest": evidence.worst(one.grade for one in graded),
            "declared": [one._asdict() for one in arranged.declared],
            "defaults": arranged.defaults,
            "deviations": [
                {"name": one.name, "grade": one.grade, "approval": deviations[one.name]}
                for one in graded
                if one.name in deviations and not evidence.meets(one.grade, floor)
            ],
        },
        "inputs": {
            "project": declared,
            "tables": {name: submission.tables[name].raw for name in sorted(submission.tables)},
        },
        "files": [_file(name, inputs[name]) for name in sorted(submission.tables)],
        "predicates": answers,
        "parameters": used,
        "axes": arranged.axes,
        "trace": trace,
        "strata": record.strata(arranged.axes.get("stratum", []), trace),
        "notes": _read_notes(inputs, submission) + arranged.notes + remarks + _overdue(submission, looked_up),
        "result": record.result(trace[-1]["values"][0], shelved.result_unit)
        | record.permanence(shelved.metadata["permanence"], trace, shelved.result_unit),
    }
    content["inputs_sha256"] = canonical.sha256(content["inputs"])
    content["trace_sha256"] = canonical.sha256([used, trace])
    return Run(content)


def rerun(bundle: bytes) -> Difference | None:
    """Compute a bundle again from the inputs inside it. ``None`` when every byte comes out the same, otherwise the
    first difference: the package, the inputs, then parameters and symbols in the order of the equations, then the
    rest. Shared arithmetic of another hash is no difference by itself: ``arithmetic_changed`` tells of it."""
    recorded = read(bundle)
    package = shelf.load(f"{recorded['package']['code']}/{recorded['package']['version']}")
    inputs = _tables(recorded)
    if (before := _own(recorded["package"])) != (now := _own(package.identity())):
        return _first("package", before, now)
    if "science" in recorded and (found := arithmetic.digest(recorded["science"])) != _said(recorded):
        return Difference("package.science_sha256", _said(recorded), found)
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
    content = record.as_format(again.content | _arithmetic(recorded, again.content), recorded["format"])
    for part, named in (("parameters", "name"), ("trace", "quantity")):
        for before, after in zip(recorded[part], content[part], strict=False):
            if before != after:
                return _first(after[named], before, after)
    for part in sorted(set(recorded) | set(content)):
        if recorded.get(part) != content.get(part):
            return _first(part, recorded.get(part), content.get(part))
    return None if bundle == canonical.dumps(content) else Difference("bytes", "not canonical", "canonical")


def arithmetic_changed(bundle: bytes) -> list[Difference]:
    """Modules of shared arithmetic whose source is another now than when the bundle was made, by name; ``-`` where one
    was or is not among them. Nothing for a bundle of the first format, which did not record them."""
    recorded = read(bundle)
    if "science" not in recorded:
        return []
    before = recorded["science"]
    now = shelf.load(f"{recorded['package']['code']}/{recorded['package']['version']}").science
    return [
        Difference(name, str(before.get(name, "-")), now.get(name, "-"))
        for name in sorted(set(before) | set(now))
        if before.get(name) != now.get(name)
    ]


def _own(identity: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in identity.items() if name != "science_sha256"}


def _said(recorded: Mapping[str, Any]) -> str:
    """The hash of shared arithmetic a bundle states, whatever it now is."""
    return str(recorded["package"].get("science_sha256", ""))


def _arithmetic(recorded: Mapping[str, Any], again: Mapping[str, Any]) -> dict[str, Any]:
    """What a bundle says of shared arithmetic, to be left as it is when all the rest is compared."""
    said = {"science_sha256": _said(recorded)}
    return {"package": again["package"] | said, "science": recorded.get("science", {})}


def read(bundle: bytes) -> dict[str, Any]:
    """The content of a bundle; ``NotABundle`` when the bytes are something else."""
    try:
        content = json.loads(bundle)
    except ValueError as problem:
        raise NotABundle("unreadable") from problem
    wanted = {"format", "package", "purpose", "floor", "inputs", "files", "parameters", "trace", "inputs_sha256"}
    if not isinstance(content, dict) or content.get("format") not in record.FORMATS:
        raise NotABundle("format", format=record.FORMAT)
    if missing := wanted - set(content):
        raise NotABundle("lacks", parts=", ".join(sorted(missing)))
    if content["format"] == record.FORMAT and not isinstance(content.get("science"), dict):
        raise NotABundle("arithmetic")
    shapes = {"package": dict, "inputs": dict, "files": list, "parameters": list, "trace": list}
    if wrong := [name for name, kind in shapes.items() if not isinstance(content[name], kind)]:
        raise NotABundle("shape", parts=", ".join(wrong))
    try:
        canonical.check(content)
    except (TypeError, ValueError) as problem:
        raise NotABundle("inexact") from problem
    return content


def _tables(content: dict[str, Any]) -> dict[str, Table]:
    """The input tables kept in a bundle. Their line numbers are those of the sorted record, not of the lost file."""
    if not isinstance(content["inputs"].get("project"), dict):
        raise NotABundle("shape", parts="project")
    try:
        files = {one["table"]: one for one in content["files"]}
        tables_kept = {}
        for name, columns in content["inputs"]["tables"].items():
            lengths = {len(cells) for cells in columns.values()}
            if len(lengths) != 1 or not all(isinstance(cell, str) for cells in columns.values() for cell in cells):
                raise NotABundle("shape", parts=name)
            lines = list(range(2, 2 + lengths.pop()))
            about = files[name]
            encoding = about.get("encoding", tables.UTF8)
            tables_kept[name] = Table(about["file"], about["sha256"], columns, lines, encoding=encoding)
    except (KeyError, TypeError, AttributeError) as problem:
        raise NotABundle("shape", parts="tables") from problem
    return tables_kept


def _submit(package: Package, project: dict[str, Any], inputs: Mapping[str, Table]) -> Submission:
    """The input with its tables checked and the parameters as they apply to the project."""
    asked = binding.asked(package.formulas)
    submission = Submission(package.columns, {}, project, package.parameters, asked)
    projectfile.check_crediting(submission, package.metadata)
    projectfile.check_facts(submission)
    submission.parameters = projectfile.resolve(submission, package.parameters)
    specs = package.columns.get("table", [])
    known = ", ".join(spec["name"] for spec in specs)
    for name in sorted(set(inputs) - {spec["name"] for spec in specs}):
        submission.faults.append(Fault("unknown_table", inputs[name].file, 0, "", name, {"known": known or "-"}))
    units, checked = project.get("units", {}), {}
    for spec in specs:
        if spec["name"] not in inputs:
            if not spec.get("optional"):
                submission.faults.append(Fault("missing_table", spec["name"], 0, "", ""))
            continue
        table, found = columns.check(
            inputs[spec["name"]],
            spec["column"],
            declared=units,
            parameters=submission.parameters,
            name=spec["name"],
        )
        submission.faults.extend(found)
        if table:
            checked[spec["name"]] = table
    if specs and not set(inputs) & {spec["name"] for spec in specs} and not submission.faults:
        submission.faults.append(Fault("missing_table", known, 0, "", ""))  # each may be left out, but not all
    submission.tables = checked
    projectfile.check_dates(submission)
    boundary.check(submission)
    columns.check_fixed(submission.tables, specs, submission.faults)
    return submission


@contextmanager
def _blamed(package: Package, part: str) -> Iterator[None]:
    """What a package's own code does wrong is told as its publisher's fault."""
    try:
        yield
    except Refusal:
        raise
    except Exception as problem:
        says = f"{type(problem).__name__}: {problem}"
        raise PackageFailed(package=package.name, part=part, problem=says) from problem


def _arrange(package: Package, submission: Submission) -> Arranged:
    """The package's arrangement. Over input that is faulty already it may stumble: the faults are then told."""
    try:
        with _blamed(package, "inputs"):
            return package.arrange(submission)
    except PackageFailed:
        if submission.faults:
            raise _faulty(package, submission) from None
        raise


def _faulty(package: Package, submission: Submission) -> FaultyInput:
    return FaultyInput([one.under(package.clause(one)) for one in submission.faults])


def _not_caused(faults: list[Fault], *, by: list[Fault]) -> list[Fault]:
    """Missing values of parameters that do not merely follow from a fault in the same cell, or, for those without a
    cell, from any fault at all."""
    cells = {(one.file, one.row, one.column) for one in by}
    return [one for one in faults if (one.file, one.row, one.column) not in cells and (one.row or not by)]


def _in_order(arranged: Arranged, bound: Bound) -> list[str]:
    """Names of the parameters used: those of the arrangement, then those of the formulas."""
    return sorted(arranged.looked_up) + [name for name in bound.keys if name not in arranged.looked_up]


def _file(name: str, table: Table) -> dict[str, str]:
    about = {"table": name, "file": table.file, "sha256": table.sha256}
    return about if table.encoding == tables.UTF8 else about | {"encoding": table.encoding}


def _read_notes(inputs: Mapping[str, Table], submission: Submission) -> list[dict[str, Any]]:
    """Files that were not plain UTF-8 text: how they were read."""
    return [
        {
            "note": "file_was_decoded",
            "file": table.file,
            "encoding": table.encoding,
            "text_en": f"{table.file} was not UTF-8 text and was read as {table.encoding}.",
            "text_zh": f"{table.file} 不是 UTF-8 文本，已按 {table.encoding} 读取。",
        }
        for name in sorted(submission.tables)
        if (table := inputs[name]).encoding != tables.UTF8
    ]


def _overdue(submission: Submission, looked_up: Mapping[str, Iterable[str]]) -> list[dict[str, Any]]:
    """Values that were to be looked at again before the last day the run covers. The clock has no say: the same bundle
    gives the same bytes on any day."""
    covered = projectfile.span(submission.project)
    if covered is None:
        return []
    late = {}
    for name in sorted(looked_up):
        if rows := submission.parameters[name].overdue(covered[1], looked_up[name]):
            late[name] = min(row.review_by for row in rows)
    if not late:
        return []
    named = [submission.parameters[name] for name in late]
    facts: dict[str, Any] = {"note": record.OVERDUE, "on": covered[1].isoformat()}
    facts["parameters"] = [f"{name} {day.isoformat()}" for name, day in late.items()]
    english, chinese = ", ".join(one.label_en for one in named), "、".join(one.label_zh for one in named)
    return [
        facts
        | {
            "text_en": f"Past their date of review on the last day of the period; look for newer values: {english}.",
            "text_zh": f"下列参数的复核期限早于监测期截止日，请查找更新的取值：{chinese}。",
        }
    ]


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

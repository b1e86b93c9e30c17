"""``tanhui method``: the shelf of methodologies, and runs that anyone can repeat."""

import argparse
import datetime as dt
import json
import sys
import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tanhui.cli import packages
from tanhui.kernel import clock, language
from tanhui.kernel.refusal import Refusal, gettext_noop

if TYPE_CHECKING:
    from tanhui.methods.engine.faults import FaultyInput

TABLES = {"first": "first", "second": "second", "trees1": "trees_first", "trees2": "trees_second"}  # of two surveys
SURVEYS = {
    "first": gettext_noop("plots of the first survey"),
    "second": gettext_noop("plots of the second survey"),
    "trees1": gettext_noop("trees of the first survey"),
    "trees2": gettext_noop("trees of the second survey"),
}
SUMMARY = ("package", "purpose", "floor", "result", "inputs_sha256", "trace_sha256", "notes", "strata", "predicates")
EXTRAS = {  # what a plain installation lacks, and the extra that brings it
    "numpy": "methods",
    "typst": "server",
    "fontTools": "server",
    "python_calamine": "server",
    "xlsxwriter": "server",
}
UNREADABLE = {"methods.file_unreadable", "methods.not_a_bundle"}
SHOWN = 20  # faults printed; the error sheet has them all


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``method`` and its verbs to the command line."""
    method = commands.add_parser(
        "method", help=gettext_noop("methodologies: show, check, run, rerun, explain, compare")
    )
    verbs = method.add_subparsers(dest="verb", required=True)
    named: dict[str, Any] = {"metavar": "CODE/VERSION", "help": gettext_noop("code/version, for example ar_cm_001/v01")}

    verb(verbs, "list", list_packages, gettext_noop("every package on the shelf"))
    show = verb(verbs, "show", show_package, gettext_noop("parameters, equations and worked examples of a package"))
    show.add_argument("package", **named)

    about = gettext_noop("play every worked example and look at every parameter; without a name, of the whole shelf")
    check = verb(verbs, "check", check_packages, about)
    check.add_argument("package", nargs="?", **named)
    strict = gettext_noop("fail where a date of review has passed, too")
    check.add_argument("--strict", action="store_true", help=strict)

    run = verb(verbs, "run", run_package, gettext_noop("compute from tables and a project file"))
    run.add_argument("package", **named)
    table = gettext_noop("an input table: its name and the CSV or XLSX file")
    run.add_argument("--table", metavar="NAME=FILE", action="append", default=[], help=table)
    for option, says in SURVEYS.items():
        run.add_argument(f"--{option}", type=Path, metavar="FILE", help=says)
    project = gettext_noop("what the tables do not say (TOML)")
    run.add_argument("--project", type=Path, metavar="FILE", required=True, help=project)
    boundary = gettext_noop("the project boundary, in which every measured point must lie (GeoJSON)")
    run.add_argument("--boundary", type=Path, metavar="FILE", help=boundary)
    purpose = gettext_noop("what the number is for, which sets the evidence floor")
    run.add_argument("--purpose", choices=["demonstration", "project", "issuance"], default="project", help=purpose)
    run.add_argument("--floor", choices=list("APBCD"), help=gettext_noop("the operator's own evidence floor"))
    run.add_argument("--out", type=Path, metavar="FILE", help=gettext_noop("where to write the bundle"))
    errors = gettext_noop("where to write the error sheet (CSV or XLSX) if input is faulty")
    run.add_argument("--errors", type=Path, metavar="FILE", help=errors)

    bundle: dict[str, Any] = {
        "type": Path,
        "metavar": "BUNDLE",
        "help": gettext_noop("the bundle published with a run"),
    }
    again = gettext_noop("compute a bundle again; exit 1 and the first difference if it differs")
    verb(verbs, "rerun", rerun_bundle, again).add_argument("bundle", **bundle)
    about = gettext_noop("the equation chain of a bundle as Markdown or PDF")
    explain = verb(verbs, "explain", explain_bundle, about)
    explain.add_argument("bundle", **bundle)
    explain.add_argument("--pdf", type=Path, metavar="OUT", help=gettext_noop("write a PDF there instead"))

    about = gettext_noop("what differs between two versions, and which examples move")
    changes = verb(verbs, "changes", compare_versions, about)
    changes.add_argument("before", **named)
    changes.add_argument("after", **named)


def verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    act: Callable[[argparse.Namespace], int],
    about: str,
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=about)
    parser.add_argument(
        "--lang", choices=["zh", "en"], default=argparse.SUPPRESS, help=gettext_noop("language of the answer")
    )
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=gettext_noop("answer in JSON"))

    def run(args: argparse.Namespace) -> int:
        """0 done, 1 refused or not reproduced, 2 a file that cannot be read."""
        from tanhui.methods import words

        try:
            return act(args)
        except Refusal as refusal:
            return refuse(args, refusal)
        except ModuleNotFoundError as missing:
            module = (missing.name or "").partition(".")[0]
            if module not in EXTRAS:
                raise
            return refuse(args, words.PartMissing(module=module, extra=EXTRAS[module]))

    parser.set_defaults(run=run)
    return parser


def list_packages(args: argparse.Namespace) -> int:
    from tanhui.methods.engine import shelf

    whole, broken = shelf.survey()
    if wants_json(args):
        rows = [one.identity() | {"metadata": one.metadata} for one in whole]
        return dump(rows + [{name: str(fact) for name, fact in one.facts.items()} for one in broken])
    print("\n".join(packages.listing(whole, broken, code(args))))
    return 0


def show_package(args: argparse.Namespace) -> int:
    from tanhui.methods.engine import cases, shelf

    package = shelf.load(args.package)
    outcomes = [outcome for case in package.cases() for outcome in cases.play(package, case)]
    if wants_json(args):
        dump(packages.described(package, outcomes))
    else:
        print("\n".join(packages.sheet(package, outcomes, code(args))))
    return 0 if all(outcome.holds for outcome in outcomes) else 1


def check_packages(args: argparse.Namespace) -> int:
    from tanhui.methods import words
    from tanhui.methods.engine import checking, shelf

    today = clock.day(dt.datetime.now(dt.UTC))
    reports = [checking.check(name, on=today) for name in ([args.package] if args.package else shelf.names())]
    wrong = {one.name: one.problems for one in reports if one.problems}
    failed = wrong or (args.strict and any(one.overdue for one in reports))
    if wants_json(args):
        dump([one._asdict() for one in reports])
        return 1 if failed else 0
    for one in reports:
        for problem in one.problems:
            print(f"!! {one.name}: {problem}")
        for parameter, day, values in one.overdue:
            print(f"?? {one.name}: ", end="")
            say(args, words.OVERDUE, parameter=parameter, day=day.isoformat(), values=values)
    say(args, words.CHECKED, packages=len(reports), cases=sum(one.cases for one in reports), broken=len(wrong))
    return 1 if failed else 0


def run_package(args: argparse.Namespace) -> int:
    from tanhui.methods import engine, words
    from tanhui.methods.engine import chapters, explanation, tables
    from tanhui.methods.engine.faults import FaultyInput

    project = parsed(args.project, lambda path: tomllib.loads(path.read_text("utf-8"), parse_float=Decimal))
    if args.boundary:
        project["boundary"] = parsed(args.boundary, lambda path: json.loads(path.read_bytes(), parse_float=Decimal))
    paths = {name: path for option, name in TABLES.items() if (path := getattr(args, option))}
    for one in args.table:
        name, equals, path = one.partition("=")
        if not equals:
            raise words.NotATable(given=one)
        paths[name] = Path(path)
    inputs = {name: parsed(path, tables.read) for name, path in paths.items()}
    try:
        run = engine.run(args.package, project=project, inputs=inputs, purpose=args.purpose, floor=args.floor)
    except FaultyInput as refusal:
        list_faults(args, refusal)
        raise
    if args.out:
        args.out.write_bytes(run.bundle())
    if wants_json(args):
        return dump({name: run.content[name] for name in SUMMARY})
    facts = {"evidence": run.evidence, "purpose": run.purpose}
    if run.is_carbon:
        say(args, words.COMPUTED, kg=run.verified_kg, tonnes=run.tonnes, residual=run.residual_kg, **facts)
        if taken := chapters.taken(run.content["result"], code(args)):
            print(taken)
    else:
        say(args, words.COUNTED, amount=run.amount, unit=run.unit, **facts)
    for note in run.notes:
        print(f"* {explanation.note(note, code(args))}")
    if args.out:
        say(args, words.WRITTEN, path=args.out)
    return 0


def rerun_bundle(args: argparse.Namespace) -> int:
    from tanhui.methods import engine, words
    from tanhui.methods.engine import execution

    bundle = parsed(args.bundle, Path.read_bytes)
    difference = engine.rerun(bundle)
    changed = execution.arithmetic_changed(bundle)
    if wants_json(args):
        told = {"reproduced": difference is None, "difference": difference._asdict() if difference else None}
        dump(told | {"science": [one._asdict() for one in changed]})
        return 1 if difference else 0
    for one in changed:
        say(args, words.ARITHMETIC, module=one.symbol, recorded=one.recorded[:12], now=one.recomputed[:12])
    if changed and not difference:
        say(args, words.ARITHMETIC_ALONE)
    if difference:
        facts = {"recorded": difference.recorded, "computed": difference.recomputed}
        say(args, words.DIFFERS, symbol=difference.symbol, **facts)
    else:
        run = engine.Run(execution.read(bundle))
        if run.is_carbon:
            say(args, words.REPRODUCED, tonnes=run.tonnes, kg=run.verified_kg, trace=run.trace_sha256)
        else:
            say(args, words.COUNTED_AGAIN, amount=run.amount, unit=run.unit, trace=run.trace_sha256)
    return 1 if difference else 0


def explain_bundle(args: argparse.Namespace) -> int:
    from tanhui.methods import words
    from tanhui.methods.engine import explanation

    bundle = parsed(args.bundle, Path.read_bytes)
    if args.pdf is None:
        print(explanation.explain(bundle, code(args)), end="")
        return 0
    from tanhui.library import papers

    args.pdf.write_bytes(papers.run(bundle, code=code(args)))
    say(args, words.PAPER_WRITTEN, path=args.pdf)
    return 0


def compare_versions(args: argparse.Namespace) -> int:
    from tanhui.methods.engine import changes

    report = changes.compare(args.before, args.after)
    if wants_json(args):
        return dump(report.as_json())
    print("\n".join(report.lines(code(args))))
    return 0


def list_faults(args: argparse.Namespace, refusal: "FaultyInput") -> None:
    """The first faults on the terminal, all of them in the error sheet if one is asked for."""
    from tanhui.methods import words
    from tanhui.methods.engine import errorsheet

    if args.errors:
        errorsheet.write(refusal, args.errors, code(args))
    if wants_json(args):
        return
    for one in refusal.faults[:SHOWN]:
        facts = {"file": one.file, "row": one.row, "column": one.column, "value": one.value}
        say(args, words.FAULT, reason=one.say(code(args)), **facts)
    if args.errors:
        say(args, words.SHEET, count=len(refusal.faults), path=args.errors)


def parsed(path: Path, read: Callable[[Path], Any]) -> Any:
    """A file the user named, through its reader. Refuses with ``words.FileUnreadable``."""
    from tanhui.methods import words

    try:
        return read(path)
    except (OSError, ValueError) as problem:
        raise words.FileUnreadable(path=path, problem=getattr(problem, "strerror", None) or problem) from problem


def refuse(args: argparse.Namespace, refusal: Refusal) -> int:
    from tanhui.methods import words

    if wants_json(args):
        facts = {name: fact if isinstance(fact, int) else str(fact) for name, fact in refusal.facts.items()}
        faults = [one.as_json(code(args)) for one in getattr(refusal, "faults", [])]
        about = {"code": refusal.code, "clause": refusal.clause, "sentence": refusal.say(code(args))}
        dump(about | {"facts": facts, "faults": faults})
    else:
        sentence = language.translate(words.REFUSED, code(args)) % {"sentence": refusal.say(code(args))}
        print(f"{sentence} [{refusal.code}] {refusal.clause}", file=sys.stderr)
    return 2 if refusal.code in UNREADABLE else 1


def say(args: argparse.Namespace, message: str, **facts: Any) -> None:
    print(language.translate(message, code(args)) % facts)


def dump(value: Any) -> int:
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))
    return 0


def code(args: argparse.Namespace) -> str:
    return "zh-hans" if chinese(args) else "en"


def chinese(args: argparse.Namespace) -> bool:
    return not str(getattr(args, "lang", None) or "zh").startswith("en")


def wants_json(args: argparse.Namespace) -> bool:
    return bool(getattr(args, "json", False))

"""``tanhui nep``: stock sinks from rasters to statistics and papers, in a folder, without a server."""

import argparse
import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tanhui.cli import say
from tanhui.kernel.refusal import Refusal, gettext_noop

PLAN = gettext_noop("plan of the run (TOML)")
FOLDER = gettext_noop("folder of the run (default: beside the plan, named like it)")
RUN = gettext_noop("folder of a run")
DATA = gettext_noop("folder the plan's paths are relative to (default: the plan's own)")
WORKERS = gettext_noop("processes to use (default: one for each core)")
SCHEDULER = gettext_noop("address of a dask.distributed scheduler, or `local`, instead of processes")
DRY = gettext_noop("only say what the run would take")
BARE = gettext_noop("stop after the rasters: no statistics, no papers")
DEMO = gettext_noop("run a shipped demonstration on the folder of its data instead of a plan")
WHICH = gettext_noop("which demonstration (default: assaba)")
FLUX = gettext_noop("CSV of monthly fluxes at towers")
SITES = gettext_noop("CSV of the towers' land cover (default: fluxval_sites.csv beside the fluxes)")
SRDB = gettext_noop("CSV of measured soil respiration")
PRODUCTS = gettext_noop("folder of yearly MODIS products")
KEEP = gettext_noop("also write the result into this run's folder, for its report")
AUTHORITY = gettext_noop("who publishes the papers")
REVIEW = gettext_noop("map review number, printed as given; left open without one")
METHOD = gettext_noop(
    "method of the norm: nep, nep_ratio (NPP by the ratio NEP/NPP), rate (sequestration rates) or biomass (two surveys)"
)
BY = gettext_noop("method of the norm instead of the plan's: nep, nep_ratio, rate or biomass")
BY_NORM = gettext_noop("the norm instead of the plan's, for example `GB/T 46869-2025`")
BY_TABLES = gettext_noop("coefficient table of one's own (TOML or CSV), or a folder of them")
SPAN = gettext_noop("years between two surveys of biomass")
NORM = gettext_noop("the norm, for example `GB/T 46869-2025`")
TABLE = gettext_noop("version of the coefficient table (default: the only one there is)")
TABLES = gettext_noop("folder with coefficient tables of one's own (TOML or CSV); may be said several times")
REGION = gettext_noop("division code, where a table tells regions apart")
OF_YEAR = gettext_noop("year (default: the last)")
THEME = gettext_noop("theme of the special report: type:forest, level:red_line or zone:township/CODE")
PREVIOUS = gettext_noop("folder of the year before, where that is a run of its own: changes are shown")
WAYS = ("nep", "nep_ratio", "rate", "biomass")
DEMONSTRATIONS = ("assaba", "us-southeast")

TAKES = gettext_noop(
    "%(title)s: %(years)s years × %(cells)s cells, %(tiles)s tiles. Reads %(read)s of numbers, needs about %(memory)s "
    "of memory for each worker and %(disk)s on disk."
)
NOTE = gettext_noop("Note: %(note)s.")
STATE = gettext_noop("%(title)s: %(done)s of %(tiles)s tiles are computed.")
YEAR = gettext_noop("  %(year)s: %(done)s of %(tiles)s tiles")
FINISHED = gettext_noop("The run is finished. Its layers lie in %(folder)s.")
UNFINISHED = gettext_noop("The run is not finished. Continue it with `tanhui nep resume %(folder)s`.")
RESULT = gettext_noop(
    "%(year)s: net ecosystem production %(nep)s t CO₂ a year, 90 %% interval %(lower)s to %(upper)s, at least "
    "%(conservative)s by the cautious reading."
)
COVERED = gettext_noop(
    "  Only %(percent)s %% of the area to be computed has data; the rest counts as nothing in this sum."
)
WRITTEN = gettext_noop("Statistics, atlas and reports lie in %(folder)s; the public page is index.html there.")
PRESERVED = gettext_noop("Interrupted. What is finished stays: continue with `tanhui nep resume %(folder)s`.")
AT_LEAST_ONE = gettext_noop("a whole number from 1 on is wanted")
STAGES = {
    "align": gettext_noop("Aligning inputs"),
    "zones": gettext_noop("Burning zones"),
    "tiles": gettext_noop("Computing tiles"),
    "join": gettext_noop("Joining layers"),
    "papers": gettext_noop("Writing papers"),
}
WAITING = 1  # exit code of a run that is not finished


class NoPlan(Refusal):
    code = "cli.nep_no_plan"
    sentence = gettext_noop("Name a plan, or --demo with the folder of its data.")
    clause = "docs/algorithms/nep.md §2"
    status = 422


class YearNotThere(Refusal):
    code = "cli.nep_year_not_there"
    sentence = gettext_noop("The run has no year %(year)s. It has %(years)s.")
    clause = "docs/algorithms/nep.md §3"
    status = 422


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("nep", help=gettext_noop("stock sinks from rasters to a published year"))
    verbs = parser.add_subparsers(dest="verb", required=True)

    run = verbs.add_parser("run", help=gettext_noop("align, compute, sum up and write the papers; run again to resume"))
    run.add_argument("plan", type=Path, nargs="?", metavar="CONFIG.toml", help=PLAN)
    run.add_argument("--folder", type=Path, help=FOLDER)
    run.add_argument("--data", type=Path, help=DATA)
    run.add_argument("--dry-run", action="store_true", help=DRY)
    run.add_argument("--bare", action="store_true", help=BARE)
    run.add_argument("--demo", type=Path, metavar="DATA", help=DEMO)
    run.add_argument("--which", choices=DEMONSTRATIONS, default=DEMONSTRATIONS[0], help=WHICH)
    run.add_argument("--method", choices=WAYS, help=BY)
    run.add_argument("--norm", default="", help=BY_NORM)
    run.add_argument("--table", default="", metavar="VERSION", help=TABLE)
    run.add_argument("--tables", type=Path, metavar="PATH", help=BY_TABLES)
    run.add_argument("--region", default="", metavar="CODE", help=REGION)
    run.add_argument("--span", type=float, metavar="YEARS", help=SPAN)
    computing(run)
    publishing(run)
    run.set_defaults(run=begin)

    resume = verbs.add_parser("resume", help=gettext_noop("go on with a run that stopped"))
    resume.add_argument("folder", type=Path, help=RUN)
    resume.add_argument("--bare", action="store_true", help=BARE)
    computing(resume)
    publishing(resume)
    resume.set_defaults(run=go_on)

    status = verbs.add_parser("status", help=gettext_noop("how far a run is; 1 while it is not finished"))
    status.add_argument("folder", type=Path, help=RUN)
    status.add_argument("--json", action="store_true", help=say.AS_JSON)
    status.set_defaults(run=tell_status)

    report = verbs.add_parser("report", help=gettext_noop("statistics, atlas and papers of a finished run, again"))
    report.add_argument("folder", type=Path, help=RUN)
    publishing(report)
    report.add_argument("--json", action="store_true", help=say.AS_JSON)
    report.set_defaults(run=write_papers)

    validate = verbs.add_parser("validate", help=gettext_noop("the models against measurements"))
    validate.add_argument("--flux", type=Path, metavar="FILE", help=FLUX)
    validate.add_argument("--sites", type=Path, metavar="FILE", help=SITES)
    validate.add_argument("--srdb", type=Path, metavar="FILE", help=SRDB)
    validate.add_argument("--products", type=Path, metavar="FOLDER", help=PRODUCTS)
    validate.add_argument("--folder", type=Path, help=KEEP)
    validate.set_defaults(run=hold_against)

    compare = verbs.add_parser("compare", help=gettext_noop("a run's NEP beside another method of a norm"))
    compare.add_argument("folder", type=Path, help=RUN)
    compare.add_argument("--method", choices=("nep", "nep_ratio", "rate"), required=True, help=METHOD)
    compare.add_argument("--norm", required=True, help=NORM)
    compare.add_argument("--table", default="", metavar="VERSION", help=TABLE)
    compare.add_argument("--tables", type=Path, action="append", default=[], metavar="FOLDER", help=TABLES)
    compare.add_argument("--region", default="", metavar="CODE", help=REGION)
    compare.add_argument("--year", type=int, help=OF_YEAR)
    compare.set_defaults(run=compare_methods)


def computing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=at_least_one, metavar="N", help=WORKERS)
    parser.add_argument("--scheduler", metavar="ADDRESS", help=SCHEDULER)
    parser.add_argument("--json", action="store_true", help=say.AS_JSON)


def publishing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--authority", default="", help=AUTHORITY)
    parser.add_argument("--review-number", default="", help=REVIEW)
    parser.add_argument("--theme", default="", help=THEME)
    parser.add_argument("--previous", type=Path, metavar="FOLDER", help=PREVIOUS)


def at_least_one(text: str) -> int:
    """A number of workers."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(say.translated(AT_LEAST_ONE))
    return int(text)


# -- verbs -------------------------------------------------------------------------------------------------------------


def begin(args: argparse.Namespace) -> int:
    """0 done, 1 refused or stopped; what is finished then stays."""
    from tanhui.nep import plan, run

    if args.demo:
        path = Path(plan.__file__).with_name("demonstration") / f"{args.which}.toml"
    elif args.plan:
        path = args.plan
    else:
        raise NoPlan
    base = args.demo or args.data or path.parent
    asked = plan.read(path, base, chosen(args, base))
    named = f"{path.stem}-{args.method}" if args.method else path.stem
    folder = args.folder or (Path.cwd() if args.demo else path.parent) / f"{named}-run"
    if args.dry_run:
        return foretell(args, asked, run.estimate(asked))
    if args.scheduler:
        run.reach(args.scheduler)
    with bars(args) as tell, kept(args, folder):
        record = run.prepare(asked, folder, tell, workers=args.workers)
        run.carry_out(folder, scheduler=args.scheduler, workers=args.workers, tell=tell)
        return conclude(args, folder, record, tell)


def chosen(args: argparse.Namespace, base: Path) -> dict[str, Any]:
    """What the command line says of the norm in place of the plan."""
    said = {"method": args.method, "id": args.norm, "coefficients": args.table, "region": args.region}
    said |= {"tables": os.path.relpath(args.tables, base) if args.tables else "", "span": args.span}
    return {key: value for key, value in said.items() if value}


def go_on(args: argparse.Namespace) -> int:
    """0 done, 1 refused or stopped."""
    from tanhui.nep import run

    if args.scheduler:
        run.reach(args.scheduler)
    with bars(args) as tell, kept(args, args.folder):
        record = run.read_record(args.folder)
        run.carry_out(args.folder, scheduler=args.scheduler, workers=args.workers, tell=tell)
        return conclude(args, args.folder, record, tell)


def conclude(args: argparse.Namespace, folder: Path, record: dict[str, Any], tell: Any) -> int:
    if args.bare:
        return show_status(args, folder, record)
    papers(args, folder, tell)
    return show_results(args, folder, record)


def tell_status(args: argparse.Namespace) -> int:
    """0 finished, 1 not."""
    from tanhui.nep import run

    return show_status(args, args.folder, run.read_record(args.folder))


def show_status(args: argparse.Namespace, folder: Path, record: dict[str, Any]) -> int:
    from tanhui.nep import run

    now = run.status(folder)
    if args.json:
        years = {str(year): {"done": done, "tiles": of} for year, (done, of) in now.by_year.items()}
        say.as_json({
            "title": now.title, "plan": now.plan, "digest": record["digest"], "tiles": now.tiles, "done": now.done,
            "years": years, "finished": now.finished, "layers": run.layers(folder).get("files", {}),
        })  # fmt: skip
        return 0 if now.finished else WAITING
    say.say(STATE, title=now.title, done=now.done, tiles=now.tiles)
    for year, (done, of) in now.by_year.items():
        say.say(YEAR, year=year, done=done, tiles=of)
    say.say(FINISHED if now.finished else UNFINISHED, folder=folder)
    return 0 if now.finished else WAITING


def write_papers(args: argparse.Namespace) -> int:
    """0 written, 1 refused."""
    from tanhui.nep import run

    with bars(args) as tell:
        papers(args, args.folder, tell)
    return show_results(args, args.folder, run.read_record(args.folder))


def papers(args: argparse.Namespace, folder: Path, tell: Callable[[str, int, int, str], None]) -> None:
    """Statistics and everything an archive holds, in the order in which one rests on the other."""
    from tanhui.nep import atlas, catalogue, facts, geopackage, page, report, statistics, workbook
    from tanhui.ui import glyphs

    imprint = facts.Imprint(authority=args.authority, review_number=args.review_number)
    told: dict[str, Any] = {"fonts": glyphs.folders(), "imprint": imprint, "previous": args.previous}
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("statistics.json", lambda: statistics.compute(folder)),
        ("workbook", lambda: workbook.write(folder)),
        ("geopackage", lambda: geopackage.write(folder)),
        ("atlas", lambda: atlas.write(folder, **told)),
        ("report", lambda: report.write(folder, **told, theme=args.theme)),
        ("catalogue", lambda: catalogue.write(folder)),  # it lists the others
        ("page", lambda: page.write(folder, imprint=imprint, previous=args.previous)),
    ]
    for number, (name, step) in enumerate(steps, 1):
        step()
        tell("papers", number, len(steps), name)


def compare_methods(args: argparse.Namespace) -> int:
    """0 compared, 1 refused."""
    from tanhui.nep import alternatives, norms, statistics

    chosen = norms.select(args.method, args.norm, args.table, tables=norms.shelf(*args.tables))
    found = statistics.read(args.folder)
    year = found.years[-1] if args.year is None else args.year
    if year not in found.years:
        raise YearNotThere(year=year, years=", ".join(map(str, found.years)))
    lines = alternatives.compare(found, chosen, year=year, region=args.region)
    code = "zh-hans" if say.spoken().startswith("zh") else "en"
    print(alternatives.markdown(lines, chosen, code, alternatives.way(found)))
    return 0


def hold_against(args: argparse.Namespace) -> int:
    """0 compared, 1 refused."""
    from tanhui.nep import validation

    code = "zh-hans" if say.spoken().startswith("zh") else "en"
    print(
        validation.validate(
            flux=args.flux, srdb=args.srdb, products_of=args.products, sites=args.sites, folder=args.folder,
            language=code,
        )
    )  # fmt: skip
    return 0


# -- saying ------------------------------------------------------------------------------------------------------------


def foretell(args: argparse.Namespace, asked: Any, takes: Any) -> int:
    if args.json:
        say.as_json({
            "title": asked.title, "plan": asked.digest, "years": takes.years, "cells": takes.cells,
            "tiles": takes.tiles, "bytes_read": takes.bytes, "memory": takes.memory, "disk": takes.disk,
        })  # fmt: skip
        return 0
    say.say(
        TAKES, title=asked.title, years=takes.years, cells=f"{takes.cells:,}", tiles=takes.tiles,
        read=size(takes.bytes), memory=size(takes.memory), disk=size(takes.disk),
    )  # fmt: skip
    return 0


def show_results(args: argparse.Namespace, folder: Path, record: dict[str, Any]) -> int:
    from tanhui.nep import recording, remarks, statistics

    found = statistics.read(folder)
    whole = [row for row in found.rows if row.level == statistics.AREA and row.type == statistics.ALL]
    if args.json:
        years = {
            str(row.year): {
                "nep_kg_co2": row.nep_kg_co2, "lower_kg_co2": row.lower_kg_co2, "upper_kg_co2": row.upper_kg_co2,
                "conservative_kg_co2": row.conservative_kg_co2,
            }
            for row in whole
        }  # fmt: skip
        notes = recording.notes(record, say.spoken())
        say.as_json({"title": record["title"], "digest": record["digest"], "years": years, "notes": notes})
        return 0
    for row in whole:
        say.say(
            RESULT, year=row.year, nep=tonnes(row.nep_kg_co2), lower=tonnes(row.lower_kg_co2),
            upper=tonnes(row.upper_kg_co2), conservative=tonnes(row.conservative_kg_co2),
        )  # fmt: skip
        if row.coverage < remarks.LEAST_COVERAGE:
            say.say(COVERED, percent=f"{100 * row.coverage:.1f}")
    for note in recording.notes(record, say.spoken()):
        say.say(NOTE, note=note.rstrip(".。"))
    say.say(WRITTEN, folder=folder / "archive")
    return 0


def tonnes(kilograms: int) -> str:
    return f"{round(kilograms / 1000):,}"


def size(count: int) -> str:
    """Bytes as people say them."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000  # type: ignore[assignment]
    return f"{count:.1f} TB"


@contextlib.contextmanager
def kept(args: argparse.Namespace, folder: Path) -> Iterator[None]:
    """Whoever interrupts learns that nothing finished is lost."""
    import sys

    try:
        yield
    except KeyboardInterrupt:
        if not args.json and (folder / "record.json").exists():
            say.say(PRESERVED, to=sys.stderr, folder=folder)
        raise


@contextlib.contextmanager
def bars(args: argparse.Namespace) -> Iterator[Callable[[str, int, int, str], None]]:
    """A bar for each stage with the time it still takes; where no terminal is, a line as each stage begins."""
    import sys

    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True, quiet=args.json)
    shown = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("/"),
        TimeRemainingColumn(), TextColumn("{task.fields[name]}"), console=console, disable=not console.is_terminal,
    )  # fmt: skip
    stages: dict[str, Any] = {}

    def tell(stage: str, done: int, of: int, name: str) -> None:
        if stage not in stages:
            if not (args.json or console.is_terminal):
                say.say(STAGES[stage], to=sys.stderr)
            stages[stage] = shown.add_task(say.translated(STAGES[stage]), total=of, name="")
        shown.update(stages[stage], completed=done, total=of, name=name)

    with shown:
        yield tell

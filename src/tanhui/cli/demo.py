"""``tanhui demo``: a registry with a year of business in it, served on this machine; ``--check`` proves it instead.

The business itself is in ``tanhui.site.demonstration``.
"""

import argparse
import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tanhui.cli import house, say, serve
from tanhui.kernel.refusal import Refusal, gettext_noop

CHECK = gettext_noop(
    "do the whole main job in a database of its own, one line per step; exit 0 only if every step held"
)
NEARBY = 20  # ports tried before giving up

STARTING = gettext_noop("Starting PostgreSQL …")
PREPARING = gettext_noop("Preparing the tables …")
LOADING = gettext_noop("Loading the demonstration")
SERVING = gettext_noop("\nThe demonstration is at %(address)s  (up after %(seconds).1f s; Ctrl-C stops everything)")
LOGS = gettext_noop("Logs: %(path)s")
STOPPED = gettext_noop("Stopped. Nothing is lost; start again when you like.")
HELD = gettext_noop("Every step held (%(steps)s steps, %(seconds).1f s).")
BROKE = gettext_noop("%(broken)s of %(steps)s steps did not hold.")


class DemonstrationInProduction(Refusal):
    code = "cli.demonstration_in_production"
    sentence = gettext_noop(
        "TANHUI_MODE is production, and a demonstration would write made-up credits into that database. Unset "
        "TANHUI_MODE to run the demonstration beside it."
    )
    clause = "ARCHITECTURE.md §1"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("demo", help=gettext_noop("run the demonstration, or check that it holds"))
    parser.add_argument("--check", action="store_true", help=CHECK)
    serve.add_options(parser)
    parser.set_defaults(run=run, port=None)


def run(args: argparse.Namespace) -> int:
    """Serving: 0. Checking: 0 if every step held, else 1."""
    if os.environ.setdefault("TANHUI_MODE", "demonstration") != "demonstration":
        raise DemonstrationInProduction
    return check() if args.check else show(args)


def show(args: argparse.Namespace) -> int:
    from tanhui.site import environment, supervisor

    started = time.monotonic()
    var = environment.var()
    port = args.port or next((port for port in near(8000) if supervisor.port_free(args.host, port)), 8000)
    address, log_file = f"http://{args.host}:{port}/", var / "demo.log"
    with supervisor.exclusive(var, host=args.host, port=port):
        say.say(STARTING)
        with house.database():
            guide = house.aside(load)
            log_file.write_text("")

            def ready() -> None:
                say.say(SERVING, address=address, seconds=time.monotonic() - started)
                for line in guide:
                    print(line)
                say.say(LOGS, path=shown(log_file))

            supervisor.run(
                var,
                host=args.host,
                port=port,
                processes=args.processes,
                threads=args.threads,
                log_file=log_file,
                ready=ready,
            )
    say.say(STOPPED)
    return 0


def load() -> list[str]:
    """Tables and demonstration in place; lines that tell a visitor who can sign in and what to look at first."""
    from tanhui.site import demonstration, preparation, startup

    say.say(PREPARING)
    preparation.prepare()
    preparation.bring_up_to_date()
    startup.refuse()
    with bar() as progress:
        demonstration.load(progress)
    return list(demonstration.guide(say.spoken()))


def check() -> int:
    from tanhui.site import environment

    started = time.monotonic()
    if environment.embedded():
        scratch = environment.var() / "check"
        os.environ["TANHUI_VAR"] = str(scratch)
        empty(scratch)
    steps: list[bool] = []

    def report(step: str, held: bool, **quantities: Any) -> None:
        steps.append(held)
        facts = "  ".join(f"{name}={value}" for name, value in quantities.items())
        print(f"{'✓' if held else '✗'} {step}{'  ' if facts else ''}{facts}", flush=True)

    with house.opened():
        from tanhui.site import demonstration, preparation, startup

        preparation.prepare()
        preparation.bring_up_to_date()
        startup.refuse()
        demonstration.check(report)
    if broken := steps.count(False):
        say.say(BROKE, broken=broken, steps=len(steps))
    elif steps:
        say.say(HELD, steps=len(steps), seconds=time.monotonic() - started)
    return 0 if steps and all(steps) else 1


def empty(scratch: Path) -> None:
    """Begin from nothing, unless another check is at work here: database, log and secrets go together."""
    from tanhui.site import postgres

    with postgres.alone(scratch) as nobody_else:
        if nobody_else:
            postgres.remove(scratch)
            for path in scratch.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)


@contextlib.contextmanager
def bar() -> Iterator[Any]:
    """A progress bar as a function of (step, done, total); a line per step where nobody looks at a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, transient=True, disable=not sys.stdout.isatty()) as shown:
        task = shown.add_task(say.translated(LOADING), total=None)
        last = [""]

        def progress(step: str, done: int, total: int) -> None:
            shown.update(task, description=step, completed=done, total=total)
            if shown.disable and step != last[0]:
                print(f"  {step}", flush=True)
            last[0] = step

        yield progress


def near(port: int) -> range:
    return range(port, port + NEARBY)


def shown(path: Path) -> Path:
    """Relative where that is shorter to read."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path

"""What ``make check`` runs: every check, one line each with its time, and what it found; exit code 1 if any failed."""

import argparse
import importlib
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

HOUSE = {
    "writes only in acts": "writes",
    "clock only at the edge": "clock",
    "objects only through doors": "doors",
    "whole numbers": "numbers",
    "light command line": "lazy",
    "refusals": "refusals",
    "methodology parameters": "parameters",
    "methodologies in both languages": "bilingual",
    "pages stay at home": "addresses",
    "translations": "catalogues",
    "licences": "licences",
    "words": "words",
    "commands in the docs": "commands",
    "policies and glossary": "policies",
}
# Enough of a production environment to read the settings in; nothing is started and no secret is made.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "tanhui.site.settings",
    "TANHUI_MODE": "production",
    "TANHUI_SECRET_KEY": "a key for looking at the settings only, long enough and of many letters 0123456789",
    "TANHUI_HOSTS": "registry.example",
    "TANHUI_DATABASE_URL": "postgresql://web@localhost/tanhui",
}


def tool(command: str, **environment: str) -> Callable[[], list[str]]:
    """A check that is a program: its output, if it fails."""

    def run() -> list[str]:
        words = shlex.split(command)
        done = subprocess.run(
            [str(BIN / words[0]), *words[1:]],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout.strip().splitlines() or [f"exit code {done.returncode}"] if done.returncode else []

    return run


def house(name: str) -> Callable[[], list[str]]:
    """A check of our own from ``lints/``: the places it found."""
    return lambda: [str(fault) for fault in importlib.import_module(f"lints.{name}").faults(ROOT)]


SHOWN = 25  # lines of one check when all are run
CHECKS: dict[str, Callable[[], list[str]]] = {
    "format": tool("ruff format --check --output-format concise ."),
    "lint": tool("ruff check --quiet --output-format concise ."),
    "types": tool("mypy src/tanhui tools", **PRODUCTION),
    "import contract": tool("lint-imports --no-logo"),
    **{title: house(name) for title, name in HOUSE.items()},
    "methodologies": tool("tanhui method check --lang en"),
    "migrations": tool(
        "django-admin makemigrations --check --dry-run", PYTHONWARNINGS="ignore::RuntimeWarning", **PRODUCTION
    ),
    "permissions": tool("python tools/matrix.py --check", **PRODUCTION),
    "procedures": tool("python tools/cycle.py --check", **PRODUCTION),
    "deployment": tool("django-admin check --deploy --fail-level WARNING", **PRODUCTION),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"only these: {', '.join(CHECKS)}")
    asked = parser.parse_args().names
    if unknown := set(asked) - set(CHECKS):
        parser.error(f"there is no check {', '.join(sorted(unknown))}")
    limit = None if asked else SHOWN
    failed = [name for name, check in CHECKS.items() if (name in asked or not asked) and not holds(name, check, limit)]
    if not asked:
        show_changes()
    if failed:
        print(f"\n{len(failed)} failed: {', '.join(failed)}")
    return 1 if failed else 0


def show_changes() -> None:
    """What the next version of each methodology changes, and which worked examples move by it; fails nothing."""
    try:
        found = list(importlib.import_module("changes").lines())
    except Exception as broken:  # a broken package is said by the check of packages
        found = [f"{type(broken).__name__}: {broken}"]
    print("\nchanges of methodologies")
    for line in found:
        print(f"    {line}")


def holds(title: str, check: Callable[[], list[str]], limit: int | None) -> bool:
    started = time.monotonic()
    try:
        found = check()
    except Exception as broken:  # one broken check must not hide the others
        found = [f"{type(broken).__name__}: {broken}"]
    print(f"{title:<30}{time.monotonic() - started:6.1f} s  {'failed' if found else 'ok'}", flush=True)
    for line in found[:limit]:
        print(f"    {line}")
    if limit and len(found) > limit:
        print(f"    … and {len(found) - limit} lines more: python tools/check.py '{title}'")
    return not found


if __name__ == "__main__":
    sys.exit(main())

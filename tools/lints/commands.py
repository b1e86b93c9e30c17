"""The commands our pages tell people to type exist: ``$ tanhui …`` and ``$ make …`` in ```` ```console ```` blocks."""

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from lints import Fault, handbook

TARGET = re.compile(r"(?m)^([\w.-]+)(?: [\w .-]+)?:(?!=)")


def faults(root: Path) -> Iterator[Fault]:
    makefile = root / "Makefile"
    targets = set(TARGET.findall(makefile.read_text(encoding="utf-8"))) if makefile.exists() else set()
    parser = None
    for path, number, words in typed(root):
        if words[0] == "make":
            for word in words[1:]:
                if "=" not in word and not word.startswith("-") and word not in targets:
                    yield Fault(path, number, f"make {word}: the Makefile has no such target")
        elif words[0] == "tanhui":
            parser = parser or command_line()
            if unknown := first_unknown(parser, words[1:]):
                yield Fault(path, number, f"{shlex.join(words)}: there is no {unknown}")


def typed(root: Path) -> Iterator[tuple[Path, int, list[str]]]:
    """Each command line of each console block, without what is piped behind it."""
    for path in handbook(root):
        inside = False
        for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1):
            if line.lstrip().startswith("```"):
                inside = line.strip() == "```console"
            elif inside and line.lstrip().startswith("$ "):
                words = shlex.split(re.split(r"[|>&;]", line.lstrip()[2:])[0], comments=True)
                words = [word for word in words if not re.fullmatch(r"[A-Z_]+=.*", word)] if words else []
                if words:
                    yield path, number, [words[0].rsplit("/", 1)[-1], *words[1:]]


def command_line() -> argparse.ArgumentParser:
    from tanhui.cli.main import parser

    return parser()


def first_unknown(parser: argparse.ArgumentParser, words: list[str]) -> str | None:
    """The first word that is neither a command nor an option of the command so far."""
    for word in words:
        nested = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
        if word.startswith("--"):
            if word.split("=")[0] not in parser._option_string_actions:
                return word
        elif nested:
            if word not in nested[0].choices:
                return word
            parser = nested[0].choices[word]
    return None

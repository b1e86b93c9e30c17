"""``tanhui``: one command, nouns then verbs. Exit codes: 0 done, 1 refused or not in order, 2 wrongly asked.

Each module of this package that has ``add(commands)`` is a command named like the module. Only the one that is asked
for is loaded.
"""

import argparse
import os
import pkgutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import NoReturn

from tanhui import cli
from tanhui.cli import say
from tanhui.kernel.refusal import Refusal, gettext_noop

FIRST = (
    "demo",
    "serve",
    "work",
    "migrate",
    "check",
    "stop",
    "verify",
    "log",
    "method",
    "nep",
    "registry",
    "identity",
    "notices",
    "field",
    "completion",
)
NOT_COMMANDS = {"main", "say", "house", "packages"}
INTERRUPTED = 130  # as a shell counts Ctrl-C

ABOUT = gettext_noop("Carbon sinks and carbon inclusion: measure, issue, trade and retire, provable offline.")
LANGUAGE = gettext_noop("language of what is said (default: zh)")
VERSION = gettext_noop("show the version")
HELP = gettext_noop("show this help")
COMMAND = gettext_noop("command")
OPTIONS = gettext_noop("options")
WRONGLY_ASKED = gettext_noop("This was not understood: %(why)s. See `%(program)s --help`.")


class PlaceClosed(Refusal):
    code = "cli.place_closed"
    sentence = gettext_noop(
        "%(path)s is closed to this account. Run this as the account that made it, or name another folder in "
        "TANHUI_VAR."
    )
    clause = "ARCHITECTURE.md §2"


class Parser(argparse.ArgumentParser):
    """An argument parser that speaks the language in force."""

    def error(self, message: str) -> NoReturn:
        say.say(WRONGLY_ASKED, to=sys.stderr, why=message, program=self.prog)
        sys.exit(2)

    def format_help(self) -> str:
        self._optionals.title = say.translated(OPTIONS)
        self._positionals.title = say.translated(COMMAND)
        for action in self._actions:
            action.help = say.translated(HELP) if action.dest == "help" else translated(action.help)
            if isinstance(action, argparse._SubParsersAction):
                for choice in action._choices_actions:
                    choice.help = translated(choice.help)
        self.description = translated(self.description)
        return super().format_help()


def translated(text: str | None) -> str | None:
    return say.translated(text) if text and text is not argparse.SUPPRESS else text


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """The command line; with one command if it is named, else with all."""
    outer = Parser(prog="tanhui", description=ABOUT)
    outer.add_argument("--lang", choices=sorted(say.CODES), default=preferred(), help=LANGUAGE)
    outer.add_argument("--version", action="version", version=f"tanhui {version('tanhui')}", help=VERSION)
    commands = outer.add_subparsers(metavar=COMMAND.upper(), required=True)
    for name in [only] if only else names():
        module = import_module(f"tanhui.cli.{name}")
        module.add(commands)
    return outer


def nested(outer: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Every command and verb below a parser."""
    for action in outer._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield inner
                yield from nested(inner)


def names() -> list[str]:
    """Every command, the everyday ones first."""
    found = {module.name for module in pkgutil.iter_modules(cli.__path__)} - NOT_COMMANDS
    return sorted(found, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))


def preferred() -> str:
    """``TANHUI_LANG``, or Chinese."""
    asked = os.environ.get("TANHUI_LANG", "zh")
    return asked if asked in say.CODES else "zh"


def main(words: Sequence[str] | None = None) -> int:
    """Run one command."""
    words = sys.argv[1:] if words is None else words
    say.speak(language_in(words))
    signal.signal(signal.SIGTERM, interrupt)  # ended by a supervisor or a person: either way, leave tidily

    def run() -> int:
        args = parser(command_in(words)).parse_args(words)
        say.speak(args.lang)
        return int(args.run(args))

    return answered(run, as_json="--json" in words)


def answered(work: Callable[[], int], *, as_json: bool = False) -> int:
    """The exit code of the work; where it is refused or interrupted, said as a person or a program reads it."""
    try:
        return work()
    except Refusal as refusal:
        if as_json:
            say.as_json({"ok": False} | say.plain(refusal))
        else:
            say.refuse(refusal)
        return 1
    except PermissionError as closed:
        say.refuse(PlaceClosed(path=closed.filename))
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def command_in(words: Sequence[str]) -> str | None:
    """The command asked for, if it is a plain word that names one."""
    known = set(names())
    plain = [word for before, word in zip(["", *words], words, strict=False) if before != "--lang" and word[:1] != "-"]
    return plain[0] if plain and plain[0] in known else None


def language_in(words: Sequence[str]) -> str:
    """The language asked for, known before anything is said."""
    for before, word in zip(["", *words], words, strict=False):
        asked = word.removeprefix("--lang=") if word.startswith("--lang=") else word if before == "--lang" else ""
        if asked in say.CODES:
            return asked
    return preferred()


def interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

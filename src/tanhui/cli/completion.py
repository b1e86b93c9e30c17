"""``tanhui completion``: what a shell needs to complete commands and options."""

import argparse
import sys

from tanhui.kernel.refusal import Refusal, gettext_noop

SHELL = gettext_noop("the shell")


class NoCompletion(Refusal):
    code = "cli.no_completion"
    sentence = gettext_noop("The package shtab is not installed here. Install the server's packages, or go without.")
    clause = "ARCHITECTURE.md §2"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("completion", help=gettext_noop("write a script that completes commands in a shell"))
    parser.add_argument("shell", choices=("bash", "zsh"), help=SHELL)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        import shtab
    except ModuleNotFoundError as missing:
        raise NoCompletion from missing
    from tanhui.cli import main

    outer = main.parser()
    outer.format_help()  # puts every help text into the language in force
    for command in main.nested(outer):
        command.format_help()
    sys.stdout.write(shtab.complete(outer, shell=args.shell))
    return 0

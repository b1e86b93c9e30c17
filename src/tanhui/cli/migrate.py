"""``tanhui migrate``: tables and grants in step with the code."""

import argparse

from tanhui.cli import house
from tanhui.kernel.refusal import gettext_noop


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("migrate", help=gettext_noop("bring the tables and the web role's grants in step"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    with house.opened():
        from tanhui.site import preparation

        preparation.migrate()
    return 0

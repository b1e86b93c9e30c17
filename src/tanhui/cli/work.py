"""``tanhui work``: the worker by itself, where web servers run elsewhere. `tanhui serve` already has one."""

import argparse

from tanhui.cli import house
from tanhui.kernel.refusal import gettext_noop


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("work", help=gettext_noop("run the worker alone; `serve` brings its own"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    with house.opened():
        from tanhui.site import startup, worker

        startup.refuse()
        return worker.run()

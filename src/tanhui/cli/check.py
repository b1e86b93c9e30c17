"""``tanhui check``: could this be served as it is configured?"""

import argparse

from tanhui.cli import house, say
from tanhui.kernel.refusal import gettext_noop

READY = gettext_noop("Everything is in order; `tanhui serve` can start.")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("check", help=gettext_noop("say what stands in the way of serving, and what to do"))
    parser.add_argument("--json", action="store_true", help=say.AS_JSON)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 nothing stands in the way, 1 something does."""
    with house.opened():
        from tanhui.site import startup

        faults = startup.faults()
    if args.json:
        say.as_json({"ready": not faults, "faults": [say.plain(fault) for fault in faults]})
        return 1 if faults else 0
    for fault in faults:
        say.refuse(fault)
    if not faults:
        say.say(READY)
    return 1 if faults else 0

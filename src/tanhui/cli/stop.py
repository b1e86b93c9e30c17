"""``tanhui stop``: end whatever serves this folder."""

import argparse

from tanhui.cli import say
from tanhui.kernel.refusal import gettext_noop

STOPPED = gettext_noop("Stopped.")
NOTHING_RAN = gettext_noop("Nothing was running.")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("stop", help=gettext_noop("end web server, worker and embedded PostgreSQL"))
    parser.add_argument("--json", action="store_true", help=say.AS_JSON)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from tanhui.site import environment, supervisor

    ran = supervisor.stop(environment.var())
    if args.json:
        say.as_json({"ran": ran})
    else:
        say.say(STOPPED if ran else NOTHING_RAN)
    return 0

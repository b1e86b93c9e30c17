"""``tanhui serve``: web server, worker and, where no other database is named, PostgreSQL; all of it until Ctrl-C."""

import argparse

from tanhui.cli import house, say
from tanhui.kernel.refusal import gettext_noop

HOST = gettext_noop("address to listen at (default: 127.0.0.1)")
PORT = gettext_noop("port to listen at (default: 8000)")
PROCESSES = gettext_noop("web processes (default: 2)")
THREADS = gettext_noop("threads of each web process (default: 4)")
SERVING = gettext_noop("Serving at %(address)s; Ctrl-C stops everything.")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("serve", help=gettext_noop("serve: web, worker and embedded PostgreSQL"))
    add_options(parser)
    parser.set_defaults(run=run)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help=HOST)
    parser.add_argument("--port", type=int, default=8000, help=PORT)
    parser.add_argument("--processes", type=int, default=2, metavar="N", help=PROCESSES)
    parser.add_argument("--threads", type=int, default=4, metavar="N", help=THREADS)


def run(args: argparse.Namespace) -> int:
    from tanhui.site import environment, supervisor

    var, address = environment.var(), f"http://{args.host}:{args.port}/"
    with supervisor.exclusive(var, host=args.host, port=args.port), house.database():
        house.aside(prepare)
        supervisor.run(
            var,
            host=args.host,
            port=args.port,
            processes=args.processes,
            threads=args.threads,
            ready=lambda: say.say(SERVING, address=address),
        )
    return 0


def prepare() -> None:
    from tanhui.site import preparation, startup

    preparation.prepare()
    startup.refuse()

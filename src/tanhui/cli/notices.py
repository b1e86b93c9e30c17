"""``tanhui notices``: what waits to go out, and what could not be told."""

import argparse

from tanhui.cli import house, say
from tanhui.kernel.refusal import gettext_noop

WAITING = gettext_noop(
    "Facts to tell: %(facts)s. Letters waiting: %(letters)s. Webhook messages waiting: %(deliveries)s."
)
JOBS = gettext_noop("Jobs: %(todo)s waiting, %(doing)s running, %(failed)s failed.")
WRONG = gettext_noop("Set aside: %(set_aside)s. Given up: %(letters_failed)s letters, %(deliveries_failed)s messages.")
RETRIED = gettext_noop("Tried again: %(read)s. Still set aside: %(set_aside)s.")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("notices", help=gettext_noop("say what waits to go out, or try again what could not"))
    verbs = parser.add_subparsers(dest="verb", required=True)
    asking = verbs.add_parser("status", help=gettext_noop("say what waits to go out and what was given up"))
    asking.add_argument("--json", action="store_true", help=say.AS_JSON)
    asking.set_defaults(run=status)
    again = verbs.add_parser("retry", help=gettext_noop("hand over again the facts that could not be told"))
    again.add_argument("--json", action="store_true", help=say.AS_JSON)
    again.set_defaults(run=retry)


def status(args: argparse.Namespace) -> int:
    """0 all is well, 1 something was set aside or given up."""
    with house.opened():
        from dataclasses import asdict

        from tanhui.journal import jobs
        from tanhui.notices import queries

        found = asdict(queries.queues()) | {state: jobs.counts().get(state, 0) for state in ("todo", "doing", "failed")}
    if args.json:
        say.as_json(found)
    else:
        for line in (WAITING, JOBS, WRONG):
            say.say(line, **found)
    return 1 if any(found[name] for name in ("set_aside", "letters_failed", "deliveries_failed", "failed")) else 0


def retry(args: argparse.Namespace) -> int:
    """0 everything could be told, 1 something still cannot."""
    with house.opened():
        from django.utils import timezone

        from tanhui.notices.acts import notifying

        done = notifying.retry(at=timezone.now())
    if args.json:
        say.as_json({"read": done.read, "set_aside": done.set_aside})
    else:
        say.say(RETRIED, read=done.read, set_aside=done.set_aside)
    return 1 if done.set_aside else 0

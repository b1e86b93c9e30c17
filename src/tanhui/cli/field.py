"""``tanhui field``: taking readings from a message broker."""

import argparse
import os
from collections.abc import Callable
from typing import Any

from tanhui.cli import house, say
from tanhui.kernel.refusal import gettext_noop

LISTENING = gettext_noop("Listening at %(broker)s. Ctrl-C ends it.")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("field", help=gettext_noop("take readings of meters and sensors"))
    verbs = parser.add_subparsers(dest="verb", required=True)
    listening = verbs.add_parser("listen", help=gettext_noop("take readings from an MQTT broker until stopped"))
    listening.add_argument(
        "--broker", required=True, metavar="URL",
        help=gettext_noop("mqtt://host:1883 or mqtts://user@host:8883; the password in TANHUI_MQTT_PASSWORD"),
    )  # fmt: skip
    listening.add_argument("--name", default="tanhui", help=gettext_noop("the name the broker queues for"))
    listening.add_argument(
        "--events", action="store_true",
        help=gettext_noop("take events of data providers instead, under tanhui/inclusion/<provider>/events"),
    )  # fmt: skip
    listening.set_defaults(run=listen)


def listen(args: argparse.Namespace) -> int:
    with house.opened():
        from django.db import close_old_connections
        from django.utils import timezone

        from tanhui.inclusion import listening as events
        from tanhui.projects import listening

        topic, take = (events.TOPIC, events.taken) if args.events else (listening.TOPIC, listening.taken)
        where = listening.broker(args.broker, os.environ.get("TANHUI_MQTT_PASSWORD", ""))

        def around(work: Callable[[], Any]) -> Any:
            close_old_connections()
            try:
                return work()
            finally:
                close_old_connections()

        client = listening.client(
            where, name=args.name, told=timezone.now, around=around, topic=topic, take=take,
            ready=lambda: say.say(LISTENING, broker=f"{where.host}:{where.port}"),
        )  # fmt: skip
        try:
            client.loop_forever(retry_first_connection=True)
        except KeyboardInterrupt:
            client.disconnect()
    return 0

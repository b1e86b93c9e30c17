"""What people of the demonstration find waiting: notices of what happened, some read, and a subscription with messages.

The follower tells them of the facts the story left in the log; nothing here is told by hand.
"""

import contextlib
import http.server
import threading
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from tanhui.identity.models import Person
from tanhui.journal import sequencer
from tanhui.notices.acts import delivering, notifying, reaching, subscribing
from tanhui.notices.models import Notice, Preference
from tanhui.site.demonstration.stage import Stage

MOST = 100  # messages of the subscription that are sent while loading


def load(stage: Stage) -> None:
    """Follow the log, have one owner read what is old, and let the owner's finance system listen."""
    now = timezone.now()
    while sequencer.sequence(at=now) == sequencer.BATCH:
        pass
    while notifying.follow(at=now).behind:
        pass
    wang = Person.objects.get(username="owner-a")
    for notice in Notice.objects.filter(person=wang).order_by("pk")[:2]:
        notifying.read(notice=notice, at=now)
    reaching.prefer(
        person=wang,
        wishes={"UNITS": (Preference.Email.DAILY, False), "PUBLIC": (Preference.Email.NEVER, False)},
        mobile="13800138000",
        at=now,
    )
    listen(stage)


def listen(stage: Stage) -> None:
    """A subscription whose receiver answers while the demonstration is loaded and is gone afterwards: one message was
    taken, the next was not. Then it is paused, so that nobody else who listens at that port later is called."""
    now = timezone.now()
    with receiver() as server:
        made, _ = subscribing.subscribe(
            mandate=stage.signatures["owner"].initiator,
            label="财务系统（演示）",
            url=f"http://127.0.0.1:{server.server_port}/tanhui",
            kinds=["registry.issued", "registry.transferred", "registry.retired", "registry.restricted"],
            scope="OWN",
            at=now,
        )
        delivering.ping(subscription=made, at=now)
        for _ in range(MOST):
            if not delivering.deliver_next(subscription=str(made.pk), at=now):
                break
    delivering.ping(subscription=made, at=now)
    delivering.deliver_next(subscription=str(made.pk), at=now + timedelta(seconds=1))
    subscribing.pause(subscription=made, mandate=stage.signatures["owner"].initiator, at=now)


class Taking(http.server.BaseHTTPRequestHandler):
    """Takes whatever comes."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"received": true}')

    def log_message(self, format: str, *words: object) -> None:
        """Nothing: the loading of the demonstration speaks for itself."""


@contextlib.contextmanager
def receiver() -> Iterator[http.server.HTTPServer]:
    """A server on this machine that takes whatever comes, while the block runs."""
    server = http.server.HTTPServer(("127.0.0.1", 0), Taking)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()

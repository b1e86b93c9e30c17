"""What the worker does for notices: facts become notices and deliveries; what is due goes out by jobs."""

import time

from django.utils import timezone

from tanhui.notices.acts import delivering, notifying, posting, reminding

SPELL = 60.0  # seconds a job stays with one subscription


def notify() -> None:
    """Turn new facts of the log into notices."""
    while notifying.follow(at=timezone.now()).behind > 0:
        pass


def retry() -> None:
    """Try again what was set aside."""
    notifying.retry(at=timezone.now())


def mail() -> None:
    """Hand letters that are due to jobs."""
    while posting.dispatch(at=timezone.now()) == posting.AT_ONCE:
        pass


def webhooks() -> None:
    """Make deliveries of new facts, and hand those that are due to jobs."""
    delivering.gather(at=timezone.now())
    delivering.dispatch(at=timezone.now())


def remind() -> None:
    """Tell whose mandate runs out."""
    reminding.mandates(at=timezone.now())


def tidy() -> None:
    """Forget old deliveries."""
    delivering.tidy(at=timezone.now())


def post(letters: str) -> None:
    """Job: send these letters, given by their keys with commas between."""
    posting.post(letters=[int(key) for key in letters.split(",")], at=timezone.now())


def deliver(subscription: str) -> None:
    """Job: send what is due to one subscription, for a minute at most."""
    started = time.monotonic()
    while delivering.deliver_next(subscription=subscription, at=timezone.now()):
        if time.monotonic() - started > SPELL:
            break


PERIODIC = [(1.0, notify), (600.0, retry), (2.0, mail), (1.0, webhooks), (3600.0, tidy), (3600.0, remind)]
JOBS = {posting.JOB: post, delivering.JOB: deliver}

"""What the worker does for notices."""

from django.utils import timezone

from tanhui.notices.acts import notifying


def notify() -> None:
    """Turn new facts of the log into notices."""
    while notifying.follow(at=timezone.now()).behind > 0:
        pass


def retry() -> None:
    """Try again what was set aside."""
    notifying.retry(at=timezone.now())


PERIODIC = [(1.0, notify), (600.0, retry)]

"""What the worker does for the public pages."""

from django.utils import timezone

from tanhui.portal.acts import statistics, upkeep
from tanhui.portal.queries import statistics as figures


def catch_up() -> None:
    """Take in what was committed since."""
    upkeep.catch_up(at=timezone.now())


def check() -> None:
    """Compare the statistics with the ledger, when something has moved since the last time."""
    last = figures.last_check()
    if figures.mark() != (last.movement if last else 0):
        statistics.check(at=timezone.now())


PERIODIC = [(3.0, catch_up), (900.0, check)]

"""What the worker does for the public pages."""

from django.utils import timezone

from tanhui.portal.acts import statistics, upkeep


def catch_up() -> None:
    """Take in what was committed since."""
    upkeep.catch_up(at=timezone.now())


def check() -> None:
    """Compare the statistics with the ledger."""
    statistics.check(at=timezone.now())


PERIODIC = [(3.0, catch_up), (6 * 3600.0, check)]

"""What the worker does for the ledger."""

from django.utils import timezone

from tanhui.ledger.acts import reservation


def expire() -> None:
    """Give back reservations past their time."""
    reservation.expire(at=timezone.now())


PERIODIC = [(5.0, expire)]

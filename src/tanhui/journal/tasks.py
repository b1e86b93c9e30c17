"""What the worker does for the journal."""

from django.utils import timezone

from tanhui.journal import sequencer


def sequence() -> None:
    """Give waiting facts their places."""
    while sequencer.sequence(at=timezone.now()) == sequencer.BATCH:
        pass


PERIODIC = [(0.5, sequence)]

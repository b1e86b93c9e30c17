"""What the worker does for personal carbon accounts."""

import uuid
from collections.abc import Callable

from django.utils import timezone

from tanhui.inclusion import tasks_account
from tanhui.inclusion.acts import batches, dropping, settling


def settle(key: str) -> None:
    """Settle a day and post it."""
    settling.carry_out(key=uuid.UUID(key), told=timezone.now)


def take_up_settlements() -> None:
    """Settlements whose worker was killed go on where they were; what it left half-added is removed."""
    batches.sweep()
    settling.take_up()


def settle_nightly() -> None:
    """Days that are over and have something new are put in the queue."""
    settling.nightly(at=timezone.now())


def pick_up_files() -> None:
    """Daily files that providers laid in their folders are taken."""
    dropping.pick_up(at=timezone.now())


JOBS: dict[str, Callable[..., None]] = {settling.JOB: settle}
PERIODIC: list[tuple[int, Callable[[], None]]] = [
    (60, take_up_settlements), (300, pick_up_files), (3600, settle_nightly), *tasks_account.PERIODIC,
]  # fmt: skip

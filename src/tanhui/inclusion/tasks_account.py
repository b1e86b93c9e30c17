"""What the worker does for accounts and points by the clock."""

from collections.abc import Callable

from django.utils import timezone

from tanhui.inclusion import lakes
from tanhui.inclusion.acts import keeping, phones, points
from tanhui.kernel import clock

HOUR = 3_600


def forget_events() -> None:
    """Erase events and tracks that were kept as long as they may be."""
    keeping.forget(lake=lakes.folder(), at=timezone.now())


def forget_codes() -> None:
    phones.forget(at=timezone.now())


def expire_points() -> None:
    points.expire(at=timezone.now())


def gather_points() -> None:
    keeping.gather()


def grow_up() -> None:
    keeping.grow_up(at=timezone.now())


def count_people() -> None:
    """Count this month, and while it is young the one before, in which days are still being settled."""
    now = timezone.now()
    today = clock.day(now)
    keeping.count(month=today, at=now)
    if today.day <= 10:
        keeping.count(month=today.replace(day=1).fromordinal(today.toordinal() - today.day), at=now)


PERIODIC: list[tuple[int, Callable[[], None]]] = [
    (6 * HOUR, forget_events), (6 * HOUR, forget_codes), (HOUR, expire_points), (HOUR, gather_points),
    (6 * HOUR, grow_up), (6 * HOUR, count_people),
]  # fmt: skip

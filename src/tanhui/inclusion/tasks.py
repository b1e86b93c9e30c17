"""What the worker does for personal carbon accounts."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.utils import timezone

from tanhui.inclusion import lakes
from tanhui.inclusion.acts import (
    batches,
    crediting,
    dropping,
    erasing,
    informing,
    keeping,
    phones,
    points,
    redemption,
    settling,
)
from tanhui.kernel import clock

FILES = uuid.UUID(int=1)  # whoever writes files of the lake anew is alone: none may bring back what another erased
READING = uuid.UUID(int=2)  # whoever settles reads events and writes what waits; whoever erases does neither meanwhile


def settle(key: str) -> None:
    """Settle a day and post it; after that its events are laid ready for corrections."""
    with settling.together(READING):
        settling.carry_out(key=uuid.UUID(key), told=timezone.now)
        settling.keep_warm(key=uuid.UUID(key))


@contextmanager
def nobody_else() -> Iterator[bool]:
    """Whether nobody reads or writes the lake's files in a way that brings back what is erased meanwhile."""
    with settling.alone(FILES) as free, settling.alone(READING) as still:
        yield free and still


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


def forget_events() -> None:
    """Erase events and tracks that were kept as long as they may be."""
    with nobody_else() as free:
        if free:
            keeping.forget(lake=lakes.folder(), at=timezone.now())


def erase_people() -> None:
    """Erase from the lake what people did who closed their account, one after the other: a settlement that waits comes
    between two, and the rest have their turn after it."""
    found = True
    while found:
        with nobody_else() as free:
            found = free and bool(erasing.erase(lake=lakes.folder(), at=timezone.now(), most=1))


def inform_people() -> None:
    """Tell residents what concerns their account."""
    while informing.follow(at=timezone.now()).behind > 0:
        pass


def remind_people() -> None:
    """Tell whose points run out soon, and try again what nobody could be told."""
    informing.remind_of_points(at=timezone.now())
    informing.retry(at=timezone.now())


def forget_records() -> None:
    """Erase what green records say whose consent has run out or whose use has ended."""
    crediting.erase(at=timezone.now())


def forget_codes() -> None:
    phones.forget(at=timezone.now())


def expire_points() -> None:
    points.expire(at=timezone.now())


def lapse_vouchers() -> None:
    """Vouchers whose last day is over lapse."""
    while redemption.lapse(at=timezone.now()):
        pass


def gather_points() -> None:
    keeping.gather()


def fold_claims() -> None:
    """Claims of a month that is over lie together."""
    points.fold(at=timezone.now())


def put_files_together() -> None:
    """Small files of settled days become few."""
    from tanhui.tally import compaction

    with settling.alone(FILES) as free:
        if free:
            compaction.every(lakes.opened())


def grow_up() -> None:
    keeping.grow_up(at=timezone.now())


def count_people() -> None:
    """Count this month, and while it is young the one before, in which days are still being settled."""
    now = timezone.now()
    today = clock.day(now)
    keeping.count(month=today, at=now)
    if today.day <= 10:
        keeping.count(month=today.replace(day=1).fromordinal(today.toordinal() - today.day), at=now)


HOUR = 3_600
JOBS: dict[str, Callable[..., None]] = {settling.JOB: settle}
PERIODIC: list[tuple[int, Callable[[], None]]] = [
    (60, take_up_settlements), (300, pick_up_files), (HOUR, settle_nightly), (HOUR, expire_points),
    (HOUR, lapse_vouchers), (HOUR, gather_points), (600, erase_people), (5, inform_people), (HOUR, remind_people),
    (HOUR, forget_events), (HOUR, forget_records), (6 * HOUR, forget_codes), (6 * HOUR, grow_up),
    (6 * HOUR, fold_claims), (HOUR, put_files_together), (6 * HOUR, count_people),
]  # fmt: skip

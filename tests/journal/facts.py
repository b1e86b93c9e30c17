"""Facts about nothing in particular, to be logged."""

import itertools

from tests import world

from tanhui.journal import record, sequencer

NUMBERS = itertools.count(1)


def write(fact=None, *, private=None, kind="test.happened"):
    """One fact, another one each time; returns its entry."""
    fact = {"number": next(NUMBERS)} if fact is None else fact
    return record.record(kind=kind, fact=fact, private=private, at=world.NOON, by=None)


def grow(*batches):
    """Write and publish so many facts, batch by batch; returns their entries in the order of the log."""
    entries = []
    for count in batches:
        entries += [write() for _ in range(count)]
        sequencer.sequence(at=world.NOON)
    return entries

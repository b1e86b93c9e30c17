"""A log of the test's own: its folder, its key, and nothing published yet."""

import itertools

import pytest
from tests import world

from tanhui.journal import record, sequencer

NUMBERS = itertools.count(1)


@pytest.fixture
def folder(settings, tmp_path):
    """Where this test's log will lie; its key is made with it, in ``secrets`` beside it."""
    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    return tmp_path / "log"


def write(fact=None, *, private=None, kind="test.happened"):
    """One fact, another one each time; returns its entry."""
    fact = {"number": next(NUMBERS)} if fact is None else fact
    return record.record(kind=kind, fact=fact, private=private, at=world.NOON, by=None)


def sequence(**options):
    return sequencer.sequence(at=world.NOON, **options)


def grow(*batches):
    """Write and publish so many facts in each batch; returns their entries in the order of the log."""
    entries = []
    for count in batches:
        entries += [write() for _ in range(count)]
        sequence()
    return entries

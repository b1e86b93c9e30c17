import pytest
from django.db import connection
from tests import world

from tanhui.journal import sequencer


@pytest.fixture
def log(db, settings, tmp_path):
    """A log of its own, in a folder of its own, with a key of its own; returns the folder."""
    settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
    return tmp_path / "log"


@pytest.fixture
def sequence(log):
    """Gives waiting facts their places."""

    def sequence(**options):
        return sequencer.sequence(at=world.NOON, **options)

    return sequence


@pytest.fixture
def alter(db):
    """Changes stored rows as only somebody with all power over the database could."""

    def alter(statement, words=()):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement, words)
            assert cursor.rowcount >= 1
            cursor.execute("SET LOCAL session_replication_role = origin")

    return alter

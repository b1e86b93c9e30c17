"""What is restored, lost or made twice: the log goes on where that is honest, and says why where it is not."""

import stat
import threading
from pathlib import Path

import pytest
from django.db import connection, connections
from tests import world
from tests.journal.facts import grow, write

from tanhui.journal import log as logs
from tanhui.journal import sequencer
from tanhui.tlog import fsck, note, tiles


def restore(size, entries):
    """The database as it was when the log had so many leaves."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM journal_leaf WHERE index >= %s", [size])
        cursor.execute("DELETE FROM journal_checkpoint WHERE size > %s", [size])
        cursor.execute("DELETE FROM journal_entry WHERE id = ANY(%s)", [entries[size:]])
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.django_db
class TestADatabaseOlderThanTheLog:
    @pytest.mark.parametrize("since", [0, 1, 2, 3])
    def test_signs_nothing_more(self, sequence, log, since):
        """Whether fewer, as many or more facts were written since than the log has beyond the backup."""
        entries = grow(3, 2)
        published = (log / "checkpoint").read_text()
        restore(3, entries)
        for _ in range(since):
            write()

        with world.refuses(logs.LogAhead, "journal.log_ahead", size=5):
            sequence()

        assert (log / "checkpoint").read_text() == published

    def test_goes_on_once_the_newer_backup_is_there(self, sequence, log):
        grow(5)
        write()

        assert sequence() == 1
        assert fsck.fsck(tiles.DirectoryReader(log), [logs.signer().verifier]).checkpoint.size == 6


@pytest.mark.django_db
class TestTheKey:
    @pytest.fixture
    def key(self, settings, log):
        logs.read_key.cache_clear()
        yield Path(settings.TANHUI_SECRETS) / "log_key"
        logs.read_key.cache_clear()

    def test_is_made_once_for_its_owner_only(self, key):
        made = logs.signer()
        logs.read_key.cache_clear()

        assert str(logs.signer()) == str(made) == key.read_text().strip()
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
        assert list(key.parent.iterdir()) == [key]

    def test_once_lost_is_not_made_anew(self, key, sequence):
        grow(1)
        write()
        key.unlink()
        logs.read_key.cache_clear()

        with world.refuses(logs.LogKeyMissing, "journal.log_key_missing", path=key):
            sequence()
        assert not key.exists()

    def test_once_lost_is_not_made_anew_where_the_folder_is_lost_too(self, key, sequence, log):
        grow(1)
        key.unlink()
        (log / "checkpoint").unlink()
        logs.read_key.cache_clear()

        with world.refuses(logs.LogKeyMissing, "journal.log_key_missing", path=key):
            logs.signer()
        assert not key.exists()

    def test_of_the_faster_process_is_everyones(self, key, monkeypatch):
        """Another process makes the key between our look and our link."""
        theirs = note.Signer.generate("example.org/log")

        def link(draft, target):
            assert stat.S_IMODE(draft.stat().st_mode) == 0o600
            target.write_text(f"{theirs}\n")
            raise FileExistsError

        monkeypatch.setattr(logs.os, "link", link)

        assert str(logs.signer()) == str(theirs)
        assert list(key.parent.iterdir()) == [key]


@pytest.mark.django_db(transaction=True)
class TestManyWhoNeedTheKeyAtOnce:
    def test_get_the_same(self, log, settings):
        gate, got = threading.Barrier(8, timeout=60), []
        path = Path(settings.TANHUI_SECRETS) / "log_key"

        def ask():
            gate.wait()
            got.append(str(logs.read_key.__wrapped__(path)))
            connections.close_all()

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        assert got == [path.read_text().strip()] * 8


class TestTheStoryTheyTell:
    @pytest.mark.parametrize("published", [0, 3])
    def test_is_read_from_the_folder(self, db, sequence, published):
        if published:
            grow(published)

        assert logs.published() == published

    def test_is_the_same_after_publishing_again(self, db, sequence, log):
        grow(4)
        before = (log / "checkpoint").read_bytes()

        assert sequencer.publish() == 4
        assert (log / "checkpoint").read_bytes() == before

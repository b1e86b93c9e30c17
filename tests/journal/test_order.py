"""Every fact has one place, whatever the order of commits, however many number them, whenever they are killed (T4)."""

import os
import random
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from django.db import connection, connections, transaction
from tests import world
from tests.journal.facts import grow, write

from tanhui.journal import log as logs
from tanhui.journal import queries, sequencer
from tanhui.journal.models import Checkpoint, Entry, Leaf, Pending
from tanhui.tlog import bundle, checkpoint, fsck, store, tiles

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds


@contextmanager
def beside(*acts):
    """Run acts in threads of their own, each with a connection of its own; what one raises is raised in the end."""
    faults = []

    def run(act):
        try:
            act()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[act]) for act in acts]
    for one in threads:
        one.start()
    try:
        yield
    finally:
        for one in threads:
            one.join()
    if faults:
        raise faults[0]


def sound(folder):
    """The log is in order, its checkpoint the database's, and it has each fact once, in one unbroken row."""
    report = fsck.fsck(tiles.DirectoryReader(folder), [logs.signer().verifier])
    assert not Pending.objects.exists()
    assert (report.checkpoint.size, report.checkpoint.root) == (queries.head().size, bytes(queries.head().root))
    assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == list(range(Entry.objects.count()))
    assert set(Leaf.objects.values_list("entry", flat=True)) == set(Entry.objects.values_list("pk", flat=True))
    assert queries.recompute() == []
    return True


class TestAFactThatIsCommittedLate:
    def test_is_numbered_although_a_later_one_was_numbered_before(self, sequence, log):
        written, go, early = Event(), Event(), []

        def hesitate():
            with transaction.atomic():
                early.append(write())
                written.set()
                assert go.wait(PATIENCE)

        with beside(hesitate):
            try:
                assert written.wait(PATIENCE)
                late = write()
                assert sequence() == 1
                assert queries.place(early[0]) is None
            finally:
                go.set()
        assert early[0] < late

        assert sequence() == 1
        assert sequence() == 0

        assert (queries.place(late).index, queries.place(early[0]).index) == (0, 1)
        assert sound(log)

    def test_is_not_numbered_when_its_act_fails(self, sequence, log):
        def fail():
            with transaction.atomic():
                write()
                raise ArithmeticError

        grow(1)
        with pytest.raises(ArithmeticError):
            fail()
        grow(1)

        assert queries.head().size == 2
        assert sound(log)


class TestTwoSequencers:
    def test_number_every_fact_once_between_them(self, sequence, log):
        for _ in range(60):
            write()
        gate, counts = Barrier(4, timeout=PATIENCE), []

        def number():
            gate.wait()
            while count := sequencer.sequence(at=world.NOON, most=7):
                counts.append(count)

        def tell():
            gate.wait()
            for _ in range(40):
                write()

        with beside(number, number, tell):
            gate.wait()
        while count := sequence():
            counts.append(count)

        assert sum(counts) == 100
        assert sound(log)


class TestACrash:
    """Between the database's commit and the last file of the folder, at each step on the way."""

    def test_before_publishing_is_caught_up(self, sequence, log, monkeypatch):
        grow(3)
        entry = write()
        with monkeypatch.context() as patch:
            patch.setattr(sequencer, "publish", crash)
            with pytest.raises(KeyboardInterrupt):
                sequence()
        assert queries.place(entry).index == 3
        assert queries.prove(entry) is None

        assert sequence() == 0

        assert bundle.verify(queries.prove(entry)).index == 3
        assert sound(log)

    def test_between_the_tiles_and_the_checkpoint_is_caught_up(self, sequence, log, monkeypatch):
        grow(250)
        before = (log / "checkpoint").read_text()
        entries, place = [write() for _ in range(20)], store.place

        with monkeypatch.context() as patch:
            patch.setattr(store, "place", lambda file: crash() if file[0].name == "checkpoint" else place(file))
            with pytest.raises(KeyboardInterrupt):
                sequence()
        assert (log / "checkpoint").read_text() == before
        assert fsck.fsck(tiles.DirectoryReader(log), [logs.signer().verifier]).checkpoint.size == 250

        grow(10)

        assert bundle.verify(queries.prove(entries[0])).size == 270
        assert sound(log)

    def test_leaves_several_checkpoints_behind_and_each_is_published_in_turn(self, sequence, log, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(sequencer, "publish", lambda: 0)
            entries = grow(3, 4, 300)
        assert not log.exists() or not (log / "checkpoint").exists()
        published = []
        signing = checkpoint.Checkpoint.sign
        monkeypatch.setattr(
            checkpoint.Checkpoint, "sign", lambda self, signers: published.append(self.size) or signing(self, signers)
        )

        assert sequencer.publish() == 307

        assert published == [3, 7, 307]
        assert [queries.prove(entries[index])["size"] for index in (0, 3, 7)] == [3, 7, 307]
        assert sound(log)

    def test_in_the_midst_of_numbering_leaves_nothing(self, sequence, log, monkeypatch):
        write()
        with monkeypatch.context() as patch:
            patch.setattr(Checkpoint.objects, "create", crash)
            with pytest.raises(KeyboardInterrupt):
                sequence()
        assert (Leaf.objects.count(), Pending.objects.count()) == (0, 1)

        assert sequence() == 1
        assert sound(log)


def crash(*_, **__):
    raise KeyboardInterrupt


@pytest.fixture
def sequencing(log, postgres_url):
    """Starts the process that sequences, and ends it whatever happens."""
    from psycopg import conninfo

    running = []
    database = conninfo.make_conninfo(postgres_url, dbname=connection.settings_dict["NAME"])
    surroundings = {
        "DJANGO_SETTINGS_MODULE": "tanhui.site.settings", "TANHUI_MODE": "demonstration",
        "TANHUI_DATABASE_URL": database, "TANHUI_VAR": str(log.parent), "TANHUI_STATIC": "finders",
    }  # fmt: skip

    def begin():
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.journal.sequencing"], cwd=ROOT, env=os.environ | surroundings,
                stdout=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
        return running[-1]

    yield begin
    for one in running:
        one.kill()
        one.wait()
        one.stdout.close()


@pytest.mark.slow
class TestAKilledSequencer:
    def test_leaves_a_log_in_order_with_every_fact_in_one_place(self, sequence, log, sequencing):
        grow(1)  # makes the key
        for _ in range(int(os.environ.get("TANHUI_TEST_RACE_ROUNDS", 3))):
            for _ in range(100):
                write()
            before = queries.head().size
            process = sequencing()
            with beside(lambda: [write() for _ in range(100)]):
                told = [int(process.stdout.readline()) for _ in range(random.randint(1, 11))]
                process.kill()
            process.wait()
            told += [int(line) for line in process.stdout if line.endswith("\n")]

            published = fsck.fsck(tiles.DirectoryReader(log), [logs.signer().verifier]).checkpoint
            assert published.size >= before + sum(told)
            assert bytes(Checkpoint.objects.get(size=published.size).root) == published.root
            while sequence():
                pass
            assert sound(log)

import pytest
from tests import world

from tanhui.journal import log as logs
from tanhui.journal import queries, record, sequencer
from tanhui.journal.models import Checkpoint, Entry, Leaf, Pending
from tanhui.tlog import bundle, checkpoint, fsck, note, proof, tiles


def write(count):
    return [record.record(kind="test.fact", fact={"n": n}, at=world.NOON, by=None) for n in range(count)]


def check(folder, **options):
    return fsck.fsck(tiles.DirectoryReader(folder), [logs.signer().verifier], **options)


class TestSequence:
    def test_gives_every_waiting_fact_a_place_in_order(self, sequence):
        entries = write(5)

        assert sequence() == 5

        assert list(Leaf.objects.order_by("index").values_list("index", "entry")) == list(enumerate(entries))
        assert not Pending.objects.exists()

    def test_does_nothing_when_nothing_waits(self, sequence):
        assert sequence() == 0
        assert not Checkpoint.objects.exists()

    def test_takes_at_most_so_many_at_once(self, sequence):
        write(5)

        assert [sequence(most=2) for _ in range(4)] == [2, 2, 1, 0]
        assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [2, 4, 5]

    def test_publishes_a_log_that_the_verifier_finds_in_order(self, sequence, log):
        write(300)
        sequence()

        report = check(log)

        assert report.checkpoint.size == 300

    def test_signs_in_the_database_what_it_publishes(self, sequence, log):
        write(3)
        sequence()

        published = (log / "checkpoint").read_text()
        assert published == queries.head().note
        signed, _ = checkpoint.verify(published, [logs.signer().verifier])
        assert signed.root == bytes(queries.head().root)

    def test_makes_each_checkpoint_the_beginning_of_the_next(self, sequence, log):
        write(200)
        sequence()
        earlier = queries.head().note
        write(150)
        sequence()

        assert check(log, since=earlier).since == 200
        hashes = [bytes.fromhex(one) for one in queries.consistency(200, 350)]
        assert hashes == list(proof.Tree(tiles.DirectoryReader(log), 350).consistency(200))

    def test_finishes_what_a_crash_left_unpublished(self, sequence, log, monkeypatch):
        write(3)
        with monkeypatch.context() as patch:
            patch.setattr(sequencer, "publish", lambda: None)
            sequence()
        assert not (log / "checkpoint").exists()

        write(2)
        sequence()

        assert check(log).checkpoint.size == 5

    def test_makes_the_folder_anew_from_the_database(self, sequence, log):
        import shutil

        write(40)
        sequence()
        before = (log / "checkpoint").read_text()
        shutil.rmtree(log)

        sequencer.publish()

        assert (log / "checkpoint").read_text() == before
        assert check(log).checkpoint.size == 40

    def test_refuses_to_go_on_with_another_key(self, sequence, log, settings, tmp_path):
        write(1)
        sequence()
        settings.TANHUI_SECRETS = tmp_path / "other"

        write(1)
        with pytest.raises(logs.LogKeyMissing) as met:
            sequence()
        assert met.value.code == "journal.log_key_missing"

    def test_keeps_the_key_for_its_owners_eyes(self, sequence, tmp_path):
        write(1)
        sequence()

        assert (tmp_path / "secrets" / "log_key").stat().st_mode & 0o777 == 0o600


class TestProve:
    def test_waits_until_the_fact_has_its_place(self, sequence):
        (entry,) = write(1)
        assert queries.prove(entry) is None
        sequence()

        assert bundle.verify(queries.prove(entry)).leaf["fact"] == {"n": 0}

    def test_is_the_same_whenever_it_is_asked_for(self, sequence):
        entry = write(2)[0]
        sequence()
        before = bundle.dumps(queries.prove(entry))
        write(300)
        sequence()

        assert bundle.dumps(queries.prove(entry)) == before

    def test_opens_the_private_part_only_when_told(self, sequence):
        entry = record.record(kind="test", fact={}, private={"name": "李四"}, at=world.NOON, by=None)
        sequence()

        assert "李四" not in bundle.dumps(queries.prove(entry)).decode()
        opened = bundle.verify(queries.prove(entry, open_private=True))
        assert "李四" in str(opened)

    def test_is_not_trusted_under_another_key(self, sequence):
        (entry,) = write(1)
        sequence()
        stranger = str(note.Signer.generate("example.org/other").verifier)

        with pytest.raises(note.KeyUnknown):
            bundle.verify(queries.prove(entry), trusted=[stranger])


class TestWaiting:
    def test_shows_how_far_the_log_is_behind(self, sequence):
        write(3)
        assert queries.waiting() == 3
        sequence()

        assert (queries.waiting(), queries.head().size) == (0, 3)
        assert Entry.objects.count() == 3

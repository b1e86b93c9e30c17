import hashlib
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tanhui.kernel.refusal import Refusal
from tanhui.tlog import checkpoint, fsck, merkle, note, proof, store, tiles

SIGNER = note.Signer("registry.example/log", bytes(32))
STEPS = st.lists(st.sampled_from([0, 1, 2, 3, 100, 255, 256, 257, 600]), min_size=1, max_size=5)


def numbered(count):
    return [f'{{"kind":"n","n":{n}}}'.encode() for n in range(count)]


def opened(folder, **options):
    return store.Store(folder, [SIGNER], **options)


def whole(folder):
    """The number of leaves of a log every file of which agrees."""
    return fsck.fsck(tiles.DirectoryReader(folder), [SIGNER.verifier]).checkpoint.size


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "log"


class TestPublish:
    @given(STEPS)
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
    def test_in_any_steps_gives_the_root_of_all_leaves(self, tmp_path_factory, steps):
        folder, leaves, at = tmp_path_factory.mktemp("log"), numbered(sum(steps)), 0
        for step in steps:
            opened(folder).publish(leaves[at : at + step], at)
            at += step

        assert whole(folder) == at
        assert opened(folder).root == merkle.root(leaves)

    def test_signs_a_checkpoint_that_is_on_disk(self, folder):
        signed = opened(folder).publish(numbered(3), 0)

        assert (folder / "checkpoint").read_text() == signed
        assert checkpoint.verify(signed, [SIGNER.verifier])[0].size == 3

    def test_signs_the_empty_log_too(self, folder):
        assert checkpoint.verify(opened(folder).publish([], 0), [SIGNER.verifier])[0].size == 0

    def test_of_the_same_leaves_again_is_harmless(self, folder):
        log = opened(folder)
        signed = log.publish(numbered(700), 0)

        assert log.publish(numbered(700), 0) == signed
        assert opened(folder).publish(numbered(700)[250:300], 250) == signed

    def test_that_overlaps_adds_only_what_is_new(self, folder):
        log = opened(folder)
        log.publish(numbered(300), 0)
        log.publish(numbered(700)[200:], 200)

        assert opened(folder).root == merkle.root(numbered(700))

    @pytest.mark.parametrize("index", [0, 255, 256, 299])
    def test_refuses_other_content_for_a_signed_leaf_and_changes_nothing(self, folder, index):
        log = opened(folder)
        signed = log.publish(numbered(300), 0)
        other = numbered(400)
        other[index] += b" "

        with pytest.raises(store.LeafDiffers) as refused:
            log.publish(other, 0)

        assert refused.value.facts == {"index": index}
        assert (folder / "checkpoint").read_text() == signed
        assert whole(folder) == 300

    @pytest.mark.parametrize("start", [2, -1])
    def test_refuses_a_gap(self, folder, start):
        with pytest.raises(store.LeavesMissing):
            opened(folder).publish(numbered(1), start)

    def test_refuses_a_leaf_no_bundle_can_hold(self, folder):
        with pytest.raises(tiles.LeafTooLong):
            opened(folder).publish([bytes(65_536)], 0)

        assert not (folder / "checkpoint").exists()

    def test_removes_partial_tiles_a_full_one_replaced(self, folder):
        log = opened(folder)
        log.publish(numbered(10), 0)
        log.publish(numbered(260)[10:], 10)

        assert not (folder / "tile/0/000.p").exists()
        assert not (folder / "tile/entries/000.p").exists()
        assert (folder / "tile/0/001.p/4").exists()

    def test_by_two_writers_at_once_is_one_log(self, folder):
        leaves, outcomes = numbered(600), []

        def write():
            log = opened(folder)
            for at in range(0, 600, 50):
                log.publish(leaves[at : at + 50], at)
            outcomes.append(log.root)

        writers = [threading.Thread(target=write) for _ in range(2)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()

        assert outcomes == [merkle.root(leaves)] * 2
        assert whole(folder) == 600


class Crash(BaseException):
    """The machine stops."""


class TestCrash:
    @pytest.mark.parametrize("step", range(11))
    def test_at_any_point_is_recovered_by_publishing_again(self, folder, monkeypatch, step):
        leaves, done, lock = numbered(900), [0], threading.Lock()
        opened(folder).publish(leaves[:250], 0)
        place = store.place

        def stop_at_step(file):
            with lock:
                done[0] += 1
                if done[0] == step + 1:
                    file[0].with_name(file[0].name + ".new").write_bytes(file[1][: len(file[1]) // 2])
                if done[0] > step:
                    raise Crash
            place(file)

        monkeypatch.setattr(store, "place", stop_at_step)
        with pytest.raises(Crash):
            opened(folder).publish(leaves[250:], 250)
        monkeypatch.undo()

        assert whole(folder) == 250  # what was signed still holds
        opened(folder).publish(leaves[250:], 250)
        assert whole(folder) == 900
        assert opened(folder).root == merkle.root(leaves)

    def test_before_the_checkpoint_leaves_the_writer_able_to_go_on(self, folder, monkeypatch):
        log = opened(folder)
        monkeypatch.setattr(store, "place", lambda file: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            log.publish(numbered(300), 0)
        monkeypatch.undo()

        log.publish(numbered(300), 0)

        assert whole(folder) == 300


class TestOpening:
    def test_rebuilds_missing_partial_tiles(self, folder):
        opened(folder).publish(numbered(700), 0)
        (folder / "tile/0/002.p/188").unlink()
        (folder / "tile/1/000.p/2").unlink()

        opened(folder).publish(numbered(1000)[700:], 700)

        assert whole(folder) == 1000

    def test_refuses_a_folder_that_does_not_give_the_signed_root(self, folder):
        opened(folder).publish(numbered(700), 0)
        tile = folder / "tile/0/002.p/188"
        tile.write_bytes(bytes(32) + tile.read_bytes()[32:])

        with pytest.raises(store.StoreDamaged):
            opened(folder)

    def test_refuses_a_checkpoint_of_another_key(self, folder):
        store.Store(folder, [note.Signer(SIGNER.name, bytes(31) + b"\1")]).publish(numbered(1), 0)

        with pytest.raises(note.KeyUnknown):
            opened(folder)

    def test_takes_over_from_a_former_key(self, folder):
        former = note.Signer(SIGNER.name, bytes(31) + b"\1")
        store.Store(folder, [former]).publish(numbered(1), 0)

        signed = opened(folder, former=[former.verifier]).publish(numbered(2)[1:], 1)

        assert checkpoint.verify(signed, [SIGNER.verifier])[0].size == 2

    def test_refuses_a_checkpoint_that_is_not_text(self, folder):
        folder.mkdir()
        (folder / "checkpoint").write_bytes(b"\xff")

        with pytest.raises(note.NoteMalformed):
            opened(folder)


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="this OpenSSL has no SM3")
class TestSecondHead:
    def test_is_the_root_of_the_same_leaves_with_sm3(self, folder):
        opened(folder, second_head=True).publish(numbered(300), 0)
        signed = opened(folder, second_head=True).publish(numbered(500)[300:], 300)

        assert checkpoint.parse(note.parse(signed).text).sm3 == merkle.root(numbered(500), store.sm3)
        assert whole(folder) == 500

    @pytest.mark.parametrize("content", [None, b"not json", b'{"size":3}', b'{"size":0,"hashes":[]}'])
    def test_is_rebuilt_from_the_entries_when_its_file_is_lost(self, folder, content):
        opened(folder, second_head=True).publish(numbered(300), 0)
        kept = folder / store.SECOND_HEAD
        kept.unlink() if content is None else kept.write_bytes(content)

        signed = opened(folder, second_head=True).publish(numbered(301)[300:], 300)

        assert checkpoint.parse(note.parse(signed).text).sm3 == merkle.root(numbered(301), store.sm3)


class TestTree:
    """Proofs built from the tiles of a real folder."""

    @pytest.fixture(scope="class")
    @staticmethod
    def log(tmp_path_factory):
        folder = tmp_path_factory.mktemp("log")
        opened(folder).publish(numbered(66_000), 0)
        return tiles.DirectoryReader(folder)

    @given(st.integers(1, 66_000), st.data())
    @settings(max_examples=60)
    def test_proves_every_leaf_of_every_size(self, log, size, data):
        index = data.draw(st.integers(0, size - 1))
        tree = FullTiles(log, size)
        leaf = merkle.leaf_hash(numbered(index + 1)[index])

        merkle.verify_inclusion(index=index, size=size, leaf_hash=leaf, proof=tree.inclusion(index), root=tree.root())

    @given(st.integers(0, 66_000), st.data())
    @settings(max_examples=60)
    def test_proves_that_it_only_grew(self, log, size, data):
        old = FullTiles(log, data.draw(st.integers(0, size)))
        tree = FullTiles(log, size)

        merkle.verify_consistency(
            old_size=old.size, old_root=old.root(), size=size, root=tree.root(), proof=tree.consistency(old.size)
        )

    def test_gives_a_leaf(self, log):
        assert proof.Tree(log, 66_000).leaf(65_999) == numbered(66_000)[-1]

    def test_refuses_what_it_does_not_hold(self, log):
        tree = proof.Tree(log, 66_000)
        for ask in (tree.leaf, tree.inclusion):
            with pytest.raises(merkle.IndexBeyondTree):
                ask(66_000)
        with pytest.raises(merkle.TreeShrank):
            tree.consistency(66_001)

    def test_names_the_missing_file(self, tmp_path):
        with pytest.raises(Refusal, match=r"tile/0/000\.p/3"):
            proof.Tree(tiles.DirectoryReader(tmp_path), 3).root()


class FullTiles(proof.Tree):
    """A smaller tree read from the tiles of the larger: what a mirror sees that kept only the newest partial tiles."""

    def read_tile(self, level, index):
        width = min((self.size >> 8 * level) - index * 256, 256)
        newest = min((66_000 >> 8 * level) - index * 256, 256)
        return tiles.read_tile(self.reader, level, index, newest)[: width * 32]

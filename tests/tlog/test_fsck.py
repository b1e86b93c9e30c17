import shutil

import pytest

from tanhui.kernel.refusal import Refusal
from tanhui.tlog import checkpoint, fsck, merkle, note, store, tiles

SIZE = 66_000  # three levels of tiles, each with a partial one at its right edge


@pytest.fixture(scope="module")
def original(golden, tmp_path_factory):
    """A log of three levels, and its checkpoints on the way by size."""
    folder = tmp_path_factory.mktemp("original") / "log"
    log, earlier = store.Store(folder, [golden.build.OPERATOR]), {}
    leaves = [f'{{"kind":"n","n":{n}}}'.encode() for n in range(SIZE)]
    for start, end in [
        (0, 0),
        (0, 1),
        (1, 255),
        (255, 256),
        (256, 300),
        (300, 65_535),
        (65_535, 65_536),
        (65_536, SIZE),
    ]:
        earlier[end] = log.publish(leaves[start:end], start)
    return folder, earlier


@pytest.fixture
def log(original, tmp_path):
    """A copy of it to be damaged."""
    return shutil.copytree(original[0], tmp_path / "log")


@pytest.fixture
def check(golden):
    def check(folder, **options):
        return fsck.fsck(tiles.DirectoryReader(folder), [golden.build.OPERATOR.verifier], **options)

    return check


class TestFsck:
    def test_finds_a_good_log_in_order(self, check, original):
        report = check(original[0])

        assert (report.checkpoint.size, report.since) == (SIZE, None)

    def test_finds_the_golden_log_in_order_with_both_heads(self, check, golden):
        report = check(golden.log, since=(golden.folder / "earlier.checkpoint").read_text())

        assert (report.checkpoint.size, report.since) == (300, 200)
        assert report.entry_bytes == sum(map(len, golden.build.LEAVES))

    def test_tells_how_far_it_is(self, check, golden):
        steps = []
        check(golden.log, progress=lambda done, size: steps.append((done, size)))

        assert steps == [(256, 300), (300, 300)]

    @pytest.mark.parametrize("size", [0, 1, 255, 256, 300, 65_535, 65_536, SIZE])
    def test_finds_every_earlier_checkpoint_continued(self, check, original, size):
        folder, earlier = original

        assert check(folder, since=earlier[size]).since == size

    @pytest.mark.parametrize("size", [0, 1, 256, 300, 65_536, SIZE])
    def test_finds_a_rewritten_history(self, check, golden, original, size):
        other = checkpoint.Checkpoint(golden.build.ORIGIN, size, bytes(32)).sign([golden.build.OPERATOR])

        with pytest.raises(merkle.HistoryRewritten):
            check(original[0], since=other)

    def test_refuses_an_earlier_checkpoint_that_is_larger(self, check, golden, original):
        with pytest.raises(merkle.TreeShrank):
            check(golden.log, since=original[1][SIZE])

    @pytest.mark.parametrize(("path", "at", "code", "facts"), [
        ("tile/entries/000", 30, "tlog.leaf_not_in_tile",
         {"index": 1, "entries": "tile/entries/000", "tile": "tile/0/000"}),
        ("tile/entries/257.p/208", -2, "tlog.leaf_not_in_tile",
         {"index": SIZE - 1, "entries": "tile/entries/257.p/208", "tile": "tile/0/257.p/208"}),
        ("tile/0/003", 64, "tlog.leaf_not_in_tile",
         {"index": 770, "entries": "tile/entries/003", "tile": "tile/0/003"}),
        ("tile/1/000", 32, "tlog.tile_differs", {"position": 1, "tile": "tile/1/000", "below": "tile/0/001"}),
        ("tile/1/001.p/1", 0, "tlog.tile_differs", {"position": 0, "tile": "tile/1/001.p/1", "below": "tile/0/256"}),
        ("tile/2/000.p/1", 31, "tlog.tile_differs", {"position": 0, "tile": "tile/2/000.p/1", "below": "tile/1/000"}),
        ("tile/entries/000", 1, "tlog.entries_malformed", {"path": "tile/entries/000", "width": 256}),
        ("checkpoint", 30, "tlog.checkpoint_malformed", None),
    ])  # fmt: skip
    def test_names_what_was_altered(self, check, log, path, at, code, facts):
        data = bytearray((log / path).read_bytes())
        data[at] ^= 1
        (log / path).write_bytes(data)

        with pytest.raises(Refusal) as refused:
            check(log)

        if facts is None:
            assert refused.value.code in {code, "tlog.signature_wrong"}
        else:
            assert (refused.value.code, refused.value.facts) == (code, facts)

    @pytest.mark.parametrize(("path", "refusal"), [
        ("tile/entries/100", tiles.FileMissing), ("tile/0/257.p/208", tiles.FileMissing),
        ("tile/1/000", tiles.FileMissing), ("checkpoint", tiles.FileMissing),
    ])  # fmt: skip
    def test_names_what_is_missing(self, check, log, path, refusal):
        (log / path).unlink()

        with pytest.raises(refusal) as refused:
            check(log)

        assert refused.value.facts == {"path": path}

    @pytest.mark.parametrize("path", ["tile/0/001", "tile/1/000", "tile/entries/001"])
    def test_refuses_a_file_of_another_length(self, check, log, path):
        with (log / path).open("ab") as file:
            file.write(b"\0")

        with pytest.raises(Refusal):
            check(log)

    def test_finds_leaves_and_tiles_rewritten_together(self, check, golden, tmp_path):
        rewritten = store.Store(tmp_path / "log", [golden.build.OPERATOR])
        rewritten.publish([golden.build.leaf(n + 1) for n in range(300)], 0)
        shutil.copy(golden.log / "checkpoint", tmp_path / "log/checkpoint")

        with pytest.raises(fsck.RootDiffers):
            check(tmp_path / "log")

    def test_finds_a_second_head_that_is_not_of_the_same_leaves(self, check, golden, tmp_path):
        shutil.copytree(golden.log, tmp_path / "log")
        head = checkpoint.Checkpoint(golden.build.ORIGIN, 300, merkle.root(golden.build.LEAVES), bytes(32))
        (tmp_path / "log/checkpoint").write_text(head.sign([golden.build.OPERATOR]))

        with pytest.raises(fsck.RootDiffers, match="sm3"):
            check(tmp_path / "log")

    def test_refuses_a_checkpoint_that_is_not_text(self, check, log):
        (log / "checkpoint").write_bytes(b"\xff\xfe")

        with pytest.raises(fsck.CheckpointNotText):
            check(log)


class TestCarriedKeys:
    def test_are_those_beside_the_checkpoint(self, golden):
        assert fsck.carried_keys(tiles.DirectoryReader(golden.log)) == [golden.build.OPERATOR.verifier]

    def test_are_asked_for_when_there_are_none(self, tmp_path):
        with pytest.raises(fsck.KeyNeeded):
            fsck.carried_keys(tiles.DirectoryReader(tmp_path))

    def test_are_refused_when_garbled(self, tmp_path):
        (tmp_path / "vkey").write_bytes(b"\xff")

        with pytest.raises(note.KeyMalformed):
            fsck.carried_keys(tiles.DirectoryReader(tmp_path))

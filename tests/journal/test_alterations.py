"""Whatever is altered afterwards, by whomever: it is found, and no proof hides it (T8)."""

import json

import pytest
from django.db import connection
from tests import world
from tests.journal.facts import grow, write

from tanhui.journal import log as logs
from tanhui.journal import queries, sequencer
from tanhui.journal.models import Checkpoint, Entry, Leaf
from tanhui.registry import audit
from tanhui.tlog import bundle, fsck, merkle, note, tiles

pytestmark = pytest.mark.django_db


def alter(statement, *words):
    """What only someone with all power over the database can do."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, words)
        assert cursor.rowcount == 1
        cursor.execute("SET LOCAL session_replication_role = origin")


def alter_fact(entry, **fact):
    leaf = json.loads(bytes(Entry.objects.get(pk=entry).leaf))
    leaf["fact"] |= fact
    alter("UPDATE journal_entry SET leaf = %s WHERE id = %s", canonical(leaf), entry)


def canonical(leaf):
    return json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def found():
    """What the self-audit finds, as ``check: subject``."""
    return [f"{one.rule}: {one.subject}" for one in audit.audit().findings]


@pytest.fixture
def entries(sequence):
    made = grow(3, 4, 2)
    assert found() == []
    return made


class TestAnAlteredFact:
    def test_is_found(self, entries):
        alter_fact(entries[4], tonnes=1_000_000)

        assert queries.recompute() == [4]
        assert queries.recompute(leaf_from=5) == []
        assert "facts_are_what_the_log_says: leaf 4" in found()

    def test_gives_another_proof_that_does_not_hold(self, entries):
        exported = bundle.dumps(queries.prove(entries[4]))
        alter_fact(entries[4], tonnes=1_000_000)

        assert bundle.dumps(queries.prove(entries[4])) != exported
        with pytest.raises(merkle.RootNotReached):
            bundle.verify(queries.prove(entries[4]))
        assert bundle.verify(bundle.loads(exported)).index == 4

    def test_does_not_touch_the_proofs_of_others(self, entries):
        exported = bundle.dumps(queries.prove(entries[3]))
        alter_fact(entries[4], tonnes=1_000_000)

        assert bundle.dumps(queries.prove(entries[3])) == exported

    def test_is_never_published_even_where_the_folder_is_made_anew(self, entries, log):
        (log / "checkpoint").rename(log.parent / "checkpoint")
        alter_fact(entries[4], tonnes=1_000_000)

        with world.refuses(logs.RootDiffers, "journal.root_differs", size=7):
            sequencer.publish()

        assert logs.published() == 3


class TestAnAlteredPlace:
    def test_is_found_by_its_leaf_and_by_the_root(self, entries):
        alter("UPDATE journal_leaf SET sha256 = sha256('x') WHERE index = 4")

        assert queries.recompute() == [4]
        assert {"facts_are_what_the_log_says: leaf 4", "the_root_is_the_leaves: size 9"} <= set(found())

    def test_is_found_where_two_facts_have_changed_places(self, entries):
        for index, entry in [(0, -1), (1, entries[0]), (0, entries[1])]:
            alter("UPDATE journal_leaf SET entry_id = %s WHERE index = %s", entry, index)

        assert queries.recompute() == [0, 1]
        with pytest.raises(merkle.RootNotReached):
            bundle.verify(queries.prove(entries[0]))

    def test_is_found_where_it_was_taken_away(self, entries):
        alter("DELETE FROM journal_leaf WHERE index = 4")

        assert "the_root_is_the_leaves: size 9" in found()


class TestAnAlteredCheckpoint:
    def test_is_found_in_its_root(self, entries):
        alter("UPDATE journal_checkpoint SET root = sha256('x') WHERE size = 9")

        assert queries.wrong_checkpoints() == [9]
        assert "the_root_is_the_leaves: size 9" in found()

    @pytest.mark.parametrize(
        "change", ["root = sha256('x')", "frontier = '[]'", "note = replace(note, '7', '8')", "size = 6"]
    )
    def test_is_found_although_it_is_not_the_newest(self, entries, change):
        alter(f"UPDATE journal_checkpoint SET {change} WHERE size = 7")

        assert queries.wrong_checkpoints() == [6 if "size =" in change else 7]

    def test_is_found_where_it_bears_another_ones_signature(self, entries):
        stranger = note.Signer.generate("example.org/other")
        text = note.parse(queries.at_size(7).note).text
        alter("UPDATE journal_checkpoint SET note = %s WHERE size = 7", note.sign(text, [stranger]))

        assert queries.wrong_checkpoints() == [7]

    def test_makes_proofs_against_it_fail(self, entries):
        exported = bundle.dumps(queries.prove(entries[4]))
        alter("UPDATE journal_checkpoint SET note = replace(note, E'\\n7\\n', E'\\n8\\n') WHERE size = 7")

        assert bundle.dumps(queries.prove(entries[4])) != exported
        with pytest.raises(bundle.SizeDiffers):
            bundle.verify(queries.prove(entries[4]))

    def test_stops_the_log_before_anything_more_is_signed(self, entries):
        write()
        alter("UPDATE journal_checkpoint SET root = sha256('x') WHERE size = 9")

        with world.refuses(logs.RootDiffers, "journal.root_differs", size=9):
            sequencer.sequence(at=world.NOON)

    def test_stops_the_log_too_when_only_its_frontier_was_altered(self, entries):
        write()
        alter("UPDATE journal_checkpoint SET frontier = jsonb_build_array(frontier->1, frontier->0) WHERE size = 9")

        with world.refuses(logs.RootDiffers, "journal.root_differs", size=9):
            sequencer.sequence(at=world.NOON)


class TestAnAlteredFile:
    """In the folder that anyone may mirror."""

    @pytest.fixture
    def check(self, sequence, log):
        grow(300, 13)
        return lambda: fsck.fsck(tiles.DirectoryReader(log), [logs.signer().verifier])

    @pytest.mark.parametrize(
        ("path", "at", "refusal", "leaf"),
        [
            ("tile/0/000", 32 * 17, fsck.LeafNotInTile, 17),
            ("tile/0/001.p/57", 32 * 3, fsck.LeafNotInTile, 259),
            ("tile/entries/000", -3, fsck.LeafNotInTile, 255),
            ("tile/entries/001.p/57", -3, fsck.LeafNotInTile, 312),
        ],
    )
    def test_is_named_with_its_leaf(self, check, log, path, at, refusal, leaf):
        spoil(log / path, at)

        with pytest.raises(refusal) as met:
            check()

        assert met.value.facts["index"] == leaf
        assert path in met.value.say("en")
        assert path in met.value.say("zh-hans")

    def test_is_named_where_it_stands_above_the_leaves(self, check, log):
        spoil(log / "tile/1/000.p/1", 0)

        with pytest.raises(fsck.TileDiffers) as met:
            check()

        assert met.value.facts["tile"] == "tile/1/000.p/1"

    def test_is_named_where_it_is_gone(self, check, log):
        (log / "tile/entries/000").unlink()

        with pytest.raises(tiles.FileMissing) as met:
            check()

        assert met.value.facts["path"] == "tile/entries/000"

    def test_makes_a_proof_fail_and_a_lost_one_is_no_waiting(self, check, log):
        entry = Leaf.objects.get(index=300).entry_id
        before = queries.prove(entry)
        spoil(log / "tile/0/001.p/57", 0)
        with pytest.raises(merkle.RootNotReached):
            bundle.verify(queries.prove(entry))
        assert bundle.verify(before).index == 300

        (log / "tile/0/001.p/57").unlink()
        with pytest.raises(tiles.FileMissing):
            queries.prove(entry)


def spoil(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


class TestEveryCheckpoint:
    SIZES = (1, 2, 3, 7, 8, 255, 256, 257, 300)

    @pytest.fixture
    def signed(self, sequence):
        grow(*[new - old for old, new in zip((0, *self.SIZES), self.SIZES, strict=False)])
        return {one.size: one for one in Checkpoint.objects.all()}

    def test_is_the_beginning_of_every_later_one(self, signed):
        assert tuple(sorted(signed)) == self.SIZES
        for old in self.SIZES:
            for new in self.SIZES[self.SIZES.index(old) :]:
                merkle.verify_consistency(**self.heads(signed, old, new))
        assert queries.wrong_checkpoints() == []

    def test_is_not_the_beginning_of_one_that_had_been_rewritten(self, signed):
        for old in self.SIZES[:-1]:
            with pytest.raises(merkle.HistoryRewritten):
                merkle.verify_consistency(**self.heads(signed, old, 300) | {"old_root": bytes(32)})

    def heads(self, signed, old, new):
        return {
            "old_size": old, "old_root": bytes(signed[old].root), "size": new, "root": bytes(signed[new].root),
            "proof": [bytes.fromhex(one) for one in queries.consistency(old, new)],
        }  # fmt: skip


class TestAProof:
    def test_is_the_same_whenever_it_is_asked_for(self, sequence):
        entries = grow(3, 1, 250, 2)
        before = [bundle.dumps(queries.prove(entry)) for entry in entries]

        grow(1, 260)

        assert [bundle.dumps(queries.prove(entry)) for entry in entries] == before
        assert [bundle.verify(bundle.loads(one)).index for one in before] == list(range(256))

"""What may stand in a leaf, and what may not."""

import hashlib
import json

import pytest
from tests import world
from tests.journal.facts import write

from tanhui.journal import queries, record
from tanhui.journal.models import Entry
from tanhui.kernel import canonical
from tanhui.tlog import bundle, tiles


def draft(fact, *, private=None):
    return record.draft(kind="test.happened", fact=fact, private=private, at=world.NOON, by=None)


class TestADraft:
    def test_is_canonical_json_with_its_version_kind_and_time(self):
        assert draft({"tonnes": 3, "name": "敖汉旗"}).leaf.decode() == (
            '{"at":"2026-06-05T04:00:00.000000Z","fact":{"name":"敖汉旗","tonnes":3},"kind":"test.happened","v":1}'
        )

    def test_does_not_depend_on_the_order_in_which_its_fact_was_put_together(self):
        assert draft({"a": 1, "b": {"c": 2, "d": 3}}).leaf == draft({"b": {"d": 3, "c": 2}, "a": 1}).leaf

    def test_commits_to_the_private_part_with_a_salt_of_128_bits(self):
        made = draft({}, private={"person": "乌云"})

        opening = json.loads(made.private)
        assert json.loads(made.leaf)["commitment"] == hashlib.sha256(canonical.dumps(opening)).hexdigest()
        assert opening["private"] == {"person": "乌云"}
        assert len(bytes.fromhex(opening["salt"])) == 16

    def test_without_a_private_part_commits_to_nothing(self):
        assert "commitment" not in json.loads(draft({}).leaf)

    @pytest.mark.parametrize("text", ["a\x00b", "\x00", "\x00serial", "x\x00serials", 'a"\x00serials"', "\\\x00"])
    def test_refuses_a_null_character_which_the_database_cannot_keep(self, text):
        with pytest.raises(ValueError, match="null character"):
            draft({"name": text})
        with pytest.raises(ValueError, match="null character"):
            draft({}, private={"name": text})

    @pytest.mark.parametrize("text", ["\\u0000", "a\\u0000serials", "C:\\u0000\\", '"\\u0000serials"', "\\\\u0000"])
    def test_keeps_a_backslash_that_only_looks_like_a_null_character(self, text):
        made = draft({"name": text}, private={"name": text})

        assert json.loads(made.leaf)["fact"]["name"] == text
        assert len(made.pieces) == 1

    def test_leaves_holes_where_the_ledger_has_the_word(self):
        made = draft({"movement": record.MOVEMENT, "serials": record.SERIALS})

        assert len(made.pieces) == 3
        assert json.loads("7".join(made.pieces))["fact"] == {"movement": 7, "serials": 7}


@pytest.mark.django_db
class TestAFact:
    def test_opens_its_commitment_to_whoever_is_shown_the_private_part(self, sequence):
        entry = write({"capacity": "CONFIRM"}, private={"person": 17, "name": "乌云"})
        sequence()

        shown = bundle.verify(queries.prove(entry, open_private=True))
        hidden = bundle.verify(queries.prove(entry))

        assert shown.opening == {"person": 17, "name": "乌云"}
        assert hidden.opening is None
        assert shown.leaf["fact"] == {"capacity": "CONFIRM"}

    @pytest.mark.parametrize("change", [{"salt": "00" * 16}, {"private": {"person": 18}}])
    def test_is_opened_by_nothing_else(self, sequence, change):
        entry = write({}, private={"person": 17})
        sequence()
        made = queries.prove(entry, open_private=True)
        made["opening"] |= change

        with pytest.raises(bundle.OpeningWrong):
            bundle.verify(made)

    def test_may_be_as_long_as_a_leaf_and_no_longer(self, sequence):
        room = tiles.LONGEST_ENTRY - len(draft({"text": ""}).leaf)
        entry = write({"text": "x" * room})
        with pytest.raises(record.LeafTooLong, match="65536 bytes"):
            write({"text": "x" * (room + 1)})

        assert sequence() == 1

        assert len(bytes(Entry.objects.get(pk=entry).leaf)) == tiles.LONGEST_ENTRY
        assert bundle.verify(queries.prove(entry)).index == 0

    @pytest.mark.parametrize("hole", [record.SERIALS, record.MOVEMENT])
    def test_without_a_movement_has_no_holes(self, hole):
        with pytest.raises(ValueError, match="only the ledger"):
            write({"serials": hole})

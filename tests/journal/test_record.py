import datetime as dt
import hashlib
import json

import pytest
from django.db import DatabaseError, connection, transaction
from tests import world
from tests.journal.facts import write

from tanhui.journal import queries, record
from tanhui.journal.models import Entry, Pending
from tanhui.kernel import canonical
from tanhui.tlog import bundle, tiles


def draft(fact, *, private=None, at=world.NOON):
    return record.draft(kind="test.happened", fact=fact, private=private, at=at, by=None)


class TestADraft:
    def test_is_canonical_json_with_its_version_kind_and_time(self):
        made = draft({"tonnes": 3, "name": "敖汉旗"})

        assert made.leaf.decode() == (
            '{"at":"2026-06-05T04:00:00.000000Z","fact":{"name":"敖汉旗","tonnes":3},"kind":"test.happened","v":1}'
        )

    def test_does_not_depend_on_the_order_in_which_its_fact_was_put_together(self):
        assert draft({"a": 1, "b": {"c": 2, "d": 3}}).leaf == draft({"b": {"d": 3, "c": 2}, "a": 1}).leaf

    def test_tells_the_time_in_utc(self):
        in_china = world.NOON.astimezone(dt.timezone(dt.timedelta(hours=8)))

        assert draft({}, at=in_china).leaf == draft({}).leaf

    def test_publishes_of_the_private_part_only_its_salted_hash(self):
        made = draft({}, private={"person": "乌云"})

        leaf, opening = json.loads(made.leaf), json.loads(made.private)
        assert "乌云" not in made.leaf.decode()
        assert leaf["commitment"] == hashlib.sha256(canonical.dumps(opening)).hexdigest()
        assert opening["private"] == {"person": "乌云"}
        assert len(bytes.fromhex(opening["salt"])) == 16

    def test_has_a_salt_of_its_own_so_that_nobody_can_guess_what_it_hides(self):
        one, other = (draft({}, private={"capacity": "VIEW"}) for _ in range(2))

        assert json.loads(one.leaf)["commitment"] != json.loads(other.leaf)["commitment"]

    def test_without_a_private_part_commits_to_nothing(self):
        assert "commitment" not in json.loads(draft({}).leaf)

    @pytest.mark.parametrize("value", [1.5, dt.date(2026, 6, 5), b"bytes", {1, 2}])
    def test_refuses_what_has_no_canonical_form(self, value):
        with pytest.raises(TypeError):
            draft({"value": value})

    @pytest.mark.parametrize("text", ["a\x00b", "\x00", "\x00serial", "x\x00serials", 'a"\x00serials"'])
    def test_refuses_a_null_character_which_the_database_cannot_keep(self, text):
        with pytest.raises(ValueError, match="null character"):
            draft({"name": text})

    @pytest.mark.parametrize("text", ["\\u0000", "a\\u0000serials", "C:\\u0000\\", '"\\u0000serials"'])
    def test_keeps_a_backslash_that_only_looks_like_a_null_character(self, text):
        made = draft({"name": text})

        assert json.loads(made.leaf)["fact"]["name"] == text
        assert len(made.pieces) == 1

    def test_leaves_holes_where_the_ledger_has_the_word(self):
        made = draft({"movement": record.MOVEMENT, "serials": record.SERIALS})

        assert len(made.pieces) == 3
        assert json.loads("7".join(made.pieces))["fact"] == {"movement": 7, "serials": 7}


@pytest.mark.django_db
class TestAFact:
    def test_is_kept_as_the_very_bytes_that_are_hashed_and_waits_for_its_place(self):
        entry = Entry.objects.get(pk=write({"name": "敖汉旗"}))

        assert canonical.dumps(json.loads(bytes(entry.leaf))) == bytes(entry.leaf)
        assert (entry.kind, entry.at, entry.by_id) == ("test.happened", world.NOON, None)
        assert Pending.objects.filter(entry=entry).exists()

    def test_goes_with_the_act_that_made_it(self):
        def act():
            with transaction.atomic():
                write()
                raise ArithmeticError

        with pytest.raises(ArithmeticError):
            act()

        assert not Entry.objects.exists()
        assert not Pending.objects.exists()

    def test_opens_its_commitment_to_whoever_is_shown_the_private_part(self, sequence):
        entry = write({"capacity": "CONFIRM"}, private={"person": 17, "name": "乌云"})
        sequence()

        shown = bundle.verify(queries.prove(entry, open_private=True))
        hidden = bundle.verify(queries.prove(entry))

        assert shown.opening == {"person": 17, "name": "乌云"}
        assert hidden.opening is None
        assert shown.leaf["fact"] == {"capacity": "CONFIRM"}

    @pytest.mark.parametrize("part", ["salt", "private"])
    def test_is_not_opened_by_anything_else(self, sequence, part):
        entry = write({}, private={"person": 17})
        sequence()
        made = queries.prove(entry, open_private=True)
        made["opening"][part] = "00" * 16 if part == "salt" else {"person": 18}

        with pytest.raises(bundle.OpeningWrong):
            bundle.verify(made)

    def test_may_be_as_long_as_a_leaf(self, sequence):
        empty = len(record.draft(kind="test.happened", fact={"text": ""}, at=world.NOON, by=None).leaf)
        entry = write({"text": "x" * (tiles.LONGEST_ENTRY - empty)})
        sequence()

        assert len(bytes(Entry.objects.get(pk=entry).leaf)) == tiles.LONGEST_ENTRY
        assert bundle.verify(queries.prove(entry)).index == 0

    def test_may_not_be_longer_than_a_leaf(self):
        empty = len(record.draft(kind="test.happened", fact={"text": ""}, at=world.NOON, by=None).leaf)

        with pytest.raises(record.LeafTooLong, match="65536 bytes"):
            write({"text": "x" * (tiles.LONGEST_ENTRY - empty + 1)})

        assert not Entry.objects.exists()

    @pytest.mark.parametrize("hole", [record.SERIALS, record.MOVEMENT])
    def test_without_a_movement_has_no_holes(self, hole):
        with pytest.raises(ValueError, match="only the ledger"):
            write({"serials": hole})

    def test_refuses_a_null_character_in_its_private_part_too(self):
        with pytest.raises(ValueError, match="null character"):
            write({}, private={"reason": "a\x00b"})


@pytest.mark.django_db
class TestWhatIsWritten:
    @pytest.mark.parametrize("table", ["journal_entry", "journal_leaf", "journal_checkpoint"])
    @pytest.mark.parametrize("change", ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET {} = {}"])
    def test_stays_written_whoever_asks(self, sequence, table, change):
        write()
        sequence()
        column = {"journal_entry": "kind", "journal_leaf": "sha256", "journal_checkpoint": "root"}[table]

        with connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(change.format(table, column, column))

import datetime as dt
import json

import pytest
from django.db import transaction
from tests import world

from tanhui.journal import queries, record
from tanhui.journal.models import Entry, Pending
from tanhui.kernel import canonical

CHINA = dt.timezone(dt.timedelta(hours=8))


def write(**overrides):
    return record.record(**{"kind": "test.fact", "fact": {"a": 1}, "at": world.NOON, "by": None} | overrides)


@pytest.mark.django_db
class TestRecord:
    def test_keeps_the_canonical_bytes(self):
        leaf = bytes(Entry.objects.get(pk=write(fact={"b": "乙", "a": [1]})).leaf)

        assert leaf == canonical.dumps(json.loads(leaf))
        assert json.loads(leaf) == {
            "v": 1, "kind": "test.fact", "at": "2026-06-05T04:00:00.000000Z", "fact": {"a": [1], "b": "乙"},
        }  # fmt: skip

    def test_writes_the_time_in_utc_whatever_zone_it_came_in(self):
        assert record.stamp(dt.datetime(2026, 6, 5, 12, 0, 0, 5, tzinfo=CHINA)) == "2026-06-05T04:00:00.000005Z"

    def test_commits_to_the_private_part_without_publishing_it(self):
        entry = write(private={"name": "李四"})

        leaf = queries.fact(entry)
        assert "李四" not in json.dumps(leaf, ensure_ascii=False)
        assert leaf["commitment"] == canonical.sha256(queries.opening(entry))

    def test_salts_the_private_part_so_that_nobody_can_guess_it(self):
        first, again = (queries.fact(write(private={"name": "李四"}))["commitment"] for _ in range(2))

        assert first != again

    def test_goes_with_the_act_that_made_it(self):
        before = Entry.objects.count(), Pending.objects.count()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            [write(), 1 / 0]

        assert (Entry.objects.count(), Pending.objects.count()) == before

    def test_takes_no_fact_longer_than_a_leaf(self):
        with pytest.raises(record.LeafTooLong):
            write(fact={"a": "x" * 65_536})

    def test_takes_no_floats(self):
        with pytest.raises((TypeError, ValueError)):
            write(fact={"a": 1.5})

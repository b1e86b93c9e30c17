"""One bad fact stops neither the follower that chokes on it nor any other, and being behind shows (T10)."""

import pytest
from tests import world

from tanhui.journal import following, record
from tanhui.journal.models import Follower, SetAside


@pytest.fixture
def facts(sequence):
    """Ten facts in the log; the fourth is poison."""
    for n in range(10):
        record.record(kind="test.poison" if n == 3 else "test.fact", fact={"n": n}, at=world.NOON, by=None)
    sequence()


def swallow(seen):
    return lambda index, leaf: seen.append(index)


def choke(seen):
    """Writes down what it reads, and raises on poison after it has written that too."""

    def handle(index, leaf):
        seen.append(index)
        Follower.objects.get_or_create(name=f"trace {index}")
        if leaf["kind"] == "test.poison":
            raise ValueError("indigestible")

    return handle


def follow(name, handle, **options):
    return following.follow(name=name, handle=handle, at=world.NOON, **options)


class TestFollow:
    def test_hands_over_every_fact_once_in_order(self, facts):
        seen = []

        assert follow("a", swallow(seen)) == following.Progress(10, 0, 0)
        assert follow("a", swallow(seen)) == following.Progress(0, 0, 0)

        assert seen == list(range(10))

    def test_goes_on_after_poison(self, facts):
        seen = []

        assert follow("a", choke(seen)) == following.Progress(10, 1, 0)

        assert seen == list(range(10))
        aside = SetAside.objects.get()
        assert (aside.index, aside.reason) == (3, "ValueError: indigestible")

    def test_keeps_nothing_of_what_the_choking_wrote(self, facts):
        follow("a", choke([]))

        traces = Follower.objects.filter(name__startswith="trace")
        assert traces.count() == 9
        assert not traces.filter(name="trace 3").exists()

    def test_goes_on_after_poison_that_breaks_the_transaction(self, facts):
        def break_it(index, leaf):
            if leaf["kind"] == "test.poison":
                from django.db import connection

                connection.cursor().execute("SELECT 1 / 0")

        assert follow("a", break_it) == following.Progress(10, 1, 0)

    def test_stops_no_other_follower(self, facts):
        seen = []
        follow("a", choke([]))

        assert follow("b", swallow(seen)).set_aside == 0
        assert seen == list(range(10))

    def test_shows_how_far_it_is_behind(self, facts):
        assert follow("a", swallow([]), most=4) == following.Progress(4, 0, 6)
        assert follow("a", swallow([]), most=4) == following.Progress(4, 0, 2)

    def test_reads_what_was_sequenced_later(self, facts, sequence):
        seen = []
        follow("a", swallow([]))
        record.record(kind="test.fact", fact={}, at=world.NOON, by=None)
        assert follow("a", swallow(seen)).read == 0
        sequence()

        assert follow("a", swallow(seen)).read == 1
        assert seen == [10]


class TestRetry:
    def test_hands_over_again_only_what_was_set_aside(self, facts):
        follow("a", choke([]))
        seen = []

        assert following.retry(name="a", handle=swallow(seen), at=world.NOON) == following.Progress(1, 0, 0)

        assert seen == [3]
        assert not SetAside.objects.exists()

    def test_counts_the_tries_while_it_goes_on_failing(self, facts):
        follow("a", choke([]))

        assert following.retry(name="a", handle=choke([]), at=world.NOON).set_aside == 1

        assert SetAside.objects.get().tries == 2

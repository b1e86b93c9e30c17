"""Facts that choke a follower in ways that are harder to survive than an exception (T10)."""

import pytest
from django.db import connection
from tests import world
from tests.journal.facts import grow

from tanhui.journal import following
from tanhui.journal.models import Follower, SetAside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def facts(sequence):
    """Five facts in the log; tests choke on the third."""
    return grow(5)


def follow(handle, name="a", **options):
    return following.follow(name=name, handle=handle, at=world.NOON, **options)


def choking(choke):
    """A handler that does this at the third fact."""
    return lambda index, leaf: choke() if index == 2 else None


def fail(fault):
    raise fault


def point_nowhere():
    """A row that refers to nothing, which the database notices only at the end of the transaction."""
    SetAside.objects.create(follower_id="nobody", index=0, reason="", at=world.NOON)


class TestPoison:
    @pytest.mark.parametrize(
        "fault",
        [ValueError("a\x00b"), ValueError("\ud800"), ValueError("x" * 100_000), ValueError(), KeyError("汉")],
        ids=["null", "half a surrogate pair", "long", "silent", "chinese"],
    )
    def test_is_set_aside_whatever_its_reason_reads_like(self, facts, fault):
        assert follow(choking(lambda: fail(fault))) == following.Progress(5, 1, 0)

        assert SetAside.objects.get().reason.startswith(type(fault).__name__)

    def test_is_set_aside_when_the_database_notices_it_only_in_the_end(self, facts):
        assert follow(choking(point_nowhere)) == following.Progress(5, 1, 0)

        assert SetAside.objects.get().reason.startswith("IntegrityError")

    def test_that_the_database_notices_only_in_the_end_is_no_success_when_tried_again(self, facts):
        follow(choking(point_nowhere))

        assert following.retry(name="a", handle=choking(point_nowhere), at=world.NOON).set_aside == 1

        assert SetAside.objects.get().tries == 2

    def test_set_aside_by_one_is_not_set_aside_by_others(self, facts):
        follow(choking(lambda: fail(ValueError("mine"))))
        follow(lambda index, leaf: None, name="b")

        assert [(one.follower_id, one.index) for one in SetAside.objects.all()] == [("a", 2)]

    def test_does_not_leave_the_connection_broken(self, facts):
        def break_it():
            connection.cursor().execute("SELECT no_such_column")

        assert follow(choking(break_it)) == following.Progress(5, 1, 0)
        assert Follower.objects.get(name="a").next_index == 5


class TestACrashInTheMidstOfAFact:
    @pytest.mark.parametrize("fault", [KeyboardInterrupt, SystemExit])
    def test_leaves_the_follower_before_that_fact_and_nothing_of_it(self, facts, fault):
        def write_and_crash():
            Follower.objects.create(name="trace")
            raise fault

        with pytest.raises(fault):
            follow(choking(write_and_crash))

        assert Follower.objects.get(name="a").next_index == 2
        assert not Follower.objects.filter(name="trace").exists()
        assert not SetAside.objects.exists()
        seen = []
        assert follow(lambda index, leaf: seen.append(index)) == following.Progress(3, 0, 0)
        assert seen == [2, 3, 4]

    def test_leaves_it_aside_when_it_was_tried_again(self, facts):
        follow(choking(lambda: fail(ValueError())))

        with pytest.raises(KeyboardInterrupt):
            following.retry(name="a", handle=choking(lambda: fail(KeyboardInterrupt)), at=world.NOON)

        assert SetAside.objects.get().index == 2


class TestBeingBehind:
    def test_shows_before_the_follower_has_begun_and_when_it_has_been_away(self, facts):
        assert following.behind("a") == 5
        follow(lambda index, leaf: None, most=2)
        assert following.behind("a") == 3
        grow(4)

        assert following.behind("a") == 7

    def test_shows_also_after_a_retry(self, facts):
        follow(choking(lambda: fail(ValueError())), most=3)

        assert following.retry(name="a", handle=lambda index, leaf: None, at=world.NOON).behind == 2

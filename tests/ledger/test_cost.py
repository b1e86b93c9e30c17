"""What an act costs does not grow with what has happened before (T7): statements, plans, and pages read."""

import json

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests import world

from tanhui.ledger.acts import movement, opening


@pytest.fixture
def statements():
    """How many statements a call sends, savepoints of the tests' own transaction aside."""

    def statements(call):
        with CaptureQueriesContext(connection) as captured:
            call()
        return [one["sql"] for one in captured if "SAVEPOINT" not in one["sql"]]

    return statements


class TestStatements:
    """Each is a round trip; what an act sends is counted so that none is added unnoticed."""

    def test_of_a_movement_are_one(self, ledger, statements):
        assert len(statements(lambda: ledger.post(ledger.line(1)))) == 1
        assert len(statements(lambda: ledger.post(*(ledger.line(1) for _ in range(20))))) == 1

    def test_of_a_reservation_and_its_end_are_one_each(self, ledger, statements):
        made = []
        assert len(statements(lambda: made.append(ledger.reserve(5)))) == 1
        assert len(statements(lambda: ledger.void(made[0]))) == 1

    def test_of_the_registers_acts_are_few_and_do_not_grow(self, db, statements):
        here = world.build()
        place, target = here.owner.issued, here.buyer.holding
        many = [one for first in (500, 502, 504, 506) for one in here.wanted(1, first)]
        by = {"source": place, "target": target}
        for act in (here.transfer, here.initiate):
            act(1, **by)  # what is cached from now on
        here.retire(1, source=place)

        assert len(statements(lambda: here.transfer(1, **by))) == 1
        assert len(statements(lambda: here.transfer(wanted=many, **by))) == 1
        assert len(statements(lambda: here.retire(1, source=place))) <= 3
        assert len(statements(lambda: here.initiate(1, **by))) <= 6
        asked = here.initiate(1, **by)
        from tanhui.registry.acts import desk

        confirming = statements(lambda: desk.confirm(instruction=asked, mandate=here.owner.confirmer, at=here.at))
        assert len(confirming) <= 14, confirming


@pytest.fixture
def read(ledger):
    """Pages that a transfer reads or writes, on average over ten."""

    def read():
        ledger.post(ledger.line(1))
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL track_io_timing = off")
            cursor.execute("DISCARD PLANS")  # those made when other tests had filled the tables
        pages = []
        for _ in range(10):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {movement.POST}",
                    [
                        f"m{next(world.NAMES)}", "test", world.NOON, [ledger.source.pk], [ledger.target.pk],
                        [ledger.units.pk], [1], [None], None, [],
                    ],
                )  # fmt: skip
                plan = cursor.fetchone()[0]
                plan = json.loads(plan) if isinstance(plan, str) else plan
                top = plan[0]["Plan"]
                pages.append(top["Shared Hit Blocks"] + top["Shared Read Blocks"])
        return sorted(pages)[len(pages) // 2]

    return read


def grow(postings, blocks):
    """So much history: movements with their postings, and single units of another asset, as if long ago."""
    name = f"history {next(world.NAMES)}"
    other = opening.asset(code=name, unit="t", serialised=True)
    accounts = [opening.account(code=f"H{next(world.NAMES)}", owner=None).pk for _ in range(50)]
    units = movement.take_serials(blocks)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "INSERT INTO ledger_movement (reference, kind, at) SELECT %s || ' ' || n, 'test', %s"
            " FROM generate_series(1, %s) AS n",
            [name, world.NOON, postings // 2],
        )
        cursor.execute(
            "INSERT INTO ledger_posting (movement_id, line, account_id, asset_id, quantity, serials, balance, at)"
            " SELECT id, side, (%s::bigint[])[1 + (id + side) %% 50], %s, side * 2 - 1, NULL, 1, at"
            " FROM ledger_movement, generate_series(0, 1) AS side WHERE reference LIKE %s || ' %%'",
            [accounts, other.pk, name],
        )
        cursor.execute(
            "INSERT INTO ledger_block (first, serials, asset_id, account_id, free, reservation_id, locks)"
            " SELECT n, int8range(n, n + 1), %s, (%s::bigint[])[1 + n %% 50], true, NULL, '{}'"
            " FROM generate_series(%s::bigint, %s::bigint) AS n",
            [other.pk, accounts, units.first, units.last],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("ANALYZE ledger_movement, ledger_posting, ledger_block, ledger_holding")


@pytest.fixture
def forget(ledger):
    """Such history is no double entry; it is gone again before the books are re-added."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in (
            "DELETE FROM ledger_posting USING ledger_movement WHERE movement_id = id AND reference LIKE 'history %'",
            "DELETE FROM ledger_movement WHERE reference LIKE 'history %'",
            "DELETE FROM ledger_block USING ledger_asset WHERE asset_id = id AND code LIKE 'history %'",
        ):
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.slow
@pytest.mark.usefixtures("forget")
class TestATransfer:
    def test_reads_as_many_pages_after_much_history_as_after_little(self, read):
        grow(1_000, 500)
        before = read()

        grow(200_000, 50_000)

        deeper = 12  # trees of movements, postings and blocks are one level deeper: a page for each of a dozen look-ups
        assert read() <= before * 1.2 + deeper


@pytest.mark.slow
@pytest.mark.usefixtures("forget")
class TestThePlans:
    """No query of the posting functions reads a whole table, whatever the table's size was when it was planned."""

    @pytest.mark.parametrize("history", [0, 50_000])
    def test_of_every_inner_query_use_an_index(self, ledger, history):
        if history:
            grow(history, history)
        with connection.cursor() as cursor:
            before = scans(cursor)

        ledger.post(ledger.line(3))
        ledger.post(ledger.line(3, first=50))
        ledger.post(ledger.line(2, asset=ledger.points))
        ledger.post(ledger.line(2), reservation=ledger.reserve(5))
        ledger.void(ledger.reserve(5, first=60))
        locked = ledger.lock(5, 70)
        ledger.post(ledger.line(2, first=70), under=[locked])
        ledger.lift(locked)

        with connection.cursor() as cursor:
            assert scans(cursor) == before


TABLES = ["block", "holding", "posting", "movement", "reservationline", "resolution", "openreservation", "lockline"]


def scans(cursor):
    """Sequential scans of the ledger's tables by this transaction so far."""
    cursor.execute(
        "SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)",
        [[f"ledger_{name}" for name in TABLES]],
    )
    return dict(cursor.fetchall())

"""Upkeep as the worker does it: with transactions of its own, beside others."""

import psycopg
import pytest
from django.db import connection

from tanhui.journal.models import Entry
from tanhui.ledger.models import Movement
from tanhui.portal.acts import upkeep
from tanhui.portal.models import Beneficiary, Facet, Line
from tanhui.portal.queries import statistics

CONNECTING = {"host", "port", "dbname", "user", "password"}

pytestmark = pytest.mark.django_db(transaction=True)


def caught_up(register):
    upkeep.catch_up(at=register.at)


def test_takes_in_what_was_done_since(register):
    caught_up(register)
    done = register.retire(300)
    before = statistics.now()
    caught_up(register)

    assert Line.objects.filter(register="R", ref=done.pk).exists()
    assert statistics.mark() == Movement.objects.order_by("-pk").first().pk
    assert statistics.now() == before == statistics.Figures(1000, 600, 100, 300, 0, 0)


def test_waits_for_whoever_may_still_commit_a_smaller_number(register):
    caught_up(register)
    there = statistics.mark()
    settings = {name: value for name, value in connection.get_connection_params().items() if name in CONNECTING}
    with psycopg.connect(**settings) as other:
        other.execute("SELECT nextval(pg_get_serial_sequence('ledger_movement', 'id'))")
        other.execute("LOCK TABLE ledger_movement IN ROW EXCLUSIVE MODE")  # as its INSERT does
        register.retire(300)
        waiting = [(caught_up(register), statistics.mark())[1] for _ in range(3)]
        other.rollback()
    caught_up(register)

    assert waiting == [there] * 3
    assert statistics.mark() > there
    assert statistics.now().retired == 300


def test_counts_a_retirement_once_however_often_it_is_read(register):
    register.retire(300)
    caught_up(register)
    last = Entry.objects.order_by("-pk").first().pk
    upkeep.read_facts(0, last)

    assert Beneficiary.objects.get(name="城市马拉松").quantity_t == 300
    assert Facet.objects.get(tag="R:").count == 1

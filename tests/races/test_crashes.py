"""Killed without warning in the midst of transfers (T4): what was acknowledged is there once, and nothing by halves."""

import os
import random
import subprocess
import sys

import pytest
from django.db import connections
from tests import world
from tests.ledger import books
from tests.races import client
from tests.races.conftest import ROOT, rounds

from tanhui.journal import sequencer
from tanhui.journal.models import Entry, Leaf, Pending
from tanhui.registry import audit
from tanhui.registry.models import Transfer

pytestmark = pytest.mark.slow


@pytest.fixture
def clients(register, database):
    """Starts a process that makes transfers between owner and buyer, and ends it whatever happens."""
    running = []
    register.transfer(5_000)

    def begin(prefix):
        parties = (register.owner, register.buyer)
        mandates = [one.pk for party in parties for one in (party.initiator, party.confirmer)]
        words = [register.owner.issued.pk, register.buyer.holding.pk, register.batch.pk, *mandates, prefix]
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.races.client", *map(str, words)],
                cwd=ROOT,
                env=os.environ | {"DJANGO_SETTINGS_MODULE": "tanhui.site.settings", "TANHUI_DATABASE_URL": database},
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return running[-1]

    yield begin
    for one in running:
        one.kill()
        one.wait()
        one.stdout.close()


def read(process, count):
    """So many acknowledgements, as ``(reference, id)``."""
    return [acknowledged(process.stdout.readline()) for _ in range(count)]


def acknowledged(line):
    reference, _, number = line.strip().partition(" ")
    return reference, int(number)


def alone():
    """Wait until the server has noticed that the killed process is gone: what it did ends before its sessions do."""
    with connections["default"].cursor() as cursor:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        for _ in range(1000):
            cursor.execute(others)
            if cursor.fetchone() == (0,):
                return
            cursor.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.01)")
    raise AssertionError("the killed process still has sessions")


def look(register, prefix, told):
    """What must hold after a crash; then the requests that got no answer are sent again, and are there once too."""
    assert len(told) == len(dict(told))
    kept = dict(Transfer.objects.filter(reference__startswith=f"{prefix}-").values_list("reference", "pk"))
    assert {reference: kept.get(reference) for reference, _ in told} == dict(told)
    assert len(kept) - len(told) <= client.THREADS
    assert Entry.objects.filter(pk__in=Transfer.objects.values("entry")).count() == Transfer.objects.count()
    assert not books.faults()
    assert not audit.audit(log=False).findings
    unanswered = set(kept) - set(dict(told))
    for reference in unanswered:
        one = Transfer.objects.get(reference=reference)
        by = register.owner if one.source_id == register.owner.issued.pk else register.buyer
        again = register.transfer(
            one.quantity_t, source=one.source, target=one.target, by=by, reference=one.reference
        )  # fmt: skip
        assert again.pk == one.pk
    assert not books.faults()


class TestAKilledProcess:
    def test_leaves_every_acknowledged_transfer_once_and_none_by_halves(self, register, clients):
        for _ in range(rounds(3, most=20)):
            prefix = f"crash-{next(world.NAMES)}"
            process = clients(prefix)
            told = read(process, random.randint(20, 120))

            process.kill()
            told += [acknowledged(line) for line in process.stdout if line.endswith("\n")]
            alone()

            look(register, prefix, told)


class TestAKilledDatabase:
    def test_comes_back_with_every_acknowledged_transfer_once_and_none_by_halves(self, register, server, clients):
        for _ in range(rounds(3, most=20)):
            prefix = f"crash-{next(world.NAMES)}"
            process = clients(prefix)
            told = read(process, random.randint(20, 120))

            server.kill()
            told += [acknowledged(line) for line in process.stdout]
            assert process.wait() == 0
            connections.close_all()
            server.start()

            look(register, prefix, told)


class TestAKilledSequencer:
    def test_gives_every_fact_its_place_once_afterwards(self, register, settings, tmp_path, monkeypatch):
        """Killed after numbering and before the tiles are written, the most awkward moment."""
        settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
        register.transfer(10)
        with monkeypatch.context() as patch:
            patch.setattr(sequencer, "publish", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                sequencer.sequence(at=register.at)

        sequencer.sequence(at=register.at)

        assert not Pending.objects.exists()
        assert Leaf.objects.count() == Entry.objects.count()
        assert not audit.audit().findings

"""A real worker killed in the midst of a computation: another takes it up, and nothing finished is done anew."""

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection

from tanhui.inventory import runs
from tanhui.inventory.acts import computing
from tanhui.inventory.models import AccountingYear, Computation, Figure, Tile
from tanhui.nep import plan, run, statistics
from tanhui.site.demonstration import inventory_land as land

SETTINGS = "tanhui.site.settings"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def asked(case, monkeypatch, tmp_path):
    """A computation of nine tiles that waits for a worker."""
    monkeypatch.setattr(land, "CELLS", 1100)
    case.files = {2024: land.lay(tmp_path / "wide", 2024)}
    case.ready = {}
    case.open()
    case.collect()
    return case.ask()


@pytest.fixture
def worker(tmp_path):
    """Starts the worker as an operator does; whatever happens, it ends."""
    running = []

    def start():
        own = {"TANHUI_DATABASE_URL": url(), "TANHUI_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": SETTINGS}
        with (tmp_path / f"worker-{len(running)}.log").open("wb") as log:
            words = [sys.executable, "-m", "tanhui.site.worker"]
            running.append(subprocess.Popen(words, env=os.environ | own, stderr=log))
        return running[-1]

    yield start
    for one in running:
        one.kill()
        one.wait()


def url():
    found = connection.settings_dict
    host = found["HOST"].replace("/", "%2F")
    return f"postgresql://{found['USER']}:{found['PASSWORD']}@{host}:{found['PORT']}/{found['NAME']}"


def until(holds, seconds=120):
    """Wait until something holds in the database."""
    for _ in range(seconds * 50):
        if holds():
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.02)")
    raise AssertionError("it never came to be")


def test_a_killed_worker_s_computation_is_taken_up_by_the_next(asked, worker, tmp_path):
    first = worker()
    until(lambda: Tile.objects.count() >= 2)
    first.send_signal(signal.SIGKILL)
    first.wait()

    until(lambda: computing.forsaken())  # the database has let go of what the dead one claimed
    asked.refresh_from_db()
    kept = {one.name: one.at for one in Tile.objects.all()}
    assert (asked.state, asked.stage, asked.tiles_total) == ("RUNNING", "tiles", 9)
    assert 2 <= len(kept) < 9
    assert not Figure.objects.exists()

    worker()
    until(lambda: Computation.objects.get().state == "DONE")

    asked.refresh_from_db()
    assert (asked.attempts, Tile.objects.count()) == (2, 9)
    assert {one.name: one.at for one in Tile.objects.filter(name__in=kept)} == kept
    assert AccountingYear.objects.get().state == "COMPUTED"
    assert asked.statistics_sha256 == uninterrupted(asked, tmp_path / "again")


def uninterrupted(row, folder):
    """The hash of the statistics of the same run without anybody being killed."""
    computing.lay_out(row)
    run.prepare(plan.parse(row.plan, base=runs.data_folder(row)), folder)
    run.carry_out(folder, workers=1)
    statistics.compute(folder)
    return statistics.digest(folder)

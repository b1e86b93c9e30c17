"""Races run on servers of their own, as the role of the web process, each client with a connection of its own."""

import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import connections
from tests import world
from tests.races import servers

from tanhui.site import environment, grants, postgres

CLIENTS = 64
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", params=["embedded", "installed"])
def server(request, tmp_path_factory):
    """A running server; all of it is gone afterwards."""
    if request.param == "embedded":
        running = servers.Embedded(tmp_path_factory.mktemp("races") / "var")
    elif binaries := servers.installed_binaries():
        running = servers.Installed(binaries)
    else:
        pytest.skip(f"no PostgreSQL of version {servers.OLDEST} or newer is installed beside the embedded one")
    running.start()
    yield running
    running.remove()


@pytest.fixture(scope="session")
def database(server, django_db_blocker):
    """A migrated database of the product on that server, used as the web process uses it: the role's URL."""
    name = f"races_{secrets.token_hex(4)}"
    with django_db_blocker.unblock():
        with pointing_at(server.url(postgres.SUPERUSER, "postgres")), connections["default"].cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} OWNER {postgres.OWNER}")
        with pointing_at(server.url(postgres.OWNER, name)):
            call_command("migrate", verbosity=0, interactive=False)
            grants.give(postgres.APP)
    return server.url(postgres.APP, name)


@pytest.fixture
def register(database, django_db_blocker):
    """A register with 10,000 t issued, in that database."""
    with django_db_blocker.unblock(), pointing_at(database):
        world.event()  # reads the fonts, once for all threads
        yield world.build(tonnes=10_000)


@contextmanager
def pointing_at(url):
    """Every connection of Django's, of whichever thread, goes there."""
    settings = connections.settings["default"]
    before = dict(settings)
    connections["default"].close()
    settings.update(environment.django_database(url) | {"CONN_MAX_AGE": 0})
    try:
        yield
    finally:
        connections["default"].close()
        settings.clear()
        settings.update(before)


def at_once(jobs, workers=CLIENTS):
    """Run the jobs on so many workers, which all begin together; each job's result, or the exception it raised."""
    results = [None] * len(jobs)
    waiting = list(enumerate(jobs))
    gate = Barrier(min(workers, len(jobs)), timeout=60)

    def work():
        try:
            connections["default"].ensure_connection()
            gate.wait()
            while waiting:
                try:
                    number, job = waiting.pop(0)
                except IndexError:  # another worker was faster
                    return
                try:
                    results[number] = job()
                except Exception as error:
                    results[number] = error
        finally:
            connections.close_all()

    threads = [Thread(target=work) for _ in range(gate.parties)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return results


def rounds(default, most=1_000_000):
    """How many rounds to run: ``TANHUI_TEST_RACE_ROUNDS``, at most ``most``; or few enough for every day."""
    return min(int(os.environ.get("TANHUI_TEST_RACE_ROUNDS", default)), most)

"""One register for the whole walk; every step happens in a savepoint that is undone."""

import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))


@pytest.fixture(scope="module")
def here(django_db_setup, django_db_blocker):
    """Everybody and everything, in one transaction."""
    from tests.permissions import furnished

    from tanhui.journal import log

    with tempfile.TemporaryDirectory() as var, pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "TANHUI_VAR", Path(var))
        patch.setattr(settings, "TANHUI_SECRETS", Path(var) / "secrets")
        log.read_key.cache_clear()
        with django_db_blocker.unblock(), transaction.atomic():
            yield furnished.Here()
            transaction.set_rollback(True)
        log.read_key.cache_clear()


@pytest.fixture
def _django_db_helper(here):
    """In place of pytest-django's: the tests here share the register's transaction instead of each having its own."""


@pytest.fixture(scope="module")
def signed_in(here):
    """Clients, one per visitor, each with its session."""
    from tests.permissions import furnished

    clients = {}

    def client(visitor):
        if visitor.name not in clients:
            made = clients[visitor.name] = Client(raise_request_exception=False)
            if visitor.person is not None:
                furnished.sign_in(made, visitor.person)
        return clients[visitor.name]

    return client

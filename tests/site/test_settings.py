import socket
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import connection

from tanhui.journal.models import Entry


@pytest.mark.django_db
class TestTheDatabase:
    def test_is_a_real_postgresql(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int")
            (version,) = cursor.fetchone()

        assert version >= 150000


@pytest.mark.django_db(transaction=True)
class TestATransactionalTest:
    @pytest.mark.parametrize("turn", [1, 2])
    def test_finds_the_tables_as_migrations_left_them(self, turn):
        assert not Entry.objects.exists()

        Entry.objects.create(kind="test", leaf=b"{}", at=datetime(2026, 1, 1, tzinfo=UTC))


class TestATest:
    def test_does_not_leave_this_machine(self):
        with socket.socket() as outside, pytest.raises(AssertionError, match="do not leave"):
            outside.connect(("192.0.2.1", 80))

    def test_runs_in_demonstration_mode(self):
        assert settings.TANHUI_MODE == "demonstration"
        assert not settings.SECURE_SSL_REDIRECT

import json

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from tanhui.site import startup


def codes():
    return [fault.code for fault in startup.faults()]


@pytest.mark.django_db
class TestStartingUp:
    def test_finds_nothing_in_the_way(self):
        assert codes() == []

    def test_refuses_a_role_that_owns_the_tables_in_production(self, settings):
        settings.TANHUI_MODE = "production"

        assert codes() == ["site.role_too_strong"]

    def test_refuses_a_member_of_the_owning_role_in_production(self, settings):
        settings.TANHUI_MODE = "production"
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE test_owner")
            cursor.execute("CREATE ROLE test_member IN ROLE test_owner")
            cursor.execute("ALTER TABLE journal_entry OWNER TO test_owner")
            cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO test_member")
            cursor.execute("SET LOCAL ROLE test_member")

        assert codes() == ["site.role_too_strong"]

    def test_lets_a_role_with_grants_only_through_in_production(self, settings):
        settings.TANHUI_MODE = "production"
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE test_web")
            cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO test_web")
            cursor.execute("SET LOCAL ROLE test_web")

        assert codes() == []

    def test_names_the_first_migration_that_is_missing(self):
        MigrationRecorder(connection).migration_qs.filter(app="sessions").delete()

        (fault,) = startup.faults()

        assert fault.code == "site.migrations_pending"
        assert fault.facts["first"] == "sessions.0001_initial"

    def test_refuses_a_server_that_is_too_old(self, monkeypatch):
        monkeypatch.setattr(startup, "OLDEST", 99)

        assert codes() == ["site.server_too_old"]

    def test_refuses_to_answer_nobody(self, settings):
        settings.ALLOWED_HOSTS = []

        assert codes() == ["site.hosts_missing"]

    def test_refuses_to_go_without_fonts_for_papers(self, monkeypatch, tmp_path):
        monkeypatch.setattr(startup.glyphs, "FONTS", tmp_path)

        assert codes() == ["ui.fonts_missing"]

    def test_says_when_the_database_is_away(self, monkeypatch):
        monkeypatch.setattr(startup.connection, "ensure_connection", away)

        (fault,) = startup.faults()

        assert fault.code == "site.database_unreachable"
        assert "no such server" in fault.say("en")

    def test_is_one_of_djangos_own_checks(self, monkeypatch):
        monkeypatch.setattr(startup, "OLDEST", 99)

        assert [found.id for found in startup.check(databases=["default"])] == ["site.server_too_old"]
        assert startup.check() == []


def away():
    raise OperationalError("no such server\nand more of it")


@pytest.mark.django_db
class TestTheProbes:
    def test_say_that_this_process_answers(self, client):
        assert client.get("/healthz").content == b"ok\n"

    def test_say_that_people_can_be_served(self, client):
        response = client.get("/readyz")

        said = response.json()
        assert (response.status_code, said["ready"], said["faults"]) == (200, True, [])

    def test_say_why_not(self, client, monkeypatch):
        monkeypatch.setattr(startup, "OLDEST", 99)

        response = client.get("/readyz")

        assert response.status_code == 503
        assert json.loads(response.content)["faults"][0]["code"] == "site.server_too_old"

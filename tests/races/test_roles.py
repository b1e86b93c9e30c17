"""The roles as a fresh installation makes them (E-11), and the whole of the work done as the web's."""

import psycopg
import pytest
from django.apps import apps
from tests import world
from tests.ledger import books

from tanhui.site import postgres

OWNED = """
    SELECT relname FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = %s)
    UNION ALL SELECT proname FROM pg_proc WHERE proowner = (SELECT oid FROM pg_roles WHERE rolname = %s)"""
POWERS = "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication FROM pg_roles WHERE rolname = %s"
MEMBER = "SELECT count(*) FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = %s)"


@pytest.fixture
def ask(database):
    with psycopg.connect(database, autocommit=True) as connection:
        yield lambda question, *words: connection.execute(question, words).fetchall()


class TestTheWebRole:
    def test_is_who_works(self, ask):
        assert ask("SELECT current_user") == [(postgres.APP,)]

    def test_owns_nothing(self, ask):
        assert ask(OWNED, postgres.APP, postgres.APP) == []

    def test_has_no_power_of_its_own_nor_another_roles(self, ask):
        assert ask(POWERS, postgres.APP) == [(False,) * 5]
        assert ask(MEMBER, postgres.APP) == [(0,)]

    def test_does_all_of_the_registers_work(self, register):
        asked = register.initiate_retirement(7)
        from tanhui.registry.acts import desk

        desk.confirm(instruction=asked, mandate=register.owner.confirmer, at=register.at)
        desk.reject(
            instruction=register.initiate(5), mandate=register.owner.confirmer, reason="", at=register.at
        )  # fmt: skip

        assert world.free_t(register.owner.issued) == 10_000 - 7
        assert not books.faults()


class TestTheOwner:
    @pytest.mark.parametrize("way", ["UPDATE {0} SET id = id", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
    def test_is_refused_as_well(self, server, database, register, way):
        name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
        tables = [
            model._meta.db_table
            for model in apps.get_models()
            if getattr(model, "append_only", False) and model._meta.pk.column == "id"
        ]
        with psycopg.connect(server.url(postgres.OWNER, name), autocommit=True) as connection:
            for table in tables:
                with pytest.raises(psycopg.DatabaseError, match="append-only"):
                    connection.execute(way.format(table))

    def test_has_no_power_over_the_server(self, ask):
        assert ask(POWERS, postgres.OWNER) == [(False,) * 5]

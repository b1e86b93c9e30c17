"""What is written stays written, whoever asks: the tables' owner and the role of the web process alike."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from tanhui.site import grants, postgres

PERMANENT = sorted(
    (model for model in apps.get_models() if getattr(model, "append_only", False)), key=lambda model: model.__name__
)
EVERY_WAY = ['UPDATE "{table}" SET "{column}" = "{column}"', 'DELETE FROM "{table}"', 'TRUNCATE "{table}" CASCADE']


@pytest.fixture
def web_role(db):
    """Makes this transaction the web role's, with the grants it has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [postgres.APP])
        if not cursor.fetchone():
            cursor.execute(f"CREATE ROLE {postgres.APP}")
        grants.give(postgres.APP)
        cursor.execute(f"SET LOCAL ROLE {postgres.APP}")


def attempt(statement, model):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=model._meta.db_table, column=model._meta.concrete_fields[0].column))


class TestPermanentTables:
    def test_are_all_that_hold_facts(self):
        names = {model.__name__ for model in PERMANENT}

        assert names >= {
            "Entry", "Leaf", "Checkpoint", "Movement", "Posting", "Reservation", "ReservationLine", "Resolution",
            "Lock", "LockLine", "Lift", "Instruction", "Decision", "Period", "Issuance", "Batch", "Transfer",
            "Settlement", "Retirement", "Cancellation", "Restriction", "Lifting", "Clawback", "ClawbackStep",
            "Reversal", "ForeignImport",
        }  # fmt: skip

    @pytest.mark.parametrize("model", PERMANENT, ids=lambda model: model.__name__)
    @pytest.mark.parametrize("statement", EVERY_WAY, ids=["update", "delete", "truncate"])
    def test_refuse_their_owner(self, db, model, statement):
        with pytest.raises(DatabaseError, match="append-only"):
            attempt(statement, model)

    @pytest.mark.parametrize("model", PERMANENT, ids=lambda model: model.__name__)
    @pytest.mark.parametrize("statement", EVERY_WAY, ids=["update", "delete", "truncate"])
    def test_refuse_the_web_role(self, web_role, model, statement):
        with pytest.raises(DatabaseError, match="permission denied"):
            attempt(statement, model)

    def test_cannot_be_reached_by_emptying_another_table(self, db):
        """TRUNCATE … CASCADE from a table they refer to."""
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE identity_organisation CASCADE")

    @pytest.mark.parametrize("model", PERMANENT, ids=lambda model: model.__name__)
    def test_cannot_be_disarmed_by_the_web_role(self, web_role, model):
        with pytest.raises(DatabaseError, match=r"must be owner|permission denied"):
            attempt('ALTER TABLE "{table}" DISABLE TRIGGER ALL', model)

    def test_cannot_be_passed_by_turning_triggers_off_in_the_session(self, web_role):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SET LOCAL session_replication_role = replica")


class TestTheWebRole:
    def test_cannot_touch_what_migrations_did(self, web_role):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("DELETE FROM django_migrations")

    def test_cannot_make_tables(self, web_role):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("CREATE TABLE public.mine (a int)")

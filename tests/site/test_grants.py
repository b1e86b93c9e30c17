import pytest
from django.db import DatabaseError, connection, transaction

from tanhui.journal.models import Entry, Follower
from tanhui.site import grants

ROLE = "test_web_role"


@pytest.fixture
def web_role(db):
    """Inside the block the connection has no more rights than the web role."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE}")
        grants.give(ROLE)
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
    return ROLE


def refused(statement):
    """The SQLSTATE a statement is refused with."""
    with pytest.raises(DatabaseError) as fault, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return fault.value.__cause__.sqlstate


class TestTheWebRole:
    def test_reads_every_table(self, web_role):
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'SELECT count(*) FROM "{table}"')

    def test_changes_what_is_meant_to_change(self, web_role):
        Follower.objects.create(name="test")
        Follower.objects.filter(name="test").update(next_index=7)
        Follower.objects.filter(name="test").delete()

        assert not Follower.objects.filter(name="test").exists()

    @pytest.mark.parametrize(
        "statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"]
    )
    def test_only_adds_to_the_journal(self, web_role, statement):
        assert refused(statement.format(Entry._meta.db_table)) == "42501"  # insufficient privilege, before any trigger

    @pytest.mark.parametrize("statement", ["INSERT INTO {} SELECT * FROM inclusion_claim_few", "DELETE FROM {}"])
    def test_adds_to_a_part_of_a_table_through_the_whole_alone(self, web_role, statement):
        assert refused(statement.format("inclusion_claim_few")) == "42501"

    def test_does_not_rewrite_the_record_of_migrations(self, web_role):
        assert refused("DELETE FROM django_migrations") == "42501"

    @pytest.mark.parametrize(
        "statement",
        [
            "ALTER TABLE journal_entry DISABLE TRIGGER ALL",
            "DROP TABLE journal_entry",
            "CREATE TABLE own ()",
            "SET session_replication_role = replica",
        ],
    )
    def test_cannot_free_itself(self, web_role, statement):
        assert refused(statement) == "42501"


class TestTheAppendOnlyTables:
    def test_are_those_whose_models_say_so(self):
        tables = grants.append_only()

        assert {"journal_entry", "journal_leaf", "ledger_posting"} <= tables
        assert "journal_follower" not in tables

    def test_are_guarded_by_a_trigger_against_their_owner_too(self, db):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
                " AND tgtype & 8 > 0 AND tgtype & 16 > 0 AND tgtype & 32 > 0"  # delete, update, truncate
            )
            guarded = {name for (name,) in cursor.fetchall()}

        assert grants.append_only() <= guarded

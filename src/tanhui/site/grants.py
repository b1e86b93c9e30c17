"""What the role of web and worker may do: read and write rows, but only add to the tables that are append-only."""

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

PARTITIONS = """
SELECT child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
  JOIN pg_class AS parent ON parent.oid = inhparent WHERE parent.relname = ANY(%s) AND child.relkind = 'r'
"""
ALL = "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public"


def give(role: str) -> None:
    """Give the grants anew, as the owner of the tables and after migrating.

    A model that declares ``append_only = True`` keeps SELECT and INSERT; a part of its table is added to through the
    whole alone. Nothing is given to the owner itself.
    """
    app = sql.Identifier(role)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone() == (role,):
            return
        for grant in ("USAGE ON SCHEMA public", ALL, "USAGE ON ALL SEQUENCES IN SCHEMA public"):
            cursor.execute(sql.SQL("GRANT {} TO {}").format(sql.SQL(grant), app))
        for table in append_only() | {"django_migrations"}:
            revoked = "UPDATE, DELETE, TRUNCATE" if table != "django_migrations" else "INSERT, UPDATE, DELETE, TRUNCATE"
            cursor.execute(sql.SQL("REVOKE {} ON {} FROM {}").format(sql.SQL(revoked), sql.Identifier(table), app))
        cursor.execute(PARTITIONS, [list(append_only())])
        for (part,) in cursor.fetchall():
            every = sql.SQL("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {} FROM {}")
            cursor.execute(every.format(sql.Identifier(part), app))


def append_only() -> set[str]:
    """The tables that are never changed, as their models declare."""
    return {model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False)}

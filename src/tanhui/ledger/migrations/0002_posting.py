"""The posting functions and the exclusion constraint. The SQL beside this file belongs to this migration for good: a
later change is a new migration with its own file."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "0002_posting.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]

"""Claims in partitions; the rows that are there stay where they are, as the partition of all smaller days."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "sql" / "0007_claims_by_day.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("inclusion", "0006_erased_accounts")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]

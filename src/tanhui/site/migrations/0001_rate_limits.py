"""The table of Django's database cache, which counts failed sign-ins for all processes. What it holds lives for minutes:
it is not logged, and empty after a crash."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.RunSQL(
            [
                "CREATE UNLOGGED TABLE rate_limits (cache_key varchar(255) PRIMARY KEY, value text NOT NULL,"
                " expires timestamptz NOT NULL)",
                "CREATE INDEX rate_limits_that_ended ON rate_limits (expires)",
            ],
            "DROP TABLE rate_limits",
        )
    ]

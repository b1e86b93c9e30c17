"""What each verified period counts; one key never on one day twice.

The equality of the key is written as an overlap of ranges of one text: core GiST compares ranges, and no extension is
needed (ARCHITECTURE.md §6.6). The texts are ordered by their bytes, so that no server's language can join two.
"""

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_account_applications")]

    operations = [
        migrations.RunSQL(
            'CREATE TYPE claim_key AS RANGE (subtype = text, collation = "C")',
            "DROP TYPE claim_key",
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("activity", models.TextField(verbose_name="activity")),
                ("thing", models.TextField(verbose_name="parcel, meter or facility")),
                ("key", models.CharField(max_length=200)),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="days")),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="claims", to="registry.period"
                    ),
                ),
            ],
            options={
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="claims_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="b403fdb24886fd2da6c91f3015878687bd951c52",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_claims_are_permanent_2b5ca",
                            table="registry_claim",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE registry_claim ADD CONSTRAINT nothing_is_counted_twice"
            " EXCLUDE USING gist (claim_key(key, key, '[]') WITH &&, days WITH &&)",
            "ALTER TABLE registry_claim DROP CONSTRAINT nothing_is_counted_twice",
        ),
    ]

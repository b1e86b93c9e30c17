import django.db.models.deletion
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inclusion", "0007_claims_by_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="PoolDifference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("results_sha256", models.CharField(max_length=64)),
                ("grams", models.BigIntegerField()),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="differences", to="inclusion.pool"
                    ),
                ),
                (
                    "settlement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inclusion.settlement"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("pool", "day"), name="a_pool_carries_the_difference_of_a_day_once"),
                    models.CheckConstraint(
                        condition=models.Q(("grams", 0), _negated=True), name="a_difference_is_not_nothing"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="differences_of_pools_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="30265f07f4dcb0194facef77b0bad2793f9ecbba",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_differences_of_pools_are_permanent_c2f70",
                            table="inclusion_pooldifference",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
    ]

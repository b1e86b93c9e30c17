import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


def permanent(plural, table, pgid, digest):
    return pgtrigger.compiler.Trigger(
        name=f"{plural}_are_permanent",
        sql=pgtrigger.compiler.UpsertTriggerSql(
            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
            hash=digest,
            level="STATEMENT",
            operation="UPDATE OR DELETE OR TRUNCATE",
            pgid=f"pgtrigger_{plural}_are_permanent_{pgid}",
            table=table,
            when="BEFORE",
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0004_natural_resources_authority"),
        ("projects", "0011_late_readings_and_nudges"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportNudge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stage",
                    models.CharField(
                        choices=[("SOON", "Due soon"), ("TODAY", "Due today"), ("OVERDUE", "Overdue")], max_length=7
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="nudges", to="identity.workreport"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("report", "stage"), name="a_report_is_nudged_once_a_stage")
                ],
                "triggers": [
                    permanent(
                        "report_nudges", "projects_reportnudge", "31677", "17d833fe27edc8b5c9ea06808ce79f8fd0af96c4"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("what", models.CharField(max_length=120, verbose_name="value that is corrected")),
                ("before", models.CharField(max_length=60, verbose_name="as it was")),
                ("after", models.CharField(max_length=60, verbose_name="as it is")),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="unit")),
                ("reason", models.CharField(max_length=1000, verbose_name="reason")),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "monitoring",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="projects.monitoring",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("monitoring", "number"), name="a_monitoring_counts_its_corrections"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("what", ""), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            models.Q(("after", models.F("before")), _negated=True),
                        ),
                        name="a_correction_says_what_and_why",
                    ),
                ],
                "triggers": [
                    permanent("corrections", "projects_correction", "6bc61", "e2a0ddd23b02815b0f0c0ac44169e717653810da")
                ],
            },
        ),
    ]

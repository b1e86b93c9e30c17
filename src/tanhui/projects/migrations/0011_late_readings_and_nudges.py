import uuid

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
        ("projects", "0009_developments_are_searched"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReadingSheet",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("document", models.UUIDField()),
                ("name", models.CharField(max_length=255, verbose_name="file name")),
                ("sha256", models.CharField(max_length=64)),
                ("note", models.CharField(max_length=500, verbose_name="where the readings come from")),
                ("accepted", models.PositiveIntegerField(verbose_name="taken")),
                ("repeated", models.PositiveIntegerField(verbose_name="here already")),
                ("refused", models.PositiveIntegerField(verbose_name="refused")),
                ("report", models.JSONField(default=list)),
                ("reference", models.CharField(max_length=64)),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sheets", to="projects.device"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["device", "-at"], name="sheets_of_a_device")],
                "constraints": [
                    models.UniqueConstraint(fields=("by", "reference"), name="a_sheet_of_readings_is_taken_once"),
                    models.CheckConstraint(
                        condition=models.Q(("note", ""), _negated=True), name="a_sheet_of_readings_says_where_from"
                    ),
                ],
                "triggers": [
                    permanent(
                        "reading_sheets",
                        "projects_readingsheet",
                        "41343",
                        "d5246b65485ffb88288720ca6cbeb718cc4a313b",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EarlierSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("rows", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("size_bytes", models.PositiveIntegerField()),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="earlier",
                        to="projects.readingsheet",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("sheet", "day"), name="a_sheet_changes_a_day_once"),
                ],
                "triggers": [
                    permanent(
                        "earlier_series",
                        "projects_earlierseries",
                        "2d8aa",
                        "1b73bc62808482b87f30df10e43a9e879a362a4c",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeviceNudge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[("CALIBRATION", "Calibration due"), ("SILENCE", "Device silent")], max_length=11
                    ),
                ),
                ("on", models.DateField()),
                ("ahead", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="nudges", to="projects.device"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("device", "what", "on", "ahead"), name="a_device_is_nudged_once"),
                ],
                "triggers": [
                    permanent(
                        "device_nudges", "projects_devicenudge", "d35f8", "8e67299780249d311bec70ccbddfb69a8e1d0ff5"
                    )
                ],
            },
        ),
    ]

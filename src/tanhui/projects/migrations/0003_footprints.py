"""What is claimed by shape or by key, lists of other mechanisms, and where claims overlap."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import tanhui.projects.shapes


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0002_developments_and_monitoring"),
        ("registry", "0004_what_a_period_counts"),  # the type claim_key
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ForeignList",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("mechanism", models.CharField(max_length=12, verbose_name="mechanism")),
                ("source", models.CharField(max_length=120, verbose_name="who publishes the list")),
                ("as_of", models.DateField(verbose_name="state of the list")),
                ("document", models.UUIDField()),
                ("version", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("counts", models.JSONField(default=dict)),
                ("refused", models.JSONField(default=list)),
                ("reference", models.CharField(max_length=64, unique=True)),
                ("body_sha256", models.CharField(max_length=64)),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "confirmer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "initiator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.organisation"
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="projects.foreignlist",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("initiator", models.F("confirmer")), _negated=True),
                        name="two_people_take_a_foreign_list_over",
                    )
                ],
                "indexes": [models.Index(fields=["mechanism", "-at"], name="foreign_lists_of_a_mechanism")],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="foreign_lists_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="5086f9d5781abb7dd5d313a9c12e6b08f44dfddf",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_foreign_lists_are_permanent_12d0f",
                            table="projects_foreignlist",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Footprint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("LAND", "Land"), ("METER", "Meter"), ("FACILITY", "Facility")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("mechanism", models.CharField(max_length=12, verbose_name="mechanism")),
                ("number", models.CharField(blank=True, max_length=60, verbose_name="project number")),
                ("title", models.CharField(max_length=160, verbose_name="project name")),
                ("part", models.CharField(blank=True, max_length=120, verbose_name="parcel, meter or facility")),
                ("holder_uscc", models.CharField(blank=True, max_length=18, verbose_name="unified social credit code")),
                (
                    "activities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="days")),
                ("key", models.CharField(blank=True, max_length=200)),
                ("geometry", models.BinaryField(null=True)),
                ("geometry_sha256", models.CharField(blank=True, max_length=64)),
                ("box", tanhui.projects.shapes.BoxField(null=True)),
                ("area_m2", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("LIVE", "Claimed"), ("RELEASED", "Given up"), ("BARRED", "Barred for good")],
                        default="LIVE",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "development",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="footprints",
                        to="projects.development",
                    ),
                ),
                (
                    "list",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="footprints",
                        to="projects.foreignlist",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("area_m2__gt", 0),
                                ("box__isnull", False),
                                ("geometry__isnull", False),
                                ("key", ""),
                                ("kind", "LAND"),
                            ),
                            models.Q(
                                models.Q(("kind", "LAND"), _negated=True),
                                ("area_m2__isnull", True),
                                ("box__isnull", True),
                                ("geometry__isnull", True),
                                models.Q(("key", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_footprint_is_land_or_has_a_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("development__isnull", False), ("list__isnull", True)),
                            models.Q(("development__isnull", True), ("list__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_footprint_is_ours_or_of_a_list",
                    ),
                    models.CheckConstraint(condition=models.Q(("days__isempty", False)), name="a_footprint_has_days"),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(
                            ("list__isnull", True), ("state", "LIVE"), models.Q(("kind", "LAND"), _negated=True)
                        ),
                        expressions=[
                            (
                                models.Func(models.F("key"), models.F("key"), models.Value("[]"), function="claim_key"),
                                "&&",
                            ),
                            ("days", "&&"),
                        ],
                        name="nothing_is_metered_twice",
                    ),
                ],
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        models.F("box"),
                        condition=models.Q(("state__in", ["LIVE", "BARRED"])),
                        name="footprints_by_place",
                    ),
                    models.Index(
                        condition=models.Q(("key", ""), _negated=True), fields=["key"], name="footprints_by_key"
                    ),
                    models.Index(fields=["development", "state"], name="footprints_of_a_development"),
                    models.Index(fields=["list"], name="footprints_of_a_list"),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="footprints_keep_the_rules",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF TG_OP = 'DELETE' THEN\n        RAISE EXCEPTION 'footprints are never deleted' USING ERRCODE = 'TH100';\n    END IF;\n    IF NOT EXISTS (\n        SELECT FROM pg_locks\n        WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted\n        AND (classid::bigint << 32 | objid::bigint) = hashtextextended('projects_uniqueness', 0)\n    ) THEN\n        RAISE EXCEPTION 'a footprint is written under the lock of uniqueness' USING ERRCODE = 'TH105';\n    END IF;\n    IF TG_OP = 'UPDATE' THEN\n        IF OLD.state <> 'LIVE' OR NEW.state = 'LIVE'\n            OR to_jsonb(OLD) - '{state,changed_at}'::text[] <> to_jsonb(NEW) - '{state,changed_at}'::text[] THEN\n            RAISE EXCEPTION 'a footprint only ends, once' USING ERRCODE = 'TH105';\n        END IF;\n        RETURN NEW;\n    END IF;\n    IF NEW.list_id IS NULL AND NEW.kind <> 'LAND' AND EXISTS (\n        SELECT FROM projects_footprint AS other\n        WHERE other.key = NEW.key AND (\n            other.state = 'BARRED' OR other.state = 'LIVE' AND other.list_id IS NOT NULL AND other.days && NEW.days\n        )\n    ) THEN\n        RAISE EXCEPTION 'claimed elsewhere, or barred for good' USING ERRCODE = 'TH105';\n    END IF;\n    RETURN NEW;\n",
                            hash="4404f2a9471bb6ce525cd54fde3b8fb85e1a3626",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_footprints_keep_the_rules_e5255",
                            table="projects_footprint",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Overlap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("SLIVER", "Sliver"), ("CONFLICT", "Conflict")], max_length=8)),
                ("area_m2", models.BigIntegerField(verbose_name="overlapping area (m²)")),
                ("width_mm", models.BigIntegerField()),
                ("geometry", models.BinaryField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "mine",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="overlaps", to="projects.footprint"
                    ),
                ),
                (
                    "theirs",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="overlapped", to="projects.footprint"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("mine", "theirs"), name="two_footprints_overlap_once")],
                "indexes": [models.Index(fields=["kind", "-at"], name="overlaps_by_kind")],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="overlaps_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="d7c651d36a4c121b888c972d1684d22c5f7f5dbe",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_overlaps_are_permanent_b8152",
                            table="projects_overlap",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
    ]

import uuid

import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0004_natural_resources_authority"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("projects", "0008_technologies"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("population", models.JSONField()),
                ("population_sha256", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField(verbose_name="units to draw")),
                ("least", models.JSONField()),
                ("commitment", models.CharField(blank=True, max_length=64)),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="why once more")),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.organisation"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "development",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="samples", to="projects.development"
                    ),
                ),
                (
                    "monitoring",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="samples",
                        to="projects.monitoring",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("development", "monitoring", "number"),
                        name="a_review_counts_its_samples",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number", 1), models.Q(("reason", ""), _negated=True), _connector="OR"),
                        name="who_samples_once_more_says_why",
                    ),
                    models.CheckConstraint(condition=models.Q(("size__gte", 1)), name="a_sample_has_a_unit"),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="samples_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="92196c1c994b1586b4702ab8d4f5ef622db73e31",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_samples_are_permanent_960a0",
                            table="projects_sample",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Panel",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                ("rules", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[("RUNNING", "In review"), ("CONCLUDED", "Concluded")],
                        default="RUNNING",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "convener",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="panels", to="identity.organisation"
                    ),
                ),
                (
                    "development",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="panels", to="projects.development"
                    ),
                ),
                (
                    "monitoring",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="panels",
                        to="projects.monitoring",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("development", "monitoring", "number"),
                        name="a_matter_counts_its_panels",
                        nulls_distinct=False,
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "RUNNING")),
                        fields=("development", "monitoring"),
                        name="a_matter_has_one_panel_at_a_time",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Expert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(blank=True, max_length=60, verbose_name="title")),
                ("field", models.CharField(max_length=120, verbose_name="field")),
                ("employers", models.JSONField(default=list)),
                ("since", models.DateField(verbose_name="member since")),
                ("until", models.DateField(null=True, verbose_name="member until")),
                ("changed_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="experts", to="identity.organisation"
                    ),
                ),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="expert", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__isnull", True), ("until__gt", models.F("since")), _connector="OR"),
                        name="a_membership_of_experts_ends_later",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("CAR", "Nonconformity: to be corrected"),
                            ("CL", "Clarification asked for"),
                            ("FAR", "Observation: to be looked at in the next period"),
                        ],
                        max_length=3,
                        verbose_name="kind",
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("QUANTITY", "Quantity"),
                            ("DATA", "Monitoring data"),
                            ("BOUNDARY", "Boundary and tenure"),
                            ("METHOD", "Application of the methodology"),
                            ("BUILT", "Built as designed"),
                            ("PAPERS", "Papers"),
                            ("OTHER", "Other"),
                        ],
                        max_length=8,
                        verbose_name="about",
                    ),
                ),
                ("unit", models.CharField(blank=True, max_length=80, verbose_name="parcel, plot or meter")),
                ("text", models.TextField(max_length=2000, verbose_name="what was found")),
                ("requirement", models.CharField(max_length=200, verbose_name="requirement")),
                ("effect_kg", models.BigIntegerField(null=True, verbose_name="effect on the quantity (kg)")),
                ("trace_sha256", models.CharField(blank=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OPEN", "Waits for the owner"),
                            ("ANSWERED", "Waits for the body"),
                            ("CLOSED", "Closed"),
                        ],
                        default="OPEN",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("raised_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="identity.organisation"
                    ),
                ),
                (
                    "carried",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="projects.finding",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "development",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="projects.development"
                    ),
                ),
                (
                    "monitoring",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="projects.monitoring",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["development", "state"], name="findings_of_a_development")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("development", "monitoring", "number"),
                        name="a_review_counts_its_findings",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text", ""), _negated=True), models.Q(("requirement", ""), _negated=True)
                        ),
                        name="a_finding_says_what_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("closed_by__isnull", False), ("state", "CLOSED")),
                            models.Q(
                                models.Q(("state", "CLOSED"), _negated=True),
                                ("closed_at__isnull", True),
                                ("closed_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="a_closed_finding_says_by_whom",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FindingEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("RAISE", "Raised"),
                            ("ANSWER", "Answered"),
                            ("RETURN", "Sent back"),
                            ("CLOSE", "Closed"),
                        ],
                        max_length=6,
                    ),
                ),
                ("text", models.TextField(max_length=2000)),
                ("document", models.UUIDField(null=True)),
                ("name", models.CharField(blank=True, max_length=255)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="projects.finding"
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
                "ordering": ("number",),
                "constraints": [
                    models.UniqueConstraint(fields=("finding", "number"), name="a_finding_counts_its_words"),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="a_word_about_a_finding_says_something"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="finding_entries_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="d7a448697d4d0f6427c5b95d06c2bd19a9ad87d4",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_finding_entries_are_permanent_a50f7",
                            table="projects_findingentry",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Minutes",
            fields=[
                (
                    "panel",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="minutes",
                        serialize=False,
                        to="projects.panel",
                    ),
                ),
                ("held_on", models.DateField(verbose_name="day of the meeting")),
                ("text", models.TextField(max_length=5000, verbose_name="minutes")),
                ("appointed", models.PositiveSmallIntegerField()),
                ("recused", models.PositiveSmallIntegerField()),
                ("approve", models.PositiveSmallIntegerField()),
                ("reject", models.PositiveSmallIntegerField()),
                ("abstain", models.PositiveSmallIntegerField()),
                (
                    "outcome",
                    models.CharField(choices=[("APPROVED", "Approved"), ("REJECTED", "Not approved")], max_length=8),
                ),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "appointed__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("recused"), "+", models.F("approve")
                                        ),
                                        "+",
                                        models.F("reject"),
                                    ),
                                    "+",
                                    models.F("abstain"),
                                ),
                            )
                        ),
                        name="nobody_votes_who_has_no_seat",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="panel_minutes_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="50ee09b78bf4a781a78f0da8fa70505a885521a5",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_panel_minutes_are_permanent_3faa6",
                            table="projects_minutes",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Sighting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("unit", models.CharField(max_length=80, verbose_name="parcel, plot or meter")),
                ("judged", models.BooleanField()),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("AGREES", "Agrees"),
                            ("DEVIATES", "Deviates"),
                            ("UNREACHED", "Could not be looked at"),
                        ],
                        max_length=9,
                        verbose_name="verdict",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="what was seen")),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "sample",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sightings", to="projects.sample"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["sample", "unit", "at"], name="sightings_of_a_sample")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("judged", False), ("verdict", "AGREES")),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="what_is_not_plain_has_its_words",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="sightings_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="6327cf047a04c1766a50af943add2ba19e6b716a",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_sightings_are_permanent_0fcf6",
                            table="projects_sighting",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Validation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("points", models.JSONField()),
                ("comments", models.JSONField(default=dict)),
                ("commitment", models.CharField(max_length=300, verbose_name="commitment")),
                ("dated", models.DateField(verbose_name="date of the report")),
                ("document", models.UUIDField()),
                ("version", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "conclusion",
                    models.CharField(
                        choices=[("POSITIVE", "Positive"), ("NEGATIVE", "Negative")],
                        max_length=8,
                        verbose_name="conclusion",
                    ),
                ),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.organisation"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "development",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="validations",
                        to="projects.development",
                    ),
                ),
                (
                    "qualification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.qualification"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("development", "number"), name="a_development_counts_its_validations"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("commitment", ""), _negated=True), name="a_validation_commits_its_body"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="validations_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="d5c4b86a260d109539ad346c6adb837bf22e37bc",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_validations_are_permanent_91baa",
                            table="projects_validation",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VerificationReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("points", models.JSONField()),
                ("comments", models.JSONField(default=dict)),
                ("commitment", models.CharField(max_length=300, verbose_name="commitment")),
                ("dated", models.DateField(verbose_name="date of the report")),
                ("document", models.UUIDField()),
                ("version", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("reported_kg", models.BigIntegerField(verbose_name="reported quantity (kg)")),
                ("verified_kg", models.BigIntegerField(verbose_name="verified quantity (kg)")),
                ("trace_sha256", models.CharField(max_length=64)),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.organisation"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "difference",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="projects.finding"
                    ),
                ),
                (
                    "monitoring",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verifications",
                        to="projects.monitoring",
                    ),
                ),
                (
                    "qualification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.qualification"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("monitoring", "number"), name="a_monitoring_counts_its_verifications"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verified_kg", models.F("reported_kg")), ("difference__isnull", False), _connector="OR"
                        ),
                        name="a_difference_has_its_finding",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("commitment", ""), _negated=True), name="a_verification_commits_its_body"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="verification_reports_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="6da557ba7951cf6a8cd2c7203afc99ae5d98a416",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_verification_reports_are_permanent_0fbe4",
                            table="projects_verificationreport",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Checklist",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("points", models.JSONField()),
                ("points_sha256", models.CharField(max_length=64)),
                ("answers", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField()),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.organisation"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "development",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checklists",
                        to="projects.development",
                    ),
                ),
                (
                    "monitoring",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checklists",
                        to="projects.monitoring",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("development", "monitoring", "body"),
                        name="a_body_has_one_checklist",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Draw",
            fields=[
                (
                    "sample",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="draw",
                        serialize=False,
                        to="projects.sample",
                    ),
                ),
                ("declaration_sha256", models.CharField(max_length=64)),
                ("checkpoint_size", models.BigIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("words", models.CharField(blank=True, max_length=200)),
                ("seed", models.CharField(max_length=64)),
                ("chosen", models.JSONField()),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="draws_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="4452ab7a2cde5c3fb513c23e315522dc1a696746",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_draws_are_permanent_9730c",
                            table="projects_draw",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "declared",
                    models.CharField(
                        blank=True,
                        choices=[("NONE", "No conflict of interest"), ("CONFLICT", "Conflict of interest: recused")],
                        max_length=8,
                        verbose_name="declaration",
                    ),
                ),
                ("statement", models.CharField(blank=True, max_length=500, verbose_name="statement")),
                ("declared_at", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seats", to="projects.expert"
                    ),
                ),
                (
                    "panel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seats", to="projects.panel"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("panel", "expert"), name="an_expert_sits_once_on_a_panel"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("declared", ""), ("declared_at__isnull", True)),
                            models.Q(models.Q(("declared", ""), _negated=True), ("declared_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_declared_interest_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("declared", "CONFLICT"), _negated=True),
                            models.Q(("statement", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_recusal_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                (
                    "seat",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="vote",
                        serialize=False,
                        to="projects.seat",
                    ),
                ),
                (
                    "choice",
                    models.CharField(
                        choices=[("APPROVE", "Approve"), ("REJECT", "Do not approve"), ("ABSTAIN", "Abstain")],
                        max_length=7,
                        verbose_name="vote",
                    ),
                ),
                ("reason", models.TextField(max_length=2000, verbose_name="reasons")),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="a_panel_vote_has_its_reason"
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="panel_votes_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="9a0f7e5d5fd48c20cbcaa789a0f696b464ae4fee",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_panel_votes_are_permanent_f44e7",
                            table="projects_vote",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
    ]

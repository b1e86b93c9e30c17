import uuid

import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0004_natural_resources_authority"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Scenario",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("summary", models.CharField(blank=True, max_length=300, verbose_name="in a sentence")),
                (
                    "field",
                    models.CharField(
                        choices=[
                            ("CLOTHING", "Clothing"),
                            ("FOOD", "Food"),
                            ("HOUSING", "Housing"),
                            ("TRAVEL", "Travel"),
                            ("GOODS", "Goods and services"),
                        ],
                        max_length=8,
                        verbose_name="field of life",
                    ),
                ),
                ("methodology", models.CharField(max_length=60, verbose_name="methodology")),
                ("item", models.CharField(blank=True, max_length=40, verbose_name="item")),
                ("division_code", models.CharField(max_length=12, verbose_name="administrative division code")),
                ("region_name", models.CharField(max_length=60, verbose_name="region")),
                ("unit", models.CharField(max_length=12, verbose_name="unit")),
                ("rule", models.JSONField(default=dict)),
                ("cap_day_g", models.PositiveBigIntegerField(default=0, verbose_name="cap of a day")),
                ("cap_year_g", models.PositiveBigIntegerField(default=0, verbose_name="cap of a year")),
                ("tracks", models.BooleanField(default=False, verbose_name="needs a location track")),
                ("exclusions", models.TextField(blank=True, max_length=1000, verbose_name="what does not count")),
                ("asks", models.TextField(blank=True, max_length=1000, verbose_name="evidence demanded")),
                ("ease", models.PositiveSmallIntegerField(default=3, verbose_name="how hard it is to introduce")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("APPLIED", "Applied for"),
                            ("ASSESSED", "Assessed"),
                            ("PUBLISHED", "Published"),
                            ("CONNECTED", "Connected"),
                            ("OPERATING", "Operating"),
                            ("SUSPENDED", "Suspended"),
                            ("REMOVED", "Removed"),
                        ],
                        default="APPLIED",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("reassess_by", models.DateField(null=True, verbose_name="to be reassessed by")),
                ("revision", models.PositiveIntegerField(default=1)),
                ("opened_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "instruction",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.instruction",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scenarios",
                        to="identity.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "ease", "code"], name="scenarios_by_ease")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ease__gte", 1), ("ease__lte", 5)),
                        name="the_ease_of_a_scenario_is_from_one_to_five",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "OPERATING"), _negated=True),
                            ("reassess_by__isnull", False),
                            _connector="OR",
                        ),
                        name="a_scenario_in_operation_is_reassessed_some_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ScenarioStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("act", models.CharField(max_length=9)),
                (
                    "before",
                    models.CharField(
                        choices=[
                            ("APPLIED", "Applied for"),
                            ("ASSESSED", "Assessed"),
                            ("PUBLISHED", "Published"),
                            ("CONNECTED", "Connected"),
                            ("OPERATING", "Operating"),
                            ("SUSPENDED", "Suspended"),
                            ("REMOVED", "Removed"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("APPLIED", "Applied for"),
                            ("ASSESSED", "Assessed"),
                            ("PUBLISHED", "Published"),
                            ("CONNECTED", "Connected"),
                            ("OPERATING", "Operating"),
                            ("SUSPENDED", "Suspended"),
                            ("REMOVED", "Removed"),
                        ],
                        max_length=9,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=1000)),
                ("facts", models.JSONField(default=dict)),
                ("reference", models.CharField(max_length=64)),
                ("body_sha256", models.CharField(max_length=64)),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
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
                    "scenario",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="inclusion.scenario"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("scenario", "number"), name="a_scenario_counts_its_steps"),
                    models.UniqueConstraint(fields=("by", "reference"), name="a_scenario_step_has_its_own_reference"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("act", "assess"), ("after", "ASSESSED"), ("before", "APPLIED")),
                            models.Q(("act", "refuse"), ("after", "REMOVED"), ("before", "APPLIED")),
                            models.Q(("act", "publish"), ("after", "PUBLISHED"), ("before", "ASSESSED")),
                            models.Q(("act", "connect"), ("after", "CONNECTED"), ("before", "PUBLISHED")),
                            models.Q(("act", "operate"), ("after", "OPERATING"), ("before", "CONNECTED")),
                            models.Q(("act", "reassess"), ("after", "OPERATING"), ("before", "OPERATING")),
                            models.Q(("act", "suspend"), ("after", "SUSPENDED"), ("before", "OPERATING")),
                            models.Q(("act", "resume"), ("after", "OPERATING"), ("before", "SUSPENDED")),
                            models.Q(("act", "remove"), ("after", "REMOVED"), ("before", "ASSESSED")),
                            models.Q(("act", "remove"), ("after", "REMOVED"), ("before", "PUBLISHED")),
                            models.Q(("act", "remove"), ("after", "REMOVED"), ("before", "CONNECTED")),
                            models.Q(("act", "remove"), ("after", "REMOVED"), ("before", "SUSPENDED")),
                            _connector="OR",
                        ),
                        name="a_scenario_step_is_in_the_table",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("act__in", ("refuse", "suspend", "remove")), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="who_takes_a_scenario_away_says_why",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="scenario_steps_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="c8d9ff4f50bb4b2b3306714e059c97be0088727f",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_scenario_steps_are_permanent_689f4",
                            table="inclusion_scenariostep",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Provider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("agreement", models.CharField(max_length=60, verbose_name="number of the agreement")),
                ("purpose", models.CharField(max_length=300, verbose_name="purpose")),
                ("kinds", models.CharField(max_length=300, verbose_name="kinds of data")),
                ("retention_days", models.PositiveIntegerField(verbose_name="kept for days")),
                ("since", models.DateField(verbose_name="from")),
                ("until", models.DateField(verbose_name="until")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("SANDBOX", "Trying out"),
                            ("LIVE", "Live"),
                            ("SUSPENDED", "Suspended"),
                            ("ENDED", "Ended"),
                        ],
                        default="SANDBOX",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.organisation"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="providers",
                        to="identity.organisation",
                    ),
                ),
                ("scenarios", models.ManyToManyField(related_name="providers", to="inclusion.scenario")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))), name="an_agreement_ends_after_it_begins"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("retention_days__gt", 0)), name="an_agreement_says_how_long_data_is_kept"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Credential",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(max_length=60, verbose_name="label")),
                ("token_sha256", models.CharField(max_length=64, unique=True)),
                ("at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credentials", to="inclusion.provider"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("sandbox", models.BooleanField(default=False)),
                ("way", models.CharField(choices=[("HTTP", "HTTP"), ("FILE", "File"), ("MQTT", "MQTT")], max_length=4)),
                ("reference", models.CharField(max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                ("received", models.PositiveIntegerField()),
                ("accepted", models.PositiveIntegerField()),
                ("duplicate", models.PositiveIntegerField()),
                ("refused", models.PositiveIntegerField()),
                ("waiting", models.PositiveIntegerField()),
                ("corrected", models.PositiveIntegerField(default=0)),
                ("withdrawn", models.PositiveIntegerField(default=0)),
                ("late", models.PositiveIntegerField(default=0)),
                ("reasons", models.JSONField(default=dict)),
                ("rows", models.JSONField(default=list)),
                ("first_day", models.DateField(null=True)),
                ("last_day", models.DateField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="batches", to="inclusion.provider"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["provider", "-at"], name="data_batches_of_a_provider")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "sandbox", "reference"), name="a_data_batch_is_taken_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "received",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("accepted"), "+", models.F("duplicate")
                                        ),
                                        "+",
                                        models.F("refused"),
                                    ),
                                    "+",
                                    models.F("waiting"),
                                ),
                            )
                        ),
                        name="every_row_received_is_accounted_for",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="data_batches_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="fb5a6e1c17cfd9f194a3b7addf297e2b3bcbf91b",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_data_batches_are_permanent_a3fe5",
                            table="inclusion_batch",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Written",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=200, unique=True)),
                ("day", models.DateField()),
                ("bucket", models.PositiveSmallIntegerField()),
                ("rows", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="written", to="inclusion.batch"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["day", "bucket"], name="files_of_a_day_of_the_lake")],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="files_of_the_lake_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="765050c88dd5f05d85968fa8235482585954a3fd",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_files_of_the_lake_are_permanent_98646",
                            table="inclusion_written",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("run", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ASKED", "In the queue"),
                            ("RUNNING", "Being settled"),
                            ("DONE", "Settled"),
                            ("STOPPED", "Stopped"),
                        ],
                        default="ASKED",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("rules", models.JSONField(default=dict)),
                ("rules_sha256", models.CharField(blank=True, max_length=64)),
                ("inputs_sha256", models.CharField(blank=True, max_length=64)),
                ("results_sha256", models.CharField(blank=True, max_length=64)),
                ("events", models.PositiveBigIntegerField(default=0)),
                ("counted", models.PositiveBigIntegerField(default=0)),
                ("waiting", models.PositiveBigIntegerField(default=0)),
                ("people", models.PositiveBigIntegerField(default=0)),
                ("grams", models.BigIntegerField(default=0)),
                ("changed_days", models.PositiveBigIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("by_scenario", models.JSONField(default=dict)),
                ("stop", models.JSONField(default=dict)),
                ("asked_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("entry", models.BigIntegerField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("day", "run"), name="the_settlements_of_a_day_are_counted"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["ASKED", "RUNNING"])),
                        fields=("day",),
                        name="a_day_is_settled_once_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "DONE"), _negated=True),
                            models.Q(
                                ("done_at__isnull", False),
                                ("entry__isnull", False),
                                models.Q(("results_sha256", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_finished_settlement_says_what_came_out",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Suspicion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("account", models.BigIntegerField()),
                ("day", models.DateField()),
                ("event", models.BigIntegerField()),
                ("body", models.BigIntegerField()),
                ("key", models.CharField(max_length=64)),
                ("rule", models.CharField(max_length=40)),
                ("facts", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "Waiting for a decision"),
                            ("ALLOWED", "Counts"),
                            ("REFUSED", "Does not count"),
                        ],
                        default="WAITING",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("appealed_at", models.DateTimeField(null=True)),
                ("appeal", models.CharField(blank=True, max_length=1000)),
                ("at", models.DateTimeField()),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="suspicions", to="inclusion.provider"
                    ),
                ),
                (
                    "scenario",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="suspicions", to="inclusion.scenario"
                    ),
                ),
                (
                    "settlement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suspicions",
                        to="inclusion.settlement",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "at"], name="suspicions_in_the_queue"),
                    models.Index(fields=["account", "-day"], name="suspicions_of_an_account"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "body"), name="what_an_event_says_is_held_back_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("appeal", ""), ("appealed_at__isnull", True)),
                            models.Q(("appealed_at__isnull", False), models.Q(("appeal", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="an_appeal_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ruling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("WAITING", "Waiting for a decision"),
                            ("ALLOWED", "Counts"),
                            ("REFUSED", "Does not count"),
                        ],
                        max_length=7,
                    ),
                ),
                ("reason", models.CharField(max_length=1000)),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
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
                    "suspicion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rulings", to="inclusion.suspicion"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("suspicion", "number"), name="the_rulings_on_a_suspicion_are_counted"
                    ),
                    models.UniqueConstraint(fields=("suspicion", "by"), name="nobody_rules_twice_on_one_suspicion"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("number__in", [1, 2]),
                            ("outcome__in", ["ALLOWED", "REFUSED"]),
                            models.Q(("reason", ""), _negated=True),
                        ),
                        name="a_ruling_is_one_of_two_and_says_why",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="rulings_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="c0e6b556bf90c13210f248a12aca1d3b4743c95f",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_rulings_are_permanent_51a25",
                            table="inclusion_ruling",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("fen", models.PositiveBigIntegerField(verbose_name="budget")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reward_budgets",
                        to="identity.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["operator", "month", "-at"], name="budgets_of_a_month")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("month__day", 1)), name="a_budget_is_of_a_month")
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="budgets_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="c667376b60696e74144d68359fe6e315addc9b89",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_budgets_are_permanent_da4be",
                            table="inclusion_budget",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
    ]

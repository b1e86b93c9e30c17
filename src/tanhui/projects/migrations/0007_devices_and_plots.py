import uuid

import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0004_natural_resources_authority"),
        ("projects", "0006_shares_in_what_a_project_earns"),
    ]

    operations = [
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="device code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("PV", "Photovoltaic plant"),
                            ("CHARGER", "Charging point"),
                            ("POWER", "Electricity meter"),
                            ("WATER_LEVEL", "Water level gauge"),
                            ("SOIL", "Soil sensor"),
                            ("FLOW", "Flow meter"),
                            ("WEIGHT", "Weighing device"),
                            ("GAS", "Gas meter"),
                            ("WEATHER", "Weather station"),
                            ("OTHER", "Other device"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("maker", models.CharField(blank=True, max_length=80, verbose_name="maker and model")),
                ("unit", models.CharField(max_length=16, verbose_name="unit")),
                ("interval_s", models.PositiveIntegerField(verbose_name="expected interval (s)")),
                ("low", models.DecimalField(decimal_places=4, max_digits=16, verbose_name="lowest possible reading")),
                ("high", models.DecimalField(decimal_places=4, max_digits=16, verbose_name="highest possible reading")),
                ("counter", models.BooleanField(default=False, verbose_name="counter that only grows")),
                ("longitude", models.DecimalField(decimal_places=6, max_digits=9, null=True, verbose_name="longitude")),
                ("latitude", models.DecimalField(decimal_places=6, max_digits=8, null=True, verbose_name="latitude")),
                ("place", models.CharField(blank=True, max_length=120, verbose_name="where it stands")),
                ("token_sha256", models.CharField(blank=True, max_length=64)),
                ("public_key", models.CharField(blank=True, max_length=44, verbose_name="Ed25519 public key")),
                (
                    "state",
                    models.CharField(
                        choices=[("ACTIVE", "Active"), ("STOPPED", "Out of use")],
                        default="ACTIVE",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("heard_at", models.DateTimeField(null=True, verbose_name="last heard of")),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "development",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="devices",
                        to="projects.development",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="devices", to="identity.organisation"
                    ),
                ),
                (
                    "reference",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="projects.device"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "code"], name="devices_of_an_organisation"),
                    models.Index(fields=["development", "code"], name="devices_of_a_development"),
                    models.Index(fields=["token_sha256"], name="devices_by_their_token"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("low__lt", models.F("high"))), name="a_device_has_a_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("interval_s__gte", 1), ("interval_s__lte", 2678400)),
                        name="a_device_is_read_within_a_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(("latitude__range", (-90, 90)), ("longitude__range", (-180, 180))),
                            _connector="OR",
                        ),
                        name="a_device_stands_on_earth",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("unit", ""), _negated=True), models.Q(("code", ""), _negated=True)
                        ),
                        name="a_device_has_a_code_and_a_unit",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=60, verbose_name="certificate number")),
                ("laboratory", models.CharField(max_length=120, verbose_name="laboratory")),
                ("since", models.DateField(verbose_name="valid from")),
                ("until", models.DateField(verbose_name="valid until")),
                ("permissible", models.DecimalField(decimal_places=4, max_digits=14, verbose_name="permissible error")),
                ("document", models.UUIDField(null=True)),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="certificates", to="projects.device"
                    ),
                ),
            ],
            options={
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="device_certificates_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="42277c461fb7276035b27a21e2232d0f56d47a82",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_device_certificates_are_permanent_198e1",
                            table="projects_certificate",
                            when="BEFORE",
                        ),
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("device", "number"), name="a_certificate_is_entered_once"),
                    models.CheckConstraint(
                        condition=models.Q(("until__gte", models.F("since"))), name="a_certificate_ends_after_it_begins"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("permissible__gt", 0)), name="a_certificate_says_its_error"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Plot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20, verbose_name="plot")),
                ("stratum", models.CharField(blank=True, max_length=40, verbose_name="stratum")),
                ("area_m2", models.PositiveIntegerField(verbose_name="area (m²)")),
                ("longitude", models.DecimalField(decimal_places=6, max_digits=9, null=True, verbose_name="longitude")),
                ("latitude", models.DecimalField(decimal_places=6, max_digits=8, null=True, verbose_name="latitude")),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "development",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plots", to="projects.development"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("development", "code"), name="a_plot_is_laid_out_once"),
                    models.CheckConstraint(
                        condition=models.Q(("area_m2__gte", 1), ("area_m2__lte", 100000)), name="a_plot_has_an_area"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("size_bytes", models.BigIntegerField(default=0)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("reasons", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField()),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="series", to="projects.device"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["sha256"], name="series_of_a_content")],
                "constraints": [
                    models.UniqueConstraint(fields=("device", "day"), name="a_device_has_one_file_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("rows", 0), models.Q(("sha256", ""), _negated=True), _connector="OR"),
                        name="readings_lie_in_a_file",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("measured_on", models.DateField(verbose_name="measured on")),
                ("round", models.PositiveSmallIntegerField(verbose_name="round")),
                ("team", models.CharField(max_length=80, verbose_name="measured by")),
                ("source", models.CharField(choices=[("PHONE", "Phone"), ("SHEET", "Typed sheet")], max_length=5)),
                ("longitude", models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ("latitude", models.DecimalField(decimal_places=6, max_digits=8, null=True)),
                ("accuracy_m", models.PositiveIntegerField(null=True)),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
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
                    "plot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="visits", to="projects.plot"
                    ),
                ),
            ],
            options={
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="plot_visits_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="00a1c31022c540e0640265f29e18b14e0e423f7c",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_plot_visits_are_permanent_10225",
                            table="projects_visit",
                            when="BEFORE",
                        ),
                    )
                ],
                "indexes": [models.Index(fields=["plot", "round"], name="visits_of_a_plot")],
            },
        ),
        migrations.CreateModel(
            name="Tree",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("species", models.CharField(max_length=40, verbose_name="species")),
                ("dbh_mm", models.PositiveIntegerField(verbose_name="DBH (mm)")),
                ("height_dm", models.PositiveIntegerField(null=True, verbose_name="height (dm)")),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="trees", to="projects.visit"
                    ),
                ),
            ],
            options={
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="plot_trees_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="6ff06f50746b12b8975e53ea9290bbe687d066c2",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_plot_trees_are_permanent_ccaac",
                            table="projects_tree",
                            when="BEFORE",
                        ),
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("visit", "number"), name="a_visit_counts_its_trees"),
                    models.CheckConstraint(
                        condition=models.Q(("dbh_mm__gte", 10), ("dbh_mm__lte", 5000)), name="a_tree_has_a_diameter"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("height_dm__isnull", True),
                            models.Q(("height_dm__gte", 5), ("height_dm__lte", 1200)),
                            _connector="OR",
                        ),
                        name="a_tree_has_a_height",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Photo",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("document", models.UUIDField()),
                ("sha256", models.CharField(max_length=64)),
                ("taken_at", models.DateTimeField(null=True)),
                ("longitude", models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ("latitude", models.DecimalField(decimal_places=6, max_digits=8, null=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="photos", to="projects.visit"
                    ),
                ),
            ],
            options={
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="plot_photos_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="9a6bd4984cd79f8b4f26c85300fb275473f5ad4c",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_plot_photos_are_permanent_6c24c",
                            table="projects_photo",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Choice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
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
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="choices", to="projects.visit"
                    ),
                ),
            ],
            options={
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="plot_choices_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="b7e660c23e2f6b6e3b6ba22a2ee718c410f6ca79",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_plot_choices_are_permanent_608b3",
                            table="projects_choice",
                            when="BEFORE",
                        ),
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="a_choice_between_visits_has_a_reason"
                    )
                ],
            },
        ),
    ]

import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0004_natural_resources_authority"),
        ("projects", "0007_devices_and_plots"),
    ]

    operations = [
        migrations.CreateModel(
            name="Technology",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60, unique=True, verbose_name="address")),
                (
                    "kind",
                    models.CharField(
                        choices=[("TECHNIQUE", "Technique"), ("GUIDE", "Guide"), ("TRAINING", "Training material")],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                ("withdrawn", models.BooleanField(default=False)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("sought", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="technologies",
                        to="identity.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "withdrawn", "name"], name="technologies_by_kind")],
            },
        ),
        migrations.CreateModel(
            name="TechnologyEdition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="edition")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("practice", models.CharField(max_length=300, verbose_name="practice")),
                ("text", models.TextField(blank=True, max_length=20000, verbose_name="text")),
                ("crops", models.JSONField(default=list, verbose_name="crops")),
                ("regions", models.JSONField(default=list, verbose_name="regions")),
                ("effect", models.CharField(blank=True, max_length=400, verbose_name="effect")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "grade",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("A", "Official text"),
                            ("P", "Peer-reviewed"),
                            ("B", "Secondary copy"),
                            ("C", "Press"),
                            ("D", "Recalled or made up for the demonstration"),
                        ],
                        max_length=1,
                        verbose_name="evidence grade",
                    ),
                ),
                ("methodologies", models.JSONField(default=list, verbose_name="methodologies")),
                ("documents", models.JSONField(default=list)),
                ("demonstration", models.BooleanField(default=False)),
                ("withdraws", models.BooleanField(default=False)),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "confirmer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("developments", models.ManyToManyField(related_name="technologies", to="projects.development")),
                (
                    "initiator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "technology",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="editions", to="projects.technology"
                    ),
                ),
            ],
            options={
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="technology_editions_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="cc9476047d83ec09adaa96d78a7e61b88f56c439",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_technology_editions_are_permanent_c2e38",
                            table="projects_technologyedition",
                            when="BEFORE",
                        ),
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("technology", "number"), name="a_technology_counts_its_editions"),
                    models.CheckConstraint(
                        condition=models.Q(("initiator", models.F("confirmer")), _negated=True),
                        name="two_people_publish_a_technology",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("effect", ""),
                            models.Q(models.Q(("source", ""), _negated=True), models.Q(("grade", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="an_effect_has_a_source_and_a_grade",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number", 1), models.Q(("reason", ""), _negated=True), _connector="OR"),
                        name="a_later_edition_of_a_technology_says_why",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="technology",
            name="current",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="projects.technologyedition",
            ),
        ),
    ]

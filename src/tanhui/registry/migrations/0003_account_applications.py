"""Applications for an account: their rounds, steps, seats and papers, and the sequence that numbers them."""

import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import tanhui.identity.vault


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_honest_initiator"),
        ("registry", "0002_exclusions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(null=True, unique=True, verbose_name="application number")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("APPLIED", "Submitted"),
                            ("EXC_PRELIM", "Preliminary review by the exchange"),
                            ("REG_FINAL", "Final review by the registry"),
                            ("RETURNED", "Returned for correction"),
                            ("OPEN", "Account opened"),
                            ("REJECTED", "Not approved"),
                            ("WITHDRAWN", "Withdrawn"),
                        ],
                        default="DRAFT",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("draft", models.JSONField(default=dict)),
                ("sealed", tanhui.identity.vault.EncryptedField()),
                ("uscc", models.CharField(blank=True, max_length=18, verbose_name="unified social credit code")),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                (
                    "stage",
                    models.CharField(
                        blank=True, choices=[("PRELIM", "Preliminary review"), ("FINAL", "Final review")], max_length=6
                    ),
                ),
                ("stage_since", models.DateTimeField(null=True)),
                ("used_days", models.PositiveSmallIntegerField(default=0)),
                ("due_on", models.DateField(null=True)),
                ("limits", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "account",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="application",
                        to="registry.account",
                    ),
                ),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account_applications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "exchange",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account_applications",
                        to="identity.organisation",
                    ),
                ),
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
                    "reviewer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account_reviews",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["APPLIED", "EXC_PRELIM", "REG_FINAL", "RETURNED"])),
                        fields=("uscc",),
                        name="one_application_per_subject_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("account__isnull", False), ("state", "OPEN")),
                            models.Q(models.Q(("state", "OPEN"), _negated=True), ("account__isnull", True)),
                            _connector="OR",
                        ),
                        name="an_application_ends_in_an_account_when_opened",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["DRAFT", "WITHDRAWN"]),
                            models.Q(
                                ("exchange__isnull", False),
                                ("number__isnull", False),
                                models.Q(("uscc", ""), _negated=True),
                                models.Q(("stage", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_submitted_application_says_who_and_to_whom",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["applicant", "-changed_at"], name="applications_of_a_person"),
                    models.Index(fields=["state", "due_on"], name="applications_by_state"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Paper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("LICENCE", "Business licence or other certificate with the unified social credit code"),
                            ("LEGAL_ID", "Identity document of the legal representative"),
                            ("PEOPLE_ID", "Identity documents of the two representatives"),
                            ("INITIATE", "Authorisation letter for the initiating representative"),
                            ("CONFIRM", "Authorisation letter for the confirming representative"),
                            ("BANK", "Proof of the bank account in the organisation's own name"),
                            ("OWNER", "Declaration of the beneficial owner"),
                            ("UNDERTAKE", "Undertaking, signed and sealed"),
                            ("AGREEMENT", "Market entry agreement and risk disclosure, signed"),
                        ],
                        max_length=9,
                    ),
                ),
                ("document", models.UUIDField(unique=True)),
                ("version", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("size_bytes", models.BigIntegerField()),
                ("valid_until", models.DateField(null=True, verbose_name="valid until")),
                ("endless", models.BooleanField(default=False)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="registry.application"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("application", "kind"), name="one_paper_of_a_kind"),
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__isnull", True), ("endless", False), _connector="OR"),
                        name="an_endless_paper_has_no_end",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["valid_until"], name="papers_by_their_end"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                ("content", models.JSONField()),
                ("sealed", tanhui.identity.vault.EncryptedField()),
                ("papers", models.JSONField(default=list)),
                ("sha256", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rounds", to="registry.application"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("application", "number"), name="an_application_counts_its_rounds"),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="rounds_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="61af00f8208b6ed28a13f49b6441bf6d8105a03f",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_rounds_are_permanent_8956a",
                            table="registry_round",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "capacity",
                    models.CharField(
                        choices=[
                            ("VIEW", "May look"),
                            ("INITIATE", "Initiating representative"),
                            ("CONFIRM", "Confirming representative"),
                            ("MANAGE", "Administrator"),
                        ],
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(max_length=64, verbose_name="name")),
                ("contact", models.CharField(max_length=254)),
                ("digest", models.BinaryField(max_length=32, null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seats", to="registry.application"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("application", "capacity"),
                        name="one_seat_per_capacity",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("capacity__in", ["INITIATE", "CONFIRM"]), ("ended_at__isnull", True)),
                        fields=("application", "person"),
                        name="initiator_and_confirmer_are_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("accepted_at__isnull", True), ("person__isnull", False), _connector="OR"),
                        name="somebody_accepts_a_seat",
                    ),
                    models.UniqueConstraint(fields=("digest",), name="an_invitation_to_a_seat_has_its_own_code"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("act", models.CharField(max_length=8)),
                (
                    "before",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("APPLIED", "Submitted"),
                            ("EXC_PRELIM", "Preliminary review by the exchange"),
                            ("REG_FINAL", "Final review by the registry"),
                            ("RETURNED", "Returned for correction"),
                            ("OPEN", "Account opened"),
                            ("REJECTED", "Not approved"),
                            ("WITHDRAWN", "Withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("APPLIED", "Submitted"),
                            ("EXC_PRELIM", "Preliminary review by the exchange"),
                            ("REG_FINAL", "Final review by the registry"),
                            ("RETURNED", "Returned for correction"),
                            ("OPEN", "Account opened"),
                            ("REJECTED", "Not approved"),
                            ("WITHDRAWN", "Withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("remarks", models.JSONField(default=dict)),
                ("checklist", models.JSONField(default=list)),
                ("reference", models.CharField(max_length=64)),
                ("body_sha256", models.CharField(max_length=64)),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="registry.application"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="registry.round",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("application", "number"), name="an_application_counts_its_steps"),
                    models.UniqueConstraint(fields=("by", "reference"), name="a_step_has_its_own_reference"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("act", "submit"), ("after", "APPLIED"), ("before", "DRAFT")),
                            models.Q(("act", "take"), ("after", "EXC_PRELIM"), ("before", "APPLIED")),
                            models.Q(("act", "take"), ("after", "EXC_PRELIM"), ("before", "EXC_PRELIM")),
                            models.Q(("act", "take"), ("after", "REG_FINAL"), ("before", "REG_FINAL")),
                            models.Q(("act", "pass"), ("after", "REG_FINAL"), ("before", "EXC_PRELIM")),
                            models.Q(("act", "return"), ("after", "RETURNED"), ("before", "EXC_PRELIM")),
                            models.Q(("act", "return"), ("after", "RETURNED"), ("before", "REG_FINAL")),
                            models.Q(("act", "resubmit"), ("after", "EXC_PRELIM"), ("before", "RETURNED")),
                            models.Q(("act", "resubmit"), ("after", "REG_FINAL"), ("before", "RETURNED")),
                            models.Q(("act", "reject"), ("after", "REJECTED"), ("before", "EXC_PRELIM")),
                            models.Q(("act", "reject"), ("after", "REJECTED"), ("before", "REG_FINAL")),
                            models.Q(("act", "open"), ("after", "OPEN"), ("before", "REG_FINAL")),
                            models.Q(("act", "withdraw"), ("after", "WITHDRAWN"), ("before", "DRAFT")),
                            models.Q(("act", "withdraw"), ("after", "WITHDRAWN"), ("before", "APPLIED")),
                            models.Q(("act", "withdraw"), ("after", "WITHDRAWN"), ("before", "EXC_PRELIM")),
                            models.Q(("act", "withdraw"), ("after", "WITHDRAWN"), ("before", "REG_FINAL")),
                            models.Q(("act", "withdraw"), ("after", "WITHDRAWN"), ("before", "RETURNED")),
                            _connector="OR",
                        ),
                        name="a_step_is_in_the_table",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("act__in", ["return", "reject"]), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            models.Q(("remarks", {}), _negated=True),
                            _connector="OR",
                        ),
                        name="a_return_or_rejection_says_why",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="opening_steps_are_permanent",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TH100';",
                            hash="7f7d9aafdac01973cd275660607d9fa8edc08989",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE OR TRUNCATE",
                            pgid="pgtrigger_opening_steps_are_permanent_20547",
                            table="registry_step",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "CREATE SEQUENCE registry_application_number",
            "DROP SEQUENCE registry_application_number",
        ),
    ]

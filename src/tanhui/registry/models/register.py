"""The register: accounts, projects and their verified periods, batches of units, and what became of every unit.

Facts are never changed. The ledger beneath knows where each unit is; these rows know why.
"""

from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Organisation, Person
from tanhui.journal.permanence import permanent
from tanhui.ledger import models as ledger


class Signed(models.Model):
    """A fact that two people signed, made by one ledger movement or by none."""

    append_only = True

    reference = models.CharField(max_length=96)
    body_sha256 = models.CharField(max_length=64)
    initiator = models.ForeignKey(Person, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    confirmer = models.ForeignKey(Person, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    at = models.DateTimeField()
    entry = models.BigIntegerField()  # the journal entry that says the same in public

    class Meta:
        abstract = True


def signed(name: str) -> list[models.BaseConstraint]:
    """Two people, and a reference given once: a constraint, as ``unique=True`` brings a second index, for patterns."""
    return [
        models.CheckConstraint(condition=~Q(initiator=F("confirmer")), name=f"{name}_is_signed_by_two"),
        models.UniqueConstraint(fields=["reference"], name=f"{name}_has_its_own_reference"),
    ]


def whole_tonnes(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(quantity_t__gt=0), name=f"{name}_is_of_whole_tonnes")


class Account(models.Model):
    """A registry account (登记账户) of one organisation; its units lie in sub-accounts by purpose (rules §3.5)."""

    class State(models.TextChoices):
        OPEN = "OPEN", _("Open")
        RESTRICTED = "RESTRICTED", _("Restricted")
        CLOSED = "CLOSED", _("Closed")

    code = models.CharField(_("account number"), max_length=12, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="accounts")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(_("opened"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation"], name="one_registry_account_per_subject")]

    def __str__(self) -> str:
        return self.code


class SubAccount(models.Model):
    """Where in a registry account units lie, each its own ledger account."""

    append_only = True

    class Purpose(models.TextChoices):
        ISSUED = "ISSUED", _("Issuance")  # 业主签发账户
        HOLDING = "HOLDING", _("General holding")  # 一般持有账户
        EXCHANGE = "EXCHANGE", _("Exchange custody")  # 交易托管
        BUFFER = "BUFFER", _("Non-permanence buffer")  # 缓冲账户

    account = models.ForeignKey(Account, models.PROTECT, related_name="sub_accounts")
    purpose = models.CharField(max_length=8, choices=Purpose)
    ledger_account = models.OneToOneField(ledger.Account, models.PROTECT, related_name="sub_account")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "purpose"], name="one_sub_account_per_purpose")]
        triggers = [permanent("sub_accounts")]

    def __str__(self) -> str:
        return f"{self.account.code}/{self.purpose}"


class Project(models.Model):
    """A registered project, as far as issuing from it needs."""

    class State(models.TextChoices):
        REGISTERED = "REGISTERED", _("Registered")
        CANCELLED = "CANCELLED", _("Cancelled")
        REVOKED = "REVOKED", _("Revoked")

    number = models.PositiveIntegerField(_("project number"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("type"), max_length=40)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="projects")
    scheme = models.CharField(_("scheme"), max_length=12)
    province = models.CharField(_("province code"), max_length=2)
    region = models.CharField(_("region"), max_length=60, blank=True)
    methodology = models.CharField(_("methodology"), max_length=32)
    methodology_version = models.CharField(_("methodology version"), max_length=16)
    rule_pack = models.CharField(_("rule pack"), max_length=40)
    crediting = DateRangeField(_("crediting period"))
    validator = models.ForeignKey(Organisation, models.PROTECT, related_name="validated")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REGISTERED)
    registered_at = models.DateTimeField(_("registered"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=999_999), name="a_project_number_has_six_digits"
            ),
        ]
        indexes = [models.Index(fields=["owner"], name="projects_of_an_owner")]

    def __str__(self) -> str:
        return f"{self.number:06d} {self.name}"


class Period(models.Model):
    """A monitoring period with its verified quantity (核查量): what may be issued, and how anyone recomputes it.

    Two periods of one project never overlap (I-05); the exclusion constraint is made in a migration.
    """

    append_only = True

    project = models.ForeignKey(Project, models.PROTECT, related_name="periods")
    span = DateRangeField(_("monitoring period"))
    verified_kg = models.BigIntegerField(_("verified quantity (kg)"))
    verifier = models.ForeignKey(Organisation, models.PROTECT, related_name="verified")
    report_sha256 = models.CharField(max_length=64)
    inputs_sha256 = models.CharField(max_length=64)
    trace_sha256 = models.CharField(max_length=64)
    bundle = models.BinaryField(null=True)  # the public run bundle, from which the number is recomputed
    demonstration = models.BooleanField(default=False)
    verified_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(verified_kg__gte=0), name="a_verified_quantity_is_not_negative")
        ]
        triggers = [permanent("periods")]

    @property
    def tonnes(self) -> int:
        return self.verified_kg // 1000

    @property
    def residual_kg(self) -> int:
        return self.verified_kg % 1000


class Issuance(Signed):
    """The one issuance of a period (签发)."""

    period = models.OneToOneField(Period, models.PROTECT, related_name="issuance")
    movement = models.OneToOneField(ledger.Movement, models.PROTECT, db_constraint=False)
    quantity_t = models.BigIntegerField()
    buffer_t = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            *signed("an_issuance"),
            whole_tonnes("an_issuance"),
            models.CheckConstraint(
                condition=Q(buffer_t__gte=0, buffer_t__lte=F("quantity_t")), name="the_buffer_is_part_of_the_issuance"
            ),
        ]
        triggers = [permanent("issuances")]


class Batch(models.Model):
    """Units of one project, period and vintage, with their contiguous serials: 1 unit = 1 tCO₂e (U-01)."""

    append_only = True

    asset = models.OneToOneField(ledger.Asset, models.PROTECT, primary_key=True, related_name="batch")
    issuance = models.ForeignKey(Issuance, models.PROTECT, null=True, related_name="batches")
    foreign = models.ForeignKey("ForeignImport", models.PROTECT, null=True, related_name="batches")
    project = models.ForeignKey(Project, models.PROTECT, related_name="batches")
    number = models.PositiveSmallIntegerField()
    vintage = models.PositiveSmallIntegerField()
    span = DateRangeField()
    serials = BigIntegerRangeField()
    quantity_t = models.BigIntegerField()
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            whole_tonnes("a_batch"),
            models.UniqueConstraint(fields=["project", "span", "number"], name="one_batch_per_number"),
            models.CheckConstraint(
                condition=Q(issuance__isnull=False, foreign__isnull=True)
                | Q(issuance__isnull=True, foreign__isnull=False),
                name="a_batch_is_issued_here_or_imported",
            ),
        ]
        triggers = [permanent("batches")]

    def __str__(self) -> str:
        return self.asset.code


class Transfer(Signed):
    """Units from one account to another (转让)."""

    movement = models.OneToOneField(ledger.Movement, models.PROTECT, db_constraint=False)
    source = models.ForeignKey(SubAccount, models.PROTECT, related_name="sent", db_constraint=False, db_index=False)
    target = models.ForeignKey(SubAccount, models.PROTECT, related_name="received", db_constraint=False, db_index=False)
    quantity_t = models.BigIntegerField()
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [*signed("a_transfer"), whole_tonnes("a_transfer")]
        triggers = [permanent("transfers")]


class Settlement(Signed):
    """A trading day's transfers settled in one movement on the exchange's word (U-04)."""

    movement = models.OneToOneField(ledger.Movement, models.PROTECT, db_constraint=False)
    exchange = models.ForeignKey(Organisation, models.PROTECT, related_name="settlements")
    trades = models.PositiveIntegerField()
    quantity_t = models.BigIntegerField()

    class Meta:
        constraints = [*signed("a_settlement"), whole_tonnes("a_settlement")]
        triggers = [permanent("settlements")]


class Retirement(Signed):
    """Units out of circulation for good (注销), why, and on whose behalf (U-03, V-04)."""

    class Purpose(models.TextChoices):
        """Typed uses, each with its terminal account (rules §3.6)."""

        EVENT = "EVENT", _("Event neutrality")  # 大型活动碳中和
        ETS = "ETS", _("Compliance offset")  # 履约抵销
        ORGANISATION = "ORG", _("Neutrality of an organisation")  # 组织碳中和
        PUBLIC_GOOD = "PUBLIC", _("Voluntary cancellation for the public good")  # 公益注销
        ECOJUSTICE = "JUSTICE", _("Alternative ecological restoration")  # 替代性生态修复
        TREE_DUTY = "TREE", _("Tree-planting duty")  # 义务植树尽责
        REPLACEMENT = "REPLACE", _("Replacement of units that should not have been issued")  # 补足

    class Beneficiary(models.TextChoices):
        ORGANISATION = "ORGANISATION", _("Organisation")
        PERSON = "PERSON", _("Person")
        EVENT = "EVENT", _("Event")

    certificate = models.CharField(_("certificate number"), max_length=16, unique=True)
    movement = models.OneToOneField(ledger.Movement, models.PROTECT, db_constraint=False)
    source = models.ForeignKey(SubAccount, models.PROTECT, related_name="retirements", db_constraint=False)
    purpose = models.CharField(_("purpose"), max_length=8, choices=Purpose)
    quantity_t = models.BigIntegerField(_("quantity (tCO₂e)"))
    beneficiary_kind = models.CharField(max_length=12, choices=Beneficiary)
    beneficiary_name = models.CharField(_("on behalf of"), max_length=120)  # as published: a person's name is masked
    beneficiary_code = models.CharField(max_length=18, blank=True)  # USCC, or a masked identity number
    statement = models.CharField(_("statement"), max_length=200, blank=True)

    class Meta:
        constraints = [*signed("a_retirement"), whole_tonnes("a_retirement")]
        indexes = [models.Index(fields=["purpose", "at"], name="retirements_by_purpose")]
        triggers = [permanent("retirements")]


class Cancellation(Signed):
    """Units ended by rule, not by use: forced cancellation, a reversal paid from the buffer (§§3.6, 3.10)."""

    class Kind(models.TextChoices):
        FORCED = "FORCED", _("Forced cancellation")
        COMPLIED = "COMPLIED", _("Cancelled by the owner as ordered")
        REVERSAL = "REVERSAL", _("Reversal paid from the buffer")

    movement = models.OneToOneField(ledger.Movement, models.PROTECT, db_constraint=False)
    kind = models.CharField(max_length=8, choices=Kind)
    source = models.ForeignKey(SubAccount, models.PROTECT, related_name="cancellations", db_constraint=False)
    quantity_t = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    document_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [*signed("a_cancellation"), whole_tonnes("a_cancellation")]
        triggers = [permanent("cancellations")]


class Restriction(Signed):
    """A lock on exactly these units with its authority (U-08): judicial freeze, suspension, pledge, pending offset."""

    class Kind(models.TextChoices):
        JUDICIAL = "JUDICIAL", _("Judicial freeze")  # 司法冻结
        SUSPENSION = "SUSPENSION", _("Administrative suspension")  # 行政暂停、追缴
        PLEDGE = "PLEDGE", _("Pledge")  # 质押
        OFFSET = "OFFSET", _("Pending offset")  # 待抵销

    kind = models.CharField(max_length=10, choices=Kind)
    account = models.ForeignKey(Account, models.PROTECT, related_name="restrictions")
    authority = models.ForeignKey(Organisation, models.PROTECT, related_name="restrictions_placed")
    document = models.CharField(max_length=120)
    document_sha256 = models.CharField(max_length=64)
    quantity_t = models.BigIntegerField()
    lock = models.OneToOneField(ledger.Lock, models.PROTECT, related_name="restriction")
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [*signed("a_restriction"), whole_tonnes("a_restriction")]
        triggers = [permanent("restrictions")]


class Lifting(Signed):
    """The end of a restriction, on its own authority's word."""

    restriction = models.OneToOneField(Restriction, models.PROTECT, related_name="lifting")
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [*signed("a_lifting")]
        triggers = [permanent("liftings")]


class Clawback(Signed):
    """An order to an owner to cancel as many units as were falsely obtained (31号令 art. 43, rules §3.10)."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="clawbacks")
    authority = models.ForeignKey(Organisation, models.PROTECT, related_name="clawbacks_ordered")
    document = models.CharField(max_length=120)
    quantity_t = models.BigIntegerField()
    deadline_date = models.DateField()
    restriction = models.OneToOneField(Restriction, models.PROTECT, null=True, related_name="clawback")

    class Meta:
        constraints = [*signed("a_clawback"), whole_tonnes("a_clawback")]
        triggers = [permanent("clawbacks")]


class ClawbackStep(Signed):
    """What was done towards a clawback: cancelled from the owner's holdings, or brought back as replacement."""

    class Kind(models.TextChoices):
        COMPLIED = "COMPLIED", _("Cancelled by the owner")
        FORCED = "FORCED", _("Cancelled by force")
        REPLACED = "REPLACED", _("Replaced by other units")

    clawback = models.ForeignKey(Clawback, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=8, choices=Kind)
    quantity_t = models.BigIntegerField()
    cancellation = models.OneToOneField(Cancellation, models.PROTECT, null=True)
    retirement = models.OneToOneField(Retirement, models.PROTECT, null=True)

    class Meta:
        constraints = [*signed("a_clawback_step"), whole_tonnes("a_clawback_step")]
        triggers = [permanent("clawback_steps")]


class Reversal(Signed):
    """Stored carbon that came back (fire, felling): paid from the buffer as far as it reaches, the rest owed."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="reversals")
    cause = models.CharField(max_length=200)
    intentional = models.BooleanField()
    quantity_t = models.BigIntegerField()
    paid_t = models.BigIntegerField()
    cancellation = models.OneToOneField(Cancellation, models.PROTECT, null=True)

    class Meta:
        constraints = [
            *signed("a_reversal"),
            whole_tonnes("a_reversal"),
            models.CheckConstraint(
                condition=Q(paid_t__gte=0, paid_t__lte=F("quantity_t")), name="a_reversal_is_paid_at_most_once"
            ),
        ]
        triggers = [permanent("reversals")]

    @property
    def owed_t(self) -> int:
        return self.quantity_t - self.paid_t


class ForeignSeries(models.Model):
    """A run of serial numbers of another registry, within which its numbers are unique."""

    registry = models.CharField(max_length=40)
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registry", "name"], name="a_foreign_series_is_named_once")]


class ForeignImport(Signed):
    """Units of another registry brought in (T9): the same foreign serial never twice, by exclusion constraint."""

    series = models.ForeignKey(ForeignSeries, models.PROTECT, related_name="imports")
    foreign_serials = BigIntegerRangeField()
    movement = models.OneToOneField(ledger.Movement, models.PROTECT, db_constraint=False)
    quantity_t = models.BigIntegerField()
    proof = models.CharField(max_length=200)

    class Meta:
        constraints = [*signed("an_import"), whole_tonnes("an_import")]
        triggers = [permanent("imports")]

"""People, the organisations they act for, their mandates, and the instructions that two of them must sign."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.journal.permanence import permanent


class People(BaseUserManager["Person"]):
    """Looks people up by the name they sign in with."""


class Person(AbstractBaseUser):
    """Someone who can sign in. There is no superuser: every right comes from a mandate (rules R-05, R-06)."""

    username = models.CharField(_("sign-in name"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=64)
    email = models.EmailField(_("e-mail"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"))

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = People()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """A legal person or other organisation, known by its unified social credit code (统一社会信用代码)."""

    class Role(models.TextChoices):
        """What an organisation is in the scheme (rules §2.1)."""

        AUTHORITY = "AUTH", _("Competent authority")  # 主管部门
        REGISTRY = "REG", _("Registry operator")  # 注册登记机构
        EXCHANGE = "EXC", _("Exchange")  # 交易机构
        VERIFIER = "VVB", _("Validation and verification body")  # 审定与核查机构
        OWNER = "OWN", _("Project owner")  # 项目业主
        PARTICIPANT = "PART", _("Market participant")  # 交易主体
        PLEDGEE = "PLED", _("Pledgee")  # 质权人
        COURT = "COURT", _("Court or supervisory organ")  # 司法、监察机关

    uscc = models.CharField(_("unified social credit code"), max_length=18, unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=5, choices=Role)
    registered_at = models.DateTimeField(_("registered"))

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person works for an organisation."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "organisation"], name="a_person_joins_an_organisation_once"),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gt=F("since_at")),
                name="a_membership_ends_after_it_starts",
            ),
        ]


class Mandate(models.Model):
    """What a member may sign for: one half of the two signatures (发起代表、确认代表, rules A-04, R-05)."""

    class Capacity(models.TextChoices):
        VIEW = "VIEW", _("May look")
        INITIATE = "INITIATE", _("Initiating representative")
        CONFIRM = "CONFIRM", _("Confirming representative")

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="mandates")
    capacity = models.CharField(_("capacity"), max_length=8, choices=Capacity)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gt=F("since_at")),
                name="a_mandate_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["membership", "capacity"], name="mandates_of_a_member")]


class ApiToken(models.Model):
    """A bearer token of a person, kept only as its SHA-256: the token itself is shown once."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="api_tokens")
    digest = models.BinaryField(max_length=32, unique=True)
    label = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()


class Instruction(models.Model):
    """What one person asks for on an organisation's behalf and another must confirm. Never changes once asked."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    act = models.CharField(max_length=40)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="instructions")
    initiator = models.ForeignKey(Person, models.PROTECT, related_name="initiated")
    reference = models.CharField(max_length=64)
    body = models.JSONField()
    body_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["initiator", "act", "reference"], name="one_instruction_per_reference"),
            models.UniqueConstraint(fields=["id", "initiator"], name="an_instruction_has_one_initiator"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("at")), name="an_instruction_expires_after_it_is_given"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "at"], name="instructions_of_organisation")]
        triggers = [permanent("instructions")]


class Decision(models.Model):
    """How an instruction ended; at most one each, so it takes effect once however often it is confirmed.

    The initiator stands here again so that the database itself refuses one person on both sides; a composite key into
    the instruction keeps the copy honest.
    """

    append_only = True

    class Outcome(models.TextChoices):
        CONFIRMED = "CONFIRMED", _("Confirmed")
        REJECTED = "REJECTED", _("Rejected")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")
        EXPIRED = "EXPIRED", _("Expired")

    instruction = models.OneToOneField(Instruction, models.PROTECT, primary_key=True, related_name="decision")
    outcome = models.CharField(max_length=9, choices=Outcome)
    initiator = models.ForeignKey(Person, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="decisions")
    reason = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="CONFIRMED") | (Q(by__isnull=False) & ~Q(by=F("initiator"))),
                name="nobody_confirms_their_own_instruction",
            ),
        ]
        triggers = [permanent("decisions")]

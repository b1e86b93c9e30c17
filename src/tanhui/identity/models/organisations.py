"""Organisations, who works for them, what those people may sign, and what a verification body must show."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models.people import Person
from tanhui.journal.permanence import permanent


class Organisation(models.Model):
    """A legal person or other organisation, known by its unified social credit code (统一社会信用代码)."""

    class Role(models.TextChoices):
        """What an organisation is in the scheme (rules §2.1)."""

        AUTHORITY = "AUTH", _("Competent authority")  # 主管部门
        LOCAL_AUTHORITY = "AUTHL", _("Subordinate authority")  # 下级主管部门
        NATURAL_RESOURCES = "NATR", _("Natural resources authority")  # 自然资源主管部门
        REGISTRY = "REG", _("Registry operator")  # 注册登记机构
        EXCHANGE = "EXC", _("Exchange")  # 交易机构
        TECHNICAL = "TECH", _("Technical support body")  # 技术支撑机构
        PLATFORM = "OPER", _("Platform operator")  # 运营主体
        EXPERTS = "EXP", _("Expert committee")  # 专家委员会
        VERIFIER = "VVB", _("Validation and verification body")  # 审定与核查机构
        OWNER = "OWN", _("Project owner")  # 项目业主
        RIGHT_HOLDER = "RIGHT", _("Holder of property rights")  # 产权所有者
        PARTICIPANT = "PART", _("Market participant")  # 交易主体
        PLEDGEE = "PLED", _("Pledgee")  # 质权人
        COURT = "COURT", _("Court or supervisory organ")  # 司法、监察机关
        SCENARIO = "SCEN", _("Scenario or data provider")  # 场景方、数据方
        AUDITOR = "AUD", _("Auditor")  # 审计、监察

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
    """A person works for an organisation. Who comes back joins again."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation"],
                condition=Q(until_at__isnull=True),
                name="a_person_belongs_to_an_organisation_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("since_at")),
                name="a_membership_does_not_end_before_it_starts",
            ),
        ]


class Mandate(models.Model):
    """What a member may sign for: one half of the two signatures (发起代表、确认代表, rules A-04, R-05).

    Whoever manages (管理员) brings members in and asks for mandates; giving power to sign takes a second person.
    """

    class Capacity(models.TextChoices):
        VIEW = "VIEW", _("May look")
        INITIATE = "INITIATE", _("Initiating representative")
        CONFIRM = "CONFIRM", _("Confirming representative")
        MANAGE = "MANAGE", _("Administrator")

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="mandates")
    capacity = models.CharField(_("capacity"), max_length=8, choices=Capacity)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    letter = models.CharField(_("authorisation letter"), max_length=120, blank=True)
    letter_document = models.UUIDField(null=True)  # in the room of files
    instruction = models.ForeignKey(
        "identity.Instruction", models.PROTECT, null=True, related_name="+"
    )  # the two signatures it was given under
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("since_at")),
                name="a_mandate_does_not_end_before_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(until_at__isnull=False, revoked_by__isnull=False),
                name="a_revoked_mandate_has_ended",
            ),
        ]
        indexes = [models.Index(fields=["membership", "capacity"], name="mandates_of_a_member")]


class Invitation(models.Model):
    """An organisation asks someone to join. The code is shown once and kept only as its SHA-256."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    name = models.CharField(_("name"), max_length=64)
    digest = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True, accepted_by__isnull=False),
                name="an_invitation_is_accepted_or_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True) | ~Q(accepted_by=F("by")),
                name="nobody_accepts_their_own_invitation",
            ),
        ]


class Qualification(models.Model):
    """What a verification body has shown of itself (rules R-02, R-03). The latest one counts; none is ever changed."""

    append_only = True

    class Cover(models.TextChoices):
        FUND = "FUND", _("Risk fund")
        INSURANCE = "INSURANCE", _("Liability insurance")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="qualifications")
    approval = models.CharField(_("number of the approval"), max_length=60)
    sectors = models.JSONField(_("sectors"))  # codes of the methodologies' sectors
    staff = models.PositiveIntegerField(_("full-time qualified staff"))
    experienced = models.PositiveIntegerField(_("of them with two years in validation or verification"))
    cover = models.CharField(_("cover of risks"), max_length=9, choices=Cover)
    undiscredited = models.BooleanField(_("no record of serious discredit in five years"))
    document = models.UUIDField(null=True)  # in the room of files
    valid_from = models.DateField(_("valid from"))
    expires_on = models.DateField(_("evidence expires"))
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(experienced__lte=F("staff")), name="the_experienced_are_among_the_staff"
            ),
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("valid_from")), name="a_qualification_expires_after_it_begins"
            ),
        ]
        triggers = [permanent("qualifications")]


class WorkReport(models.Model):
    """The yearly report a verification body owes, and what became of it (rules R-04)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="work_reports")
    year = models.PositiveSmallIntegerField(_("year"))
    due_on = models.DateField(_("due"))
    document = models.UUIDField(null=True)  # in the room of files
    filed_at = models.DateTimeField(null=True)
    filed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year"], name="one_work_report_a_year"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(filed_at__isnull=False, published_at__gte=F("filed_at")),
                name="a_work_report_is_filed_before_it_is_published",
            ),
        ]

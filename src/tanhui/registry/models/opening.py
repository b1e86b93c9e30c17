"""The joint opening of an account (联合开户, rules §3.5): an application, its rounds, its steps, and who will sign.

The application says where things stand; rounds and steps say how they came to stand so, and never change. Who may do
what from where is one table, ``TRANSITIONS``; the database refuses a step that is not in it.
"""

import uuid
from dataclasses import dataclass
from typing import Literal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Instruction, Mandate, Organisation, Person
from tanhui.identity.vault import EncryptedField
from tanhui.journal.permanence import permanent
from tanhui.registry.models.register import Account

Side = Literal["APPLICANT", "EXCHANGE", "REGISTRY"]


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: an act, from which state to which, on whose side, and the kind of fact it tells."""

    act: str
    before: str
    after: str
    side: Side
    fact: str


TRANSITIONS = [
    Transition("submit", "DRAFT", "APPLIED", "APPLICANT", "registry.opening_submitted"),
    Transition("take", "APPLIED", "EXC_PRELIM", "EXCHANGE", "registry.opening_taken"),
    Transition("take", "EXC_PRELIM", "EXC_PRELIM", "EXCHANGE", "registry.opening_taken"),
    Transition("take", "REG_FINAL", "REG_FINAL", "REGISTRY", "registry.opening_taken"),
    Transition("pass", "EXC_PRELIM", "REG_FINAL", "EXCHANGE", "registry.opening_passed"),
    Transition("return", "EXC_PRELIM", "RETURNED", "EXCHANGE", "registry.opening_returned"),
    Transition("return", "REG_FINAL", "RETURNED", "REGISTRY", "registry.opening_returned"),
    Transition("resubmit", "RETURNED", "EXC_PRELIM", "APPLICANT", "registry.opening_submitted"),
    Transition("resubmit", "RETURNED", "REG_FINAL", "APPLICANT", "registry.opening_submitted"),
    Transition("reject", "EXC_PRELIM", "REJECTED", "EXCHANGE", "registry.opening_rejected"),
    Transition("reject", "REG_FINAL", "REJECTED", "REGISTRY", "registry.opening_rejected"),
    Transition("open", "REG_FINAL", "OPEN", "REGISTRY", "registry.opening_completed"),
    *(
        Transition("withdraw", before, "WITHDRAWN", "APPLICANT", "registry.opening_withdrawn")
        for before in ("DRAFT", "APPLIED", "EXC_PRELIM", "REG_FINAL", "RETURNED")
    ),
]


class Application(models.Model):
    """An organisation asks for an account. ``version`` counts every change of it: a page that shows an older one may
    not overwrite a newer."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        APPLIED = "APPLIED", _("Submitted")
        EXC_PRELIM = "EXC_PRELIM", _("Preliminary review by the exchange")
        REG_FINAL = "REG_FINAL", _("Final review by the registry")
        RETURNED = "RETURNED", _("Returned for correction")
        OPEN = "OPEN", _("Account opened")
        REJECTED = "REJECTED", _("Not approved")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("application", "Withdrawn")

    class Stage(models.TextChoices):
        """Whose time limit runs, or stands still while the applicant corrects."""

        PRELIMINARY = "PRELIM", _("Preliminary review")
        FINAL = "FINAL", _("Final review")

    class Class(models.TextChoices):
        """The four kinds of applicants (rules A-02)."""

        NATIONAL_EMITTER = "NATIONAL", _("Key emitter of the national market")
        LOCAL_EMITTER = "LOCAL", _("Key emitter of a local market")
        PROJECT_OWNER = "OWNER", _("Owner of a voluntary reduction project")
        OTHER = "OTHER", _("Other legal person or organisation registered in China")

    LIVE = (State.APPLIED, State.EXC_PRELIM, State.REG_FINAL, State.RETURNED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.BigIntegerField(_("application number"), null=True, unique=True)  # given when first submitted
    applicant = models.ForeignKey(Person, models.PROTECT, related_name="account_applications")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    draft = models.JSONField(default=dict)  # what is being filled in or corrected
    sealed = EncryptedField()  # and of that, what nobody may read in passing
    uscc = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    exchange = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="account_applications")
    reviewer = models.ForeignKey(Person, models.PROTECT, null=True, related_name="account_reviews")
    stage = models.CharField(max_length=6, choices=Stage, blank=True)
    stage_since = models.DateTimeField(null=True)
    used_days = models.PositiveSmallIntegerField(default=0)  # working days of this stage before it was last returned
    due_on = models.DateField(null=True)
    limits = models.JSONField(default=dict)  # the time limits it keeps, as a rule pack gave them on the first day
    instruction = models.ForeignKey(Instruction, models.PROTECT, null=True, related_name="+")
    account = models.OneToOneField(Account, models.PROTECT, null=True, related_name="application")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["uscc"],
                condition=Q(state__in=["APPLIED", "EXC_PRELIM", "REG_FINAL", "RETURNED"]),
                name="one_application_per_subject_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", account__isnull=False) | ~Q(state="OPEN") & Q(account__isnull=True),
                name="an_application_ends_in_an_account_when_opened",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DRAFT", "WITHDRAWN"])
                | Q(number__isnull=False, exchange__isnull=False) & ~Q(uscc="") & ~Q(stage=""),
                name="a_submitted_application_says_who_and_to_whom",
            ),
        ]
        indexes = [
            models.Index(fields=["applicant", "-changed_at"], name="applications_of_a_person"),
            models.Index(fields=["state", "due_on"], name="applications_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()

    @property
    def code(self) -> str:
        """The number as it is printed: ``K0000012``; empty before the first submission."""
        return f"K{self.number:07d}" if self.number else ""


class Round(models.Model):
    """What was submitted, word for word: once at first, and again after each return."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    application = models.ForeignKey(Application, models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    sealed = EncryptedField()
    papers = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="an_application_counts_its_rounds")
        ]
        triggers = [permanent("rounds")]


class Step(models.Model):
    """One step of an application: who took it, for whom, from where to where, and what they said."""

    append_only = True

    application = models.ForeignKey(Application, models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=8)
    before = models.CharField(max_length=10, choices=Application.State)
    after = models.CharField(max_length=10, choices=Application.State)
    round = models.ForeignKey(Round, models.PROTECT, null=True, related_name="steps")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    remarks = models.JSONField(default=dict)  # what to correct, by field
    checklist = models.JSONField(default=list)  # the papers the reviewer found in order
    reference = models.CharField(max_length=64)
    body_sha256 = models.CharField(max_length=64)
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="an_application_counts_its_steps"),
            models.UniqueConstraint(fields=["by", "reference"], name="a_step_has_its_own_reference"),
            models.CheckConstraint(
                condition=Q(
                    *(Q(act=one.act, before=one.before, after=one.after) for one in TRANSITIONS), _connector=Q.OR
                ),
                name="a_step_is_in_the_table",
            ),
            models.CheckConstraint(
                condition=~Q(act__in=["return", "reject"]) | ~Q(reason="") | ~Q(remarks={}),
                name="a_return_or_rejection_says_why",
            ),
        ]
        triggers = [permanent("opening_steps")]


class Seat(models.Model):
    """Who shall sign for the organisation, and whether they agreed to. A seat given to somebody else is a new one."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="seats")
    capacity = models.CharField(max_length=8, choices=Mandate.Capacity)
    name = models.CharField(_("name"), max_length=64)
    contact = models.CharField(max_length=254)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="seats")
    digest = models.BinaryField(max_length=32, null=True)  # of the code in the invitation
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # declined, or given to somebody else
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "capacity"], condition=Q(ended_at__isnull=True), name="one_seat_per_capacity"
            ),
            models.UniqueConstraint(
                fields=["application", "person"],
                condition=Q(capacity__in=["INITIATE", "CONFIRM"], ended_at__isnull=True),
                name="initiator_and_confirmer_are_two_people",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(person__isnull=False), name="somebody_accepts_a_seat"
            ),
            models.UniqueConstraint(fields=["digest"], name="an_invitation_to_a_seat_has_its_own_code"),
        ]


class Paper(models.Model):
    """A paper of the KYC pack (rules A-07) as it stands now; which version a round had, the round says."""

    class Kind(models.TextChoices):
        LICENCE = "LICENCE", _("Business licence or other certificate with the unified social credit code")
        LEGAL_ID = "LEGAL_ID", _("Identity document of the legal representative")
        PEOPLE_ID = "PEOPLE_ID", _("Identity documents of the two representatives")
        LETTER_INITIATE = "INITIATE", _("Authorisation letter for the initiating representative")
        LETTER_CONFIRM = "CONFIRM", _("Authorisation letter for the confirming representative")
        BANK = "BANK", _("Proof of the bank account in the organisation's own name")
        OWNER = "OWNER", _("Declaration of the beneficial owner")
        UNDERTAKING = "UNDERTAKE", _("Undertaking, signed and sealed")
        AGREEMENT = "AGREEMENT", _("Market entry agreement and risk disclosure, signed")

    EXPIRING = (Kind.LICENCE, Kind.LEGAL_ID, Kind.PEOPLE_ID, Kind.LETTER_INITIATE, Kind.LETTER_CONFIRM)

    application = models.ForeignKey(Application, models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=9, choices=Kind)
    document = models.UUIDField(unique=True)  # in the room of files
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    valid_until = models.DateField(_("valid until"), null=True)
    endless = models.BooleanField(default=False)  # 长期

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "kind"], name="one_paper_of_a_kind"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(endless=False), name="an_endless_paper_has_no_end"
            ),
        ]
        indexes = [models.Index(fields=["valid_until"], name="papers_by_their_end")]

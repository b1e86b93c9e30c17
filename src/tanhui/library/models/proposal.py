"""The proposal of a methodology (rules §3.1): what is proposed, its rounds, its steps and its papers.

The proposal says where things stand; rounds and steps say how they came to stand so, and never change. Who may do what
from where is one table, ``TRANSITIONS``; the database refuses a step that is not in it.
"""

import uuid
from dataclasses import dataclass
from typing import Literal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Instruction, Organisation, Person
from tanhui.identity.vault import EncryptedField
from tanhui.journal.permanence import permanent
from tanhui.library.models.catalogue import Scheme

Side = Literal["PROPOSER", "AUTHORITY"]


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: an act, from which state to which, on whose side, and the kind of fact it tells."""

    act: str
    before: str
    after: str
    side: Side
    fact: str


TRANSITIONS = [
    Transition("submit", "DRAFT", "SUBMITTED", "PROPOSER", "library.submitted"),
    Transition("submit", "RETURNED", "SUBMITTED", "PROPOSER", "library.submitted"),
    Transition("take", "SUBMITTED", "FORM_CHECK", "AUTHORITY", "library.form_check_begun"),
    Transition("take", "FORM_CHECK", "FORM_CHECK", "AUTHORITY", "library.form_check_begun"),
    Transition("publicise", "FORM_CHECK", "COMMENT", "AUTHORITY", "library.comment_opened"),
    Transition("convene", "COMMENT", "REVIEW", "AUTHORITY", "library.review_opened"),
    Transition("file", "REVIEW", "APPROVED", "AUTHORITY", "library.filed"),
    Transition("publish", "APPROVED", "PUBLISHED", "AUTHORITY", "library.published"),
    *(
        Transition("return", before, "RETURNED", "AUTHORITY", "library.returned")
        for before in ("FORM_CHECK", "COMMENT", "REVIEW")
    ),
    *(
        Transition("reject", before, "REJECTED", "AUTHORITY", "library.rejected")
        for before in ("FORM_CHECK", "COMMENT", "REVIEW")
    ),
    *(
        Transition("withdraw", before, "WITHDRAWN", "PROPOSER", "library.withdrawn")
        for before in ("DRAFT", "SUBMITTED", "FORM_CHECK", "COMMENT", "REVIEW", "RETURNED")
    ),
]


class Proposal(models.Model):
    """Somebody proposes a methodology or the revision of one. ``revision`` counts every change of the row: a page that
    shows an older one may not overwrite a newer.

    ``draft`` is what is being filled in; ``sealed`` holds the contact particulars, which are never public.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        SUBMITTED = "SUBMITTED", _("Submitted")
        FORM_CHECK = "FORM_CHECK", _("Form check")
        COMMENT = "COMMENT", _("Public comment")
        REVIEW = "REVIEW", _("Expert review")
        APPROVED = "APPROVED", _("Filed")
        PUBLISHED = "PUBLISHED", _("Published")
        RETURNED = "RETURNED", _("Returned for correction")
        REJECTED = "REJECTED", _("Not approved")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("proposal", "Withdrawn")

    class Kind(models.TextChoices):
        NEW = "NEW", _("A new methodology")
        REVISION = "REVISION", _("The revision of a methodology")

    AT_WORK = (State.SUBMITTED, State.FORM_CHECK, State.COMMENT, State.REVIEW, State.APPROVED)
    DISCLOSED = (State.COMMENT, State.REVIEW, State.APPROVED, State.PUBLISHED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.BigIntegerField(_("proposal number"), null=True, unique=True)  # given when first submitted
    proposer = models.ForeignKey(Person, models.PROTECT, related_name="methodology_proposals")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="methodology_proposals")
    authority = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    kind = models.CharField(_("kind of proposal"), max_length=8, choices=Kind, blank=True)
    scheme = models.CharField(_("scheme"), max_length=8, choices=Scheme, blank=True)
    revises = models.ForeignKey("library.Version", models.PROTECT, null=True, related_name="revisions")
    name = models.CharField(_("name"), max_length=160, blank=True)
    revision = models.PositiveIntegerField(default=1)
    draft = models.JSONField(default=dict)
    sealed = EncryptedField()
    handler = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    disclosed_at = models.DateTimeField(_("public since"), null=True)
    comment_until = models.DateField(_("comments until"), null=True)
    stage_since = models.DateTimeField(null=True)
    used_days = models.PositiveSmallIntegerField(default=0)  # working days of the form check before it was returned
    due_on = models.DateField(null=True)
    limits = models.JSONField(default=dict)  # the time limits it keeps, as a rule pack gave them on the first day
    instruction = models.ForeignKey(Instruction, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["DRAFT", "WITHDRAWN"])
                | Q(number__isnull=False, authority__isnull=False) & ~Q(name="") & ~Q(scheme="") & ~Q(kind=""),
                name="a_submitted_proposal_says_what_and_to_whom",
            ),
            models.CheckConstraint(
                condition=Q(kind="REVISION") | Q(revises__isnull=True), name="only_a_revision_revises_a_version"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["COMMENT", "REVIEW", "APPROVED", "PUBLISHED"])
                | Q(disclosed_at__isnull=False, comment_until__isnull=False),
                name="what_is_reviewed_was_public_first",
            ),
        ]
        indexes = [
            models.Index(fields=["proposer", "-changed_at"], name="proposals_of_a_person"),
            models.Index(fields=["authority", "state", "due_on"], name="proposals_at_an_authority"),
            models.Index(fields=["-disclosed_at"], name="proposals_made_public"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()

    @property
    def code(self) -> str:
        """The number as it is printed: ``F000012``; empty before the first submission."""
        return f"F{self.number:06d}" if self.number else ""

    @property
    def by_whom(self) -> str:
        """Who proposes, as it is published: the organisation, or the person who does so in their own name."""
        return str(self.organisation) if self.organisation else self.proposer.name


class Round(models.Model):
    """What was submitted, word for word: once at first, and again after each return."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    sealed = EncryptedField()
    papers = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="a_proposal_counts_its_rounds")]
        triggers = [permanent("proposal_rounds")]


class Step(models.Model):
    """One step of a proposal: who took it, for whom, from where to where, and what they said."""

    append_only = True

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=9)
    before = models.CharField(max_length=10, choices=Proposal.State)
    after = models.CharField(max_length=10, choices=Proposal.State)
    round = models.ForeignKey(Round, models.PROTECT, null=True, related_name="steps")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=1000, blank=True)
    remarks = models.JSONField(default=dict)  # what to correct, by point of the form check
    checklist = models.JSONField(default=list)  # the points found in order
    reference = models.CharField(max_length=64)
    body_sha256 = models.CharField(max_length=64)
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="a_proposal_counts_its_steps"),
            models.UniqueConstraint(fields=["by", "reference"], name="a_proposal_step_has_its_own_reference"),
            models.CheckConstraint(
                condition=Q(
                    *(Q(act=one.act, before=one.before, after=one.after) for one in TRANSITIONS), _connector=Q.OR
                ),
                name="a_proposal_step_is_in_the_table",
            ),
            models.CheckConstraint(
                condition=~Q(act__in=["return", "reject"]) | ~Q(reason="") | ~Q(remarks={}),
                name="a_returned_or_rejected_proposal_is_told_why",
            ),
        ]
        triggers = [permanent("proposal_steps")]


class Paper(models.Model):
    """A paper of a proposal as it stands now; which version a round had, the round says."""

    class Kind(models.TextChoices):
        FORM = "FORM", _("Application form, signed or sealed")
        TEXT = "TEXT", _("Text of the methodology (draft)")
        GROUNDS = "GROUNDS", _("Notes on the drafting, data and trial calculation")

    NEEDED = (Kind.FORM, Kind.TEXT)

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=7, choices=Kind)
    document = models.UUIDField(unique=True)  # in the room of files
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "kind"], name="one_paper_of_a_kind_per_proposal")]

"""What the public and the experts say about a proposal, the minutes of their meeting, and the filing."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Organisation, Person
from tanhui.identity.vault import EncryptedField
from tanhui.journal.permanence import permanent
from tanhui.library.models.catalogue import Category, Sector, Signed
from tanhui.library.models.proposal import Proposal, Round

# The principles every expert scores (川林发 guiding opinion, three (one); rules M-08).
PRINCIPLES = {
    "REAL": _("Reality"),  # 真实性
    "ADDITIONAL": _("Additionality"),  # 额外性
    "UNIQUE": _("Uniqueness"),  # 唯一性
    "INCLUSIVE": _("Inclusiveness"),  # 普惠性
    "REPRESENTATIVE": _("Representativeness"),  # 代表性
    "DATA": _("Availability of data"),  # 数据可获得性
}
SCORES = range(1, 6)


class Comment(models.Model):
    """What somebody says about a proposal while it is open to comment. How to reach them is sealed and never public.

    Whoever is signed in is shown at once; others wait until the authority has looked that it is no abuse. Nothing is
    deleted: what is not shown says why.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("Waiting to be shown")
        SHOWN = "SHOWN", _("Shown")
        HIDDEN = "HIDDEN", _("Not shown")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="comments")
    round = models.ForeignKey(Round, models.PROTECT, related_name="comments")
    number = models.PositiveIntegerField()
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="methodology_comments")
    name = models.CharField(_("name"), max_length=64)
    organisation = models.CharField(_("organisation"), max_length=120, blank=True)
    contact = EncryptedField()
    clause = models.CharField(_("chapter or clause"), max_length=120, blank=True)
    text = models.TextField(_("comment"), max_length=2000)
    state = models.CharField(max_length=7, choices=State)
    hidden_reason = models.CharField(_("why it is not shown"), max_length=300, blank=True)
    moderated_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(_("answer given"), max_length=2000, blank=True)
    adopted = models.BooleanField(_("adopted"), null=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="a_proposal_counts_its_comments"),
            models.CheckConstraint(
                condition=~Q(state="HIDDEN") | ~Q(hidden_reason=""), name="a_comment_not_shown_says_why"
            ),
            models.CheckConstraint(
                condition=Q(answer="", adopted__isnull=True, answered_at__isnull=True)
                | ~Q(answer="") & Q(adopted__isnull=False, answered_at__isnull=False, answered_by__isnull=False),
                name="an_answered_comment_says_whether_it_is_adopted",
            ),
        ]


class Panelist(models.Model):
    """An expert appointed for one round of a proposal, and what they declare about their interests (回避).

    A declared conflict takes the vote away for good; whoever belongs to the proposer is not appointed at all.
    """

    class Declared(models.TextChoices):
        NONE = "NONE", _("No conflict of interest")
        CONFLICT = "CONFLICT", _("Conflict of interest: recused")

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="panel")
    round = models.ForeignKey(Round, models.PROTECT, related_name="panel")
    person = models.ForeignKey(Person, models.PROTECT, related_name="methodology_panels")
    committee = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    declared = models.CharField(_("declaration"), max_length=8, choices=Declared, blank=True)
    statement = models.CharField(_("statement"), max_length=500, blank=True)
    declared_at = models.DateTimeField(null=True)
    appointed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    appointed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "person"], name="an_expert_sits_once_in_a_round"),
            models.CheckConstraint(
                condition=Q(declared="", declared_at__isnull=True) | ~Q(declared="") & Q(declared_at__isnull=False),
                name="a_declaration_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(declared="CONFLICT") | ~Q(statement=""), name="a_conflict_of_interest_is_stated"
            ),
        ]


class Vote(models.Model):
    """An expert's vote with its reason and a score from 1 to 5 for each principle. It is cast once."""

    append_only = True

    class Choice(models.TextChoices):
        APPROVE = "APPROVE", _("Approve")
        REVISE = "REVISE", _("Revise and review again")
        REJECT = "REJECT", _("Do not approve")

    panelist = models.OneToOneField(Panelist, models.PROTECT, primary_key=True, related_name="vote")
    choice = models.CharField(_("vote"), max_length=7, choices=Choice)
    reason = models.TextField(_("reasons"), max_length=2000)
    scores = models.JSONField()
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="a_vote_has_its_reason")]
        triggers = [permanent("votes")]


class Minutes(models.Model):
    """The record of a review: who was appointed, recused and voted, how, and what follows by the rule pack's quorum and
    majority. The numbers are kept as they were counted."""

    append_only = True

    class Outcome(models.TextChoices):
        PASSED = "PASSED", pgettext_lazy("review", "Passed")
        FAILED = "FAILED", pgettext_lazy("review", "Not passed")

    round = models.OneToOneField(Round, models.PROTECT, primary_key=True, related_name="minutes")
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="minutes")
    held_on = models.DateField(_("day of the meeting"))
    text = models.TextField(_("minutes"), max_length=5000)
    appointed = models.PositiveSmallIntegerField()
    recused = models.PositiveSmallIntegerField()
    approve = models.PositiveSmallIntegerField()
    revise = models.PositiveSmallIntegerField()
    reject = models.PositiveSmallIntegerField()
    scores = models.JSONField()  # mean of each principle in hundredths
    rules = models.JSONField()  # quorum, majority and least mean score with pack, clause and grade
    outcome = models.CharField(max_length=6, choices=Outcome)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(appointed__gte=F("recused") + F("approve") + F("revise") + F("reject")),
                name="nobody_votes_who_was_not_appointed",
            )
        ]
        triggers = [permanent("review_minutes")]


class Filing(Signed):
    """What is put on record (备案) of an approved proposal: its code and version, and the bytes it is bound to."""

    append_only = True

    proposal = models.OneToOneField(Proposal, models.PROTECT, primary_key=True, related_name="filing")
    code = models.CharField(_("code"), max_length=40)
    version = models.CharField(_("version"), max_length=16)
    number = models.CharField(_("number of the filing"), max_length=80)
    name = models.CharField(_("name"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    sector = models.CharField(_("sector"), max_length=10, choices=Sector)
    category = models.CharField(_("class"), max_length=8, choices=Category)
    package = models.CharField(_("package on the shelf"), max_length=80, blank=True)
    package_sha256 = models.CharField(max_length=64, blank=True)
    text_sha256 = models.CharField(max_length=64)
    crediting_years_min = models.PositiveSmallIntegerField(null=True)
    crediting_years_max = models.PositiveSmallIntegerField(null=True)
    valid_from = models.DateField(_("valid from"))
    previous_until = models.DateField(_("the version before takes new projects until"), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="a_code_and_version_are_filed_once"),
            models.CheckConstraint(condition=~Q(initiator=F("confirmer")), name="a_filing_is_signed_by_two_people"),
        ]
        triggers = [permanent("filings")]

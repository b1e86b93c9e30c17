"""The expert committee (专家委员会) and its panels on projects and reductions: roster, seats, votes, minutes.

The same shape as the review of methodologies in the library, about another matter.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Organisation, Person
from tanhui.journal.permanence import permanent
from tanhui.projects.models.development import Development, Monitoring


class Expert(models.Model):
    """A member of an expert committee as the roster shows them. ``employers``: who employed them and until when, as
    declared: name, uscc, ``from``, ``until`` (``None``: still)."""

    person = models.OneToOneField(Person, models.PROTECT, related_name="expert")
    committee = models.ForeignKey(Organisation, models.PROTECT, related_name="experts")
    title = models.CharField(pgettext_lazy("projects", "title"), max_length=60, blank=True)
    field = models.CharField(_("field"), max_length=120)
    employers = models.JSONField(default=list)
    since = models.DateField(_("member since"))
    until = models.DateField(_("member until"), null=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="a_membership_of_experts_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return self.person.name


class Panel(models.Model):
    """Experts convened on one matter: a project, or the reductions of a monitoring period."""

    class State(models.TextChoices):
        RUNNING = "RUNNING", _("In review")
        CONCLUDED = "CONCLUDED", pgettext_lazy("projects", "Concluded")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    development = models.ForeignKey(Development, models.PROTECT, related_name="panels")
    monitoring = models.ForeignKey(Monitoring, models.PROTECT, null=True, related_name="panels")
    number = models.PositiveSmallIntegerField()
    convener = models.ForeignKey(Organisation, models.PROTECT, related_name="panels")
    rules = models.JSONField()  # quorum, majority and years of employment with pack, clause and grade
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.RUNNING)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["development", "monitoring", "number"], nulls_distinct=False, name="a_matter_counts_its_panels"
            ),
            models.UniqueConstraint(
                fields=["development", "monitoring"], nulls_distinct=False, condition=Q(state="RUNNING"),
                name="a_matter_has_one_panel_at_a_time",
            ),
        ]  # fmt: skip


class Seat(models.Model):
    """An expert on a panel, and what they declare about their interests (回避). A declared conflict takes the vote away
    for good; one that is known beforehand keeps an expert off the panel."""

    class Declared(models.TextChoices):
        NONE = "NONE", _("No conflict of interest")
        CONFLICT = "CONFLICT", pgettext_lazy("projects", "Conflict of interest: recused")

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="seats")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="seats")
    declared = models.CharField(pgettext_lazy("projects", "declaration"), max_length=8, choices=Declared, blank=True)
    statement = models.CharField(_("statement"), max_length=500, blank=True)
    declared_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["panel", "expert"], name="an_expert_sits_once_on_a_panel"),
            models.CheckConstraint(
                condition=Q(declared="", declared_at__isnull=True) | ~Q(declared="") & Q(declared_at__isnull=False),
                name="a_declared_interest_has_its_time",
            ),
            models.CheckConstraint(condition=~Q(declared="CONFLICT") | ~Q(statement=""), name="a_recusal_says_why"),
        ]


class Vote(models.Model):
    """An expert's vote with its reasons. It is cast once."""

    append_only = True

    class Choice(models.TextChoices):
        APPROVE = "APPROVE", _("Approve")
        REJECT = "REJECT", _("Do not approve")
        ABSTAIN = "ABSTAIN", _("Abstain")

    seat = models.OneToOneField(Seat, models.PROTECT, primary_key=True, related_name="vote")
    choice = models.CharField(pgettext_lazy("projects", "vote"), max_length=7, choices=Choice)
    reason = models.TextField(_("reasons"), max_length=2000)
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="a_panel_vote_has_its_reason")]
        triggers = [permanent("panel_votes")]


class Minutes(models.Model):
    """The record of a panel: who was appointed, recused and voted, how, and what follows by quorum and majority."""

    append_only = True

    class Outcome(models.TextChoices):
        APPROVED = "APPROVED", pgettext_lazy("panel", "Approved")
        REJECTED = "REJECTED", pgettext_lazy("panel", "Not approved")

    panel = models.OneToOneField(Panel, models.PROTECT, primary_key=True, related_name="minutes")
    held_on = models.DateField(_("day of the meeting"))
    text = models.TextField(pgettext_lazy("projects", "minutes"), max_length=5000)
    appointed = models.PositiveSmallIntegerField()
    recused = models.PositiveSmallIntegerField()
    approve = models.PositiveSmallIntegerField()
    reject = models.PositiveSmallIntegerField()
    abstain = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(appointed__gte=F("recused") + F("approve") + F("reject") + F("abstain")),
                name="nobody_votes_who_has_no_seat",
            )
        ]
        triggers = [permanent("panel_minutes")]

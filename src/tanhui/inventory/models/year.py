"""The accounting year of an area: where it stands, and the steps by which it came to stand so.

Who may do what from where is one table, ``TRANSITIONS``; the database refuses a step that is not in it. A later edition
of the same area and year takes the place of the earlier one, which stays readable.
"""

from dataclasses import dataclass
from typing import Literal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Instruction, Organisation, Person
from tanhui.journal.permanence import permanent

Side = Literal["AUTHORITY", "VERIFIER", "MACHINE"]


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: an act, from which state to which, on whose side, and the kind of fact it tells."""

    act: str
    before: str
    after: str
    side: Side
    fact: str


TRANSITIONS = [
    Transition("collect", "PLANNED", "COLLECTED", "AUTHORITY", "inventory.collected"),
    Transition("compute", "COLLECTED", "COMPUTED", "MACHINE", "inventory.computed"),
    Transition("verify", "COMPUTED", "VERIFIED", "VERIFIER", "inventory.verified"),
    Transition("refute", "COMPUTED", "COLLECTED", "VERIFIER", "inventory.refuted"),
    Transition("draft", "VERIFIED", "DRAFTED", "AUTHORITY", "inventory.drafted"),
    Transition("publish", "DRAFTED", "PUBLISHED", "AUTHORITY", "inventory.published"),
    Transition("archive", "PUBLISHED", "ARCHIVED", "AUTHORITY", "inventory.archived"),
    *(
        Transition("reopen", before, "PLANNED", "AUTHORITY", "inventory.reopened")
        for before in ("COLLECTED", "COMPUTED", "VERIFIED", "DRAFTED")
    ),
    *(
        Transition("supersede", before, "SUPERSEDED", "AUTHORITY", "inventory.superseded")
        for before in ("PUBLISHED", "ARCHIVED")
    ),
]


class AccountingYear(models.Model):
    """The stock sink of an area in a year, in the hands of its natural-resources authority (自然资源主管部门).

    ``edition`` counts the revisions of the same area and year: 1, 2, …; a later one says in ``reason`` why. ``method``
    is what was chosen for the run: norm, NPP, respiration models, grid, and ``since`` which year a back series is
    recomputed with it. ``revision`` counts every change of the
    row: a page that shows an older one may not overwrite a newer.
    """

    class State(models.TextChoices):
        PLANNED = "PLANNED", _("Planned")
        COLLECTED = "COLLECTED", _("Data collected")
        COMPUTED = "COMPUTED", _("Figures computed")
        VERIFIED = "VERIFIED", _("Figures verified")
        DRAFTED = "DRAFTED", _("Report drafted")
        PUBLISHED = "PUBLISHED", _("Published")
        ARCHIVED = "ARCHIVED", _("Archived")
        SUPERSEDED = "SUPERSEDED", _("Superseded")

    AT_WORK = (State.PLANNED, State.COLLECTED, State.COMPUTED, State.VERIFIED, State.DRAFTED)
    IN_FORCE = (State.PUBLISHED, State.ARCHIVED)
    DISCLOSED = (State.PUBLISHED, State.ARCHIVED, State.SUPERSEDED)

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="accounting_years")
    area_name = models.CharField(_("area"), max_length=60)
    division_code = models.CharField(_("administrative division code"), max_length=12)
    year = models.PositiveSmallIntegerField(_("accounting year"))
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)
    revises = models.OneToOneField("self", models.PROTECT, null=True, related_name="revised_by")
    reason = models.CharField(_("reason for the revision"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    method = models.JSONField(default=dict)
    verifier = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="years_to_verify")
    instruction = models.ForeignKey(Instruction, models.PROTECT, null=True, related_name="+")  # that asks to publish
    due_on = models.DateField(_("to be published by"), null=True)
    revision = models.PositiveIntegerField(default=1)
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "division_code", "year", "edition"],
                name="an_area_and_year_have_an_edition_once",
            ),
            models.CheckConstraint(
                condition=Q(edition=1, revises__isnull=True, reason="")
                | Q(edition__gt=1, revises__isnull=False) & ~Q(reason=""),
                name="a_later_edition_says_what_it_revises_and_why",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=1950, year__lte=2199), name="an_accounting_year_is_of_our_time"
            ),
            models.CheckConstraint(
                condition=Q(verifier__isnull=True) | ~Q(verifier=models.F("organisation")),
                name="no_authority_verifies_its_own_year",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-year", "-edition"], name="years_of_an_authority"),
            models.Index(fields=["division_code", "year", "state"], name="years_of_an_area"),
        ]

    def __str__(self) -> str:
        return f"{self.area_name} {self.year}"

    @property
    def earlier(self) -> range:
        """The years before that the same run recomputes (a back series, 历年序列); none by default."""
        return range(int(self.method.get("since") or self.year), self.year)

    @property
    def code(self) -> str:
        """As it is printed: ``330604-2023``, from the second edition on ``330604-2023-2``."""
        plain = f"{self.division_code}-{self.year}"
        return plain if self.edition == 1 else f"{plain}-{self.edition}"


class Step(models.Model):
    """One step of an accounting year: who took it, for whom, from where to where, and what they said."""

    append_only = True

    accounting_year = models.ForeignKey(AccountingYear, models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=9)
    before = models.CharField(max_length=10, choices=AccountingYear.State)
    after = models.CharField(max_length=10, choices=AccountingYear.State)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=1000, blank=True)
    reference = models.CharField(max_length=64)
    body_sha256 = models.CharField(max_length=64)
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["accounting_year", "number"], name="an_accounting_year_counts_its_steps"),
            models.UniqueConstraint(fields=["by", "reference"], name="an_accounting_step_has_its_own_reference"),
            models.CheckConstraint(
                condition=Q(
                    *(Q(act=one.act, before=one.before, after=one.after) for one in TRANSITIONS), _connector=Q.OR
                ),
                name="an_accounting_step_is_in_the_table",
            ),
            models.CheckConstraint(
                condition=~Q(act__in=["reopen", "refute", "supersede"]) | ~Q(reason=""),
                name="who_takes_an_accounting_year_back_says_why",
            ),
        ]
        triggers = [permanent("accounting_steps")]

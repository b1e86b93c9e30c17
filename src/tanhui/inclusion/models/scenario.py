"""A scenario of everyday life (减排场景): what it asks, where it stands, and the steps by which it came to stand so.

Who may do what from where is one table, ``TRANSITIONS``; the database refuses a step that is not in it.
"""

from dataclasses import dataclass
from typing import Literal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Instruction, Organisation, Person
from tanhui.journal.permanence import permanent

Side = Literal["ASSESSOR", "OPERATOR"]


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: an act, from which state to which, on whose side, and the kind of fact it tells."""

    act: str
    before: str
    after: str
    side: Side
    fact: str


TRANSITIONS = [
    Transition("assess", "APPLIED", "ASSESSED", "ASSESSOR", "inclusion.scenario_assessed"),
    Transition("refuse", "APPLIED", "REMOVED", "ASSESSOR", "inclusion.scenario_removed"),
    Transition("publish", "ASSESSED", "PUBLISHED", "OPERATOR", "inclusion.scenario_published"),
    Transition("connect", "PUBLISHED", "CONNECTED", "OPERATOR", "inclusion.scenario_connected"),
    Transition("operate", "CONNECTED", "OPERATING", "OPERATOR", "inclusion.scenario_operating"),
    Transition("reassess", "OPERATING", "OPERATING", "ASSESSOR", "inclusion.scenario_reassessed"),
    Transition("suspend", "OPERATING", "SUSPENDED", "OPERATOR", "inclusion.scenario_suspended"),
    Transition("resume", "SUSPENDED", "OPERATING", "OPERATOR", "inclusion.scenario_operating"),
    *(
        Transition("remove", before, "REMOVED", "OPERATOR", "inclusion.scenario_removed")
        for before in ("ASSESSED", "PUBLISHED", "CONNECTED", "SUSPENDED")
    ),
]
REASONED = ("refuse", "suspend", "remove")  # whoever takes something away says why


class Scenario(models.Model):
    """A scenario on one version of a methodology, in one region.

    ``unit`` is the small whole unit its events are counted in (m, step, piece, Wh); ``rule`` is what settlement reads:
    grams per unit as a ratio of whole numbers, bounds of an event, and what else a published rule needs. Caps are whole
    grams of one person, 0 for none. ``asks`` says what is handed in as evidence. ``revision`` counts every change.
    """

    class Field(models.TextChoices):
        CLOTHING = "CLOTHING", pgettext_lazy("inclusion", "Clothing")  # 衣
        FOOD = "FOOD", pgettext_lazy("inclusion", "Food")  # 食
        HOUSING = "HOUSING", pgettext_lazy("inclusion", "Housing")  # 住
        TRAVEL = "TRAVEL", pgettext_lazy("inclusion", "Travel")  # 行
        GOODS = "GOODS", pgettext_lazy("inclusion", "Goods and services")  # 用

    class State(models.TextChoices):
        APPLIED = "APPLIED", pgettext_lazy("inclusion", "Applied for")
        ASSESSED = "ASSESSED", pgettext_lazy("inclusion", "Assessed")
        PUBLISHED = "PUBLISHED", pgettext_lazy("inclusion", "Published")
        CONNECTED = "CONNECTED", pgettext_lazy("inclusion", "Connected")
        OPERATING = "OPERATING", pgettext_lazy("inclusion", "Operating")
        SUSPENDED = "SUSPENDED", pgettext_lazy("inclusion", "Suspended")
        REMOVED = "REMOVED", pgettext_lazy("inclusion", "Removed")

    SHOWN = (State.PUBLISHED, State.CONNECTED, State.OPERATING, State.SUSPENDED)

    code = models.SlugField(pgettext_lazy("inclusion", "code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    summary = models.CharField(pgettext_lazy("inclusion", "in a sentence"), max_length=300, blank=True)
    field = models.CharField(_("field of life"), max_length=8, choices=Field)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="scenarios")  # that applied for it
    methodology = models.CharField(_("methodology"), max_length=60)  # code/version on the shelf
    item = models.CharField(pgettext_lazy("inclusion", "item"), max_length=40, blank=True)
    division_code = models.CharField(_("administrative division code"), max_length=12)
    region_name = models.CharField(_("region"), max_length=60)
    unit = models.CharField(_("unit"), max_length=12)
    rule = models.JSONField(default=dict)
    cap_day_g = models.PositiveBigIntegerField(pgettext_lazy("inclusion", "cap of a day"), default=0)
    cap_year_g = models.PositiveBigIntegerField(pgettext_lazy("inclusion", "cap of a year"), default=0)
    tracks = models.BooleanField(pgettext_lazy("inclusion", "needs a location track"), default=False)
    pooled = models.BooleanField(pgettext_lazy("inclusion", "pooled into units, not points"), default=False)
    exclusions = models.TextField(pgettext_lazy("inclusion", "what does not count"), max_length=1000, blank=True)
    asks = models.TextField(pgettext_lazy("inclusion", "evidence demanded"), max_length=1000, blank=True)
    ease = models.PositiveSmallIntegerField(pgettext_lazy("inclusion", "how hard it is to introduce"), default=3)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.APPLIED)
    reassess_by = models.DateField(pgettext_lazy("inclusion", "to be reassessed by"), null=True)
    instruction = models.ForeignKey(Instruction, models.PROTECT, null=True, related_name="+")  # that asks to publish
    revision = models.PositiveIntegerField(default=1)
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ease__gte=1, ease__lte=5), name="the_ease_of_a_scenario_is_from_one_to_five"
            ),
            models.CheckConstraint(
                condition=~Q(state="OPERATING") | Q(reassess_by__isnull=False),
                name="a_scenario_in_operation_is_reassessed_some_day",
            ),
        ]
        indexes = [models.Index(fields=["state", "ease", "code"], name="scenarios_by_ease")]

    def __str__(self) -> str:
        return self.name


class ScenarioStep(models.Model):
    """One step of a scenario: who took it, for whom, from where to where, and what they said."""

    append_only = True

    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=9)
    before = models.CharField(max_length=9, choices=Scenario.State)
    after = models.CharField(max_length=9, choices=Scenario.State)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=1000, blank=True)
    facts = models.JSONField(default=dict)
    reference = models.CharField(max_length=64)
    body_sha256 = models.CharField(max_length=64)
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scenario", "number"], name="a_scenario_counts_its_steps"),
            models.UniqueConstraint(fields=["by", "reference"], name="a_scenario_step_has_its_own_reference"),
            models.CheckConstraint(
                condition=Q(
                    *(Q(act=one.act, before=one.before, after=one.after) for one in TRANSITIONS), _connector=Q.OR
                ),
                name="a_scenario_step_is_in_the_table",
            ),
            models.CheckConstraint(
                condition=~Q(act__in=REASONED) | ~Q(reason=""), name="who_takes_a_scenario_away_says_why"
            ),
        ]
        triggers = [permanent("scenario_steps")]

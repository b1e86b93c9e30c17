"""Pools (汇集): what many people saved in one scenario over a period, counted once, in whole tonnes, for issuance."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Instruction, Organisation, Person
from tanhui.inclusion.models.points import Grant
from tanhui.inclusion.models.provider import Settlement
from tanhui.inclusion.models.scenario import Scenario
from tanhui.journal.permanence import permanent
from tanhui.registry.models import Period, Project


class Pool(models.Model):
    """All days of one scenario in a period that nothing else has claimed, gathered into one quantity.

    ``grams`` is the sum of its claims, of the differences it carries for pools before it, and of what the last of them
    left over (``brought``); ``tonnes`` of it go into the project's period, ``left_g`` waits for the next pool.
    ``evidence_sha256`` is over the settlements it rests on, day by day, which anyone can recompute from the log.
    """

    class State(models.TextChoices):
        ASKED = "ASKED", pgettext_lazy("inclusion", "Waits for a second person")
        GATHERED = "GATHERED", pgettext_lazy("inclusion", "Gathered")
        VERIFIED = "VERIFIED", pgettext_lazy("inclusion", "Verified")
        DROPPED = "DROPPED", pgettext_lazy("inclusion", "Not signed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.PositiveIntegerField(unique=True)
    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="pools")
    project = models.ForeignKey(Project, models.PROTECT, related_name="pools")
    operator = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    first_day = models.DateField(pgettext_lazy("inclusion", "from"))
    last_day = models.DateField(pgettext_lazy("inclusion", "to (including)"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ASKED)
    people = models.PositiveIntegerField(default=0)
    days = models.PositiveBigIntegerField(default=0)
    brought = models.OneToOneField("self", models.PROTECT, null=True, related_name="taken_on_by")
    grams = models.BigIntegerField(default=0)
    tonnes = models.PositiveIntegerField(default=0)
    left_g = models.BigIntegerField(default=0)
    evidence_sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    claims_sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    period = models.OneToOneField(Period, models.PROTECT, null=True, related_name="pool")
    instruction = models.OneToOneField(Instruction, models.PROTECT, related_name="pool")
    entry = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    gathered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="a_pool_has_a_day_at_least"),
            models.CheckConstraint(
                condition=Q(grams=F("tonnes") * 1_000_000 + F("left_g")) & Q(left_g__gte=0, left_g__lt=1_000_000),
                name="a_pool_is_whole_tonnes_and_a_rest",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ASKED", "DROPPED"]) | Q(gathered_at__isnull=False, entry__isnull=False),
                name="a_gathered_pool_is_told",
            ),
            models.CheckConstraint(
                condition=Q(state="VERIFIED", period__isnull=False) | ~Q(state="VERIFIED") & Q(period__isnull=True),
                name="a_verified_pool_has_its_period",
            ),
            models.UniqueConstraint(
                fields=["scenario"], condition=Q(state="ASKED"), name="one_pool_of_a_scenario_waits_at_a_time"
            ),
        ]

    @property
    def code(self) -> str:
        """As it is printed: ``HJ-0007`` (汇集)."""
        return f"HJ-{self.number:04d}"

    def __str__(self) -> str:
        return self.code


class PoolDay(models.Model):
    """What one day gave to a pool: its claims, and the settlement that says so with the hash of its results."""

    append_only = True

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="gathered")
    day = models.DateField()
    grant = models.OneToOneField(Grant, models.PROTECT, related_name="pool_day")
    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="+")
    results_sha256 = models.CharField(max_length=64)
    people = models.PositiveIntegerField()
    grams = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pool", "day"], name="a_pool_gathers_a_day_once")]
        triggers = [permanent("days_of_pools")]


class PoolDifference(models.Model):
    """What late and corrected events changed, all in all, in a day that an earlier pool claimed: the next pool carries
    it, so that the tonnes of both together are what was settled last. ``grams`` can be below 0."""

    append_only = True

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="differences")
    day = models.DateField()
    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="+")
    results_sha256 = models.CharField(max_length=64)
    grams = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "day"], name="a_pool_carries_the_difference_of_a_day_once"),
            models.CheckConstraint(condition=~Q(grams=0), name="a_difference_is_not_nothing"),
        ]
        triggers = [permanent("differences_of_pools")]


class Proceeds(models.Model):
    """Money that a pool's units earned, back into the budget of rewards (rules C-07)."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="proceeds")
    sale = models.CharField(pgettext_lazy("inclusion", "reference of the sale"), max_length=64)
    tonnes = models.PositiveIntegerField()
    fen = models.PositiveBigIntegerField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sale"], name="a_sale_of_a_pool_is_entered_once"),
            models.CheckConstraint(condition=Q(tonnes__gt=0, fen__gt=0), name="proceeds_are_of_something"),
            models.CheckConstraint(condition=~Q(by=F("confirmed_by")), name="nobody_enters_proceeds_alone"),
        ]
        triggers = [permanent("proceeds_of_pools")]

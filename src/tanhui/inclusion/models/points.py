"""Points (积分): granted for grams a batch at a time, spent one by one; never money, never anybody else's.

Design and reasons: docs/algorithms/points.md.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Person
from tanhui.inclusion.models.account import Account
from tanhui.inclusion.models.scenario import Scenario
from tanhui.journal.permanence import permanent


class Grant(models.Model):
    """One batch of claims: all that a settlement of a day gave. Numbered in the order in which batches became visible.

    ``grams_a_point`` and ``expires_on`` are what the rule pack said that day.
    """

    append_only = True

    class Kind(models.TextChoices):
        POINTS = "POINTS", pgettext_lazy("inclusion", "Points")
        POOL = "POOL", pgettext_lazy("inclusion", "Pooled into units")

    id = models.IntegerField(primary_key=True)
    reference = models.CharField(max_length=96)
    kind = models.CharField(max_length=6, choices=Kind)
    day = models.DateField()
    grams_a_point = models.IntegerField(null=True)
    expires_on = models.DateField(null=True)
    rows = models.IntegerField()
    grams = models.BigIntegerField()
    points = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="a_reference_names_one_grant"),
            models.CheckConstraint(
                condition=Q(kind="POINTS", grams_a_point__gt=0, expires_on__isnull=False)
                | Q(kind="POOL", grams_a_point__isnull=True, expires_on__isnull=True, points=0),
                name="a_grant_of_points_says_their_rate_and_end",
            ),
        ]
        indexes = [models.Index(fields=["day"], name="grants_by_day")]
        triggers = [permanent("grants")]


class Claim(models.Model):
    """What one behaviour-day was counted for (计入): points, or a share in pooled units. Its key is the behaviour
    itself, so the database lets no gram be claimed twice, by whatever use."""

    append_only = True

    pk = models.CompositePrimaryKey("account_id", "day", "scenario_id")
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    day = models.DateField()
    scenario = models.ForeignKey(Scenario, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    grams = models.IntegerField()
    points = models.IntegerField()
    grant = models.ForeignKey(Grant, models.PROTECT, db_constraint=False, db_index=False, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(grams__gte=0, points__gte=0), name="a_claim_is_never_negative"),
        ]
        triggers = [permanent("claims")]


class Purse(models.Model):
    """The points of an account that end on one day: how many it ever had and how many are gone."""

    pk = models.CompositePrimaryKey("account_id", "expires_on")
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, db_index=False, related_name="purses")
    expires_on = models.DateField()
    granted = models.BigIntegerField()
    used = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(used__gte=0) & Q(used__lte=F("granted")), name="a_purse_is_never_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["expires_on"], condition=Q(used__lt=F("granted")), name="purses_that_run_out"),
        ]


class Gathered(models.Model):
    """Up to which grant an account's claims lie in its purse already; whoever changes a purse holds this row."""

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, db_constraint=False)
    grant_id = models.IntegerField(default=0)
    since = models.DateField(null=True)


class Entry(models.Model):
    """One movement of points other than a grant; ``points`` is what the account has more or less by it.

    ``parts`` are the purses it touched, as ``[day, points]``; ``balance`` is what was left then.
    """

    append_only = True

    class Kind(models.TextChoices):
        REDEEMED = "REDEEMED", pgettext_lazy("inclusion", "Redeemed")
        RETURNED = "RETURNED", pgettext_lazy("inclusion", "Given back")
        DONATED = "DONATED", pgettext_lazy("inclusion", "Donated")
        EXPIRED = "EXPIRED", pgettext_lazy("inclusion", "Run out")
        ADDED = "ADDED", pgettext_lazy("inclusion", "Added by a correction")
        REVERSED = "REVERSED", pgettext_lazy("inclusion", "Taken back by a correction")
        DEDUCTED = "DEDUCTED", pgettext_lazy("inclusion", "Deducted by a decision")
        FORFEITED = "FORFEITED", pgettext_lazy("inclusion", "Given up with the account")

    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, db_index=False, related_name="entries")
    kind = models.CharField(max_length=9, choices=Kind)
    points = models.BigIntegerField()
    balance = models.BigIntegerField()
    parts = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    reference = models.CharField(max_length=96)
    by_id = models.BigIntegerField(null=True)  # a person's id, where it was not the account's own holder
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="a_reference_names_one_entry_of_points"),
            models.CheckConstraint(condition=Q(balance__gte=0), name="points_are_never_owed"),
            models.CheckConstraint(
                condition=Q(kind__in=["RETURNED", "ADDED"], points__gte=0)
                | ~Q(kind__in=["RETURNED", "ADDED"]) & Q(points__lte=0),
                name="an_entry_of_points_goes_the_way_of_its_kind",
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="points_of_an_account")]
        triggers = [permanent("entries_of_points")]


class Deduction(models.Model):
    """Points that an operator wants to take from an account: one person says why, another decides, the holder reads
    both."""

    class State(models.TextChoices):
        ASKED = "ASKED", pgettext_lazy("inclusion", "Waits for a second person")
        DONE = "DONE", pgettext_lazy("inclusion", "Deducted")
        REJECTED = "REJECTED", pgettext_lazy("inclusion", "Rejected")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(Account, models.PROTECT, related_name="deductions")
    points = models.PositiveIntegerField(pgettext_lazy("inclusion", "points"))
    reason = models.CharField(pgettext_lazy("inclusion", "reason"), max_length=500)
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="nobody_deducts_points_alone",
            ),
            models.CheckConstraint(
                condition=Q(state="ASKED", decided_at__isnull=True) | ~Q(state="ASKED") & Q(decided_at__isnull=False),
                name="a_decided_deduction_says_when",
            ),
            models.CheckConstraint(condition=~Q(reason="") & Q(points__gt=0), name="a_deduction_says_how_much_and_why"),
            models.UniqueConstraint(
                fields=["account"], condition=Q(state="ASKED"), name="one_deduction_waits_at_a_time"
            ),
        ]

"""Mutual recognition with other regions (区域互认): agreements, what corresponds to what, statements, claims.

Somebody's home is one region. Another shows what was counted at home as a mirror that its home has signed; nothing is
added to what is counted here, and no behaviour is claimed by two.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Organisation
from tanhui.inclusion.models.account import Account
from tanhui.inclusion.models.scenario import Scenario
from tanhui.inclusion.models.signed import TwoSigned, in_the_log
from tanhui.journal.permanence import permanent


class Region(TwoSigned):
    """Another region under an agreement, and the key its statements are signed with (``name+id+base64``)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    code = models.SlugField(pgettext_lazy("inclusion", "code"), max_length=20)
    name = models.CharField(_("region"), max_length=60)
    division_code = models.CharField(_("administrative division code"), max_length=12)
    body = models.CharField(pgettext_lazy("inclusion", "body that operates it"), max_length=80)
    agreement = models.CharField(pgettext_lazy("inclusion", "number of the agreement"), max_length=60)
    key = models.CharField(pgettext_lazy("inclusion", "public key"), max_length=200)
    since = models.DateField(pgettext_lazy("inclusion", "from"))
    until = models.DateField(pgettext_lazy("inclusion", "until"))
    operator = models.ForeignKey(Organisation, models.PROTECT, related_name="recognised_regions")

    class Meta:
        constraints = [
            in_the_log("a_recognised_region_is_in_the_log"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="recognition_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state__in=["ASKED", "OPEN"]), name="a_region_is_recognised_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RegionMapping(TwoSigned):
    """One scenario there counts as one here: grams there × ``numerator`` / ``denominator``, rounded down, in a span."""

    class Grade(models.TextChoices):
        A = "A", pgettext_lazy("inclusion", "A official text")
        P = "P", pgettext_lazy("inclusion", "P peer-reviewed")
        B = "B", pgettext_lazy("inclusion", "B secondary copy")
        C = "C", pgettext_lazy("inclusion", "C press")
        D = "D", pgettext_lazy("inclusion", "D recalled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    region = models.ForeignKey(Region, models.PROTECT, related_name="mappings")
    theirs = models.CharField(pgettext_lazy("inclusion", "scenario there"), max_length=40)
    their_methodology = models.CharField(pgettext_lazy("inclusion", "methodology there"), max_length=60)
    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="+")
    methodology = models.CharField(_("methodology"), max_length=60)
    numerator = models.PositiveBigIntegerField(pgettext_lazy("inclusion", "numerator"))
    denominator = models.PositiveBigIntegerField(pgettext_lazy("inclusion", "denominator"))
    since = models.DateField(pgettext_lazy("inclusion", "from"))
    until = models.DateField(pgettext_lazy("inclusion", "until"))
    grade = models.CharField(pgettext_lazy("inclusion", "grade of evidence"), max_length=1, choices=Grade)
    basis = models.CharField(pgettext_lazy("inclusion", "why this ratio"), max_length=300)

    class Meta:
        constraints = [
            in_the_log("a_mapping_of_scenarios_is_in_the_log"),
            models.CheckConstraint(
                condition=Q(numerator__gte=1, denominator__gte=1, numerator__lte=10**9, denominator__lte=10**9)
                & Q(until__gt=F("since")) & ~Q(basis=""),
                name="a_mapping_of_scenarios_is_a_ratio_with_its_ground",
            ),
            models.UniqueConstraint(
                fields=["region", "theirs", "their_methodology"], condition=Q(state__in=["ASKED", "OPEN"]),
                name="a_scenario_there_counts_as_one_here",
            ),
        ]  # fmt: skip


class Mirror(models.Model):
    """Somebody whose home is another region, by the mark their home gives them for us; tied to an account here once
    they hand in their own statement."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    region = models.ForeignKey(Region, models.PROTECT, related_name="mirrors")
    reference = models.CharField(max_length=32)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="mirrors")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "reference"], name="a_region_names_a_person_once"),
            models.UniqueConstraint(
                fields=["account"], condition=Q(account__isnull=False), name="a_person_has_one_home"
            ),
        ]


class RegionStatement(models.Model):
    """A signed statement of somebody's days: taken in from their home, or given out by us as their home.

    ``body`` is what was signed; ``receipt`` says of one taken in what became of every line. The consent to one given
    out is its own: ``text_version``.
    """

    class Way(models.TextChoices):
        IN = "IN", pgettext_lazy("inclusion", "Taken in")
        OUT = "OUT", pgettext_lazy("inclusion", "Given out")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    way = models.CharField(max_length=3, choices=Way)
    region = models.ForeignKey(Region, models.PROTECT, related_name="statements")
    mirror = models.ForeignKey(Mirror, models.PROTECT, null=True, related_name="statements")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="region_statements")
    reference = models.CharField(max_length=32)
    first = models.DateField()
    last = models.DateField()
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    receipt = models.JSONField(default=dict)
    text_version = models.CharField(max_length=20, blank=True)
    text_sha256 = models.CharField(max_length=64, blank=True)
    taken_back_at = models.DateTimeField(null=True)
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["way", "sha256"], name="a_statement_is_kept_once"),
            models.CheckConstraint(
                condition=Q(way="IN", mirror__isnull=False, account__isnull=True)
                | Q(way="OUT", mirror__isnull=True, account__isnull=False) & ~Q(text_version=""),
                name="a_statement_comes_in_or_goes_out",
            ),
        ]
        indexes = [models.Index(fields=["account", "-at"], name="statements_of_an_account")]


class MirrorDay(models.Model):
    """What a home says of one day in one scenario, and what it counts as here. Read-only, no points, never pooled."""

    mirror = models.ForeignKey(Mirror, models.PROTECT, related_name="days")
    statement = models.ForeignKey(RegionStatement, models.PROTECT, related_name="+")
    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="+")
    theirs = models.CharField(max_length=40)
    day = models.DateField()
    grams_there = models.BigIntegerField()
    grams = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mirror", "theirs", "day"], name="a_home_says_a_day_once"),
            models.CheckConstraint(condition=Q(grams_there__gte=0, grams__gte=0), name="a_mirror_shows_no_debt"),
        ]


class RegionClaim(models.Model):
    """One behaviour, claimed by one region for ever: its key is the hash of its activity key or of its evidence.

    ``region`` is empty for us. The key is the primary key: a second claim is refused by the database itself.
    """

    append_only = True

    key = models.BinaryField(max_length=32, primary_key=True)
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+")
    reference = models.CharField(max_length=32)
    day = models.DateField()
    statement = models.ForeignKey(RegionStatement, models.PROTECT, related_name="claims")

    class Meta:
        triggers = [permanent("claims_of_regions")]

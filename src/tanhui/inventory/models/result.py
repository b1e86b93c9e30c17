"""The computing of a year: its run with the tiles that are done, and the figures it ended in."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Person
from tanhui.inventory.models.year import AccountingYear
from tanhui.journal.permanence import permanent


class Computation(models.Model):
    """One run of the year's plan. Its folder lies under the operator's data (``inventory/<id>``).

    ``plan`` is the text of ``plan.toml``; ``stop`` says why it stopped: code, facts and the tile. A stopped run goes on
    where it stopped. ``bundle`` recomputes the totals by the package ``nep_stock_sink`` of the shelf.
    """

    class State(models.TextChoices):
        ASKED = "ASKED", _("In the queue")
        RUNNING = "RUNNING", _("Computing")
        STOPPED = "STOPPED", _("Stopped")
        DONE = "DONE", _("Finished")

    OPEN = (State.ASKED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    accounting_year = models.ForeignKey(AccountingYear, models.PROTECT, related_name="computations")
    number = models.PositiveSmallIntegerField()
    plan = models.TextField()
    plan_sha256 = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.ASKED)
    tiles_total = models.PositiveIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(max_length=20, blank=True)
    stop = models.JSONField(null=True)
    facts = models.JSONField(default=dict)  # what the run recorded of itself: grid, methods, inputs, versions
    record_sha256 = models.CharField(max_length=64, blank=True)
    statistics_sha256 = models.CharField(max_length=64, blank=True)
    bundle = models.BinaryField(null=True)
    bundle_sha256 = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["accounting_year", "number"], name="a_year_counts_its_computations"),
            models.UniqueConstraint(fields=["by", "reference"], name="a_computation_is_asked_once"),
            models.UniqueConstraint(
                fields=["accounting_year"], condition=Q(state__in=["ASKED", "RUNNING"]),
                name="a_year_is_computed_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="DONE")
                | ~Q(record_sha256="") & ~Q(statistics_sha256="") & Q(finished_at__isnull=False),
                name="a_finished_computation_has_its_record",
            ),
            models.CheckConstraint(
                condition=~Q(state="STOPPED") | Q(stop__isnull=False), name="a_stopped_computation_says_why"
            ),
        ]  # fmt: skip


class Tile(models.Model):
    """A tile that is done, with what it found. Who goes on with a run reads here what need not be done again."""

    append_only = True

    computation = models.ForeignKey(Computation, models.PROTECT, related_name="tiles")
    name = models.CharField(max_length=40)  # year/row-column
    result = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["computation", "name"], name="a_tile_is_done_once")]
        triggers = [permanent("tiles")]


class Type(models.TextChoices):
    """The types of ecosystem (article 3 of the measure), what is none of them, and all together."""

    FOREST = "forest", _("Forest")
    SHRUB = "shrub", _("Shrub")
    GRASS = "grass", _("Grass")
    WETLAND = "wetland", _("Wetland")
    CROP = "crop", _("Cropland")
    URBAN = "urban", _("Urban land")
    WATER = "water", _("Water")
    OTHER = "other", _("Other land")
    ALL = "all", _("All types")


class Figure(models.Model):
    """One row of a run's statistics: a zone, a type and a year. Whole kilograms; never without its interval.

    ``level`` is a layer of zones (``township``, …) and ``zone`` a code of it; ``respiration`` holds kg C by each
    member of the ensemble; ``sigma_kg_co2`` the components of the uncertainty; ``flags`` counts of suspicious cells.
    A figure is a statistic and no unit of any ledger.
    """

    append_only = True

    computation = models.ForeignKey(Computation, models.PROTECT, related_name="figures")
    year = models.PositiveSmallIntegerField(_("year"))
    level = models.CharField(max_length=40)
    zone = models.CharField(max_length=60)
    zone_name = models.CharField(max_length=120)
    type = models.CharField(_("type of ecosystem"), max_length=8, choices=Type)
    rule = models.CharField(max_length=14, default="nep")  # nep, rate, not_applicable; sum for all types
    cells = models.FloatField()
    area_m2 = models.BigIntegerField()
    coverage = models.FloatField()  # share of the area with data
    npp_kg_c = models.BigIntegerField()
    rh_kg_c = models.BigIntegerField()
    nep_kg_c = models.BigIntegerField()
    nep_kg_co2 = models.BigIntegerField()
    lower_kg_co2 = models.BigIntegerField()
    upper_kg_co2 = models.BigIntegerField()
    conservative_kg_co2 = models.BigIntegerField()
    respiration = models.JSONField(default=dict)
    sigma_kg_co2 = models.JSONField(default=dict)
    flags = models.JSONField(default=dict)
    change_kg_co2 = models.BigIntegerField(null=True)  # since the year before, where the run has it
    jump = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["computation", "year", "level", "zone", "type"], name="a_figure_stands_once_in_its_run"
            ),
            models.CheckConstraint(
                condition=Q(lower_kg_co2__lte=F("nep_kg_co2"), upper_kg_co2__gte=F("nep_kg_co2")),
                name="a_figure_lies_within_its_interval",
            ),
            models.CheckConstraint(condition=Q(coverage__gte=0, coverage__lte=1), name="coverage_is_a_share"),
        ]
        triggers = [permanent("figures")]

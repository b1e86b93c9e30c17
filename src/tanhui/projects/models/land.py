"""Land as it was surveyed: where data come from, each import, and every parcel with its outline year by year."""

import uuid

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Organisation, Person
from tanhui.journal.permanence import permanent
from tanhui.projects.shapes import BoxField


class Source(models.Model):
    """Where an organisation's parcels come from (数据来源): a series of surveys that number parcels alike.

    ``mapping`` says which column holds what (our field → columns of the file), ``encoding`` and ``crs`` how the last
    file was read; all three are offered again for the next one.
    """

    class Kind(models.TextChoices):
        SUBCOMPARTMENT = "SUBCOMPARTMENT", _("Forest sub-compartments")
        LAND_SURVEY = "LAND_SURVEY", _("National land survey")
        INVENTORY = "INVENTORY", _("Other inventory")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="land_sources")
    name = models.CharField(_("name of the source"), max_length=80)
    kind = models.CharField(_("kind of survey"), max_length=14, choices=Kind)
    mapping = models.JSONField(default=dict)
    encoding = models.CharField(_("encoding"), max_length=12, blank=True)
    crs = models.CharField(_("coordinate system"), max_length=20, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="a_source_has_its_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="a_source_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Survey(models.Model):
    """One import (资源调查) of a source for a year: which bytes, how they are read, and what came of it.

    It is taken whole (``TAKEN``), refused whole (``REFUSED``: the file as such), or found ``FAULTY`` row by row, and
    then nothing of it is stored until somebody says that the rows without faults are to be taken (``partial``). A
    later survey of the same source and year supersedes it. ``report`` has the faults and notes row by row.
    """

    class State(models.TextChoices):
        ASKED = "ASKED", _("In the queue")
        RUNNING = "RUNNING", _("Being checked")
        FAULTY = "FAULTY", _("Faults found, nothing stored")
        REFUSED = "REFUSED", _("File refused")
        TAKEN = "TAKEN", _("Taken over")
        SUPERSEDED = "SUPERSEDED", _("Superseded")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")

    AT_WORK = (State.ASKED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    source = models.ForeignKey(Source, models.PROTECT, related_name="surveys")
    year = models.PositiveSmallIntegerField(_("year of the survey"))
    document = models.UUIDField()  # in the room of files
    version = models.PositiveIntegerField(default=1)
    name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    mapping = models.JSONField(default=dict)
    encoding = models.CharField(_("encoding"), max_length=12, blank=True)
    crs = models.CharField(_("coordinate system"), max_length=20, blank=True)  # as declared; empty: as the file says
    partial = models.BooleanField(_("rows with faults are left out"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)  # rows, taken, faults, notes, area_m2, surveyed_area_m2, crs as found
    report = models.JSONField(default=list)  # faults and notes row by row: row, code, field, rule, facts
    refusal = models.JSONField(null=True)  # code and facts of the rule that refused the file
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    entry = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "year"], condition=Q(state="TAKEN"), name="a_source_and_year_are_taken_once"
            ),
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(state__in=["ASKED", "RUNNING"]),
                name="a_source_is_imported_one_at_a_time",
            ),
            models.CheckConstraint(condition=Q(year__gte=1950, year__lte=2199), name="a_survey_is_of_our_time"),
            models.CheckConstraint(
                condition=Q(rows_done__lte=F("rows_total")), name="a_survey_reads_no_more_rows_than_there_are"
            ),
            models.CheckConstraint(
                condition=Q(state="REFUSED", refusal__isnull=False) | ~Q(state="REFUSED") & Q(refusal__isnull=True),
                name="a_refused_survey_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ASKED", "RUNNING"]) | Q(finished_at__isnull=False),
                name="a_survey_that_is_over_says_when",
            ),
        ]
        indexes = [models.Index(fields=["source", "-year", "-at"], name="surveys_of_a_source")]

    def __str__(self) -> str:
        return f"{self.source} {self.year}"


class Parcel(models.Model):
    """A piece of land (地块、小班) as one source numbers it, whatever its outline was from year to year."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="parcels")
    source = models.ForeignKey(Source, models.PROTECT, related_name="parcels")
    division_code = models.CharField(_("administrative division code"), max_length=12)  # by the survey first taken
    code = models.CharField(_("parcel number"), max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "code"], name="a_source_numbers_a_parcel_once"),
            models.CheckConstraint(condition=~Q(code=""), name="a_parcel_has_a_number"),
        ]
        indexes = [models.Index(fields=["organisation", "division_code"], name="parcels_of_a_division")]

    def __str__(self) -> str:
        return self.code


class ParcelVersion(models.Model):
    """A parcel in a year, by one survey. Never changes; the next survey is another row.

    ``area_m2`` is ours, on the ellipsoid, and alone is computed with; ``surveyed_area_m2`` stands as it was surveyed.
    ``row`` is its place in the file, ``attributes`` what the mapping gave no meaning to.
    """

    append_only = True

    class Ecosystem(models.TextChoices):
        FOREST = "forest", _("Forest")
        SHRUB = "shrub", _("Shrub")
        GRASS = "grass", _("Grassland")
        WETLAND = "wetland", _("Wetland")
        CROP = "crop", _("Cropland")
        URBAN = "urban", _("Urban")
        WATER = "water", _("Water")
        OTHER = "other", _("Other")

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="versions")
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="versions")
    row = models.PositiveIntegerField(_("row"))
    year = models.PositiveSmallIntegerField(_("year"))
    division_code = models.CharField(_("administrative division code"), max_length=12)
    geometry = models.BinaryField()
    box = BoxField()
    geometry_sha256 = models.CharField(max_length=64)
    area_m2 = models.BigIntegerField(_("area on the ellipsoid"))
    surveyed_area_m2 = models.BigIntegerField(_("surveyed area"), null=True)
    land_class = models.CharField(_("land class"), max_length=12, blank=True)
    ecosystem = models.CharField(_("ecosystem"), max_length=8, choices=Ecosystem)
    species = models.CharField(_("dominant species"), max_length=60, blank=True)
    planted_year = models.PositiveSmallIntegerField(_("planted in"), null=True)
    age = models.PositiveSmallIntegerField(_("age"), null=True)
    canopy = models.DecimalField(_("canopy closure"), max_digits=3, decimal_places=2, null=True)
    protection = models.CharField(_("protection level"), max_length=40, blank=True)
    red_line = models.BooleanField(_("inside the ecological red line"), null=True)
    certificate_no = models.CharField(_("number of the title certificate"), max_length=80, blank=True)
    holder = models.CharField(_("holder of the right"), max_length=120, blank=True)
    collective = models.CharField(_("collective"), max_length=120, blank=True)
    contract = models.CharField(_("contract"), max_length=120, blank=True)
    tenure_share = models.DecimalField(_("tenure share"), max_digits=7, decimal_places=6, null=True)
    attributes = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "parcel"], name="a_survey_has_a_parcel_once"),
            models.UniqueConstraint(fields=["survey", "row"], name="a_survey_has_a_row_once"),
            models.CheckConstraint(condition=Q(area_m2__gt=0), name="a_parcel_has_an_area"),
            models.CheckConstraint(
                condition=Q(surveyed_area_m2__isnull=True) | Q(surveyed_area_m2__gte=0),
                name="a_surveyed_area_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(tenure_share__isnull=True) | Q(tenure_share__gt=0, tenure_share__lte=1),
                name="a_tenure_share_is_part_of_a_whole",
            ),
            models.CheckConstraint(
                condition=Q(canopy__isnull=True) | Q(canopy__gte=0, canopy__lte=1),
                name="canopy_closes_no_more_than_the_sky",
            ),
        ]
        indexes = [
            models.Index(fields=["parcel", "year"], name="years_of_a_parcel"),
            models.Index(fields=["survey", "ecosystem"], name="parcels_by_ecosystem"),
            models.Index(fields=["survey", "division_code"], name="parcels_by_division"),
            GistIndex(fields=["box"], name="parcels_by_place"),
        ]
        triggers = [permanent("parcel_versions")]

    def __str__(self) -> str:
        return f"{self.parcel} {self.year}"

"""The catalogue of data: what was obtained from whom, under which licence, and for which year's account it is used."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.inventory.models.year import AccountingYear
from tanhui.journal.permanence import permanent


class Access(models.TextChoices):
    """Who may have the data or a result."""

    PUBLIC = "PUBLIC", _("Public")
    INTERNAL = "INTERNAL", _("Internal; handed on under an agreement only")


class Grade(models.TextChoices):
    """How well data is attested (ARCHITECTURE.md §1); an empty one was entered before grades were asked for."""

    A = "A", _("A: official data")
    P = "P", _("P: peer-reviewed product")
    B = "B", _("B: secondary copy or reworked data")
    C = "C", _("C: press or a web page")
    D = "D", _("D: not checked against its source")


class Dataset(models.Model):
    """One set of data as it was obtained. A better one is another row.

    The bytes are a version on file (``document``, ``version`` of the room of files), or lie on the server at ``path``
    below the operator's folder of data, registered with size and hash. ``west`` … ``north``: degrees, WGS 84.
    ``first_day`` and ``last_day`` are both included.
    """

    append_only = True

    class Kind(models.TextChoices):
        NPP = "NPP", _("Net primary production (NPP)")
        GPP = "GPP", _("Gross primary production (GPP)")
        NDVI = "NDVI", _("Vegetation index (NDVI)")
        TEMPERATURE = "TEMPERATURE", _("Air temperature")
        PRECIPITATION = "PRECIPITATION", _("Precipitation")
        RADIATION = "RADIATION", _("Solar radiation")
        SOIL_CARBON = "SOIL_CARBON", _("Soil organic carbon")
        BIOMASS = "BIOMASS", _("Biomass at a survey")
        COEFFICIENTS = "COEFFICIENTS", _("Table of coefficients")
        LAND_COVER = "LAND_COVER", _("Ecosystem types (land cover)")
        ZONES = "ZONES", _("Boundaries of zones")
        VALIDATION = "VALIDATION", _("Data for verification")
        OTHER = "OTHER", _("Other data")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="datasets")
    kind = models.CharField(_("kind of data"), max_length=13, choices=Kind)
    title = models.CharField(_("title"), max_length=160)
    agency = models.CharField(_("provided by"), max_length=160)
    provenance = models.TextField(_("origin and processing"), max_length=2000)
    licence = models.CharField(_("licence"), max_length=200)
    access = models.CharField(_("access"), max_length=8, choices=Access)
    grade = models.CharField(_("evidence grade"), max_length=1, choices=Grade, blank=True, default="")
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    resolution = models.CharField(_("resolution"), max_length=60, blank=True)
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"))
    document = models.UUIDField(null=True)  # in the room of files
    version = models.PositiveIntegerField(null=True)
    path = models.CharField(_("path on the server"), max_length=400, blank=True)
    name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size_bytes = models.BigIntegerField(_("size"))
    facts = models.JSONField(default=dict)  # what the bytes themselves say: grid, bands, tags
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(document__isnull=False, version__isnull=False, path="")
                | Q(document__isnull=True, version__isnull=True) & ~Q(path=""),
                name="a_dataset_is_on_file_or_on_the_server",
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="a_dataset_does_not_end_before_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(west__gte=-180, east__lte=180, south__gte=-90, north__lte=90)
                & Q(east__gt=F("west"), north__gt=F("south")),
                name="a_dataset_covers_some_of_the_earth",
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(agency="") & ~Q(provenance="") & ~Q(licence="") & ~Q(sha256=""),
                name="a_dataset_says_where_it_comes_from",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "kind", "-at"], name="datasets_of_an_authority")]
        triggers = [permanent("datasets")]

    def __str__(self) -> str:
        return self.title


class Intake(models.Model):
    """Data on the server that is to be entered. The worker takes its size and hash, which can last, and makes the
    entry; where a rule says no, ``stop`` says which, as of a computation."""

    class State(models.TextChoices):
        ASKED = "ASKED", _("Being read")
        DONE = "DONE", _("Entered")
        STOPPED = "STOPPED", _("Not entered")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="intakes")
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="+")
    path = models.CharField(_("path on the server"), max_length=400)
    described = models.JSONField()
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.ASKED)
    stop = models.JSONField(null=True)
    dataset = models.OneToOneField(Dataset, models.PROTECT, null=True, related_name="intake")
    reference = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "reference"], name="an_intake_is_asked_once"),
            models.CheckConstraint(
                condition=Q(state="DONE", dataset__isnull=False) | ~Q(state="DONE") & Q(dataset__isnull=True),
                name="an_intake_is_done_when_there_is_data",
            ),
            models.CheckConstraint(
                condition=~Q(state="STOPPED") | Q(stop__isnull=False), name="a_stopped_intake_says_why"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-at"], name="intakes_of_an_authority")]

    @property
    def title(self) -> str:
        return str(self.described["title"])


class Use(models.Model):
    """A set of data serves an accounting year in a role: which input of the run it is (``layer``), and how it is read
    (``options``: scale, fill values, codes, field names).

    ``of_year`` is an earlier year of a back series; none: the accounting year itself, or every year of the run.
    """

    accounting_year = models.ForeignKey(AccountingYear, models.PROTECT, related_name="uses")
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="uses")
    layer = models.CharField(_("input of the run"), max_length=40)
    of_year = models.PositiveSmallIntegerField(_("year"), null=True)
    options = models.JSONField(default=dict)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["accounting_year", "layer", "of_year"],
                nulls_distinct=False,
                name="an_input_of_a_run_is_one_dataset",
            ),
        ]

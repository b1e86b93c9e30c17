"""What people hand in: uploads on their way, documents with their versions, and exports being made.

The bytes are not here; rows name them by their SHA-256 and ``store`` keeps them once.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.journal.models import Entry
from tanhui.journal.permanence import permanent


class Scan(models.TextChoices):
    """What the virus scanner said."""

    NONE = "NONE", _("Not scanned")
    CLEAN = "CLEAN", _("Scanned, nothing found")
    FOUND = "FOUND", _("Malicious content found")


class Upload(models.Model):
    """A file on its way in. It belongs to whoever sends it, and is forgotten when it is not used in time.

    ``received_bytes`` are safely on disk. ``holder`` is the request that may write next, so that a client who comes
    back takes over from a connection the server has not yet missed.
    """

    class State(models.TextChoices):
        RECEIVING = "RECEIVING", _("Receiving")
        FINISHED = "FINISHED", _("Received and checked")
        REFUSED = "REFUSED", _("Refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(_("file name"), max_length=255)
    kind = models.CharField(max_length=60)
    size_bytes = models.BigIntegerField(_("size"))
    received_bytes = models.BigIntegerField(default=0)
    holder = models.UUIDField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.RECEIVING)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # what the inspection found
    sha256 = models.CharField(max_length=64, blank=True)
    format = models.CharField(max_length=12, blank=True)
    encoding = models.CharField(max_length=12, blank=True)
    facts = models.JSONField(default=dict)
    scan = models.CharField(max_length=5, choices=Scan, default=Scan.NONE)
    refusal = models.JSONField(null=True)  # code and facts of the rule that refused it

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(received_bytes__gte=0, received_bytes__lte=F("size_bytes")),
                name="an_upload_receives_no_more_than_its_size",
            ),
            models.CheckConstraint(
                condition=~Q(state="FINISHED") | ~Q(sha256="") & ~Q(format="") & ~Q(scan="FOUND"),
                name="a_finished_upload_is_known_and_clean",
            ),
            models.CheckConstraint(
                condition=~Q(state="REFUSED") | Q(refusal__isnull=False), name="a_refused_upload_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "created_at"], name="uploads_of_a_person"),
            models.Index(fields=["expires_at"], name="uploads_by_their_end"),
            models.Index(fields=["sha256"], name="uploads_of_a_content"),
        ]


class Document(models.Model):
    """A paper about something: a subject's (``registry.application:<uuid>``), of a kind, with numbered versions."""

    class Withheld(models.TextChoices):
        """Why a document that belongs to a public file is not shown to everybody."""

        TRADE_SECRET = "TRADE_SECRET", _("Trade secret")
        PERSONAL = "PERSONAL", _("Personal information")
        SPECIES = "SPECIES", _("Protected species")
        SURVEY = "SURVEY", _("Confidential survey data")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    subject = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    title = models.CharField(_("title"), max_length=200)
    withheld_reason = models.CharField(_("withheld because of"), max_length=12, choices=Withheld, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject", "at"], name="documents_of_a_subject")]
        constraints = [
            models.CheckConstraint(
                condition=Q(withheld_reason__in=["", "TRADE_SECRET", "PERSONAL", "SPECIES", "SURVEY"]),
                name="a_document_is_withheld_for_a_known_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Version(models.Model):
    """One state of a document: which bytes, what they are, who handed them in and when. Never changes."""

    append_only = True

    document = models.ForeignKey(Document, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField(_("size"))
    format = models.CharField(max_length=12)
    media_type = models.CharField(max_length=100)
    encoding = models.CharField(max_length=12, blank=True)
    facts = models.JSONField(default=dict)
    scan = models.CharField(max_length=5, choices=Scan)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.OneToOneField(Entry, models.PROTECT, db_constraint=False, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="a_document_counts_its_versions"),
            models.CheckConstraint(condition=Q(number__gte=1), name="versions_count_from_one"),
            models.CheckConstraint(condition=~Q(scan="FOUND"), name="a_version_is_not_known_to_be_malicious"),
        ]
        indexes = [models.Index(fields=["sha256"], name="versions_of_a_content")]
        triggers = [permanent("document_versions")]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class Raster(models.Model):
    """What a map is drawn from: a GeoTIFF on file, converted once so that any tile of it is read in a few blocks."""

    class State(models.TextChoices):
        ASKED = "ASKED", _("Being converted")
        READY = "READY", _("Ready")
        REFUSED = "REFUSED", _("No map")

    class Reason(models.TextChoices):
        NO_REFERENCE = "no_reference", _("The file does not say its coordinate reference system.")
        TOO_LARGE = "too_large", _("The raster has more than four thousand million values.")
        NO_NUMBERS = "no_numbers", _("The values are complex numbers.")
        NO_VALUES = "no_values", _("The raster is empty.")
        UNREADABLE = "unreadable", _("The file cannot be read as a GeoTIFF.")

    version = models.OneToOneField(Version, models.PROTECT, related_name="raster")
    state = models.CharField(max_length=7, choices=State, default=State.ASKED)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)  # bounds (WGS 84), levels, bands, span
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="READY") | ~Q(sha256="") & Q(size_bytes__isnull=False),
                name="a_ready_raster_has_its_bytes",
            ),
            models.CheckConstraint(condition=~Q(state="REFUSED") | ~Q(reason=""), name="a_refused_raster_says_why"),
        ]
        indexes = [models.Index(fields=["sha256"], name="rasters_of_a_content")]


class Export(models.Model):
    """A list that is too long to answer with at once: asked for, made by the worker, fetched, and then forgotten."""

    class State(models.TextChoices):
        ASKED = "ASKED", _("In the queue")
        RUNNING = "RUNNING", _("Being made")
        READY = "READY", _("Ready")
        FAILED = "FAILED", _("Failed")
        EXPIRED = "EXPIRED", _("Expired")

    class Form(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    parameters = models.JSONField(default=dict)
    form = models.CharField(max_length=4, choices=Form)
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=7, choices=State, default=State.ASKED)
    rows_done = models.BigIntegerField(default=0)
    rows_total = models.BigIntegerField()
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="READY")
                | ~Q(sha256="") & Q(size_bytes__isnull=False, expires_at__isnull=False, finished_at__isnull=False),
                name="an_export_is_ready_with_its_file",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_by", "asked_at"], name="exports_of_a_person"),
            models.Index(fields=["asked_at"], condition=Q(state__in=["ASKED", "RUNNING"]), name="exports_to_make"),
            models.Index(fields=["sha256"], name="exports_of_a_content"),
        ]

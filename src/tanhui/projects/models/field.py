"""What is measured in the field: devices with their certificates and series, and plots with their visits.

The readings themselves are Parquet files in the store of contents; ``Series`` names them by device and day.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Organisation, Person
from tanhui.journal.permanence import permanent
from tanhui.projects.models.development import Development


class Device(models.Model):
    """A meter or sensor (监测设备). It proves who it is by a token, kept as SHA-256, or by its Ed25519 key.

    ``interval_s`` is the expected distance between readings, ``low`` and ``high`` what it can possibly show. A counter
    (累计量) only grows. ``reference`` stands beside it and measures the same.
    """

    class Kind(models.TextChoices):
        PV = "PV", _("Photovoltaic plant")
        CHARGER = "CHARGER", _("Charging point")
        POWER = "POWER", _("Electricity meter")
        WATER_LEVEL = "WATER_LEVEL", _("Water level gauge")
        SOIL = "SOIL", _("Soil sensor")
        FLOW = "FLOW", _("Flow meter")
        WEIGHT = "WEIGHT", _("Weighing device")
        GAS = "GAS", _("Gas meter")
        WEATHER = "WEATHER", _("Weather station")
        OTHER = "OTHER", _("Other device")

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", _("Active")
        STOPPED = "STOPPED", _("Out of use")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    code = models.CharField(_("device code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    maker = models.CharField(_("maker and model"), max_length=80, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="devices")
    development = models.ForeignKey(Development, models.PROTECT, null=True, related_name="devices")
    unit = models.CharField(_("unit"), max_length=16)
    interval_s = models.PositiveIntegerField(_("expected interval (s)"))
    low = models.DecimalField(_("lowest possible reading"), max_digits=16, decimal_places=4)
    high = models.DecimalField(_("highest possible reading"), max_digits=16, decimal_places=4)
    counter = models.BooleanField(_("counter that only grows"), default=False)
    reference = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=6, null=True)
    place = models.CharField(_("where it stands"), max_length=120, blank=True)
    token_sha256 = models.CharField(max_length=64, blank=True)
    public_key = models.CharField(_("Ed25519 public key"), max_length=44, blank=True)  # base64
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.ACTIVE)
    heard_at = models.DateTimeField(_("last heard of"), null=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="a_device_has_a_range"),
            models.CheckConstraint(
                condition=Q(interval_s__gte=1, interval_s__lte=31 * 86400), name="a_device_is_read_within_a_month"
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__range=(-180, 180), latitude__range=(-90, 90)),
                name="a_device_stands_on_earth",
            ),
            models.CheckConstraint(condition=~Q(unit="") & ~Q(code=""), name="a_device_has_a_code_and_a_unit"),
        ]
        indexes = [
            models.Index(fields=["organisation", "code"], name="devices_of_an_organisation"),
            models.Index(fields=["development", "code"], name="devices_of_a_development"),
            models.Index(fields=["token_sha256"], name="devices_by_their_token"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Certificate(models.Model):
    """A calibration or verification certificate (检定、校准证书): its days, both included, and its error."""

    append_only = True

    device = models.ForeignKey(Device, models.PROTECT, related_name="certificates")
    number = models.CharField(_("certificate number"), max_length=60)
    laboratory = models.CharField(_("laboratory"), max_length=120)
    since = models.DateField(pgettext_lazy("projects", "valid from"))
    until = models.DateField(_("valid until"))
    permissible = models.DecimalField(_("permissible error"), max_digits=14, decimal_places=4)
    document = models.UUIDField(null=True)  # in the room of files
    entry = models.BigIntegerField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "number"], name="a_certificate_is_entered_once"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="a_certificate_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(permissible__gt=0), name="a_certificate_says_its_error"),
        ]
        triggers = [permanent("device_certificates")]


class Series(models.Model):
    """The readings of a device on a civil day of UTC+8: which file holds them, and what was refused that day."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="series")
    day = models.DateField()
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict)  # code of the rule → how many rows
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "day"], name="a_device_has_one_file_a_day"),
            models.CheckConstraint(condition=Q(rows=0) | ~Q(sha256=""), name="readings_lie_in_a_file"),
        ]
        indexes = [models.Index(fields=["sha256"], name="series_of_a_content")]


class Plot(models.Model):
    """A sample plot (样地) of a development: where it is, how large, in which stratum."""

    development = models.ForeignKey(Development, models.PROTECT, related_name="plots")
    code = models.CharField(_("plot"), max_length=20)
    stratum = models.CharField(pgettext_lazy("projects", "stratum"), max_length=40, blank=True)
    area_m2 = models.PositiveIntegerField(_("area (m²)"))
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=6, null=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["development", "code"], name="a_plot_is_laid_out_once"),
            models.CheckConstraint(condition=Q(area_m2__gte=1, area_m2__lte=100_000), name="a_plot_has_an_area"),
        ]

    def __str__(self) -> str:
        return self.code


class Visit(models.Model):
    """What one team measured on a plot on a day. Its id was made on the phone, so that sending it twice is sending it
    once; ``body_sha256`` is of what was sent."""

    append_only = True

    class Source(models.TextChoices):
        PHONE = "PHONE", _("Phone")
        SHEET = "SHEET", _("Typed sheet")

    id = models.UUIDField(primary_key=True)
    plot = models.ForeignKey(Plot, models.PROTECT, related_name="visits")
    measured_on = models.DateField(_("measured on"))
    round = models.PositiveSmallIntegerField(_("round"))  # the year it counts for
    team = models.CharField(_("measured by"), max_length=80)
    source = models.CharField(max_length=5, choices=Source)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=6, null=True)
    accuracy_m = models.PositiveIntegerField(null=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    body_sha256 = models.CharField(max_length=64)
    entry = models.BigIntegerField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["plot", "round"], name="visits_of_a_plot")]
        triggers = [permanent("plot_visits")]


class Tree(models.Model):
    """A tree as it was measured: diameter at breast height in mm, height in dm where it was taken."""

    append_only = True

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="trees")
    number = models.PositiveSmallIntegerField()
    species = models.CharField(_("species"), max_length=40)
    dbh_mm = models.PositiveIntegerField(_("DBH (mm)"))
    height_dm = models.PositiveIntegerField(_("height (dm)"), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "number"], name="a_visit_counts_its_trees"),
            models.CheckConstraint(condition=Q(dbh_mm__gte=10, dbh_mm__lte=5000), name="a_tree_has_a_diameter"),
            models.CheckConstraint(
                condition=Q(height_dm__isnull=True) | Q(height_dm__gte=5, height_dm__lte=1200),
                name="a_tree_has_a_height",
            ),
        ]
        triggers = [permanent("plot_trees")]


class Photo(models.Model):
    """A picture of a visit, with when and where it was taken. Its id too was made on the phone."""

    append_only = True

    id = models.UUIDField(primary_key=True)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="photos")
    document = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField(null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=6, null=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        triggers = [permanent("plot_photos")]


class Choice(models.Model):
    """Of several visits to a plot in a round the one that counts, as the verifier chose. The latest choice stands."""

    append_only = True

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="choices")
    reason = models.CharField(pgettext_lazy("projects", "reason"), max_length=500)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="a_choice_between_visits_has_a_reason")]
        triggers = [permanent("plot_choices")]

"""Readings that came later than by the device itself, and the reminders that were sent about devices."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Person
from tanhui.journal.permanence import permanent
from tanhui.projects.models.field import Device


class ReadingSheet(models.Model):
    """A sheet of late readings (迟到监测数据), as it was handed in, and what became of each of its rows.

    ``report`` has the rows refused: row, code of the rule, its facts. ``note`` says where the readings come from.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    device = models.ForeignKey(Device, models.PROTECT, related_name="sheets")
    document = models.UUIDField()  # in the room of files
    name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(max_length=64)
    note = models.CharField(_("where the readings come from"), max_length=500)
    accepted = models.PositiveIntegerField(_("taken"))
    repeated = models.PositiveIntegerField(_("here already"))
    refused = models.PositiveIntegerField(_("refused"))
    report = models.JSONField(default=list)
    reference = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "reference"], name="a_sheet_of_readings_is_taken_once"),
            models.CheckConstraint(condition=~Q(note=""), name="a_sheet_of_readings_says_where_from"),
        ]
        indexes = [models.Index(fields=["device", "-at"], name="sheets_of_a_device")]
        triggers = [permanent("reading_sheets")]

    def __str__(self) -> str:
        return self.name


class EarlierSeries(models.Model):
    """A day's file as the stamp of its month names it, kept beside the one that a sheet of late readings made of it."""

    append_only = True

    sheet = models.ForeignKey(ReadingSheet, models.PROTECT, related_name="earlier")
    day = models.DateField(_("day"))
    rows = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "day"], name="a_sheet_changes_a_day_once")]
        triggers = [permanent("earlier_series")]


class DeviceNudge(models.Model):
    """A reminder about a device, so that it is sent once: of which certificate's last day, or since when it is silent.

    ``ahead``: how many days before the last day the rule pack asks for it; -1 once the day has passed, 0 for silence.
    """

    append_only = True

    class What(models.TextChoices):
        CALIBRATION = "CALIBRATION", _("Calibration due")
        SILENCE = "SILENCE", _("Device silent")

    device = models.ForeignKey(Device, models.PROTECT, related_name="nudges")
    what = models.CharField(max_length=11, choices=What)
    on = models.DateField()
    ahead = models.SmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "what", "on", "ahead"], name="a_device_is_nudged_once"),
        ]
        triggers = [permanent("device_nudges")]

"""What was put right in monitoring data before they were verified, and which reminders of yearly reports were sent."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Organisation, Person, WorkReport
from tanhui.journal.permanence import permanent
from tanhui.projects.models.development import Monitoring, Nudge


class Correction(models.Model):
    """A value of the monitoring data that was put right (数据更正): which, what it was, what it is, and why.

    The raw series stay as they were taken; the next run computes with the corrected value.
    """

    append_only = True

    monitoring = models.ForeignKey(Monitoring, models.PROTECT, related_name="corrections")
    number = models.PositiveSmallIntegerField()
    what = models.CharField(_("value that is corrected"), max_length=120)
    before = models.CharField(_("as it was"), max_length=60)
    after = models.CharField(_("as it is"), max_length=60)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    reason = models.CharField(pgettext_lazy("projects", "reason"), max_length=1000)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["monitoring", "number"], name="a_monitoring_counts_its_corrections"),
            models.CheckConstraint(
                condition=~Q(what="") & ~Q(reason="") & ~Q(after=F("before")), name="a_correction_says_what_and_why"
            ),
        ]
        triggers = [permanent("corrections")]


class ReportNudge(models.Model):
    """A reminder of a verification body's yearly report that was sent, so that it is sent once at each distance."""

    append_only = True

    report = models.ForeignKey(WorkReport, models.PROTECT, related_name="nudges")
    stage = models.CharField(max_length=7, choices=Nudge.Stage)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "stage"], name="a_report_is_nudged_once_a_stage")]
        triggers = [permanent("report_nudges")]

"""The cycle of monitoring (article 9): how often an area's stock sink is brought up to date, and the reminders."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Organisation, Person
from tanhui.journal.permanence import permanent

LONGEST = 120  # months


class Cycle(models.Model):
    """Every how many ``months`` the stock sink of an area is published anew, and by when the first time.

    The latest one of an area counts. After a publication the next is due ``months`` later.
    """

    append_only = True

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="cycles")
    area_name = models.CharField(_("area"), max_length=60)
    division_code = models.CharField(_("administrative division code"), max_length=12)
    months = models.PositiveSmallIntegerField(_("cycle in months"))
    first_due = models.DateField(_("first due"))
    reason = models.CharField(_("reason given"), max_length=500)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=LONGEST), name="a_cycle_has_one_month_to_ten_years"
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(area_name=""), name="a_cycle_is_set_for_a_reason"),
        ]
        indexes = [models.Index(fields=["organisation", "division_code", "-at"], name="cycles_of_an_area")]
        triggers = [permanent("cycles")]


class Reminder(models.Model):
    """A reminder that was sent: each stage once for each day something is due."""

    append_only = True

    class Stage(models.TextChoices):
        SOON = "SOON", _("Due in three months")
        NEAR = "NEAR", _("Due in two weeks")
        OVERDUE = "OVERDUE", _("Overdue")

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="reminders")
    due_on = models.DateField(_("due"))
    stage = models.CharField(_("stage"), max_length=7, choices=Stage)
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cycle", "due_on", "stage"], name="a_reminder_is_sent_once"),
        ]
        triggers = [permanent("reminders")]

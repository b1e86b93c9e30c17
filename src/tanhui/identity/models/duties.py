"""The three administrators (三员) and the sessions in which they may do anything at all."""

import datetime as dt
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models.instructions import Instruction
from tanhui.identity.models.people import Person

LONGEST = dt.timedelta(minutes=60)


class Duty(models.Model):
    """A staff duty of one person, given by two others; nobody ever holds two at once (rules R-06)."""

    class Kind(models.TextChoices):
        SYSTEM = "SYSTEM", _("System administrator")
        SECURITY = "SECURITY", _("Security administrator")
        AUDIT = "AUDIT", _("Audit administrator")

    person = models.ForeignKey(Person, models.PROTECT, related_name="duties")
    kind = models.CharField(_("duty"), max_length=8, choices=Kind)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    instruction = models.ForeignKey(Instruction, models.PROTECT, null=True, related_name="+")
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(until_at__isnull=True), name="nobody_holds_two_staff_duties"
            ),
            models.CheckConstraint(
                condition=~Q(proposed_by=F("confirmed_by"))
                & ~Q(person=F("proposed_by"))
                & ~Q(person=F("confirmed_by")),
                name="two_others_give_a_staff_duty",
            ),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("since_at")),
                name="a_staff_duty_does_not_end_before_it_starts",
            ),
        ]


class StaffSession(models.Model):
    """The time in which the holder of a duty is on it, for a reason; it ends by itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    duty = models.ForeignKey(Duty, models.PROTECT, related_name="sessions")
    reason = models.CharField(max_length=200)
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("began_at")) & Q(ends_at__lte=F("began_at") + LONGEST),
                name="a_staff_session_lasts_an_hour_at_most",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at"), ended_at__lte=F("ends_at")),
                name="a_staff_session_ends_in_its_time",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_staff_session_has_a_reason"),
        ]
        indexes = [models.Index(fields=["duty", "-began_at"], name="sessions_of_a_duty")]

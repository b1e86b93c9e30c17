"""Instructions that two people must sign, and how they ended."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models.organisations import Organisation
from tanhui.identity.models.people import Person
from tanhui.journal.permanence import permanent


class Instruction(models.Model):
    """What one person asks for on an organisation's behalf and another must confirm. Never changes once asked."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    act = models.CharField(max_length=40)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="instructions")
    initiator = models.ForeignKey(Person, models.PROTECT, related_name="initiated")
    reference = models.CharField(max_length=64)
    body = models.JSONField()
    body_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["initiator", "act", "reference"], name="one_instruction_per_reference"),
            models.UniqueConstraint(fields=["id", "initiator"], name="an_instruction_has_one_initiator"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("at")), name="an_instruction_expires_after_it_is_given"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "at"], name="instructions_of_organisation")]
        triggers = [permanent("instructions")]


class Decision(models.Model):
    """How an instruction ended; at most one each, so it takes effect once however often it is confirmed.

    The initiator stands here again so that the database itself refuses one person on both sides; a composite key into
    the instruction keeps the copy honest.
    """

    append_only = True

    class Outcome(models.TextChoices):
        CONFIRMED = "CONFIRMED", _("Confirmed")
        REJECTED = "REJECTED", _("Rejected")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")
        EXPIRED = "EXPIRED", _("Expired")

    instruction = models.OneToOneField(Instruction, models.PROTECT, primary_key=True, related_name="decision")
    outcome = models.CharField(max_length=9, choices=Outcome)
    initiator = models.ForeignKey(Person, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="decisions")
    reason = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="CONFIRMED") | (Q(by__isnull=False) & ~Q(by=F("initiator"))),
                name="nobody_confirms_their_own_instruction",
            ),
        ]
        triggers = [permanent("decisions")]

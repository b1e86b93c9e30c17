"""What two people of one body sign for: one asks, another opens it, and whoever ends it says why."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Instruction


class TwoSigned(models.Model):
    """A row in force from its second signature until it is ended; ``entry`` is the fact that put it in force."""

    class State(models.TextChoices):
        ASKED = "ASKED", pgettext_lazy("inclusion", "Waits for a second person")
        OPEN = "OPEN", pgettext_lazy("inclusion", "In force")
        ENDED = "ENDED", pgettext_lazy("inclusion", "Ended")
        DROPPED = "DROPPED", pgettext_lazy("inclusion", "Not signed")

    state = models.CharField(_("state"), max_length=7, choices=State, default=State.ASKED)
    instruction = models.ForeignKey(Instruction, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(pgettext_lazy("inclusion", "reason"), max_length=200, blank=True)
    entry = models.BigIntegerField(null=True)

    class Meta:
        abstract = True


def in_the_log(name: str) -> models.CheckConstraint:
    """What is or was in force says since when and by which fact; what has ended says when."""
    never = Q(state__in=["ASKED", "DROPPED"], entry__isnull=True, opened_at__isnull=True, ended_at__isnull=True)
    now = Q(state="OPEN", entry__isnull=False, opened_at__isnull=False, ended_at__isnull=True)
    ended = Q(state="ENDED", entry__isnull=False, opened_at__isnull=False, ended_at__isnull=False)
    return models.CheckConstraint(condition=never | now | ended, name=name)

"""What each verified period counts, so that no other counts it too (ARCHITECTURE.md §6.6)."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tanhui.journal.permanence import permanent
from tanhui.registry.models.register import Period


class Claim(models.Model):
    """One activity on one parcel, meter or facility, in the days of a verified period.

    ``key`` is ``methods.guards.Claim.key``. Claims to one key never overlap in days, under whichever project and
    methodology; the exclusion constraint ``nothing_is_counted_twice`` is made in the migration.
    """

    append_only = True

    period = models.ForeignKey(Period, models.PROTECT, related_name="claims")
    activity = models.TextField(_("activity"))
    thing = models.TextField(_("parcel, meter or facility"))
    key = models.CharField(max_length=200)
    days = DateRangeField(_("days"))

    class Meta:
        triggers = [permanent("claims")]

    def __str__(self) -> str:
        return self.key

"""Ecological restoration works (article 13), and whether they show in the sink of their place."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Organisation, Person
from tanhui.inventory.models.result import Figure
from tanhui.journal.permanence import permanent


class Restoration(models.Model):
    """A restoration project as it was entered. Its place is a zone of the accounts (``level``, ``zone``), so that the
    figures of any year say what the sink there was; ``town_code`` is the town whose compensation counts its size."""

    append_only = True

    class Kind(models.TextChoices):
        LAND = "LAND", _("Comprehensive land consolidation")
        MINE = "MINE", _("Restoration of an abandoned mine")
        FOREST = "FOREST", _("Forest restoration")
        WETLAND = "WETLAND", _("Wetland restoration")
        OTHER = "OTHER", _("Other restoration")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="restorations")
    division_code = models.CharField(max_length=12)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind of works"), max_length=7, choices=Kind)
    place = models.CharField(_("place"), max_length=120)
    level = models.CharField(max_length=40)
    zone = models.CharField(max_length=60)
    town_code = models.CharField(max_length=60, blank=True)
    area_m2 = models.BigIntegerField(_("size of the works"))
    cost_fen = models.BigIntegerField(_("cost"))
    began_on = models.DateField(_("begun"))
    ended_on = models.DateField(_("finished"), null=True)
    basis = models.CharField(_("approved by"), max_length=200)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="a_restoration_is_entered_once"),
            models.CheckConstraint(condition=Q(area_m2__gt=0, cost_fen__gte=0), name="a_restoration_has_a_size"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("began_on")),
                name="a_restoration_does_not_end_before_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-at"], name="restorations_of_an_authority")]
        triggers = [permanent("restorations")]

    def __str__(self) -> str:
        return self.name


class Assessment(models.Model):
    """What the works did to the sink, as the figures of two published years say: the change with its 90 % interval."""

    append_only = True

    class Verdict(models.TextChoices):
        MORE = "more", _("The sink has grown")
        LESS = "less", _("The sink has shrunk")
        UNCLEAR = "unclear", _("No change can be told from the uncertainty")

    restoration = models.ForeignKey(Restoration, models.PROTECT, related_name="assessments")
    before = models.ForeignKey(Figure, models.PROTECT, related_name="+")
    after = models.ForeignKey(Figure, models.PROTECT, related_name="+")
    change_kg = models.BigIntegerField()
    lower_kg = models.BigIntegerField()
    upper_kg = models.BigIntegerField()
    comparable = models.BooleanField()  # both years by the same method
    verdict = models.CharField(_("finding"), max_length=7, choices=Verdict)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["restoration", "before", "after"], name="two_figures_are_compared_once"),
            models.CheckConstraint(
                condition=Q(verdict="more", lower_kg__gt=0)
                | Q(verdict="less", upper_kg__lt=0)
                | Q(verdict="unclear", lower_kg__lte=0, upper_kg__gte=0),
                name="a_finding_is_what_its_interval_says",
            ),
        ]
        triggers = [permanent("assessments")]

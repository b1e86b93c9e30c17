"""Packs as they were when activated, from when to when they were in force, and who brought that about.

An activation keeps the pack's whole content, so a file that changes later changes nothing that was decided under it.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.journal.permanence import permanent

# Two activations of one pack never hold on one day. Packs are told apart by text, for which core GiST has no exclusion,
# so the trigger takes a lock on the pack's code and looks.
NEVER_TWO_AT_ONCE = """
    PERFORM pg_advisory_xact_lock(hashtextextended('rulepacks/' || NEW.code, 0));
    IF EXISTS (
        SELECT FROM rulepacks_activation a LEFT JOIN rulepacks_ending e ON e.activation_id = a.id
        WHERE a.code = NEW.code
        AND daterange(a.effective_from, LEAST(a.effective_to, e.on))
            && daterange(NEW.effective_from, NEW.effective_to)
    ) THEN
        RAISE EXCEPTION 'another version of % holds in that time', NEW.code
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'one_version_of_a_pack_holds_at_a_time';
    END IF;
    RETURN NEW;
"""


class Pack(models.Model):
    """One version of a rule pack, word for word."""

    append_only = True

    code = models.CharField(_("pack"), max_length=60)
    version = models.CharField(_("version"), max_length=20)
    sha256 = models.CharField(max_length=64, unique=True)
    content = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="a_version_of_a_pack_has_one_content")]
        triggers = [permanent("packs")]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class Activation(models.Model):
    """A pack is in force from one day until the day before another, brought about by two people."""

    append_only = True

    class Mode(models.TextChoices):
        """What the installation is for: production holds only what is verified."""

        PRODUCTION = "production", _("Production")
        DEMONSTRATION = "demonstration", _("Demonstration")

    pack = models.ForeignKey(Pack, models.PROTECT, related_name="activations")
    code = models.CharField(_("pack"), max_length=60)  # the pack's, here for the trigger and the index
    mode = models.CharField(_("mode"), max_length=13, choices=Mode)
    effective_from = models.DateField(_("in force from"))
    effective_to = models.DateField(_("in force until, exclusive"), null=True)
    initiator_id = models.BigIntegerField()  # people live in the room next door
    confirmer_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(initiator_id=F("confirmer_id")), name="an_activation_is_confirmed_by_another_person"
            ),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gt=F("effective_from")),
                name="an_activation_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=["production", "demonstration"]), name="an_activation_has_a_mode"
            ),
        ]
        indexes = [models.Index(fields=["code", "effective_from"], name="activations_of_a_pack")]
        triggers = [
            permanent("activations"),
            pgtrigger.Trigger(
                name="one_version_of_a_pack_holds_at_a_time",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=NEVER_TWO_AT_ONCE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.effective_from}"


class Ending(models.Model):
    """An activation holds no more from a day on, so that the next version can follow."""

    append_only = True

    activation = models.OneToOneField(Activation, models.PROTECT, related_name="ending")
    on = models.DateField(_("no longer in force from"))
    initiator_id = models.BigIntegerField()
    confirmer_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(initiator_id=F("confirmer_id")), name="an_ending_is_confirmed_by_another_person"
            ),
        ]
        triggers = [permanent("endings")]

    def __str__(self) -> str:
        return f"{self.activation_id} {self.on}"

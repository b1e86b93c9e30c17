"""Agreements on sharing data (article 10): with whom, which data, for which purpose, until when; and each hand-over.

Public data needs none. What is internal leaves the authority only under an agreement that stands on that day and covers
that very set of data and purpose.
"""

import uuid
from typing import Literal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Instruction, Organisation, Person
from tanhui.inventory.models.data import Dataset
from tanhui.inventory.models.publication import Item
from tanhui.journal.permanence import permanent


class Purpose(models.TextChoices):
    """What shared data may be used for."""

    PLANNING = "PLANNING", _("Spatial planning and control of land use")
    RESTORATION = "RESTORATION", _("Ecological restoration and compensation")
    STATISTICS = "STATISTICS", _("Statistics and accounting")
    RESEARCH = "RESEARCH", _("Scientific research")
    RISK = "RISK", _("Disaster prevention and environmental protection")
    SUPERVISION = "SUPERVISION", _("Audit and supervision")


class Agreement(models.Model):
    """One agreement between a natural-resources authority and a department or institution, signed by two people.

    ``purposes`` are codes of ``Purpose``; ``onward`` says what the recipient may do with the data beyond its own house.
    ``since`` and ``until`` are both included. ``document``, ``version``, ``sha256``: the signed scan on file.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="agreements_given")
    recipient = models.ForeignKey(Organisation, models.PROTECT, related_name="agreements_taken")
    number = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=160)
    purposes = models.JSONField(_("purposes"))
    detail = models.CharField(_("use in detail"), max_length=1000)
    onward = models.CharField(_("limits on onward use"), max_length=1000)
    since = models.DateField(_("from"))
    until = models.DateField(_("to"))
    document = models.UUIDField()  # in the room of files
    version = models.PositiveIntegerField(default=1)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    instruction = models.OneToOneField(Instruction, models.PROTECT, related_name="+")
    initiator = models.ForeignKey(Person, models.PROTECT, related_name="+")
    confirmer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="an_authority_counts_its_agreements"),
            models.CheckConstraint(condition=~Q(initiator=F("confirmer")), name="an_agreement_is_signed_by_two_people"),
            models.CheckConstraint(condition=~Q(organisation=F("recipient")), name="no_authority_agrees_with_itself"),
            models.CheckConstraint(
                condition=Q(until__gte=F("since")), name="an_agreement_does_not_end_before_it_begins"
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(detail="") & ~Q(onward="") & ~Q(purposes=[]),
                name="an_agreement_says_what_for_and_what_not",
            ),
        ]
        indexes = [models.Index(fields=["recipient", "until"], name="agreements_of_a_recipient")]
        triggers = [permanent("sharing_agreements")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def code(self) -> str:
        """As it is printed: ``GX-2026-003`` (共享)."""
        return f"GX-{self.since.year}-{self.number:03d}"


class Coverage(models.Model):
    """One thing an agreement covers: a set of the authority's data, or an internal item in the file of a year."""

    append_only = True

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="coverage")
    dataset = models.ForeignKey(Dataset, models.PROTECT, null=True, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(dataset__isnull=True, item__isnull=False) | Q(dataset__isnull=False, item__isnull=True),
                name="an_agreement_covers_one_thing_at_a_time",
            ),
            models.UniqueConstraint(fields=["agreement", "dataset"], name="an_agreement_covers_a_dataset_once"),
            models.UniqueConstraint(fields=["agreement", "item"], name="an_agreement_covers_an_item_once"),
        ]
        triggers = [permanent("shared_data")]


class Ending(models.Model):
    """The early end of an agreement: from then on nothing is handed over and no door stays open."""

    append_only = True

    agreement = models.OneToOneField(Agreement, models.PROTECT, related_name="ending")
    reason = models.CharField(_("reason given"), max_length=500)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="an_agreement_ends_for_a_reason")]
        triggers = [permanent("endings_of_agreements")]


class Handover(models.Model):
    """Data handed over under an agreement: which bytes, for which of its purposes, until when they can be fetched."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="handovers")
    coverage = models.ForeignKey(Coverage, models.PROTECT, related_name="handovers")
    purpose = models.CharField(_("purpose"), max_length=11, choices=Purpose)
    note = models.CharField(_("remarks"), max_length=500, blank=True)
    name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size_bytes = models.BigIntegerField(_("size"))
    expires_at = models.DateTimeField(_("can be fetched until"))
    reference = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "reference"], name="a_handover_is_asked_once"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("at")), name="a_handover_can_be_fetched_for_a_while"),
        ]
        indexes = [models.Index(fields=["agreement", "-at"], name="handovers_of_an_agreement")]
        triggers = [permanent("handovers")]

    @property
    def on_file(self) -> bool:
        """Whether the bytes are in the room of files; otherwise they lie on the server, and a package tells of them."""
        covered = self.coverage.item or self.coverage.dataset
        return covered is not None and covered.document is not None

    @property
    def state(self) -> Literal["ready", "checking", "stopped"]:
        """Whether it can be fetched."""
        package = getattr(self, "package", None)
        if self.on_file or (package is not None and package.stop is None):
            return "ready"
        return "checking" if package is None else "stopped"


class Package(models.Model):
    """What the worker found of data on the server that was handed over: its bytes are those that were entered, and
    ``stamp`` is how names, sizes and times of its files stood then; or, with ``stop``, they are not."""

    append_only = True

    handover = models.OneToOneField(Handover, models.PROTECT, related_name="package")
    stamp = models.CharField(max_length=64, blank=True)
    stop = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stop__isnull=True) & ~Q(stamp="") | Q(stop__isnull=False, stamp=""),
                name="a_package_is_whole_or_says_why_not",
            ),
        ]
        triggers = [permanent("packages")]


class Fetch(models.Model):
    """Somebody of the recipient fetched what was handed over."""

    append_only = True

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="fetches")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        triggers = [permanent("fetches_of_shared_data")]

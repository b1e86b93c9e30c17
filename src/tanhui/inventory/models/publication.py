"""What makes a year's figures hold: the verifier's word, the publication under two signatures, the archive."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Organisation, Person
from tanhui.inventory.models.data import Access
from tanhui.inventory.models.result import Computation
from tanhui.inventory.models.year import AccountingYear
from tanhui.journal.permanence import permanent


class CrossCheck(models.Model):
    """One comparison of a computation with something independent of it (article 7 (2): verification).

    ``result`` are the numbers as text (bias, RMSE, R², n, deviation, …); ``file`` names the paper they stand in.
    """

    append_only = True

    class Kind(models.TextChoices):
        FLUX = "FLUX", _("Flux towers")
        SOIL = "SOIL", _("Measured soil respiration")
        PREVIOUS = "PREVIOUS", _("Previous year")
        SECOND = "SECOND", _("A second model")
        PLOTS = "PLOTS", _("Sample plots and inventories")
        OTHER = "OTHER", _("Other evidence")

    class Verdict(models.TextChoices):
        AGREES = "AGREES", _("Agrees")
        EXPLAINED = "EXPLAINED", _("Deviates, explained")
        DEVIATES = "DEVIATES", _("Deviates")

    computation = models.ForeignKey(Computation, models.PROTECT, related_name="cross_checks")
    kind = models.CharField(_("compared with"), max_length=8, choices=Kind)
    verdict = models.CharField(_("finding"), max_length=9, choices=Verdict)
    result = models.JSONField(default=dict)
    note = models.CharField(_("remarks"), max_length=1000, blank=True)
    document = models.UUIDField(null=True)  # in the room of files
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(verdict__in=["EXPLAINED", "DEVIATES"]) | ~Q(note=""), name="a_deviation_is_explained"
            ),
        ]
        triggers = [permanent("cross_checks")]


class Verification(models.Model):
    """The signed word of a verification body about a computation; it is not the authority that made it."""

    append_only = True

    class Outcome(models.TextChoices):
        CONFIRMED = "CONFIRMED", _("Confirmed")
        REFUTED = "REFUTED", _("Sent back")

    computation = models.OneToOneField(Computation, models.PROTECT, related_name="verification")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    authority = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome)
    opinion = models.TextField(_("opinion"), max_length=2000)
    checks = models.JSONField(default=list)  # the cross-checks it rests on, as they stood
    statistics_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(organisation=F("authority")), name="a_verifier_is_not_the_authority_itself"
            ),
            models.CheckConstraint(condition=~Q(opinion=""), name="a_verifier_gives_an_opinion"),
        ]
        triggers = [permanent("verifications_of_years")]


class Publication(models.Model):
    """A year's figures as they were published, under two signatures; ``checks``: those of article 5 then."""

    append_only = True

    accounting_year = models.OneToOneField(AccountingYear, models.PROTECT, related_name="publication")
    computation = models.OneToOneField(Computation, models.PROTECT, related_name="publication")
    statistics_sha256 = models.CharField(max_length=64)
    checks = models.JSONField(default=list)
    map_approval = models.CharField(_("map approval number"), max_length=40, blank=True)  # 审图号
    licence = models.CharField(_("licence of the published data"), max_length=200)
    initiator = models.ForeignKey(Person, models.PROTECT, related_name="+")
    confirmer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(initiator=F("confirmer")), name="a_year_is_published_by_two_people"),
        ]
        triggers = [permanent("publications_of_years")]


class Item(models.Model):
    """One thing in the file of a year (article 8), with its bytes in the room of files and how long it is kept.

    ``retain_until`` is the last day; none: for good.
    """

    append_only = True

    class Category(models.TextChoices):
        SPATIAL = "SPATIAL", _("Spatial data")
        STATISTICS = "STATISTICS", _("Statistics")
        MAP = "MAP", _("Map")
        ATLAS = "ATLAS", _("Atlas")
        REPORT = "REPORT", _("Analysis and assessment report")
        BULLETIN = "BULLETIN", _("Bulletin")
        SPECIAL = "SPECIAL", _("Special report")
        RECORD = "RECORD", _("Record of the run")

    PAPERS = (Category.REPORT, Category.BULLETIN, Category.SPECIAL)

    accounting_year = models.ForeignKey(AccountingYear, models.PROTECT, related_name="items")
    computation = models.ForeignKey(Computation, models.PROTECT, related_name="items")
    category = models.CharField(_("category"), max_length=10, choices=Category)
    name = models.CharField(_("file name"), max_length=255)
    document = models.UUIDField(unique=True)  # in the room of files
    version = models.PositiveIntegerField(default=1)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size_bytes = models.BigIntegerField(_("size"))
    media_type = models.CharField(max_length=100)
    access = models.CharField(_("access"), max_length=8, choices=Access)
    retain_until = models.DateField(_("kept until"), null=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["computation", "name"], name="a_name_stands_once_in_a_file_of_a_year"),
        ]
        indexes = [models.Index(fields=["accounting_year", "category"], name="items_of_a_year")]
        triggers = [permanent("archived_items")]

"""Methodologies and their versions as they were published, and how each version stands from which day on.

A version never changes. Whether it takes new projects on a day, the latest of its standings by then says; a project
that has begun stays on its version whatever becomes of it (rules M-07).
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Organisation, Person
from tanhui.journal.permanence import permanent


class Scheme(models.TextChoices):
    """Under which mechanism a methodology counts."""

    CCER = "CCER", _("National voluntary reduction (CCER)")
    YANGTZE_DELTA = "YRD", _("Agricultural sinks, Yangtze Delta demonstration zone")
    SHANGHAI = "SHCER", _("Carbon inclusion, Shanghai")
    SICHUAN = "SCLC", _("Forestry and grassland carbon inclusion, Sichuan")
    GUANGDONG = "PHCER", _("Carbon inclusion, Guangdong")
    LOCAL = "LOCAL", _("Local carbon inclusion")
    STATISTICS = "STAT", _("Statistics of stock sinks")
    INTERNATIONAL = "INTL", _("International standard")


class Sector(models.TextChoices):
    FOREST = "FOREST", _("Forest")
    GRASSLAND = "GRASS", _("Grassland")
    WETLAND = "WETLAND", _("Wetland and coast")
    AGRICULTURE = "AGRI", _("Agriculture")
    ENERGY = "ENERGY", _("Renewable energy")
    TRANSPORT = "TRANSPORT", _("Transport")
    WASTE = "WASTE", _("Waste and recycling")
    LIFE = "LIFE", _("Everyday life")
    EVENT = "EVENT", _("Large events")
    OTHER = "OTHER", _("Other")


class Category(models.TextChoices):
    """The class of a methodology (rules M-05)."""

    PROJECT = "PROJECT", _("For projects")  # 项目类
    PERSONAL = "PERSONAL", _("Personal scenarios")  # 个人类
    STATISTICAL = "STAT", _("Statistics, never for issuance")


class Methodology(models.Model):
    """One methodology under its code without a version (``CCER-14-001``)."""

    append_only = True

    code = models.CharField(_("code"), max_length=40, unique=True)
    scheme = models.CharField(_("scheme"), max_length=8, choices=Scheme)
    sector = models.CharField(_("sector"), max_length=10, choices=Sector)
    category = models.CharField(_("class"), max_length=8, choices=Category)
    since_at = models.DateTimeField()

    class Meta:
        triggers = [permanent("methodologies")]

    def __str__(self) -> str:
        return self.code


class Signed(models.Model):
    """What one person of an authority asked for and another confirmed."""

    initiator = models.ForeignKey(Person, models.PROTECT, related_name="+")
    confirmer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        abstract = True


class Version(Signed):
    """One published version, bound to its text and, where it is on the shelf, to the bytes of its package.

    ``proposal`` is how it came here; none when it was published elsewhere and only entered (``source`` says where).
    ``package`` is ``code/version`` on the shelf, empty when nothing there implements it yet.
    """

    append_only = True

    methodology = models.ForeignKey(Methodology, models.PROTECT, related_name="versions")
    version = models.CharField(_("version"), max_length=16)
    name = models.CharField(_("name"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    changes = models.TextField(_("what changed"), blank=True)
    filing_number = models.CharField(_("number of the filing"), max_length=80, blank=True)
    authority = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    issuer = models.CharField(_("published by"), max_length=160)
    source = models.CharField(_("source"), max_length=400, blank=True)
    text_sha256 = models.CharField(_("SHA-256 of the text"), max_length=64, blank=True)
    package = models.CharField(_("package on the shelf"), max_length=80, blank=True)
    package_sha256 = models.CharField(max_length=64, blank=True)
    crediting_years_min = models.PositiveSmallIntegerField(_("shortest crediting period"), null=True)
    crediting_years_max = models.PositiveSmallIntegerField(_("longest crediting period"), null=True)
    published_on = models.DateField(_("published"))
    valid_from = models.DateField(_("valid from"))
    proposal = models.OneToOneField("library.Proposal", models.PROTECT, null=True, related_name="published")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["methodology", "version"], name="a_methodology_has_a_version_once"),
            models.CheckConstraint(
                condition=Q(package="", package_sha256="") | ~Q(package="") & ~Q(package_sha256=""),
                name="a_version_names_the_bytes_of_its_package",
            ),
            models.CheckConstraint(condition=~Q(initiator=F("confirmer")), name="a_version_is_signed_by_two_people"),
        ]
        triggers = [permanent("methodology_versions")]

    def __str__(self) -> str:
        return self.full_code

    @property
    def full_code(self) -> str:
        """As the register names it: ``CCER-14-001-V01``."""
        return f"{self.methodology.code}-{self.version}"


class Standing(models.Model):
    """How a version stands from a day on. Only a retirement stops new projects; a revision announces the next version.

    ``confirmer`` is missing where the standing follows from a step of a proposal by itself.
    """

    append_only = True

    class State(models.TextChoices):
        PUBLISHED = "PUBLISHED", _("Published")
        REVISING = "REVISING", _("Under revision")
        RETIRED = "RETIRED", _("No longer in force")

    version = models.ForeignKey(Version, models.PROTECT, related_name="standings")
    state = models.CharField(_("state"), max_length=9, choices=State)
    since = models.DateField(_("from"))
    reason = models.CharField(_("stated reason"), max_length=300, blank=True)
    successor = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    proposal = models.ForeignKey("library.Proposal", models.PROTECT, null=True, related_name="+")
    initiator = models.ForeignKey(Person, models.PROTECT, related_name="+")
    confirmer = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="RETIRED") | Q(confirmer__isnull=False) & ~Q(confirmer=F("initiator")),
                name="a_version_is_retired_by_two_people",
            ),
        ]
        indexes = [models.Index(fields=["version", "since", "id"], name="standings_of_a_version")]
        triggers = [permanent("standings")]

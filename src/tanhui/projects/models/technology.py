"""The list of low-carbon farming techniques (农业低碳生产技术清单), guides and training material, as published.

An entry is what people find under one address; its editions are what was published there, each signed by two people.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Organisation, Person
from tanhui.journal.permanence import permanent
from tanhui.projects.models.development import Development


class Technology(models.Model):
    """An entry and where it stands: its latest edition, shown or withdrawn."""

    class Kind(models.TextChoices):
        TECHNIQUE = "TECHNIQUE", _("Technique")
        GUIDE = "GUIDE", _("Guide")
        TRAINING = "TRAINING", _("Training material")

    code = models.SlugField(_("address"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="technologies")
    current = models.OneToOneField("TechnologyEdition", models.PROTECT, null=True, related_name="+")
    withdrawn = models.BooleanField(default=False)
    name = models.CharField(_("name"), max_length=80)  # of the latest edition, as the list sorts and searches
    sought = models.TextField()  # everything of the latest edition that is searched
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "withdrawn", "name"], name="technologies_by_kind")]

    def __str__(self) -> str:
        return self.name


class TechnologyEdition(models.Model):
    """What was published: the practice, where it applies, its effect with source and grade, and what it belongs to.

    ``crops``, ``regions`` and ``methodologies`` are lists of words; ``documents`` of files with name and SHA-256.
    """

    append_only = True

    class Grade(models.TextChoices):
        A = "A", _("Official text")
        P = "P", _("Peer-reviewed")
        B = "B", _("Secondary copy")
        C = "C", _("Press")
        D = "D", _("Recalled or made up for the demonstration")

    technology = models.ForeignKey(Technology, models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField(_("edition"))
    name = models.CharField(_("name"), max_length=80)
    practice = models.CharField(_("practice"), max_length=300)
    text = models.TextField(_("text"), max_length=20_000, blank=True)
    crops = models.JSONField(_("crops"), default=list)
    regions = models.JSONField(_("regions"), default=list)
    effect = models.CharField(_("effect"), max_length=400, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    grade = models.CharField(_("evidence grade"), max_length=1, choices=Grade, blank=True)
    methodologies = models.JSONField(_("methodologies"), default=list)
    developments = models.ManyToManyField(Development, related_name="technologies")
    documents = models.JSONField(default=list)
    demonstration = models.BooleanField(default=False)
    withdraws = models.BooleanField(default=False)
    reason = models.CharField(pgettext_lazy("projects", "reason"), max_length=300, blank=True)
    initiator = models.ForeignKey(Person, models.PROTECT, related_name="+")
    confirmer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["technology", "number"], name="a_technology_counts_its_editions"),
            models.CheckConstraint(condition=~Q(initiator=F("confirmer")), name="two_people_publish_a_technology"),
            models.CheckConstraint(
                condition=Q(effect="") | ~Q(source="") & ~Q(grade=""), name="an_effect_has_a_source_and_a_grade"
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""), name="a_later_edition_of_a_technology_says_why"
            ),
        ]
        triggers = [permanent("technology_editions")]

"""What validation and verification bodies do with a project: the sample they draw, what they find, and their reports.

Findings are of a development (validation) or of one of its monitoring periods (verification). Reports never change; a
later edition takes the place of one that was not signed by the second person.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Organisation, Person, Qualification
from tanhui.journal.permanence import permanent
from tanhui.projects.models.development import Development, Monitoring


class Finding(models.Model):
    """Something a body found (核查发现): it is raised, answered by the owner, and closed by the body or sent back.

    ``effect_kg`` is by how much it changes the quantity. A closed finding about the quantity is why a verified quantity
    may differ from the reported one. ``carried`` is the observation of the period before that it follows up.
    """

    class Kind(models.TextChoices):
        NONCONFORMITY = "CAR", _("Nonconformity: to be corrected")  # 不符合
        CLARIFICATION = "CL", _("Clarification asked for")  # 澄清要求
        OBSERVATION = "FAR", _("Observation: to be looked at in the next period")  # 观察

    BLOCKING = (Kind.NONCONFORMITY, Kind.CLARIFICATION)

    class Topic(models.TextChoices):
        QUANTITY = "QUANTITY", _("Quantity")
        DATA = "DATA", _("Monitoring data")
        BOUNDARY = "BOUNDARY", _("Boundary and tenure")
        METHOD = "METHOD", _("Application of the methodology")
        BUILT = "BUILT", _("Built as designed")
        PAPERS = "PAPERS", pgettext_lazy("projects", "Papers")
        OTHER = "OTHER", _("Other")

    class State(models.TextChoices):
        OPEN = "OPEN", _("Waits for the owner")
        ANSWERED = "ANSWERED", _("Waits for the body")
        CLOSED = "CLOSED", pgettext_lazy("projects", "Closed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    development = models.ForeignKey(Development, models.PROTECT, related_name="findings")
    monitoring = models.ForeignKey(Monitoring, models.PROTECT, null=True, related_name="findings")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=3, choices=Kind)
    topic = models.CharField(_("about"), max_length=8, choices=Topic)
    unit = models.CharField(_("parcel, plot or meter"), max_length=80, blank=True)
    text = models.TextField(_("what was found"), max_length=2000)
    requirement = models.CharField(_("requirement"), max_length=200)
    effect_kg = models.BigIntegerField(_("effect on the quantity (kg)"), null=True)
    trace_sha256 = models.CharField(max_length=64, blank=True)  # of the run it was found in
    carried = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    body = models.ForeignKey(Organisation, models.PROTECT, related_name="findings")
    raised_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["development", "monitoring", "number"], nulls_distinct=False,
                name="a_review_counts_its_findings",
            ),
            models.CheckConstraint(condition=~Q(text="") & ~Q(requirement=""), name="a_finding_says_what_and_why"),
            models.CheckConstraint(
                condition=Q(state="CLOSED", closed_by__isnull=False, closed_at__isnull=False)
                | ~Q(state="CLOSED") & Q(closed_by__isnull=True, closed_at__isnull=True),
                name="a_closed_finding_says_by_whom",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["development", "state"], name="findings_of_a_development")]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """As it is printed: ``CAR-01``."""
        return f"{self.kind}-{self.number:02d}"


class FindingEntry(models.Model):
    """One word said about a finding: raised, answered, sent back, closed."""

    append_only = True

    class Act(models.TextChoices):
        RAISE = "RAISE", _("Raised")
        ANSWER = "ANSWER", _("Answered")
        RETURN = "RETURN", _("Sent back")
        CLOSE = "CLOSE", pgettext_lazy("projects", "Closed")

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="entries")
    number = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=6, choices=Act)
    text = models.TextField(max_length=2000)
    document = models.UUIDField(null=True)  # in the room of files
    name = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["finding", "number"], name="a_finding_counts_its_words"),
            models.CheckConstraint(condition=~Q(text=""), name="a_word_about_a_finding_says_something"),
        ]
        ordering = ("number",)
        triggers = [permanent("finding_entries")]


class Sample(models.Model):
    """What is drawn from, and how many, fixed before anybody can know the seed (``projects.sampling``)."""

    append_only = True

    development = models.ForeignKey(Development, models.PROTECT, related_name="samples")
    monitoring = models.ForeignKey(Monitoring, models.PROTECT, null=True, related_name="samples")
    number = models.PositiveSmallIntegerField()
    population = models.JSONField()  # [[name, stratum], …] in the order of the bytes of the names
    population_sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(_("units to draw"))
    least = models.JSONField()  # the smallest size the rule pack allowed, and where that stands
    commitment = models.CharField(max_length=64, blank=True)
    reason = models.CharField(_("why once more"), max_length=500, blank=True)
    body = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["development", "monitoring", "number"], nulls_distinct=False, name="a_review_counts_its_samples"
            ),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="who_samples_once_more_says_why"),
            models.CheckConstraint(condition=Q(size__gte=1), name="a_sample_has_a_unit"),
        ]
        triggers = [permanent("samples")]


class Draw(models.Model):
    """The seed as it came out, with what it follows from, and the units it drew."""

    append_only = True

    sample = models.OneToOneField(Sample, models.PROTECT, primary_key=True, related_name="draw")
    declaration_sha256 = models.CharField(max_length=64)
    checkpoint_size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    words = models.CharField(max_length=200, blank=True)
    seed = models.CharField(max_length=64)
    chosen = models.JSONField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        triggers = [permanent("draws")]


class Sighting(models.Model):
    """What was found at a unit of the sample: the latest counts. A unit that was not drawn is there by judgement, with
    the reason for looking at it."""

    append_only = True

    class Verdict(models.TextChoices):
        AGREES = "AGREES", _("Agrees")
        DEVIATES = "DEVIATES", pgettext_lazy("projects", "Deviates")
        UNREACHABLE = "UNREACHED", _("Could not be looked at")

    sample = models.ForeignKey(Sample, models.PROTECT, related_name="sightings")
    unit = models.CharField(_("parcel, plot or meter"), max_length=80)
    judged = models.BooleanField()
    verdict = models.CharField(_("verdict"), max_length=9, choices=Verdict)
    note = models.CharField(_("what was seen"), max_length=500, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(judged=False, verdict="AGREES") | ~Q(note=""), name="what_is_not_plain_has_its_words"
            ),
        ]
        indexes = [models.Index(fields=["sample", "unit", "at"], name="sightings_of_a_sample")]
        triggers = [permanent("sightings")]


class Checklist(models.Model):
    """The checklist of a review: its points as they stood when work began, and the answers so far.

    ``points``: key, group, clause, question and evidence in both languages. ``answers``: by key, verdict and note.
    """

    development = models.ForeignKey(Development, models.PROTECT, related_name="checklists")
    monitoring = models.ForeignKey(Monitoring, models.PROTECT, null=True, related_name="checklists")
    body = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    points = models.JSONField()
    points_sha256 = models.CharField(max_length=64)
    answers = models.JSONField(default=dict)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["development", "monitoring", "body"], nulls_distinct=False, name="a_body_has_one_checklist"
            ),
        ]


class Report(models.Model):
    """What a validation and a verification report have in common. ``points`` gives, by the code of each point the rules
    ask for, whether it is met and what was found; ``comments`` says of each public comment how it was handled."""

    append_only = True

    number = models.PositiveSmallIntegerField()
    body = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    qualification = models.ForeignKey(Qualification, models.PROTECT, related_name="+")
    points = models.JSONField()
    comments = models.JSONField(default=dict)
    commitment = models.CharField(_("commitment"), max_length=300)
    dated = models.DateField(_("date of the report"))
    document = models.UUIDField()  # in the room of files
    version = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        abstract = True


class Validation(Report):
    """A validation report (审定报告): five points, and a positive or a negative conclusion (31号令 article 13)."""

    append_only = True

    class Conclusion(models.TextChoices):
        POSITIVE = "POSITIVE", _("Positive")
        NEGATIVE = "NEGATIVE", _("Negative")

    development = models.ForeignKey(Development, models.PROTECT, related_name="validations")
    conclusion = models.CharField(_("conclusion"), max_length=8, choices=Conclusion)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["development", "number"], name="a_development_counts_its_validations"),
            models.CheckConstraint(condition=~Q(commitment=""), name="a_validation_commits_its_body"),
        ]
        triggers = [permanent("validations")]


class VerificationReport(Report):
    """A verification report (核查报告): three points and the verified quantity (31号令 article 20).

    ``difference`` is the closed finding that says why the verified quantity is another than the reported one.
    """

    append_only = True

    monitoring = models.ForeignKey(Monitoring, models.PROTECT, related_name="verifications")
    reported_kg = models.BigIntegerField(_("reported quantity (kg)"))
    verified_kg = models.BigIntegerField(_("verified quantity (kg)"))
    trace_sha256 = models.CharField(max_length=64)
    difference = models.ForeignKey(Finding, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["monitoring", "number"], name="a_monitoring_counts_its_verifications"),
            models.CheckConstraint(
                condition=Q(verified_kg=F("reported_kg")) | Q(difference__isnull=False),
                name="a_difference_has_its_finding",
            ),
            models.CheckConstraint(condition=~Q(commitment=""), name="a_verification_commits_its_body"),
        ]
        triggers = [permanent("verification_reports")]

"""A project on its way (开发项目), from draft to registration and beyond, and its monitoring periods (监测期).

Which states there are and who moves from which to which is data: a profile (``profiles/<profile>.toml``, read by
``machine``). Steps, papers, comments and monthly evidence never change once they are kept.
"""

import uuid

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Instruction, Organisation, Person
from tanhui.journal.permanence import permanent
from tanhui.projects.models.land import ParcelVersion
from tanhui.projects.shapes import BoxField
from tanhui.registry import models as registry

STOPPING = ["cancel", "claw_back", "refuse_validation", "return", "revoke", "send_back", "suspend", "withdraw"]


class Clocked(models.Model):
    """What stands in a state of a profile, for so many working days.

    ``limit`` is the time limit of the present state as its rule pack gave it when the state began: key, days, unit,
    clause. ``stage`` and ``used_days`` hold what runs on once a correction (补正) has come back. ``revision`` counts
    every change of the row: a page that shows an older one may not overwrite a newer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    state = models.CharField(_("state"), max_length=24)
    stage_since = models.DateTimeField()
    limit = models.JSONField(default=dict)
    due_on = models.DateField(_("due"), null=True)
    provisional = models.BooleanField(default=False)  # the calendar of a year it needs was not announced
    stage = models.CharField(max_length=24, blank=True)  # the state whose clock stands still while it is corrected
    used_days = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    instruction = models.ForeignKey(Instruction, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        abstract = True


class Development(Clocked):
    """A project being developed, and what became of it. ``draft`` is what the wizard holds, by step and field.

    ``rule_pack`` gives its numbers, ``local_pack`` what its city asks before it may be developed. ``registered`` is its
    entry in the register once it has one.
    """

    number = models.PositiveIntegerField(_("development number"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    profile = models.CharField(_("procedure"), max_length=12)
    scheme = models.CharField(_("scheme"), max_length=12)
    rule_pack = models.CharField(_("rule pack"), max_length=40)
    local_pack = models.CharField(_("local rule pack"), max_length=40, blank=True)
    methodology = models.CharField(_("methodology"), max_length=32)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="developments")
    division_code = models.CharField(_("administrative division code"), max_length=12)
    county = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="developments_to_review")
    city = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="developments_to_file")
    validator = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="developments_to_validate")
    draft = models.JSONField(default=dict)
    crediting = DateRangeField(_("crediting period"), null=True)
    suspended_from = models.CharField(max_length=24, blank=True)
    registered = models.OneToOneField(
        registry.Project, models.PROTECT, null=True, related_name="development", verbose_name=_("registered project")
    )
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(validator__isnull=True) | ~Q(validator=F("owner")),
                name="nobody_validates_their_own_project",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="developments_count_from_one"),
        ]
        indexes = [
            models.Index(fields=["owner", "-changed_at"], name="developments_of_an_owner"),
            models.Index(fields=["state", "due_on"], name="developments_by_state"),
            models.Index(fields=["division_code"], name="developments_of_a_division"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def code(self) -> str:
        """The number as it is printed: ``D000012``."""
        return f"D{self.number:06d}"


class Boundary(models.Model):
    """One piece of land of a development: the outline of a parcel as it was taken over, or one that was handed in."""

    development = models.ForeignKey(Development, models.CASCADE, related_name="boundaries")
    parcel_version = models.ForeignKey(ParcelVersion, models.PROTECT, null=True, related_name="boundaries")
    name = models.CharField(_("name"), max_length=80)
    geometry = models.BinaryField()  # WKB, EPSG:4490, longitude first
    box = BoxField()
    area_m2 = models.BigIntegerField(_("area (m²)"))
    geometry_sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["development", "name"], name="a_boundary_is_named_once"),
            models.UniqueConstraint(fields=["development", "parcel_version"], name="a_development_takes_a_parcel_once"),
            models.CheckConstraint(condition=Q(area_m2__gt=0), name="a_boundary_has_an_area"),
        ]


class Facility(models.Model):
    """A meter or a facility of a development, by its key: what is claimed where there is no land."""

    class Kind(models.TextChoices):
        METER = "METER", _("Meter")
        FACILITY = "FACILITY", _("Facility")

    development = models.ForeignKey(Development, models.CASCADE, related_name="facilities")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    key = models.CharField(_("number"), max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["development", "kind", "key"], name="a_facility_is_listed_once"),
        ]


class Monitoring(Clocked):
    """A monitoring period of a registered development: plan, data, run, report, verification, application, issuance.

    ``bundle`` is the public run bundle from which the quantity is recomputed; ``quantity_kg`` and ``buffer_kg`` are
    read from it. ``verified_kg`` is what the verifier found; ``period`` its entry in the register.
    """

    development = models.ForeignKey(Development, models.PROTECT, related_name="monitorings")
    number = models.PositiveSmallIntegerField(_("monitoring period"))
    span = DateRangeField(pgettext_lazy("projects", "days"))
    plan = models.JSONField(default=dict)
    run = models.JSONField(default=dict)  # what the run says of itself: package, totals by year, how it was come by
    bundle = models.BinaryField(null=True)
    bundle_sha256 = models.CharField(max_length=64, blank=True)
    inputs_sha256 = models.CharField(max_length=64, blank=True)
    trace_sha256 = models.CharField(max_length=64, blank=True)
    quantity_kg = models.BigIntegerField(_("quantity (kg)"), null=True)
    buffer_kg = models.BigIntegerField(_("to the buffer (kg)"), default=0)
    verified_kg = models.BigIntegerField(_("verified quantity (kg)"), null=True)
    applied_t = models.BigIntegerField(_("applied for (tCO₂e)"), null=True)
    demonstration = models.BooleanField(default=False)
    verifier = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="monitorings_to_verify")
    suspended_from = models.CharField(max_length=24, blank=True)
    period = models.OneToOneField(registry.Period, models.PROTECT, null=True, related_name="monitoring")
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["development", "number"], name="a_development_counts_its_monitorings"),
            models.CheckConstraint(condition=Q(buffer_kg__gte=0), name="a_buffer_is_not_negative"),
            models.CheckConstraint(
                condition=Q(bundle__isnull=True) | ~Q(bundle_sha256="") & Q(quantity_kg__isnull=False),
                name="a_run_says_its_quantity",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="monitorings_by_state")]

    def __str__(self) -> str:
        return f"{self.development.code}-{self.number}"

    @property
    def code(self) -> str:
        """As it is printed: ``D000012-2``."""
        return f"{self.development.code}-{self.number}"


class Step(models.Model):
    """One step: who took it, for whom, from where to where, what they said, and how many working days it took.

    ``by`` is nobody where a time limit ran out. ``days`` are the working days spent in the state that was left.
    """

    append_only = True

    development = models.ForeignKey(Development, models.PROTECT, related_name="steps")
    monitoring = models.ForeignKey(Monitoring, models.PROTECT, null=True, related_name="steps")
    number = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=24)
    before = models.CharField(max_length=24)
    after = models.CharField(max_length=24)
    side = models.CharField(max_length=12)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    initiator = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=1000, blank=True)
    details = models.JSONField(default=dict)
    days = models.PositiveIntegerField(default=0)
    reference = models.CharField(max_length=80)
    body_sha256 = models.CharField(max_length=64)
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["development", "monitoring", "number"], nulls_distinct=False,
                name="a_development_counts_its_steps",
            ),
            models.UniqueConstraint(fields=["by", "reference"], name="a_development_step_has_its_own_reference"),
            models.CheckConstraint(
                condition=Q(by__isnull=False, organisation__isnull=False) | Q(side="SYSTEM"),
                name="somebody_takes_a_step_or_time_does",
            ),
            models.CheckConstraint(
                condition=Q(initiator__isnull=True) | ~Q(initiator=F("by")), name="two_people_take_such_a_step"
            ),
            models.CheckConstraint(
                condition=~Q(act__in=STOPPING) | ~Q(reason=""),
                name="who_stops_a_development_says_why",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["before", "at"], name="steps_out_of_a_state")]
        triggers = [permanent("development_steps")]


class Paper(models.Model):
    """A paper of a development or of a monitoring period; a later one of its kind takes the place of the earlier."""

    append_only = True

    development = models.ForeignKey(Development, models.PROTECT, related_name="papers")
    monitoring = models.ForeignKey(Monitoring, models.PROTECT, null=True, related_name="papers")
    kind = models.CharField(max_length=16)  # as the profile names it
    edition = models.PositiveSmallIntegerField()
    document = models.UUIDField()  # in the room of files
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    public = models.BooleanField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["development", "monitoring", "kind", "edition"], nulls_distinct=False,
                name="a_paper_of_a_kind_counts_its_editions",
            ),
        ]  # fmt: skip
        triggers = [permanent("development_papers")]


class Comment(models.Model):
    """What somebody said during a public notice. Published as it was said, and answered."""

    append_only = True

    development = models.ForeignKey(Development, models.PROTECT, related_name="comments")
    monitoring = models.ForeignKey(Monitoring, models.PROTECT, null=True, related_name="comments")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=24)  # of the notice it was given in
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=64)
    organisation = models.CharField(_("organisation"), max_length=120, blank=True)
    text = models.CharField(_("comment"), max_length=2000)
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["development", "monitoring", "number"], nulls_distinct=False,
                name="a_development_counts_its_comments",
            ),
            models.CheckConstraint(condition=~Q(text="") & ~Q(name=""), name="a_comment_says_something"),
        ]  # fmt: skip
        triggers = [permanent("development_comments")]


class Answer(models.Model):
    """What the owner answers to a comment, once."""

    append_only = True

    comment = models.OneToOneField(Comment, models.PROTECT, related_name="answer")
    text = models.CharField(pgettext_lazy("projects", "answer"), max_length=2000)
    adopted = models.BooleanField(pgettext_lazy("projects", "adopted"))
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="the_answer_to_a_comment_says_something")]
        triggers = [permanent("development_answers")]


class Evidence(models.Model):
    """The monitoring data of a month, stamped into the log by their hash (月度存证, rules I-07)."""

    append_only = True

    development = models.ForeignKey(Development, models.PROTECT, related_name="evidence")
    month = models.DateField(_("month"))  # its first day
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    size_bytes = models.BigIntegerField()
    due_on = models.DateField()
    late = models.BooleanField()
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["development", "month", "sha256"], name="a_month_is_stamped_once_as_it_is"),
            models.CheckConstraint(condition=Q(month__day=1), name="a_month_is_named_by_its_first_day"),
        ]
        triggers = [permanent("monthly_evidence")]


class Ban(models.Model):
    """An owner may not apply for a while (申请禁止期), because of what was found in a project of theirs."""

    append_only = True

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="project_bans")
    development = models.ForeignKey(Development, models.PROTECT, related_name="bans")
    since = models.DateField()
    until = models.DateField(null=True)  # until further notice where a clawback stays unpaid
    reason = models.CharField(max_length=1000)
    clause = models.CharField(max_length=120)
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="a_ban_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "until"], name="bans_of_an_owner")]
        triggers = [permanent("project_bans")]


class Nudge(models.Model):
    """A reminder that was sent, so that it is sent once: of which due day, and at which distance."""

    append_only = True

    class Stage(models.TextChoices):
        SOON = "SOON", _("Due soon")
        TODAY = "TODAY", _("Due today")
        OVERDUE = "OVERDUE", _("Overdue")

    development = models.ForeignKey(Development, models.PROTECT, related_name="nudges")
    monitoring = models.ForeignKey(Monitoring, models.PROTECT, null=True, related_name="nudges")
    what = models.CharField(max_length=24)  # a state, or the month of evidence as 2026-05
    due_on = models.DateField()
    stage = models.CharField(max_length=7, choices=Stage)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["development", "monitoring", "what", "due_on", "stage"], nulls_distinct=False,
                name="a_nudge_is_sent_once",
            ),
        ]  # fmt: skip
        triggers = [permanent("nudges")]

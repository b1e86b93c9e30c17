"""The pool of projects to come (储备库): candidates and their scores, agreements on land, and who may look.

A score is kept with every term, so that a later pack changes no rank that was shown. Of one parcel there is one
agreement at a time; the database sees to it.
"""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Instruction, Organisation, Person
from tanhui.journal.permanence import permanent
from tanhui.projects.models.development import Development
from tanhui.projects.models.land import Parcel

KEY = Cast("parcel", models.TextField())


class Candidate(models.Model):
    """A project that could be: where, of which kind, what it may earn, and what it was found to be good for.

    ``measures`` are the marks from 0 to 100 that scoring reads, by key; ``annual_t`` the tonnes expected in a year.
    ``revision`` counts every change: a page that shows an older one may not overwrite a newer.
    """

    class Kind(models.TextChoices):
        FOREST = "FOREST", _("Forest")
        GRASS = "GRASS", _("Grassland")
        WETLAND = "WETLAND", _("Wetland")
        CROP = "CROP", _("Cropland")
        MANURE = "MANURE", _("Use of manure and residues")
        ENERGY = "ENERGY", _("Energy in the countryside")
        OTHER = "OTHER", _("Other")

    class State(models.TextChoices):
        POOLED = "POOLED", _("In the pool")
        PILOT = "PILOT", _("Pilot")
        DEVELOPING = "DEVELOPING", _("Being developed")
        DROPPED = "DROPPED", _("Dropped")

    OPEN = (State.POOLED, State.PILOT)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.PositiveIntegerField(_("number in the pool"), unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="candidates")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    mechanism = models.CharField(_("mechanism"), max_length=12)
    methodology = models.CharField(_("methodology"), max_length=32, blank=True)
    division_code = models.CharField(_("administrative division code"), max_length=12)
    place = models.CharField(_("place"), max_length=80)
    state_farm = models.BooleanField(_("with a state forest farm"), default=False)
    revitalisation = models.BooleanField(_("in an area of rural revitalisation"), default=False)
    area_m2 = models.BigIntegerField(_("area (m²)"))
    annual_t = models.BigIntegerField(_("tonnes expected a year"))
    measures = models.JSONField(default=dict)
    note = models.CharField(pgettext_lazy("projects", "remarks"), max_length=1000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.POOLED)
    reason = models.CharField(max_length=500, blank=True)
    development = models.OneToOneField(Development, models.PROTECT, null=True, related_name="candidate")
    revision = models.PositiveIntegerField(default=1)
    reference = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "reference"], name="a_candidate_is_entered_once"),
            models.CheckConstraint(condition=Q(area_m2__gte=0, annual_t__gte=0), name="a_candidate_has_some_land"),
            models.CheckConstraint(
                condition=Q(state="DEVELOPING", development__isnull=False)
                | ~Q(state="DEVELOPING") & Q(development__isnull=True),
                name="a_candidate_being_developed_names_its_development",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["PILOT", "DROPPED"]) | ~Q(reason=""), name="a_choice_of_candidates_has_a_reason"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["organisation", "state"], name="candidates_of_an_organisation")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def code(self) -> str:
        """As it is printed: ``CB-0012`` (储备)."""
        return f"CB-{self.number:04d}"


class CandidateParcel(models.Model):
    """A parcel a candidate would be made of."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="land")
    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="candidates")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidate", "parcel"], name="a_candidate_takes_a_parcel_once"),
        ]


class Score(models.Model):
    """A candidate's score by a version of a rule pack: every term with its mark, weight and points.

    ``total`` and points are hundredths of a point, so that they add up exactly.
    """

    append_only = True

    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="scores")
    number = models.PositiveIntegerField()
    pack = models.CharField(max_length=40)
    pack_version = models.CharField(max_length=16)
    terms = models.JSONField()
    total = models.IntegerField(_("score"))
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidate", "number"], name="a_candidate_counts_its_scores"),
        ]
        triggers = [permanent("scores")]


class Agreement(models.Model):
    """What an organisation was entrusted with, for which land and how long, signed by two of its people."""

    append_only = True

    class Kind(models.TextChoices):
        MANDATE = "MANDATE", _("Mandate of a county")  # 委托授权协议
        JOINT = "JOINT", _("Joint development agreement")  # 生态碳汇联合开发协议
        ENTRUSTED = "ENTRUSTED", _("Entrusted development of collective rights")  # 集体林权委托开发

    OF_LAND = (Kind.JOINT, Kind.ENTRUSTED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.PositiveIntegerField()
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="development_agreements")
    partner = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="agreements_with_developers")
    partner_name = models.CharField(_("agreed with"), max_length=120)
    title = models.CharField(pgettext_lazy("projects", "title"), max_length=160)
    terms = models.CharField(_("what was agreed"), max_length=1000)
    since = models.DateField(pgettext_lazy("projects", "from"))
    until = models.DateField(pgettext_lazy("projects", "to"))
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
            models.UniqueConstraint(fields=["organisation", "number"], name="an_organisation_counts_its_agreements"),
            models.CheckConstraint(
                condition=~Q(initiator=F("confirmer")), name="a_development_agreement_is_signed_by_two"
            ),
            models.CheckConstraint(
                condition=Q(until__gte=F("since")), name="a_development_agreement_does_not_end_before_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(partner__isnull=True) | ~Q(partner=F("organisation")), name="nobody_agrees_with_itself"
            ),
        ]
        indexes = [models.Index(fields=["partner", "until"], name="agreements_of_a_partner")]
        triggers = [permanent("development_agreements")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def code(self) -> str:
        """As it is printed: ``XY-2026-003`` (协议)."""
        return f"XY-{self.since.year}-{self.number:03d}"


class AgreementParcel(models.Model):
    """A parcel under an agreement, for the days it stands; no two of them for one parcel on one day."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="land")
    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="agreements")
    days = DateRangeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "parcel"], name="an_agreement_covers_a_parcel_once"),
            ExclusionConstraint(
                name="a_parcel_is_under_one_agreement_at_a_time",
                expressions=[(Func(KEY, KEY, Value("[]"), function="claim_key"), "&&"), ("days", "&&")],
            ),
        ]


class AgreementEnding(models.Model):
    """The early end of an agreement: the day after ``ends_on`` its land is free again."""

    append_only = True

    agreement = models.OneToOneField(Agreement, models.PROTECT, primary_key=True, related_name="ending")
    ends_on = models.DateField(_("last day"))
    reason = models.CharField(pgettext_lazy("projects", "reason"), max_length=500)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="a_development_agreement_ends_for_a_reason")
        ]
        triggers = [permanent("endings_of_development_agreements")]


class Absorption(models.Model):
    """An earlier contract of a county with somebody else, and how it was taken over."""

    append_only = True

    class Manner(models.TextChoices):
        ABSORBED = "ABSORBED", _("Absorbed")
        MERGED = "MERGED", _("Merged")
        SHARES = "SHARES", _("Turned into shares")
        ENDED = "ENDED", _("Ended by agreement")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="absorptions")
    number = models.PositiveIntegerField()
    title = models.CharField(_("earlier contract"), max_length=160)
    party = models.CharField(_("other party"), max_length=120)
    division_code = models.CharField(_("administrative division code"), max_length=12)
    signed_on = models.DateField(_("signed on"))
    begun = models.BooleanField(_("carried out already"))
    manner = models.CharField(_("how it was taken over"), max_length=8, choices=Manner)
    note = models.CharField(_("what became of rights and duties"), max_length=1000)
    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True, related_name="absorptions")
    document = models.UUIDField()
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    instruction = models.OneToOneField(Instruction, models.PROTECT, related_name="+")
    initiator = models.ForeignKey(Person, models.PROTECT, related_name="+")
    confirmer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="an_organisation_counts_its_absorptions"),
            models.CheckConstraint(condition=~Q(initiator=F("confirmer")), name="an_absorption_is_signed_by_two"),
            models.CheckConstraint(condition=~Q(note=""), name="an_absorption_says_what_became_of_it"),
        ]
        triggers = [permanent("absorptions")]


class Consent(models.Model):
    """The keeper of a candidate opens it to banks and investors, or closes it again; the latest counts."""

    append_only = True

    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="consents")
    given = models.BooleanField()
    text_version = models.PositiveSmallIntegerField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["candidate", "-at"], name="consents_of_a_candidate")]
        triggers = [permanent("consents")]

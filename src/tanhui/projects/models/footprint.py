"""What is claimed, by shape or by key (唯一性足迹), here and in lists of other mechanisms, and where claims overlap."""

import uuid

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Organisation, Person
from tanhui.journal.permanence import permanent
from tanhui.projects.models.development import Development
from tanhui.projects.shapes import BoxField

LOCK = "projects_uniqueness"  # the advisory lock under which footprints are written; the trigger names it too

KEEP_THE_RULES = """
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'footprints are never deleted' USING ERRCODE = 'TH100';
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
        AND (classid::bigint << 32 | objid::bigint) = hashtextextended('projects_uniqueness', 0)
    ) THEN
        RAISE EXCEPTION 'a footprint is written under the lock of uniqueness' USING ERRCODE = 'TH105';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state <> 'LIVE' OR NEW.state = 'LIVE'
            OR to_jsonb(OLD) - '{state,changed_at}'::text[] <> to_jsonb(NEW) - '{state,changed_at}'::text[] THEN
            RAISE EXCEPTION 'a footprint only ends, once' USING ERRCODE = 'TH105';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.list_id IS NULL AND NEW.kind <> 'LAND' AND EXISTS (
        SELECT FROM projects_footprint AS other
        WHERE other.key = NEW.key AND (
            other.state = 'BARRED' OR other.state = 'LIVE' AND other.list_id IS NOT NULL AND other.days && NEW.days
        )
    ) THEN
        RAISE EXCEPTION 'claimed elsewhere, or barred for good' USING ERRCODE = 'TH105';
    END IF;
    RETURN NEW;
"""


class ForeignList(models.Model):
    """A list of the projects of another mechanism or province, as two people took it over on a day (外部项目清单).

    ``counts``: rows, taken, refused, conflicts; ``refused`` the rows left out, each with its reasons, as many as
    a person reads. A later list of the same ``source`` takes the place of an earlier one.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    mechanism = models.CharField(_("mechanism"), max_length=12)
    source = models.CharField(_("who publishes the list"), max_length=120)
    as_of = models.DateField(_("state of the list"))
    document = models.UUIDField()  # in the room of files
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    refused = models.JSONField(default=list)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    reference = models.CharField(max_length=64, unique=True)
    body_sha256 = models.CharField(max_length=64)
    initiator = models.ForeignKey(Person, models.PROTECT, related_name="+")
    confirmer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(initiator=F("confirmer")), name="two_people_take_a_foreign_list_over"),
        ]
        indexes = [models.Index(fields=["mechanism", "-at"], name="foreign_lists_of_a_mechanism")]
        triggers = [permanent("foreign_lists")]

    def __str__(self) -> str:
        return f"{self.source} {self.as_of.isoformat()}"


class Footprint(models.Model):
    """One polygon, meter or facility of a claim, in its days (唯一性足迹). Either a development's or a foreign list's.

    ``activities`` are those its methodology names; none means: whatever is done there. ``key`` is the normalised
    name of a meter or facility. Nothing of a footprint changes but its end: given up, or barred for good.
    """

    class Kind(models.TextChoices):
        LAND = "LAND", _("Land")
        METER = "METER", _("Meter")
        FACILITY = "FACILITY", _("Facility")

    class State(models.TextChoices):
        LIVE = "LIVE", _("Claimed")
        RELEASED = "RELEASED", _("Given up")
        BARRED = "BARRED", _("Barred for good")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    mechanism = models.CharField(_("mechanism"), max_length=12)
    number = models.CharField(_("project number"), max_length=60, blank=True)
    title = models.CharField(_("project name"), max_length=160)
    part = models.CharField(_("parcel, meter or facility"), max_length=120, blank=True)
    holder_uscc = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    activities = ArrayField(models.CharField(max_length=60), default=list)
    days = DateRangeField(pgettext_lazy("projects", "days"))
    key = models.CharField(max_length=200, blank=True)
    geometry = models.BinaryField(null=True)
    geometry_sha256 = models.CharField(max_length=64, blank=True)
    box = BoxField(null=True)
    area_m2 = models.BigIntegerField(null=True)
    development = models.ForeignKey(Development, models.PROTECT, null=True, related_name="footprints")
    list = models.ForeignKey(ForeignList, models.PROTECT, null=True, related_name="footprints")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.LIVE)
    at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="LAND", geometry__isnull=False, box__isnull=False, area_m2__gt=0, key="")
                | ~Q(kind="LAND") & Q(geometry__isnull=True, box__isnull=True, area_m2__isnull=True) & ~Q(key=""),
                name="a_footprint_is_land_or_has_a_key",
            ),
            models.CheckConstraint(
                condition=Q(development__isnull=False, list__isnull=True)
                | Q(development__isnull=True, list__isnull=False),
                name="a_footprint_is_ours_or_of_a_list",
            ),
            models.CheckConstraint(condition=Q(days__isempty=False), name="a_footprint_has_days"),
            ExclusionConstraint(
                name="nothing_is_metered_twice",
                expressions=[
                    (Func(F("key"), F("key"), Value("[]"), function="claim_key"), "&&"),
                    ("days", "&&"),
                ],
                condition=Q(state="LIVE", list__isnull=True) & ~Q(kind="LAND"),
            ),
        ]
        indexes = [
            GistIndex("box", name="footprints_by_place", condition=Q(state__in=["LIVE", "BARRED"])),
            models.Index(fields=["key"], name="footprints_by_key", condition=~Q(key="")),
            models.Index(fields=["development", "state"], name="footprints_of_a_development"),
            models.Index(fields=["list"], name="footprints_of_a_list"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="footprints_keep_the_rules",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=KEEP_THE_RULES,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mechanism} {self.number} {self.title}"


class Overlap(models.Model):
    """Where two claims share ground: a sliver between a development and another claim, or a conflict that a foreign
    list brought to light. Kept with its shape."""

    append_only = True

    class Kind(models.TextChoices):
        SLIVER = "SLIVER", _("Sliver")
        CONFLICT = "CONFLICT", _("Conflict")

    mine = models.ForeignKey(Footprint, models.PROTECT, related_name="overlaps")
    theirs = models.ForeignKey(Footprint, models.PROTECT, related_name="overlapped")
    kind = models.CharField(max_length=8, choices=Kind)
    area_m2 = models.BigIntegerField(_("overlapping area (m²)"))
    width_mm = models.BigIntegerField()
    geometry = models.BinaryField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mine", "theirs"], name="two_footprints_overlap_once"),
        ]
        indexes = [models.Index(fields=["kind", "-at"], name="overlaps_by_kind")]
        triggers = [permanent("overlaps")]

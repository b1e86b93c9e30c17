"""What the public pages keep: publications, and a catalogue and statistics derived from the register.

``Publication`` and what stands under it is the portal's own and never changes once published. The catalogue (``Line``,
``Facet``, ``Beneficiary``) and the statistics (``Standing``, ``BatchDay``) hold nothing that could not be made again
from the register: ``acts.upkeep`` keeps them, and ``docs/algorithms/search.md`` says how.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Organisation, Person
from tanhui.journal.permanence import permanent
from tanhui.ledger.models import Asset

# -- publications ------------------------------------------------------------------------------------------------------


class Category(models.TextChoices):
    """Columns of the publications (栏目)."""

    POLICY = "policy", _("Policies")  # 政策文件
    ANNOUNCEMENT = "announcement", _("Announcements")  # 通知公告
    RULE = "rule", _("Rules")  # 业务规则
    GUIDE = "guide", _("Guides")  # 办事指南
    FEE = "fee", _("Fees")  # 收费公示
    MARKET = "market", _("Market announcements")  # 市场公告
    SANCTION = "sanction", _("Circulars on sanctions")  # 处罚通报
    REPORT = "report", _("Reports and bulletins")  # 报告公报


class Publication(models.Model):
    """Something published under one number, in versions; it may be withdrawn and then says so for ever."""

    append_only = True

    category = models.CharField(_("category"), max_length=12, choices=Category)
    since_at = models.DateTimeField()

    class Meta:
        triggers = [permanent("publications")]

    def __str__(self) -> str:
        return str(self.pk)


class Content(models.Model):
    """What a version of a publication says. The body is Markdown; HTML in it is text."""

    title = models.CharField(_("title"), max_length=160)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    body = models.TextField(_("text"))
    source = models.CharField(_("source"), max_length=120)
    document_number = models.CharField(_("document number"), max_length=80, blank=True)
    made_on = models.DateField(_("made or changed on"))
    effective_from = models.DateField(_("effective from"), null=True, blank=True)
    effective_until = models.DateField(_("effective until"), null=True, blank=True)

    class Meta:
        abstract = True


class Draft(Content):
    """What one person of the operator has written and another has yet to publish; until then it may be changed.

    The first version of its publication, the next one, or, with ``reason``, its withdrawal.
    """

    publication = models.OneToOneField(Publication, models.PROTECT, related_name="draft")
    number = models.PositiveSmallIntegerField(_("version"))
    reason = models.CharField(_("stated reason"), max_length=200, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reason="") | Q(number__gt=1), name="only_what_is_published_is_withdrawn"
            ),
        ]

    @property
    def withdraws(self) -> bool:
        return bool(self.reason)


class Published(models.Model):
    """Written by one person, released by another."""

    append_only = True

    initiator = models.ForeignKey(Person, models.PROTECT, related_name="+")
    confirmer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        abstract = True


class Edition(Content, Published):
    """One version of a publication, as it was published."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField(_("version"))
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["publication", "number"], name="a_version_is_published_once"),
            models.CheckConstraint(condition=~Q(initiator=F("confirmer")), name="a_version_is_released_by_another"),
        ]
        triggers = [permanent("editions")]


class Withdrawal(Published):
    """A publication no longer stands; its page stays and says why."""

    publication = models.OneToOneField(Publication, models.PROTECT, related_name="withdrawal")
    reason = models.CharField(_("stated reason"), max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(initiator=F("confirmer")), name="a_withdrawal_is_released_by_another")
        ]
        triggers = [permanent("withdrawals")]


# -- the catalogue -----------------------------------------------------------------------------------------------------


class Register(models.TextChoices):
    """What the catalogue has lines of. The letter begins every tag, so that one index serves them all."""

    PROJECT = "P", _("Projects")
    BATCH = "B", _("Batches")
    RETIREMENT = "R", _("Retirements")
    CANCELLATION = "C", _("Cancellations")
    PUBLICATION = "N", _("Publications")
    ORGANISATION = "O", _("Organisations")
    METHODOLOGY = "M", _("Methodologies")


class Line(models.Model):
    """One line of a public register, as it is found, filtered and sorted; what it shows is read from the row itself.

    ``words`` is what a search compares with, ``tags`` are its pieces of one and two characters (``p造林``) and its
    properties (``P:year=2026``), ``key`` is the title in pinyin.
    """

    register = models.CharField(max_length=1, choices=Register)
    ref = models.BigIntegerField()  # the row's own number
    title = models.CharField(max_length=300)
    words = models.TextField()
    key = models.CharField(max_length=120)
    tags = ArrayField(models.TextField())
    quantity_t = models.BigIntegerField(default=0)
    rank = models.IntegerField(default=0)  # vintage
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["register", "ref"], name="one_line_per_row")]
        indexes = [
            models.Index(fields=["register", "key", "ref"], name="lines_by_name"),
            models.Index(fields=["register", "quantity_t", "ref"], name="lines_by_quantity"),
            models.Index(fields=["register", "rank", "ref"], name="lines_by_rank"),
            models.Index(fields=["register", "at", "ref"], name="lines_by_time"),
            GinIndex(fields=["tags"], name="lines_by_tag"),
        ]


class Facet(models.Model):
    """How many lines have a property; ``tag`` is the property as lines carry it, ``P:`` alone counts all projects."""

    tag = models.TextField(primary_key=True)
    count = models.BigIntegerField()


class Beneficiary(models.Model):
    """On whose behalf units were retired, by the published name; persons are one line without a name."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=120)
    count = models.BigIntegerField()
    quantity_t = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "kind"], name="a_beneficiary_is_counted_once")]
        indexes = [models.Index(fields=["-quantity_t", "name"], name="beneficiaries_by_quantity")]


# -- statistics --------------------------------------------------------------------------------------------------------


class Tonnes(models.Model):
    """Cumulative whole tonnes at the end of a day: issued = held + buffer + retired + cancelled."""

    day = models.DateField()
    issued_t = models.BigIntegerField()
    held_t = models.BigIntegerField()
    buffer_t = models.BigIntegerField()
    retired_t = models.BigIntegerField()
    cancelled_t = models.BigIntegerField()
    transferred_t = models.BigIntegerField()

    class Meta:
        abstract = True


class BatchDay(Tonnes):
    """Where the units of a batch were at the end of a day on which some of them moved."""

    asset = models.ForeignKey(Asset, models.PROTECT, db_constraint=False, db_index=False, related_name="days")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "day"], name="a_batch_has_one_line_per_day")]


class Standing(Tonnes):
    """Where the units of a scheme, methodology, vintage, province or purpose were at the end of a day, or of all
    (``dimension`` empty). A day on which anything moved has a row for every value there was."""

    dimension = models.CharField(max_length=12, blank=True)
    value = models.CharField(max_length=48, blank=True)
    movements = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "dimension", "value"], name="a_value_has_one_line_per_day")
        ]


class Mark(models.Model):
    """How far upkeep has read a table whose ids only grow.

    Ids are given before transactions commit. So what was the highest id (``seen``) at one time counts as complete only
    when none of those who were writing to the table then (``writers``, their virtual transactions) is still at it.
    """

    name = models.CharField(max_length=16, primary_key=True)
    done = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    writers = ArrayField(models.TextField(), default=list)


class Check(models.Model):
    """The statistics compared with the ledger's postings, each sum made again."""

    append_only = True

    at = models.DateTimeField()
    movement = models.BigIntegerField()  # the last movement both sides counted
    sound = models.BooleanField()
    stated = models.JSONField()
    recomputed = models.JSONField()

    class Meta:
        triggers = [permanent("checks")]

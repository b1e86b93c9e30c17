"""Data providers (数据提供方), what they hand in, the settlement of a day, and what a published rule holds back.

A person is an ``account`` number here (``Account.number``), never a name: who it is, only the account's own room knows.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Organisation, Person
from tanhui.inclusion.models.scenario import Scenario
from tanhui.journal.permanence import permanent


class Provider(models.Model):
    """An organisation that reports people's behaviour under an agreement: for which purpose, which kinds, how long.

    ``sandbox``: it is trying things out; its events are checked as any others are, and kept and settled never.
    """

    class State(models.TextChoices):
        SANDBOX = "SANDBOX", pgettext_lazy("inclusion", "Trying out")
        LIVE = "LIVE", pgettext_lazy("inclusion", "Live")
        SUSPENDED = "SUSPENDED", pgettext_lazy("inclusion", "Suspended")
        ENDED = "ENDED", pgettext_lazy("inclusion", "Ended")

    code = models.SlugField(pgettext_lazy("inclusion", "code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="providers")
    operator = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    scenarios = models.ManyToManyField(Scenario, related_name="providers")
    agreement = models.CharField(pgettext_lazy("inclusion", "number of the agreement"), max_length=60)
    purpose = models.CharField(pgettext_lazy("inclusion", "purpose"), max_length=300)
    kinds = models.CharField(pgettext_lazy("inclusion", "kinds of data"), max_length=300)
    retention_days = models.PositiveIntegerField(pgettext_lazy("inclusion", "kept for days"))
    since = models.DateField(pgettext_lazy("inclusion", "from"))
    until = models.DateField(pgettext_lazy("inclusion", "until"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.SANDBOX)
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="an_agreement_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(retention_days__gt=0), name="an_agreement_says_how_long_data_is_kept"),
        ]

    def __str__(self) -> str:
        return self.name


class Credential(models.Model):
    """The secret by which a provider's program proves itself; only its hash is kept."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="credentials")
    label = models.CharField(_("label"), max_length=60)
    token_sha256 = models.CharField(max_length=64, unique=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)


class Batch(models.Model):
    """What a provider handed in at once (数据批次), with the receipt it got. Received = accepted + duplicate + refused
    + waiting: the database holds the provider's books and ours together."""

    append_only = True

    class Way(models.TextChoices):
        HTTP = "HTTP", "HTTP"
        FILE = "FILE", pgettext_lazy("inclusion", "File")
        MQTT = "MQTT", "MQTT"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="batches")
    sandbox = models.BooleanField(default=False)
    way = models.CharField(max_length=4, choices=Way)
    reference = models.CharField(max_length=64)  # the provider's own: asking twice is asking once
    sha256 = models.CharField(max_length=64)  # of the bytes as they came
    received = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()
    duplicate = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    waiting = models.PositiveIntegerField()
    corrected = models.PositiveIntegerField(default=0)  # of the accepted: corrections of earlier events
    withdrawn = models.PositiveIntegerField(default=0)  # of the accepted: withdrawals of earlier events
    late = models.PositiveIntegerField(default=0)  # of the accepted: of days already settled
    reasons = models.JSONField(default=dict)  # code of the reason: how many rows
    rows = models.JSONField(default=list)  # the rows refused, waiting or repeated: row, key, code, facts
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "sandbox", "reference"], name="a_data_batch_is_taken_once"),
            models.CheckConstraint(
                condition=Q(received=F("accepted") + F("duplicate") + F("refused") + F("waiting")),
                name="every_row_received_is_accounted_for",
            ),
        ]
        indexes = [models.Index(fields=["provider", "-at"], name="data_batches_of_a_provider")]
        triggers = [permanent("data_batches")]


class Written(models.Model):
    """A file of the lake: which batch put it there, for which day and bucket, and its hash."""

    append_only = True

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="written")
    path = models.CharField(max_length=200, unique=True)
    day = models.DateField()
    bucket = models.PositiveSmallIntegerField()
    rows = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["day", "bucket"], name="files_of_a_day_of_the_lake")]
        triggers = [permanent("files_of_the_lake")]


class Settlement(models.Model):
    """One settlement of a day: ``run`` 1 is the first, a later one takes late and corrected events into account.

    ``results_sha256`` is the hash over the results of all buckets in order; the same events and rules give the same.
    """

    class State(models.TextChoices):
        ASKED = "ASKED", pgettext_lazy("inclusion", "In the queue")
        RUNNING = "RUNNING", pgettext_lazy("inclusion", "Being settled")
        DONE = "DONE", pgettext_lazy("inclusion", "Settled")
        STOPPED = "STOPPED", pgettext_lazy("inclusion", "Stopped")

    OPEN = (State.ASKED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    day = models.DateField()
    run = models.PositiveSmallIntegerField()
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.ASKED)
    rules = models.JSONField(default=dict)
    rules_sha256 = models.CharField(max_length=64, blank=True)
    inputs_sha256 = models.CharField(max_length=64, blank=True)  # over the manifest of the day's files
    results_sha256 = models.CharField(max_length=64, blank=True)
    events = models.PositiveBigIntegerField(default=0)
    counted = models.PositiveBigIntegerField(default=0)
    waiting = models.PositiveBigIntegerField(default=0)
    people = models.PositiveBigIntegerField(default=0)
    grams = models.BigIntegerField(default=0)
    changed_days = models.PositiveBigIntegerField(default=0)  # user-days this run changed
    counts = models.JSONField(default=dict)  # what became of every event it read, by word
    by_scenario = models.JSONField(default=dict)  # code: {grams, events, people}
    stop = models.JSONField(default=dict)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    entry = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "run"], name="the_settlements_of_a_day_are_counted"),
            models.UniqueConstraint(
                fields=["day"], condition=Q(state__in=["ASKED", "RUNNING"]), name="a_day_is_settled_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="DONE") | Q(done_at__isnull=False, entry__isnull=False) & ~Q(results_sha256=""),
                name="a_finished_settlement_says_what_came_out",
            ),
        ]


class Suspicion(models.Model):
    """A behaviour a published rule holds back (待核) until somebody decides; the decision can be appealed once."""

    class State(models.TextChoices):
        WAITING = "WAITING", pgettext_lazy("inclusion", "Waiting for a decision")
        ALLOWED = "ALLOWED", pgettext_lazy("inclusion", "Counts")
        REFUSED = "REFUSED", pgettext_lazy("inclusion", "Does not count")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.BigIntegerField()
    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="suspicions")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="suspicions")
    day = models.DateField()
    event = models.BigIntegerField()  # id of the event in the lake: the same for its corrections
    body = models.BigIntegerField()  # of what it said when it was held back: a correction is judged anew
    key = models.CharField(max_length=64)
    rule = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="suspicions")
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    appealed_at = models.DateTimeField(null=True)
    appeal = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "body"], name="what_an_event_says_is_held_back_once"),
            models.CheckConstraint(
                condition=Q(appealed_at__isnull=True, appeal="") | Q(appealed_at__isnull=False) & ~Q(appeal=""),
                name="an_appeal_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "at"], name="suspicions_in_the_queue"),
            models.Index(fields=["account", "-day"], name="suspicions_of_an_account"),
        ]


class Ruling(models.Model):
    """A decision on a behaviour held back: the first, and after an appeal the second, by somebody else."""

    append_only = True

    suspicion = models.ForeignKey(Suspicion, models.PROTECT, related_name="rulings")
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=7, choices=Suspicion.State)
    reason = models.CharField(max_length=1000)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["suspicion", "number"], name="the_rulings_on_a_suspicion_are_counted"),
            models.UniqueConstraint(fields=["suspicion", "by"], name="nobody_rules_twice_on_one_suspicion"),
            models.CheckConstraint(
                condition=Q(number__in=[1, 2], outcome__in=["ALLOWED", "REFUSED"]) & ~Q(reason=""),
                name="a_ruling_is_one_of_two_and_says_why",
            ),
        ]
        triggers = [permanent("rulings")]


class Budget(models.Model):
    """What the operator may spend on the rewards of a month, in fen; a later edition replaces the earlier one."""

    append_only = True

    operator = models.ForeignKey(Organisation, models.PROTECT, related_name="reward_budgets")
    month = models.DateField()
    fen = models.PositiveBigIntegerField(pgettext_lazy("inclusion", "budget"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(month__day=1), name="a_budget_is_of_a_month")]
        indexes = [models.Index(fields=["operator", "month", "-at"], name="budgets_of_a_month")]
        triggers = [permanent("budgets")]

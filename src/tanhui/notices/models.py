"""Notices, the letters that carry them outside, and what an organisation's own systems are told."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Organisation, Person
from tanhui.identity.vault import EncryptedField


class Category(models.TextChoices):
    """What a notice is about, by which people choose what reaches them outside."""

    INSTRUCTION = "INSTRUCTION", _("Instructions")
    UNITS = "UNITS", _("Units")
    RESTRICTION = "RESTRICTION", _("Freezes and pledges")
    ACCOUNT = "ACCOUNT", _("Accounts")
    PEOPLE = "PEOPLE", _("People and mandates")
    PUBLIC = "PUBLIC", _("Public notices")
    OTHER = "OTHER", pgettext_lazy("category", "Other")


class Notice(models.Model):
    """What one person was told, in every language of the site, as it was said; it stays when words change later."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="notices")
    reference = models.CharField(max_length=120)  # what it is told about: told twice, it is one notice
    category = models.CharField(max_length=11, choices=Category)
    subject = models.JSONField()  # language code: one line
    body = models.JSONField()  # language code: a sentence or two
    url = models.CharField(max_length=200)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "reference"], name="a_person_is_told_a_thing_once")]
        indexes = [
            models.Index(fields=["person", "-id"], name="notices_of_a_person"),
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="unread_notices"),
            models.Index(fields=["url"], condition=Q(read_at__isnull=True), name="unread_notices_by_url"),
        ]

    def __str__(self) -> str:
        return self.said("subject")

    def said(self, part: str, language: str | None = None) -> str:
        """``subject`` or ``body`` in a language, or in the visitor's."""
        words: dict[str, str] = getattr(self, part)
        return words.get(language or get_language() or "") or words[settings.LANGUAGE_CODE]


class Channel(models.TextChoices):
    """How a notice reaches someone outside the site."""

    EMAIL = "EMAIL", _("E-mail")
    SMS = "SMS", _("Text message")


class Preference(models.Model):
    """What of one category reaches a person outside the site. Without a row: e-mail at once, no text message."""

    class Email(models.TextChoices):
        NEVER = "NEVER", _("not by e-mail")
        AT_ONCE = "AT_ONCE", _("by e-mail at once")
        DAILY = "DAILY", _("by e-mail once a day")

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    category = models.CharField(max_length=11, choices=Category)
    email = models.CharField(max_length=7, choices=Email)
    sms = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "category"], name="one_preference_per_category")]


class Reach(models.Model):
    """Where text messages go. The e-mail address is the person's own."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="reach")
    mobile = EncryptedField(default=b"")
    language = models.CharField(max_length=10, default="zh-hans")


class Letter(models.Model):
    """One notice on its way out by one channel. ``due_at`` is also the lease of the worker that took it."""

    class State(models.TextChoices):
        WAITING = "WAITING", pgettext_lazy("message", "waiting")
        SENT = "SENT", pgettext_lazy("message", "sent")
        FAILED = "FAILED", pgettext_lazy("message", "given up")

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="letters")
    channel = models.CharField(max_length=5, choices=Channel)
    daily = models.BooleanField(default=False)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "channel"], name="a_notice_goes_out_once_by_channel")]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="WAITING"), name="letters_waiting")]


class Subscription(models.Model):
    """An address of an organisation's own system that is told of facts as they enter the log (Standard Webhooks)."""

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", pgettext_lazy("subscription", "active")
        PAUSED = "PAUSED", pgettext_lazy("subscription", "paused")
        ENDED = "ENDED", pgettext_lazy("subscription", "ended")

    class Scope(models.TextChoices):
        OWN = "OWN", _("only what concerns us")
        ALL = "ALL", _("everything that is published")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="subscriptions")
    label = models.CharField(max_length=60)
    url = models.CharField(max_length=400)
    kinds = models.JSONField()
    scope = models.CharField(max_length=3, choices=Scope)
    secret = EncryptedField()
    former_secret = EncryptedField(default=b"")
    former_until_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=6, choices=State, default=State.ACTIVE)
    paused_because = models.CharField(max_length=200, blank=True)
    next_index = models.BigIntegerField()  # of the log: what stands before it has been turned into deliveries
    failures = models.PositiveIntegerField(default=0)  # in a row
    failing_since_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()  # not asked before; also the lease of the worker that took it
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation"], name="subscriptions_of_organisation")]

    def __str__(self) -> str:
        return self.label


class Delivery(models.Model):
    """One message for one subscription. ``message`` is the ``webhook-id``, the same however often it is sent."""

    class State(models.TextChoices):
        WAITING = "WAITING", pgettext_lazy("message", "waiting")
        DONE = "DONE", pgettext_lazy("message", "delivered")
        FAILED = "FAILED", pgettext_lazy("message", "given up")

    message = models.UUIDField(unique=True, default=uuid.uuid4)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=48)
    index = models.BigIntegerField(null=True)  # of the log; none for a test message
    body = models.TextField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "index"], name="a_subscription_is_told_a_fact_once")
        ]
        indexes = [
            models.Index(fields=["subscription", "-id"], name="deliveries_of_a_subscription"),
            models.Index(fields=["subscription", "due_at"], condition=Q(state="WAITING"), name="deliveries_waiting"),
        ]


class Attempt(models.Model):
    """One time a delivery was sent, and what came back: a status, or why none did."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    status = models.PositiveSmallIntegerField(null=True)
    fault = models.CharField(max_length=200, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    milliseconds = models.PositiveIntegerField()
    at = models.DateTimeField()

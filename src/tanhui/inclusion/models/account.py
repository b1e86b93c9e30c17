"""Personal carbon accounts (个人碳账户), whose they are, what their holders consented to, and what each day brought.

An account is a number. The one table that joins it to a person is ``Holder``, and there both sides are sealed: whoever
reads every other table, or the whole database without the vault's keys, learns of nobody what they did.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Person
from tanhui.identity.vault import EncryptedField
from tanhui.inclusion.models.provider import Provider, Settlement
from tanhui.inclusion.models.scenario import Scenario
from tanhui.journal.permanence import permanent


class Team(models.Model):
    """People who like to be counted together: a class, a workplace, a community. Who has its code can join."""

    name = models.CharField(pgettext_lazy("inclusion", "name of the team"), max_length=30, unique=True)
    code = models.CharField(max_length=8, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """An account under a number that says nothing of whose it is.

    ``region`` is the division its holder chose to be counted in, ``shows`` the name under which they let themselves be
    ranked; both are empty unless they wished. ``grown_on`` is set for a minor: until that day a guardian's consent
    carries the account, no track is kept and nobody ranks it.
    """

    class State(models.TextChoices):
        CONSENTED = "CONSENTED", pgettext_lazy("inclusion", "Waits for a guardian")
        ACTIVE = "ACTIVE", pgettext_lazy("inclusion", "Active")
        SUSPENDED = "SUSPENDED", pgettext_lazy("inclusion", "Suspended")
        CLOSED = "CLOSED", pgettext_lazy("inclusion", "Closed")

    class Way(models.TextChoices):
        PORTAL = "PORTAL", pgettext_lazy("inclusion", "City portal")
        PHONE = "PHONE", pgettext_lazy("inclusion", "Mobile number")

    class Ended(models.TextChoices):
        DELETED = "DELETED", pgettext_lazy("inclusion", "Deleted")
        ANONYMISED = "ANONYMISED", pgettext_lazy("inclusion", "Made anonymous")

    number = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(_("state"), max_length=9, choices=State)
    way = models.CharField(pgettext_lazy("inclusion", "known by"), max_length=6, choices=Way)
    region = models.CharField(_("administrative division code"), max_length=12, blank=True)
    shows = models.CharField(pgettext_lazy("inclusion", "name in rankings"), max_length=16, blank=True)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="accounts")
    grown_on = models.DateField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=10, choices=Ended, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="CLOSED", closed_at__isnull=False, shows="", team__isnull=True) & ~Q(ended="")
                | ~Q(state="CLOSED") & Q(closed_at__isnull=True, ended=""),
                name="a_closed_carbon_account_says_when_and_how",
            ),
            models.CheckConstraint(
                condition=Q(grown_on__isnull=True) | Q(shows="", team__isnull=True), name="no_minor_is_ranked"
            ),
            models.CheckConstraint(
                condition=~Q(state="CONSENTED") | Q(grown_on__isnull=False), name="only_a_minor_waits_for_a_guardian"
            ),
        ]
        indexes = [
            models.Index(fields=["region"], condition=~Q(shows=""), name="carbon_accounts_ranked"),
            models.Index(fields=["grown_on"], condition=Q(grown_on__isnull=False), name="carbon_accounts_of_minors"),
            models.Index(fields=["closed_at"], condition=Q(state="CLOSED"), name="carbon_accounts_closed"),
        ]


class Holder(models.Model):
    """Whose an account is: the only place that joins the two. Gone once the account is closed.

    The indexes are keyed hashes (``vault.index``) of what they find; one person has one account, and so has one
    portal identity and one mobile number.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person_index = models.BinaryField(max_length=32, unique=True)
    account_index = models.BinaryField(max_length=32, unique=True)
    subject_index = models.BinaryField(max_length=32, unique=True)
    phone_index = models.BinaryField(max_length=32, unique=True, null=True)
    person = EncryptedField()
    account = EncryptedField()
    name = EncryptedField()
    phone = EncryptedField(null=True)
    guardian = EncryptedField(null=True)
    at = models.DateTimeField()


class PhoneCode(models.Model):
    """A code sent to a mobile number, that whoever reads it there may type in here; kept only as a hash, for minutes.

    ``carries`` is what it is for, sealed beside the number.
    """

    class Purpose(models.TextChoices):
        ENTER = "ENTER", pgettext_lazy("inclusion", "Sign in or open an account")
        GUARDIAN = "GUARDIAN", pgettext_lazy("inclusion", "Consent of a guardian")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    purpose = models.CharField(max_length=8, choices=Purpose)
    phone = EncryptedField()
    phone_index = models.BinaryField(max_length=32)
    code_sha256 = models.BinaryField(max_length=32)
    tries = models.PositiveSmallIntegerField(default=0)
    carries = EncryptedField(null=True)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(expires_at__gt=F("at")), name="a_code_holds_for_a_while")]
        indexes = [models.Index(fields=["phone_index", "-at"], name="codes_of_a_number")]


class Consent(models.Model):
    """One turn of a switch: a consent given (``given``) or withdrawn, to exactly this text.

    ``scenario`` is empty for the consent that carries the account itself. What holds now is the latest row of its kind.
    """

    append_only = True

    class Kind(models.TextChoices):
        ACCOUNT = "ACCOUNT", pgettext_lazy("inclusion", "To keep an account")
        GENERAL = "GENERAL", pgettext_lazy("inclusion", "To count this behaviour")
        TRACK = "TRACK", pgettext_lazy("inclusion", "To use where you were")
        GUARDIAN = "GUARDIAN", pgettext_lazy("inclusion", "Of a guardian")

    account = models.ForeignKey(Account, models.PROTECT, related_name="consents")
    scenario = models.ForeignKey(Scenario, models.PROTECT, null=True, related_name="consents")
    kind = models.CharField(max_length=8, choices=Kind)
    given = models.BooleanField()
    text_version = models.CharField(max_length=12)
    text_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["ACCOUNT", "GUARDIAN"], scenario__isnull=True)
                | Q(kind__in=["GENERAL", "TRACK"], scenario__isnull=False),
                name="a_consent_names_what_it_is_for",
            ),
        ]
        indexes = [models.Index(fields=["account", "scenario", "kind", "-id"], name="consents_of_an_account")]
        triggers = [permanent("consents")]


class Pseudonym(models.Model):
    """What a provider calls an account's holder: 16 random bytes that no other provider knows, and nobody guesses."""

    value = models.CharField(max_length=32, primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="pseudonyms")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="pseudonyms")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "provider"], name="a_provider_has_one_name_for_an_account"),
        ]


class Day(models.Model):
    """What one scenario brought an account on one day, in whole grams, as settled last.

    ``quantity`` (in the scenario's unit) and ``uncapped`` (grams before the caps) are forgotten with the events; then
    only scenario, day, grams and the hash of the evidence are left. No foreign keys in the database: a city's day is
    copied in at once.
    """

    pk = models.CompositePrimaryKey("account_id", "day", "scenario_id")
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, db_index=False, related_name="days")
    day = models.DateField()
    scenario = models.ForeignKey(Scenario, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    grams = models.BigIntegerField()
    events = models.IntegerField()
    quantity = models.BigIntegerField(null=True)
    uncapped = models.BigIntegerField(null=True)
    evidence_sha256 = models.BinaryField(max_length=32)
    settlement = models.ForeignKey(Settlement, models.PROTECT, db_constraint=False, db_index=False, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(grams__gte=0, events__gte=0), name="a_day_brings_nothing_negative"),
        ]


class DayChange(models.Model):
    """A day that a later settlement changed: what stood there, what stands there now."""

    append_only = True

    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    scenario = models.ForeignKey(Scenario, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    day = models.DateField()
    grams_before = models.BigIntegerField()
    grams_after = models.BigIntegerField()
    settlement = models.ForeignKey(Settlement, models.PROTECT, db_constraint=False, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "day", "scenario", "settlement"], name="a_settlement_changes_a_day_once"
            ),
        ]
        triggers = [permanent("changed_days")]


class Month(models.Model):
    """The sum of an account's days of one scenario in one month, kept with the days: pages read it, whatever the
    history."""

    pk = models.CompositePrimaryKey("account_id", "month", "scenario_id")
    account = models.ForeignKey(Account, models.PROTECT, db_constraint=False, db_index=False, related_name="months")
    month = models.DateField()
    scenario = models.ForeignKey(Scenario, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    grams = models.BigIntegerField()
    days = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(grams__gte=0, days__gte=0, month__day=1), name="a_month_of_an_account_is_a_sum"
            ),
        ]


class Statistic(models.Model):
    """How many people of a district did something in a month, and the grams: counted each night, shown only where
    there are enough of them."""

    month = models.DateField()
    district = models.CharField(max_length=6)
    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="+")
    people = models.IntegerField()
    grams = models.BigIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "district", "scenario"], name="a_district_is_counted_once_a_month"
            ),
        ]


class Objection(models.Model):
    """What the holder of an account finds wrong in a day, and the answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(Account, models.PROTECT, related_name="objections")
    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="+")
    day = models.DateField()
    said = models.CharField(pgettext_lazy("inclusion", "what is wrong"), max_length=500)
    at = models.DateTimeField()
    answer = models.CharField(pgettext_lazy("inclusion", "answer"), max_length=500, blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "scenario", "day"],
                condition=Q(answered_at__isnull=True),
                name="one_open_objection_to_a_day",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="", answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
                name="an_answered_objection_has_its_answer",
            ),
        ]
        indexes = [models.Index(fields=["at"], condition=Q(answered_at__isnull=True), name="objections_that_wait")]


class Receipt(models.Model):
    """What was done to somebody's data at their own wish, without saying whose; whoever has its number reads it."""

    append_only = True

    class Kind(models.TextChoices):
        OPENED = "OPENED", pgettext_lazy("inclusion", "Account opened")
        EXPORTED = "EXPORTED", pgettext_lazy("inclusion", "Data handed out")
        CORRECTED = "CORRECTED", pgettext_lazy("inclusion", "Data corrected")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("inclusion", "Consent withdrawn")
        DELETED = "DELETED", pgettext_lazy("inclusion", "Account deleted")
        ANONYMISED = "ANONYMISED", pgettext_lazy("inclusion", "Account made anonymous")
        ERASED = "ERASED", pgettext_lazy("inclusion", "Details of behaviour erased")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(Account, models.PROTECT, related_name="receipts")
    kind = models.CharField(max_length=10, choices=Kind)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["account", "-at"], name="receipts_of_an_account")]
        triggers = [permanent("receipts")]


class Forgetting(models.Model):
    """The events of a day that were erased from the lake in time: how many files and bytes. Their hashes stay."""

    append_only = True

    day = models.DateField(unique=True)
    files = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    kept_days = models.PositiveIntegerField()
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        triggers = [permanent("forgettings")]

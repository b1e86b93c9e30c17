"""Green records for credit evaluation (绿色信用记录): what they may be used for, who agreed, what was handed over.

A use is published by two people with its legal basis before anybody is asked; a record exists only under a consent of
its own, and what it says can be opened only as long as that consent stands.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Organisation, Person
from tanhui.identity.vault import EncryptedField
from tanhui.inclusion.models.account import Account, Holder
from tanhui.inclusion.models.signed import TwoSigned, in_the_log
from tanhui.journal.permanence import permanent


class CreditUse(TwoSigned):
    """One evaluation by one body for which green records may be asked: purpose, legal basis, and what it may learn.

    ``kinds`` is a list of ``Kind``; ``longest_days`` is how long a consent to it holds at most.
    """

    class Subject(models.TextChoices):
        PERSON = "PERSON", pgettext_lazy("inclusion", "Residents")
        ORGANISATION = "ORGANISATION", pgettext_lazy("inclusion", "Organisations")

    class Kind(models.TextChoices):
        SUMMARY = "SUMMARY", pgettext_lazy("inclusion", "Grams in all and days on which something counted")
        SCENARIOS = "SCENARIOS", pgettext_lazy("inclusion", "Grams by scenario, with methodology")
        MONTHS = "MONTHS", pgettext_lazy("inclusion", "Grams by month")
        RETIREMENTS = "RETIREMENTS", pgettext_lazy("inclusion", "Units retired, with certificates")
        ISSUANCES = "ISSUANCES", pgettext_lazy("inclusion", "Units issued to own projects")

    OF_PEOPLE = (Kind.SUMMARY, Kind.SCENARIOS, Kind.MONTHS)
    OF_ORGANISATIONS = (Kind.RETIREMENTS, Kind.ISSUANCES)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    title = models.CharField(pgettext_lazy("inclusion", "name of the evaluation"), max_length=60)
    recipient = models.CharField(pgettext_lazy("inclusion", "recipient"), max_length=80)
    uscc = models.CharField(_("unified social credit code"), max_length=18)
    purpose = models.CharField(pgettext_lazy("inclusion", "purpose"), max_length=200)
    basis = models.CharField(pgettext_lazy("inclusion", "legal basis"), max_length=200)
    subject = models.CharField(pgettext_lazy("inclusion", "whose records"), max_length=12, choices=Subject)
    kinds = models.JSONField(default=list)
    longest_days = models.PositiveSmallIntegerField(pgettext_lazy("inclusion", "days a consent holds at most"))
    operator = models.ForeignKey(Organisation, models.PROTECT, related_name="credit_uses")

    class Meta:
        constraints = [
            in_the_log("a_use_of_green_records_is_in_the_log"),
            models.CheckConstraint(
                condition=~Q(purpose="") & ~Q(basis="") & Q(longest_days__gte=1),
                name="a_use_of_green_records_says_why_and_on_what_ground",
            ),
        ]
        indexes = [models.Index(fields=["subject", "state"], name="uses_of_green_records")]

    def __str__(self) -> str:
        return self.title


class CreditConsent(TwoSigned):
    """A consent to one use: of a person by themselves, of an organisation by two of its people.

    ``first`` and ``last`` are the days the record speaks of; after ``expires_on`` nothing more is handed over. Who the
    person is stands with the account's holder alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    use = models.ForeignKey(CreditUse, models.PROTECT, related_name="consents")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="credit_consents")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="credit_consents")
    kinds = models.JSONField(default=list)
    first = models.DateField(pgettext_lazy("inclusion", "from"))
    last = models.DateField(pgettext_lazy("inclusion", "to (including)"))
    expires_on = models.DateField(pgettext_lazy("inclusion", "holds until (including)"))
    text_version = models.CharField(max_length=20)
    text_sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            in_the_log("a_consent_to_a_green_record_is_in_the_log"),
            models.CheckConstraint(
                condition=Q(account__isnull=False, organisation__isnull=True, instruction__isnull=True)
                & ~Q(state__in=["ASKED", "DROPPED"])
                | Q(account__isnull=True, organisation__isnull=False, instruction__isnull=False),
                name="an_organisation_agrees_to_a_green_record_by_two_people",
            ),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="a_green_record_speaks_of_days"),
            models.UniqueConstraint(
                fields=["account", "use"], condition=Q(state="OPEN"), name="a_person_agrees_to_a_use_once_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["organisation", "use"], condition=Q(state__in=["ASKED", "OPEN"]),
                name="an_organisation_agrees_to_a_use_once_at_a_time",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["account", "-asked_at"], name="credit_consents_of_an_account")]


class CreditRecord(models.Model):
    """A record that was drawn up: the hash of its signed file, which stands in the log. What it says is a paper."""

    append_only = True

    number = models.BigAutoField(primary_key=True)
    consent = models.ForeignKey(CreditConsent, models.PROTECT, related_name="records")
    sha256 = models.CharField(max_length=64, unique=True)
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        triggers = [permanent("green_records")]

    @property
    def code(self) -> str:
        return f"GR{self.number:08d}"


class CreditPaper(models.Model):
    """The signed file of a record, sealed. It is gone once its consent is withdrawn or has run out, and with the holder
    of the account (``holder``) when that is closed."""

    record = models.OneToOneField(CreditRecord, models.PROTECT, primary_key=True, related_name="paper")
    holder = models.ForeignKey(Holder, models.CASCADE, null=True, related_name="+")
    content = EncryptedField()


class CreditHandover(models.Model):
    """Each time a record was handed over: to its own subject, or to a member of the recipient."""

    append_only = True

    class Way(models.TextChoices):
        OWN = "OWN", pgettext_lazy("inclusion", "Taken out by its subject")
        RECIPIENT = "RECIPIENT", pgettext_lazy("inclusion", "Fetched by the recipient")

    record = models.ForeignKey(CreditRecord, models.PROTECT, related_name="handovers")
    way = models.CharField(max_length=9, choices=Way)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(way="RECIPIENT") | Q(organisation__isnull=False, by__isnull=False),
                name="a_recipient_fetches_by_name",
            ),
        ]
        indexes = [models.Index(fields=["record", "-at"], name="handovers_of_a_record")]
        triggers = [permanent("handovers_of_green_records")]

"""The register of incentives (article 15): who was granted what, for what, on which basis. A person's name is kept
masked; the whole of it stays in the authority's own files."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Organisation, Person
from tanhui.journal.permanence import permanent
from tanhui.registry.models import Retirement, Signed
from tanhui.registry.models.register import signed


class Incentive(Signed):
    """A grant, under two signatures of the authority that makes it."""

    class Kind(models.TextChoices):
        SUBSIDY = "SUBSIDY", _("Fiscal subsidy")
        REWARD = "REWARD", _("Reward")
        TAX = "TAX", _("Tax benefit")

    Recipient = Retirement.Beneficiary

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="incentives")
    division_code = models.CharField(max_length=12)
    kind = models.CharField(_("kind of incentive"), max_length=7, choices=Kind)
    recipient_kind = models.CharField(max_length=12, choices=Retirement.Beneficiary)
    recipient_name = models.CharField(_("granted to"), max_length=120)
    recipient_code = models.CharField(max_length=18, blank=True)
    purpose = models.CharField(_("granted for"), max_length=200)
    amount_fen = models.BigIntegerField(_("amount"))
    clause = models.CharField(_("basis"), max_length=200)
    granted_on = models.DateField(_("granted"))

    class Meta:
        constraints = [
            *signed("an_incentive"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="an_incentive_is_of_some_amount"),
            models.CheckConstraint(
                condition=~Q(recipient_kind="PERSON") | Q(recipient_name__contains="*") & ~Q(kind="TAX"),
                name="a_person_is_masked_and_gets_no_tax_benefit",
            ),
            models.CheckConstraint(condition=~Q(recipient_kind="EVENT"), name="an_incentive_goes_to_somebody"),
        ]
        indexes = [models.Index(fields=["kind", "-granted_on"], name="incentives_by_kind")]
        triggers = [permanent("incentives")]


class IncentivePayment(models.Model):
    """The day the money went out, or the benefit was taken; at most one each."""

    append_only = True

    incentive = models.OneToOneField(Incentive, models.PROTECT, primary_key=True, related_name="payment")
    paid_on = models.DateField(_("paid"))
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        triggers = [permanent("incentive_payments")]

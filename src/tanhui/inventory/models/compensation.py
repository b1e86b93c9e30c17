"""Ecological compensation by carbon (article 13): the shares of a transfer budget, with the formula and every input."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tanhui.inventory.models.year import AccountingYear
from tanhui.journal.permanence import permanent
from tanhui.registry.models import Signed
from tanhui.registry.models.register import signed


class CompensationRound(Signed):
    """One sharing-out of a budget among towns, in force. ``pack`` is the formula word for word, ``towns`` what went
    into it and ``rows`` the worksheet that came out; who has the first two gets the third. A later round of the same
    year says in ``reason`` why it takes the earlier one's place."""

    accounting_year = models.ForeignKey(AccountingYear, models.PROTECT, related_name="compensations")
    title = models.CharField(_("title"), max_length=120)
    pack_code = models.CharField(max_length=60)
    pack_version = models.CharField(max_length=20)
    pack = models.JSONField()
    budget_fen = models.BigIntegerField(_("budget"))
    towns = models.JSONField()
    rows = models.JSONField()
    inputs_sha256 = models.CharField(max_length=64)
    revises = models.OneToOneField("self", models.PROTECT, null=True, related_name="revised_by")
    reason = models.CharField(_("reason for the revision"), max_length=300, blank=True)
    demonstration = models.BooleanField(default=False)  # the weights are nobody's but ours

    class Meta:
        constraints = [
            *signed("a_compensation_round"),
            models.CheckConstraint(condition=Q(budget_fen__gt=0), name="a_budget_is_of_some_amount"),
            models.UniqueConstraint(
                fields=["accounting_year"], condition=Q(revises__isnull=True), name="a_year_is_shared_out_once"
            ),
            models.CheckConstraint(condition=Q(revises__isnull=True) | ~Q(reason=""), name="a_later_round_says_why"),
        ]
        triggers = [permanent("compensation_rounds")]

    def __str__(self) -> str:
        return self.title

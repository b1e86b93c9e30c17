"""Who has a share in what a project earns: rolls of right-holders, versioned split rules, sales and what they pay.

A rule is in force from a day on and only under four signatures, two of each side. What was shared out is never changed:
a mistake is taken back by a linked reversal.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Instruction, Organisation, Person
from tanhui.identity.vault import EncryptedField
from tanhui.journal.permanence import permanent
from tanhui.registry.models import Project, Signed, Transfer
from tanhui.registry.models.register import signed


class TenureRoll(models.Model):
    """The right-holders of a project as their county entered them, once and for all; another list is another roll.

    ``weight`` is the sum of the holders' tenure in hundredths of a mu; ``sha256`` that of the rows, without what is
    sealed.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    project = models.ForeignKey(Project, models.PROTECT, related_name="rolls")
    county = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    source = models.CharField(_("source of the roll"), max_length=200)
    holders_count = models.PositiveIntegerField()
    villages_count = models.PositiveIntegerField()
    weight = models.BigIntegerField()
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    reference = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="a_project_counts_its_rolls"),
            models.UniqueConstraint(fields=["by", "reference"], name="a_roll_is_entered_once"),
            models.CheckConstraint(condition=Q(holders_count__gt=0), name="a_roll_has_holders"),
        ]
        triggers = [permanent("tenure_rolls")]

    def __str__(self) -> str:
        return f"{self.project.number:06d}-R{self.number}"


class Holder(models.Model):
    """One line of a roll: whose tenure, how much, and where the money goes. Name and account number lie sealed.

    ``key`` is the number of the household in its village; ``identity`` finds the person whose document has the same
    number (``identity.vault.index``), so that they see their own lines and nobody else does. The line of a village's
    collective has the key ``COLLECTIVE``; what the village keeps goes to its account.
    """

    append_only = True

    COLLECTIVE = "集体"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    roll = models.ForeignKey(TenureRoll, models.PROTECT, related_name="holders")
    village_code = models.CharField(_("village code"), max_length=12)
    village = models.CharField(_("village"), max_length=60)
    key = models.CharField(_("number of the household"), max_length=20)
    name = EncryptedField()
    masked = models.CharField(max_length=64)
    weight = models.BigIntegerField(_("tenure"))
    identity = models.BinaryField(max_length=32, default=b"")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    bank = models.CharField(_("bank"), max_length=80, blank=True)
    account = EncryptedField()
    account_tail = models.CharField(max_length=4, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roll", "village_code", "key"], name="a_holder_stands_in_a_roll_once"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="a_tenure_is_never_negative"),
        ]
        indexes = [
            models.Index(fields=["identity"], name="holders_by_identity", condition=~Q(identity=b"")),
            models.Index(
                fields=["organisation"], name="holders_by_organisation", condition=Q(organisation__isnull=False)
            ),
        ]
        triggers = [permanent("holders")]


class AccountChange(Signed):
    """Another bank account of a holder, under two signatures of the county; the latest counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    holder = models.ForeignKey(Holder, models.PROTECT, related_name="account_changes")
    bank = models.CharField(_("bank"), max_length=80)
    account = EncryptedField()
    account_tail = models.CharField(max_length=4)

    class Meta:
        constraints = signed("an_account_change")
        triggers = [permanent("account_changes")]


class SplitProposal(models.Model):
    """A split rule that one side proposes: terms, roll, and from when; in place of which version (0: of none).

    ``terms`` is ``splitting.Terms``; ``pack`` the rule pack whose shares it starts from; ``preview`` what the last
    sales would have paid. The proposal stands still while both sides sign: another wish is another proposal.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", _("Waits for signatures")
        ACTIVE = "ACTIVE", _("Agreed and activated")
        DROPPED = "DROPPED", _("Dropped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    project = models.ForeignKey(Project, models.PROTECT, related_name="split_proposals")
    city = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    county = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    base = models.PositiveIntegerField()
    terms = models.JSONField()
    roll = models.ForeignKey(TenureRoll, models.PROTECT, null=True, related_name="+")
    effective_from = models.DateField(_("in force from"))
    basis = models.CharField(_("reason or basis"), max_length=500)
    pack = models.CharField(max_length=40)
    pack_version = models.CharField(max_length=16)
    preview = models.JSONField()
    preview_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    reason = models.CharField(max_length=500, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")  # whose wish it is
    reference = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "reference"], name="a_split_is_proposed_once"),
            models.CheckConstraint(condition=~Q(city=F("county")), name="nobody_shares_with_itself"),
            models.CheckConstraint(condition=~Q(basis=""), name="a_split_has_a_basis"),
            models.CheckConstraint(condition=~Q(state="DROPPED") | ~Q(reason=""), name="who_drops_a_split_says_why"),
        ]
        indexes = [models.Index(fields=["project", "-at"], name="split_proposals_of_a_project")]


class SplitConsent(models.Model):
    """One side's agreement to a proposal, under the signatures of two of its people."""

    append_only = True

    class Side(models.TextChoices):
        CITY = "CITY", _("City")
        COUNTY = "COUNTY", _("County")

    proposal = models.ForeignKey(SplitProposal, models.PROTECT, related_name="consents")
    side = models.CharField(max_length=6, choices=Side)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    instruction = models.OneToOneField(Instruction, models.PROTECT, related_name="+")
    initiator = models.ForeignKey(Person, models.PROTECT, related_name="+")
    confirmer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "side"], name="a_side_agrees_once"),
            models.CheckConstraint(condition=~Q(initiator=F("confirmer")), name="a_side_agrees_by_two_people"),
        ]
        triggers = [permanent("split_consents")]


class SplitRule(models.Model):
    """A version of a project's split rule, in force from a day until the next; the second side's consent makes it."""

    append_only = True

    project = models.ForeignKey(Project, models.PROTECT, related_name="split_rules")
    version = models.PositiveIntegerField(_("version"))
    proposal = models.OneToOneField(SplitProposal, models.PROTECT, related_name="rule")
    city = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    county = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    terms = models.JSONField()
    roll = models.ForeignKey(TenureRoll, models.PROTECT, null=True, related_name="rules")
    effective_from = models.DateField(_("in force from"))
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="a_project_counts_its_split_rules"),
            models.UniqueConstraint(fields=["project", "effective_from"], name="one_split_rule_begins_on_a_day"),
            models.CheckConstraint(condition=Q(version__gte=1), name="split_rules_count_from_one"),
        ]
        triggers = [permanent("split_rules")]


class Sale(Signed):
    """A sale of a project's units, or the reversal of one: both amounts are negative and ``reverses`` says of which.

    ``contract`` is the number of the contract or trade; it may come again only after a reversal (``attempt``).
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="sales")
    rule = models.ForeignKey(SplitRule, models.PROTECT, related_name="sales")
    transfer = models.ForeignKey(Transfer, models.PROTECT, null=True, related_name="+", db_constraint=False)
    contract = models.CharField(_("contract or trade number"), max_length=60)
    attempt = models.PositiveSmallIntegerField(default=1)
    buyer = models.CharField(_("buyer"), max_length=120)
    sold_on = models.DateField(_("sold on"))
    quantity_t = models.BigIntegerField(pgettext_lazy("projects", "quantity"))
    amount_fen = models.BigIntegerField(_("amount"))
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    reason = models.CharField(pgettext_lazy("projects", "reason"), max_length=500, blank=True)
    lines_sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            *signed("a_sale"),
            models.UniqueConstraint(
                fields=["project", "contract", "attempt"], condition=Q(reverses__isnull=True),
                name="a_contract_is_shared_out_once",
            ),
            models.UniqueConstraint(
                fields=["transfer"], condition=Q(reverses__isnull=True, transfer__isnull=False, attempt=1),
                name="a_transfer_is_sold_once",
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, quantity_t__gt=0, amount_fen__gt=0)
                | Q(reverses__isnull=False, quantity_t__lt=0, amount_fen__lt=0) & ~Q(reason=""),
                name="a_sale_earns_and_a_reversal_takes_back",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["project", "-sold_on"], name="sales_of_a_project")]
        triggers = [permanent("sales")]


class ShareLine(models.Model):
    """What one party gets of a sale, in fen: the city, the county, a village's collective, a household.

    The line of a village names the holder that stands for its collective in the roll, if one does.
    """

    append_only = True

    class Tier(models.TextChoices):
        CITY = "CITY", _("City")
        COUNTY = "COUNTY", _("County")
        VILLAGE = "VILLAGE", _("Village collective")
        HOUSEHOLD = "HOUSEHOLD", _("Household")

    sale = models.ForeignKey(Sale, models.PROTECT, related_name="lines")
    tier = models.CharField(max_length=9, choices=Tier)
    village_code = models.CharField(max_length=12, blank=True)
    village = models.CharField(max_length=60, blank=True)
    holder = models.ForeignKey(Holder, models.PROTECT, null=True, related_name="lines")
    fen = models.BigIntegerField()
    takes_back = models.OneToOneField("self", models.PROTECT, null=True, related_name="taken_back_by")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(tier="HOUSEHOLD", holder__isnull=False)
                | Q(tier="VILLAGE")
                | Q(tier__in=["CITY", "COUNTY"], holder__isnull=True),
                name="a_household_line_names_its_holder",
            ),
            models.UniqueConstraint(
                fields=["sale", "tier", "village_code", "holder"], name="a_party_has_one_line_of_a_sale",
                nulls_distinct=False,
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["holder"], name="lines_of_a_holder")]
        triggers = [permanent("share_lines")]


class Payout(models.Model):
    """A list for the bank: the county's share of a sale as a whole, or the lines of its collectives and households."""

    append_only = True

    class Kind(models.TextChoices):
        COUNTY = "COUNTY", _("To the county")
        HOLDERS = "HOLDERS", _("To villages and households")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    sale = models.ForeignKey(Sale, models.PROTECT, related_name="payouts")
    kind = models.CharField(max_length=7, choices=Kind)
    number = models.PositiveSmallIntegerField()
    payer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    lines_count = models.PositiveIntegerField()
    fen = models.BigIntegerField()
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    reference = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sale", "kind", "number"], name="a_sale_counts_its_payouts"),
            models.UniqueConstraint(fields=["by", "reference"], name="a_payout_is_drawn_once"),
            models.UniqueConstraint(fields=["sale"], condition=Q(kind="COUNTY"), name="a_county_is_paid_once"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="a_payout_pays_something"),
        ]
        triggers = [permanent("payouts")]


class PayoutLine(models.Model):
    """A line on a list for the bank; on one at most."""

    append_only = True

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="items")
    line = models.OneToOneField(ShareLine, models.PROTECT, related_name="paid_in")

    class Meta:
        triggers = [permanent("payout_lines")]


class Receipt(models.Model):
    """The money arrived: said by whom it was for, or noted from the bank's slip."""

    append_only = True

    class How(models.TextChoices):
        SELF = "SELF", _("Confirmed by the recipient")
        BANK = "BANK", _("Bank slip")

    line = models.OneToOneField(ShareLine, models.PROTECT, null=True, related_name="receipt")
    payout = models.OneToOneField(Payout, models.PROTECT, null=True, related_name="receipt")
    how = models.CharField(max_length=4, choices=How)
    note = models.CharField(_("number of the slip"), max_length=120, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(line__isnull=True, payout__isnull=False) | Q(line__isnull=False, payout__isnull=True),
                name="a_receipt_is_for_one_thing",
            )
        ]
        triggers = [permanent("receipts")]


class Dispute(models.Model):
    """Somebody with a share contests a distribution, or their own line of it."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    sale = models.ForeignKey(Sale, models.PROTECT, related_name="disputes")
    line = models.ForeignKey(ShareLine, models.PROTECT, null=True, related_name="disputes")
    number = models.PositiveIntegerField()
    text = models.CharField(_("what is contested"), max_length=1000)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    reference = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "reference"], name="a_dispute_is_raised_once"),
            models.UniqueConstraint(fields=["sale", "number"], name="a_sale_counts_its_disputes"),
            models.CheckConstraint(condition=~Q(text=""), name="a_dispute_says_what_is_contested"),
        ]
        triggers = [permanent("disputes")]


class DisputeAnswer(models.Model):
    """How a dispute was answered; one answer each."""

    append_only = True

    dispute = models.OneToOneField(Dispute, models.PROTECT, primary_key=True, related_name="answer")
    upheld = models.BooleanField(_("upheld"))
    text = models.CharField(pgettext_lazy("projects", "answer"), max_length=1000)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="an_answer_says_something")]
        triggers = [permanent("dispute_answers")]

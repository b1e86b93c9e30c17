"""Stock-sink products (article 11): whole tonnes of a published figure's conservative bound, in an asset family of
their own, and what became of them: supplied, used, pledged.

They lie in the ledger under accounts of their own. A register's batch they never become: the database refuses it
(``0003``), so that nothing a register does with units, least of all an offset, can be done with them.
"""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tanhui.identity.models import Organisation
from tanhui.inventory.models.result import Figure, Type
from tanhui.inventory.models.year import AccountingYear
from tanhui.journal.permanence import permanent
from tanhui.ledger import models as ledger
from tanhui.registry.models import Signed
from tanhui.registry.models.register import signed, whole_tonnes

FAMILY = "STOCK-"  # how the code of every stock-sink asset begins

# Zones of two levels may overlap; then their tonnes would be counted twice.
ONE_LEVEL = """
    PERFORM pg_advisory_xact_lock(
        hashtextextended('inventory/' || NEW.division_code || '/' || NEW.year || '/' || NEW.type, 0));
    IF EXISTS (
        SELECT FROM inventory_product p WHERE p.division_code = NEW.division_code AND p.year = NEW.year
        AND p.type = NEW.type AND p.level <> NEW.level
    ) THEN
        RAISE EXCEPTION 'another level of % in % is on offer', NEW.type, NEW.year
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'a_year_and_type_are_offered_from_one_level';
    END IF;
    RETURN NEW;
"""


class StockAccount(models.Model):
    """Where an organisation's stock sinks lie: one ledger account, apart from any account of the register."""

    append_only = True

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="stock_account")
    ledger_account = models.OneToOneField(ledger.Account, models.PROTECT, related_name="stock_account")
    opened_at = models.DateTimeField()

    class Meta:
        triggers = [permanent("stock_accounts")]

    def __str__(self) -> str:
        return str(self.organisation)


class Product(Signed):
    """One zone's and type's sink of a year as whole tonnes, offered once. ``basis`` says what puts it inside the
    ecological red line; ``bound_kg`` is the figure's conservative bound, of which less than a tonne stays behind."""

    accounting_year = models.ForeignKey(AccountingYear, models.PROTECT, related_name="products")
    figure = models.OneToOneField(Figure, models.PROTECT, related_name="product")
    division_code = models.CharField(max_length=12)
    year = models.PositiveSmallIntegerField(_("year"))
    level = models.CharField(max_length=40)
    zone = models.CharField(max_length=60)
    zone_name = models.CharField(_("zone"), max_length=120)
    type = models.CharField(_("type of ecosystem"), max_length=8, choices=Type)
    red_line = models.BooleanField(_("inside the ecological red line"))
    basis = models.CharField(_("basis"), max_length=200, blank=True)
    bound_kg = models.BigIntegerField()
    quantity_t = models.BigIntegerField()
    residual_kg = models.PositiveSmallIntegerField()
    asset = models.OneToOneField(ledger.Asset, models.PROTECT, related_name="stock_product")
    movement = models.OneToOneField(ledger.Movement, models.PROTECT, db_constraint=False)
    account = models.ForeignKey(StockAccount, models.PROTECT, related_name="products")
    demonstration = models.BooleanField(default=False)

    class Meta:
        constraints = [
            *signed("a_product"),
            whole_tonnes("a_product"),
            models.UniqueConstraint(
                fields=["division_code", "year", "level", "zone", "type"], name="a_sink_is_offered_once"
            ),
            models.CheckConstraint(
                condition=Q(bound_kg=models.F("quantity_t") * 1000 + models.F("residual_kg"), residual_kg__lt=1000),
                name="a_product_is_its_bound_in_whole_tonnes",
            ),
            models.CheckConstraint(condition=~Q(type="all"), name="a_product_is_of_one_type"),
            models.CheckConstraint(
                condition=Q(red_line=False) | ~Q(basis=""), name="who_claims_the_red_line_names_its_basis"
            ),
        ]
        indexes = [models.Index(fields=["-red_line", "year", "division_code"], name="products_in_order")]
        triggers = [
            permanent("products"),
            pgtrigger.Trigger(
                name="a_year_and_type_are_offered_from_one_level",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=ONE_LEVEL,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.zone_name} {self.get_type_display()} {self.year}"

    @property
    def code(self) -> str:
        return str(self.asset.code)


class Supply(Signed):
    """Stock sinks handed from one organisation to another, in the order of article 11. ``picks``: tonnes by product."""

    movement = models.OneToOneField(ledger.Movement, models.PROTECT, db_constraint=False)
    source = models.ForeignKey(StockAccount, models.PROTECT, related_name="supplied")
    target = models.ForeignKey(StockAccount, models.PROTECT, related_name="received")
    district = models.CharField(max_length=12, blank=True)
    rule = models.CharField(max_length=80)  # pack and version the order was read from
    picks = models.JSONField()
    quantity_t = models.BigIntegerField()
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [*signed("a_supply"), whole_tonnes("a_supply")]
        triggers = [permanent("supplies")]


class StockUse(Signed):
    """Stock sinks used up for a neutral undertaking (article 12). An offset of compliance is none of the purposes."""

    class Purpose(models.TextChoices):
        WORKS = "WORKS", _("Carbon-neutral works in natural resources and planning")
        EVENT = "EVENT", _("Carbon-neutral public event")
        ORGANISATION = "ORG", _("Neutrality of an organisation")
        PUBLIC_GOOD = "PUBLIC", _("Voluntary use for the public good")

    number = models.CharField(_("number"), max_length=16, unique=True)
    movement = models.OneToOneField(ledger.Movement, models.PROTECT, db_constraint=False)
    source = models.ForeignKey(StockAccount, models.PROTECT, related_name="used")
    purpose = models.CharField(_("purpose"), max_length=6, choices=Purpose)
    undertaking = models.CharField(_("works or event"), max_length=120)
    beneficiary = models.CharField(_("on behalf of"), max_length=120)
    statement = models.CharField(_("statement"), max_length=200, blank=True)
    rule = models.CharField(max_length=80)
    picks = models.JSONField()
    quantity_t = models.BigIntegerField(_("quantity (tCO₂e)"))
    demonstration = models.BooleanField(default=False)

    class Meta:
        constraints = [
            *signed("a_use"),
            whole_tonnes("a_use"),
            models.CheckConstraint(
                condition=Q(purpose__in=["WORKS", "EVENT", "ORG", "PUBLIC"]), name="a_stock_sink_pays_no_offset"
            ),
        ]
        triggers = [permanent("stock_uses")]


class StockPledge(Signed):
    """Stock sinks that stand as security for a loan (article 14): locked until the creditor lets them go."""

    account = models.ForeignKey(StockAccount, models.PROTECT, related_name="pledges")
    creditor = models.ForeignKey(Organisation, models.PROTECT, related_name="stock_pledges")
    document = models.CharField(_("contract"), max_length=120)
    loan_fen = models.BigIntegerField(null=True)
    picks = models.JSONField()
    quantity_t = models.BigIntegerField()
    lock = models.OneToOneField(ledger.Lock, models.PROTECT, related_name="stock_pledge")

    class Meta:
        constraints = [
            *signed("a_stock_pledge"),
            whole_tonnes("a_stock_pledge"),
            models.CheckConstraint(
                condition=Q(loan_fen__isnull=True) | Q(loan_fen__gt=0), name="a_loan_is_of_some_amount"
            ),
        ]
        triggers = [permanent("stock_pledges")]


class PledgeRelease(Signed):
    """The creditor's word that a pledge has ended."""

    pledge = models.OneToOneField(StockPledge, models.PROTECT, related_name="release")
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [*signed("a_pledge_release")]
        triggers = [permanent("pledge_releases")]

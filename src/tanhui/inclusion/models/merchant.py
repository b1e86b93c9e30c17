"""Merchants (商户), what they offer for points (兑换项), and the vouchers (兑换券) by which people take it."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanhui.identity.models import Organisation, Person
from tanhui.inclusion.models.account import Account
from tanhui.inclusion.models.points import Entry
from tanhui.journal.permanence import permanent


class Merchant(models.Model):
    """An organisation that gives something for points, under an agreement with the operator that ends some day."""

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("inclusion", "Open")
        SUSPENDED = "SUSPENDED", pgettext_lazy("inclusion", "Suspended")
        ENDED = "ENDED", pgettext_lazy("inclusion", "Ended")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="merchant")
    operator = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(pgettext_lazy("inclusion", "name people know it by"), max_length=40)
    agreement = models.CharField(pgettext_lazy("inclusion", "number of the agreement"), max_length=60)
    since = models.DateField(pgettext_lazy("inclusion", "from"))
    until = models.DateField(pgettext_lazy("inclusion", "until"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("since")), name="an_agreement_with_a_merchant_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~Q(organisation=F("operator")), name="no_operator_redeems_its_own_points"),
        ]

    def __str__(self) -> str:
        return self.name


class Offer(models.Model):
    """Something to be had for points, as long as there is some: asked for by the merchant, opened by the operator.

    ``worth_fen`` is what the operator owes the merchant for one voucher used. ``taken`` counts vouchers that were
    not given back; the database keeps it within ``stock`` (none: as many as are asked for). ``from_g`` is how much a
    person must have saved in all to be eligible, ``each`` how many one person may take (0: no limit).
    """

    class Kind(models.TextChoices):
        COUPON = "COUPON", pgettext_lazy("inclusion", "Coupon")  # 消费券
        GOODS = "GOODS", pgettext_lazy("inclusion", "Goods")  # 实物
        HONOUR = "HONOUR", pgettext_lazy("inclusion", "Certificate of honour")  # 荣誉证书
        CHARITY = "CHARITY", pgettext_lazy("inclusion", "Charity")  # 公益捐赠
        TREE = "TREE", pgettext_lazy("inclusion", "A tree")  # 植树

    class State(models.TextChoices):
        ASKED = "ASKED", pgettext_lazy("inclusion", "Waits for the operator")
        OPEN = "OPEN", pgettext_lazy("inclusion", "On offer")
        CLOSED = "CLOSED", pgettext_lazy("inclusion", "Taken off")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="offers")
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    title = models.CharField(pgettext_lazy("inclusion", "what it is"), max_length=60)
    detail = models.CharField(pgettext_lazy("inclusion", "details"), max_length=500, blank=True)
    points = models.PositiveIntegerField(pgettext_lazy("inclusion", "points"))
    worth_fen = models.PositiveIntegerField(default=0)
    stock = models.PositiveIntegerField(pgettext_lazy("inclusion", "how many there are"), null=True)
    taken = models.PositiveIntegerField(default=0)
    each = models.PositiveSmallIntegerField(pgettext_lazy("inclusion", "for one person at most"), default=0)
    from_g = models.PositiveBigIntegerField(default=0)
    since = models.DateField(pgettext_lazy("inclusion", "from"))
    until = models.DateField(pgettext_lazy("inclusion", "until"))
    valid_days = models.PositiveSmallIntegerField(pgettext_lazy("inclusion", "days a voucher holds"))
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(taken__lte=F("stock")), name="no_more_is_taken_than_there_is"
            ),
            models.CheckConstraint(condition=Q(points__gt=0, valid_days__gt=0), name="an_offer_has_a_price_and_a_term"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="an_offer_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(opened_by__isnull=True) | ~Q(opened_by=F("asked_by")), name="nobody_opens_an_offer_alone"
            ),
            models.CheckConstraint(
                condition=~Q(state="OPEN") | Q(opened_by__isnull=False), name="an_open_offer_has_two_signatures"
            ),
        ]
        indexes = [models.Index(fields=["state", "kind", "points"], name="offers_by_price")]

    def __str__(self) -> str:
        return self.title


class Voucher(models.Model):
    """Points turned into a claim on a merchant, good once. ``code`` is what the merchant reads or types.

    Kept with the offer's words and worth of that day; ``paid`` is the entry that took the points, ``returned`` the
    one that gave them back.
    """

    class State(models.TextChoices):
        HELD = "HELD", pgettext_lazy("inclusion", "To be used")
        USED = "USED", pgettext_lazy("inclusion", "Used")
        RETURNED = "RETURNED", pgettext_lazy("inclusion", "Given back")
        LAPSED = "LAPSED", pgettext_lazy("inclusion", "Lapsed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    code = models.CharField(max_length=16, unique=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="vouchers")
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="vouchers")
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="vouchers")
    title = models.CharField(max_length=60)
    points = models.PositiveIntegerField()
    worth_fen = models.PositiveIntegerField()
    paid = models.OneToOneField(Entry, models.PROTECT, related_name="voucher")
    returned = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.HELD)
    last_day = models.DateField()
    at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="USED", used_at__isnull=False) | ~Q(state="USED") & Q(used_at__isnull=True),
                name="a_used_voucher_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state="RETURNED", returned__isnull=False) | ~Q(state="RETURNED") & Q(returned__isnull=True),
                name="a_voucher_given_back_returned_its_points",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-at"], name="vouchers_of_an_account"),
            models.Index(fields=["merchant", "used_at"], name="vouchers_used_at_a_merchant"),
            models.Index(fields=["last_day"], condition=Q(state="HELD"), name="vouchers_that_lapse"),
        ]


class Bill(models.Model):
    """What the operator owes a merchant for a month (商户结算单): the vouchers used in it, counted once for ever."""

    append_only = True

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="bills")
    month = models.DateField()
    vouchers = models.PositiveIntegerField()
    points = models.BigIntegerField()
    fen = models.BigIntegerField()
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    entry = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "month"], name="a_merchant_is_billed_once_a_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="a_bill_is_of_a_month"),
            models.CheckConstraint(condition=~Q(by=F("confirmed_by")), name="nobody_bills_alone"),
        ]
        triggers = [permanent("bills")]


class Exchange(models.Model):
    """Points taken to another company's platform (转出), or back from it (转入), once for each of its references."""

    append_only = True

    class Way(models.TextChoices):
        OUT = "OUT", pgettext_lazy("inclusion", "To the platform")
        BACK = "BACK", pgettext_lazy("inclusion", "Back from the platform")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    platform = models.CharField(max_length=40)
    reference = models.CharField(max_length=64)  # the platform's own
    way = models.CharField(max_length=4, choices=Way)
    account = models.ForeignKey(Account, models.PROTECT, related_name="exchanges")
    points = models.PositiveIntegerField()
    of = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="exchange")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "reference"], name="a_platform_names_an_exchange_once"),
            models.CheckConstraint(
                condition=Q(way="OUT", of__isnull=True) | Q(way="BACK", of__isnull=False),
                name="what_comes_back_went_out_before",
            ),
        ]
        triggers = [permanent("exchanges_of_points")]

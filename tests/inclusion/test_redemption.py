"""Points become vouchers: as long as there is some, once each, used once, or given back."""

import datetime as dt
from types import SimpleNamespace

import pytest
from tests import world
from tests.inclusion import shops

from tanhui.inclusion import vouchers
from tanhui.inclusion.acts import merchants, points, redemption
from tanhui.inclusion.models import Month, Voucher
from tanhui.journal import log

pytestmark = pytest.mark.django_db
LATER = world.NOON + dt.timedelta(days=31)


@pytest.fixture
def here(db):
    shops.rules()
    operator = world.party("OPER", name="碳普惠运营中心")
    scenario = shops.scenario(operator)
    shop = shops.shop(operator)
    [person] = shops.people(scenario)
    return SimpleNamespace(
        operator=operator, scenario=scenario, shop=shop, person=person, offer=shops.offer(shop, operator, stock=2)
    )


def take(here, person=None, *, offer=None, reference="R-1", at=world.NOON):
    return redemption.take(account=person or here.person, offer=offer or here.offer, reference=reference, at=at)


def left(person, at=world.NOON):
    return points.available(person.pk, shops.DAY)


class TestTaking:
    def test_moves_points_and_stock_together(self, here):
        made = take(here)
        here.offer.refresh_from_db()

        assert (left(here.person), here.offer.taken, made.state) == (950, 1, "HELD")
        assert made.last_day == shops.DAY + dt.timedelta(days=30)
        assert len(made.code) == vouchers.LENGTH

    def test_twice_under_one_reference_takes_once(self, here):
        assert take(here) == take(here)
        assert left(here.person) == 950
        assert take(here, reference="R-2") != take(here)

    def test_ends_where_the_stock_ends(self, here):
        take(here)
        take(here, reference="R-2")
        with world.refuses(redemption.SoldOut, "inclusion.sold_out", stock=2):
            take(here, reference="R-3")
        assert left(here.person) == 900

    def test_is_refused_to_whom_it_is_not_for(self, here):
        dear = shops.offer(here.shop, here.operator, points=1_001)
        one = shops.offer(here.shop, here.operator, each=1)
        earned = shops.offer(here.shop, here.operator, from_g=10_001)
        with world.refuses(points.NotEnoughPoints):
            take(here, offer=dear)
        take(here, offer=one)
        with world.refuses(redemption.EnoughForOne):
            take(here, offer=one, reference="R-2")
        with world.refuses(redemption.SavedTooLittle, saved=0):
            take(here, offer=earned)
        Month.objects.create(
            account=here.person, month=shops.DAY.replace(day=1), scenario=here.scenario, grams=10_001, days=1
        )
        assert take(here, offer=earned, reference="R-3").offer == earned

    def test_waits_for_an_open_offer_of_an_open_shop(self, here):
        asked = merchants.ask(
            wares=merchants.Wares(**shops.WARES), merchant=here.shop.merchant, mandate=here.shop.initiator,
            at=world.NOON,
        )  # fmt: skip
        with world.refuses(redemption.OfferNotOpen):
            take(here, offer=asked)
        merchants.turn(
            merchant=here.shop.merchant,
            state="SUSPENDED",
            mandate=here.operator.initiator,
            at=world.NOON,
            reason="盘点",
        )
        with world.refuses(merchants.MerchantNotOpen):
            take(here)
        assert left(here.person) == 1_000


class TestAVoucher:
    def test_is_used_once_and_only_where_it_is_good(self, here):
        made, other = take(here), shops.shop(here.operator)
        with world.refuses(redemption.VoucherNotHere):
            redemption.use(
                code=made.code, merchant=other.merchant, mandate=other.initiator, at=world.NOON
            )  # of another shop
        used = redemption.use(code=made.code, merchant=here.shop.merchant, mandate=here.shop.initiator, at=world.NOON)
        assert used.state == "USED"
        with world.refuses(redemption.VoucherGone):
            redemption.use(code=made.code, merchant=here.shop.merchant, mandate=here.shop.initiator, at=world.NOON)
        with world.refuses(redemption.VoucherGone):
            redemption.give_back(voucher=made, at=world.NOON)

    def test_given_back_returns_points_and_stock(self, here):
        made = take(here)
        redemption.give_back(voucher=made, at=world.NOON)
        here.offer.refresh_from_db()

        assert (left(here.person), here.offer.taken) == (1_000, 0)
        with world.refuses(redemption.VoucherGone):
            redemption.give_back(voucher=made, at=world.NOON)

    def test_lapses_after_its_last_day(self, here):
        made = take(here)
        with world.refuses(redemption.VoucherOver):
            redemption.use(code=made.code, merchant=here.shop.merchant, mandate=here.shop.initiator, at=LATER)
        with world.refuses(redemption.VoucherOver):
            redemption.give_back(voucher=made, at=LATER)
        assert redemption.lapse(at=LATER) == 1
        assert redemption.lapse(at=LATER) == 0
        here.offer.refresh_from_db()
        assert (Voucher.objects.get().state, here.offer.taken, left(here.person)) == ("LAPSED", 0, 950)


class TestThePaper:
    def test_can_be_checked_without_a_network(self, here):
        made = take(here)
        said = vouchers.line(vouchers.Line(made.code, made.last_day, made.points), log.signer())

        assert vouchers.check(said, log.signer().verifier) == vouchers.Line(made.code, made.last_day, 50)

    @pytest.mark.parametrize("change", [("50", "51"), ("TH1", "TH2"), ("2026", "2027"), (".", "")])
    def test_does_not_stand_a_change(self, change):
        said = vouchers.line(vouchers.Line("ABCDEFGHJKLM", dt.date(2026, 7, 1), 50), log.signer())
        with world.refuses(vouchers.VoucherForged):
            vouchers.check(said.replace(*change, 1), log.signer().verifier)

    @pytest.mark.parametrize("text", ["", "....", "TH1.A.20260701.5.!!", "TH1.ABCDEFGHJKLM.20269999.5.AA", "卡" * 500])
    def test_is_refused_where_it_is_none(self, text):
        with world.refuses(vouchers.VoucherForged):
            vouchers.check(text, log.signer().verifier)

    def test_is_read_as_people_type(self):
        assert vouchers.read_code(" abcd-efgh jklm ") == "ABCDEFGHJKLM"
        assert vouchers.in_groups("ABCDEFGHJKLM") == "ABCD-EFGH-JKLM"


class TestAnOffer:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("points", 0), ("points", 10**12), ("title", " "), ("stock", 0), ("valid_days", 0), ("kind", "CASH"),
            ("until", dt.date(2028, 1, 1)), ("worth_fen", -1), ("each", -1), ("from_g", 10**30),
        ],
    )  # fmt: skip
    def test_says_what_it_is_or_is_refused(self, here, field, value):
        with world.refuses(merchants.OfferUnreadable, field=field):
            shops.offer(here.shop, here.operator, **{field: value})

    def test_never_has_less_than_was_taken(self, here):
        take(here)
        take(here, reference="R-2")
        with world.refuses(merchants.StockBelowTaken, taken=2):
            merchants.restock(offer=here.offer, stock=1, mandate=here.shop.initiator, at=world.NOON)
        merchants.restock(offer=here.offer, stock=3, mandate=here.shop.initiator, at=world.NOON)
        assert take(here, reference="R-3").state == "HELD"

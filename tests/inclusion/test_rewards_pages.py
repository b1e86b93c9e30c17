"""Rewards as people meet them: taken on a phone, used at a counter, entered, billed and pooled at the desk."""

import datetime as dt
import uuid
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests import world
from tests.inclusion import people, shops
from tests.inclusion.test_pooling import FIRST, LAST, days, here  # noqa: F401

from tanhui.inclusion import vouchers
from tanhui.inclusion.acts import redemption
from tanhui.inclusion.models import Bill, Merchant, Offer, Pool, Voucher
from tanhui.journal import log

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(here):  # noqa: F811
    shop = shops.shop(here.operator)
    account, resident = people.resident()
    shops.give(shops.scenario(here.operator), [account])
    return SimpleNamespace(
        here=here, shop=shop, offer=shops.offer(shop, here.operator, stock=3), account=account, resident=resident
    )


@pytest.fixture
def as_resident(client, town):
    """Signed in as the holder of that account."""
    world.sign_in(client, town.resident)
    return client


def signed_in(client, mandate):
    world.sign_in(client, mandate.membership.person)
    return client


class TestAResident:
    def test_takes_shows_and_gives_back(self, as_resident, town):
        page = as_resident.get(f"/rewards/{town.offer.pk}")
        assert "用 50 积分兑换" in page.content.decode()
        taken = as_resident.post(f"/rewards/{town.offer.pk}", {"reference": uuid.uuid4().hex}, follow=True)
        made = Voucher.objects.get()
        shown = taken.content.decode()
        assert vouchers.in_groups(made.code) in shown
        assert "<svg" in shown
        assert made.title in as_resident.get("/rewards/vouchers").content.decode()
        as_resident.post(f"/rewards/vouchers/{made.pk}")
        assert Voucher.objects.get().state == "RETURNED"
        again = as_resident.post(f"/rewards/vouchers/{made.pk}")
        assert again.status_code == 409

    def test_reads_why_it_cannot_be_had(self, as_resident, town):
        dear = shops.offer(town.shop, town.here.operator, points=5_000, title="植一棵梭梭")
        page = as_resident.post(f"/rewards/{dear.pk}", {"reference": uuid.uuid4().hex})
        assert (page.status_code, "积分" in page.content.decode()) == (409, True)
        assert as_resident.post(f"/rewards/{dear.pk}", {"reference": "x" * 500}).status_code == 422

    def test_of_another_is_nobody(self, as_resident, town):
        [other] = shops.people(shops.scenario(town.here.operator))
        theirs = redemption.take(account=other, offer=town.offer, reference="R-1", at=world.NOON)
        assert as_resident.get(f"/rewards/vouchers/{theirs.pk}").status_code == 404


class TestAVisitor:
    def test_sees_what_there_is(self, client, town):
        text = client.get("/rewards").content.decode()
        assert town.offer.title in text
        assert town.offer.title not in client.get("/rewards?kind=TREE").content.decode()
        assert client.get(f"/rewards/{town.offer.pk}").status_code == 200
        assert client.get("/rewards/vouchers").status_code == 302


class TestAMerchant:
    def test_checks_and_uses_a_voucher(self, client, town):
        made = redemption.take(account=town.account, offer=town.offer, reference="R-1", at=world.NOON)
        Voucher.objects.update(last_day=dt.date(2199, 1, 1))
        signed_in(client, town.shop.initiator)
        line = vouchers.line(vouchers.Line(made.code, made.last_day, made.points), log.signer())
        assert made.title in client.get("/merchant/check", {"v": made.code.lower()}).content.decode()
        assert made.title in client.get("/merchant/check", {"code": line}).content.decode()
        assert client.get("/merchant/check", {"code": line.replace("50", "60")}).status_code == 422
        assert client.get("/merchant/check", {"v": "ZZZZ"}).status_code == 404
        assert client.post("/merchant/check", {"do": "use", "code": made.code}).status_code == 302
        assert Voucher.objects.get().state == "USED"
        assert client.post("/merchant/check", {"do": "use", "code": made.code}).status_code == 409

    def test_asks_for_an_offer_that_the_operator_opens(self, client, town):
        signed_in(client, town.shop.initiator)
        Merchant.objects.update(since=dt.date(2020, 1, 1), until=dt.date(2199, 1, 1))
        sent = {
            "do": "ask", "kind": "TREE", "title": "植一棵樟子松", "points": "200", "worth": "12.50", "valid_days": "60",
            "since": "2026-01-01", "until": "2190-12-31",
        }  # fmt: skip
        assert client.post("/merchant", sent | {"points": "9" * 400}).status_code == 422
        assert client.post("/merchant", sent).status_code == 302
        asked = Offer.objects.get(title="植一棵樟子松")
        assert (asked.state, asked.worth_fen) == ("ASKED", 1_250)

        signed_in(client, town.here.operator.confirmer)
        assert "植一棵樟子松" in client.get("/desk/rewards").content.decode()
        assert client.post("/desk/rewards", {"do": "open", "key": str(asked.pk)}).status_code == 302
        asked.refresh_from_db()
        assert asked.state == "OPEN"

    def test_is_nobody_without_an_agreement(self, client, town):
        signed_in(client, world.party("SCEN").initiator)
        assert client.get("/merchant").status_code == 404


class TestTheDesk:
    def test_enters_suspends_and_bills(self, client, town):
        body = world.party("SCEN", name="林间咖啡")
        signed_in(client, town.here.operator.initiator)
        sent = {
            "do": "enter", "organisation": body.organisation.pk, "name": "林间咖啡", "agreement": "1",
            "since": "2026-01-01", "until": "2199-01-01",
        }  # fmt: skip
        assert client.post("/desk/rewards", sent).status_code == 302
        assert client.post("/desk/rewards", sent).status_code == 422
        made = redemption.take(account=town.account, offer=town.offer, reference="R-1", at=world.NOON)
        redemption.use(code=made.code, merchant=town.shop.merchant, mandate=town.shop.initiator, at=world.NOON)
        there = f"/desk/rewards/{town.shop.merchant.pk}"
        assert "2026-06" in client.get(there).content.decode()
        assert client.get(f"{there}?month=2026-06&format=xlsx").status_code == 200
        assert client.get(f"{there}?month=never&format=csv").status_code == 200
        assert client.post(there, {"do": "bill", "month": "2026-06-01"}).status_code == 302

        signed_in(client, town.here.operator.confirmer)
        asked = client.get("/desk/rewards").context["bills"][0]["asked"]
        assert client.post("/desk/rewards", {"do": "confirm_bill", "key": str(asked.pk)}).status_code == 302
        assert Bill.objects.get().fen == 500
        signed_in(client, town.here.operator.initiator)
        assert client.post(there, {"do": "bill", "month": "2026-06-01"}).status_code == 409
        assert client.post(there, {"do": "turn", "state": "SUSPENDED", "reason": "盘点"}).status_code == 302

    def test_pools_from_people_to_units(self, client, town):
        days(town.here, FIRST, 8)
        signed_in(client, town.here.operator.initiator)
        sent = {
            "scenario": town.here.scenario.pk, "project": town.here.project.pk, "first": f"{FIRST}", "last": f"{LAST}"
        }  # fmt: skip
        assert client.post("/desk/pooling", sent | {"last": "9999-12-31"}).status_code == 422
        assert client.post("/desk/pooling", sent).status_code == 302
        pool = Pool.objects.get()
        there = f"/desk/pooling/{pool.pk}"
        signed_in(client, town.here.operator.confirmer)
        assert client.post(there, {"do": "confirm"}).status_code == 302
        signed_in(client, town.here.verifier.initiator)
        report = SimpleUploadedFile("report.pdf", b"%PDF-1.7", content_type="application/pdf")
        assert client.post(there, {"do": "verify", "report": report}).status_code == 302
        signed_in(client, town.here.operator.initiator)
        assert client.post(there, {"do": "earned", "sale": "T-1", "tonnes": "1", "yuan": "80.00"}).status_code == 302
        signed_in(client, town.here.operator.confirmer)
        asked = client.get(there).context["asked"][0]
        assert client.post(there, {"do": "sign", "key": str(asked.pk)}).status_code == 302
        pool.refresh_from_db()
        assert (pool.state, pool.proceeds.get().fen) == ("VERIFIED", 8_000)
        assert pool.evidence_sha256 in client.get(there).content.decode()

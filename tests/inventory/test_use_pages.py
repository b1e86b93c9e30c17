"""The pages of articles 11 to 15: what everybody sees, what an authority and a holder do, what strangers learn."""

import datetime as dt
import io
import json
import uuid

import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests import world
from tests.api.conftest import Caller, refused
from tests.inventory import using

from tanhui.identity.models import Instruction, Organisation
from tanhui.inventory import certificates
from tanhui.inventory.acts import incentive, restoration
from tanhui.inventory.models import CompensationRound, Incentive, Product, Restoration, StockPledge, StockUse
from tanhui.journal import log, sequencer
from tanhui.notices import waiting
from tanhui.registry import certificates as registry
from tanhui.registry.acts.retirement import Beneficiary
from tanhui.tlog import seal

pytestmark = pytest.mark.django_db


class House:
    """An authority with a published year of three towns, a buyer and a bank."""

    def __init__(self):
        using.rules("cn-shangyu-sinks-2024", "demo-compensation")
        self.bureau, self.buyer = using.authority(), world.party(name="演示建设集团")
        self.bank = world.party(Organisation.Role.PLEDGEE, name="演示银行")
        self.year = using.published(self.bureau)
        self.figures = [using.figure(self.year, f"33060410{n}", kg=n * 40_500, name=f"演示镇{n}") for n in (1, 2, 3)]
        using.inside(self.year, self.figures[1].zone)
        for n in (1, 2, 3):
            using.figure(self.year, f"33060410{n}", kg=n * 50_500, type="all", name=f"演示镇{n}")

    def sign(self, client, path, who, **fields):
        """Fill in a form as the first person, then confirm as the second."""
        world.sign_in(client, who.initiator.membership.person)
        answer = client.post(path, {"reference": str(uuid.uuid4()), **fields})
        assert answer.status_code == 302, answer.content.decode()[:3000]
        return self.confirm(client, answer["Location"], who)

    def confirm(self, client, there, who):
        own = client.get(there)
        assert "Another person must confirm this" in own.content.decode()
        world.sign_in(client, who.confirmer.membership.person)
        assert client.get(there).status_code == 200
        done = client.post(there, {"do": "confirm"}, follow=True)
        assert "Confirmed and carried out" in done.content.decode()
        return done

    def offered(self, client, index=0, **more):
        path = reverse("inventory:products_offer", args=[self.year.code])
        self.sign(client, path, self.bureau, figure=self.figures[index].pk, **more)
        return Product.objects.get(figure=self.figures[index])


@pytest.fixture
def house():
    return House()


@pytest.fixture
def visitor():
    return Client(headers={"accept-language": "en"})


class TestWithNothing:
    @pytest.mark.parametrize("name", ["products", "compensations", "restoration", "incentives"])
    def test_says_what_will_stand_there(self, visitor, name):
        page = visitor.get(reverse(f"inventory:{name}"))
        assert page.status_code == 200
        assert 'class="empty"' in page.content.decode()

    @pytest.mark.parametrize("name", ["products", "compensations", "restoration", "incentives"])
    def test_says_so_in_chinese(self, name):
        page = Client(headers={"accept-language": "zh-hans"}).get(reverse(f"inventory:{name}")).content.decode()
        empty = page.split('class="empty"')[1].split("</div>")[0]
        assert world.CHINESE.search(empty)


class TestProducts:
    def test_are_offered_handed_on_used_and_pledged_by_two_people_each(self, visitor, house):
        red = house.offered(visitor, 1)
        house.offered(visitor, 0)
        listed = visitor.get(reverse("inventory:products"), {"tonnes": 85, "district": "330604"}).content.decode()
        assert listed.index(red.zone_name) < listed.index("演示镇1")
        assert red.code in listed

        give = reverse("inventory:stock_give", args=[house.bureau.organisation.uscc])
        house.sign(visitor, give, house.bureau, target=house.buyer.organisation.uscc, tonnes="85", district="330604")
        use = reverse("inventory:stock_use_ask", args=[house.buyer.organisation.uscc])
        house.sign(
            visitor,
            use,
            house.buyer,
            purpose="WORKS",
            undertaking="土地整治工程",
            beneficiary="演示建设集团",
            tonnes="82",
        )
        row = StockUse.objects.get()
        certificate = visitor.get(reverse("inventory:stock_use", args=[row.number])).content.decode()
        assert "土地整治工程" in certificate
        pledge = reverse("inventory:stock_pledge", args=[house.bureau.organisation.uscc])
        house.sign(
            visitor,
            pledge,
            house.bureau,
            creditor=house.bank.organisation.pk,
            document="质押合同",
            tonnes="9",
            loan="50000",
        )
        release = reverse("inventory:stock_release", args=[StockPledge.objects.get().pk])
        house.sign(visitor, release, house.bank, reason="还清")
        ours = visitor.get(reverse("inventory:stock_mine")).content.decode()
        assert "Let go" in ours
        world.sign_in(visitor, house.bureau.initiator.membership.person)
        assert "演示建设集团" in visitor.get(reverse("inventory:stock_mine")).content.decode()

    def test_are_narrowed_and_taken_home(self, visitor, house):
        house.offered(visitor, 1)
        house.offered(visitor, 0)
        path = reverse("inventory:products")
        inside = visitor.get(path, {"place": "in"}).content.decode()
        assert "演示镇2" in inside
        assert "演示镇1" not in inside.split('id="list"')[1]
        table = b"".join(visitor.get(path, {"format": "csv", "type": "forest"}).streaming_content).decode()
        assert table.count("STOCK-330604-2023-FOREST") == 2
        assert visitor.get(path, {"format": "xlsx"})["Content-Type"].endswith("sheet")
        nothing = visitor.get(path, {"q": "=nowhere"}).content.decode()
        assert "Nothing matches this filter" in nothing

    def test_show_a_refusal_beside_its_field(self, visitor, house):
        world.sign_in(visitor, house.bureau.initiator.membership.person)
        path = reverse("inventory:products_offer", args=[house.year.code])
        assert "inside the red line" in visitor.get(path).content.decode()
        visitor.post(path, {"reference": "r", "figure": house.figures[0].pk})
        answer = visitor.post(path, {"reference": "r", "figure": house.figures[1].pk})
        assert answer.status_code == 422
        assert "identity.reference_taken" in answer.content.decode()
        assert Instruction.objects.count() == 1

    def test_are_turned_down_or_taken_back(self, visitor, house):
        world.sign_in(visitor, house.bureau.initiator.membership.person)
        path = reverse("inventory:products_offer", args=[house.year.code])
        there = visitor.post(path, {"reference": "r", "figure": house.figures[0].pk})["Location"]
        waits = {who: waiting.tasks(one.membership.person, at=timezone.now()) for who, one in both(house).items()}
        assert [one.url for one in waits["second"]] == [there]
        assert there not in [one.url for one in waits["first"]]
        assert "Taken back" in visitor.post(there, {"do": "take_back"}, follow=True).content.decode()
        again = visitor.post(path, {"reference": "r2", "figure": house.figures[0].pk})["Location"]
        world.sign_in(visitor, house.bureau.confirmer.membership.person)
        assert visitor.post(again, {"do": "turn_down"}).status_code == 422
        assert "Turned down" in visitor.post(again, {"do": "turn_down", "reason": "未议"}, follow=True).content.decode()
        assert not Product.objects.exists()

    def test_are_no_strangers_matter(self, visitor, house):
        world.sign_in(visitor, house.buyer.initiator.membership.person)
        for name, args in [
            ("products_offer", [house.year.code]), ("compensation_prepare", [house.year.code]), ("works_enter", []),
            ("incentive_grant", []), ("stock_give", [house.bureau.organisation.uscc]),
            ("stock_asked", [uuid.uuid4()]), ("stock_release", [1]), ("product", ["STOCK-1"]), ("stock_use", ["SK1"]),
        ]:  # fmt: skip
            assert visitor.get(reverse(f"inventory:{name}", args=args)).status_code == 404, name


def both(house):
    return {"first": house.bureau.initiator, "second": house.bureau.confirmer}


TABLE = "代码\t乡镇\n" + "\n".join(f"33060410{n}\t演示镇{n}\t{n}.5\t0\t2\t1\t0.0001\t{n}" for n in (1, 2, 3))


class TestCompensation:
    def test_is_shown_first_and_brought_into_force_by_two(self, visitor, house):
        path = reverse("inventory:compensation_prepare", args=[house.year.code])
        world.sign_in(visitor, house.bureau.initiator.membership.person)
        filled = {
            "reference": "c",
            "title": "2023年生态补偿",
            "pack": "demo-compensation",
            "budget": "100000.01",
            "table": TABLE,
        }
        seen = visitor.post(path, filled | {"step": "preview"}).content.decode()
        assert "The worksheet as it would be" in seen
        assert "演示镇3" in seen
        assert not Instruction.objects.exists()
        there = visitor.post(path, filled | {"step": "submit"})["Location"]
        house.confirm(visitor, there, house.bureau)

        kept = CompensationRound.objects.get()
        assert sum(row["fen"] for row in kept.rows) == 10_000_001
        page = visitor.get(reverse("inventory:compensation", args=[kept.pk]))
        assert "Demonstration weights" in page.content.decode()
        listed = b"".join(visitor.get(page.request["PATH_INFO"], {"format": "csv"}).streaming_content).decode()
        assert len(listed.splitlines()) == 4

    def test_refuses_a_table_that_is_unclear(self, visitor, house):
        world.sign_in(visitor, house.bureau.initiator.membership.person)
        path = reverse("inventory:compensation_prepare", args=[house.year.code])
        for table, what in [
            (TABLE.replace("330604101\t", "999\t"), "999"), (TABLE.replace("\t1.5\t", "\tviel\t"), "viel"),
            (TABLE.replace("\t1.5\t", "\t1.00001\t"), "1.00001"), ("330604101\t演示镇1\t1\t0\t2\t1\t0\t1", "演示镇2"),
            (TABLE + "\t7", "9 ≠ 8"), ("", "required"), ("\t\t", "—"), (TABLE.replace("\t1.5\t", "\tNaN\t"), "NaN"),
            (TABLE.replace("\t1.5\t", "\t-1\t"), "-1"),
        ]:  # fmt: skip
            filled = {"reference": "c", "title": "t", "pack": "demo-compensation", "budget": "1", "table": table}
            answer = visitor.post(path, filled | {"step": "submit"})
            assert answer.status_code == 422, table
            assert what in answer.content.decode()
        assert not Instruction.objects.exists()

    def test_gives_the_table_to_fill_in(self, visitor, house):
        world.sign_in(visitor, house.bureau.initiator.membership.person)
        path = reverse("inventory:compensation_prepare", args=[house.year.code])
        assert "演示镇2" in visitor.get(path).content.decode()
        rows = b"".join(visitor.get(path, {"format": "csv"}).streaming_content).decode().splitlines()
        assert len(rows) == 4


class TestRestoration:
    def test_is_entered_compared_and_read_by_all(self, visitor, house):
        earlier = using.published(house.bureau, year=2019)
        using.figure(earlier, "330604102", kg=50_000, type="all", sigma={"pixel": 10})
        using.figure(house.year, "P-9", kg=1, type="all", level="project")
        world.sign_in(visitor, house.bureau.initiator.membership.person)
        given = {
            "name": "废弃矿山修复", "kind": "MINE", "place": "演示镇2", "where": "township/330604102", "area": "18.6",
            "cost": "1280000", "began_on": "2020-03-01", "ended_on": "2021-11-30", "basis": "批复",
        }  # fmt: skip
        path = reverse("inventory:works_enter")
        assert visitor.post(path, given | {"cost": "much"}).status_code == 422
        there = visitor.post(path, given)["Location"]
        works = Restoration.objects.get()
        assert (works.area_m2, works.cost_fen) == (186_000, 128_000_000)
        assert visitor.post(there, {"before": 2023, "after": 2019}).status_code == 422
        done = visitor.post(there, {"before": 2019, "after": 2023}, follow=True).content.decode()
        assert "The sink has grown" in done
        visitor.logout()
        assert visitor.post(there, {"before": 2019, "after": 2023}).status_code == 302
        listed = visitor.get(reverse("inventory:restoration"), {"kind": "MINE"}).content.decode()
        assert "废弃矿山修复" in listed
        table = b"".join(visitor.get(reverse("inventory:restoration"), {"format": "csv"}).streaming_content).decode()
        assert "18.6" in table

    def test_says_that_no_change_can_be_told(self, visitor, house):
        earlier = using.published(house.bureau, year=2019)
        using.figure(earlier, "330604102", kg=101_000, type="all", sigma={"pixel": 90_000})
        works = restoration.enter(
            name="河岸修复", kind="WETLAND", place="演示镇", division_code="330604", level="township", zone="330604102",
            town_code="", area_m2=1, cost_fen=0, began_on=dt.date(2020, 1, 1), ended_on=dt.date(2021, 1, 1), basis="x",
            mandate=house.bureau.initiator, at=using.AT,
        )  # fmt: skip
        restoration.assess(works=works, before=2019, after=2023, mandate=house.bureau.initiator, at=using.AT)
        page = visitor.get(reverse("inventory:works", args=[works.pk])).content.decode()
        assert "nobody can say whether the works changed the sink" in page


class TestIncentives:
    def test_are_granted_by_two_and_read_by_all(self, visitor, house):
        path = reverse("inventory:incentive_grant")
        given = {
            "kind": "REWARD", "recipient_kind": "ORGANISATION", "name": "演示合作社", "number": world.uscc(),
            "purpose": "竹林经营", "amount": "5000.50", "clause": "第十五条", "granted_on": "2026-05-01",
        }  # fmt: skip
        world.sign_in(visitor, house.bureau.initiator.membership.person)
        assert visitor.post(path, given | {"number": "123", "reference": "x"}).status_code == 422
        house.sign(visitor, path, house.bureau, **given)
        row = Incentive.objects.get()
        world.sign_in(visitor, house.bureau.initiator.membership.person)
        pay = reverse("inventory:incentive_paid", args=[row.pk])
        assert visitor.post(pay, {"paid_on": "2026-04-01"}).status_code == 422
        assert visitor.post(pay, {"paid_on": timezone.localdate().isoformat()}).status_code == 302
        visitor.logout()
        page = visitor.get(
            reverse("inventory:incentives"), {"q": "合作社", "kind": "REWARD", "state": "paid"}
        ).content.decode()
        assert "5,000.50" in page
        table = b"".join(visitor.get(reverse("inventory:incentives"), {"format": "csv"}).streaming_content).decode()
        assert "5000.50" in table

    def test_never_show_a_persons_name(self, visitor, house):
        from tests.inventory.test_incentive import CITIZEN

        asked = incentive.grant(
            kind="SUBSIDY", recipient=Beneficiary.read(kind="PERSON", name="沈青禾", code=CITIZEN), purpose="护林",
            amount_fen=100, clause="第十五条", granted_on=dt.date(2026, 1, 1), division_code="330604",
            mandate=house.bureau.initiator, reference="g", at=using.AT,
        )  # fmt: skip
        using.confirm(asked, house.bureau)
        page = visitor.get(reverse("inventory:incentives")).content.decode()
        assert "沈**" in page
        assert "青禾" not in page


class TestTheCertificate:
    @pytest.fixture
    def used(self, visitor, house, settings, tmp_path):
        settings.TANHUI_VAR, settings.TANHUI_SECRETS = tmp_path, tmp_path / "secrets"
        log.read_key.cache_clear()
        house.offered(visitor, 1)
        ask = reverse("inventory:stock_use_ask", args=[house.bureau.organisation.uscc])
        house.sign(
            visitor, ask, house.bureau, purpose="EVENT", undertaking="演示马拉松", beneficiary="演示组委会", tonnes="7"
        )  # fmt: skip
        yield StockUse.objects.get()
        log.read_key.cache_clear()

    def test_is_a_sealed_paper_that_is_checked_offline(self, visitor, house, used):
        path = reverse("inventory:stock_use_pdf", args=[used.number])
        assert visitor.get(path).status_code == 302  # until its fact is in the log
        with world.refuses(registry.CertificateNotReady):
            certificates.certificate(used)

        sequencer.sequence(at=using.AT)
        first = visitor.get(path)

        assert (first["Content-Type"], first.content) == ("application/pdf", visitor.get(path).content)
        pages = pypdf.PdfReader(io.BytesIO(first.content)).pages
        said = "".join("".join(page.extract_text().split()) for page in pages)
        assert used.number in said
        assert "演示马拉松" in said
        assert "红线内演示区生态保护红线" in said
        assert "不得用于碳排放配额清缴抵销" in said
        seal.check(first.content, log.signer().verifier)
        proof = visitor.get(reverse("inventory:stock_use_proof", args=[used.number]))
        assert json.loads(proof.content)["leaf"]
        assert Client().get(f"/api/v1/stock-sinks/uses/{used.number}.pdf").content == first.content
        page = visitor.get(reverse("inventory:stock_use", args=[used.number])).content.decode()
        assert path in page


class TestForPrograms:
    def test_says_what_the_pages_say(self, visitor, house):
        one = house.offered(visitor, 1)
        two = house.offered(visitor, 0)
        reader = Client()
        listed = {row["code"]: row for row in reader.get("/api/v1/stock-sinks/products").json()}
        assert listed[one.code]["left_t"] == one.quantity_t == 81
        order = reader.get("/api/v1/stock-sinks/order", {"tonnes": 100, "district": "330604"}).json()
        assert order == [{"code": one.code, "tonnes": 81}, {"code": two.code, "tonnes": 19}]
        everything = reader.get("/api/v1/stock-sinks/order").json()
        assert [each["tonnes"] for each in everything] == [one.quantity_t, two.quantity_t]
        more = reader.get("/api/v1/stock-sinks/order", {"tonnes": 1000})
        assert (more.status_code, more.json()["code"]) == (409, "inventory.too_few_offered")
        for name in ("uses", "compensation", "restoration", "incentives"):
            assert reader.get(f"/api/v1/stock-sinks/{name}").json() == []
        assert reader.get("/api/v1/stock-sinks/uses/SK1").status_code == 404
        assert reader.get("/api/v1/stock-sinks/compensation/7").status_code == 404

    def test_use_up_and_hand_on_under_two_signatures(self, visitor, house):
        house.offered(visitor, 1)
        first, other = (Caller(one.membership.person) for one in (house.bureau.initiator, house.bureau.confirmer))
        ours = f"/stock-sinks/ours/{house.bureau.organisation.uscc}"
        assert [one["available_t"] for one in first.get(ours).json()] == [81]
        wanted = {"purpose": "WORKS", "undertaking": "整治工程", "beneficiary": "演示建设集团", "tonnes": 30}
        refused(first.post(f"{ours}/uses", wanted | {"purpose": "ETS"}, key="u0"), 409, "inventory.never_an_offset")

        asked = first.post(f"{ours}/uses", wanted, key="u1")
        assert (asked.status_code, asked.json()["state"]) == (201, "WAITING")
        assert first.post(f"{ours}/uses", wanted, key="u1").json() == asked.json()
        assert [one["available_t"] for one in first.get(ours).json()] == [51]
        there = asked["Location"].removeprefix("/api/v1")
        refused(first.post(f"{there}/confirm"), 403, "identity.capacity_missing")
        refused(other.post(f"{there}/confirm", **{"if-match": '"other"'}), 412, "registry.stale")
        done = other.post(f"{there}/confirm", **{"if-match": asked["ETag"]}).json()
        assert (done["state"], done["certificate"]) == ("CONFIRMED", StockUse.objects.get().number)
        assert other.post(f"{there}/confirm").json() == done

        supply = {"target": house.buyer.organisation.uscc, "tonnes": 5}
        there = first.post(f"{ours}/supplies", supply, key="s1")["Location"].removeprefix("/api/v1")
        assert other.post(f"{there}/reject", {"reason": "未议定"}).json()["state"] == "REJECTED"
        there = first.post(f"{ours}/supplies", supply, key="s2")["Location"].removeprefix("/api/v1")
        assert first.post(f"{there}/withdraw", {"reason": "改期"}).json()["state"] == "WITHDRAWN"
        assert [one["available_t"] for one in first.get(ours).json()] == [51]

    def test_are_told_nothing_of_others(self, visitor, house):
        house.offered(visitor, 1)
        stranger, nobody = Caller(house.buyer.initiator.membership.person), Caller()
        ours = f"/stock-sinks/ours/{house.bureau.organisation.uscc}"
        assert stranger.get(ours).status_code == 404
        assert stranger.post(f"{ours}/supplies", {"target": "x", "tonnes": 1}, key="k").status_code == 404
        assert nobody.get(ours).status_code == 401
        key = first_key(house)
        assert stranger.get(f"/stock-sinks/asked/{key}").status_code == 404


def first_key(house):
    """Something the bureau asks for."""
    mine = Caller(house.bureau.initiator.membership.person)
    body = {"target": house.buyer.organisation.uscc, "tonnes": 1}
    return mine.post(f"/stock-sinks/ours/{house.bureau.organisation.uscc}/supplies", body, key="k-1").json()["id"]

"""A resident's own pages, and the desk behind them."""

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from tests import world
from tests.inclusion import people

from tanhui.inclusion import holders
from tanhui.inclusion.models import Account, Consent, Deduction, Entry, Objection, Receipt
from tanhui.kernel import clock


@pytest.fixture
def resident(db, client):
    people.rules()
    account, who = people.resident(name="林晓青", region="110105")
    world.sign_in(client, who)
    return account


@pytest.fixture
def day(resident):
    """Yesterday, with 80 g of one scenario under its cap."""
    metro = people.scenario(
        rule={"factors": {"baseline_factor": "0.104", "mode_factor": "0.043", "unit": "kgCO2e/pkm"}},
        cap_day_g=6_000, cap_year_g=600_000,
    )  # fmt: skip
    day = clock.day(timezone.now()) - dt.timedelta(days=1)
    people.post(day, (resident, metro, 80))
    return day


def told(answer):
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", answer.content.decode()))


class TestEveryPage:
    def test_answers_in_chinese_and_sends_as_many_statements_after_a_year(
        self, resident, day, client, django_assert_max_num_queries
    ):
        today = clock.day(timezone.now())
        for name, arguments in [
            ("carbon", []), ("carbon_month", [today.year, today.month]), ("carbon_day", [day.isoformat()]),
            ("carbon_switches", []), ("carbon_year", [today.year]), ("carbon_ranking", []), ("carbon_points", []),
            ("carbon_me", []), ("carbon_statistics", []),
        ]:  # fmt: skip
            with django_assert_max_num_queries(36):
                answer = client.get(reverse(f"inclusion:{name}", args=arguments))
            assert answer.status_code == 200, name
            assert world.CHINESE.search(answer.content.decode())

    def test_leads_whoever_has_no_account_to_open_one(self, db, client):
        people.rules()
        world.sign_in(client, world.person())
        assert client.get("/carbon").headers["Location"] == "/carbon/open"

    def test_of_everybody_together_offers_an_account_to_those_who_have_none(self, resident, client):
        address = reverse("inclusion:carbon_statistics")
        assert "开立我的碳账户" not in client.get(address).content.decode()
        client.logout()
        assert "开立我的碳账户" in client.get(address).content.decode()

    @pytest.mark.parametrize("address", ["/carbon/days/2026-13-01", "/carbon/months/1999/1", "/carbon/years/9999"])
    def test_of_no_day_there_is_is_not_found(self, resident, client, address):
        assert client.get(address).status_code == 404


class TestTheHomePage:
    def test_shows_grams_and_points_apart_and_as_cheaply_after_a_season(self, resident, day, client):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        def sent():
            with CaptureQueriesContext(connection) as found:
                answer = client.get("/carbon")
            return len(found), told(answer)

        sent()  # what a process learns once
        few, said = sent()
        assert "80gCO2e" in said
        metro = people.scenario()
        for back in range(2, 40):
            people.post(clock.day(timezone.now()) - dt.timedelta(days=back), (resident, metro, 100))
        many, said = sent()
        assert many == few
        assert "3.88kgCO2e" in said


class TestADay:
    def test_says_why_it_is_80_g(self, resident, day, client):
        said = told(client.get(f"/carbon/days/{day}"))
        for part in ("为什么是80克", "0.104−0.043", "metro/v01", "800m", "6,000", "8分"):
            assert part in said

    def test_takes_a_word_against_it_and_shows_the_answer(self, resident, day, client):
        code = resident.days.get().scenario.code
        sent = client.post(f"/carbon/days/{day}", {"scenario": code, "said": "少算了一趟"})
        assert sent.status_code == 302
        assert Objection.objects.get().said == "少算了一趟"
        again = client.post(f"/carbon/days/{day}", {"scenario": code, "said": "再说一遍"})
        assert again.status_code == 409
        assert client.post(f"/carbon/days/{day}", {"scenario": "no\x00thing", "said": "x"}).status_code in (404, 422)


class TestTheSwitches:
    def test_turn_on_and_off(self, resident, client):
        metro = people.scenario()
        sent = {"scenario": metro.code, "kind": "GENERAL", "text_version": people.VERSION}
        assert client.post("/carbon/scenarios", sent | {"turn": "on"}).status_code == 302
        assert 'aria-checked="true"' in client.get("/carbon/scenarios").content.decode()
        assert client.post("/carbon/scenarios", sent | {"turn": "off"}).status_code == 302
        assert list(Consent.objects.filter(scenario=metro).order_by("pk").values_list("given", flat=True)) == [
            True,
            False,
        ]

    def test_refuse_a_text_of_yesterday(self, resident, client):
        sent = {"scenario": people.scenario().code, "kind": "GENERAL", "text_version": "2020", "turn": "on"}
        assert client.post("/carbon/scenarios", sent).status_code == 412


class TestOpening:
    @pytest.fixture(autouse=True)
    def folder(self, db, settings, tmp_path):
        people.rules()
        settings.TANHUI_VAR = tmp_path

    def ask(self, client, phone="13800138000", do="phone"):
        page = client.post("/carbon/open", {"do": do, "phone": phone})
        key = re.search(r'name="key" value="([^"]+)"', page.content.decode()).group(1)
        code = re.search(r"验证码为(\d{6})", page.content.decode()).group(1)
        return {"key": key, "code": code}

    def test_by_a_mobile_number_makes_a_person_and_an_account(self, client):
        sent = client.post("/carbon/open", {"do": "code"} | self.ask(client))
        assert sent.status_code == 302
        about = {"do": "open", "name": "周小舟", "age": "adult", "agree": "on", "text_version": people.VERSION}
        assert client.post("/carbon/open", about).headers["Location"] == "/carbon/scenarios"
        account = Account.objects.get()
        assert (account.state, account.way) == ("ACTIVE", "PHONE")
        held = holders.of_account(account.pk)
        assert (held.name, held.phone) == ("周小舟", "13800138000")
        client.logout()
        back = client.post("/carbon/open", {"do": "code"} | self.ask_later(client))
        assert back.status_code == 302
        assert client.get("/carbon").status_code == 200

    def ask_later(self, client):
        from tanhui.inclusion.models import PhoneCode

        PhoneCode.objects.update(at=timezone.now() - dt.timedelta(minutes=2))
        return self.ask(client)

    def test_of_a_child_goes_on_with_the_guardian(self, client):
        client.post("/carbon/open", {"do": "code"} | self.ask(client))
        born = f"{timezone.now().year - 8}-03-01"
        about = {"do": "open", "name": "周小小", "age": "child", "born": born, "agree": "on"}
        client.post("/carbon/open", about | {"text_version": people.VERSION})
        assert Account.objects.get().state == "CONSENTED"
        assert client.get("/carbon").headers["Location"] == "/carbon/open"
        given = self.ask(client, phone="13900139000", do="guardian")
        assert client.post("/carbon/open", {"do": "agree"} | given).headers["Location"] == "/carbon"
        assert Account.objects.get().state == "ACTIVE"

    def test_is_not_for_whoever_signs_for_an_organisation(self, client):
        party = world.party("OPER", password="a long one")
        person = party.initiator.membership.person
        people.resident(person=person, phone="13800138000")
        answer = client.post("/carbon/open", {"do": "code"} | self.ask(client))
        assert answer.status_code == 403

    @pytest.mark.parametrize("sent", [{"do": "phone", "phone": "\x00" * 11}, {"do": "code"}, {"do": "phone"}])
    def test_refuses_what_is_no_form(self, client, sent):
        assert client.post("/carbon/open", sent).status_code == 422

    @pytest.mark.parametrize("do", ["", "open", "agree", "guardian", "other"])
    def test_shows_the_step_that_is_due_when_another_is_sent(self, client, do):
        answer = client.post("/carbon/open", {"do": do})
        assert answer.status_code == 422
        assert b'value="phone"' in answer.content
        assert not Account.objects.exists()


class TestAboutMe:
    def test_hands_out_everything_and_keeps_the_receipt(self, resident, day, client):
        answer = client.post("/carbon/me/data.zip")
        assert answer.headers["Content-Type"] == "application/zip"
        assert answer.content[:2] == b"PK"
        receipt = Receipt.objects.get(kind="EXPORTED")
        assert receipt.facts["bytes"] == len(answer.content)
        client.logout()
        assert client.get(f"/carbon/receipts/{receipt.pk}").status_code == 200

    def test_sets_right_joins_and_leaves(self, resident, client):
        sent = {"do": "profile", "name": "林青", "region": "", "shows": "青青"}
        assert client.post("/carbon/me", sent).status_code == 302
        assert client.post("/carbon/me", {"do": "team", "team": "向日葵"}).status_code == 302
        resident.refresh_from_db()
        assert (resident.shows, resident.team.name) == ("青青", "向日葵")
        assert client.post("/carbon/me", {"do": "leave"}).status_code == 302
        assert client.post("/carbon/me", {"do": "team", "code": "NOSUCH"}).status_code == 404

    def test_closes_after_the_word_and_leaves_a_receipt(self, resident, day, client):
        sent = {"do": "close", "how": "DELETED", "word": "x", "reference": str(uuid.uuid4())}
        assert client.post("/carbon/me", sent).status_code == 422
        answer = client.post("/carbon/me", sent | {"word": "注销"}, follow=True)
        assert "注销并删除" in told(answer)
        assert client.get("/carbon").status_code == 302


class TestPoints:
    def test_are_donated_once_for_one_form(self, resident, day, client):
        sent = {"points": 5, "reference": str(uuid.uuid4())}
        for _ in range(2):
            assert client.post("/carbon/points", sent).status_code == 302
        assert Entry.objects.values_list("kind", "points").get() == ("DONATED", -5)
        assert client.post("/carbon/points", sent | {"reference": str(uuid.uuid4())}).status_code == 409
        assert client.get("/carbon/points?before=9" + "9" * 30).status_code == 200


class TestTheDesk:
    def test_answers_and_deducts_by_two_people(self, resident, day, client):
        code = resident.days.get().scenario.code
        client.post(f"/carbon/days/{day}", {"scenario": code, "said": "少算了"})
        party = world.party("OPER", at=timezone.now() - dt.timedelta(days=1))
        world.sign_in(client, party.initiator.membership.person)
        assert client.get("/desk/carbon").status_code == 200
        objection = Objection.objects.get()
        sent = client.post("/desk/carbon", {"do": "answer", "key": objection.pk, "said": "已复核。"})
        assert sent.status_code == 302
        about = {"do": "deduct", "account": resident.id, "points": 3, "reason": "重复报送"}
        assert client.post("/desk/carbon", about).status_code == 302
        asked = Deduction.objects.get()
        world.sign_in(client, party.confirmer.membership.person)
        taken = client.post("/desk/carbon", {"do": "take", "key": asked.pk, "said": ""})
        assert taken.status_code == 302
        assert Entry.objects.values_list("kind", "points").get() == ("DEDUCTED", -3)
        page = client.get("/desk/carbon").content.decode()
        assert "决定扣减" in page
        assert "DEDUCTED" not in page
        assert client.post("/desk/carbon", {"do": "take", "key": "nothing", "said": ""}).status_code == 404

    def test_is_not_there_for_residents(self, resident, client):
        assert client.get("/desk/carbon").status_code == 404


class TestThePortal:
    def test_makes_a_resident_of_a_citizen_nobody_knew(self, db):
        people.rules()
        from types import SimpleNamespace

        from tanhui.identity import adapters
        from tanhui.identity.pages import portal

        asked = SimpleNamespace(state={"next": "/carbon/open?x=1"})
        assert adapters.resident(asked)
        for elsewhere in ("/carbonara", "/", None, "/desk"):
            assert not adapters.resident(SimpleNamespace(state={"next": elsewhere}))
        who = portal.become_resident({"userinfo": {"name": "何静"}})
        assert (who.name, who.has_usable_password()) == ("何静", False)

"""The pages of shares: what the public, both sides and a holder see, and what a stranger does not."""

import copy

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from tests import world
from tests.projects import sharing
from tests.projects.sharing import NOON

from tanhui.identity.models import Instruction
from tanhui.notices import telling, waiting
from tanhui.projects import rollsheet
from tanhui.projects.models import Payout, Sale, SplitProposal, TenureRoll
from tanhui.projects.queries import shares

pytestmark = pytest.mark.django_db
LINE = "150404101\t甲村\t{key}\t{name}\t12.35\t{paper}\t农商行\t6228480000000011"


@pytest.fixture(scope="module")
def once(django_db_setup, django_db_blocker):
    """A project with a rule and a sale, in one transaction that all tests here share."""
    with django_db_blocker.unblock(), transaction.atomic():
        case = sharing.Case(password="x")
        case.rule = case.ruled(reference="once")
        case.sold = case.sell(reference="once")
        yield case
        transaction.set_rollback(True)


@pytest.fixture
def _django_db_helper(once):
    """In place of pytest-django's: a test's own transaction lies inside that of the module."""


@pytest.fixture
def case(once, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    with transaction.atomic():
        yield copy.copy(once)
        transaction.set_rollback(True)


@pytest.fixture
def as_(client):
    def enter(who):
        world.sign_in(client, (getattr(who, "membership", None) and who.membership.person) or who)
        return client

    return enter


def text(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


class TestPublic:
    def test_sees_sums_and_no_name(self, case, client):
        for page in (
            client.get(reverse("projects:shares")),
            client.get(reverse("projects:shares_project", args=[case.project.number])),
        ):
            shown = text(page)
            assert "1,000,000.07 元" in shown
            assert "张" not in shown.replace("纸张", "")
            assert "演示钢铁公司" not in shown
        assert "3 : 7" in shown
        assert client.get(reverse("projects:shares"), {"format": "xlsx"}).status_code == 200

    def test_sees_few_households_with_their_villages_only(self, case, client, monkeypatch):
        monkeypatch.setattr(shares, "number", lambda key, on, pack: 99)
        shown = text(client.get(reverse("projects:shares_project", args=[case.project.number])))
        assert "农户合计并入村集体" in shown

    @pytest.mark.parametrize("name", ["shares_desk", "shares_mine"])
    def test_signs_in_first(self, client, case, name):
        assert client.get(reverse(f"projects:{name}")).status_code == 302

    def test_finds_no_project_without_a_rule(self, client, case):
        assert client.get(reverse("projects:shares_project", args=[999_999])).status_code == 404


class TestStranger:
    def test_learns_nothing(self, case, as_):
        client = as_(case.stranger.initiator)
        proposal = SplitProposal.objects.get()
        for address in (
            reverse("projects:shares_desk"),
            reverse("projects:share_proposal", args=[proposal.pk]),
            reverse("projects:share_sale", args=[case.sold.pk]),
            reverse("projects:shares_project_desk", args=[case.project.number]),
            reverse("projects:shares_line", args=[case.line(case.sold).pk]),
        ):
            assert client.get(address).status_code == 404

    def test_of_another_county_learns_nothing_once_there_is_one(self, case, as_):
        other = world.party("AUTHL", password="x")
        client = as_(other.initiator)
        assert client.get(reverse("projects:shares_project_desk", args=[case.project.number])).status_code == 404
        assert client.get(reverse("projects:share_sale", args=[case.sold.pk])).status_code == 404


class TestCounty:
    def test_sees_its_desk_and_every_line_masked(self, case, as_):
        client = as_(case.county.initiator)
        assert case.project.name in text(client.get(reverse("projects:shares_desk")))
        assert "权利人名册" in text(client.get(reverse("projects:shares_project_desk", args=[case.project.number])))
        shown = text(client.get(reverse("projects:share_sale", args=[case.sold.pk])))
        assert "张*" in shown
        assert "张三" not in shown
        assert "6228480000000011" not in shown

    def test_pastes_a_roll(self, case, as_):
        client = as_(case.county.initiator)
        address = reverse("projects:roll_new", args=[case.project.number])
        assert "模板" in text(client.get(address))
        pasted = "\n".join(LINE.format(key=key, name="钱七", paper="") for key in ("001", "002"))
        answer = client.post(address, {"reference": "r-9", "source": "台账", "table": pasted})
        assert answer.status_code == 302
        assert TenureRoll.objects.latest("at", "number").holders_count == 2

    def test_is_told_every_fault_of_a_roll_and_keeps_none_of_it(self, case, as_):
        address = reverse("projects:roll_new", args=[case.project.number])
        pasted = "\n".join(
            [LINE.format(key="001", name="钱七", paper="123"), "x", LINE.format(key="", name="", paper="")]
        )
        before = TenureRoll.objects.count()
        client = as_(case.county.initiator)
        shown = text(client.post(address, {"reference": "r", "source": "台账", "table": pasted}), 422)
        assert "既不是有效的身份证号" in shown
        assert "有 1 列，应为 8 列" in shown
        assert TenureRoll.objects.count() == before

    def test_draws_a_list_and_takes_it_home(self, case, as_):
        client = as_(case.county.initiator)
        page = reverse("projects:share_sale", args=[case.sold.pk])
        answer = client.post(page, {"do": "HOLDERS", "reference": "pay-9"})
        asked = Instruction.objects.get(act=shares.PAY)
        assert answer.url == reverse("projects:shares_asked", args=[asked.pk])
        assert "须持有确认代表授权" not in text(client.get(answer.url))
        client = as_(case.county.confirmer)
        assert client.post(answer.url, {"do": "confirm"}).status_code == 302
        drawn = Payout.objects.get()
        book = client.post(reverse("projects:payout_bank", args=[drawn.pk]))
        assert book["Content-Type"].endswith("sheet")
        assert len(b"".join(book.streaming_content)) > 4000
        assert as_(case.city.initiator).post(reverse("projects:payout_bank", args=[drawn.pk])).status_code == 404

    def test_answers_a_dispute(self, case, as_):
        made = case.contest(case.line(case.sold), case.villager())
        tasks = waiting.tasks(case.county.initiator.membership.person, at=NOON)
        assert reverse("projects:share_sale", args=[case.sold.pk]) in [one.url for one in tasks]
        client = as_(case.county.initiator)
        page = reverse("projects:share_sale", args=[case.sold.pk])
        client.post(page, {"do": "answer", "dispute": made.pk, "text": "经核对无误", "upheld": "no"})
        assert "经核对无误" in text(client.get(page))

    def test_changes_an_account_with_a_colleague(self, case, as_):
        client = as_(case.county.initiator)
        address = reverse("projects:holder_account", args=[case.holder().pk])
        answer = client.post(address, {"reference": "a-1", "bank": "邮储", "account": "6210 9500 0003"})
        shown = text(as_(case.county.confirmer).get(answer.url))
        assert "…0003" in shown
        key, first = answer.url.rstrip("/").rsplit("/", 1)[-1], case.county.initiator.membership.person
        fact = telling.Fact("identity.instruction_given", 0, 1, {"instruction": key}, {}, first.pk, NOON)
        told = [(list(one.recipients(fact)), one) for one in telling.of(fact.kind)]
        ((people, one),) = [(people, one) for people, one in told if people]
        assert people == [case.county.confirmer.membership.person]
        assert (one.url(fact), one.words(fact)["initiator"]) == (answer.url, first.name)
        assert "62109500" not in shown


class TestCity:
    def test_previews_and_proposes_a_rule(self, case, as_):
        client = as_(case.city.initiator)
        address = reverse("projects:split_new", args=[case.project.number])
        assert 'value="3"' in text(client.get(address))
        given = {
            "reference": "p-9", "county": case.county.organisation.pk, "pack": sharing.PACK, "city_part": 2,
            "county_part": 8, "county_keeps": "0", "village_keeps": "10", "roll": str(case.rule.roll_id),
            "effective_from": "2026-06-05", "basis": "双方协商",
        }  # fmt: skip
        shown = text(client.post(address, given | {"do": "preview"}))
        assert "按新规则" in shown
        assert SplitProposal.objects.count() == 1
        answer = client.post(address, given | {"do": "propose"})
        assert "待签署" in text(client.get(answer.url))
        tasks = waiting.tasks(case.county.initiator.membership.person, at=NOON)
        assert answer.url in [one.url for one in tasks]
        client = as_(case.county.initiator)
        assert client.post(answer.url, {"do": "sign"}).status_code == 302
        client.post(answer.url, {"do": "drop", "reason": "再议"})
        assert "再议" in text(client.get(answer.url))

    def test_is_told_what_is_wrong_with_a_rule(self, case, as_):
        given = {
            "reference": "p-8", "county": case.county.organisation.pk, "pack": sharing.PACK, "city_part": 3,
            "county_part": 7, "county_keeps": "0", "village_keeps": "0", "roll": "", "effective_from": "2026-06-05",
            "basis": "双方协商", "do": "propose",
        }  # fmt: skip
        address = reverse("projects:split_new", args=[case.project.number])
        assert "权利人名册为空" in text(as_(case.city.initiator).post(address, given), 422)

    def test_enters_a_sale_and_takes_it_back(self, case, as_):
        address = reverse("projects:sale_new", args=[case.project.number])
        given = {
            "reference": "s-9", "contract": "HT-9", "buyer": "某公司", "sold_on": "2026-06-01", "quantity_t": 10,
            "amount": "650.05",
        }  # fmt: skip
        answer = as_(case.city.initiator).post(address, given)
        client = as_(case.city.confirmer)
        assert "650.05 元" in text(client.get(answer.url))
        client.post(answer.url, {"do": "confirm"})
        made = Sale.objects.get(contract="HT-9")
        page = reverse("projects:share_sale", args=[made.pk])
        client = as_(case.city.initiator)
        assert "到村到户明细仅旗县区可见" in text(client.get(page))
        asked = client.post(page, {"do": "reverse", "reference": "b-9", "reason": "合同解除"})
        assert as_(case.city.confirmer).post(asked.url, {"do": "confirm"}).status_code == 302
        assert Sale.objects.get(reverses=made).amount_fen == -65_005
        assert "已冲正" in text(client.get(page))

    def test_is_told_what_is_wrong_with_a_sale(self, case, as_):
        address = reverse("projects:sale_new", args=[case.project.number])
        given = {"reference": "s", "contract": "HT-1", "buyer": "某", "sold_on": "2026-06-01", "quantity_t": 10}
        client = as_(case.city.initiator)
        assert "已经分配" in text(client.post(address, given | {"amount": "1"}), 409)
        assert text(client.post(address, given | {"amount": "一百"}), 422)
        early = given | {"amount": "1", "contract": "X", "sold_on": "2025-01-01"}
        assert "没有生效的分配规则" in text(client.post(address, early), 409)

    def test_turns_down_what_a_colleague_asked(self, case, as_):
        asked = case.ask_sale(contract="HT-5", reference="s-5")
        client = as_(case.city.confirmer)
        address = reverse("projects:shares_asked", args=[asked.pk])
        assert client.post(address, {"do": "turn_down"}).status_code == 422
        assert client.post(address, {"do": "turn_down", "reason": "重复"}).status_code == 302
        assert "重复" in text(client.get(address))


class TestHolder:
    def test_sees_their_own_line_and_how_it_was_reckoned(self, case, as_):
        villager = case.villager()
        client = as_(villager)
        line = case.line(case.sold)
        assert reverse("projects:shares_line", args=[line.pk]) in text(client.get(reverse("projects:shares_mine")))
        shown = text(client.get(reverse("projects:shares_line", args=[line.pk])))
        assert "100.50 亩（名册合计 394.08 亩）" in shown
        assert client.get(reverse("projects:shares_line", args=[line.pk + 1])).status_code == 404

    def test_says_that_it_arrived(self, case, as_):
        case.draw(case.sold)
        client = as_(case.villager())
        address = reverse("projects:shares_line", args=[case.line(case.sold).pk])
        assert "钱到账了吗" in text(client.get(address))
        assert client.post(address, {"do": "receive"}).status_code == 302
        assert "已到账" in text(client.get(address))

    def test_contests_it(self, case, as_):
        client = as_(case.villager())
        address = reverse("projects:shares_line", args=[case.line(case.sold).pk])
        assert client.post(address, {"do": "contest", "reference": "d", "text": ""}).status_code == 422
        assert client.post(address, {"do": "contest", "reference": "d", "text": "少了两亩"}).status_code == 302
        assert "少了两亩" in text(client.get(address))
        assert "待答复" in text(client.post(address, {"do": "contest", "reference": "e", "text": "又少"}), 409)

    def test_who_has_none_is_told_what_to_do(self, case, as_):
        assert "请先绑定身份证件" in text(as_(world.person(password="x")).get(reverse("projects:shares_mine")))


class TestRollSheet:
    def test_reads_tabs_commas_full_width_and_both_kinds_of_number(self):
        code = world.uscc(77)
        given = "村代码\t村名\t户号\t姓名\t亩\t证件\t开户行\t账号\n" + LINE.format(
            key="００１", name="张三", paper=sharing.CITIZEN
        )
        rows, faults = rollsheet.read(given + "\n" + LINE.format(key="002", name="林场", paper=code))
        assert not faults
        assert [(one.key, one.weight, one.citizen, one.uscc) for one in rows] == [
            ("001", 1235, sharing.CITIZEN, ""), ("002", 1235, "", code),
        ]  # fmt: skip
        assert rollsheet.read("150404101,甲村,1,张三,1,,,")[0][0].weight == 100

    @pytest.mark.parametrize(
        "line",
        [
            "1504\t甲\t1\t张\t1\t\t\t", "150404101\t\t1\t张\t1\t\t\t", "150404101\t甲\t1\t张\t1.234\t\t\t",
            "150404101\t甲\t1\t张\t-1\t\t\t", "150404101\t甲\t1\t张\tNaN\t\t\t", "150404101\t甲\t1\t张\t1\t\t农商行\t",
            "150404101\t甲\t1\t张\t1\t\t\t6228480000000011", "150404101\t甲\t1\t" + "长" * 121 + "\t1\t\t\t",
        ],
    )  # fmt: skip
    def test_finds_fault(self, line):
        rows, faults = rollsheet.read(line)
        assert (rows, [one.line for one in faults]) == ([], [1])

    def test_finds_a_household_twice(self):
        line = LINE.format(key="001", name="张三", paper="")
        assert [one.line for one in rollsheet.read(f"{line}\n{line}")[1]] == [2]

    def test_offers_a_template_it_reads_itself(self):
        head, rows = rollsheet.template()
        assert not rollsheet.read("\n".join("\t".join(row) for row in [head, *rows]))[1]

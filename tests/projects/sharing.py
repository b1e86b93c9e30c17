"""A registered project of a city's company, its county, villages and households: what the tests of shares stand on."""

import datetime as dt
from contextlib import contextmanager

import pytest
from tests import world

from tanhui.identity.acts import realname
from tanhui.identity.models import Decision, Instruction
from tanhui.journal.models import Entry
from tanhui.kernel import identifiers, language
from tanhui.projects import splitting
from tanhui.projects.acts import dispute, payout, roll, sale, shares_second, split
from tanhui.projects.models import (
    AccountChange,
    Dispute,
    DisputeAnswer,
    Holder,
    Payout,
    PayoutLine,
    Receipt,
    Sale,
    ShareLine,
    SplitConsent,
    SplitProposal,
    SplitRule,
    TenureRoll,
)  # fmt: skip
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation

NOON, DAY = world.NOON, dt.timedelta(days=1)
TODAY = dt.date(2026, 6, 5)
PACK = "cn-chifeng-sinks-2024"
CITIZEN = "15040219800101123"
CITIZEN += identifiers.citizen_check(CITIZEN)


class Case:
    """City, county, a bank's worth of households; the packs in force."""

    def __init__(self, password=None):
        self.operator = world.operator()
        self.city = world.party("OWN", operator=self.operator, name="演示市农投集团", password=password)
        self.county = world.party("AUTHL", name="演示松山区林草局", password=password)
        self.stranger = world.party("PART", name="演示企业", password=password)
        self.validator = world.party("VVB", name="审定机构")
        self.project = world.project(operator=self.operator, owner=self.city, validator=self.validator)
        for name in (PACK, "demo-local"):
            activation.activate(
                pack=packs.ship(name), mode="demonstration", at=NOON, **self.operator.signatures.people
            )  # fmt: skip

    def rows(self):
        """Two villages with collectives; the first with three households, the second with one and a forest farm."""
        return [
            roll.Row(village_code="150404101", village="甲村", key="集体", name="甲村集体", weight=0, bank="农商行",
                     account="6228480000000001"),
            roll.Row(village_code="150404101", village="甲村", key="001", name="张三", weight=10_050, citizen=CITIZEN,
                     bank="农商行", account="6228480000000011"),
            roll.Row(village_code="150404101", village="甲村", key="002", name="李四光", weight=5_025, bank="农商行",
                     account="6228480000000012"),
            roll.Row(village_code="150404101", village="甲村", key="003", name="王五", weight=3_333),
            roll.Row(village_code="150404102", village="乙村", key="集体", name="乙村集体", weight=0),
            roll.Row(village_code="150404102", village="乙村", key="001", name="赵六", weight=20_000, bank="农商行",
                     account="6228480000000021"),
            roll.Row(village_code="150404102", village="乙村", key="002", name="演示林场", weight=1_000,
                     uscc=self.stranger.organisation.uscc, bank="农商行", account="6228480000000022"),
        ]  # fmt: skip

    def enter_roll(self, rows=None, reference="roll-1", at=NOON, mandate=None):
        return roll.enter(
            project=self.project, source="权属登记台账（2026）", rows=self.rows() if rows is None else rows,
            mandate=mandate or self.county.initiator, reference=reference, at=at,
        )  # fmt: skip

    def propose(self, *, terms=None, day=dt.date(2026, 1, 1), entered=None, by=None, reference="split-1", at=NOON,
                pack=PACK, basis="赤政办发〔2024〕59号"):  # fmt: skip
        return split.propose(
            project=self.project, county=self.county.organisation, terms=terms or splitting.Terms(city=3, county=7),
            roll=entered, effective_from=day, basis=basis, pack=pack, mandate=(by or self.city).initiator,
            reference=reference, at=at,
        )  # fmt: skip

    def confirm(self, asked, party, at=NOON):
        return shares_second.confirm(asked=asked, mandate=party.confirmer, at=at)

    def waiting(self, proposal, party, at=NOON):
        return next(one for one in split.waiting(proposal, at) if one.organisation_id == party.organisation.pk)

    def agree(self, proposal, at=NOON):
        """All signatures that are still missing."""
        for party in (self.city, self.county):
            held = [one for one in split.waiting(proposal, at) if one.organisation_id == party.organisation.pk]
            asked = (
                held[0]
                if held
                else split.sign(
                    proposal=proposal, mandate=party.initiator, reference=f"s-{proposal.pk.hex[:20]}", at=at
                )
            )
            self.confirm(asked, party, at)
        return SplitRule.objects.get(proposal=proposal)

    def ruled(self, reference="ruled", **overrides):
        """With a roll and a rule in force."""
        entered = self.enter_roll(reference=reference)
        return self.agree(self.propose(entered=entered, reference=reference, **overrides))

    def ask_sale(self, *, contract="HT-1", fen=100_000_007, tonnes=2000, day=dt.date(2026, 5, 20), reference="sale-1",
                 transfer=None, by=None, at=NOON, buyer="演示钢铁公司"):  # fmt: skip
        return sale.enter(
            project=self.project, contract=contract, buyer=buyer, sold_on=day, quantity_t=tonnes, amount_fen=fen,
            transfer=transfer, mandate=(by or self.city).initiator, reference=reference, at=at,
        )  # fmt: skip

    def sell(self, **overrides):
        self.confirm(self.ask_sale(**overrides), self.city)
        return Sale.objects.select_related("project__owner", "rule__county", "rule__city").latest("pk")

    def draw(self, sold, kind="HOLDERS", reference="pay-1", at=NOON):
        party = self.city if kind == "COUNTY" else self.county
        asked = payout.draw(sale=sold, kind=kind, mandate=party.initiator, reference=reference, at=at)
        self.confirm(asked, party, at)
        return Payout.objects.select_related("sale__project__owner", "sale__rule__county").latest("at", "number")

    def reverse(self, sold, reference="back-1", reason="合同解除"):
        asked = sale.reverse(
            sale=sold, reason=reason, mandate=self.city.initiator, reference=reference, at=NOON
        )  # fmt: skip
        self.confirm(asked, self.city)
        return Sale.objects.get(reverses=sold)

    def villager(self, number=CITIZEN, password=None, checked=True):
        """Somebody whose document has the number of a holder of the roll."""
        who = world.person(name="张三", password=password)
        bound = realname.bind(person=who, kind="CITIZEN", number=number, at=NOON, by=who)
        if checked:
            bound.checked_at, bound.checked_by = NOON, self.operator.initiator.membership.person
            bound.save()
        return who

    def line(self, sold, key="001", village="甲村"):
        rows = ShareLine.objects.select_related("sale__rule__county", "sale__project", "holder__organisation")
        return rows.get(sale=sold, village=village, holder__key=key, tier="HOUSEHOLD")

    def holder(self):
        """One who gave no account."""
        rows = Holder.objects.select_related("roll__project__owner")
        return rows.get(roll__project=self.project, village="甲村", key="003")

    def contest(self, line, who, reference="dispute-1", text="面积登记少了两亩"):
        return dispute.raise_own(line=line, text=text, by=who, reference=reference, at=NOON)


KEPT = [TenureRoll, SplitProposal, SplitConsent, SplitRule, Sale, ShareLine, Payout, PayoutLine, Receipt, Dispute]
KEPT += [DisputeAnswer, AccountChange, Instruction, Decision, Entry]


@contextmanager
def refuses(refusal, **facts):
    """The block is refused with these facts, says so in Chinese with a clause, and leaves nothing behind."""
    before = [model.objects.count() for model in KEPT]
    with pytest.raises(refusal) as caught:
        yield
    assert [model.objects.count() for model in KEPT] == before
    met = caught.value
    assert type(met) is refusal
    assert met.clause
    assert {name: met.facts[name] for name in facts} == facts
    assert world.CHINESE.search(language.translate(met.sentence, "zh-hans")), f"no Chinese for {met.code}"
    assert met.say("zh-hans")

"""Shares of the demonstration: a made-up roll, the rule 3 : 7 under four signatures, sales shared out and paid, a
dispute, and a change of the rule that waits for the other side. Everybody and every number is invented (演示)."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from tanhui.identity.acts import duty, realname
from tanhui.identity.models import Duty, Instruction, Mandate, Organisation, Person
from tanhui.kernel import clock, identifiers
from tanhui.projects import splitting
from tanhui.projects.acts import dispute, payout, roll, sale, shares_second, split
from tanhui.projects.models import Payout, Sale, ShareLine, SplitProposal, TenureRoll
from tanhui.projects.queries import shares
from tanhui.registry.models import Project
from tanhui.rulepacks import packs
from tanhui.rulepacks import queries as rules
from tanhui.rulepacks.acts import activation
from tanhui.site.demonstration.library import body
from tanhui.site.demonstration.opening import someone
from tanhui.site.demonstration.stage import Stage, given

DAY = timedelta(days=1)
PACK = "cn-chifeng-sinks-2024"
COUNTY = ("10000061", "演示旗林业和草原局", ("county-a", "鲍建国"), ("county-b", "萨仁"))
BASIS = "赤政办发〔2024〕59号：市本级与旗县区原则上按3:7分配（演示）"
VILLAGES = (("150430101201", "演示黄羊洼嘎查"), ("150430101203", "演示双井村"), ("150430102206", "演示哈拉勿苏嘎查"))
SURNAMES = "张王李赵刘陈杨白包吴孙周"
GIVEN = ("国强", "秀英", "巴特尔", "其其格", "建军", "桂芝", "青山", "乌兰", "永福", "淑珍")
CONTRACTS = ((1800, 72_50, 210, 70), (2650, 78_00, 120, 50), (1200, 81_30, 12, 12))  # t, fen/t, days ago: sold, entered


@transaction.atomic
def load(stage: Stage) -> None:
    """Bring it all about by the acts people use, once."""
    project = Project.objects.select_related("owner").filter(number=1).first()
    if project is None or project.rolls.exists():
        return
    now = timezone.now()
    if rules.in_force(PACK, clock.day(now)) is None:
        activation.activate(
            pack=packs.ship(PACK), mode="demonstration", at=now, **stage.signatures["registry"].people
        )  # fmt: skip
    code, name, first, second = COUNTY
    county = body(code, name, Organisation.Role.LOCAL_AUTHORITY, now)
    county_first, county_second = (
        given(someone(username, who, now), county, capacity, now)
        for (username, who), capacity in ((first, Mandate.Capacity.INITIATE), (second, Mandate.Capacity.CONFIRM))
    )
    city = stage.signatures["owner"]
    scene = Scene(project, (city.initiator, city.confirmer), (county_first, county_second), now)
    scene.rule()
    scene.sales()
    scene.change()


class Scene:
    """One step after the other."""

    def __init__(
        self, project: Project, city: tuple[Mandate, Mandate], county: tuple[Mandate, Mandate], now: datetime
    ) -> None:
        self.project, self.city, self.county, self.now = project, city, county, now

    def rule(self) -> None:
        """The roll, and the rule under two signatures of each side."""
        at, begins = self.now - 84 * DAY, clock.day(self.now - 240 * DAY)
        made = roll.enter(
            project=self.project, source="演示·集体林权确权登记台账（村民代表会议核对）", rows=rows(),
            mandate=self.county[0], reference="demo-roll", at=at,
        )  # fmt: skip
        proposal = self.propose(
            splitting.Terms(city=3, county=7, village_keeps=1000), made, at, "demo-split-1", BASIS, begins
        )
        self.agree(proposal, at)

    def propose(
        self,
        terms: splitting.Terms,
        made: TenureRoll,
        at: datetime,
        reference: str,
        basis: str,
        day: date,
    ) -> SplitProposal:
        return split.propose(
            project=self.project, county=self.county[0].membership.organisation, terms=terms, roll=made,
            effective_from=day, basis=basis, pack=PACK, mandate=self.city[0], reference=reference, at=at,
        )  # fmt: skip

    def agree(self, proposal: SplitProposal, at: datetime) -> None:
        (asked,) = split.waiting(proposal, at)
        shares_second.confirm(asked=asked, mandate=self.city[1], at=at + DAY)
        asked = split.sign(proposal=proposal, mandate=self.county[0], reference="demo-agree", at=at + 2 * DAY)
        shares_second.confirm(asked=asked, mandate=self.county[1], at=at + 3 * DAY)

    def sales(self) -> None:
        """Three sales: paid and received, on its way with a dispute, and one that was entered wrong and taken back."""
        for number, (tonnes, price, sold, days) in enumerate(CONTRACTS, 1):
            at = self.now - days * DAY
            asked = sale.enter(
                project=self.project, contract=f"演示-TH-{at.year}-{number:03d}", buyer="演示钢铁有限公司",
                sold_on=clock.day(self.now - sold * DAY), quantity_t=tonnes, amount_fen=tonnes * price, transfer=None,
                mandate=self.city[0], reference=f"demo-sale-{number}", at=at,
            )  # fmt: skip
            self.confirm(asked, self.city, at)
        first, second, third = shares.sales(self.project).order_by("pk")
        self.pay(first, self.now - 65 * DAY, arrived=True)
        self.contest(second)
        self.pay(second, self.now - 40 * DAY, arrived=False)
        asked = sale.reverse(
            sale=third, reason="演示：单价录入有误，冲正后重新登记。", mandate=self.city[0], reference="demo-back",
            at=self.now - 10 * DAY,
        )  # fmt: skip
        self.confirm(asked, self.city, self.now - 10 * DAY)

    def confirm(self, asked: Instruction, side: tuple[Mandate, Mandate], at: datetime) -> None:
        shares_second.confirm(asked=asked, mandate=side[1], at=at + timedelta(hours=3))

    def pay(self, sold: Sale, at: datetime, *, arrived: bool) -> None:
        for kind, side in ((Payout.Kind.COUNTY, self.city), (Payout.Kind.HOLDERS, self.county)):
            asked = payout.draw(sale=sold, kind=kind, mandate=side[0], reference=f"demo-{kind}-{sold.pk}", at=at)
            self.confirm(asked, side, at)
        to_county, to_holders = (sold.payouts.get(kind=kind) for kind in (Payout.Kind.COUNTY, Payout.Kind.HOLDERS))
        payout.receive_county(payout=to_county, mandate=self.county[0], at=at + 3 * DAY)
        if arrived:
            payout.note_slip(
                payout=to_holders, slip="演示农商行代发回单 0001", mandate=self.county[0], at=at + 5 * DAY
            )  # fmt: skip

    def contest(self, sold: Sale) -> None:
        """A household that can sign in finds its area too small; the county has not answered yet."""
        who = villager(self.now)
        line = shares.mine(who, at=self.now).filter(sale=sold).first()
        if line is not None:
            dispute.raise_own(
                line=ShareLine.objects.select_related("sale__project", "holder").get(pk=line.pk), by=who,
                text="我家在北梁的一块林地约 6 亩没有算进去，请核对（演示）。", reference="demo-dispute",
                at=self.now - 45 * DAY,
            )  # fmt: skip

    def change(self) -> None:
        """The city proposes another split; its own side has signed, the county has not."""
        made = self.project.rolls.get()
        proposal = self.propose(
            splitting.Terms(city=25, county=75, village_keeps=1000), made, self.now - 2 * DAY, "demo-split-2",
            "演示：市、旗联席会议纪要，自下月起向旗县倾斜至 2.5:7.5。", clock.day(self.now + 20 * DAY),
        )  # fmt: skip
        (asked,) = split.waiting(proposal, self.now - DAY)
        shares_second.confirm(asked=asked, mandate=self.city[1], at=self.now - DAY)


def citizen(number: int) -> str:
    made_up = f"15043019750101{number:03d}"
    return made_up + identifiers.citizen_check(made_up)


def villager(now: datetime) -> Person:
    """The first household of the roll, who can sign in; the counter has seen the (invented) card."""
    who = someone("villager-a", "张国强", now)
    bound = realname.bind(person=who, kind="CITIZEN", number=citizen(1), at=now, by=who)
    if bound.checked_at is None:
        officer = Person.objects.get(username="sec-a")
        if not Duty.objects.filter(person=officer, kind=Duty.Kind.SECURITY, until_at__isnull=True).exists():
            return who
        session = duty.begin(person=officer, duty=Duty.Kind.SECURITY, reason="窗口核验身份证件", minutes=30, at=now)
        realname.check(document=bound, number=citizen(1), at=now, by=officer)
        duty.end(session=session, by=officer, at=now)
    return who


def rows() -> list[roll.Row]:
    """Three villages with their collectives and thirty households; three of them have given no account yet."""
    found, number = [], 0
    for place, (code, village) in enumerate(VILLAGES):
        found.append(
            roll.Row(village_code=code, village=village, key="集体", name=f"{village}集体经济组织", weight=0,
                     bank="演示农村商业银行", account=f"62284800{place:08d}")
        )  # fmt: skip
        for household in range(10):
            number += 1
            name = SURNAMES[number % 12 - 1] + GIVEN[household]
            account = f"62284801{number:08d}" if number % 11 else ""
            found.append(
                roll.Row(
                    village_code=code, village=village, key=f"{household + 1:03d}", name=name,
                    weight=1_850 + 137 * (number * 7 % 29), citizen=citizen(number),
                    bank="演示农村商业银行" if account else "", account=account,
                )
            )  # fmt: skip
    return found

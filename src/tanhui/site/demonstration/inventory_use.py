"""What the made-up district's stock sinks are used for: products, works and an event, a pledge, compensation, restored
land, incentives (policy document 4, articles 11 to 15)."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from tanhui.identity.models import Instruction, Mandate, Organisation
from tanhui.inventory import queries, stock, townsheet
from tanhui.inventory.acts import compensation, incentive, pledge, product, restoration, second, supply
from tanhui.inventory.compensating import Formula
from tanhui.inventory.models import AccountingYear, Figure, Product, Restoration
from tanhui.kernel import identifiers
from tanhui.registry.acts.retirement import Beneficiary
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation
from tanhui.rulepacks.models import Activation
from tanhui.site.demonstration import inventory
from tanhui.site.demonstration.inventory import AUTHORITY, HANDLERS
from tanhui.site.demonstration.library import body
from tanhui.site.demonstration.opening import someone
from tanhui.site.demonstration.stage import Stage, given, made_up_uscc

DAY = timedelta(days=1)
EARLIER = 2021
CUT = "township_red_line"  # towns, each in what lies within the ecological red line and what does not
OFFERED = [  # zone and type; which of them go first, the polygons say
    ("330699102-in", "forest"), ("330699102-out", "forest"), ("330699101-out", "forest"), ("330699104-out", "forest"),
    ("330699105-out", "forest"),
]  # fmt: skip
# hectares by town: red line, nature reserve, without protection; public welfare, commercial; works
LAND = {
    "330699101": ("420", "180", "1650", "980", "1270", "0"),
    "330699102": ("1380", "260", "1940", "2150", "1430", "36.5"),
    "330699103": ("960", "0", "1720", "1240", "1440", "18.6"),
    "330699104": ("0", "75", "160", "120", "115", "0"),
    "330699105": ("0", "40", "310", "90", "260", "52.8"),
    "330699106": ("0", "210", "0", "60", "0", "0"),
}
WORKS = [  # name, kind, place, town, hectares, yuan, begun, finished, document
    (
        "竹苑镇横坞废弃矿山生态修复工程", "MINE", "竹苑镇横坞村", "330699103", 186_000, 1_286_000_00,
        date(2022, 3, 11), date(2023, 10, 28), "演示区发改〔2022〕12号",
    ),
    (
        "稻香镇跨村全域土地综合整治工程", "LAND", "稻香镇上塘、下塘等五村", "330699105", 528_000, 3_460_000_00,
        date(2025, 2, 17), None, "演示区政办〔2025〕7号",
    ),
    (
        "青岚乡松林退化林修复", "FOREST", "青岚乡北坡林区", "330699102", 365_000, 742_500_00,
        date(2022, 11, 5), date(2023, 6, 30), "演示区自然资发〔2022〕41号",
    ),
]  # fmt: skip
GRANTS = [  # kind, name of an organisation or person, what for, yuan, basis, days ago, paid days ago
    ("SUBSIDY", "演示云溪林业专业合作社", "毛竹林提质增汇1200亩", 180_000_00, "第十五条；区财政〔2026〕5号", 60, 32),
    ("SUBSIDY", "演示青岚股份经济合作社", "公益林管护与补植", 96_400_00, "第十五条；区财政〔2026〕5号", 58, 32),
    ("REWARD", "沈青禾", "护林巡山十年、举报非法采石", 5_000_00, "第十五条；区自然资发〔2026〕9号", 40, 21),
    ("REWARD", "陆远山", "湿地鸟类与植被长期义务观测", 3_000_00, "第十五条；区自然资发〔2026〕9号", 40, None),
    ("TAX", "演示绿源碳汇有限公司", "碳汇计量服务所得税优惠", 64_218_50, "第十五条；税务备案〔2026〕17号", 25, None),
]  # fmt: skip


def load(stage: Stage) -> None:
    """Use the published year's sinks, by the acts people use. What is there already stays as it is."""
    year, at = queries.in_force().first(), timezone.now()
    if year is None or Product.objects.exists():
        return
    if not AccountingYear.objects.filter(division_code=year.division_code, year=EARLIER).exists():
        inventory.Scene(stage, at).published(EARLIER)  # what restored land is compared with
    Scene(stage, year, at).play()


class Scene:
    def __init__(self, stage: Stage, year: AccountingYear, at: datetime) -> None:
        self.stage, self.year, self.at = stage, year, at
        authority = body(*AUTHORITY, Organisation.Role.NATURAL_RESOURCES, at)
        self.first, self.second = (
            given(someone(username, name, at), authority, capacity, at - 500 * DAY)
            for username, name, capacity in HANDLERS
        )

    def ago(self, days: int) -> datetime:
        return self.at - days * DAY

    def play(self) -> None:
        self.activate()
        self.offer()
        self.hand_on()
        self.use_up()
        self.give_in_pledge()
        self.share_out()
        self.restore()
        self.grant()
        self.leave_waiting()

    def activate(self) -> None:
        people = self.stage.signatures["registry"].people
        for name in (stock.RULES, "demo-compensation"):
            if not Activation.objects.filter(code=name).exists():
                activation.activate(pack=packs.ship(name), mode="demonstration", at=self.ago(36), **people)

    def confirm(self, asked: Instruction, by: Mandate, at: datetime) -> None:
        second.confirm(asked=asked, mandate=by, at=at)

    def figure(self, zone: str, kind: str) -> Figure:
        found: Figure = queries.published_figures(self.year).get(level="township", zone=zone, type=kind)
        return found

    # -- products

    def offer(self) -> None:
        offered = {(one.zone, one.type): one for one in stock.may_be_offered(self.year) if one.level == CUT}
        for number, key in enumerate(OFFERED):
            if key in offered:
                asked = product.offer(
                    figure=offered[key], mandate=self.first, reference=f"demo-offer-{number}", at=self.ago(35)
                )
                self.confirm(asked, self.second, self.ago(34))

    def hand_on(self) -> None:
        buyer = self.stage.bodies["buyer"]
        asked = supply.supply(
            target=buyer, tonnes=1200, district=self.year.division_code, reason="城市马拉松碳中和", mandate=self.first,
            reference="demo-supply-1", at=self.ago(28),
        )  # fmt: skip
        self.confirm(asked, self.second, self.ago(27))

    def use_up(self) -> None:
        signed = self.stage.signatures["buyer"]
        asked = supply.use(
            purpose="EVENT", undertaking="演示城市马拉松（2026）", beneficiary="演示城市马拉松组委会", tonnes=860,
            district=self.year.division_code, statement="赛事交通、物资与保障排放经核算后，以本地存量碳汇中和。",
            mandate=signed.initiator, reference="demo-use-1", at=self.ago(20),
        )  # fmt: skip
        self.confirm(asked, signed.confirmer, self.ago(19))
        asked = supply.use(
            purpose="WORKS", undertaking="东湖岸线自然资源整治工程", beneficiary="演示市自然资源和规划局", tonnes=430,
            district=self.year.division_code, statement="施工机械与材料运输排放。", mandate=self.first,
            reference="demo-use-2", at=self.ago(15),
        )  # fmt: skip
        self.confirm(asked, self.second, self.ago(14))

    def give_in_pledge(self) -> None:
        asked = pledge.pledge(
            creditor=self.stage.bodies["bank"], document="演示农商碳汇质字第2026-031号", loan_fen=600_000_00,
            tonnes=900, mandate=self.first, reference="demo-pledge-1", at=self.ago(12),
        )  # fmt: skip
        self.confirm(asked, self.second, self.ago(11))

    # -- compensation, works, incentives

    def share_out(self) -> None:
        formula = Formula.read(packs.ship("demo-compensation"))
        rows = [[code, name, *LAND[code]] for code, (name, _f, _s) in stock.towns(self.year).items() if code in LAND]
        title = f"{self.year.year}年度生态补偿转移支付资金分配"
        asked = compensation.propose(
            year=self.year, title=title, pack=formula.pack, budget_fen=8_600_000_00,
            towns=townsheet.read(townsheet.text(rows), self.year, formula), mandate=self.first,
            reference="demo-compensation-1", at=self.ago(9),
        )  # fmt: skip
        self.confirm(asked, self.second, self.ago(8))

    def restore(self) -> None:
        for name, kind, place, town, area_m2, cost_fen, began_on, ended_on, basis in WORKS:
            restoration.enter(
                name=name, kind=kind, place=place, division_code=self.year.division_code, level="township", zone=town,
                town_code=town, area_m2=area_m2, cost_fen=cost_fen, began_on=began_on, ended_on=ended_on, basis=basis,
                mandate=self.first, at=self.ago(7),
            )  # fmt: skip
        self.compare()

    def compare(self) -> None:
        """Compare what the published years allow."""
        for one in Restoration.objects.filter(ended_on__isnull=False):
            years = set(
                Figure.objects.filter(
                    computation__publication__accounting_year__state__in=AccountingYear.IN_FORCE, level=one.level,
                    zone=one.zone, type="all",
                ).values_list("year", flat=True)
            )  # fmt: skip
            before = [each for each in years if each < one.began_on.year]
            after = [each for each in years if one.ended_on is not None and each > one.ended_on.year]
            if before and after:
                restoration.assess(
                    works=one, before=max(before), after=min(after), mandate=self.first, at=self.ago(6)
                )  # fmt: skip

    def grant(self) -> None:
        for number, (kind, name, purpose, fen, clause, days, paid) in enumerate(GRANTS):
            asked = incentive.grant(
                kind=kind, recipient=recipient(name, number), purpose=purpose, amount_fen=fen, clause=clause,
                granted_on=timezone.localdate(self.ago(days)), division_code=self.year.division_code,
                mandate=self.first, reference=f"demo-incentive-{number}", at=self.ago(days - 1),
            )  # fmt: skip
            self.confirm(asked, self.second, self.ago(days - 2))
            if paid is not None:
                made, day = stock.incentives().order_by("-pk")[0], timezone.localdate(self.ago(paid))
                incentive.pay(incentive=made, paid_on=day, mandate=self.first, at=self.ago(paid - 1))

    def leave_waiting(self) -> None:
        """One request that waits for its second signature."""
        supply.use(
            purpose="EVENT", undertaking="世界湿地日公众开放活动", beneficiary="演示市自然资源和规划局", tonnes=12,
            district=self.year.division_code, mandate=self.first, reference="demo-use-3", at=self.ago(0),
        )  # fmt: skip


def recipient(name: str, number: int) -> Beneficiary:
    """A made-up organisation; of a made-up person only the masked form."""
    if len(name) > 3:
        return Beneficiary.read(kind="ORGANISATION", name=name, code=made_up_uscc(f"1000005{number}"))
    digits = f"15040219850612{number}23"[:17]
    return Beneficiary.read(kind="PERSON", name=name, code=digits + identifiers.citizen_check(digits))

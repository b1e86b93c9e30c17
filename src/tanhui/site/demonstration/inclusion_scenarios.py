"""The scheme of a made-up city (演示): scenarios of the five fields, three data providers, one day settled (policy
document 2, articles 2, 10 and 11). Everything is generated; the methodologies are the shelf's own."""

import json
import random
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from tanhui.identity.acts import enrolment
from tanhui.identity.models import Mandate, Organisation
from tanhui.inclusion import consent_texts, lakes
from tanhui.inclusion.acts import accounts, batches, budgeting, consents, providers, ruling, scenarios, settling
from tanhui.inclusion.models import Account, Consent, Provider, Pseudonym, Scenario, Suspicion
from tanhui.kernel import clock
from tanhui.site.demonstration.library import body
from tanhui.site.demonstration.opening import someone
from tanhui.site.demonstration.stage import Stage, given
from tanhui.tally import lake

DAY = timedelta(days=1)
ROLE = Organisation.Role
OPERATOR = ("10000081", "演示市碳普惠管理运营中心", ROLE.PLATFORM)
ASSESSOR = ("10000082", "演示市低碳技术评估中心", ROLE.TECHNICAL)
COMPANIES = {
    "transit": ("10000083", "演示市轨道交通运营有限公司", "incl-d", "马骏驰"),
    "bike": ("10000084", "演示青桔骑行科技有限公司", "incl-e", "叶知秋"),
    "box": ("10000085", "演示循环物流有限公司", "incl-f", "路平安"),
}
PLACE = {"division_code": "110105", "region_name": "北京市朝阳区（演示）"}
ABOUT: list[tuple[str, str, dict[str, Any]]] = [  # who applies, how far it comes, what it is
    ("transit", "OPERATING", {
        "code": "metro", "name": "地铁出行", "field": "TRAVEL", "methodology": "metro/v01", "ease": 1,
        "summary": "刷卡或扫码乘地铁，闸机记录即凭据，无需另外申报。",
    }),
    ("transit", "OPERATING", {
        "code": "bus", "name": "公交出行", "field": "TRAVEL", "methodology": "bus/v01", "ease": 1,
        "summary": "上下车均刷卡或扫码的公交行程。",
    }),
    ("bike", "OPERATING", {
        "code": "shared-bike", "name": "共享单车骑行", "field": "TRAVEL", "methodology": "cycling/v01", "ease": 2,
        "tracks": True, "summary": "开锁到关锁的骑行里程；轨迹经您单独同意才使用。",
    }),
    ("bike", "OPERATING", {
        "code": "walking", "name": "步行", "field": "TRAVEL", "methodology": "walking/v01", "steps": True, "ease": 2,
        "summary": "手环或手机计步折算的步行里程，每日设上限。",
    }),
    ("box", "OPERATING", {
        "code": "green-box", "name": "循环快递箱", "field": "GOODS", "methodology": "reusable_packaging/v01",
        "item": "express_box", "ease": 2, "summary": "寄收快递使用循环箱并当场归还。",
    }),
    ("box", "PUBLISHED", {
        "code": "e-invoice", "name": "电子发票", "field": "GOODS", "methodology": "online_errands/v01",
        "item": "e_invoice", "ease": 1, "summary": "开具电子发票，少一次跑腿、少一张纸。",
    }),
    ("box", "PUBLISHED", {
        "code": "paper-recycling", "name": "废纸回收", "field": "GOODS", "methodology": "recycling/v01",
        "item": "paper", "ease": 3, "summary": "智能回收机称重的废纸，按克计量。",
    }),
    ("box", "SUSPENDED", {
        "code": "green-hotel", "name": "绿色住宿", "field": "HOUSING", "methodology": "green_hotel/v01",
        "item": "amenities", "ease": 3, "summary": "住店不用一次性洗漱用品。",
    }),
    ("transit", "ASSESSED", {
        "code": "no-tableware", "name": "外卖无需餐具", "field": "FOOD", "methodology": "no_disposable_tableware/v01",
        "item": "pp", "ease": 2, "summary": "点外卖选择不要一次性餐盒。",
    }),
    ("box", "PUBLISHED", {
        "code": "clean-plate", "name": "光盘行动", "field": "FOOD", "methodology": "clean_plate/v01", "item": "meal",
        "ease": 4, "summary": "食堂就餐后识别光盘，凭消费单号计入。",
    }),
    ("bike", "APPLIED", {
        "code": "ev-driving", "name": "纯电动车出行", "field": "TRAVEL", "methodology": "ev_driving/v01", "ease": 4,
        "summary": "纯电动车代替燃油车的行驶里程。",
    }),
]  # fmt: skip
AGREEMENTS: dict[str, tuple[str, str, str, str, list[str]]] = {  # code, name, number, kinds, which scenarios
    "transit": (
        "city-transit", "演示轨道与公交数据", "演普惠数据〔2026〕1号", "进出站与上下车时间、里程", ["metro", "bus"],
    ),
    "bike": (
        "city-bike", "演示骑行与计步数据", "演普惠数据〔2026〕2号", "骑行订单起止时间与里程、按时段步数",
        ["shared-bike", "walking"],
    ),
    "box": (
        "city-box", "演示循环包装数据", "演普惠数据〔2026〕3号", "循环箱扫码归还记录", ["green-box", "green-hotel"],
    ),
}  # fmt: skip
RESIDENTS = 18
NAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦"
BUCKETS = 8  # of a demonstration's lake


def load(stage: Stage) -> None:
    """Build the scheme by the acts people use. What is there already stays as it is."""
    if not Scenario.objects.exists():
        Scene(timezone.now()).play()


class Scene:
    def __init__(self, at: datetime) -> None:
        self.at = at
        operator, assessor = (body(*one, at) for one in (OPERATOR, ASSESSOR))
        self.first = self.mandate("incl-a", "方绿舟", operator, "INITIATE")
        self.second = self.mandate("incl-b", "苏晓禾", operator, "CONFIRM")
        self.expert = self.mandate("incl-c", "严守真", assessor, "INITIATE")
        self.companies = {
            key: self.mandate(user, name, body(code, title, ROLE.SCENARIO, at), "INITIATE")
            for key, (code, title, user, name) in COMPANIES.items()
        }
        self.made: dict[str, Scenario] = {}
        self.providers: dict[str, Provider] = {}
        self.steps = 0

    def mandate(self, user: str, name: str, where: Organisation, capacity: str) -> Mandate:
        return given(someone(user, name, self.at), where, capacity, self.at - 400 * DAY)

    def ago(self, days: float) -> datetime:
        return self.at - days * DAY

    def play(self) -> None:
        lake.opened(lakes.folder(), BUCKETS)
        for number, (who, state, about) in enumerate(ABOUT):
            self.scenario(who, state, about, self.ago(90 - number))
        for key in AGREEMENTS:
            self.provider(key)
        for code, (_, state, _) in zip(self.made, ABOUT, strict=True):
            if state in ("OPERATING", "SUSPENDED"):
                for act in ("connect", "operate"):
                    self.step(code, act, self.first, self.ago(45))
        self.step(
            "green-hotel", "suspend", self.first, self.ago(20),
            "抽查发现个别酒店以整包更换代替按需提供，核销记录不能证明减少使用，整改复核后恢复。",
        )  # fmt: skip
        self.day(clock.day(self.ago(0.05)) - DAY)
        self.decide()
        budgeting.set_(
            month=clock.day(self.at).replace(day=1), fen=30_000_00, note="演示：市级碳普惠激励资金", mandate=self.first,
            at=self.ago(5),
        )  # fmt: skip

    def scenario(self, who: str, state: str, about: dict[str, Any], at: datetime) -> None:
        one = scenarios.apply_for(about=scenarios.About(**PLACE | about), mandate=self.companies[who], at=at)
        self.made[one.code] = one
        if state == "APPLIED":
            return
        self.step(one.code, "assess", self.expert, at + 8 * DAY, "方法学适用，数据可核，边界清晰，建议发布。")
        one = self.fresh(one.code)
        signed = self.at - DAY if state == "ASSESSED" else at + 12 * DAY
        scenarios.propose(
            scenario=one, revision=one.revision, mandate=self.first, reference=f"demo-{one.code}", at=signed
        )
        if state != "ASSESSED":
            scenarios.confirm(scenario=self.fresh(one.code), mandate=self.second, at=at + 13 * DAY)

    def fresh(self, code: str) -> Scenario:
        return Scenario.objects.select_related("instruction").get(code=code)

    def step(self, code: str, act: str, mandate: Mandate, at: datetime, reason: str = "") -> None:
        self.steps += 1
        scenarios.take(
            scenario=self.fresh(code), act=act, mandate=mandate, reference=f"demo-step-{self.steps}", at=at,
            reason=reason,
        )  # fmt: skip

    def provider(self, key: str) -> None:
        code, name, number, kinds, which = AGREEMENTS[key]
        at = self.ago(60)
        one = providers.enter(
            terms=providers.Terms(
                code=code, name=name, agreement=number, purpose="核算居民低碳行为减排量，不用于其他目的", kinds=kinds,
                retention_days=30, since=clock.day(at), until=clock.day(at) + 730 * DAY,
            ),
            organisation=self.companies[key].membership.organisation, scenarios_=[self.fresh(each) for each in which],
            mandate=self.first, at=at,
        )  # fmt: skip
        rows = [
            self.event(f"{n + 1:032d}", which[0], clock.day(at) - DAY, 8 + n % 10, 12, f"trial-{n}") for n in range(12)
        ]
        self.send(one, rows, "trial-1", self.ago(58))
        providers.issue(provider=one, label="生产系统", mandate=self.companies[key], at=self.ago(57))
        self.providers[key] = providers.turn(provider=one, state="LIVE", mandate=self.first, at=self.ago(50))

    # -- a day

    def event(self, person: str, code: str, on: date, hour: float, minutes: int, key: str) -> dict[str, Any]:
        """An ordinary event of a scenario; the hour is Beijing's."""
        speeds = {"metro": 600, "bus": 300, "shared-bike": 190, "walking": 105, "green-box": 0, "green-hotel": 0}
        scenario = self.made[code]
        began = clock.midnight_after(on - DAY) + timedelta(hours=hour)
        quantity = speeds[code] * minutes or 1
        return {
            "key": key, "person": person, "scenario": code, "unit": scenario.unit, "quantity": quantity,
            "began_at": began.isoformat(), "ended_at": (began + timedelta(minutes=minutes)).isoformat(),
        }  # fmt: skip

    def send(self, provider: Provider, rows: list[dict[str, Any]], reference: str, at: datetime) -> None:
        text = "\n".join(json.dumps(one, ensure_ascii=False) for one in rows)
        batches.take(provider=provider, way="HTTP", reference=reference, body=text.encode(), at=at)

    def residents(self) -> list[Account]:
        """People nobody signs in as; each switched on what they like."""
        found = []
        for number in range(RESIDENTS):
            name = NAMES[number] + "居民"
            who = enrolment.enrol(username=f"resident-{number + 1:02d}", name=name, password=None, at=self.ago(44))
            phone = f"199{number:08d}"
            found.append(
                accounts.open_account(
                    person=who, way="PHONE", subject=f"phone:{phone}", name=name, phone=phone,
                    text_version=consent_texts.CURRENT, at=self.ago(44), region=PLACE["division_code"],
                )
            )  # fmt: skip
        return found

    def day(self, on: date) -> None:
        """Yesterday: ordinary trips, a ride too fast to be true, and rows that are refused with their reasons."""
        dice = random.Random(20260606)  # noqa: S311 made-up events
        rows: dict[str, list[dict[str, Any]]] = {key: [] for key in self.providers}
        habits = [["metro", "walking"], ["bus", "walking"], ["shared-bike", "metro"], ["metro", "bus", "green-box"]]
        for number, account in enumerate(self.residents()):
            for code in habits[number % len(habits)]:
                consents.turn(
                    account=account, scenario=self.fresh(code), kind=Consent.Kind.GENERAL, on=True,
                    text_version=consent_texts.CURRENT, at=self.ago(43),
                )  # fmt: skip
                key = next(key for key, terms in AGREEMENTS.items() if code in terms[4])
                mark = Pseudonym.objects.get(account=account, provider=self.providers[key]).value
                for trip, hour in enumerate((7.5, 12.2, 18.4)[: 1 if code == "green-box" else 2]):
                    start = hour + 1.2 * habits[number % len(habits)].index(code)
                    minutes = 0 if code == "green-box" else dice.randint(9, 28)
                    event = self.event(mark, code, on, start, minutes, f"{code}-{number:03d}-{trip}")
                    rows[key].append(event)
        fast = rows["transit"][0] | {"key": "metro-too-fast", "quantity": 42_000}
        fast |= {"began_at": clock.midnight_after(on - DAY).isoformat(), "ended_at": minute(on, 4)}
        wrong = rows["transit"][1] | {"key": "metro-negative", "quantity": -300}
        stranger = rows["transit"][1] | {"key": "metro-stranger", "person": "f" * 32}
        rider = next(one["person"] for one in reversed(rows["transit"]) if one["scenario"] == "metro")
        other = fast | {"key": "metro-too-fast-2", "person": rider, "quantity": 36_500}
        rows["transit"] += [fast, other, wrong, stranger, rows["transit"][2]]
        for key, found in rows.items():
            self.send(self.providers[key], found, f"day-{on}", self.ago(0.05))
        made = settling.ask(day=on, mandate=self.first, at=self.ago(0.04))
        settling.carry_out(key=made.pk, told=lambda: self.ago(0.03))

    def decide(self) -> None:
        """What the rules held back: one is decided, others wait."""
        held = list(Suspicion.objects.order_by("rule", "key"))
        if len(held) > 1:
            ruling.decide(
                suspicion=held[0], outcome="REFUSED", reason="核对运营日志，该行程时间内无列车可达。",
                mandate=self.first, at=self.ago(0.02),
            )  # fmt: skip


def minute(on: date, number: int) -> str:
    return (clock.midnight_after(on - DAY) + timedelta(minutes=number)).isoformat()

"""Residents of the made-up city (演示): their days of the last weeks, points, teams, and what somebody found wrong.

Nobody here exists; the figures follow the scenarios' own rules.
"""

import json
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tanhui.identity.acts import enrolment, residents
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.inclusion import consent_texts
from tanhui.inclusion.acts import (
    accounts,
    answering,
    batches,
    consents,
    demonstrating,
    keeping,
    points,
    ruling,
    settling,
)
from tanhui.inclusion.models import Account, Consent, Entry, Provider, Pseudonym, Scenario, Suspicion
from tanhui.kernel import clock
from tanhui.site import logins
from tanhui.site.demonstration.stage import Stage

if TYPE_CHECKING:
    import pyarrow as pa

DAYS = 42  # as long as the scenarios operate
FRIENDS = [  # name, how they are shown, habits: a scenario and the amounts of a day
    ("林晓青", "青青草", {"metro": 14_000, "walking": 7_500, "green-box": 1}),
    ("顾远航", "远航", {"metro": 22_000, "bus": 5_000}), ("许一诺", "一诺千金", {"bus": 9_000, "walking": 9_000}),
    ("蒋北辰", "北辰", {"shared-bike": 5_200, "metro": 12_000}), ("魏知夏", "知夏", {"walking": 12_000}),
    ("陶然", "陶陶", {"metro": 18_000}), ("姜南星", "南星", {"bus": 7_000, "green-box": 1}),
    ("方小满", "小满", {"walking": 6_000, "shared-bike": 3_000}), ("余秋白", "秋白", {"metro": 9_000, "bus": 4_000}),
    ("俞安然", "安然", {"shared-bike": 4_000}), ("柳如烟", "", {"metro": 16_000, "walking": 5_000}),
]  # fmt: skip


# Steps a day, and an hour of one of them, of a volunteer who wore a wristband for a month: Furberg et al., Zenodo
# record 53894, as published on Kaggle (“FitBit Fitness Tracker Data”, CC0); whose they are, nobody knows.
WORN = [
    10735, 10460, 9685, 12669, 9705, 13019, 15506, 10544, 9819, 12764, 14371, 10039, 15355, 13755, 18125, 13091, 11181,
    14673, 10602, 14710, 15103, 11100, 14047, 12159, 11992, 10060, 12022, 12207, 12804, 6787,
]  # fmt: skip
HOURS = {
    7: 126, 8: 275, 9: 1679, 10: 295, 11: 524, 12: 486, 13: 302, 14: 1577, 15: 493, 16: 299, 17: 695, 18: 1343, 19: 258,
}  # fmt: skip
WEEKEND = 5  # from this day of the week on nobody commutes


def load(stage: Stage) -> None:
    """Open the accounts and give them their days; what is there already stays as it is."""
    if not Person.objects.filter(username="green-a").exists() and Scenario.objects.filter(state="OPERATING").exists():
        Scene(timezone.now()).play()


class Scene:
    def __init__(self, at: datetime) -> None:
        self.at = at
        self.scenarios = {one.code: one for one in Scenario.objects.filter(state="OPERATING")}
        self.dice = random.Random(20261122)  # noqa: S311 made-up days

    def ago(self, days: float) -> datetime:
        return self.at - timedelta(days=days)

    def play(self) -> None:
        opened = [self.resident(number, *one) for number, one in enumerate(FRIENDS)]
        if villager := Person.objects.filter(username="villager-a").first():
            opened.append((self.open(villager, "张国强", 30, ""), {"walking": 8_000, "bus": 6_000}))
        team = accounts.found_team(account=opened[0][0], name="向日葵社区", at=self.ago(30))
        for account, _habits in opened[1:5]:
            accounts.join(account=account, code=team.code, at=self.ago(29))
        today = clock.day(self.ago(0.05))  # not yet the new day just after midnight: its eve would not be over
        for back in range(DAYS, 1, -1):
            day = today - timedelta(days=back)
            demonstrating.post(day=day, table=self.table(opened, back), at=self.ago(back - 1))
        self.yesterday(opened[0][0], today - timedelta(days=1))
        self.afterwards(opened[0][0])
        for month in {today, today.replace(day=1) - timedelta(days=1)}:
            keeping.count(month=month, at=self.at)

    def resident(self, number: int, name: str, shows: str, habits: dict[str, int]) -> tuple[Account, dict[str, int]]:
        if number == 0:
            who = enrolment.enrol(username="green-a", name=name, password=logins.password(), at=self.ago(44))
        else:
            who = residents.enrol(name=name, at=self.ago(44))
        account = self.open(who, name, number, shows)
        for code in habits:
            if scenario := self.scenarios.get(code):
                given = {"text_version": consent_texts.CURRENT, "at": self.ago(43)}
                consents.turn(account=account, scenario=scenario, kind=Consent.Kind.GENERAL, on=True, **given)  # type: ignore[arg-type]
        return account, habits

    def open(self, who: Person, name: str, number: int, shows: str) -> Account:
        phone = f"188{number:08d}"
        account = accounts.open_account(
            person=who, way="PHONE", subject=f"phone:{phone}", name=name, phone=phone, region="110105",
            text_version=consent_texts.CURRENT, at=self.ago(44),
        )  # fmt: skip
        if shows:
            accounts.correct(account=account, name=name, region="110105", shows=shows, at=self.ago(43))
        return account

    def table(self, opened: list[tuple[Account, dict[str, int]]], back: int) -> "pa.Table":
        """A day as its settlement writes it."""
        rows = []
        for account, habits in opened:
            for code, amount in habits.items():
                scenario = self.scenarios.get(code)
                if scenario is None or not self.does(code, back):
                    continue
                quantity = max(1, int(amount * self.dice.uniform(0.6, 1.3)))
                if account.pk == opened[0][0].pk and code == "walking":
                    quantity = WORN[back % len(WORN)]
                exact = quantity * scenario.rule["numerator"] // scenario.rule["denominator"]
                rows.append((account.pk, code, min(exact, scenario.cap_day_g or exact), exact, quantity))
        return demonstrating.table(rows, seed=back)

    def does(self, code: str, back: int) -> bool:
        """People commute on working days, return a box now and then, and walk nearly always."""
        weekday = clock.day(self.ago(back)).weekday()
        often = {"metro": 0.9, "bus": 0.9, "shared-bike": 0.6, "walking": 0.95, "green-box": 0.2}[code]
        return self.dice.random() < (often if code in ("walking", "green-box") or weekday < WEEKEND else often / 3)

    def yesterday(self, account: Account, day: date) -> None:
        """Her own day as two providers report it: settled with everybody's, one ride held back, another decided."""
        turned = {"kind": Consent.Kind.GENERAL, "on": True, "text_version": consent_texts.CURRENT, "at": self.ago(43)}
        consents.turn(account=account, scenario=self.scenarios["shared-bike"], **turned)  # type: ignore[arg-type]
        rides = [("walking", hour, 59, steps) for hour, steps in HOURS.items()]
        rides += [("shared-bike", 20, 10, 9_000), ("shared-bike", 21, 12, 10_800)]  # 54 km an hour
        self.report("city-bike", account, day, rides)
        self.report("city-transit", account, day, [("metro", 8.1, 24, 14_300), ("metro", 18.2, 26, 14_900)])
        made = settling.ask(day=day, mandate=operator(), at=self.ago(0.015))
        settling.carry_out(key=made.pk, told=lambda: self.ago(0.014))
        first = Suspicion.objects.filter(account=account.pk).order_by("facts__began_at").first()
        if first is not None:
            ruling.decide(
                suspicion=first, outcome="REFUSED", reason="开锁与关锁相距 9 公里、历时 10 分钟，骑行无法达到。",
                mandate=operator(), at=self.ago(0.01),
            )  # fmt: skip

    def report(self, code: str, account: Account, day: date, done: Sequence[tuple[str, float, int, int]]) -> None:
        """What somebody did, sent by a provider: scenario, hour in Beijing, minutes, quantity."""
        provider = Provider.objects.get(code=code)
        mark = Pseudonym.objects.get(account=account, provider=provider).value
        midnight = clock.midnight_after(day - timedelta(days=1))
        rows = [
            {
                "key": f"{name}-own-{number}", "person": mark, "scenario": name, "unit": self.scenarios[name].unit,
                "quantity": quantity, "began_at": (midnight + timedelta(hours=hour)).isoformat(),
                "ended_at": (midnight + timedelta(hours=hour, minutes=minutes)).isoformat(),
            }
            for number, (name, hour, minutes, quantity) in enumerate(done)
        ]  # fmt: skip
        body = "\n".join(json.dumps(one) for one in rows).encode()
        batches.take(provider=provider, way="HTTP", reference=f"own-{day}", body=body, at=self.ago(0.02))

    def afterwards(self, account: Account) -> None:
        """Points given to the public good, an objection that was answered and one that waits."""
        points.take(account=account, kind=Entry.Kind.DONATED, points=20, reference="demo-donation", at=self.ago(8))
        day, metro = clock.day(self.ago(6)), self.scenarios["metro"]
        done = set(account.days.filter(scenario=metro).values_list("day", flat=True))
        if day in done:
            said = answering.object_to(
                account=account, scenario=metro, day=day, said="这天我坐了两趟地铁，好像只算了一趟。", at=self.ago(5)
            )
            answering.answer(
                objection=said,
                said="已核对闸机记录，第二趟为同站进出，按方法学不计。",
                mandate=operator(),
                at=self.ago(3),
            )
        if (earlier := day - timedelta(days=3)) in done:
            answering.object_to(
                account=account, scenario=metro, day=earlier, said="里程比地图上的短，请核对。", at=self.ago(2)
            )


def operator() -> Mandate:
    """Who answers at the platform."""
    found = Mandate.objects.filter(
        membership__organisation__role=Organisation.Role.PLATFORM, capacity=Mandate.Capacity.INITIATE
    )
    return found.select_related("membership__person", "membership__organisation").order_by("pk")[0]

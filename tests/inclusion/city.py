"""A small city: an operator, an assessor, a provider that is live, residents who switched a scenario on."""

import datetime as dt
import itertools
import json
from dataclasses import dataclass, field

from tests import world
from tests.inclusion import people

from tanhui.identity.models import Organisation
from tanhui.inclusion import consent_texts
from tanhui.inclusion.acts import batches, consents, providers, scenarios, settling
from tanhui.inclusion.models import Consent, Pseudonym

START = world.NOON  # Friday 2026-06-05, 12:00 in Beijing
DAY = dt.date(2026, 6, 6)
NEXT = START + dt.timedelta(days=2)
NUMBERS = itertools.count(1)
ABOUT = {
    "code": "metro-bj", "name": "地铁出行", "field": "TRAVEL", "methodology": "metro/v01", "division_code": "110105",
    "region_name": "北京市朝阳区", "ease": 1,
}  # fmt: skip
TERMS = {
    "code": "metro", "name": "演示地铁", "agreement": "碳普惠数据〔2026〕1号", "purpose": "核算减排量",
    "kinds": "进出站记录", "retention_days": 365, "since": dt.date(2026, 1, 1), "until": dt.date(2028, 1, 1),
}  # fmt: skip
REF = itertools.count(1)


def ref():
    return f"r{next(REF)}"


@dataclass
class City:
    """Bodies with both signatures, the scenario in operation, its provider, and residents with their marks."""

    operator: world.Party
    assessor: world.Party
    company: world.Party
    scenario: object = None
    provider: object = None
    marks: list = field(default_factory=list)
    accounts: list = field(default_factory=list)

    def apply(self, at=START, **overrides):
        about = scenarios.About(**ABOUT | overrides)
        return scenarios.apply_for(about=about, mandate=self.company.initiator, at=at)

    def step(self, one, act, who=None, at=START, **more):
        who = who or (self.assessor if act in ("assess", "refuse", "reassess") else self.operator)
        return scenarios.take(
            scenario=one, act=act, mandate=who.initiator, reference=ref(), at=at, **more
        ).scenario  # fmt: skip

    def publish(self, one, at=START):
        one = self.step(one, "assess", at=at)
        scenarios.propose(scenario=one, revision=one.revision, mandate=self.operator.initiator, reference=ref(), at=at)
        one.refresh_from_db()
        scenarios.confirm(scenario=one, mandate=self.operator.confirmer, at=at)
        one.refresh_from_db()
        return one

    def enter(self, *rows, at=START, **overrides):
        return providers.enter(
            terms=providers.Terms(**TERMS | overrides), organisation=self.company.organisation, scenarios_=list(rows),
            mandate=self.operator.initiator, at=at,
        )  # fmt: skip

    def try_out(self, provider, scenario, rows=10, at=START):
        body = lines(
            *(event(f"{number + 1:032d}", scenario, key=f"t{number}", day=START.date() - dt.timedelta(days=1))
              for number in range(rows))
        )  # fmt: skip
        return batches.take(provider=provider, way="HTTP", reference=ref(), body=body, at=at)

    def operate(self, one, provider, at=START):
        self.try_out(provider, one, at=at)
        provider = providers.turn(provider=provider, state="LIVE", mandate=self.operator.initiator, at=at)
        one = self.step(one, "connect", at=at)
        return self.step(one, "operate", at=at), provider

    def resident(self, *rows, at=START):
        """An account that switched the scenarios on; its number and its mark at the provider."""
        account, _ = people.resident(at=at)
        for one in rows or [self.scenario]:
            consents.turn(
                account=account, scenario=one, kind=Consent.Kind.GENERAL, on=True,
                text_version=consent_texts.CURRENT, at=at,
            )  # fmt: skip
        mark = Pseudonym.objects.get(account=account, provider=self.provider).value
        self.accounts.append(account)
        self.marks.append(mark)
        return account, mark

    def take(self, *rows, at=NEXT, reference=None, **more):
        return batches.take(
            provider=self.provider, way="HTTP", reference=reference or ref(), body=lines(*rows), at=at, **more
        )

    def settle(self, day=DAY, at=NEXT):
        made = settling.ask(day=day, mandate=self.operator.initiator, at=at)
        settling.carry_out(key=made.pk, told=lambda: at)
        made.refresh_from_db()
        return made


def event(person, scenario, *, key=None, day=DAY, hour=8, minutes=20, metres=8_000, **more):
    """A trip; ``hour`` in Beijing."""
    began = dt.datetime(day.year, day.month, day.day, hour, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    return {
        "key": key or f"k{next(NUMBERS)}", "person": person, "scenario": scenario.code, "unit": scenario.unit,
        "began_at": began.isoformat(), "ended_at": (began + dt.timedelta(minutes=minutes)).isoformat(),
        "quantity": metres,
    } | more  # fmt: skip


def lines(*rows):
    return b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in rows)


def found():
    """The bodies alone, with the numbers of the rule pack."""
    people.rules()
    return City(world.party("OPER"), world.party("TECH"), world.party("SCEN"))


def built(many=3):
    """Everything in operation, and some residents."""
    city = found()
    one = city.publish(city.apply())
    city.scenario, city.provider = city.operate(one, city.enter(one))
    for _ in range(many):
        city.resident()
    return city


assert Organisation.Role.PLATFORM == "OPER"

"""A pool of the made-up city (演示): a month of driving electrically becomes a tonne, is verified and issued, and what
it earned pays for rewards (policy document 2, article 9). The days are generated; a smaller rest waits for the next."""

import hashlib
import random
from datetime import date, datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from tanhui.identity.models import Mandate
from tanhui.inclusion.acts import demonstrating, issuing, pooling, scenarios
from tanhui.inclusion.models import Account, Pool, Scenario
from tanhui.kernel import clock
from tanhui.kernel.period import Period as Days
from tanhui.registry.acts import account, project
from tanhui.registry.models import Project
from tanhui.site.demonstration import inclusion_scenarios as scheme
from tanhui.site.demonstration.library import body
from tanhui.site.demonstration.opening import someone
from tanhui.site.demonstration.stage import Stage, given
from tanhui.site.demonstration.story import verifying

ABOUT = scenarios.About(
    code="ev-pool", name="新能源车出行（汇集）", field="TRAVEL", methodology="ev_driving/v01", ease=3, pooled=True,
    summary="新能源车代替燃油车的里程，减排量汇集成整吨签发，收益用于居民激励，不另发积分。（演示）",
    division_code=scheme.PLACE["division_code"], region_name=scheme.PLACE["region_name"],
)  # fmt: skip
FIRST, LAST = 40, 9  # days ago


def load(stage: Stage) -> None:
    """Build it by the acts people use; what is there already stays as it is."""
    if Scenario.objects.exists() and not Scenario.objects.filter(code=ABOUT.code).exists():
        Scene(stage, timezone.now()).play()


class Scene:
    def __init__(self, stage: Stage, at: datetime) -> None:
        self.stage, self.at = stage, at
        self.operator = body(*scheme.OPERATOR, at)
        self.first = self.mandate("incl-a", "方绿舟", "INITIATE")
        self.second = self.mandate("incl-b", "苏晓禾", "CONFIRM")
        where = body(*scheme.ASSESSOR, at)
        self.expert = given(someone("incl-c", "严守真", at), where, "INITIATE", at)

    def mandate(self, user: str, name: str, capacity: str) -> Mandate:
        return given(someone(user, name, self.at), self.operator, capacity, self.at)

    def ago(self, days: float) -> datetime:
        return self.at - timedelta(days=days)

    def play(self) -> None:
        one = self.scenario()
        self.days(one)
        pool = self.pool(one, self.project())
        pooling.verify(
            pool=pool, report_sha256=hashlib.sha256("演示核查报告".encode()).hexdigest(),
            verifier=verifying(self.stage), at=self.ago(6), demonstration=True,
        )  # fmt: skip
        pool.refresh_from_db()
        registry = self.stage.signatures["registry"]
        asked = issuing.ask(pool=pool, mandate=registry.initiator, reference="demo-pool-issue", at=self.at)
        issuing.confirm(pool=pool, asked=asked, mandate=registry.confirmer, at=self.at)
        earned = pooling.ask_earned(
            pool=pool, sale="演示交易-2026-0007", tonnes=1, fen=86_00, mandate=self.first, reference="demo-pool-sale",
            at=self.at,
        )  # fmt: skip
        pooling.confirm_earned(asked=earned, mandate=self.second, at=self.at)

    def scenario(self) -> Scenario:
        """Published for pooling, and in operation with the provider of rides."""
        transit = body(*scheme.COMPANIES["transit"][:2], scheme.ROLE.SCENARIO, self.at)
        applicant = given(someone(*scheme.COMPANIES["transit"][2:], self.at), transit, "INITIATE", self.at)
        made = scenarios.apply_for(about=ABOUT, mandate=applicant, at=self.ago(70))
        self.step(made, "assess", self.expert, 62)
        made.refresh_from_db()
        scenarios.propose(
            scenario=made, revision=made.revision, mandate=self.first, reference="demo-ev-pool", at=self.ago(58)
        )
        made.refresh_from_db()
        scenarios.confirm(scenario=made, mandate=self.second, at=self.ago(57))
        made.providers.add(transit.providers.get())
        self.step(made, "connect", self.first, 45)
        self.step(made, "operate", self.first, 44)
        made.refresh_from_db()
        return made

    def step(self, one: Scenario, act: str, mandate: Mandate, back: int) -> None:
        one.refresh_from_db()
        scenarios.take(
            scenario=one, act=act, mandate=mandate, reference=f"demo-ev-pool-{act}", at=self.ago(back),
            reason="行驶数据可由车联网核对，建议发布。" if act == "assess" else "",
        )  # fmt: skip

    def days(self, one: Scenario) -> None:
        """What drivers saved: some kilograms a day, under the cap."""
        dice = random.Random(20260708)  # noqa: S311 made-up days
        drivers = list(Account.objects.filter(state=Account.State.ACTIVE).order_by("number")[:18])
        today = clock.day(self.at)
        for back in range(FIRST, 1, -1):
            grams = [(driver.pk, dice.randrange(1_400, 3_600)) for driver in drivers]
            rows = [(pk, one.code, each, each, each * 9) for pk, each in grams]
            made = demonstrating.table(rows, seed=back)
            demonstrating.post(day=today - timedelta(days=back), table=made, at=self.ago(back - 1), again=True)

    def project(self) -> Project:
        registry, today = self.stage.signatures["registry"], clock.day(self.at)
        highest = Project.objects.aggregate(highest=Max("number"))["highest"] or 0
        account.open_account(organisation=self.operator, signatures=registry, at=self.at)
        return project.register(
            number=highest + 1, name="演示市居民新能源车出行碳普惠项目", kind="碳普惠", owner=self.operator,
            scheme="DEMO", province="11", region=scheme.PLACE["region_name"], methodology="EV-DRIVING-V01",
            methodology_version="V01", rule_pack="demo-local", validator=self.stage.bodies["validator"],
            crediting=Days(date(today.year - 1, 1, 1), date(today.year + 5, 1, 1)), signatures=registry, at=self.at,
        )  # fmt: skip

    def pool(self, one: Scenario, into: Project) -> Pool:
        today = clock.day(self.at)
        asked = pooling.ask(
            scenario=one, project=into, first=today - timedelta(days=FIRST), last=today - timedelta(days=LAST),
            mandate=self.first, reference="demo-pool", at=self.ago(8),
        )  # fmt: skip
        pooling.confirm(pool=asked, mandate=self.second, at=self.ago(7))
        asked.refresh_from_db()
        return asked

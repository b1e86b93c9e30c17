"""Three projects on their way: afforestation like Chifeng's on notice to its stakeholders, a national one in
validation, and rice that is registered and monitors its first season. Bodies, people and numbers are invented."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import shapely
from django.utils import timezone

from tanhui.files.acts import receiving
from tanhui.files.models import Upload
from tanhui.identity.acts import enrolment
from tanhui.identity.acts import verifier as bodies
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.kernel import clock
from tanhui.kernel.period import Period as Days
from tanhui.methods.engine import tables
from tanhui.projects import checklists, deadlines
from tanhui.projects.acts import (
    asking,
    checking,
    commenting,
    correcting,
    drafting,
    experts,
    monitoring,
    panel,
    papers,
    reporting,
    steps,
    timing,
    writing,
)
from tanhui.projects.models import Development, Monitoring
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation
from tanhui.rulepacks.models import Activation
from tanhui.site.demonstration import library
from tanhui.site.demonstration.library import body
from tanhui.site.demonstration.opening import drawn, someone
from tanhui.site.demonstration.projects_cycle_texts import CCER, CHIFENG, RICE, RICE_FARM, RICE_PROJECT
from tanhui.site.demonstration.stage import Stage, given

DAY = timedelta(days=1)
PACK = "cn-chifeng-sinks-2024"
COUNTY = ("10000061", "演示旗林业和草原局", ("county-a", "鲍建国"), ("county-b", "萨仁"))
CITY = ("10000062", "演示市林业和草原局", ("city-a", "白永胜"), ("city-b", "于秀兰"))
FARMING = ("10000063", "演示农业碳汇审定中心", ("valid-c", "姚立本"), ("valid-d", "华小满"))
FIRST, SECOND = Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM
Subject = Development | Monitoring


@dataclass
class Pair:
    """A body with the two who sign for it."""

    organisation: Organisation
    first: Mandate
    second: Mandate


def pair(code: str, name: str, role: str, one: tuple[str, str], other: tuple[str, str], at: datetime) -> Pair:
    return manned(body(code, name, role, at), one, other, at)


def manned(organisation: Organisation, one: tuple[str, str], other: tuple[str, str], at: datetime) -> Pair:
    told = unseen if one[0].startswith("valid-c") else someone
    first, second = (
        given(told(username, name, at), organisation, capacity, at)
        for (username, name), capacity in ((one, FIRST), (other, SECOND))
    )
    return Pair(organisation, first, second)


def load(stage: Stage) -> None:
    """Bring the three about by the acts people use; what is there already stays as it is."""
    if Development.objects.exists():
        return
    now = timezone.now()
    if not Activation.objects.filter(code=PACK).exists():
        people = stage.signatures["registry"].people
        activation.activate(pack=packs.ship(PACK), mode="demonstration", at=now, **people)
    walk = Walk(stage, now)
    walk.qualify()
    walk.rice()
    walk.chifeng()
    walk.national()


def unseen(username: str, name: str, at: datetime) -> Person:
    """Somebody of the story who never signs in."""
    return Person.objects.filter(username=username).first() or enrolment.enrol(
        username=username, name=name, password=None, at=at
    )


@dataclass
class Walk:
    """Everybody who takes a step, and the clock they share."""

    stage: Stage
    now: datetime
    at: datetime = field(init=False)
    sides: dict[str, Pair] = field(init=False)
    scan: Upload = field(init=False)

    def __post_init__(self) -> None:
        now = self.now
        self.at = now - 85 * DAY
        owner, registry = self.stage.signatures["owner"], self.stage.signatures["registry"]
        authority = body(*library.AUTHORITY, Organisation.Role.AUTHORITY, now)
        local = Organisation.Role.LOCAL_AUTHORITY
        self.farming = pair(FARMING[0], FARMING[1], Organisation.Role.VERIFIER, *FARMING[2:], now)
        self.validator = manned(self.stage.bodies["validator"], ("valid-a", "唐维之"), ("valid-b", "闻人静"), now)
        self.sides = {
            "OWNER": Pair(self.stage.bodies["owner"], owner.initiator, owner.confirmer),
            "REGISTRY": Pair(self.stage.bodies["registry"], registry.initiator, registry.confirmer),
            "AUTHORITY": manned(authority, ("eco-a", "顾明远"), ("eco-b", "罗静"), now),
            "COUNTY": pair(COUNTY[0], COUNTY[1], local, *COUNTY[2:], now),
            "CITY": pair(CITY[0], CITY[1], local, *CITY[2:], now),
            "VALIDATOR": self.farming,
        }
        self.scan = receiving.receive(  # one sheet stands for every paper that somebody would scan
            stream=io.BytesIO(drawn("项目材料扫描件（演示）", self.at)), name="项目材料扫描件（演示）.pdf",
            person=owner.initiator.membership.person, at=self.at, kind=papers.KIND,
        )  # fmt: skip

    def qualify(self) -> None:
        """The farming body is qualified for what it validates."""
        bodies.qualify(
            organisation=self.farming.organisation, approval="演示-CNCA-R-2024-011", sectors=["14", "15"], staff=14,
            experienced=8, cover="INSURANCE", undiscredited=True, valid_from=date(self.now.year - 1, 1, 1),
            expires_on=date(self.now.year + 1, 12, 31), document=None, at=self.at,
            by=self.sides["REGISTRY"].first.membership.person,
        )  # fmt: skip

    # -- the three ---------------------------------------------------------------------------------------------------

    def rice(self) -> None:
        """Through the whole local procedure, and into its first monitoring period."""
        one = self.opened(
            "演示·示范区稻田水分管理减排项目", "local", "DEMO", "CMS-017-V01", "310118", RICE,
            FIELDS, self.farming,
        )  # fmt: skip
        self.to_application(one)
        self.at += 2 * DAY
        self.take(one, "return", "承诺书未加盖公章，请补正后重新提交。")
        self.at += DAY
        self.hand_in(one, "COMMITMENT")
        self.take(one, "resubmit")
        self.at += DAY
        self.take(one, "accept")
        self.to_registration(one)
        self.season(fresh(one))

    def to_application(self, one: Development) -> None:
        """A local project's opinions, its notice and its application."""
        for act in ("submit_county", "approve_county", "file_city"):
            self.take(one, act)
            self.at += DAY
        self.hand_in(one, "NOTICE", "SHARING")
        self.take(one, "notify")
        self.past_notice(one)
        self.write(one, "DESIGN", "APPLICATION")
        self.hand_in(one, "COMMITMENT", "AGREEMENT", "RIGHTS")
        self.take(one, "apply")

    def to_registration(self, one: Development) -> None:
        """From an application that is complete: opinion, validation, panel, notice, registration."""
        self.hand_in(one, "OPINION")
        self.take(one, "give_opinion")
        self.at += 3 * DAY
        self.review(one)
        self.take(one, "validate")
        self.at += DAY
        self.approve(one)
        self.take(one, "approve")
        self.past_notice(one)
        self.take(one, "register")

    def season(self, one: Development) -> None:
        """A season, a value of it put right on record, its run, and the verifier named."""
        self.at = max(self.at, self.now - 10 * DAY)
        year = self.now.year
        owner = self.sides["OWNER"].first
        span = Days(date(year, 1, 1), date(year, 11, 1))
        made = monitoring.open_period(development=one, span=span, mandate=owner, at=self.at)
        sheet, inputs = farm(year)
        correcting.correct(
            monitoring=made, what=f"北二田排水记录 {year}-07-16", before="-2", after="-12", unit="cm", mandate=owner,
            reason="抄录时漏记一位，已与水位计原始记录和现场照片核对（演示）。", at=self.at,
        )  # fmt: skip
        monitoring.compute(monitoring=made, project=sheet, inputs=inputs, mandate=owner, at=self.at)
        monitoring.name_verifier(monitoring=made, verifier=self.stage.bodies["verifier"], mandate=owner, at=self.at)

    def chifeng(self) -> None:
        """Reviewed by the county, filed by the city, and on notice to the stakeholders."""
        self.at = self.now - 9 * DAY
        one = self.opened(
            "演示·松山区退化沙地造林碳汇项目", "local", "DEMO", "AR-CM-001-V01", "150404", CHIFENG,
            [(f"演示小班 {place:03d}", box(118.80 + place * 0.012, 42.42)) for place in range(1, 7)], self.validator,
        )  # fmt: skip
        for act, days in (("submit_county", 2), ("approve_county", 2), ("file_city", 1)):
            self.take(one, act)
            self.at += days * DAY
        self.hand_in(one, "NOTICE", "SHARING", "AGREEMENT", "RIGHTS")
        self.at = max(self.at, self.now - 3 * DAY)
        self.take(one, "notify")
        said = commenting.comment(
            subject=one, text="公示的 003 号小班有一部分是我家承包的草场，请说明补偿和分成怎么算。",
            person=unseen("herder-a", "巴特尔", self.now), at=self.now - 2 * DAY, organisation="演示嘎查",
        )  # fmt: skip
        commenting.answer(
            comment=said, adopted=True, mandate=self.sides["OWNER"].first, at=self.now - DAY,
            text="已会同嘎查到场核对，涉及草场 12.6 亩，收益分配方案按承包面积补列，并重新张贴。",
        )  # fmt: skip
        commenting.comment(
            subject=one, text="造林用什么树种？会不会影响饮水井？", person=unseen("herder-b", "其木格", self.now),
            at=self.now - timedelta(hours=5),
        )  # fmt: skip

    def national(self) -> None:
        """Published for twenty working days, commented on, and now with its validator."""
        self.at = self.now - 60 * DAY
        one = self.opened(
            "演示·喀喇沁旗荒山造林碳汇项目", "ccer", "CCER", "CCER-14-001-V01", "150428", CCER,
            [(f"演示林班 {place:02d}", box(118.70 + place * 0.012, 41.90)) for place in range(1, 5)], self.validator,
        )  # fmt: skip
        for act in ("submit_county", "approve_county", "file_city"):
            self.take(one, act)
            self.at += 2 * DAY
        self.write(one, "DESIGN")
        self.hand_in(one, "AGREEMENT", "RIGHTS")
        self.take(one, "publish")
        said = commenting.comment(
            subject=one, text="设计文件没有写明与退耕还林补助地块是否重叠。",
            person=unseen("herder-a", "巴特尔", self.now), at=self.at + 3 * DAY,
        )  # fmt: skip
        commenting.answer(
            comment=said, adopted=True, mandate=self.sides["OWNER"].first, at=self.at + 5 * DAY,
            text="已与自然资源部门逐块比对，无重叠，比对表补入附件。",
        )  # fmt: skip
        self.past_notice(one)

    # -- what each does ----------------------------------------------------------------------------------------------

    def opened(
        self, name: str, profile: str, scheme: str, methodology: str, division: str, answers: dict[str, str],
        outlines: list[tuple[str, Any]], validator: Pair,
    ) -> Development:  # fmt: skip
        owner = self.sides["OWNER"].first
        one = drafting.open_development(
            name=name, profile=profile, scheme=scheme, methodology=methodology, division_code=division, mandate=owner,
            at=self.at,
        )  # fmt: skip
        drafting.draw(development=one, outlines=outlines, mandate=owner, at=self.at)
        named = {
            "validator": validator.organisation.uscc, "county": self.sides["COUNTY"].organisation.uscc,
            "city": self.sides["CITY"].organisation.uscc,
        }  # fmt: skip
        one = fresh(one)
        return drafting.keep(development=one, answers=answers | named, revision=one.revision, mandate=owner, at=self.at)

    def side(self, subject: Subject, side: str) -> Pair:
        one = subject if isinstance(subject, Development) else subject.development
        if side == "VALIDATOR" and one.validator_id == self.validator.organisation.pk:
            return self.validator
        return self.sides[side]

    def take(self, subject: Subject, act: str, reason: str = "", details: Mapping[str, object] | None = None) -> None:
        """One person's step, or one asks and the other confirms."""
        now = fresh(subject)
        row = steps.looked_up(now, act)
        who, said = self.side(now, row.side), steps.Said(reason, details or {})
        reference = f"demo-{now.code}-{now.revision}-{act}"
        if not row.two:
            steps.step(subject=now, act=act, mandate=who.first, reference=reference, at=self.at, said=said)
            return
        asking.ask(subject=now, act=act, mandate=who.first, reference=reference, at=self.at, said=said)
        asking.confirm(subject=now, mandate=who.second, at=self.at + timedelta(hours=1))
        self.at += timedelta(hours=2)

    def past_notice(self, subject: Subject) -> None:
        """Let the notice run out."""
        found = deadlines.deadline(fresh(subject))
        assert found is not None
        self.at = found.end
        timing.settle(at=self.at)
        self.at += timedelta(hours=10)

    def hand_in(self, subject: Subject, *kinds: str) -> None:
        for kind in kinds:
            mandate = self.side(subject, papers.known(subject, kind).side).first
            papers.hand_in(subject=subject, kind=kind, upload=self.scan, mandate=mandate, at=self.at)

    def write(self, subject: Subject, *kinds: str) -> None:
        for kind in kinds:
            writing.write(subject=subject, kind=kind, mandate=self.sides["OWNER"].first, at=self.at)

    def review(self, subject: Development) -> None:
        """The validator works through its list and hands its report in."""
        one = fresh(subject)
        assert isinstance(one, Development)
        mandate = self.side(one, "VALIDATOR").first
        answers = {point.key: checking.Answer("YES") for point in checklists.points(one)}
        checking.answer(subject=one, answers=answers, mandate=mandate, at=self.at)
        points = dict.fromkeys(checklists.demanded(one), reporting.Point(True, "查阅资料并走访现场，符合要求。"))
        comments = dict.fromkeys(reporting.comments(one), "已核实业主的答复。")
        reporting.validation(
            development=one, opinion=reporting.Opinion(points, comments, clock.day(self.at), True),
            conclusion="POSITIVE", upload=self.scan, mandate=mandate, at=self.at,
        )  # fmt: skip

    def approve(self, subject: Subject) -> None:
        """Five experts are listed, meet, and approve."""
        committee = body(*library.COMMITTEE, Organisation.Role.EXPERTS, self.now)
        keeper = given(unseen("expert-sec", "秘书处", self.now), committee, FIRST, self.now)
        people = [someone(username, name, self.now) for username, name in library.EXPERTS][:5]
        for person in people:
            given(person, committee, Mandate.Capacity.VIEW, self.now)
            if not hasattr(person, "expert"):
                experts.list_(
                    person=person, field="农业碳汇", title="研究员", employers=(), since=date(self.now.year - 1, 1, 1),
                    until=None, mandate=keeper, at=self.at,
                )  # fmt: skip
        convener = self.sides["AUTHORITY"].first
        made = panel.convene(subject=fresh(subject), people=people, mandate=convener, at=self.at)
        for seat in made.seats.select_related("expert__person").order_by("pk"):
            person = seat.expert.person
            panel.declare(seat=seat, conflict=False, statement="", by=person, at=self.at)
            panel.vote(seat=seat, choice="APPROVE", reason="方法适用，监测安排可行。", by=person, at=self.at)
        panel.conclude(
            panel=made, text="同意通过，请业主在首个监测期补足水位记录的比对。", held_on=clock.day(self.at),
            mandate=convener, at=self.at,
        )  # fmt: skip


def fresh(subject: Any) -> Any:
    return type(subject).objects.get(pk=subject.pk)


def farm(year: int) -> tuple[dict[str, Any], dict[str, tables.Table]]:
    """What a season of rice says of the project, and its tables."""
    return json.loads(json.dumps(RICE_PROJECT).replace("YEAR", str(year))), {
        name: tables.parse(text.replace("YEAR", str(year)).encode(), file=f"{name}.csv")
        for name, text in RICE_FARM.items()
    }


def box(west: float, south: float) -> shapely.Polygon:
    """A field of about fifty hectares."""
    return shapely.box(west, south, west + 0.009, south + 0.006)


FIELDS = [
    ("演示·北一田", box(121.015, 31.035)),
    ("演示·北二田", box(121.03, 31.035)),
    ("演示·吴江田", box(121.015, 31.02)),
]

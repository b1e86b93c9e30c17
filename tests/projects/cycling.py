"""A development and everybody it takes: owner, county, city, validator, verifier, registry, authority; and its walk."""

import datetime as dt
import itertools
from dataclasses import dataclass, field

import shapely
from tests import world
from tests.methods import agri
from tests.projects import reviewing

from tanhui.journal import sequencer
from tanhui.kernel import clock
from tanhui.kernel.period import Period as Days
from tanhui.library.acts import entering
from tanhui.projects import checklists, deadlines
from tanhui.projects.acts import (
    asking,
    checking,
    drafting,
    experts,
    monitoring,
    panel,
    papers,
    reporting,
    sample,
    stamping,
    steps,
    timing,
)
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation

NUMBERS = itertools.count(1)
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
START = dt.datetime(2025, 8, 4, 2, tzinfo=dt.UTC)  # a Monday, ten in the morning in Shanghai
PACKS = ("demo-local", "cn-national-ccer-2023", "cn-chifeng-sinks-2024")
SPAN = Days(dt.date(2023, 1, 1), dt.date(2024, 1, 1))
FILLED = {
    "summary": "在退化沙地营造樟子松与山杏混交林。", "kind": "造林碳汇", "region": "内蒙古自治区赤峰市松山区",
    "technology": "容器苗造林，穴状整地。", "construction_start": "2019-04-10", "crediting_first": "2021-01-01",
    "crediting_last": "2040-12-31", "applicability": "造林前为无林地。", "legal_duty": "no", "in_ets": "no",
    "other_mechanism": "无。", "baseline": "维持无林地。", "additionality": "符合免予论证的情形。", "yearly_t": "3200",
    "estimate": "按事前估算方法学计算。", "leakage": "忽略。", "harm": "不使用除草剂，不影响放牧通道。",
    "parameters": "胸径、树高、成活率，每五年一次。", "instruments": "测径尺，每年检定。", "quality": "双人复测 10%。",
    "people": "项目部监测组。", "rights": "与三个嘎查签订联合开发协议。",
    "sharing": "市与旗县 3:7，旗县部分再到村到户。",
}  # fmt: skip
OUTLINE = shapely.Polygon([(118.9, 42.3), (118.95, 42.3), (118.95, 42.34), (118.9, 42.34)])


def activate(operator, *, names=PACKS, at=START - 30 * DAY):
    for name in names:
        activation.activate(
            pack=packs.ship(name), mode="demonstration", at=at,
            initiator_id=operator.initiator.membership.person_id, confirmer_id=operator.confirmer.membership.person_id,
        )  # fmt: skip


@dataclass
class Cast:
    """Everybody, with the rule packs in force; ``at`` is the clock they share."""

    at: dt.datetime = START
    operator: world.Party = field(default_factory=lambda: world.operator(at=START - 30 * DAY))

    def __post_init__(self):
        early = START - 30 * DAY
        activate(self.operator)
        self.owner = world.party("OWN", operator=self.operator, name="赤峰演示农投集团", at=early)
        self.other = world.party("OWN", name="别的业主", at=early)
        self.county = world.party("AUTHL", name="演示旗林草局", at=early)
        self.city = world.party("AUTHL", name="演示市林草局", at=early)
        self.authority = world.party("AUTH", name="演示省级主管部门", at=early)
        self.validator = world.party("VVB", name="演示审定机构", at=early)
        self.verifier = world.party("VVB", name="演示核查机构", at=early)
        self.experts = world.party("EXP", name="演示专家委员会", at=early)
        self.enter("CCER-14-001", scheme="CCER")
        for one in (self.validator, self.verifier):
            reviewing.qualify(one, sectors=("14", "15"), at=early)

    def enter(self, code, *, version="V01", scheme="LOCAL"):
        """A methodology stands in the library."""
        at = START - 20 * DAY
        published = entering.Published(
            code=code, version=version, name="造林碳汇", scheme=scheme, sector="FOREST", category="PROJECT",
            issuer="主管部门", source="公告", published_on=at.date(), valid_from=at.date(),
        )  # fmt: skip
        asked = entering.propose(published=published, mandate=self.authority.initiator, reference=code, at=at)
        entering.confirm(asked=asked, mandate=self.authority.confirmer, at=at)

    def later(self, *, days=0, hours=0):
        self.at += dt.timedelta(days=days, hours=hours)
        return self.at

    # -- drafting ------------------------------------------------------------------------------------------------------

    def opened(self, profile="ccer", *, by=None, **overrides):
        values = {
            "name": "松山区退化沙地造林碳汇项目", "profile": profile, "scheme": "CCER" if profile == "ccer" else "DEMO",
            "methodology": "CCER-14-001-V01" if profile == "ccer" else "CMS-017-V01", "division_code": "310118",
        } | overrides  # fmt: skip
        return drafting.open_development(**values, mandate=(by or self.owner).initiator, at=self.at)

    def drafted(self, profile="ccer", *, answers=None, outline=OUTLINE, **overrides):
        one = self.opened(profile, **overrides)
        shift = next(NUMBERS) * 0.2
        if outline is not None:
            moved = shapely.transform(outline, lambda points: points - [shift % 20, shift // 20])
            drafting.draw(development=one, outlines=[("1 小班", moved)], mandate=self.owner.initiator, at=self.at)
        one = fresh(one)
        given = FILLED | {
            "validator": self.validator.organisation.uscc, "county": self.county.organisation.uscc,
            "city": self.city.organisation.uscc,
        } | (answers or {})  # fmt: skip
        return drafting.keep(
            development=one, answers=given, revision=one.revision, mandate=self.owner.initiator, at=self.at
        )

    def hand_in(self, subject, *kinds, by=None, at=None):
        at = at or self.at
        for kind in kinds:
            body = by or self.side(subject, papers.known(subject, kind).side)
            upload = reviewing.uploaded(
                body.initiator.membership.person, at=at, width=300 + next(NUMBERS), kind=papers.KIND
            )
            papers.hand_in(subject=subject, kind=kind, upload=upload, mandate=body.initiator, at=at)

    def side(self, subject, side):
        return {
            "OWNER": self.owner, "COUNTY": self.county, "CITY": self.city, "AUTHORITY": self.authority,
            "REGISTRY": self.operator, "VALIDATOR": self.validator, "VERIFIER": self.verifier,
            "EXPERTS": self.experts,
        }[side]  # fmt: skip

    # -- stepping ------------------------------------------------------------------------------------------------------

    def take(self, subject, act, *, reason="", details=None, by=None, at=None, stage=None):
        """The step by one person or two, whatever the table says, of the side whose it is."""
        at, subject = at or self.at, fresh(subject)
        row = deadlines.of(subject).row(act, subject.state, stage or subject.stage)
        assert row is not None, f"{act} does not lead on from {subject.state}"
        body = by or self.side(subject, row.side)
        said = steps.Said(reason or ("情况属实。" if row.reason else ""), details or {})
        reference = f"{act}-{next(NUMBERS)}"
        if not row.two:
            return steps.step(subject=subject, act=act, mandate=body.initiator, reference=reference, at=at, said=said)
        asking.ask(subject=subject, act=act, mandate=body.initiator, reference=reference, at=at, said=said)
        asking.confirm(subject=subject, mandate=body.confirmer, at=at)
        return fresh(subject).steps.order_by("-pk").first()

    def wait(self, subject):
        """Until the notice is over, and let time act."""
        subject = fresh(subject)
        self.at = deadlines.deadline(subject).end
        timing.settle(at=self.at)
        self.later(hours=10)
        return fresh(subject)

    # -- whole walks ---------------------------------------------------------------------------------------------------

    def published(self, **overrides):
        one = self.drafted("ccer", **overrides)
        self.hand_in(one, "DESIGN")
        self.take(one, "publish")
        return fresh(one)

    def validated(self, **overrides):
        one = self.wait(self.published(**overrides))
        self.review(one)
        self.take(one, "validate")
        return fresh(one)

    def review(self, one, *, conclusion="POSITIVE", unmet=()):
        body, person = self.validator, self.validator.initiator.membership.person
        if conclusion == "POSITIVE":
            self.check(one, body)
        reporting.validation(
            development=one, opinion=self.opinion(one, unmet), conclusion=conclusion, mandate=body.initiator,
            upload=reviewing.uploaded(person, at=self.at, width=400 + next(NUMBERS)), at=self.at,
        )  # fmt: skip

    def check(self, subject, body):
        found = {one.key: checking.Answer("YES") for one in checklists.points(subject)}
        checking.answer(subject=subject, answers=found, mandate=body.initiator, at=self.at)

    def opinion(self, subject, unmet=()):
        points = {code: reporting.Point(code not in unmet, "查阅与走访。") for code in checklists.demanded(subject)}
        said = dict.fromkeys(reporting.comments(subject), "已核实。")
        return reporting.Opinion(points, said, clock.day(self.at), True)

    def registered(self, **overrides):
        one = self.validated(**overrides)
        self.hand_in(one, "APPLICATION", "COMMITMENT")
        self.take(one, "apply")
        self.take(one, "register")
        return fresh(one)

    def period(self, one, *, span=SPAN):
        return monitoring.open_period(development=one, span=span, mandate=self.owner.initiator, at=self.at)

    def stamp(self, one, span=SPAN, *, months=None):
        first = span.start
        while first < span.end:
            stamping.stamp(
                development=one, month=first, sha256=stamping.digest(first.isoformat().encode()),
                name=f"{first:%Y-%m}.csv", size_bytes=1, mandate=self.owner.initiator, at=self.at,
            )  # fmt: skip
            first = (first + 32 * DAY).replace(day=1)

    # -- the local procedure and the reductions ------------------------------------------------------------------------

    def filed(self, *, answers=None):
        """A rice project through the local procedure, county and city first."""
        one = self.drafted("local", division_code="310118", answers={"kind": "稻田甲烷减排"} | (answers or {}))
        self.take(one, "submit_county")
        self.take(one, "approve_county")
        self.take(one, "file_city")
        self.hand_in(one, "NOTICE", "SHARING")
        self.take(one, "notify")
        self.wait(one)
        self.hand_in(one, "DESIGN", "APPLICATION", "COMMITMENT")
        self.take(one, "apply")
        self.take(one, "accept")
        self.hand_in(one, "OPINION")
        self.take(one, "give_opinion")
        self.review(fresh(one))
        self.take(one, "validate")
        self.approve(fresh(one))
        self.take(one, "approve")
        self.wait(one)
        self.take(one, "register")
        return fresh(one)

    def approve(self, subject):
        """Five experts meet and approve."""
        people = []
        for _ in range(5):
            one = world.person(at=START - 30 * DAY)
            world.mandate(one, self.experts.organisation, "VIEW", at=START - 30 * DAY)
            experts.list_(
                person=one, field="林业碳汇", title="研究员", employers=(), since=dt.date(2024, 1, 1), until=None,
                mandate=self.experts.initiator, at=self.at,
            )  # fmt: skip
            people.append(one)
        made = panel.convene(subject=subject, people=people, mandate=self.authority.initiator, at=self.at)
        for seat in made.seats.order_by("pk"):
            panel.declare(seat=seat, conflict=False, statement="", by=seat.expert.person, at=self.at)
            panel.vote(seat=seat, choice="APPROVE", reason="方法得当。", by=seat.expert.person, at=self.at)
        panel.conclude(
            panel=made, text="同意。", held_on=clock.day(self.at), mandate=self.authority.initiator, at=self.at
        )

    def monitored(self, one, *, span=SPAN, farm=None):
        """A period with its run, its months stamped, its verifier named and its papers handed in."""
        period, farm = self.period(one, span=span), farm or rice(span)
        inputs = {name: agri.as_table(name, rows) for name, rows in farm.sheets.items()}
        monitoring.compute(
            monitoring=period, project=farm.project, inputs=inputs, mandate=self.owner.initiator, at=self.at
        )
        monitoring.name_verifier(
            monitoring=period, verifier=self.verifier.organisation, mandate=self.owner.initiator, at=self.at
        )
        self.stamp(one, span)
        self.hand_in(period, "REPORT", "DATA")
        return fresh(period)

    def verified(self, one, **overrides):
        period = self.monitored(one, **overrides)
        self.take(period, "publish")
        period = self.wait(period)
        self.verify(period)
        self.take(period, "verify")
        return fresh(period)

    def verify(self, period, *, kg=None):
        body, person = self.verifier, self.verifier.initiator.membership.person
        self.check(period, body)
        made = sample.declare(subject=period, units=reviewing.UNITS, size=3, mandate=body.initiator, at=self.at)
        sequencer.sequence(at=self.at)
        drawn = sample.draw(sample=made, words="", mandate=body.initiator, at=self.at)
        for unit in drawn.chosen:
            sample.see(sample=made, unit=unit, verdict="AGREES", note="", mandate=body.initiator, at=self.at)
        reporting.verification(
            monitoring=period, opinion=self.opinion(period), verified_kg=period.quantity_kg if kg is None else kg,
            mandate=body.initiator, at=self.at,
            upload=reviewing.uploaded(person, at=self.at, width=500 + next(NUMBERS)),
        )  # fmt: skip

    def applied(self, period):
        period = fresh(period)
        monitoring.apply_for(
            monitoring=period, quantity_t=period.verified_kg // 1000, mandate=self.owner.initiator, at=self.at
        )
        self.hand_in(period, "ISSUE_FORM", "ISSUE_COMMIT")
        self.take(period, "apply")
        return fresh(period)

    def issued(self, one, **overrides):
        period = self.applied(self.verified(one, **overrides))
        if period.state == "CONFIRMATION":
            self.approve(period)
            self.take(period, "confirm")
        self.take(period, "issue")
        return fresh(period)


def rice(span=SPAN, scale=40):
    """A farm whose run gives some tonnes for the days of a span."""
    farm = agri.rice()
    year = span.start.year
    farm.project["period"] = {"start": span.start.isoformat(), "end": span.last.isoformat()}
    farm.project["crediting"] = {"start": "2021-01-01", "end": "2027-12-31"}
    farm.project["parcels"] = ["310118-Q01", "310118-Q02", "310507-W01"]
    for rows in farm.sheets.values():
        for row in rows:
            for key, value in row.items():
                if isinstance(value, str) and value.startswith("2026-"):
                    row[key] = f"{year}{value[4:]}"
    for row in farm.sheets["parcels"]:
        row["area"] = f"{float(row['area']) * scale:.1f}"
    return farm


def fresh(one):
    """The row as it stands now."""
    return type(one).objects.get(pk=one.pk)


def states(one):
    return [step.after for step in one.steps.filter(monitoring=None).order_by("number")]

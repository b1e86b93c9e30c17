"""A project under review: owner, validator, verifier, experts, and what each of them hands in."""

import datetime as dt
import io
import itertools
from dataclasses import dataclass, field

from psycopg.types.range import DateRange
from pypdf import PdfWriter
from tests import world

from tanhui.files.acts import receiving
from tanhui.identity.acts import verifier as bodies
from tanhui.projects import checklists, sampling
from tanhui.projects.acts import checking, experts, finding, panel, reporting, sample
from tanhui.projects.models import Comment, Development, Monitoring
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation

NOON = world.NOON
DAY = dt.timedelta(days=1)
NUMBERS = itertools.count(1)
TRACE = "ab" * 32
KILOGRAMS = 1_234_567
UNITS = [sampling.Unit(f"样地-{number:02d}", "樟子松" if number % 3 else "山杏") for number in range(1, 31)]


def pdf(width=300):
    made, sheet = io.BytesIO(), PdfWriter()
    sheet.add_blank_page(width, 400)
    sheet.write(made)
    return made.getvalue()


def uploaded(person, *, name="报告.pdf", content=None, kind="report", at=NOON, width=300):
    stream = io.BytesIO(pdf(width) if content is None else content)
    return receiving.receive(stream=stream, name=name, person=person, at=at, kind=kind)


def qualify(body, *, sectors=("14",), since=dt.date(2024, 1, 1), until=dt.date(2030, 1, 1), at=NOON):
    return bodies.qualify(
        organisation=body.organisation, approval="CNCA-R-2024-001", sectors=sectors, staff=12, experienced=6,
        cover="INSURANCE", undiscredited=True, valid_from=since, expires_on=until, document=None,
        by=body.initiator.membership.person, at=at,
    )  # fmt: skip


@dataclass
class Case:
    """``development`` stands at VALIDATION, ``monitoring`` of another, registered one at VERIFICATION."""

    operator: world.Party = field(default_factory=world.operator)
    owner: world.Party = field(default_factory=lambda: world.party("OWN", name="演示农投集团"))
    validator: world.Party = field(default_factory=lambda: world.party("VVB", name="演示审定机构"))
    verifier: world.Party = field(default_factory=lambda: world.party("VVB", name="演示核查机构"))
    committee: world.Party = field(default_factory=lambda: world.party("EXP", name="演示专家委员会"))
    authority: world.Party = field(default_factory=lambda: world.party("AUTH", name="演示主管部门"))

    def __post_init__(self):
        activation.activate(
            pack=packs.ship("demo-local"), mode="demonstration",
            initiator_id=self.operator.initiator.membership.person_id,
            confirmer_id=self.operator.confirmer.membership.person_id, at=NOON - 30 * DAY,
        )  # fmt: skip
        for one in (self.validator, self.verifier):
            qualify(one, at=NOON - 20 * DAY)
        self.development = self.developed("VALIDATION")
        registered = world.project(
            operator=self.operator, owner=self.owner, validator=self.validator, methodology="CCER-14-001-V01",
            scheme="DEMO",
        )  # fmt: skip
        self.live = self.developed("REGISTERED", registered=registered)
        self.monitoring = self.monitored("VERIFICATION")

    def developed(self, state, *, profile="ccer", **overrides):
        values = {
            "number": next(NUMBERS), "name": "松山区退化林地造林碳汇项目", "profile": profile, "scheme": "DEMO",
            "rule_pack": "demo-local", "methodology": "CCER-14-001-V01", "owner": self.owner.organisation,
            "division_code": "150404", "validator": self.validator.organisation, "state": state,
            "stage_since": NOON - 2 * DAY, "changed_at": NOON - 2 * DAY,
            "opened_by": self.owner.initiator.membership.person, "opened_at": NOON - 10 * DAY,
            "crediting": DateRange(dt.date(2021, 1, 1), dt.date(2041, 1, 1)),
        } | overrides  # fmt: skip
        return Development.objects.create(**values)

    def monitored(self, state, *, number=1, development=None, **overrides):
        values = {
            "development": development or self.live, "number": number, "state": state,
            "span": DateRange(dt.date(2021, 1, 1) + number * 365 * DAY, dt.date(2022, 1, 1) + number * 365 * DAY),
            "stage_since": NOON - 2 * DAY, "changed_at": NOON - 2 * DAY, "quantity_kg": KILOGRAMS,
            "trace_sha256": TRACE, "inputs_sha256": TRACE, "bundle": b"{}", "bundle_sha256": TRACE,
            "verifier": self.verifier.organisation, "opened_by": self.owner.initiator.membership.person,
            "opened_at": NOON - 10 * DAY,
        } | overrides  # fmt: skip
        return Monitoring.objects.create(**values)

    # -- what people do ------------------------------------------------------------------------------------------------

    def body(self, subject):
        return self.validator if isinstance(subject, Development) else self.verifier

    def comment(self, subject, text="地块是否与退耕还林重叠？"):
        where = {"development": subject} if isinstance(subject, Development) else {
            "development": subject.development, "monitoring": subject
        }  # fmt: skip
        number = Comment.objects.filter(**where).count() + 1
        return Comment.objects.create(
            **where, number=number, state="PDD_PUBLICITY", person=world.person(), name="牧民", text=text, entry=1,
            at=NOON - 5 * DAY,
        )  # fmt: skip

    def find(self, subject, *, kind="CAR", topic="DATA", effect_kg=None, by=None, at=NOON, reference=None, **overrides):
        said = finding.Raised(
            kind=kind, topic=topic, text="样地 3 的胸径记录与原始野帐不符。", requirement="CCER-14-001-V01 §8",
            effect_kg=effect_kg,
        )  # fmt: skip
        return finding.raise_(
            subject=subject, said=said, mandate=(by or self.body(subject)).initiator,
            reference=reference or f"find-{next(NUMBERS)}", at=at, **overrides,
        )  # fmt: skip

    def answer(self, one, *, text="已按野帐更正。", by=None, upload=None, at=NOON):
        return finding.answer(finding=one, text=text, upload=upload, mandate=(by or self.owner).initiator, at=at)

    def close(self, one, *, at=NOON):
        return finding.close(
            finding=one, text="核对无误，关闭。", mandate=self.body(finding.of(one)).initiator, at=at
        )  # fmt: skip

    def check(self, subject, *, verdict="YES", note="", at=NOON):
        found = {one.key: checking.Answer(verdict, note) for one in checklists.points(subject)}
        return checking.answer(subject=subject, answers=found, mandate=self.body(subject).initiator, at=at)

    def declare(self, subject=None, *, units=UNITS, size=3, by=None, at=NOON, **overrides):
        subject = subject or self.monitoring
        return sample.declare(
            subject=subject, units=units, size=size, mandate=(by or self.body(subject)).initiator, at=at, **overrides
        )

    def draw(self, one, *, words="", at=NOON):
        return sample.draw(
            sample=one, words=words, mandate=self.body(one.monitoring or one.development).initiator, at=at
        )

    def see(self, one, unit, *, verdict="AGREES", note="", at=NOON):
        return sample.see(
            sample=one, unit=unit, verdict=verdict, note=note, mandate=self.verifier.initiator, at=at
        )  # fmt: skip

    def opinion(self, subject, *, unmet=(), without=(), comments=None, dated=None, commits=True):
        points = {
            code: reporting.Point(code not in unmet, f"查阅与走访，{code}。")
            for code in checklists.demanded(subject)
            if code not in without
        }
        said = dict.fromkeys(reporting.comments(subject), "已核实，业主已在设计文件中说明。")
        return reporting.Opinion(points, said if comments is None else comments, dated or NOON.date(), commits)

    def validate(self, *, development=None, conclusion="POSITIVE", upload=None, by=None, at=NOON, **opinion):
        one, body = development or self.development, by or self.validator
        return reporting.validation(
            development=one, opinion=self.opinion(one, **opinion), conclusion=conclusion, mandate=body.initiator,
            upload=upload or uploaded(body.initiator.membership.person, at=at), at=at,
        )  # fmt: skip

    def verify(self, *, monitoring=None, verified_kg=KILOGRAMS, upload=None, by=None, at=NOON, **opinion):
        one, body = monitoring or self.monitoring, by or self.verifier
        return reporting.verification(
            monitoring=one, opinion=self.opinion(one, **opinion), verified_kg=verified_kg, mandate=body.initiator,
            upload=upload or uploaded(body.initiator.membership.person, at=at), at=at,
        )  # fmt: skip

    # -- experts -------------------------------------------------------------------------------------------------------

    def expert(self, *, name=None, employers=(), since=dt.date(2024, 1, 1), until=None, at=NOON):
        person = world.person(name=name)
        world.mandate(person, self.committee.organisation, "VIEW")
        experts.list_(
            person=person, field="林业碳汇", title="研究员", employers=employers, since=since, until=until,
            mandate=self.committee.initiator, at=at,
        )  # fmt: skip
        return person

    def convene(self, subject, people=None, *, by=None, at=NOON):
        people = people or [self.expert() for _ in range(5)]
        return panel.convene(subject=subject, people=people, mandate=(by or self.authority).initiator, at=at)

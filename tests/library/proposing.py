"""A methodology on its way through the library: an authority, a proposer, and a committee of experts."""

import datetime as dt
import io
import itertools
from dataclasses import dataclass, field

from pypdf import PdfWriter
from tests import world

from tanhui.files.acts import receiving
from tanhui.identity.models import Person
from tanhui.library import rules
from tanhui.library.acts import checking, commenting, drafting, panel, recording
from tanhui.library.models import PRINCIPLES, Panelist, Proposal
from tanhui.rulepacks import packs
from tanhui.rulepacks.acts import activation

NOON = world.NOON
DAY = dt.timedelta(days=1)
NAMES = itertools.count(1)
PACKAGE = "ar_cm_001/v01"
CHAPTERS = {
    "applicability": "项目地块在计入期开始前为无林地；不含天然林。", "references": "GB/T 26424；GB/T 38590。",
    "boundary": "项目边界为可持续经营的地块，计入期二十年。", "pools": "地上、地下生物质；忽略枯落物。",
    "baseline": "维持无林地状态。", "additionality": "普遍性障碍；未在其他机制登记。",
    "quantification": "蓄积量法与生物量扩展因子法。", "data_sources": "样地调查，三类资料。",
    "monitoring": "每五年复测一次，固定样地。", "verification": "核查机构抽样复测。", "crediting": "不短于二十年。",
}  # fmt: skip


def pdf(width=300):
    made, sheet = io.BytesIO(), PdfWriter()
    sheet.add_blank_page(width, 400)
    sheet.write(made)
    return made.getvalue()


def uploaded(person, *, name="草案.pdf", width=300, at=NOON):
    return receiving.receive(
        stream=io.BytesIO(pdf(width)), name=name, person=person, at=at, kind=drafting.SUBJECT
    )  # fmt: skip


def activate_rules(party, *, at=NOON):
    activation.activate(
        pack=packs.ship(rules.DEFAULTS), mode="demonstration",
        initiator_id=party.initiator.membership.person_id, confirmer_id=party.confirmer.membership.person_id, at=at,
    )  # fmt: skip


def values(authority, **overrides):
    """A complete proposal."""
    return {
        "authority": authority.organisation.uscc, "scheme": "LOCAL", "kind": "NEW", "name": "城市片林碳汇方法学",
        "name_en": "Urban woodland", "sector": "FOREST", "category": "PROJECT", "summary": "面积不足一公顷的片林。",
        "authors": "沈林、陆原", "contact_name": "沈林", "contact_phone": "13800001234",
        "contact_email": "shen@example.cn",
    } | CHAPTERS | overrides  # fmt: skip


@dataclass
class Proposing:
    """Everyone who has to do with one proposal; ``at`` is now, and goes on with ``later``."""

    authority: world.Party
    proposer: Person
    proposal: Proposal
    experts: list[Person] = field(default_factory=list)
    organisation: world.Party | None = None
    at: dt.datetime = NOON

    @property
    def handler(self):
        return self.authority.initiator

    def later(self, days):
        self.at += days * DAY

    def fresh(self):
        self.proposal = Proposal.objects.get(pk=self.proposal.pk)
        return self.proposal

    def fill_in(self, **overrides):
        drafting.keep(
            proposal=self.proposal, values=values(self.authority, **overrides), revision=self.fresh().revision,
            by=self.proposer, at=self.at,
        )  # fmt: skip
        for place, kind in enumerate(["FORM", "TEXT"]):
            self.hand_in(kind, width=300 + place)
        return self.fresh()

    def hand_in(self, kind, *, width=300):
        upload = uploaded(self.proposer, width=width, at=self.at)
        return drafting.hand_in(proposal=self.proposal, kind=kind, upload=upload, by=self.proposer, at=self.at)

    def submit(self, *, reference=None, by=None):
        made = drafting.submit(
            proposal=self.fresh(), revision=self.proposal.revision, reference=reference or f"submit-{next(NAMES)}",
            by=by or self.proposer, at=self.at,
        )  # fmt: skip
        self.fresh()
        return made

    def take(self, mandate=None):
        made = checking.take(
            proposal=self.fresh(), mandate=mandate or self.handler, reference=f"take-{next(NAMES)}", at=self.at
        )
        self.fresh()
        return made

    def common(self, mandate=None):
        return {
            "proposal": self.fresh(), "revision": self.proposal.revision, "mandate": mandate or self.handler,
            "reference": f"step-{next(NAMES)}", "at": self.at,
        }  # fmt: skip

    def publicise(self, *, checklist=None):
        made = checking.publicise(**self.common(), checklist=list(rules.POINTS) if checklist is None else checklist)
        self.fresh()
        return made

    def send_back(self, *, reason="请补正", remarks=None):
        made = checking.send_back(
            **self.common(), reason=reason, remarks={"text": "缺章节"} if remarks is None else remarks
        )
        self.fresh()
        return made

    def reject(self, *, reason="不属于本机制支持领域"):
        made = checking.reject(**self.common(), reason=reason)
        self.fresh()
        return made

    def comment(self, *, person=None, name="公众甲", text="计入期过长。", **overrides):
        return commenting.comment(
            proposal=self.proposal, person=person, name=name, text=text, at=self.at, **overrides
        )  # fmt: skip

    def answer_all(self):
        for one in self.proposal.comments.all():
            commenting.show(comment=one, mandate=self.handler, at=self.at)
            commenting.answer(comment=one, text="已采纳。", adopted=True, mandate=self.handler, at=self.at)

    def convene(self, experts=None):
        self.later(40)  # well after the comments, whatever holidays lie between
        made = panel.convene(**self.common(), experts=self.experts if experts is None else experts)
        self.fresh()
        return made

    def seat(self, expert):
        return Panelist.objects.filter(proposal=self.proposal, person=expert).order_by("-pk")[0]

    def declare(self, expert, *, conflict=False, statement="曾任该项目顾问"):
        return panel.declare(
            panelist=self.seat(expert),
            conflict=conflict,
            statement=statement if conflict else "",
            by=expert,
            at=self.at,
        )

    def vote(self, expert, *, choice="APPROVE", reason="依据充分。", score=4, **scores):
        return panel.vote(
            panelist=self.seat(expert), choice=choice, reason=reason, by=expert, at=self.at,
            scores=dict.fromkeys(PRINCIPLES, score) | scores,
        )  # fmt: skip

    def all_vote(self, **overrides):
        for one in self.experts:
            self.declare(one)
            self.vote(one, **overrides)

    def conclude(self, *, text="专家组听取汇报，质询讨论，形成意见。", held_on=None):
        return panel.conclude(
            proposal=self.fresh(), text=text, held_on=held_on or self.at.date(), mandate=self.handler, at=self.at
        )

    def wanted(self, **overrides):
        return recording.Wanted(**{
            "code": "LOCAL-14-001", "version": "V01", "number": "演环函〔2026〕1号", "valid_from": self.at.date(),
        } | overrides)  # fmt: skip

    def propose(self, **overrides):
        made = recording.propose(**self.common(), wanted=self.wanted(**overrides))
        self.fresh()
        return made

    def confirm(self, mandate=None):
        made = recording.confirm(proposal=self.fresh(), mandate=mandate or self.authority.confirmer, at=self.at)
        self.fresh()
        return made

    def publish(self, *, reference=None):
        made = recording.publish(**(self.common() | ({"reference": reference} if reference else {})))
        self.fresh()
        return made

    # -- as far as

    def to_comment(self, **overrides):
        self.fill_in(**overrides)
        self.submit()
        self.take()
        self.publicise()
        return self

    def to_review(self, **overrides):
        self.to_comment(**overrides)
        self.convene()
        return self

    def to_passed(self, **overrides):
        self.to_review(**overrides)
        self.all_vote()
        self.conclude()
        return self

    def to_filed(self, *, wanted=None, **overrides):
        self.to_passed(**overrides)
        self.propose(**(wanted or {}))
        self.confirm()
        return self

    def to_published(self, *, wanted=None, **overrides):
        self.to_filed(wanted=wanted, **overrides)
        self.publish()
        return self


def committee(count=5, *, password=None, at=NOON):
    """An expert committee and its members."""
    body = world.organisation("EXP", name=f"演示专家委员会{next(NAMES)}", at=at)
    found = []
    for place in range(count):
        one = world.person(name=f"专家{place + 1}", password=password, at=at)
        world.mandate(one, body, "VIEW", at=at)
        found.append(one)
    return found


def begin(*, authority=None, password=None, experts=5, rules_too=True, at=NOON, revises=""):
    """An authority, a proposer who has just begun, and experts."""
    party = authority or world.party("AUTH", name="演示市生态环境局", password=password, at=at)
    if rules_too and authority is None:
        activate_rules(party, at=at)
    proposer = world.person(name="沈林", password=password, at=at)
    proposal = drafting.start(by=proposer, at=at, revises=revises)
    return Proposing(party, proposer, proposal, committee(experts, password=password, at=at), at=at)

"""The library of methodologies with what is published, and proposals at every station of the way."""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from tanhui.files.acts import receiving
from tanhui.files.models import Upload
from tanhui.identity.acts import enrolment
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.kernel import clock
from tanhui.library import queries, rules
from tanhui.library.acts import checking, commenting, drafting, entering, panel, proof, recording, standing
from tanhui.library.models import PRINCIPLES, Panelist, Paper, Proposal, Version
from tanhui.methods.engine import shelf
from tanhui.site.demonstration import library_texts as texts
from tanhui.site.demonstration.opening import drawn, someone
from tanhui.site.demonstration.stage import Stage, given, made_up_uscc

DAY = timedelta(days=1)
AUTHORITY = ("10000031", "演示市生态环境局")
COMMITTEE = ("10000032", "演示市碳普惠专家委员会")
HANDLERS = [("eco-a", "顾明远", "INITIATE"), ("eco-b", "罗静", "CONFIRM")]
EXPERTS = [
    ("expert-a", "孟祥林"), ("expert-b", "叶舒云"), ("expert-c", "钟立行"), ("expert-d", "白如松"),
    ("expert-e", "范其昌"), ("expert-f", "岳青禾"), ("expert-g", "傅春江"),
]  # fmt: skip
PROPOSERS = {  # sign-in name, name, organisation code body, organisation; none: in their own name
    "transit": ("pub-a", "卫远航", "10000033", "演示市公共交通集团有限公司"),
    "academy": ("agri-a", "蒋谷雨", "10000034", "演示省农业科学院"),
    "university": ("uni-a", "沈怀瑾", "10000035", "演示大学生态研究院"),
    "association": ("grid-a", "陶然", "10000036", "演示市可再生能源行业协会"),
    "citizen": ("citizen-a", "江晚舟", "", ""),
}


def load(stage: Stage) -> None:
    """Bring every proposal to its station, by the acts people use. What is there already stays as it is."""
    if Version.objects.exists():
        return
    Scene(timezone.now()).play()


class Scene:
    def __init__(self, at: datetime) -> None:
        self.at = at
        self.authority = body(*AUTHORITY, Organisation.Role.AUTHORITY, at)
        self.committee = body(*COMMITTEE, Organisation.Role.EXPERTS, at)
        self.mandates = {
            capacity: given(someone(username, name, at), self.authority, capacity, at - 300 * DAY)
            for username, name, capacity in HANDLERS
        }
        self.experts = [someone(username, name, at) for username, name in EXPERTS]
        for one in self.experts:
            given(one, self.committee, Mandate.Capacity.VIEW, at - 300 * DAY)
        self.uploads: dict[tuple[int, str], Upload] = {}

    @property
    def handler(self) -> Mandate:
        return self.mandates["INITIATE"]

    @property
    def second(self) -> Mandate:
        return self.mandates["CONFIRM"]

    def ago(self, days: int) -> datetime:
        return self.at - days * DAY

    def play(self) -> None:
        for one in texts.ENTERED:
            self.enter(one)
        self.announce_the_end()
        self.published()
        self.under_revision()
        self.in_comment()
        self.in_review()
        self.waiting_for_signature()
        self.returned()
        self.submitted()
        self.half_filled()

    # -- published elsewhere

    def enter(self, one: texts.Entered) -> None:
        package = one.package if on_the_shelf(one.package, one.category) else ""
        said = entering.Published(
            code=one.code, version=one.version, name=one.name, name_en=one.name_en, scheme=one.scheme,
            sector=one.sector, category=one.category, issuer=one.issuer, source=one.source, filing_number=one.number,
            published_on=one.published_on, valid_from=one.published_on, summary=one.summary, package=package,
            package_sha256=shelf.load(package).sha256 if package else "", crediting_years_min=one.years_min,
            crediting_years_max=one.years_max,
        )  # fmt: skip
        asked = entering.propose(
            published=said, mandate=self.handler, reference=f"demo-enter-{one.code}-{one.version}", at=self.ago(200)
        )
        entering.confirm(asked=asked, mandate=self.second, at=self.ago(199))

    def announce_the_end(self) -> None:
        """The oldest of them stops taking new projects in a quarter; everyone can see it coming."""
        version = queries.of_full_code("AR-CM-001-V01")
        assert version is not None
        asked = standing.propose(
            version=version, state="RETIRED", since=clock.day(self.at) + 90 * DAY, mandate=self.handler,
            reason="全国自愿减排交易市场已采用《造林碳汇（CCER-14-001-V01）》，本方法学按期退出。",
            reference="demo-retire-ar-cm-001", at=self.ago(12),
        )  # fmt: skip
        entering.confirm(asked=asked, mandate=self.second, at=self.ago(11))

    # -- proposals

    def begin(self, who: str, text: texts.Text, at: datetime, *, revises: str = "") -> Proposal:
        username, name, code, organisation = PROPOSERS[who]
        person = someone(username, name, at)
        employer = body(code, organisation, Organisation.Role.PARTICIPANT, at) if code else None
        if employer:
            given(person, employer, Mandate.Capacity.INITIATE, at - 300 * DAY)
        made = drafting.start(by=person, at=at, revises=revises)
        values = text.values() | {
            "authority": self.authority.uscc, "organisation": employer.uscc if employer else "", "contact_name": name,
            "contact_phone": "139" + (code or "00000000"), "contact_email": f"{username}@example.cn",
        }  # fmt: skip
        if values["package"] and not on_the_shelf(values["package"], values["category"]):
            values["package"] = ""
        return drafting.keep(proposal=made, values=values, revision=made.revision, by=person, at=at)

    def hand_in(self, made: Proposal, at: datetime, kinds: Sequence[str] = ("FORM", "TEXT", "GROUNDS")) -> None:
        for kind in kinds:
            label = str(Paper.Kind(kind).label)
            upload = receiving.receive(
                stream=io.BytesIO(drawn(f"{fresh(made).draft['name']}　{label}", at)), name=texts.FILES[kind],
                person=made.proposer, at=at, kind=drafting.SUBJECT,
            )  # fmt: skip
            drafting.hand_in(proposal=made, kind=kind, upload=upload, by=made.proposer, at=at)

    def submit(self, who: str, text: texts.Text, days: int, *, revises: str = "") -> Proposal:
        made = self.begin(who, text, self.ago(days), revises=revises)
        self.hand_in(made, self.ago(days))
        held = fresh(made)
        drafting.submit(
            proposal=held, revision=held.revision, reference=self.reference("submit", held), by=held.proposer,
            at=self.ago(days),
        )  # fmt: skip
        return fresh(made)

    def reference(self, act: str, held: Proposal) -> str:
        return f"demo-{act}-{held.number or 0}-{held.revision}-{str(held.pk)[:8]}"

    def take(self, held: Proposal, days: int) -> Proposal:
        checking.take(proposal=held, mandate=self.handler, reference=self.reference("take", held), at=self.ago(days))
        return fresh(held)

    def publicise(self, held: Proposal, days: int) -> Proposal:
        checking.publicise(
            proposal=held, checklist=list(rules.POINTS), revision=held.revision, mandate=self.handler,
            reference=self.reference("public", held), at=self.ago(days),
        )  # fmt: skip
        return fresh(held)

    def comments(self, held: Proposal, days: int, said: Sequence[texts.Said], *, answered: bool = True) -> None:
        for place, one in enumerate(said):
            person = someone(*one.person, self.ago(days)) if one.person else None
            made = commenting.comment(
                proposal=held, person=person, name=one.name, organisation=one.organisation, clause=one.clause,
                text=one.text, contact=one.contact, at=self.ago(days) + place * timedelta(hours=7),
            )  # fmt: skip
            later = self.ago(days - 3)
            if one.hidden:
                commenting.hide(comment=made, reason=one.hidden, mandate=self.handler, at=later)
            elif one.answer and (answered or place == 0):
                commenting.show(comment=made, mandate=self.handler, at=later)
                commenting.answer(comment=made, text=one.answer, adopted=one.adopted, mandate=self.handler, at=later)

    def convene(self, held: Proposal, days: int, experts: Sequence[Person]) -> Proposal:
        panel.convene(
            proposal=held, experts=experts, revision=held.revision, mandate=self.handler,
            reference=self.reference("convene", held), at=self.ago(days),
        )  # fmt: skip
        return fresh(held)

    def vote(self, held: Proposal, votes: Sequence[texts.Ballot], days: int) -> None:
        seats = {one.person.username: one for one in Panelist.objects.filter(proposal=held).select_related("person")}
        for place, one in enumerate(votes):
            seat, at = seats[one.expert], self.ago(days) + place * timedelta(hours=2)
            panel.declare(
                panelist=seat, conflict=bool(one.conflict), statement=one.conflict, by=seat.person, at=at
            )  # fmt: skip
            if one.choice:
                scores = dict(zip(PRINCIPLES, one.scores, strict=True))
                panel.vote(
                    panelist=seat, choice=one.choice, reason=one.reason, scores=scores, by=seat.person,
                    at=at + timedelta(minutes=40),
                )  # fmt: skip

    def conclude(self, held: Proposal, text: str, days: int) -> Proposal:
        on = clock.day(self.ago(days))
        panel.conclude(proposal=held, text=text, held_on=on, mandate=self.handler, at=self.ago(days))
        return fresh(held)

    def file(self, held: Proposal, wanted: recording.Wanted, days: int) -> Proposal:
        recording.propose(
            proposal=held, wanted=wanted, revision=held.revision, mandate=self.handler,
            reference=self.reference("file", held), at=self.ago(days),
        )  # fmt: skip
        return fresh(held)

    # -- the stations

    def reviewed(self, who: str, text: texts.Text, start: int, said: Sequence[texts.Said]) -> Proposal:
        """Submitted ``start`` days ago, checked, commented and answered; two months later before the experts."""
        held = self.publicise(self.take(self.submit(who, text, start), start - 4), start - 8)
        self.comments(held, start - 12, said)
        return self.convene(held, start - 50, self.experts[:6])

    def published(self) -> None:
        held = self.reviewed("transit", texts.METRO, 150, texts.METRO_COMMENTS)
        self.vote(held, texts.METRO_VOTES, 92)
        held = self.conclude(held, texts.METRO_MINUTES, 88)
        wanted = recording.Wanted(
            code="DEMO-02-001", version="V01", number="演环碳〔2026〕8号", valid_from=clock.day(self.ago(80))
        )
        held = self.file(held, wanted, 84)
        recording.confirm(proposal=held, mandate=self.second, at=self.ago(83))
        held = fresh(held)
        recording.publish(
            proposal=held, revision=held.revision, mandate=self.handler, reference=self.reference("publish", held),
            at=self.ago(81),
        )  # fmt: skip

    def under_revision(self) -> None:
        """The version published above, whose revision is open to comment: it stands “under revision” meanwhile."""
        held = self.submit("university", texts.METRO_REVISED, 16, revises="DEMO-02-001-V01")
        held = self.publicise(self.take(held, 12), 6)
        self.comments(held, 4, texts.REVISION_COMMENTS, answered=False)

    def in_comment(self) -> None:
        held = self.publicise(self.take(self.submit("citizen", texts.WOODLAND, 20), 15), 9)
        self.comments(held, 7, texts.WOODLAND_COMMENTS, answered=False)

    def in_review(self) -> None:
        held = self.reviewed("academy", texts.RICE, 62, texts.RICE_COMMENTS)
        self.vote(held, texts.RICE_VOTES, 6)

    def waiting_for_signature(self) -> None:
        held = self.reviewed("association", texts.SOLAR, 95, texts.SOLAR_COMMENTS)
        self.vote(held, texts.SOLAR_VOTES, 20)
        held = self.conclude(held, texts.SOLAR_MINUTES, 9)
        wanted = recording.Wanted(
            code="DEMO-01-001", version="V01", number="演环碳〔2026〕21号", valid_from=clock.day(self.at) + 20 * DAY
        )
        self.file(held, wanted, 2)

    def returned(self) -> None:
        held = self.take(self.submit("academy", texts.STRAW, 14), 10)
        checking.send_back(
            proposal=held, reason="框架完整，以下三处请补正后重新提交。", remarks=texts.STRAW_REMARKS,
            revision=held.revision, mandate=self.handler, reference=self.reference("return", held), at=self.ago(5),
        )  # fmt: skip

    def submitted(self) -> None:
        self.submit("university", texts.WETLAND, 2)

    def half_filled(self) -> None:
        made = self.begin("citizen", texts.SECOND_HAND, self.ago(1))
        self.hand_in(made, self.ago(1), kinds=["TEXT"])


def body(code: str, name: str, role: str, at: datetime) -> Organisation:
    uscc = made_up_uscc(code)
    found = Organisation.objects.filter(uscc=uscc).first()
    return found or enrolment.register_organisation(uscc=uscc, name=name, role=role, at=at)


def on_the_shelf(package: str, category: str) -> bool:
    """Whether a package is installed here; one that is and does not pass stops the demonstration."""
    if package not in shelf.names():
        return False
    proof.check(package, shelf.load(package).sha256, category=category)
    return True


def fresh(one: Proposal) -> Proposal:
    return Proposal.objects.select_related("proposer").get(pk=one.pk)

"""Account openings in every state: an exchange with two reviewers, and applicants at different stations of the way."""

import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.utils import timezone

from tanhui.files.acts import receiving
from tanhui.files.models import Upload
from tanhui.identity.acts import enrolment
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.kernel import clock, identifiers
from tanhui.registry import opening_rules
from tanhui.registry.acts.opening import content, deciding, drafting, papers, reviewing, seats
from tanhui.registry.models import Application, Paper
from tanhui.site import logins
from tanhui.site.demonstration.stage import Stage, given, made_up_uscc
from tanhui.ui import paper

EXCHANGE = ("10000007", "演示环境能源交易所有限公司")
REVIEWERS = [("exc-a", "冯初审", "INITIATE"), ("exc-b", "褚复审", "CONFIRM")]
HELPER, HELPER_NAME = "apply-b", "邓一鸣"
DAY = timedelta(days=1)
# username, name, organisation code body, organisation, class, role, days ago submitted
CASES = {
    "draft": ("apply-a", "何晓岚", "10000011", "演示青川竹业股份有限公司", "OWNER", "OWN"),
    "returned": ("apply-c", "韩立春", "10000012", "演示云岭林业合作社联合社", "OWNER", "OWN"),
    "new": ("apply-d", "许文博", "10000013", "演示蜀江电力股份有限公司", "NATIONAL", "PART"),
    "in_hand": ("apply-e", "尤佳宁", "10000014", "演示滨海会展服务有限公司", "OTHER", "PART"),
    "final": ("apply-f", "秦越", "10000015", "演示长河农村商业银行股份有限公司", "OTHER", "PLED"),
    "second": ("apply-g", "曹静姝", "10000016", "演示北原化工有限公司", "LOCAL", "PART"),
    "open": ("apply-h", "魏思远", "10000017", "演示南岭国有林场", "OWNER", "OWN"),
    "rejected": ("apply-i", "姜柏年", "10000018", "演示恒信碳资产管理有限公司", "OTHER", "PART"),
}
LEGAL = "15040219780512123"  # made up; its check character is computed


def load(stage: Stage) -> None:
    """Bring every case to its station, by the acts people use. What is there already stays as it is."""
    if Application.objects.exists():
        return
    at = timezone.now()
    exchange, reviewers = found_exchange(at)
    Scene(stage, exchange, reviewers, made_up_papers(at), at).play()


def found_exchange(at: datetime) -> tuple[Organisation, dict[str, Mandate]]:
    code, name = made_up_uscc(EXCHANGE[0]), EXCHANGE[1]
    exchange = Organisation.objects.filter(uscc=code).first() or enrolment.register_organisation(
        uscc=code, name=name, role=Organisation.Role.EXCHANGE, at=at
    )
    held = {
        capacity: given(someone(username, person, at), exchange, capacity, at)
        for username, person, capacity in REVIEWERS
    }
    return exchange, held


def someone(username: str, name: str, at: datetime) -> Person:
    return Person.objects.filter(username=username).first() or enrolment.enrol(
        username=username, name=name, password=logins.password(), at=at
    )


def made_up_papers(at: datetime) -> dict[str, Upload]:
    """One small PDF for each kind of paper, taken in as if it had been uploaded."""
    keeper = someone("apply-a", "何晓岚", at)
    return {
        kind: receiving.receive(
            stream=io.BytesIO(drawn(str(Paper.Kind(kind).label), at)), name=NAMES[kind], person=keeper, at=at,
            kind=papers.FORMATS,
        )
        for kind in Paper.Kind.values
    }  # fmt: skip


NAMES = {
    "LICENCE": "营业执照.pdf", "LEGAL_ID": "法定代表人身份证.pdf", "PEOPLE_ID": "两名代表身份证.pdf",
    "INITIATE": "发起代表授权书.pdf", "CONFIRM": "确认代表授权书.pdf", "BANK": "银行开户证明.pdf",
    "OWNER": "受益所有人说明.pdf", "UNDERTAKE": "承诺书（盖章）.pdf", "AGREEMENT": "入市协议与风险揭示书.pdf",
}  # fmt: skip


def drawn(title: str, at: datetime) -> bytes:
    return paper.render(template="site/demonstration/paper.typ", data={"title": title}, at=at)


class Scene:
    """One after the other, each case as far as it goes."""

    def __init__(
        self, stage: Stage, exchange: Organisation, reviewers: Mapping[str, Mandate], uploads: Mapping[str, Upload],
        at: datetime,
    ) -> None:  # fmt: skip
        self.stage, self.exchange, self.reviewers, self.uploads, self.at = stage, exchange, reviewers, uploads, at
        self.registry = stage.signatures["registry"]
        self.helper = someone(HELPER, HELPER_NAME, at)

    def play(self) -> None:
        self.half_filled("draft")
        self.submitted("new", ago=1)
        self.taken(self.submitted("in_hand", ago=6))
        self.sent_back()
        self.passed_on("final", ago=9)
        self.proposed()
        self.opened()
        self.turned_down()

    def ago(self, days: int) -> datetime:
        return self.at - days * DAY

    def half_filled(self, key: str) -> Application:
        """A draft with the first page filled in and one paper uploaded."""
        applicant, application = self.begun(key, self.ago(2))
        said = self.answers(key, applicant)
        first = {field: said[field] for field in [*content.FIELDS["subject"], "exchange"] if field != "owner_basis"}
        drafting.keep(
            application=application, values=first, version=application.version, by=applicant, at=self.ago(2)
        )  # fmt: skip
        self.hand_in(application, "LICENCE", applicant, self.ago(2))
        return application

    def begun(self, key: str, at: datetime) -> tuple[Person, Application]:
        username, name, *_ = CASES[key]
        applicant = someone(username, name, at)
        return applicant, drafting.start(by=applicant, at=at)

    def answers(self, key: str, applicant: Person) -> dict[str, str]:
        _, _, body, name, kind, role = CASES[key]
        return {
            "exchange": self.exchange.uscc, "applicant_class": kind, "role": role, "uscc": made_up_uscc(body),
            "name": name, "address": "演示省演示市滨江新区绿洲大道 66 号", "contact_name": applicant.name,
            "contact_phone": "139" + body, "contact_email": f"{applicant.username}@example.cn", "legal_name": "唐立本",
            "legal_id_kind": "CARD", "legal_id": LEGAL + identifiers.citizen_check(LEGAL),
            "owner_name": "演示市国有资产监督管理委员会", "owner_basis": "STATE",
            "bank_name": "演示农村商业银行滨江支行", "bank_account_name": name, "bank_account": "62220200" + body,
            "initiate_name": applicant.name, "initiate_contact": applicant.username,
            "confirm_name": self.helper.name, "confirm_contact": self.helper.username,
            "manage_name": applicant.name, "manage_contact": applicant.username,
            "undertaking": content.UNDERTAKING_VERSION,
        }  # fmt: skip

    def hand_in(
        self, application: Application, kind: str, applicant: Person, at: datetime, until: date | None = None
    ) -> None:
        endless = kind == Paper.Kind.LICENCE
        expires = None
        if kind in Paper.EXPIRING and not endless:
            expires = until or clock.day(self.at) + 700 * DAY
        papers.hand_in(
            application=application, kind=kind, upload=self.uploads[kind], valid_until=expires, endless=endless,
            by=applicant, at=at,
        )  # fmt: skip

    def submitted(
        self, key: str, *, ago: int, until: date | None = None, **overrides: str
    ) -> tuple[Application, datetime]:
        """Filled in, handed in, and agreed to by the second representative."""
        at = self.ago(ago)
        applicant, application = self.begun(key, at)
        application = drafting.keep(
            application=application, values=self.answers(key, applicant) | overrides, version=application.version,
            by=applicant, at=at,
        )  # fmt: skip
        for kind in Paper.Kind.values:
            self.hand_in(application, kind, applicant, at, until)
        self.submit(application, applicant, at)
        seats.accept(seat=application.seats.get(capacity="CONFIRM", ended_at=None), by=self.helper, at=at)
        return fresh(application), at

    def submit(self, application: Application, applicant: Person, at: datetime) -> None:
        application = fresh(application)
        drafting.submit(
            application=application, limits=opening_rules.limits(clock.day(self.at)), version=application.version,
            reference=f"demo-submit-{application.pk}-{application.version}"[:64], by=applicant, at=at,
        )  # fmt: skip

    def taken(self, submitted: tuple[Application, datetime]) -> Application:
        return self.take(submitted[0], self.reviewers["INITIATE"], submitted[1] + timedelta(hours=3))

    def take(self, application: Application, mandate: Mandate, at: datetime) -> Application:
        reviewing.take(application=application, mandate=mandate, reference=self.reference("take", application), at=at)
        return fresh(application)

    def reference(self, act: str, application: Application) -> str:
        return f"demo-{act}-{application.pk}-{fresh(application).version}"[:64]

    def sent_back(self) -> None:
        """Returned by the exchange two days ago; the applicant has to correct three points."""
        application = self.taken(self.submitted("returned", ago=8, bank_account="6222020000009999"))
        reviewing.send_back(
            application=application, mandate=self.reviewers["INITIATE"], version=application.version,
            reference=self.reference("return", application), at=self.ago(2),
            reason="材料基本齐全，以下三处请补正后重新提交。",
            remarks={
                "bank_account": "所填账号与开户证明末四位不一致，请核对。",
                "BANK": "开户证明模糊，无法辨认印章，请重新扫描。",
                "CONFIRM": "授权书未载明授权期限，请补充后重新盖章。",
            },
        )  # fmt: skip

    def passed_on(self, key: str, *, ago: int) -> Application:
        """Through the preliminary review, after one correction, and in the hands of the registry."""
        application = self.taken(self.submitted(key, ago=ago + 6, owner_basis="CONTROL"))
        reviewing.send_back(
            application=application, mandate=self.reviewers["INITIATE"], version=application.version,
            reference=self.reference("return", application), at=self.ago(ago + 4),
            reason="受益所有人认定依据与所附说明不一致。",
            remarks={"owner_basis": "所附说明为国有控股，请按国有或者公共机构填写。", "OWNER": "请补充股权结构图。"},
        )  # fmt: skip
        application = fresh(application)
        applicant = application.applicant
        drafting.keep(
            application=application, values={"owner_basis": "STATE", "contact_phone": "13900000015"},
            version=application.version, by=applicant, at=self.ago(ago + 2),
        )  # fmt: skip
        papers.hand_in(
            application=application, kind="OWNER", upload=self.uploads["AGREEMENT"], valid_until=None, endless=False,
            by=applicant, at=self.ago(ago + 2),
        )  # fmt: skip
        self.submit(application, applicant, self.ago(ago + 2))
        return self.through(fresh(application), self.ago(ago))

    def through(self, application: Application, at: datetime) -> Application:
        """The exchange finds everything in order; the registry takes it in hand."""
        reviewing.pass_on(
            application=application, checklist=Paper.Kind.values, version=application.version,
            mandate=self.reviewers["INITIATE"], reference=self.reference("pass", application), at=at,
        )  # fmt: skip
        return self.take(fresh(application), self.registry.initiator, at + timedelta(hours=2))

    def proposed(self) -> Application:
        application = self.taken(self.submitted("second", ago=7))
        return self.sign(self.through(application, self.ago(4)), self.ago(1))

    def sign(self, application: Application, at: datetime) -> Application:
        deciding.propose(
            application=application, checklist=Paper.Kind.values, version=application.version,
            mandate=self.registry.initiator, reference=self.reference("propose", application), at=at,
        )  # fmt: skip
        return fresh(application)

    def opened(self) -> None:
        """An open account, two of whose papers run out soon."""
        soon = clock.day(self.at) + 21 * DAY
        application = self.taken(self.submitted("open", ago=20, until=soon))
        application = self.sign(self.through(application, self.ago(16)), self.ago(15))
        deciding.confirm(application=application, mandate=self.registry.confirmer, at=self.ago(14))

    def turned_down(self) -> None:
        application = self.taken(self.submitted("rejected", ago=12))
        reviewing.reject(
            application=application, mandate=self.reviewers["INITIATE"], version=application.version,
            reference=self.reference("reject", application), at=self.ago(10),
            reason="经核查，申请单位的实际控制人同时为审定与核查机构的股东，依规定不得开户。",
        )  # fmt: skip


def fresh(application: Application) -> Application:
    return Application.objects.select_related("applicant").get(pk=application.pk)

"""An organisation on its way to an account: an exchange, an applicant with two colleagues, and what they fill in."""

import datetime as dt
import io
import itertools
from dataclasses import dataclass

from pypdf import PdfWriter
from tests import world

from tanhui.files.acts import receiving
from tanhui.identity.models import Mandate, Person
from tanhui.registry.acts.opening import content, deciding, drafting, papers, reviewing, seats
from tanhui.registry.models import Application, Paper

NOON = world.NOON
DAY = dt.timedelta(days=1)
UNTIL = dt.date(2030, 6, 5)
LIMITS = {
    "PRELIM": {"days": 5, "pack": "demo-local 1", "clause": "", "grade": "D"},
    "FINAL": {"days": 10, "pack": "demo-local 1", "clause": "", "grade": "D"},
    "CORRECTION": {"days": 15, "pack": "demo-local 1", "clause": "", "grade": "D"},
}
NAMES = itertools.count(1)


def pdf():
    """One empty sheet."""
    made, sheet = io.BytesIO(), PdfWriter()
    sheet.add_blank_page(300, 400)
    sheet.write(made)
    return made.getvalue()


def values(*, exchange, applicant, colleague, manager=None, uscc=None, name="青川竹业有限公司", **overrides):
    """A complete application form."""
    manager = manager or applicant
    return {
        "applicant_class": "OWNER", "role": "OWN", "uscc": uscc or world.uscc(), "name": name,
        "address": "四川省广元市青川县乔庄镇竹园路 8 号", "contact_name": "何晓岚", "contact_phone": "13800001234",
        "contact_email": "he@example.cn", "legal_name": "唐立本", "legal_id_kind": "CARD",
        "legal_id": "11010519491231002X", "owner_name": "青川县国有资产管理中心", "owner_basis": "SHARE",
        "bank_name": "演示农村商业银行青川支行", "bank_account_name": name, "bank_account": "6222 0000 1111 2222",
        "initiate_name": applicant.name, "initiate_contact": applicant.username,
        "confirm_name": colleague.name, "confirm_contact": colleague.username,
        "manage_name": manager.name, "manage_contact": manager.username,
        "exchange": exchange.organisation.uscc, "undertaking": content.UNDERTAKING_VERSION,
    } | overrides  # fmt: skip


@dataclass
class Applying:
    """Everyone who has to do with one application."""

    operator: world.Party
    exchange: world.Party
    applicant: Person
    colleague: Person
    application: Application
    at: dt.datetime = NOON

    def fresh(self):
        self.application = Application.objects.get(pk=self.application.pk)
        return self.application

    def save(self, *, by=None, version=None, at=None, **overrides):
        self.application = drafting.keep(
            application=self.application, values=overrides, version=version or self.fresh().version,
            by=by or self.applicant, at=at or self.at,
        )  # fmt: skip
        return self.application

    def fill_in(self, **overrides):
        self.save(**values(
            exchange=self.exchange, applicant=self.applicant, colleague=self.colleague, **overrides
        ))  # fmt: skip
        upload = uploaded(self.applicant, at=self.at)
        for kind in Paper.Kind.values:
            until = UNTIL if kind in Paper.EXPIRING else None
            papers.hand_in(
                application=self.application, kind=kind, upload=upload, valid_until=until, endless=False,
                by=self.applicant, at=self.at,
            )  # fmt: skip
        return self.fresh()

    def submit(self, *, limits=None, reference=None, by=None, version=None, at=None):
        made = drafting.submit(
            application=self.fresh(), limits=LIMITS if limits is None else limits,
            version=version or self.application.version, reference=reference or f"submit-{next(NAMES)}",
            by=by or self.applicant, at=at or self.at,
        )  # fmt: skip
        self.fresh()
        return made

    def agree(self, *, at=None):
        """The colleague agrees to confirm."""
        seat = self.application.seats.get(capacity="CONFIRM", ended_at__isnull=True)
        return seats.accept(seat=seat, by=self.colleague, at=at or self.at)

    def take(self, mandate=None, *, reference=None, at=None):
        made = reviewing.take(
            application=self.application, mandate=mandate or self.exchange.initiator,
            reference=reference or f"take-{next(NAMES)}", at=at or self.at,
        )  # fmt: skip
        self.fresh()
        return made

    def pass_on(self, mandate=None, *, checklist=None, version=None, reference=None, at=None):
        made = reviewing.pass_on(
            application=self.application, checklist=Paper.Kind.values if checklist is None else checklist,
            version=version or self.application.version, mandate=mandate or self.exchange.initiator,
            reference=reference or f"pass-{next(NAMES)}", at=at or self.at,
        )  # fmt: skip
        self.fresh()
        return made

    def send_back(self, mandate=None, *, reason="材料不全", remarks=None, version=None, reference=None, at=None):
        made = reviewing.send_back(
            application=self.application, reason=reason,
            remarks={"bank_account": "账号与证明不一致"} if remarks is None else remarks,
            version=version or self.application.version, mandate=mandate or self.exchange.initiator,
            reference=reference or f"return-{next(NAMES)}", at=at or self.at,
        )  # fmt: skip
        self.fresh()
        return made

    def reject(self, mandate=None, *, reason="不符合开户条件", version=None, reference=None, at=None):
        made = reviewing.reject(
            application=self.application, reason=reason, version=version or self.application.version,
            mandate=mandate or self.exchange.initiator, reference=reference or f"reject-{next(NAMES)}",
            at=at or self.at,
        )  # fmt: skip
        self.fresh()
        return made

    def propose(self, mandate=None, *, checklist=None, version=None, reference=None, at=None):
        made = deciding.propose(
            application=self.application, checklist=Paper.Kind.values if checklist is None else checklist,
            version=version or self.application.version, mandate=mandate or self.operator.initiator,
            reference=reference or f"propose-{next(NAMES)}", at=at or self.at,
        )  # fmt: skip
        self.fresh()
        return made

    def confirm(self, mandate=None, *, at=None):
        made = deciding.confirm(
            application=self.application, mandate=mandate or self.operator.confirmer, at=at or self.at
        )  # fmt: skip
        self.fresh()
        return made

    def to_registry(self):
        """Submitted, agreed to, passed by the exchange, and in the hands of the registry."""
        self.submit()
        self.agree()
        self.take()
        self.pass_on()
        self.take(self.operator.initiator)
        return self.application


def uploaded(person, *, body=None, name="材料.pdf", at=NOON):
    return receiving.receive(stream=io.BytesIO(body or pdf()), name=name, person=person, at=at, kind="registry.kyc")


def begin(operator=None, exchange=None, *, password=None, at=NOON):
    """A draft nobody has filled in yet, with everyone who will meet it."""
    applicant = world.person(name="何晓岚", password=password, at=at)
    colleague = world.person(name="邓一鸣", password=password, at=at)
    return Applying(
        operator=operator or world.operator(password=password, at=at),
        exchange=exchange or world.party("EXC", name="演示环境能源交易所", password=password, at=at),
        applicant=applicant, colleague=colleague, application=drafting.start(by=applicant, at=at), at=at,
    )  # fmt: skip


def capacities(organisation):
    """Who may sign what for an organisation."""
    return {
        (one.membership.person.name, one.capacity)
        for one in Mandate.objects.filter(membership__organisation=organisation)
    }

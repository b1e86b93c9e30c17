"""Everybody and everything that is met on the walk: what is one's own to the owner is foreign to the buyer."""

import datetime as dt
import time
from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows import login as flows
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone
from tests import world
from tests.inventory import accounting
from tests.library import proposing
from tests.registry import applying

from tanhui.files.models import Export
from tanhui.identity.acts import clients, mandates, membership
from tanhui.identity.models import Duty, Mandate, Organisation, Person, StaffSession
from tanhui.inventory.acts import cataloguing, opening
from tanhui.journal import sequencer
from tanhui.library.acts import drafting as proposals
from tanhui.library.acts import entering
from tanhui.notices.acts import delivering, subscribing
from tanhui.notices.models import Notice
from tanhui.portal.acts import publication
from tanhui.projects.acts import land
from tanhui.registry.acts.opening import drafting

CAPACITIES = ["VIEW", "INITIATE", "CONFIRM", "MANAGE"]
HOLDERS, PUBLISHERS = ["OWN", "PART"], ["REG", "AUTH", "EXC"]
LATER = dt.timedelta(minutes=30)


@dataclass(frozen=True)
class Visitor:
    """Who walks: nobody, a person, one who may do one thing for an organisation of one role, or one on a duty."""

    name: str
    person: Person | None = None
    party: world.Party | None = None
    role: str = ""
    capacity: str = ""
    duty: str = ""


class Here:
    """The register that is walked through. Of each role there is one organisation with a member for each capacity."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.world = world.build(buffer_t=100, at=self.now)
        exchange = world.party("EXC", at=self.now)
        self.parties = {
            "OWN": self.world.owner, "PART": self.world.buyer, "REG": self.world.operator, "EXC": exchange,
        }  # fmt: skip
        self.world.transfer(300, at=self.now)
        self.certificate = self.world.retire(20, at=self.now).certificate
        self.somebody = world.person(at=self.now)
        self.case = applying.begin(self.world.operator, exchange, at=self.now)
        self.visitors = {
            "signed-out": Visitor("signed-out"),
            "person": Visitor("person", self.case.applicant),
        }  # fmt: skip
        for role in (one.value for one in Organisation.Role):
            self.staff(role)
        self.instructions = {
            "OWN": self.asked(self.world.owner.issued, self.world.buyer.holding, "OWN-INITIATE"),
            "PART": self.asked(self.world.buyer.holding, self.world.owner.holding, "PART-INITIATE"),
        }
        self.power(self.now)
        self.programs = {role: self.program(role) for role in HOLDERS}
        sequencer.sequence(at=self.now)
        self.webhooks = {role: self.webhook(role) for role in HOLDERS}
        self.applications()
        self.publications()
        self.methodologies()
        self.stock_sinks()

    def asked(self, source: Any, target: Any, by: str) -> Any:
        return self.world.initiate(5, source=source, target=target, mandate=self.mandate(by), at=self.now)

    def staff(self, role: str) -> None:
        """One member of an organisation of the role for each capacity."""
        party = self.parties.setdefault(role, world.party(role, at=self.now))
        for capacity in CAPACITIES:
            someone = world.person(password="walk-through-2026", at=self.now)
            world.mandate(someone, party.organisation, capacity, since_at=self.now - world.YEAR, at=self.now)
            name = f"{role}-{capacity}"
            self.visitors[name] = Visitor(name, someone, party, role, capacity)

    def mandate(self, name: str) -> Mandate:
        """The one mandate of a visitor."""
        return Mandate.objects.select_related("membership__organisation", "membership__person").get(
            membership__person=self.visitors[name].person
        )

    def power(self, now: dt.datetime) -> None:
        """Changes of powers, invitations, and staff duties."""
        self.changes, self.invitations = {}, {}
        for role in HOLDERS:
            manager = self.mandate(f"{role}-MANAGE")
            viewer = self.visitors[f"{role}-VIEW"].person
            self.changes[role] = mandates.propose(
                mandate=manager, person=viewer, capacity="INITIATE", until_at=now + world.YEAR, reference="walk", at=now
            )  # fmt: skip
            self.invitations[role] = membership.invite(mandate=manager, name="张三", at=now)[0]
        givers = {"proposed_by": self.somebody, "confirmed_by": world.person(at=now), "since_at": now}
        self.duties = {}
        for kind in Duty.Kind.values:
            someone = world.person(password="walk-through-2026", at=now)
            self.duties[kind] = Duty.objects.create(person=someone, kind=kind, **givers)
            times = {"began_at": now, "ends_at": now + LATER}
            StaffSession.objects.create(duty=self.duties[kind], reason="走一遍", **times)
            self.visitors[f"duty-{kind}"] = Visitor(f"duty-{kind}", someone, duty=kind)

    def program(self, role: str) -> str:
        body, manager = self.parties[role].organisation, self.visitors[f"{role}-MANAGE"].person
        scopes = ["registry.accounts"]
        made, _secret = clients.register(organisation=body, name="程序", scopes=scopes, at=self.now, by=manager)
        return made.pk

    def webhook(self, role: str) -> Any:
        made, _secret = subscribing.subscribe(
            mandate=self.parties[role].initiator, label="系统", url="http://127.0.0.1:9009/hook",
            kinds=["registry.transferred"], scope="OWN", at=self.now,
        )  # fmt: skip
        made.pinged = delivering.ping(subscription=made, at=self.now).pk
        return made

    def applications(self) -> None:
        """One with the registry, one still being written."""
        self.case.at = self.now
        self.case.fill_in()
        self.case.to_registry()
        self.draft = drafting.start(by=self.case.applicant, at=self.now)

    def publications(self) -> None:
        words = publication.Words(title="公告", body="正文。", source="登记机构", made_on=self.now.date())
        registrar = self.parties["REG"]
        first = publication.write(words=words, mandate=registrar.initiator, at=self.now, category="announcement")
        edition = publication.release(
            draft=first, revision=first.revision, mandate=registrar.confirmer, at=self.now
        )  # fmt: skip
        self.publication = edition.publication_id
        self.drafts = {
            role: publication.write(
                words=words, mandate=self.parties[role].initiator, at=self.now, category="announcement"
            ).pk
            for role in PUBLISHERS
        }

    def methodologies(self) -> None:
        """A proposal before the experts, one still being written, a version, and one that waits to be entered."""
        authority, at = self.parties["AUTH"], self.now - dt.timedelta(days=90)
        proposing.activate_rules(authority, at=at)
        self.proposing = proposing.begin(authority=authority, at=at, experts=1)
        self.proposing.experts += [self.visitors[f"EXP-{capacity}"].person for capacity in CAPACITIES]
        self.proposing.to_comment()
        self.proposing.comment(person=self.somebody)
        self.proposing.answer_all()
        self.proposing.convene()
        self.seat = self.proposing.seat(self.visitors["EXP-VIEW"].person)
        self.unfinished = proposals.start(by=self.case.applicant, at=self.now)
        said = {
            "version": "V01", "name": "造林碳汇", "scheme": "LOCAL", "sector": "FOREST", "category": "PROJECT",
            "issuer": "主管部门", "source": "公告", "published_on": at.date(), "valid_from": at.date(),
        }  # fmt: skip
        for code in ("WALK-1", "WALK-2"):
            published = entering.Published(code=code, **said)
            self.entering = entering.propose(
                published=published, mandate=authority.initiator, reference=code, at=self.now
            )  # fmt: skip
            if code == "WALK-1":
                entering.confirm(asked=self.entering, mandate=authority.confirmer, at=self.now)

    def stock_sinks(self) -> None:
        """A year that is planned, and one set of data."""
        authority = self.parties["NATR"]
        common = {"mandate": authority.initiator, "at": self.now}
        self.accounting_year = opening.open_year(
            area_name="演示区", division_code="330699", year=2024, method=accounting.METHOD, due_on=None, **common
        )
        opening.appoint(year=self.accounting_year, verifier=self.parties["VVB"].organisation, **common)
        there = cataloguing.data_folder() / "walk.tif"
        there.parent.mkdir(exist_ok=True)
        there.write_bytes(b"walk")
        self.dataset = cataloguing.add_path(described=accounting.described(), path="walk.tif", **common)
        owner = self.parties["OWN"].initiator
        self.land = land.open_source(name="小班", kind="SUBCOMPARTMENT", mandate=owner, at=self.now)


# -- what a person has -------------------------------------------------------------------------------------------------


def notice(person: Person) -> Notice:
    made, _ = Notice.objects.get_or_create(
        person=person,
        reference="walk",
        defaults={
            "category": "OTHER", "subject": {"zh-hans": "通知", "en": "Notice"},
            "body": {"zh-hans": "一句话。", "en": "A sentence."}, "url": "/", "at": timezone.now(),
        },
    )  # fmt: skip
    return made


def passkey(person: Person) -> Authenticator:
    data = {"name": "key", "credential": {}, "passwordless": False}
    return Authenticator.objects.get_or_create(user=person, type=Authenticator.Type.WEBAUTHN, defaults={"data": data})[
        0
    ]


def session(person: Person) -> UserSession:
    """A session on another device."""
    made = {"ip": "127.0.0.1", "user_agent": "walk"}
    return UserSession.objects.get_or_create(user=person, session_key=f"walk{person.pk}", defaults=made)[0]


def upload(person: Person) -> Any:
    return applying.uploaded(person, at=timezone.now())


def export(person: Person) -> Export:
    """One that failed: it can be looked at, asked for again and forgotten."""
    return Export.objects.get_or_create(
        asked_by=person, name="registry.movements",
        defaults={
            "form": "csv", "language": "zh-hans", "rows_total": 1, "asked_at": timezone.now(), "state": "FAILED",
            "finished_at": timezone.now(),
        },
    )[0]  # fmt: skip


def member(person: Person) -> Any:
    return person.memberships.get()


# -- signing in --------------------------------------------------------------------------------------------------------


def sign_in(client: Client, person: Person) -> None:
    """A session that began a moment ago with a password, and everything set up that can be."""
    client.force_login(person)
    kept = client.session
    kept[flows.AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time()}]
    kept[flows._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
    kept.save()
    TOTP.activate(person, "A" * 32)
    RecoveryCodes.activate(person)

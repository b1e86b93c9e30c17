"""Members, mandates that run out, documents bound and checked, the three administrators, and evidence of verifiers."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from tanhui.identity.acts import duty, enrolment, mandates, membership, realname, verifier
from tanhui.identity.models import Duty, IdentityDocument, Mandate, Organisation, Person
from tanhui.kernel import identifiers
from tanhui.site import logins
from tanhui.site.demonstration.stage import Stage

MANAGERS = {"registry": ("reg-a", "reg-b"), "owner": ("owner-a", "owner-b"), "buyer": ("buyer-a",)}
STAFF = {"sys-a": Duty.Kind.SYSTEM, "sec-a": Duty.Kind.SECURITY, "aud-a": Duty.Kind.AUDIT}
BOUND = {  # made-up numbers that pass their checks: sign-in name, day of birth, whether the card was seen
    "reg-a": ("19850412", True), "reg-b": ("19880923", True), "owner-a": ("19791105", True),
    "owner-b": ("19860217", True), "buyer-a": ("19900307", False), "owner-c": ("19930618", False),
}  # fmt: skip


def load(stage: Stage) -> None:
    """All of it by the acts people use, once."""
    if Duty.objects.exists():
        return
    now = timezone.now()
    managing = {
        key: [appointed(stage.bodies[key], username, now) for username in usernames]
        for key, usernames in MANAGERS.items()
    }
    accountant = joined(managing["owner"][0], "owner-c", "钱会计", now)
    give_duties(managing["registry"], now)
    bind_documents(now)
    # One mandate that runs out soon, one that waits for a second administrator, one that waits for the registry.
    given = mandates.propose(
        mandate=managing["owner"][0], person=accountant, capacity="CONFIRM", until_at=now + timedelta(days=12),
        letter="演农投授〔2026〕7 号", reference="demo-owner-confirm", at=now,
    )  # fmt: skip
    mandates.confirm(asked=given, mandate=managing["owner"][1], at=now)
    mandates.propose(
        mandate=managing["owner"][0], person=accountant, capacity="INITIATE", until_at=now + timedelta(days=365),
        letter="演农投授〔2026〕11 号", reference="demo-owner-initiate", at=now,
    )  # fmt: skip
    membership.invite(mandate=managing["owner"][1], name="冯项目", at=now)
    mandates.propose(
        mandate=managing["buyer"][0], person=joined(managing["buyer"][0], "buyer-c", "何赛事", now),
        capacity="CONFIRM", until_at=now + timedelta(days=365), letter="组委会授权书第 3 号",
        reference="demo-buyer-confirm", at=now,
    )  # fmt: skip
    show_evidence(stage, now)


def appointed(body: Organisation, username: str, now: datetime) -> Mandate:
    who = Person.objects.get(username=username)
    return enrolment.mandate(
        person=who, organisation=body, capacity=Mandate.Capacity.MANAGE, since_at=now, until_at=now.replace(
            year=now.year + 2, day=min(now.day, 28)
        ), letter="开户授权书", at=now,
    )  # fmt: skip


def joined(manager: Mandate, username: str, name: str, now: datetime) -> Person:
    who = enrolment.enrol(username=username, name=name, password=logins.password(), at=now)
    _, code = membership.invite(mandate=manager, name=name, at=now)
    membership.accept(code=code, person=who, at=now)
    return who


def give_duties(managers: list[Mandate], now: datetime) -> None:
    for username, kind in STAFF.items():
        asked = duty.propose(
            mandate=managers[0], person=Person.objects.get(username=username), kind=kind, reference=f"demo-{username}",
            at=now,
        )  # fmt: skip
        duty.confirm(asked=asked, mandate=managers[1], at=now)


def bind_documents(now: datetime) -> None:
    officer = Person.objects.get(username="sec-a")
    session = duty.begin(person=officer, duty=Duty.Kind.SECURITY, reason="柜台核验开户材料", minutes=30, at=now)
    for place, (username, (born, seen)) in enumerate(BOUND.items()):
        who, body = Person.objects.get(username=username), f"150402{born}{100 + place}"
        number = body + identifiers.citizen_check(body)
        document = realname.bind(
            person=who, kind=IdentityDocument.Kind.CITIZEN, number=number, at=now, by=who
        )  # fmt: skip
        if seen:
            realname.check(document=document, number=number, at=now, by=officer)
    duty.end(session=session, by=officer, at=now)


def show_evidence(stage: Stage, now: datetime) -> None:
    by = Person.objects.get(username="reg-a")
    for place, key in enumerate(("validator", "verifier")):
        verifier.qualify(
            organisation=stage.bodies[key], approval=f"演示-CNCA-R-2024-{place + 1:03d}", sectors=["14"],
            staff=16 + place, experienced=9, cover="INSURANCE", undiscredited=True, valid_from=date(now.year - 1, 1, 1),
            expires_on=date(now.year + 1, 1, 1) if place else now.date() + timedelta(days=40), document=None, by=by,
            at=now,
        )  # fmt: skip
        verifier.owe_report(organisation=stage.bodies[key], year=now.year, at=now)

"""The doors of reviews: how what a person sends becomes something under their review, a finding, a panel, a seat.

A stranger learns nothing (404).
"""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from tanhui.identity import access as people
from tanhui.identity import roster
from tanhui.identity.models import Mandate, Organisation, Person, WorkReport
from tanhui.projects.models import Development, Expert, Finding, Monitoring, Panel, Sample, Seat
from tanhui.projects.models.panel import Minutes

Row = TypeVar("Row", bound=Model)
SIGNING = (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)


def mandates(person: Person, role: str, *, at: datetime) -> QuerySet[Mandate]:
    """The person's standing mandates at organisations of a role."""
    found = roster.standing(at).filter(membership__person=person, membership__organisation__role=role)
    return found.select_related("membership__person", "membership__organisation")


def organisations(person: Person, *, at: datetime) -> set[int]:
    """The ids of the organisations the person has any standing mandate at."""
    return set(roster.standing(at).filter(membership__person=person).values_list("membership__organisation", flat=True))


def subject(key: UUID | str) -> Development | Monitoring:
    """A monitoring period or a development by its id; for whoever was let in by another door."""
    wanted = uuid(key)
    periods = Monitoring.objects.select_related("development__owner", "development__validator", "verifier")
    found = periods.filter(pk=wanted).first()
    if found is not None:
        return found
    return only(Development.objects.select_related("owner", "validator").filter(pk=wanted))


def under_review(person: Person, key: UUID | str, *, at: datetime) -> Development | Monitoring:
    """What one of the person's bodies reviews: also for supervisors of every scheme to look at."""
    found = subject(key)
    body = found.validator_id if isinstance(found, Development) else found.verifier_id
    mine = organisations(person, at=at)
    if body in mine or overseeing(person, at=at):
        return found
    raise Http404


def overseeing(person: Person, *, at: datetime) -> bool:
    """Authorities, the register's operator and auditors look at every review."""
    roles = (Organisation.Role.AUTHORITY, Organisation.Role.REGISTRY, Organisation.Role.AUDITOR)
    return roster.standing(at).filter(membership__person=person, membership__organisation__role__in=roles).exists()


def reviewer(person: Person, found: Development | Monitoring, *, at: datetime) -> Mandate:
    """The person's mandate to sign for the body that reviews. 404 for a stranger; refuses with
    ``identity.capacity_missing``."""
    body = found.validator_id if isinstance(found, Development) else found.verifier_id
    return signing(person, body, at=at)


def owner(person: Person, found: Finding, *, at: datetime) -> Mandate:
    """The person's mandate to sign for the owner of the project a finding is about. Refuses as ``reviewer``."""
    return signing(person, found.development.owner_id, at=at)


def signing(person: Person, organisation: int | None, *, at: datetime) -> Mandate:
    rows = roster.standing(at).filter(membership__person=person, membership__organisation=organisation)
    own = list(rows.select_related("membership__person", "membership__organisation"))
    if not own:
        raise Http404
    for one in own:
        if one.capacity in SIGNING:
            return one
    raise people.CapacityMissing(
        capacity=Mandate.Capacity.INITIATE, organisation=own[0].membership.organisation.name
    )  # fmt: skip


def finding(person: Person, key: UUID | str, *, at: datetime) -> Finding:
    """A finding about a project of one of the person's organisations, or raised by one of them."""
    rows = Finding.objects.select_related("development__owner", "monitoring__verifier", "body")
    found = only(rows.filter(pk=uuid(key)))
    mine = organisations(person, at=at)
    if {found.development.owner_id, found.body_id} & mine or overseeing(person, at=at):
        return found
    raise Http404


def about(person: Person, key: UUID | str, *, at: datetime) -> Development:
    """A development whose findings the person may read: of its owner, its bodies, or those who oversee."""
    found = only(Development.objects.select_related("owner", "validator").filter(pk=uuid(key)))
    verifiers = found.monitorings.values_list("verifier", flat=True)
    if {found.owner_id, found.validator_id, *verifiers} & organisations(person, at=at) or overseeing(person, at=at):
        return found
    raise Http404


def sample(found: Development | Monitoring, number: int) -> Sample:
    """A sample of something that was reached by its door."""
    rows = Sample.objects.filter(monitoring=found) if isinstance(found, Monitoring) else Sample.objects.none()
    if isinstance(found, Development):
        rows = Sample.objects.filter(development=found, monitoring=None)
    return only(rows.select_related("draw", "body", "by").filter(number=number))


def convener(person: Person, found: Development | Monitoring, *, at: datetime) -> Mandate:
    """The person's mandate to convene experts. 404 for whoever works for no body that may."""
    roles = (Organisation.Role.EXPERTS, Organisation.Role.AUTHORITY, Organisation.Role.TECHNICAL)
    for role in roles:
        for one in mandates(person, role, at=at):
            if one.capacity in SIGNING:
                return one
    raise Http404


def panel(person: Person, key: UUID | str, *, at: datetime) -> Panel:
    """A panel the person convenes, sits on or oversees."""
    found = only(panels().filter(pk=uuid(key)))
    if found.convener_id in organisations(person, at=at) or overseeing(person, at=at):
        return found
    raise Http404


def public_panel(key: UUID | str) -> Panel:
    """A concluded panel with its minutes; public."""
    concluded = Minutes.objects.values("panel")
    return only(panels().filter(pk=uuid(key), pk__in=concluded))


def panels() -> QuerySet[Panel]:
    return Panel.objects.select_related(
        "development__owner", "development__validator", "monitoring__verifier", "monitoring__development", "convener",
        "minutes__by",
    )  # fmt: skip


def seat(person: Person, key: int) -> Seat:
    """One's own seat on a panel."""
    rows = Seat.objects.select_related("panel__development__owner", "panel__monitoring", "expert__person", "vote")
    return only(rows.filter(pk=key, expert__person=person))


def listed(keys: list[str]) -> list[Person]:
    """People of the roster by their ids, as the form that convenes a panel sends them."""
    wanted = [int(key) for key in keys if key.isdecimal() and len(key) < 18]
    return list(Person.objects.filter(pk__in=wanted, expert__isnull=False))


def by_name(username: str) -> Person | None:
    """Somebody by the name they sign in with, for the committee that takes them onto its roster."""
    return Person.objects.filter(username=username[:64]).first()


def expert(key: int) -> Expert:
    """An expert of the roster; public."""
    return only(Expert.objects.select_related("person", "committee").filter(pk=key))


def may_read_papers(person: Person | None, key: str, *, at: datetime) -> bool:
    """The papers of findings (``key``: the development or monitoring period): owner, body, and who oversees."""
    if person is None:
        return False
    try:
        found = subject(key)
    except Http404:
        return False
    development = found if isinstance(found, Development) else found.development
    body = found.validator_id if isinstance(found, Development) else found.verifier_id
    mine = organisations(person, at=at)
    return bool({development.owner_id, body} & mine) or overseeing(person, at=at)


def reporting(person: Person, *, at: datetime) -> list[Mandate]:
    """The person's mandates to sign first for verification bodies and authorities."""
    roles = (Organisation.Role.VERIFIER, Organisation.Role.AUTHORITY)
    found = roster.standing(at).filter(
        membership__person=person, membership__organisation__role__in=roles, capacity=Mandate.Capacity.INITIATE
    )
    return list(found.select_related("membership__person", "membership__organisation").order_by("pk"))


def work_report(key: int) -> WorkReport:
    """A yearly report; that it is owed is public."""
    return only(WorkReport.objects.select_related("organisation").filter(pk=key))


def report_mandate(person: Person, found: WorkReport, *, receive: bool, at: datetime) -> Mandate:
    """The person's mandate to hand a report in, or to receive it for an authority. A stranger: 404."""
    for one in reporting(person, at=at):
        body = one.membership.organisation
        if body.role == Organisation.Role.AUTHORITY if receive else body.pk == found.organisation_id:
            return one
    raise Http404


def may_read_report(person: Person | None, key: str, at: datetime) -> bool:
    """A yearly report: the people of its body, and the authorities it goes to."""
    if person is None or not (key.isascii() and key.isdecimal() and len(key) < 19):
        return False
    report = WorkReport.objects.filter(pk=int(key)).first()
    if report is None:
        return False
    authority = Organisation.Role.AUTHORITY
    mine = roster.standing(at).filter(membership__person=person)
    own = mine.filter(membership__organisation=report.organisation_id)
    return own.exists() or mine.filter(membership__organisation__role=authority).exists()


def uuid(key: UUID | str) -> UUID:
    try:
        return UUID(str(key))
    except ValueError:
        raise Http404 from None


def only(rows: QuerySet[Row]) -> Row:
    for row in rows:
        return row
    raise Http404

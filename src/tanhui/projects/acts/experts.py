"""The roster of the expert committee: who belongs to it, what they know, and who employed them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from tanhui.files.acts import receiving
from tanhui.identity.acts import instruction
from tanhui.identity.models import Mandate, Membership, Organisation, Person
from tanhui.journal.record import record
from tanhui.kernel import clock
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects.models import Expert

CLAUSE = "《四川深入推进林草碳普惠机制建设的指导意见》三（三）；《赤峰市生态碳汇实施方案》五（七）"
SIGNING = (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)


class NotTheCommittee(Refusal):
    code = "projects.not_the_committee"
    sentence = gettext_noop("The committee keeps its own roster, and you act for %(organisation)s.")
    clause = CLAUSE
    status = 403


class NotItsMember(Refusal):
    code = "projects.not_its_member"
    sentence = gettext_noop("%(person)s is no member of %(committee)s. Have the committee take them in first.")
    clause = CLAUSE
    status = 422


class RosterIncomplete(Refusal):
    code = "projects.roster_incomplete"
    sentence = gettext_noop(
        "Say the expert's field, and of every employer its name and from when to when; the first day is not after the "
        "last, and at most 20 are listed."
    )
    clause = CLAUSE
    status = 422


@dataclass(frozen=True, slots=True)
class Employer:
    """Somebody who employed an expert; ``until`` is the last day, nothing where it goes on. ``uscc`` where known."""

    name: str
    since: date
    until: date | None = None
    uscc: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name.strip(), "uscc": self.uscc.strip(), "from": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
        }  # fmt: skip


@transaction.atomic
def list_(
    *, person: Person, field: str, title: str, employers: Sequence[Employer], since: date, mandate: Mandate,
    at: datetime, until: date | None = None,
) -> Expert:  # fmt: skip
    """Put a member on the roster of their committee, or bring what it says of them up to date.

    Refuses with ``NotTheCommittee``, ``NotItsMember``, ``RosterIncomplete`` or ``instruction.WrongMandate``.
    """
    committee = mandate.membership.organisation
    if committee.role != Organisation.Role.EXPERTS:
        raise NotTheCommittee(organisation=committee.name)
    if mandate.capacity not in SIGNING:
        raise instruction.WrongMandate(needed=Mandate.Capacity.INITIATE.value, organisation=committee.name)
    instruction.check_mandate(mandate, Mandate.Capacity(mandate.capacity), organisation=committee.pk, at=at)
    member = Membership.objects.filter(person=person, organisation=committee, since_at__lte=at, until_at__isnull=True)
    if not member.exists():
        raise NotItsMember(person=person.name, committee=committee.name)
    dated = all(one.name.strip() and (one.until is None or one.since <= one.until) for one in employers)
    if not field.strip() or len(employers) > 20 or not dated or (until is not None and until <= since):
        raise RosterIncomplete
    receiving.lock(f"projects.expert:{person.pk}")
    values = {
        "committee": committee, "title": title.strip()[:60], "field": field.strip()[:120], "since": since,
        "until": until, "employers": [one.as_json() for one in employers], "by": mandate.membership.person,
        "changed_at": at,
    }  # fmt: skip
    record(
        kind="projects.expert_listed",
        fact={"committee": committee.name, "expert": person.name, "field": field.strip()[:120]},
        private={"person": person.pk, "employers": values["employers"]},
        at=at,
        by=mandate.membership.person_id,
    )
    made, _new = Expert.objects.update_or_create(person=person, defaults=values)
    return made


def conflict(expert: Expert, organisations: Sequence[Organisation], *, years: int, at: datetime) -> str:
    """Why an expert may not judge a matter of these organisations: works for one of them, or did in so many years, by
    what the register of members or their own declaration says; empty where nothing is known."""
    today = clock.day(at)
    since = clock.day(at.replace(year=at.year - years, day=min(at.day, 28)))
    codes, names = {one.uscc: one for one in organisations}, {one.name: one for one in organisations}
    for said in expert.employers:
        met = codes.get(said["uscc"]) or names.get(said["name"])
        if met is not None and date.fromisoformat(said["until"] or today.isoformat()) >= since:
            return met.name
    worked = Membership.objects.filter(person=expert.person, organisation__in=organisations).exclude(
        until_at__date__lt=since
    )
    found = worked.select_related("organisation").first()
    return found.organisation.name if found else ""

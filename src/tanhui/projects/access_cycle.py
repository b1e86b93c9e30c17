"""The doors to developments and monitoring periods. A stranger learns nothing (404)."""

import re
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from tanhui.identity.models import Instruction, Mandate, Organisation, Person
from tanhui.projects import sides
from tanhui.projects.models import Comment, Development, Monitoring, Paper, Step
from tanhui.projects.queries import cycle
from tanhui.projects.sides import Subject

Row = TypeVar("Row", bound=Model)
CODE = re.compile(r"[Dd]?0*([1-9][0-9]{0,8})", re.ASCII)
PERIOD = re.compile(r"[Dd]?0*([1-9][0-9]{0,8})-([1-9][0-9]{0,3})", re.ASCII)


def public_development(number: str) -> Development:
    """A development that is or was public; public."""
    return only(cycle.disclosed().filter(number=parsed(number)))


def public_period(number: str) -> Monitoring:
    """A monitoring period whose report is or was public; public."""
    development, count = parsed_period(number)
    return only(cycle.disclosed_periods().filter(development__number=development, number=count))


def development(person: Person, number: str, *, at: datetime) -> Development:
    """A development the person has a part in."""
    return only(cycle.seen_by(person, at=at).filter(number=parsed(number)))


def own_development(person: Person, number: str, *, at: datetime) -> Development:
    """A development of one of the person's own organisations."""
    mine = cycle.organisations(person, at=at)
    return only(cycle.rows().filter(owner__in=mine, number=parsed(number)))


def period(person: Person, number: str, *, at: datetime) -> Monitoring:
    """A monitoring period of a development the person has a part in."""
    held, count = parsed_period(number)
    part = cycle.seen_by(person, at=at).values("pk")
    return only(cycle.periods().filter(development__in=part, development__number=held, number=count))


def again(held: Subject) -> Subject:
    """The same case as it stands now, for a page that is shown once more."""
    if isinstance(held, Development):
        return only(cycle.rows().filter(pk=held.pk))
    return only(cycle.periods().filter(pk=held.pk))


def comment(held: Subject, key: int) -> Comment:
    """A comment of a case that was reached by its door."""
    return only(cycle.comments(held).filter(pk=key))


def paper(held: Subject, key: int) -> Paper:
    """A paper of a case that was reached by its door."""
    return only(sides.current_papers(held).filter(pk=key))


def owner_mandate(person: Person, held: Development, capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate to sign for the owner. 404 for a stranger; ``identity.capacity_missing`` for a colleague."""
    return mandate(person, held.owner, capacity, at=at)


def mandate(person: Person, organisation: Organisation, capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate there. Refuses with ``identity.CapacityMissing``."""
    from tanhui.identity import access

    own = [one for one in cycle.mandates(person, at=at) if one.membership.organisation_id == organisation.pk]
    if not own:
        raise Http404
    for one in own:
        if one.capacity == capacity:
            return one
    raise access.CapacityMissing(capacity=capacity, organisation=organisation.name)


def any_mandate(person: Person, organisation: Organisation, *, at: datetime) -> Mandate:
    """The person's mandate to sign first or second there. Refuses with ``identity.CapacityMissing``."""
    for one in cycle.mandates(person, at=at):
        if one.membership.organisation_id == organisation.pk and one.capacity in {"INITIATE", "CONFIRM"}:
            return one
    return mandate(person, organisation, Mandate.Capacity.INITIATE, at=at)


def side_mandate(held: Subject, side: str, person: Person, *, at: datetime) -> Mandate | None:
    """A mandate of the person to sign, first or second, for an organisation on a side of the case; or none."""
    for one in cycle.mandates(person, at=at):
        if one.capacity in {"INITIATE", "CONFIRM"} and sides.is_side(held, side, one.membership.organisation):
            return one
    return None


def taken_by(person: Person, reference: str) -> Step | None:
    """The step a person took under a reference of theirs."""
    return Step.objects.filter(by=person, reference=reference).first()


def asked_by(person: Person, reference: str) -> Instruction | None:
    """The step a person asked for under a reference of theirs."""
    return Instruction.objects.filter(initiator=person, act=cycle.ACT, reference=reference).first()


def body(code: str, roles: tuple[str, ...]) -> Organisation:
    """An organisation of some role by its unified social credit code, as a form sends it."""
    return only(Organisation.objects.filter(uscc=code[:18], role__in=roles))


def may_read(person: Person | None, key: str, at: datetime) -> bool:
    """The public papers of a development: everyone once it is public; before, whoever has a part in it."""
    wanted = uuid(key)
    if wanted is None:
        return False
    if Step.objects.filter(development=wanted, monitoring=None, after__in=cycle.public_states()).exists():
        return True
    return person is not None and cycle.seen_by(person, at=at).filter(pk=wanted).exists()


def may_read_private(person: Person | None, key: str, at: datetime) -> bool:
    """Its private papers: whoever has a part in it."""
    wanted = uuid(key)
    return wanted is not None and person is not None and cycle.seen_by(person, at=at).filter(pk=wanted).exists()


def uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None


def parsed(number: str) -> int:
    """``D000012``, ``d12`` or ``12`` as a number; 404 for what is none."""
    if (found := CODE.fullmatch(number.strip())) is None:
        raise Http404
    return int(found.group(1))


def parsed_period(number: str) -> tuple[int, int]:
    if (found := PERIOD.fullmatch(number.strip())) is None:
        raise Http404
    return int(found.group(1)), int(found.group(2))


def only(rows: QuerySet[Row]) -> Row:
    for row in rows[:1]:
        return row
    raise Http404

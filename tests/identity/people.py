"""Organisations with administrators, and the registry operator's staff, for the tests of this room."""

import datetime as dt
from dataclasses import dataclass

from tests import world

from tanhui.identity.acts import duty, mandates
from tanhui.identity.models import Duty, Mandate, Organisation, Person
from tanhui.kernel import identifiers

DAY = dt.timedelta(days=1)
LATER = world.NOON + 300 * DAY


def number(serial=1, born="19900307", area="150402"):
    """A made-up identity number that passes its checks, another one for each serial."""
    body = f"{area}{born}{serial:03d}"
    return body + identifiers.citizen_check(body)


@dataclass
class Body:
    """An organisation with two administrators and a member who may look."""

    organisation: Organisation
    first: Mandate
    second: Mandate
    member: Person


def body(role="PART", *, name=None, at=world.NOON):
    made = world.organisation(role, name=name, at=at)
    first, second = (world.mandate(world.person(at=at), made, "MANAGE", at=at) for _ in range(2))
    looking = world.mandate(world.person(at=at), made, "VIEW", at=at)
    return Body(made, first, second, looking.membership.person)


def asked(here, person=None, capacity="INITIATE", *, until_at=LATER, at=world.NOON, **more):
    values = {"reference": f"mandate-{next(world.NAMES)}"} | more
    return mandates.propose(
        mandate=here.first, person=person or here.member, capacity=capacity, until_at=until_at, at=at, **values
    )


def given(here, person=None, capacity="INITIATE", *, until_at=LATER, at=world.NOON):
    decided = mandates.confirm(
        asked=asked(here, person, capacity, until_at=until_at, at=at), mandate=here.second, at=at
    )
    return Mandate.objects.select_related("membership__person", "membership__organisation").get(
        pk=decided.result["mandate"]
    )


def staff(here, kind="SECURITY", *, person=None, at=world.NOON):
    """A member of the registry operator who holds a duty."""
    who = person or world.mandate(world.person(at=at), here.organisation, "VIEW", at=at).membership.person
    request = duty.propose(
        mandate=here.first, person=who, kind=kind, reference=f"duty-{next(world.NAMES)}", at=at
    )  # fmt: skip
    duty.confirm(asked=request, mandate=here.second, at=at)
    return Duty.objects.select_related("person").get(person=who, until_at=None)


def on_duty(here, kind="SECURITY", *, at=world.NOON):
    """Somebody who exercises a duty from ``at`` on, for an hour."""
    held = staff(here, kind, at=at)
    duty.begin(person=held.person, duty=kind, reason="核对证件", minutes=60, at=at)
    return held.person

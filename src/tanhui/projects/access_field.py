"""The doors of the field: whose devices and plots a person may see, work on, or judge. A stranger learns nothing (404).

The owner's people work there; its authorities, validator and verifiers read; the verifier chooses between visits.
"""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import Http404

from tanhui.identity import access as people
from tanhui.identity import rights
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.projects.models import Development, Device, ReadingSheet, Visit
from tanhui.projects.queries import field as queries

Row = TypeVar("Row", bound=Model)
SIGNING = (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)
READS = rights.member("projects.field")
KEEPS = rights.member("projects.field_keep", capacities=[Mandate.Capacity.INITIATE])
CHOOSES = rights.member("projects.field_choose", roles=[Organisation.Role.VERIFIER], capacities=SIGNING)


def developments(person: Person, *, at: datetime) -> QuerySet[Development]:
    """Those whose field work the person may see."""
    mine = people.organisations(person, at=at)
    return Development.objects.filter(queries.of_people(mine)).select_related("owner").distinct()


def development(person: Person, key: UUID | str, *, at: datetime) -> Development:
    return only(developments(person, at=at).filter(pk=uuid(key)))


def devices(person: Person, *, at: datetime) -> QuerySet[Device]:
    """Devices of the person's organisations, and of the developments they may see."""
    mine = people.organisations(person, at=at)
    seen = developments(person, at=at).values("pk")
    return queries.devices().filter(Q(organisation__in=mine) | Q(development__in=seen)).order_by("code")


def device(person: Person, code: str, *, at: datetime) -> Device:
    return only(devices(person, at=at).filter(code=code[:40].replace("\x00", "")))


def sheet(person: Person, key: UUID, *, at: datetime) -> ReadingSheet:
    """A sheet of late readings of a device the person may see."""
    seen = devices(person, at=at).values("pk")
    return only(ReadingSheet.objects.select_related("device", "by").filter(pk=key, device__in=seen))


def may_read_sheets(person: Person | None, key: str, at: datetime) -> bool:
    """Sheets of late readings of a device: whoever may see the device."""
    try:
        wanted = UUID(key)
    except ValueError:
        return False
    return person is not None and devices(person, at=at).filter(pk=wanted).exists()


def keeper(person: Person, organisation: int, *, at: datetime) -> Mandate:
    """The person's mandate to work there. 404 for a stranger; refuses with ``identity.capacity_missing``."""
    return people.mandate(person, organisation, Mandate.Capacity.INITIATE, at=at)


def keeps(person: Person, organisation: int, *, at: datetime) -> bool:
    return people.holds(person, organisation, Mandate.Capacity.INITIATE, at=at)


def chooser(person: Person, one: Development, *, at: datetime) -> Mandate:
    """The person's mandate of a body that verifies the development; 404 for anybody else."""
    for body in verifiers(one):
        for capacity in SIGNING:
            if people.holds(person, body, capacity, at=at):
                return people.mandate(person, body, capacity, at=at)
    raise Http404


def may_choose(person: Person, one: Development, *, at: datetime) -> bool:
    return any(people.holds(person, body, each, at=at) for body in verifiers(one) for each in SIGNING)


def verifiers(one: Development) -> list[int]:
    """The bodies that verify it now or have verified it."""
    found = one.monitorings.exclude(verifier=None).order_by("verifier").values_list("verifier", flat=True)
    return list(found.distinct())


def visit(one: Development, key: UUID | str) -> Visit:
    """A visit to a plot of a development that was reached by its door."""
    return only(Visit.objects.select_related("plot__development").filter(plot__development=one, pk=uuid(key)))


def may_read_photos(person: Person | None, key: str, at: datetime) -> bool:
    """Pictures of a visit: whoever may see the field work of its development. They may show people and land."""
    if person is None:
        return False
    try:
        wanted = UUID(key)
    except ValueError:
        return False
    return Visit.objects.filter(pk=wanted, plot__development__in=developments(person, at=at).values("pk")).exists()


def uuid(key: UUID | str) -> UUID:
    try:
        return UUID(str(key))
    except ValueError:
        raise Http404 from None


def only(rows: QuerySet[Row]) -> Row:
    for row in rows:
        return row
    raise Http404

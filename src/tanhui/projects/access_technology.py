"""The doors to techniques, guides and training material. Published ones are everybody's; a body's proposals its own."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from tanhui.identity import access as people
from tanhui.identity import rights, roster
from tanhui.identity.models import Instruction, Mandate, Organisation, Person
from tanhui.projects.models import Technology
from tanhui.projects.queries import technology as queries

# The authorities draw the list up (policy document 0, 三（三）); the technical support body works for them.
PUBLISHERS = (
    Organisation.Role.AUTHORITY, Organisation.Role.LOCAL_AUTHORITY, Organisation.Role.TECHNICAL,
)  # fmt: skip
SIGNING = (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)
READS = rights.member("projects.technologies", roles=PUBLISHERS)
PROPOSES = rights.member("projects.technologies_propose", roles=PUBLISHERS, capacities=[Mandate.Capacity.INITIATE])
PUBLISHES = rights.member("projects.technologies_publish", roles=PUBLISHERS, capacities=SIGNING)


def entry(code: str) -> Technology:
    """An entry, withdrawn or not; public."""
    for found in queries.entries().filter(code=code):
        return found
    raise Http404


def bodies(person: Person, *, at: datetime) -> QuerySet[Organisation]:
    """The person's organisations that may publish."""
    return people.organisations(person, at=at).filter(role__in=PUBLISHERS)


def proposer(person: Person, *, at: datetime) -> Mandate:
    """The person's mandate to propose for such a body; 404 without."""
    rows = roster.standing(at).filter(
        membership__person=person, membership__organisation__role__in=PUBLISHERS, capacity=Mandate.Capacity.INITIATE
    )
    for found in rows.select_related("membership__organisation", "membership__person").order_by("pk"):
        return found
    raise Http404


def own_entry(mandate: Mandate, code: str) -> Technology:
    """An entry of the mandate's own body."""
    found = entry(code)
    if found.organisation_id != mandate.membership.organisation_id:
        raise Http404
    return found


def asked(person: Person, key: UUID, *, at: datetime) -> Instruction:
    """A proposal of one of the person's bodies."""
    found = people.instruction(person, key, at=at)
    if found.act != queries.PUBLISH:
        raise Http404
    return found


def signatory(person: Person, organisation: int, capacity: str, *, at: datetime) -> Mandate:
    return people.mandate(person, organisation, capacity, at=at)


def may_read(person: Person | None, key: str, at: datetime) -> bool:
    """Papers of an entry (``key``: its code): everybody's once it is published; before, its proposers'."""
    if queries.entries().filter(code=key).exists():
        return True
    return person is not None and bodies(person, at=at).exists()

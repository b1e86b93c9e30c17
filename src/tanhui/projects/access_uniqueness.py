"""The doors of uniqueness: whose development is checked, who takes lists of other mechanisms over."""

from datetime import datetime
from uuid import UUID

from django.http import Http404

from tanhui.identity import access as people
from tanhui.identity import rights, roster
from tanhui.identity.models import Instruction, Mandate, Organisation, Person
from tanhui.projects.models import Development, ForeignList
from tanhui.projects.queries import uniqueness as queries

ROLES = [Organisation.Role.REGISTRY, Organisation.Role.AUTHORITY]
READS = rights.member("projects.foreign_lists", roles=ROLES)
PREPARES = rights.member("projects.foreign_lists.prepare", roles=ROLES, capacities=[Mandate.Capacity.INITIATE])
DECIDES = rights.member(
    "projects.foreign_lists.decide", roles=ROLES, capacities=[Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM]
)


def development(person: Person, key: UUID | str, *, at: datetime) -> Development:
    """A development of one of the person's organisations."""
    try:
        found = queries.developments(person, at=at).filter(pk=UUID(str(key))).first()
    except ValueError:
        raise Http404 from None
    if found is None:
        raise Http404
    return found


def offices(person: Person, *, at: datetime) -> list[Organisation]:
    """The registry operators and authorities the person works for."""
    return list(people.organisations(person, at=at).filter(role__in=ROLES).order_by("pk"))


def prepares(person: Person, *, at: datetime) -> Mandate:
    """The person's mandate to read a list in. A stranger: 404."""
    rows = roster.standing(at).filter(
        membership__person=person, membership__organisation__role__in=ROLES, capacity=Mandate.Capacity.INITIATE
    )
    for one in rows.select_related("membership__organisation", "membership__person").order_by("pk"):
        return one
    raise Http404


def asked(person: Person, key: UUID | str, *, at: datetime) -> Instruction:
    """A list that was read in by one of the person's offices."""
    found = people.instruction(person, key, at=at)
    if found.act != queries.TAKE:
        raise Http404
    return found


def foreign_list(person: Person, key: UUID | str, *, at: datetime) -> ForeignList:
    """A list that was taken over, for whoever works in an office that does so."""
    if not offices(person, at=at):
        raise Http404
    found = queries.lists().filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def may_read(person: Person | None, key: str, at: datetime) -> bool:
    """The file of a list: whoever works in an office that takes lists over."""
    return person is not None and bool(offices(person, at=at))

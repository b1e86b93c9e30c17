"""The doors to shares: how what a person sends becomes a project, a rule, a sale or a line they may see or touch.

A stranger learns nothing (404); the sums are public.
"""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from tanhui.identity import access as people
from tanhui.identity import roster
from tanhui.identity.models import Instruction, Mandate, Organisation, Person
from tanhui.projects.models import Dispute, Holder, Payout, Sale, ShareLine, SplitProposal, TenureRoll
from tanhui.projects.queries import shares
from tanhui.registry.models import Project, Transfer

Row = TypeVar("Row", bound=Model)
SIGNING = (Mandate.Capacity.INITIATE, Mandate.Capacity.CONFIRM)
LARGEST = 2**62


def public_project(number: int) -> Project:
    """A project whose proceeds are shared; public."""
    rows = Project.objects.filter(split_rules__isnull=False).select_related("owner").distinct()
    return only(rows.filter(number=number if number < LARGEST else 0))


def desk_project(person: Person, number: int, *, at: datetime) -> Project:
    """A project the person has a side of; one without a county yet for whoever works for a body that can be one."""
    found = only(Project.objects.select_related("owner").filter(number=number if number < LARGEST else 0))
    if found in shares.at_desk(person, at=at):
        return found
    if shares.county_of(found) is None and roster.standing(at).filter(
        membership__person=person, membership__organisation__role__in=shares.COUNTIES
    ).exists():  # fmt: skip
        return found
    raise Http404


def sides(person: Person, project: Project, *, at: datetime) -> tuple[bool, int | None]:
    """Whether the person works for the city's company of a project, and for which organisation that is its county."""
    mine = shares.organisations(person, at=at)
    known = shares.county_of(project)
    if known is not None:
        return project.owner_id in mine, known if known in mine else None
    can = Organisation.objects.filter(pk__in=mine, role__in=shares.COUNTIES).exclude(pk=project.owner_id)
    return project.owner_id in mine, can.order_by("pk").values_list("pk", flat=True).first()


def side(person: Person, project: Project, capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate of a side of the project, the county's first. 404, or ``identity.CapacityMissing``."""
    city, county = sides(person, project, at=at)
    if county is not None:
        return people.mandate(person, county, capacity, at=at)
    if not city:
        raise Http404
    return people.mandate(person, project.owner_id, capacity, at=at)


def of(person: Person, organisation: int, capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate there. 404 for a stranger; refuses with ``identity.CapacityMissing``."""
    return people.mandate(person, organisation, capacity, at=at)


def signatory(person: Person, organisation: int, *, at: datetime) -> Mandate:
    """The person's mandate to sign there, first or second."""
    for capacity in SIGNING:
        if people.holds(person, organisation, capacity, at=at):
            return people.mandate(person, organisation, capacity, at=at)
    return people.mandate(person, organisation, SIGNING[0], at=at)


def proposal(person: Person, key: UUID, *, at: datetime) -> SplitProposal:
    """A proposal that one of the person's organisations is a side of."""
    mine = shares.organisations(person, at=at)
    rows = SplitProposal.objects.select_related("project__owner", "city", "county", "organisation", "by", "roll")
    return only(rows.filter(pk=key).filter(city__in=mine) | rows.filter(pk=key).filter(county__in=mine))


def sale(person: Person, key: int, *, at: datetime) -> Sale:
    """A sale that one of the person's organisations is a side of."""
    mine = shares.organisations(person, at=at)
    rows = shares.sales().filter(pk=key if key < LARGEST else 0)
    return only(rows.filter(rule__city__in=mine) | rows.filter(rule__county__in=mine))


def payout(person: Person, key: UUID, *, at: datetime) -> Payout:
    """A list of a sale the person's organisation is a side of."""
    mine = shares.organisations(person, at=at)
    rows = Payout.objects.select_related("sale__project__owner", "sale__rule__county", "payer").filter(pk=key)
    return only(rows.filter(sale__rule__city__in=mine) | rows.filter(sale__rule__county__in=mine))


def own_line(person: Person, key: int, *, at: datetime) -> ShareLine:
    """A line that is the person's own."""
    return only(shares.mine(person, at=at).filter(pk=key if key < LARGEST else 0))


def dispute(found: Sale, key: UUID | str) -> Dispute:
    """A dispute of a sale that was reached by its door."""
    try:
        return only(shares.disputes(sale=found, pk=UUID(str(key))))
    except ValueError:
        raise Http404 from None


def holder(person: Person, key: UUID, *, at: datetime) -> Holder:
    """A holder of a roll that one of the person's organisations entered."""
    mine = shares.organisations(person, at=at)
    return only(Holder.objects.select_related("roll__project__owner").filter(pk=key, roll__county__in=mine))


def asked(person: Person, key: UUID, *, at: datetime) -> Instruction:
    """Something asked about shares by one of the person's organisations."""
    found = people.instruction(person, key, at=at)
    if found.act not in shares.ACTS:
        raise Http404
    return found


def roll(project: Project, key: str) -> TenureRoll | None:
    """A roll of the project by its id; none for none chosen."""
    if not key:
        return None
    try:
        return only(shares.rolls(project).filter(pk=UUID(key)))
    except ValueError:
        raise Http404 from None


def county(key: int) -> Organisation:
    """An organisation that can be a county's side."""
    return only(Organisation.objects.filter(pk=key if key < LARGEST else 0, role__in=shares.COUNTIES))


def transfer(project: Project, number: int | None) -> Transfer | None:
    """A transfer by its transaction number, out of the project owner's account; none for none named."""
    if number is None:
        return None
    rows = Transfer.objects.filter(source__account__organisation=project.owner_id)
    return only(rows.filter(movement=number if number < LARGEST else 0))


def only(rows: QuerySet[Row]) -> Row:
    for row in rows[:1]:
        return row
    raise Http404

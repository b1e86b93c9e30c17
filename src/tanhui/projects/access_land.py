"""The doors to land: how what a person sends becomes a source, a survey, a parcel or a mandate of theirs (else 404)."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from tanhui.identity import access as people
from tanhui.identity import roster
from tanhui.identity.models import Mandate, Person
from tanhui.projects import roles
from tanhui.projects.models import Parcel, Source, Survey
from tanhui.projects.queries import land

Row = TypeVar("Row", bound=Model)


def source(person: Person, key: int, *, at: datetime) -> Source:
    return only(land.sources(person, at=at).select_related("organisation").filter(pk=key))


def survey(person: Person, key: UUID, *, at: datetime) -> Survey:
    return only(land.surveys(person, at=at).filter(pk=key))


def parcel(person: Person, key: UUID, *, at: datetime) -> Parcel:
    return only(land.parcels(person, at=at).filter(pk=key))


def taken(found: Source, year: str = "") -> Survey | None:
    """The survey of a source that counts for a year, or the newest one that counts; None where none does."""
    rows = land.in_force(found)
    if year.isascii() and year.isdigit() and len(year) == 4:
        return only(rows.filter(year=int(year)))
    return rows.first()


def mandate(person: Person, found: Source, *, at: datetime) -> Mandate:
    """The person's mandate to import for the source's organisation; refuses with ``identity.capacity_missing``."""
    return people.mandate(person, found.organisation_id, Mandate.Capacity.INITIATE, at=at)


def any_mandate(person: Person, *, at: datetime) -> Mandate:
    """The person's first mandate to import for an organisation that keeps land; 404 without one."""
    rows = roster.standing(at).filter(
        membership__person=person, membership__organisation__role__in=roles.LAND, capacity=Mandate.Capacity.INITIATE
    )
    return only(rows.select_related("membership__organisation", "membership__person").order_by("pk"))


def may_import(person: Person, found: Source, *, at: datetime) -> bool:
    return people.holds(person, found.organisation_id, Mandate.Capacity.INITIATE, at=at)


def only(rows: QuerySet[Row]) -> Row:
    for row in rows[:1]:
        return row
    raise Http404

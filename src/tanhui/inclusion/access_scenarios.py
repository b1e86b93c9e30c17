"""The doors to scenarios, providers, data batches, settlements and suspicions. A stranger learns nothing (404)."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import Http404

from tanhui.identity import access as people
from tanhui.identity import roster
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.inclusion import roles
from tanhui.inclusion.models import Batch, Credential, Provider, Scenario, Suspicion

Row = TypeVar("Row", bound=Model)


def public_scenario(code: str) -> Scenario:
    """A scenario that was published, whatever came after; public."""
    return only(public().filter(code=plain(code)))


def public() -> QuerySet[Scenario]:
    rows = Scenario.objects.filter(Q(state__in=Scenario.SHOWN) | Q(state="REMOVED", steps__act="publish"))
    return rows.select_related("organisation").distinct()


def desk_scenario(person: Person, code: str, *, at: datetime) -> Scenario:
    """A scenario, for those at the desk and those who applied for it."""
    mine = [one.membership.organisation for one in held(person, at=at)]
    rows = Scenario.objects.select_related("organisation", "instruction__initiator")
    if not any(one.role in (*roles.OPERATORS, *roles.ASSESSORS, *roles.AUTHORITIES) for one in mine):
        rows = rows.filter(organisation__in=mine)
    return only(rows.filter(code=plain(code)))


def desk_provider(person: Person, code: str, *, at: datetime) -> Provider:
    """A provider, for the operator's people, technical bodies and the authority."""
    if not at_desk(person, at=at):
        raise Http404
    return only(Provider.objects.select_related("organisation", "operator").filter(code=plain(code)))


def own_provider(person: Person, code: str, *, at: datetime) -> Provider:
    """A provider the person works for."""
    return only(own_providers(person, at=at).filter(code=plain(code)))


def own_providers(person: Person, *, at: datetime) -> QuerySet[Provider]:
    mine = [one.membership.organisation_id for one in held(person, at=at)]
    return Provider.objects.filter(organisation__in=mine).select_related("organisation", "operator").order_by("code")


def batch(person: Person, key: UUID | str, *, at: datetime) -> Batch:
    """A data batch, for its provider's people and those at the desk."""
    rows = Batch.objects.select_related("provider__organisation").defer("rows")
    if not at_desk(person, at=at):
        rows = rows.filter(provider__in=own_providers(person, at=at))
    return only(rows.filter(pk=key))


def credential(provider: Provider, key: int) -> Credential:
    return only(provider.credentials.filter(pk=key, ended_at__isnull=True))


def batch_of(provider: Provider, key: UUID) -> Batch:
    """A data batch of the provider whose program asks."""
    return only(provider.batches.select_related("provider").defer("rows").filter(pk=key))


def suspicion(person: Person, key: UUID | str, *, at: datetime) -> Suspicion:
    """A suspicion, for those at the desk and the provider's people."""
    rows = Suspicion.objects.select_related("scenario", "provider__organisation")
    if not at_desk(person, at=at):
        rows = rows.filter(provider__in=own_providers(person, at=at))
    return only(rows.filter(pk=key))


def at_desk(person: Person, *, at: datetime) -> bool:
    """Whether the person works for the operator, a technical body or the authority."""
    wanted = (*roles.OPERATORS, *roles.ASSESSORS, *roles.AUTHORITIES)
    return any(one.membership.organisation.role in wanted for one in held(person, at=at))


def held(person: Person, *, at: datetime) -> list[Mandate]:
    found = roster.standing(at).filter(membership__person=person)
    return list(found.select_related("membership__organisation", "membership__person").order_by("pk"))


def mandate(person: Person, wanted: tuple[str, ...], capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate at a body of one of these roles. A stranger: 404; refuses with ``CapacityMissing``."""
    return chosen([one for one in held(person, at=at) if one.membership.organisation.role in wanted], capacity)


def of_body(person: Person, body: Organisation, capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate there. Refuses as ``mandate``."""
    return chosen([one for one in held(person, at=at) if one.membership.organisation_id == body.pk], capacity)


def chosen(own: list[Mandate], capacity: str) -> Mandate:
    if not own:
        raise Http404
    for one in own:
        if one.capacity == capacity:
            return one
    raise people.CapacityMissing(capacity=capacity, organisation=own[0].membership.organisation.name)


def plain(code: str) -> str:
    return code.replace("\x00", "")[:40]


def only(rows: QuerySet[Row]) -> Row:
    for row in rows:
        return row
    raise Http404

"""Whose turn a side is in a case, and what a case has: its own steps and papers."""

from typing import TypeAlias

from django.db.models import QuerySet

from tanhui.identity.models import Organisation
from tanhui.projects import numbers
from tanhui.projects.models import Development, Monitoring, Paper, Step

Subject: TypeAlias = Development | Monitoring
ROLES = {
    "REGISTRY": Organisation.Role.REGISTRY, "AUTHORITY": Organisation.Role.AUTHORITY,
    "EXPERTS": Organisation.Role.EXPERTS,
}  # fmt: skip


def steps_of(held: Subject) -> QuerySet[Step]:
    """The steps of a development itself, or of a monitoring period."""
    if isinstance(held, Development):
        return Step.objects.filter(development=held, monitoring=None)
    return Step.objects.filter(monitoring=held)


def side_of(held: Subject, side: str) -> tuple[int | None, str | None]:
    """Whose a side is: the organisation by id, or any of a role."""
    one = numbers.development_of(held)
    match side:
        case "OWNER":
            return one.owner_id, None
        case "COUNTY":
            return one.county_id, None
        case "CITY":
            return one.city_id, None
        case "VALIDATOR":
            return one.validator_id, None
        case "VERIFIER":
            return held.verifier_id if isinstance(held, Monitoring) else None, None
    return None, ROLES.get(side)


def is_side(held: Subject, side: str, organisation: Organisation) -> bool:
    """Whether an organisation is on a side of this case."""
    whose, role = side_of(held, side)
    return organisation.pk == whose if role is None else organisation.role == role


def current_papers(held: Subject) -> QuerySet[Paper]:
    """The papers of a development itself, or of a monitoring period."""
    if isinstance(held, Development):
        return Paper.objects.filter(development=held, monitoring=None)
    return Paper.objects.filter(monitoring=held)

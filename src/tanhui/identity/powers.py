"""What a person may do for whom at a moment, read in one statement: the header and the lists of tasks ask every room,
and each of them wants to know it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tanhui.identity import roster
from tanhui.identity.models import Instruction, Mandate, Person


@dataclass(frozen=True, slots=True)
class Powers:
    """A person's mandates that stand at a time, oldest first, with membership, person and organisation at hand."""

    person: Person
    at: datetime
    mandates: tuple[Mandate, ...]

    def mandates_of(self, roles: Collection[str] = (), *capacities: str) -> list[Mandate]:
        """Those at organisations of one of the roles, in one of the capacities; of any where none is named."""
        return [
            one
            for one in self.mandates
            if (not roles or one.membership.organisation.role in roles)
            and (not capacities or one.capacity in capacities)
        ]

    def bodies(self, roles: Collection[str] = (), *capacities: str) -> list[int]:
        """The ids of the organisations of those mandates."""
        return sorted({one.membership.organisation_id for one in self.mandates_of(roles, *capacities)})

    def works_for(self, *roles: str) -> bool:
        """Whether the person works for an organisation of one of the roles; of any where none is named."""
        return bool(self.mandates_of(roles))


def of(person: Person, *, at: datetime) -> Powers:
    """The powers of a person."""
    found = roster.standing(at).filter(membership__person=person).order_by("pk")
    return Powers(person, at, tuple(found.select_related("membership__person", "membership__organisation")))


def to_confirm(held: Powers, acts: Collection[str]) -> QuerySet[Instruction]:
    """What colleagues asked for by one of these acts and the person may confirm or turn down: undecided, not expired,
    the oldest first."""
    asked = Instruction.objects.filter(
        organisation__in=held.bodies((), Mandate.Capacity.CONFIRM), act__in=acts, decision__isnull=True,
        expires_at__gt=held.at,
    )  # fmt: skip
    return asked.exclude(initiator=held.person).select_related("organisation", "initiator").order_by("at", "pk")

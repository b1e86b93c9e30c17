"""The doors of the library: how what a person sends becomes a proposal, a comment, a seat in a panel or a version.

A stranger learns nothing (404); what is public by its nature is behind doors without a person.
"""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from tanhui.identity import access as people
from tanhui.identity.models import Instruction, Mandate, Person
from tanhui.kernel import typed
from tanhui.library import proposals, queries
from tanhui.library.models import Comment, Panelist, Proposal, Version

Row = TypeVar("Row", bound=Model)


def own_proposal(person: Person, key: UUID | str) -> Proposal:
    """A proposal the person started; any other is not found."""
    return only(proposals.of_person(person).filter(pk=uuid(key)))


def desk_proposal(person: Person, key: UUID | str, *, at: datetime) -> Proposal:
    """A proposal to one of the person's bodies, or any submitted one for supervisors."""
    return only(proposals.at_desk(person, at=at).filter(pk=uuid(key)))


def public_proposal(code: str) -> Proposal:
    """A proposal that was opened to comment, by its number (``F000012``); public."""
    digits = typed.plain(code).strip().upper()
    number = digits.removeprefix("F")
    if not digits.startswith("F") or not number.isascii() or not number.isdigit() or len(number) > 12:
        raise Http404
    return only(proposals.public().filter(number=int(number)))


def public_comment(asked: Proposal, number: int) -> Comment:
    """A comment of a proposal, for whoever moderates it."""
    return only(asked.comments.select_related("proposal").filter(number=number))


def panelist(person: Person, key: int) -> Panelist:
    """The person's own seat in a panel."""
    return only(proposals.panels_of(person).filter(pk=key))


def handler(person: Person, asked: Proposal, capacity: str = "", *, at: datetime) -> Mandate:
    """The person's mandate to decide on a proposal: of the capacity, or of any.

    404 for who has none of its authority; refuses with ``identity.CapacityMissing`` when only the capacity is missing.
    """
    held = [one for one in proposals.bodies(person, at=at) if one.membership.organisation_id == asked.authority_id]
    return chosen(held, capacity)


def authority(person: Person, capacity: str = "", *, at: datetime, organisation: int | None = None) -> Mandate:
    """The person's mandate of a body that takes proposals, or of this one of them. Refuses as ``handler``."""
    held = proposals.bodies(person, at=at)
    return chosen([one for one in held if organisation in (None, one.membership.organisation_id)], capacity)


def chosen(held: list[Mandate], capacity: str) -> Mandate:
    if not held:
        raise Http404
    for one in held:
        if capacity in ("", one.capacity):
            return one
    raise people.CapacityMissing(capacity=capacity, organisation=held[0].membership.organisation.name)


def version(full_code: str) -> Version:
    """A published version as the register names it (``CCER-14-001-V01``); public."""
    if "\x00" in full_code or (found := queries.of_full_code(full_code[:80])) is None:
        raise Http404
    return found


def desk_instruction(person: Person, key: UUID | str, *, at: datetime) -> Instruction:
    """Something asked about versions at one of the person's bodies."""
    held = [one.membership.organisation_id for one in proposals.bodies(person, at=at)]
    found = Instruction.objects.filter(pk=uuid(key), act__in=[proposals.ENTER, proposals.STAND], organisation__in=held)
    return only(found.select_related("initiator", "organisation"))


def may_read_papers(person: Person | None, key: str, *, at: datetime) -> bool:
    """Everyone once the proposal was opened to comment; before, the proposer and whoever handles or supervises it."""
    try:
        wanted = UUID(key)
    except ValueError:
        return False
    found = Proposal.objects.filter(pk=wanted).first()
    if found is None:
        return False
    if found.disclosed_at is not None:
        return True
    if person is None:
        return False
    return found.proposer_id == person.pk or proposals.at_desk(person, at=at).filter(pk=wanted).exists()


def may_read_contact(person: Person, key: str, *, at: datetime) -> bool:
    """Whoever decides on the proposal sees whom to ask; supervisors and experts do not."""
    try:
        wanted = UUID(key)
    except ValueError:
        return False
    held = [one.membership.organisation_id for one in proposals.bodies(person, at=at)]
    return Proposal.objects.filter(pk=wanted, number__isnull=False, authority__in=held).exists()


def revisable(full_code: str) -> Version:
    """A published version somebody wants to revise."""
    return version(full_code)


def uuid(key: UUID | str) -> UUID:
    try:
        return UUID(str(key))
    except ValueError:
        raise Http404 from None


def only(rows: QuerySet[Row]) -> Row:
    for row in rows:
        return row
    raise Http404

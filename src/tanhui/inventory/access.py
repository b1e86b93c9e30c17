"""The doors of the inventory: how what a person sends becomes an accounting year, a set of data, a paper or a mandate.

A stranger learns nothing (404); what is public by its nature is behind doors without a person.
"""

import re
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from tanhui.files.models import Version
from tanhui.identity import access as people
from tanhui.identity import roster
from tanhui.identity.models import Instruction, Mandate, Organisation, Person
from tanhui.inventory import agreements, queries, roles
from tanhui.inventory.models import AccountingYear, Agreement, Dataset, Handover, Item

Row = TypeVar("Row", bound=Model)
CODE = re.compile(r"([0-9]{6,12})-([0-9]{4})(?:-([1-9][0-9]?))?", re.ASCII)


def desk_year(person: Person, code: str, *, at: datetime) -> AccountingYear:
    """A year of one of the person's authorities, or one that a verification body of theirs is to verify."""
    return only(queries.at_desk(person, at=at).filter(**parts(code)))


def own_year(person: Person, code: str, *, at: datetime) -> AccountingYear:
    """A year of one of the person's authorities."""
    held = {one.membership.organisation_id for one in authorities(person, at=at)}
    return only(queries.rows().filter(organisation__in=held, **parts(code)))


def public_year(code: str) -> AccountingYear:
    """A year that was published, whatever came after; public."""
    return only(queries.disclosed().filter(**parts(code)))


def dataset(person: Person, key: UUID | str, *, at: datetime) -> Dataset:
    """A set of data of one of the person's authorities, or used in a year their verification body is to verify."""
    return only(queries.datasets_for(person, at=at).filter(pk=uuid(key)))


def instruction(year: AccountingYear) -> Instruction:
    """What is asked about the year and waits for its second signature."""
    if year.instruction is None:
        raise Http404
    return year.instruction


def authorities(person: Person, *, at: datetime) -> list[Mandate]:
    """The person's mandates at natural-resources authorities."""
    return held(person, roles.AUTHORITIES, at)


def verifiers(person: Person, *, at: datetime) -> list[Mandate]:
    """The person's mandates at verification bodies."""
    return held(person, roles.VERIFIERS, at)


def held(person: Person, wanted: tuple[str, ...], at: datetime) -> list[Mandate]:
    found = roster.standing(at).filter(membership__person=person, membership__organisation__role__in=wanted)
    return list(found.select_related("membership__organisation", "membership__person").order_by("pk"))


def handler(person: Person, year: AccountingYear, capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate of the year's authority. A stranger: 404; a colleague: ``identity.CapacityMissing``."""
    own = [one for one in authorities(person, at=at) if one.membership.organisation_id == year.organisation_id]
    return chosen(own, capacity)


def authority(person: Person, capacity: str, *, at: datetime, organisation: int | None = None) -> Mandate:
    """The person's mandate of a natural-resources authority, or of this one of them. Refuses as ``handler``."""
    own = authorities(person, at=at)
    return chosen([one for one in own if organisation in (None, one.membership.organisation_id)], capacity)


def verifier(person: Person, year: AccountingYear, *, at: datetime) -> Mandate:
    """The person's mandate to sign for the body that verifies the year. Refuses as ``handler``."""
    own = [one for one in verifiers(person, at=at) if one.membership.organisation_id == year.verifier_id]
    for one in own:
        if one.capacity in roles.SIGNING:
            return one
    return chosen(own, Mandate.Capacity.INITIATE)


def signatory(person: Person, organisation: int, *, at: datetime) -> Mandate:
    """The person's mandate to sign for this authority, first or second. Refuses as ``handler``."""
    own = [one for one in authorities(person, at=at) if one.membership.organisation_id == organisation]
    signing = [one for one in own if one.capacity in roles.SIGNING]
    return signing[0] if signing else chosen(own, Mandate.Capacity.INITIATE)


def own_agreement(person: Person, key: UUID | str, *, at: datetime) -> Agreement:
    """An agreement of one of the person's authorities."""
    return only(agreements.of_authorities(person, at=at).filter(pk=uuid(key)))


def agreement_asked(person: Person, key: UUID | str, *, at: datetime) -> Instruction:
    """A proposed agreement of one of the person's authorities, decided or not."""
    mine = queries.organisations(person, roles.AUTHORITIES, at=at)
    found = Instruction.objects.filter(pk=uuid(key), act=agreements.CONCLUDE, organisation__in=mine)
    return only(found.select_related("initiator", "organisation"))


def handover(person: Person, key: UUID | str, *, at: datetime) -> Handover:
    """What was handed over to one of the person's organisations, run out or not."""
    found = Handover.objects.filter(pk=uuid(key), agreement__in=agreements.of_recipients(person, at=at))
    return only(
        found.select_related(
            "agreement__organisation", "agreement__recipient", "coverage__dataset", "coverage__item", "package"
        )
    )


def scan(agreement: Agreement) -> Version | None:
    """The signed scan of an agreement that was reached by its door."""
    return Version.objects.filter(document=agreement.document, number=agreement.version).first()


def media_type(thing: Dataset | Item) -> str:
    """What the bytes of something handed over are, where they are on file."""
    found = Version.objects.filter(document=thing.document, number=thing.version or 1).first()
    return found.media_type if found else "application/octet-stream"


def may_read_agreement(person: Person | None, key: str, *, at: datetime) -> bool:
    """The signed scan of an agreement: the people of both parties; before the second signature, the authority's."""
    try:
        wanted = UUID(key)
    except ValueError:
        return False
    if person is None:
        return False
    if agreements.of_authorities(person, at=at).filter(pk=wanted).exists():
        return True
    if agreements.of_recipients(person, at=at).filter(pk=wanted).exists():
        return True
    own = queries.organisations(person, roles.AUTHORITIES, at=at)
    return any(one.body.get("agreement") == str(wanted) for one in agreements.asked(own, at=at))


def verifying_body(key: str) -> Organisation:
    """A verification body by its id, as the form that names a verifier sends it."""
    return only(queries.verifying_bodies().filter(pk=int(key) if key.isdecimal() and len(key) < 18 else 0))


def chosen(own: list[Mandate], capacity: str) -> Mandate:
    if not own:
        raise Http404
    for one in own:
        if one.capacity == capacity:
            return one
    raise people.CapacityMissing(capacity=capacity, organisation=own[0].membership.organisation.name)


def may_read_papers(person: Person | None, key: str, *, at: datetime) -> bool:
    """The papers of a year: everyone once it is published; before, its authority and its verifier."""
    if not key.isdecimal() or len(key) > 18:
        return False
    if queries.disclosed().filter(pk=int(key)).exists():
        return True
    return person is not None and queries.at_desk(person, at=at).filter(pk=int(key)).exists()


def may_read_internal(person: Person | None, key: str, *, at: datetime) -> bool:
    """What is internal stays with the authority and the verifier, published or not."""
    if not key.isdecimal() or len(key) > 18 or person is None:
        return False
    return queries.at_desk(person, at=at).filter(pk=int(key)).exists()


def may_read_data(person: Person | None, key: str, *, at: datetime) -> bool:
    """The data of an authority (``key``: its id): its own people. A verifier comes by the year it verifies."""
    if not key.isdecimal() or len(key) > 18 or person is None:
        return False
    if any(one.membership.organisation_id == int(key) for one in authorities(person, at=at)):
        return True
    mine = [one.membership.organisation_id for one in verifiers(person, at=at)]
    return AccountingYear.objects.filter(organisation=int(key), verifier__in=mine).exists()


def parts(code: str) -> dict[str, object]:
    """``330604-2023-2`` taken apart; 404 for what is none."""
    if (found := CODE.fullmatch(code)) is None:
        raise Http404
    division, year, edition = found.groups()
    return {"division_code": division, "year": int(year), "edition": int(edition or 1)}


def uuid(key: UUID | str) -> UUID:
    try:
        return UUID(str(key))
    except ValueError:
        raise Http404 from None


def only(rows: QuerySet[Row]) -> Row:
    for row in rows:
        return row
    raise Http404

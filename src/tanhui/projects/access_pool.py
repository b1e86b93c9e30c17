"""The doors to the pool and to agreements. A stranger learns nothing (404)."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from tanhui.files.models import Version
from tanhui.identity import access as people
from tanhui.identity.models import Instruction, Mandate, Organisation, Person
from tanhui.kernel import identifiers
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects import access_land, potential
from tanhui.projects.models import Absorption, Agreement, Candidate, Development, Parcel
from tanhui.projects.potential import Prospect
from tanhui.projects.queries import land, pool, shares

Row = TypeVar("Row", bound=Model)
MOST = 5000


class ParcelUnknown(Refusal):
    code = "projects.parcel_unknown"
    sentence = gettext_noop("No parcel of your surveys has the number %(parcel)s. Copy the numbers from the survey.")
    clause = "ARCHITECTURE.md §6.6"
    status = 422


class ParcelsTooMany(Refusal):
    code = "projects.parcels_too_many"
    sentence = gettext_noop(
        "At most %(most)s parcel numbers are typed in at once. Begin from the potential of the survey, which takes its "
        "parcels by itself."
    )
    clause = "ARCHITECTURE.md §6.6"
    status = 422


class PartnerUnknown(Refusal):
    code = "projects.partner_unknown"
    sentence = gettext_noop(
        "No organisation with the unified social credit code %(code)s is registered here. Leave the code empty and "
        "write the name."
    )
    clause = "ARCHITECTURE.md §3"
    status = 422


def keeper(person: Person, capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate of a developer. 404 for a stranger; refuses with ``identity.CapacityMissing``."""
    mine = pool.organisations(person, pool.KEEPERS, at=at)
    for one in mine:
        if people.holds(person, one, capacity, at=at):
            return people.mandate(person, one, capacity, at=at)
    if not mine:
        raise Http404
    return people.mandate(person, mine[0], capacity, at=at)


def keeps(person: Person, *, at: datetime) -> bool:
    """Whether the person may put candidates into a pool."""
    mine = pool.organisations(person, pool.KEEPERS, at=at)
    return any(people.holds(person, one, Mandate.Capacity.INITIATE, at=at) for one in mine)


def candidate(person: Person, key: UUID, *, at: datetime) -> tuple[Candidate, bool]:
    """A candidate the person's organisation keeps, or one opened to banks; and whether it is their own."""
    for found in pool.kept_by(person, at=at).filter(pk=key):
        return found, True
    return only(pool.library(person, at=at).filter(pk=key)), False


def own(person: Person, key: UUID, *, at: datetime) -> tuple[Candidate, Mandate]:
    """A candidate of the person's organisation with the mandate to work on it."""
    found = only(pool.kept_by(person, at=at).filter(pk=key))
    return found, people.mandate(person, found.organisation_id, Mandate.Capacity.INITIATE, at=at)


def developments(held: Candidate) -> QuerySet[Development]:
    """What a candidate can become: developments of its keeper that come from no other."""
    return Development.objects.filter(owner=held.organisation_id, candidate__isnull=True).order_by("-number")


def development(held: Candidate, key: str) -> Development:
    try:
        return only(developments(held).filter(pk=UUID(key)))
    except ValueError:
        raise Http404 from None


def parcels(person: Person, typed: str, *, at: datetime) -> list[Parcel]:
    """Parcels of the person's surveys by their numbers, by line or comma. Refuses with ``ParcelUnknown`` or
    ``ParcelsTooMany``."""
    codes = [one.strip() for one in typed.replace("，", ",").replace("\n", ",").split(",") if one.strip()]
    if len(codes) > MOST:
        raise ParcelsTooMany(most=f"{MOST:,}")
    found = {one.code: one for one in land.parcels(person, at=at).filter(code__in=codes)}
    for one in codes:
        if one not in found:
            raise ParcelUnknown(parcel=one[:40])
    return list(found.values())


def prospect(person: Person, given: Mapping[str, str], *, at: datetime) -> Prospect | None:
    """The land of the person's surveys that a candidate is to start from, as the page of potential links to it.

    ``given``: source, year, method, and where wanted county and rain. None where none is named; 404 where it is no
    longer there.
    """
    key, rain = given.get("source", ""), given.get("rain", "")
    if not key:
        return None
    if not (number(key) and number(rain or "0")):
        raise Http404
    survey = access_land.taken(access_land.source(person, int(key), at=at), given.get("year", ""))
    county = given.get("county", "")[:12].replace("\x00", "")
    found = survey and potential.prospect(survey, given.get("method", ""), county, rain_mm=int(rain) if rain else None)
    if not found:
        raise Http404
    return found


def number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def partner(code: str) -> int:
    """An organisation by its credit code; 0 for none named. Refuses with ``PartnerUnknown``."""
    if not code.strip():
        return 0
    for found in Organisation.objects.filter(uscc=identifiers.plain(code)):
        return found.pk
    raise PartnerUnknown(code=code.strip()[:24])


def agreement(person: Person, key: UUID, *, at: datetime) -> Agreement:
    """An agreement of one of the person's organisations, on either side."""
    return only(pool.agreements(person, at=at).filter(pk=key))


def asked(person: Person, key: UUID, *, at: datetime) -> Instruction:
    """Something asked about agreements by one of the person's organisations."""
    found = people.instruction(person, key, at=at)
    if found.act not in pool.ACTS:
        raise Http404
    return found


def scan(one: Agreement) -> Version | None:
    return Version.objects.filter(document=one.document, number=one.version).first()


def scan_asked(person: Person, one: Instruction, *, at: datetime) -> Version | None:
    """The scan that an instruction is about, for whoever compares it before signing second."""
    key = one.body["agreement" if one.act == pool.AGREE else "absorption"]
    if not may_read(person, key, at):
        return None
    return Version.objects.filter(document__subject=f"{pool.SUBJECT}:{key}", number=1).first()


def may_read(person: Person | None, key: str, at: datetime) -> bool:
    """The signed scan: the people of both parties; before the second signature, those of whoever asked."""
    try:
        wanted = UUID(key)
    except ValueError:
        return False
    if person is None:
        return False
    mine = shares.organisations(person, at=at)
    waiting = [(one.body.get("agreement"), one.body.get("absorption")) for one in pool.asked(person, at=at)]
    return (
        pool.agreements(person, at=at).filter(pk=wanted).exists()
        or Absorption.objects.filter(pk=wanted, organisation__in=mine).exists()
        or any(str(wanted) in keys for keys in waiting)
    )


def only(rows: QuerySet[Row]) -> Row:
    for row in rows[:1]:
        return row
    raise Http404

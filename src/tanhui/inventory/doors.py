"""The doors to the use of stock sinks: how what a person sends becomes a product, a use, a round, works, a mandate.

What is published is behind doors without a person; a stranger to the rest learns nothing (404).
"""

import re
from datetime import datetime
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from tanhui.files import doors, kinds
from tanhui.identity import access as people
from tanhui.identity import roster
from tanhui.identity.models import Instruction, Mandate, Organisation, Person
from tanhui.inventory import access, stock
from tanhui.inventory.access import authority, only, uuid
from tanhui.inventory.acts import archiving, cataloguing, sharing
from tanhui.inventory.models import (
    AccountingYear,
    CompensationRound,
    Figure,
    Incentive,
    Product,
    Restoration,
    StockAccount,
    StockPledge,
    StockUse,
)
from tanhui.kernel import typed
from tanhui.kernel.refusal import Refusal, gettext_noop


class HolderUnknown(Refusal):
    code = "inventory.holder_unknown"
    sentence = gettext_noop(
        "No organisation with the unified social credit code %(code)s is registered here. Check the code, or have the "
        "organisation register first."
    )
    clause = "ARCHITECTURE.md §6.1"
    status = 422


def product(code: str) -> Product:
    """A product by its code; public."""
    return only(stock.products().filter(asset__code=plain(code)[:80]))


def use(number: str) -> StockUse:
    """A use by its number, small letters and blanks forgiven; public."""
    return only(stock.uses().filter(number=plain(number)[:16]))


def compensation(key: int) -> CompensationRound:
    """A round of compensation; public."""
    rows = CompensationRound.objects.select_related("accounting_year__organisation", "revises", "revised_by")
    return only(rows.filter(pk=key))


def works(key: UUID | str) -> Restoration:
    """Restoration works; public."""
    return only(Restoration.objects.select_related("organisation").filter(pk=uuid(key)))


def own_works(person: Person, key: UUID | str, *, at: datetime) -> tuple[Restoration, Mandate]:
    """Works of one of the person's authorities, with the mandate to work on them."""
    found = works(key)
    return found, authority(person, Mandate.Capacity.INITIATE, at=at, organisation=found.organisation_id)


def own_incentive(person: Person, key: int, *, at: datetime) -> tuple[Incentive, Mandate]:
    """A grant of one of the person's authorities, with the mandate to work on it."""
    found = only(Incentive.objects.select_related("organisation").filter(pk=key))
    return found, authority(person, Mandate.Capacity.INITIATE, at=at, organisation=found.organisation_id)


def figure(year: AccountingYear, key: int) -> Figure:
    """A figure of a published year that may be offered."""
    for found in stock.may_be_offered(year):
        if found.pk == key:
            return found
    raise Http404


def holders(person: Person, *, at: datetime) -> list[Organisation]:
    """The person's organisations, those with a stock account first."""
    mine = people.organisations(person, at=at).order_by("pk")
    held = set(StockAccount.objects.filter(organisation__in=mine).values_list("organisation", flat=True))
    return sorted(mine, key=lambda one: (one.pk not in held, one.pk))


def holder(person: Person, code: str, *, at: datetime) -> Organisation:
    """One of the person's organisations by its code."""
    return people.organisation(person, code, at=at)


def signs(person: Person, organisation: int, capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate there. 404 for a stranger; refuses with ``identity.capacity_missing``."""
    return people.mandate(person, organisation, capacity, at=at)


def organisation(code: str) -> Organisation:
    """An organisation that is registered here. Refuses with ``HolderUnknown``."""
    for found in Organisation.objects.filter(uscc=plain(code)):
        return found
    raise HolderUnknown(code=code[:24])


def asked(person: Person, key: UUID | str, *, at: datetime) -> Instruction:
    """Something asked about the use of stock sinks by one of the person's organisations."""
    found = people.instruction(person, key, at=at)
    if found.act not in stock.ACTS:
        raise Http404
    return found


def pledged_to(person: Person, key: int, *, at: datetime) -> tuple[StockPledge, Mandate]:
    """A pledge whose creditor the person signs for."""
    found = only(stock.pledges().filter(pk=key))
    return found, people.mandate(person, found.creditor_id, Mandate.Capacity.INITIATE, at=at)


def may_ask(person: Person, organisation: int, *, at: datetime) -> bool:
    return people.holds(person, organisation, Mandate.Capacity.INITIATE, at=at)


def authorities(person: Person, *, at: datetime) -> list[int]:
    """The natural-resources authorities the person may ask for, by id."""
    found = roster.standing(at).filter(
        membership__person=person,
        membership__organisation__role=Organisation.Role.NATURAL_RESOURCES,
        capacity=Mandate.Capacity.INITIATE,
    )
    return list(found.values_list("membership__organisation", flat=True))


# -- who may read papers, for the room of files ------------------------------------------------------------------------


def of_year(person: Person | None, key: str, at: datetime) -> bool:
    return access.may_read_papers(person, key, at=at)


def of_year_internal(person: Person | None, key: str, at: datetime) -> bool:
    return access.may_read_internal(person, key, at=at)


def of_data(person: Person | None, key: str, at: datetime) -> bool:
    return access.may_read_data(person, key, at=at)


def of_agreement(person: Person | None, key: str, at: datetime) -> bool:
    return access.may_read_agreement(person, key, at=at)


doors.register(archiving.SUBJECT, of_year, of_year_internal)
doors.register(cataloguing.SUBJECT, of_data, of_data)
doors.register(sharing.SUBJECT, of_agreement, of_agreement)
kinds.register(
    kinds.Kind(archiving.SUBJECT, _("Paper of an accounting year"), tuple(kinds.FORMATS), 2 * kinds.GB),
    kinds.Kind(
        cataloguing.SUBJECT, _("Data of stock sinks"),
        ("geotiff", "netcdf", "gpkg", "shape", "geojson", "xlsx", "csv"), 2 * kinds.GB,
    ),
    kinds.Kind(sharing.SUBJECT, _("Signed agreement on sharing data"), kinds.PAPER, 20 * kinds.MB),
)  # fmt: skip


def plain(code: str) -> str:
    """A code as it is stored: without blanks, full-width letters and small letters made plain."""
    return re.sub(r"[\s\x00]+", "", typed.plain(code)).upper()

"""The doors to green records, regions and apps: one's own, the desk's, or everybody's."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from allauth.idp.oidc.models import Client, Token
from django.db.models import Count, Max, Min, Model, QuerySet
from django.http import Http404

from tanhui.identity import rights
from tanhui.identity.acts import apps as app_acts
from tanhui.identity.models import Instruction, Mandate, Organisation, Person
from tanhui.inclusion import roles
from tanhui.inclusion.access_scenarios import chosen, held, mandate, of_body, only
from tanhui.inclusion.models import (
    Account,
    CreditConsent,
    CreditRecord,
    CreditUse,
    Region,
    RegionMapping,
    RegionStatement,
)
from tanhui.inclusion.models.signed import TwoSigned

Row = TypeVar("Row", bound=Model)
OWN = rights.member("inclusion.credit_own")  # 本单位的绿色信用记录
OWN_SIGNS = rights.member("inclusion.credit_sign", capacities=roles.SIGNING)
RECEIVED = rights.member("inclusion.credit_received")
FETCHES = rights.member("inclusion.credit_fetch", capacities=[Mandate.Capacity.INITIATE])


def operator(person: Person, capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate at a body that operates the platform. Refuses with ``CapacityMissing``."""
    return mandate(person, roles.OPERATORS, capacity, at=at)


def deciding(person: Person, row: TwoSigned | Instruction, *, at: datetime) -> Mandate:
    """The mandate to take something back that the person asked for, or not to sign what another did."""
    asked = row if isinstance(row, Instruction) else row.instruction
    if asked is None:
        raise Http404
    capacity = Mandate.Capacity.INITIATE if asked.initiator_id == person.pk else Mandate.Capacity.CONFIRM
    return of_body(person, asked.organisation, capacity, at=at)


# -- green records -----------------------------------------------------------------------------------------------------


def use(key: UUID, subject: str = "") -> CreditUse:
    """A use; with ``subject``, one in force that asks for such records."""
    rows = CreditUse.objects.filter(pk=key)
    return only(rows.filter(subject=subject, state="OPEN") if subject else rows)


def own_consent(account: Account, key: UUID) -> CreditConsent:
    return only(CreditConsent.objects.filter(pk=key, account=account).select_related("use", "account"))


def own_record(account: Account, number: int) -> CreditRecord:
    return only(CreditRecord.objects.filter(pk=number, consent__account=account).select_related("consent__use"))


def body(person: Person, code: str, *, at: datetime) -> Organisation:
    """One of the person's organisations, by its code; without one the first. A stranger: 404."""
    own = {one.membership.organisation.uscc: one.membership.organisation for one in held(person, at=at)}
    found = own.get(code) if code else next(iter(own.values()), None)
    if found is None:
        raise Http404
    return found


def bodies(person: Person, *, at: datetime) -> list[Organisation]:
    return list({one.membership.organisation_id: one.membership.organisation for one in held(person, at=at)}.values())


def bodys_consent(organisation: Organisation, key: UUID) -> CreditConsent:
    rows = CreditConsent.objects.filter(pk=key, organisation=organisation)
    return only(rows.select_related("use", "organisation", "instruction__initiator", "instruction__organisation"))


def bodys_record(organisation: Organisation, number: int) -> CreditRecord:
    return only(CreditRecord.objects.filter(pk=number, consent__organisation=organisation))


def received(person: Person, number: int, *, at: datetime) -> tuple[CreditRecord, Mandate]:
    """A record for a body the person acts for, and their mandate to. A stranger: 404; refuses with
    ``CapacityMissing`` whoever only looks or confirms there."""
    row = only(CreditRecord.objects.filter(pk=number).select_related("consent__use"))
    own = [one for one in held(person, at=at) if one.membership.organisation.uscc == row.consent.use.uscc]
    return row, chosen(own, Mandate.Capacity.INITIATE)


# -- regions -----------------------------------------------------------------------------------------------------------


def region(key: UUID) -> Region:
    return only(Region.objects.filter(pk=key).select_related("operator", "instruction__organisation"))


def mapping(of: Region, key: UUID) -> RegionMapping:
    return only(RegionMapping.objects.filter(pk=key, region=of).select_related("instruction__organisation"))


def own_statement(account: Account, key: UUID) -> RegionStatement:
    return only(RegionStatement.objects.filter(pk=key, account=account, way="OUT").select_related("account"))


def statement(key: UUID) -> RegionStatement:
    """A statement given out, by its number that nobody guesses: whoever has it was given it by its holder."""
    return only(RegionStatement.objects.filter(pk=key, way="OUT").select_related("account"))


# -- apps --------------------------------------------------------------------------------------------------------------


def registered() -> QuerySet[Client]:
    rows = Client.objects.filter(id__startswith="a-").order_by("-created_at")
    found: QuerySet[Client] = rows.annotate(people=Count("token__user", distinct=True))
    return found


def app(key: str) -> Client:
    return only(registered().filter(pk=key.replace("\x00", "")[:40]))


def let_in(person: Person) -> QuerySet[Client]:
    """The apps a person has let in, with since when and until when."""
    own = Token.objects.filter(user=person).values("client")
    rows = Client.objects.filter(id__startswith="a-", pk__in=own, token__user=person).order_by("name", "pk")
    found: QuerySet[Client] = rows.annotate(since=Min("token__created_at"), latest=Max("token__created_at"))
    return found


def asked_apps(*, at: datetime) -> QuerySet[Instruction]:
    """Apps that wait for a second person."""
    rows = Instruction.objects.filter(act=app_acts.ACT, expires_at__gt=at, decision__isnull=True)
    return rows.select_related("initiator", "organisation").order_by("at")


def asked_app(key: UUID) -> Instruction:
    return only(Instruction.objects.filter(pk=key, act=app_acts.ACT).select_related("initiator", "organisation"))

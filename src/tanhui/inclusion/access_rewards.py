"""The doors to offers, vouchers, merchants and pools: one's own, or the desk's."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from tanhui.identity import roster
from tanhui.identity.models import Instruction, Mandate, Organisation, Person
from tanhui.inclusion import roles
from tanhui.inclusion.access_scenarios import chosen, held, only
from tanhui.inclusion.models import Account, Merchant, Offer, Pool, Voucher
from tanhui.registry.models import Project


def offers(*, kind: str = "") -> QuerySet[Offer]:
    """What is on offer, cheapest first."""
    found = Offer.objects.filter(state=Offer.State.OPEN, merchant__state=Merchant.State.OPEN).select_related("merchant")
    return (found.filter(kind=kind) if kind in Offer.Kind.values else found).order_by("points", "title", "pk")


def offer(key: UUID) -> Offer:
    """An offer that people see, also after it was taken off."""
    return only(Offer.objects.filter(pk=key).exclude(state=Offer.State.ASKED).select_related("merchant"))


def voucher(account: Account, key: UUID) -> Voucher:
    """A voucher of the person's own."""
    return only(Voucher.objects.filter(pk=key, account=account).select_related("offer", "merchant", "returned"))


def merchant(person: Person, *, at: datetime) -> Merchant:
    """The merchant for which the person may act. A stranger: 404."""
    return only(shops(person, at=at))


def shops(person: Person, *, at: datetime) -> QuerySet[Merchant]:
    """The merchants for which the person may act."""
    own = roster.standing(at).filter(membership__person=person).values("membership__organisation")
    return Merchant.objects.filter(organisation__in=own).select_related("organisation").order_by("pk")


def of_merchant(person: Person, one: Merchant, capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate there. Refuses with ``CapacityMissing``."""
    own = [each for each in held(person, at=at) if each.membership.organisation_id == one.organisation_id]
    return chosen(own, capacity)


def shown(one: Merchant, code: str) -> Voucher | None:
    """A voucher at the counter of its shop."""
    return Voucher.objects.filter(code=code, merchant=one).first()


def merchant_of(asked: Instruction) -> Merchant | None:
    """Whom a bill that waits is for."""
    return Merchant.objects.filter(pk=asked.body["merchant"]).first()


def merchants(person: Person, *, at: datetime) -> QuerySet[Merchant]:
    """The merchants of the person's operator; an authority and an assessor see all."""
    found = Merchant.objects.select_related("organisation").order_by("name", "pk")
    own = [one.membership.organisation for one in held(person, at=at)]
    if any(one.role in (*roles.AUTHORITIES, *roles.ASSESSORS) for one in own):
        return found
    return found.filter(operator__in=[one.pk for one in own])


def desk_merchant(person: Person, key: UUID, *, at: datetime) -> Merchant:
    return only(merchants(person, at=at).filter(pk=key))


def pools(person: Person, *, at: datetime) -> QuerySet[Pool]:
    """The pools of the person's operator; authorities, assessors, registries and verification bodies see all."""
    found = Pool.objects.select_related("scenario", "project", "period", "instruction", "brought").order_by("-number")
    own = [one.membership.organisation for one in held(person, at=at)]
    wide = (*roles.AUTHORITIES, *roles.ASSESSORS, *roles.REGISTRIES, Organisation.Role.VERIFIER)
    return found if any(one.role in wide for one in own) else found.filter(operator__in=[one.pk for one in own])


def pool(person: Person, key: UUID, *, at: datetime) -> Pool:
    return only(pools(person, at=at).filter(pk=key))


def projects() -> QuerySet[Project]:
    """The registered projects into whose periods pools may go."""
    return Project.objects.filter(state=Project.State.REGISTERED).order_by("-number")


def asked(act: str, key: UUID, organisations: list[int] | None = None) -> Instruction:
    """What waits for a second signature there; anywhere where the act itself judges whose it is."""
    rows = Instruction.objects.filter(pk=key, act=act).select_related("initiator")
    found = (rows if organisations is None else rows.filter(organisation__in=organisations)).first()
    if found is None:
        raise Http404
    return found


def bodies(person: Person, *, at: datetime) -> list[int]:
    """The organisations for which the person holds a mandate."""
    return [one.membership.organisation_id for one in held(person, at=at)]


def of_role(person: Person, role: Organisation.Role, *, at: datetime) -> bool:
    """Whether the person holds a mandate of a body of that role."""
    return any(one.membership.organisation.role == role for one in held(person, at=at))


def key(text: str) -> UUID:
    """A key as a form sends it. Anything else: 404."""
    try:
        return UUID(text[:40])
    except ValueError:
        raise Http404 from None

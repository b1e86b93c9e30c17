"""The doors to personal carbon accounts: one's own, and nobody else's."""

from datetime import datetime
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.http import Http404, HttpRequest

from tanhui.identity import access, rights, roster
from tanhui.identity.models import Mandate, Organisation, Person
from tanhui.inclusion import holders, roles
from tanhui.inclusion.models import Account, Deduction, Objection, PhoneCode, Receipt, Scenario, Suspicion


def person(request: HttpRequest) -> Person:
    """Whoever asks, by session or token."""
    found = rights.visitor(request)
    if found is None:
        raise Http404
    return found


def mine(person: Person) -> Account:
    """The person's own account; who has none finds nothing."""
    found = holders.account_of(person)
    if found is None:
        raise Http404
    return found


def portal_identity(person: Person) -> SocialAccount | None:
    """The identity at a city portal that a person is tied to."""
    found: SocialAccount | None = SocialAccount.objects.filter(user=person).order_by("pk").first()
    return found


def code_used(key: str) -> PhoneCode | None:
    """The code by which a visitor showed a mobile number is theirs."""
    return PhoneCode.objects.filter(pk=key, used_at__isnull=False).first()


def scenario(code: str) -> Scenario:
    """A scenario that people see."""
    found = Scenario.objects.filter(code=code, state__in=Scenario.SHOWN).first() if "\x00" not in code else None
    if found is None:
        raise Http404
    return found


def suspicion(account: Account, key: UUID) -> Suspicion:
    """What a rule held back of the account's own behaviour."""
    found = Suspicion.objects.filter(account=account.pk, pk=key).first()
    if found is None:
        raise Http404
    return found


def erasure(one: Receipt) -> Receipt | None:
    """Of a closed account: the receipt that its details were erased, once they are."""
    return Receipt.objects.filter(account=one.account_id, kind=Receipt.Kind.ERASED).first()


def receipt(key: UUID) -> Receipt:
    """A receipt by its number, which nobody guesses: it says what was done and not whose it was."""
    found = Receipt.objects.filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def operator(person: Person, capacity: str, *, at: datetime) -> Mandate:
    """The person's mandate for a body that operates the platform. Refuses with ``access.CapacityMissing``."""
    held = roster.standing(at).filter(membership__person=person, membership__organisation__role__in=roles.OPERATORS)
    body = held.values_list("membership__organisation", flat=True).first()
    if body is None:
        raise Http404
    return access.mandate(person, Organisation.objects.get(pk=body), capacity, at=at)


def objection(key: UUID) -> Objection:
    found = Objection.objects.filter(pk=key).select_related("scenario").first()
    if found is None:
        raise Http404
    return found


def deduction(key: UUID) -> Deduction:
    found = Deduction.objects.filter(pk=key).select_related("account", "asked_by").first()
    if found is None:
        raise Http404
    return found

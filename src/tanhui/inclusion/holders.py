"""From a person to their account and back: by keyed hashes and sealed values, in one statement each.

Nothing else in the product knows both. Whoever calls this has a reason the person would agree with.
"""

from uuid import UUID

from django.utils.functional import cached_property

from tanhui.identity import vault
from tanhui.identity.models import Person
from tanhui.inclusion.models import Account, Holder


class Held:
    """A holder with what is sealed in it, opened when it is asked for."""

    def __init__(self, row: Holder) -> None:
        self.row = row

    @cached_property
    def number(self) -> int:
        return int(vault.opened(self.row, "account"))

    @cached_property
    def person(self) -> int:
        return int(vault.opened(self.row, "person"))

    @cached_property
    def name(self) -> str:
        return vault.opened(self.row, "name")

    @cached_property
    def phone(self) -> str:
        return vault.opened(self.row, "phone") if self.row.phone else ""

    @property
    def masked(self) -> str:
        """The mobile number as it may be shown."""
        return f"{self.phone[:3]}****{self.phone[-4:]}" if self.phone else ""


def person_index(person: int) -> bytes:
    return vault.index("inclusion.person", str(person))


def account_index(number: int) -> bytes:
    return vault.index("inclusion.account", str(number))


def subject_index(subject: str) -> bytes:
    """Of a portal's own identity or a mobile number: ``portal:<provider>:<uid>``, ``phone:<number>``."""
    return vault.index("inclusion.subject", subject)


def phone_index(phone: str) -> bytes:
    return vault.index("inclusion.phone", phone)


def of_person(person: Person | int) -> Held | None:
    """The holder a person is."""
    key = person if isinstance(person, int) else person.pk
    row = Holder.objects.filter(person_index=person_index(key)).first()
    return Held(row) if row else None


def of_account(number: int) -> Held | None:
    """Whose an account is."""
    row = Holder.objects.filter(account_index=account_index(number)).first()
    return Held(row) if row else None


def of_phone(phone: str) -> Held | None:
    row = Holder.objects.filter(phone_index=phone_index(phone)).first()
    return Held(row) if row else None


def account_of(person: Person | int) -> Account | None:
    """The account of a person, whatever its state; a closed one is nobody's any more."""
    held = of_person(person)
    return Account.objects.select_related("team").get(pk=held.number) if held else None


def account_by_id(key: UUID) -> Account | None:
    return Account.objects.filter(id=key).first()


def person_of(number: int) -> Person | None:
    """The person an account belongs to, to tell them something that concerns them."""
    held = of_account(number)
    return Person.objects.filter(pk=held.person, is_active=True).first() if held else None

"""A resident comes in by the city portal or by a mobile number, and needs neither password nor anybody's invitation."""

import secrets
from datetime import datetime

from django.db import transaction

from tanhui.identity.acts import enrolment
from tanhui.identity.models import Membership, Person

PAGES = "/carbon"  # who asked for these pages may become a person here by their portal identity alone
NAME = Person._meta.get_field("name").max_length


@transaction.atomic
def enrol(*, name: str, at: datetime) -> Person:
    """A person without a password, under a sign-in name that says nothing."""
    return enrolment.enrol(
        username=f"resident-{secrets.token_hex(6)}", name=" ".join(name.split())[:NAME], password=None, at=at
    )


def is_resident(person: Person) -> bool:
    """Whether somebody is a resident alone: whoever signs for an organisation comes in by a password and more."""
    return (
        person.is_active
        and person.kind == Person.Kind.PERSON
        and not person.has_usable_password()
        and not Membership.objects.filter(person=person).exists()
    )

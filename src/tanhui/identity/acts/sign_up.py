"""A visitor becomes a person who can sign in."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from tanhui.identity.acts import enrolment
from tanhui.identity.models import Person
from tanhui.journal.record import record

TERMS = "2026-11"  # the version of the terms of use shown at sign-up


@transaction.atomic
def sign_up(*, username: str, name: str, email: str, password: str, terms: str, at: datetime) -> Person:
    """Enrol a visitor, with the version of the terms they agreed to. The e-mail is not yet theirs: a code shows it.

    Refuses with ``enrolment.NameTaken``.
    """
    person = enrolment.enrol(username=username, name=name, password=password, email=email, at=at)
    EmailAddress.objects.create(user=person, email=email, primary=True, verified=False)
    record(kind="identity.terms_accepted", fact={"terms": terms}, private={"person": person.pk}, at=at, by=person.pk)
    return person

"""Bringing organisations and people in, and giving them mandates."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tanhui.identity import rules
from tanhui.identity.models import ApiToken, Instruction, Mandate, Membership, Organisation, Person
from tanhui.journal.record import record
from tanhui.kernel import identifiers
from tanhui.kernel.refusal import Refusal, gettext_noop


class OrganisationKnown(Refusal):
    code = "identity.organisation_known"
    sentence = gettext_noop("%(uscc)s is already registered as %(name)s. Use that organisation instead.")
    clause = "rules A-03: one account per subject"


class NameTaken(Refusal):
    code = "identity.name_taken"
    sentence = gettext_noop("The sign-in name %(username)s is taken. Choose another.")
    clause = "GB/T 22239-2019 8.1.4.1 a"


class ForeignCodeWrong(Refusal):
    code = "identity.foreign_code_wrong"
    sentence = gettext_noop(
        "“%(given)s” is not the code of a foreign body: write X, the register that knows it and its number there, as "
        "in X-CARB-CA1000, at most 18 characters. A body registered in China has its unified social credit code."
    )
    clause = "GB 32100-2015"
    status = 422


class MandateEndsBefore(Refusal):
    code = "identity.mandate_ends_before"
    sentence = gettext_noop("A mandate cannot end on %(until)s, before it begins. Give a later day.")
    clause = "ARCHITECTURE.md §6.1"
    status = 422


FOREIGN = re.compile(r"X-[A-Z]{2,8}-[A-Z0-9]{1,13}")  # the hyphens keep it apart from every unified social credit code
LONGEST = 18


@transaction.atomic
def register_organisation(*, uscc: str, name: str, role: str, at: datetime, by: Person | None = None) -> Organisation:
    """Register an organisation under its unified social credit code (GB 32100-2015, checked).

    Refuses with the kernel's code refusals or ``OrganisationKnown``.
    """
    return enter(identifiers.uscc(uscc), name, role, at, by)


@transaction.atomic
def register_foreign(*, code: str, name: str, role: str, at: datetime, by: Person | None = None) -> Organisation:
    """Register a body that has no unified social credit code, under the number a foreign register knows it by.

    ``code`` is ``X-REGISTER-NUMBER`` and stands where the credit code stands; it never passes for one. Refuses with
    ``ForeignCodeWrong`` or ``OrganisationKnown``.
    """
    if not FOREIGN.fullmatch(code) or len(code) > LONGEST:
        raise ForeignCodeWrong(given=code[:40])
    return enter(code, name, role, at, by)


def enter(code: str, name: str, role: str, at: datetime, by: Person | None) -> Organisation:
    if known := Organisation.objects.filter(uscc=code).first():
        raise OrganisationKnown(uscc=code, name=known.name)
    organisation = Organisation.objects.create(uscc=code, name=name, role=role, registered_at=at)
    record(
        kind="identity.organisation_registered",
        fact={"uscc": code, "name": name, "role": role},
        at=at,
        by=by.pk if by else None,
    )
    return organisation


@transaction.atomic
def enrol(
    *,
    username: str,
    name: str,
    password: str | None,
    at: datetime,
    email: str = "",
    kind: str = Person.Kind.PERSON,
    by: Person | None = None,
) -> Person:
    """Let a person sign in. Without a password they can only use a token; a service never has one.

    Refuses with ``NameTaken``.
    """
    if Person.objects.filter(username=username).exists():
        raise NameTaken(username=username)
    person = Person(username=username, name=name, email=email, kind=kind, joined_at=at)
    if password is None or kind == Person.Kind.SERVICE:
        person.set_unusable_password()
    else:
        person.set_password(password)
    person.save()
    record(
        kind="identity.person_enrolled", fact={}, private={"person": person.pk}, at=at, by=by.pk if by else None
    )  # fmt: skip
    return person


@transaction.atomic
def mandate(
    *,
    person: Person,
    organisation: Organisation,
    capacity: str,
    since_at: datetime,
    until_at: datetime | None,
    at: datetime,
    by: Person | None = None,
    letter: str = "",
    letter_document: UUID | None = None,
    instruction: Instruction | None = None,
) -> Mandate:
    """Give a person a mandate for an organisation, joining them to it first when they are not yet a member.

    ``letter`` names the authorisation letter, ``letter_document`` its file; ``instruction`` has the two signatures.
    Refuses with ``rules.IncompatibleRoles``, ``rules.DutyAndSigning`` or ``MandateEndsBefore``.
    """
    if until_at is not None and until_at <= since_at:
        raise MandateEndsBefore(until=until_at.date().isoformat())
    membership = join(person=person, organisation=organisation, since_at=since_at, at=at, by=by)
    rules.check_power(person, capacity)
    granted = Mandate.objects.create(
        membership=membership,
        capacity=capacity,
        since_at=since_at,
        until_at=until_at,
        letter=letter,
        letter_document=letter_document,
        instruction=instruction,
    )
    record(
        kind="identity.mandate_granted",
        fact={"organisation": organisation.uscc, "capacity": capacity},
        private={"person": person.pk, "mandate": granted.pk},
        at=at,
        by=by.pk if by else None,
    )
    return granted


@transaction.atomic
def join(
    *, person: Person, organisation: Organisation, since_at: datetime, at: datetime, by: Person | None = None
) -> Membership:
    """The person's membership of an organisation: the one that stands, or a new one.

    Refuses with ``rules.IncompatibleRoles`` (R-07).
    """
    # In this order everywhere: who else joins, is bound or is given power at this moment waits.
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    still = Q(until_at__isnull=True) | Q(until_at__gt=at)
    if found := Membership.objects.filter(still, person=person, organisation=organisation).first():
        found.person, found.organisation = person, organisation
        return found
    rules.check_sides(person, organisation.role, at=at)
    joined = Membership.objects.create(person=person, organisation=organisation, since_at=since_at)
    record(
        kind="identity.member_joined",
        fact={"organisation": organisation.uscc},
        private={"person": person.pk, "membership": joined.pk},
        at=at,
        by=by.pk if by else None,
    )
    return joined


@transaction.atomic
def make_token(*, person: Person, label: str, at: datetime, days: int = 90) -> str:
    """A bearer token for the API, shown this once; only its SHA-256 is kept."""
    token = "th_" + secrets.token_urlsafe(32)
    ApiToken.objects.create(
        person=person,
        digest=hashlib.sha256(token.encode()).digest(),
        label=label,
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    record(kind="identity.token_made", fact={}, private={"person": person.pk, "label": label}, at=at, by=person.pk)
    return token

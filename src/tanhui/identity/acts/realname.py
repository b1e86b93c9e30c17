"""Binding a sign-in to one real person by a document, whose number is sealed and never told (rules R-07).

A person binds their own document; whoever holds the security duty checks it against the card at the counter.
"""

import re
from datetime import datetime

from django.db import IntegrityError, transaction

from tanhui.identity import access, rules, vault
from tanhui.identity.models import Duty, IdentityDocument, Person
from tanhui.journal.record import record
from tanhui.kernel import clock, identifiers
from tanhui.kernel.refusal import Refusal, gettext_noop

Kind = IdentityDocument.Kind
PASSPORT = re.compile(r"[A-Z0-9]{5,15}")
COUNTRY = re.compile(r"[A-Z]{3}")
PREFIXES = {Kind.CITIZEN: "1234567", Kind.HMT: "8", Kind.FOREIGNER: "9"}  # first digit of an 18-character number


class AlreadyBound(Refusal):
    code = "identity.already_bound"
    sentence = gettext_noop(
        "This sign-in is bound to a document already. Ask the security administrator to end that binding first."
    )
    clause = "GB/T 22239-2019 8.1.4.1 a"


class NumberTaken(Refusal):
    code = "identity.number_taken"
    sentence = gettext_noop(
        "This document is bound to another sign-in, and a person has one. Sign in with that one, or ask the security "
        "administrator."
    )
    clause = "GB/T 22239-2019 8.1.4.1 a (rules R-07)"


class KindDiffers(Refusal):
    code = "identity.kind_differs"
    sentence = gettext_noop("This number does not belong to the kind of document chosen. Choose the other kind.")
    clause = "GB 11643-1999"
    status = 422


class PassportShapeWrong(Refusal):
    code = "identity.passport_shape_wrong"
    sentence = gettext_noop(
        "A passport has 5 to 15 letters and digits, and its country three letters such as CHN. Copy them from the "
        "passport."
    )
    clause = "ICAO Doc 9303"
    status = 422


class NumberDiffers(Refusal):
    code = "identity.number_differs"
    sentence = gettext_noop(
        "This is not the number that %(person)s bound. Look at the card again; if it is right, end the binding."
    )
    clause = "GB/T 22239-2019 8.1.4.1 a"
    status = 422


class OwnDocument(Refusal):
    code = "identity.own_document"
    sentence = gettext_noop("Nobody checks or ends the binding of their own document. Ask a colleague.")
    clause = "GB/T 22239-2019 8.1.4.2 d (rules R-06)"
    status = 403


def normalised(kind: str, number: str, country: str, *, at: datetime) -> str:
    """A document's number as it is compared. Refuses with the kernel's citizen refusals, ``KindDiffers`` or
    ``PassportShapeWrong``; none of them repeats it."""
    if kind == Kind.PASSPORT:
        plain = identifiers.plain(number)
        if not PASSPORT.fullmatch(plain) or not COUNTRY.fullmatch(country):
            raise PassportShapeWrong
        return plain
    plain = identifiers.citizen(number, on=clock.day(at))
    if plain[0] not in PREFIXES[Kind(kind)]:
        raise KindDiffers
    return plain


def index(kind: str, number: str, country: str = "CHN") -> bytes:
    """What finds a normalised number again: equal for equal documents, 32 bytes."""
    return vault.index(f"passport:{country}" if kind == Kind.PASSPORT else "GB11643", number)


@transaction.atomic
def bind(*, person: Person, kind: str, number: str, at: datetime, by: Person, country: str = "CHN") -> IdentityDocument:
    """Bind a sign-in to a document. The same again changes nothing.

    Refuses as ``normalised`` does, and with ``AlreadyBound``, ``NumberTaken`` or ``rules.IncompatibleRoles``.
    """
    plain = normalised(kind, number, country, at=at)
    found = index(kind, plain, country)
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if current := IdentityDocument.objects.filter(person=person, ended_at__isnull=True).first():
        if bytes(current.index) == found:
            return current
        raise AlreadyBound
    try:
        with transaction.atomic():
            made = IdentityDocument.objects.create(
                person=person, kind=kind, country=country, number=plain, index=found, bound_at=at, bound_by=by
            )
    except IntegrityError:
        raise NumberTaken from None
    rules.check_person(person, at=at)
    tell("identity.document_bound", made, at, by)
    return made


@transaction.atomic
def check(*, document: IdentityDocument, number: str, at: datetime, by: Person) -> IdentityDocument:
    """Note that the card was seen: ``number`` is what stands on it, and is only compared.

    Refuses with ``OwnDocument``, ``access.NotOnDuty`` or ``NumberDiffers``.
    """
    held = locked(document, at, by)
    if index(held.kind, identifiers.plain(number), held.country) != bytes(held.index):
        raise NumberDiffers(person=held.person.name)
    if held.checked_at is None:
        held.checked_at, held.checked_by = at, by
        held.save(update_fields=["checked_at", "checked_by"])
        tell("identity.document_checked", held, at, by)
    return held


@transaction.atomic
def end(*, document: IdentityDocument, reason: str, at: datetime, by: Person) -> IdentityDocument:
    """End a binding, as when a passport was renewed; who once was bound stays known.

    Refuses with ``OwnDocument`` or ``access.NotOnDuty``.
    """
    held = locked(document, at, by)
    if held.ended_at is None:
        held.ended_at = at
        held.save(update_fields=["ended_at"])
        tell("identity.document_ended", held, at, by, reason=reason)
    return held


def locked(document: IdentityDocument, at: datetime, by: Person) -> IdentityDocument:
    if document.person_id == by.pk:
        raise OwnDocument
    access.require_duty(by, Duty.Kind.SECURITY, at=at)
    return IdentityDocument.objects.select_for_update(of=("self",)).select_related("person").get(pk=document.pk)


def tell(kind: str, document: IdentityDocument, at: datetime, by: Person, **more: str) -> None:
    private = {"person": document.person_id, "document": str(document.pk), "kind": document.kind, **more}
    record(kind=kind, fact={}, private=private, at=at, by=by.pk)

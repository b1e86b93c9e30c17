"""Who shall sign for the organisation: named in the application, agreed to by themselves.

A colleague who can sign in already is named by the sign-in name and finds the seat waiting; anybody else gets an
invitation, whose code the applicant hands over, and takes the seat after signing up.
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from tanhui.identity.models import Membership, Organisation, Person
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.registry.acts.opening import content
from tanhui.registry.models import Application, Seat

BARRED = (
    Organisation.Role.AUTHORITY,
    Organisation.Role.LOCAL_AUTHORITY,
    Organisation.Role.REGISTRY,
    Organisation.Role.EXCHANGE,
    Organisation.Role.VERIFIER,
)


class SeatTaken(Refusal):
    code = "registry.seat_taken"
    sentence = gettext_noop(
        "This seat is no longer open: somebody took it or declined it, or another was named. Ask the applicant."
    )
    clause = "account-opening notice of 2023-08-18: initiating and confirming representatives (rules A-04)"


class SeatNameDiffers(Refusal):
    code = "registry.seat_name_differs"
    sentence = gettext_noop(
        "The seat is for %(wanted)s, and you are signed in as %(name)s. Sign in as the one who is named, or have the "
        "applicant correct the name."
    )
    clause = "account-opening notice of 2023-08-18: authorisation letters (rules A-04, A-07)"
    status = 403


class PersonBarred(Refusal):
    code = "registry.person_barred"
    sentence = gettext_noop(
        "%(person)s works for %(organisation)s. People of authorities, the registry, exchanges and verification bodies "
        "may not act for an account holder. Name somebody else."
    )
    clause = "《温室气体自愿减排交易管理办法（试行）》第三十七条（rules R-07）"
    status = 403


def faults(application: Application) -> Iterator[content.Fault]:
    """What stands against the people named, as far as they are known."""
    for seat in content.SEATS.values():
        contact = application.draft.get(f"{seat}_contact", "")
        if person := known(contact):
            if refusal := barred(person):
                yield content.Fault(f"{seat}_contact", refusal)
            elif person.name != application.draft.get(f"{seat}_name", ""):
                wanted = application.draft.get(f"{seat}_name", "")
                yield content.Fault(f"{seat}_name", NamedOtherwise(contact=contact, wanted=wanted))


class NamedOtherwise(Refusal):
    code = "registry.seat_named_otherwise"
    sentence = gettext_noop(
        "Whoever signs in as %(contact)s is not called %(wanted)s. Compare the sign-in name and the name."
    )
    clause = "account-opening notice of 2023-08-18: authorisation letters (rules A-04, A-07)"
    status = 422


def known(contact: str) -> Person | None:
    """Whoever signs in by this name; e-mail addresses are not asked, since nobody has proved whose they are."""
    return Person.objects.filter(username=contact, is_active=True).first() if contact else None


def barred(person: Person) -> Refusal | None:
    """The refusal when a person works where nobody may trade (R-07)."""
    for one in Membership.objects.filter(
        person=person, until_at__isnull=True, organisation__role__in=BARRED
    ).select_related("organisation"):
        return PersonBarred(person=person.name, organisation=one.organisation.name)
    return None


def assign(held: Application, said: Mapping[str, str], *, by: Person, at: datetime) -> None:
    """Set up the seats as the application names them; one that names the same person as before stays as it is.

    Whoever names themselves has agreed by submitting.
    """
    for capacity, seat in content.SEATS.items():
        name, contact = said[f"{seat}_name"], said[f"{seat}_contact"]
        present = held.seats.filter(capacity=capacity, ended_at__isnull=True).first()
        if present and (present.name, present.contact) == (name, contact):
            continue
        if present:
            end(present, at)
        person = known(contact)
        Seat.objects.create(
            application=held, capacity=capacity, name=name, contact=contact, person=person, created_at=at,
            accepted_at=at if person == by else None,
        )  # fmt: skip


def end(seat: Seat, at: datetime) -> None:
    seat.ended_at, seat.digest = at, None
    seat.save(update_fields=["ended_at", "digest"])


@transaction.atomic
def invite(*, seat: Seat, by: Person, at: datetime) -> str:
    """A code for whoever is named and cannot sign in yet, shown this once; an earlier code of the seat is void."""
    held = Seat.objects.select_for_update().select_related("application").get(pk=seat.pk)
    if held.accepted_at or held.ended_at or held.person_id or held.application.applicant_id != by.pk:
        raise SeatTaken
    code = secrets.token_urlsafe(24)
    held.digest = digest(code)
    held.save(update_fields=["digest"])
    told(held, "registry.seat_offered", by, at)
    return code


def digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


@transaction.atomic
def accept(*, seat: Seat, by: Person, at: datetime) -> Seat:
    """Agree to sign for the organisation. Agreeing again changes nothing.

    Refuses with ``SeatTaken``, ``SeatNameDiffers``, ``PersonBarred`` or ``content.RepresentativesSame``.
    """
    held = Seat.objects.select_for_update().select_related("application").get(pk=seat.pk)
    if held.accepted_at and held.person_id == by.pk and not held.ended_at:
        return held
    if held.accepted_at or held.ended_at or held.person_id not in (None, by.pk):
        raise SeatTaken
    if held.application.state not in Application.LIVE:
        raise SeatTaken
    if by.name != held.name:
        raise SeatNameDiffers(wanted=held.name, name=by.name)
    if refusal := barred(by):
        raise refusal
    held.person, held.accepted_at, held.digest = by, at, None
    try:
        with transaction.atomic():
            held.save(update_fields=["person", "accepted_at", "digest"])
    except IntegrityError as error:
        if "initiator_and_confirmer_are_two_people" not in str(error):
            raise
        raise content.RepresentativesSame from error
    told(held, "registry.seat_accepted", by, at)
    return held


@transaction.atomic
def decline(*, seat: Seat, by: Person, at: datetime) -> Seat:
    """Not agree; the applicant names somebody else when the application is next corrected. Refuses with
    ``SeatTaken``."""
    held = Seat.objects.select_for_update().select_related("application").get(pk=seat.pk)
    if held.ended_at or held.accepted_at or held.person_id not in (None, by.pk):
        raise SeatTaken
    end(held, at)
    told(held, "registry.seat_declined", by, at)
    return held


def told(seat: Seat, kind: str, by: Person, at: datetime) -> None:
    record(
        kind=kind,
        fact={"application": seat.application.code, "capacity": seat.capacity},
        private={"id": str(seat.application_id), "seat": seat.pk, "person": seat.person_id},
        at=at,
        by=by.pk,
    )


def involved(application: Application) -> set[int]:
    """The people on the applicant's side: who may not review it."""
    seated = application.seats.filter(ended_at__isnull=True, person__isnull=False)
    return {application.applicant_id, *seated.values_list("person_id", flat=True)}


def open_seats(application: Application) -> list[Seat]:
    """The seats nobody has agreed to yet, those that were declined included."""
    agreed = set(
        application.seats.filter(ended_at__isnull=True, accepted_at__isnull=False).values_list("capacity", flat=True)
    )
    wanted = Q(capacity__in=set(content.SEATS) - agreed)
    latest = {one.capacity: one for one in application.seats.filter(wanted).order_by("pk")}
    return [latest[capacity] for capacity in content.SEATS if capacity in latest]

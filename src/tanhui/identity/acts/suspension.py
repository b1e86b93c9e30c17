"""Shutting a person out and letting them in again, by whoever is on the security duty."""

from datetime import datetime

from django.db import transaction

from tanhui.identity import access
from tanhui.identity.acts import duty
from tanhui.identity.models import Duty, Person, StaffSession, Suspension
from tanhui.journal.record import record
from tanhui.kernel.refusal import Refusal, gettext_noop


class OwnSuspension(Refusal):
    code = "identity.own_suspension"
    sentence = gettext_noop("Nobody suspends or reinstates themselves. Ask a colleague.")
    clause = "GB/T 22239-2019 8.1.4.2 d (rules R-06)"
    status = 403


@transaction.atomic
def suspend(*, person: Person, reason: str, by: Person, at: datetime) -> Suspension:
    """Shut a person out at once: no sign-in, no token, no staff session. Asked again it changes nothing.

    Refuses with ``OwnSuspension``, ``access.NotOnDuty`` or ``duty.ReasonMissing``.
    """
    found = locked(person, by, at)
    if not reason.strip():
        raise duty.ReasonMissing
    if standing := Suspension.objects.filter(person=found, until_at__isnull=True).first():
        return standing
    for running in StaffSession.objects.filter(
        duty__person=found, ended_at__isnull=True, ends_at__gt=at
    ).select_related("duty"):
        duty.close(running, by, at)
    made = Suspension.objects.create(person=found, reason=reason.strip(), since_at=at, by=by)
    found.is_active = person.is_active = False
    found.save(update_fields=["is_active"])
    private = {"person": found.pk, "reason": made.reason}
    record(kind="identity.person_suspended", fact={}, private=private, at=at, by=by.pk)
    return made


@transaction.atomic
def reinstate(*, person: Person, by: Person, at: datetime) -> Person:
    """Let a suspended person in again. Refuses with ``OwnSuspension`` or ``access.NotOnDuty``."""
    found = locked(person, by, at)
    lifted = Suspension.objects.filter(person=found, until_at__isnull=True).update(until_at=at, lifted_by=by)
    if not found.is_active:
        found.is_active = person.is_active = True
        found.save(update_fields=["is_active"])
    if lifted:
        record(kind="identity.person_reinstated", fact={}, private={"person": found.pk}, at=at, by=by.pk)
    return found


def locked(person: Person, by: Person, at: datetime) -> Person:
    if person.pk == by.pk:
        raise OwnSuspension
    access.require_duty(by, Duty.Kind.SECURITY, at=at)
    return Person.objects.select_for_update(no_key=True).get(pk=person.pk)
